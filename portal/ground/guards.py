"""Append-only and gate triggers, declared once for both engines."""

from __future__ import annotations

from sqlalchemy import Connection, text

# Rows of these tables are added, never changed or removed.
APPEND_ONLY = (
    "audit_line",
    "ledger_leaf",
    "question_version",
    "citation",
    "question_status_change",
    "hours_entry",
    "lesson_done",
    "course_version",
    "exam_form",
    "form_key",
    "answer_change",
    "late_answer",
    "focus_loss",
    "identity_confirmation",
    "result",
    "result_event",
    "policy",
    "application_step",
    "decision",
    "decision_finding",
    "eligibility",
    "notice",
    "standing_event",
    "identity_check",
    "establishment_check",
)

# Primary keys of append-only tables that are not plain `id`.
KEYS = {"answer_change": ("attempt_id", "epoch", "sequence")}

RULE_COUNT = 12

# (name, table, event, condition that refuses, sentence). NEW and OLD as in SQL; both engines read it.
GATES = (
    (
        "eligibility_needs_decision",
        "eligibility",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM decision d WHERE d.id = NEW.decision_id AND d.person_id = NEW.person_id
             AND d.kind = NEW.kind AND d.field = NEW.field AND d.outcome = 'eligible'
             AND d.valid_from <= NEW.issued_on AND NEW.issued_on <= d.valid_until
             AND NEW.valid_until <= d.valid_until)
           OR NEW.basis <> 'decision'""",
        "no positive decision for this person, kind, field and day",
    ),
    (
        "eligibility_needs_findings",
        "eligibility",
        "INSERT",
        f"""(SELECT count(*) FROM decision_finding f WHERE f.decision_id = NEW.decision_id
             AND f.state = 'met') <> {RULE_COUNT}
           OR EXISTS (SELECT 1 FROM decision_finding f WHERE f.decision_id = NEW.decision_id
             AND f.state <> 'met')""",
        "the decision does not rest on twelve rules met",
    ),
    (
        "attempt_end_is_final",
        "attempt",
        "UPDATE",
        """OLD.state = 'handed_in' AND (NEW.state <> OLD.state OR NEW.handed_in_at <> OLD.handed_in_at
             OR NEW.receipt <> OLD.receipt OR NEW.deadline_at <> OLD.deadline_at)""",
        "a handed-in attempt stays handed in",
    ),
    (
        "attempt_identity_is_fixed",
        "attempt",
        "UPDATE",
        """NEW.person_id <> OLD.person_id OR NEW.exam_id <> OLD.exam_id OR NEW.form_id <> OLD.form_id
           OR NEW.seed <> OLD.seed OR NEW.epoch < OLD.epoch OR NEW.deadline_at < OLD.deadline_at""",
        "an attempt keeps its person, exam, form and order",
    ),
    (
        "published_exam_is_fixed",
        "exam",
        "UPDATE",
        """OLD.state = 'published' AND (NEW.state <> OLD.state OR NEW.pass_mark <> OLD.pass_mark
             OR NEW.kind <> OLD.kind OR NEW.subject <> OLD.subject OR NEW.minutes <> OLD.minutes
             OR COALESCE(NEW.field, '') <> COALESCE(OLD.field, ''))""",
        "a published exam keeps its kind, subject, time and pass mark",
    ),
)


def declared() -> set[str]:
    """The names of all triggers that must exist."""
    names = {name for name, *_ in GATES}
    for table in APPEND_ONLY:
        names |= {f"{table}_no_update", f"{table}_no_delete"}
    return names


def install(connection: Connection) -> None:
    """Put every declared guard in place, replacing older ones."""
    (_install_sqlite if connection.dialect.name == "sqlite" else _install_postgres)(connection)


def present(connection: Connection) -> set[str]:
    """The names of the guards found in the database."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        return {name for (name,) in rows if not name.endswith("_no_replace")}
    rows = connection.execute(text("SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal"))
    return {name for (name,) in rows if not name.endswith("_no_truncate")}


def _install_sqlite(connection: Connection) -> None:
    def trigger(name: str, when: str, table: str, condition: str, sentence: str) -> None:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        connection.exec_driver_sql(
            f"CREATE TRIGGER {name} {when} ON {table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, 'guard: {sentence}'); END"
        )

    for table in APPEND_ONLY:
        trigger(f"{table}_no_update", "BEFORE UPDATE", table, "1", f"{table} is append-only")
        trigger(f"{table}_no_delete", "BEFORE DELETE", table, "1", f"{table} is append-only")
        key = KEYS.get(table, ("id",))
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        # INSERT OR REPLACE would pass the two triggers above
        trigger(
            f"{table}_no_replace",
            "BEFORE INSERT",
            table,
            f"EXISTS (SELECT 1 FROM {table} WHERE {same})",
            f"{table} has this row already",
        )
    for name, table, act, condition, sentence in GATES:
        trigger(name, f"BEFORE {act}", table, condition, sentence)


def _install_postgres(connection: Connection) -> None:
    def function(name: str, body: str) -> None:
        connection.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION guard_{name}() RETURNS trigger LANGUAGE plpgsql AS $guard$ "
            f"BEGIN {body} END $guard$"
        )

    def attach(trigger: str, when: str, table: str, each: str, called: str) -> None:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger} ON {table}")
        connection.exec_driver_sql(
            f"CREATE TRIGGER {trigger} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION guard_{called}()"
        )

    function("append_only", "RAISE EXCEPTION USING MESSAGE = 'guard: ' || TG_TABLE_NAME || ' is append-only';")
    for table in APPEND_ONLY:
        attach(f"{table}_no_update", "BEFORE UPDATE", table, "ROW", "append_only")
        attach(f"{table}_no_delete", "BEFORE DELETE", table, "ROW", "append_only")
        attach(f"{table}_no_truncate", "BEFORE TRUNCATE", table, "STATEMENT", "append_only")
    for name, table, act, condition, sentence in GATES:
        function(name, f"IF {condition} THEN RAISE EXCEPTION 'guard: {sentence}'; END IF; RETURN NEW;")
        attach(name, f"BEFORE {act}", table, "ROW", name)
