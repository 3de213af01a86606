"""Append-only and gate triggers, declared once for both engines."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from portal.ground.bank_gates import BANK_GATES
from portal.ground.contest_gates import (
    CONTEST_APPEND_ONLY,
    CONTEST_GATES,
    CONTEST_LETS_PASS,
    CONTEST_NEVER_REMOVED,
)
from portal.ground.duty_gates import DUTY_GATES
from portal.ground.exam_gates import EXAM_GATES
from portal.ground.incident_gates import INCIDENT_GATES
from portal.ground.library_gates import LIBRARY_GATES, LIBRARY_LETS_PASS
from portal.ground.marking_gates import MARKING_GATES
from portal.ground.sitting_gates import SITTING_GATES

# Rows of these tables are added, never changed or removed.
APPEND_ONLY = (
    "audit_line",
    "audit_seal",
    "audit_personal",
    "audit_checkpoint",
    "ledger_leaf",
    "law_article",
    "question_version",
    "citation",
    "question_status_change",
    "question_tag",
    "question_use",
    "question_view",
    "hours_entry",
    "lesson_done",
    "course_version",
    "exam_form",
    "exam_policy",
    "entry_check",
    "accommodation",
    "form_seal",
    "form_key",
    "regrade_effect",
    "time_grant",
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
    "transfer_step",
    "body_change",
    "body_past",
    "person_merge",
    "duty_step",
    "duty_conflict",
    "role_conflict",
    "person_change",
    "person_correction",
    "person_correction_end",
    "person_reveal",
    "correction_request",
    "correction_answer",
    "person_photo",
    "photo_batch",
    "privacy_notice",
    "privacy_acknowledgement",
    "topic_alias",
    "matter_version",
    "matter_basis",
    "matter_finding",
    "guide_version",
    "guide_citation",
    "guide_publication",
    *CONTEST_APPEND_ONLY,
)

# Primary keys of append-only tables that are not plain `id`.
KEYS = {
    "answer_change": ("attempt_id", "epoch", "sequence"),
    "audit_seal": ("number",),
    "form_seal": ("form_id",),
    "regrade_effect": ("regrade_id", "look", "attempt_id"),
    "time_grant": ("incident_id", "attempt_id"),
    "correction_answer": ("request_id",),
    "person_correction_end": ("correction_id",),
    "privacy_notice": ("number",),
}

# What append-only tables let pass all the same: (table, event) → the condition that still refuses.
# A prefix of the audit trail goes behind a checkpoint, from the personal parts to the seals;
# a personal part is emptied, and a notice names nobody any more, when the person is erased.
_BEHIND = "SELECT 1 FROM audit_checkpoint c JOIN audit_seal s ON s.number <= c.last_number WHERE s.line_id"
EXCEPT = {
    ("audit_line", "DELETE"): f"NOT EXISTS ({_BEHIND} = OLD.id)",
    ("audit_personal", "DELETE"): f"NOT EXISTS ({_BEHIND} = OLD.line_id)",
    ("audit_seal", "DELETE"): "NOT EXISTS (SELECT 1 FROM audit_checkpoint c WHERE OLD.number <= c.last_number)",
    ("audit_personal", "UPDATE"): """NEW.sealed IS NOT NULL OR NEW.id <> OLD.id OR NEW.line_id <> OLD.line_id
           OR NEW.person_id <> OLD.person_id""",
    # the key of a sealed form is sealed anew under a new data key
    ("form_seal", "UPDATE"): """NEW.form_id <> OLD.form_id OR NEW.sealed <> OLD.sealed OR NEW.sha256 <> OLD.sha256
           OR NEW.sealed_at <> OLD.sealed_at""",
    # a version nobody cites may be taken back with its articles
    ("law_article", "DELETE"): """EXISTS (SELECT 1 FROM law_version v JOIN law l ON l.id = v.law_id
             JOIN citation c ON c.law = l.title AND c.label = v.label WHERE v.id = OLD.law_version_id)""",
    ("notice", "UPDATE"): """NEW.id <> OLD.id OR NEW.number <> OLD.number OR NEW.token <> OLD.token
           OR NEW.eligibility_id <> OLD.eligibility_id OR NEW.issued_at <> OLD.issued_at
           OR NOT EXISTS (SELECT 1 FROM eligibility e JOIN person p ON p.id = e.person_id
             WHERE e.id = NEW.eligibility_id AND p.erased_at IS NOT NULL)""",
    **LIBRARY_LETS_PASS,
    **CONTEST_LETS_PASS,
}

# Rows of these tables change, but are never removed.
NEVER_REMOVED = (
    "attempt", "check_in", "entry", "exam", "exam_seb", "incident", "sitting", "sitting_room", "test_site", "test_room",
    "ban", "exemption", "appraisal", "conduct_statement", "application", "account", "transfer",
    "duplicate_pair", "body", "legal_reviewer", "legal_adviser", "adviser_assignment", "role_grant",
    "topic", "matter", "town_list", "town_list_entry", "list_evaluation", "guide", "guide_file",
    "regrade", *CONTEST_NEVER_REMOVED,
)  # fmt: skip

RULES = (
    "identity", "body", "establishment", "in_post", "conduct", "hours",
    "general_pass", "professional_pass", "exemption", "no_bar", "final", "opinions",
)  # fmt: skip
_TWELVE = ", ".join(f"'{name}'" for name in RULES)

# (name, table, event, condition that refuses, sentence). NEW and OLD as in SQL; both engines read it.
GATES = (
    (
        "correction_has_two_people",
        "person_correction_end",
        "INSERT",
        """NEW.outcome = 'confirmed' AND EXISTS (SELECT 1 FROM person_correction c
             WHERE c.id = NEW.correction_id AND c.proposed_by_id = NEW.account_id)""",
        "whoever proposes a correction does not confirm it",
    ),
    (
        "checkpoint_names_a_seal",
        "audit_checkpoint",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.number = NEW.last_number AND s.hash = NEW.last_hash)
           OR EXISTS (SELECT 1 FROM audit_seal s JOIN audit_line l ON l.id = s.line_id
             WHERE s.number <= NEW.last_number AND l.at >= NEW.before)""",
        "a checkpoint names a seal, and every line behind it is older",
    ),
    (
        "eligibility_needs_decision",
        "eligibility",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM decision d JOIN application a ON a.id = d.application_id
             WHERE d.id = NEW.decision_id AND d.person_id = NEW.person_id
             AND d.kind = NEW.kind AND d.field = NEW.field AND d.outcome = 'eligible'
             AND a.person_id = d.person_id AND a.field = d.field AND a.state = 'decided'
             AND d.valid_from <= NEW.issued_on AND NEW.issued_on <= d.valid_until
             AND NEW.valid_until <= d.valid_until)
           OR NEW.basis <> 'decision'""",
        "no positive decision for this person, kind, field and day",
    ),
    (
        "eligibility_needs_findings",
        "eligibility",
        "INSERT",
        f"""(SELECT count(DISTINCT f.rule) FROM decision_finding f WHERE f.decision_id = NEW.decision_id
             AND f.state = 'met' AND f.rule IN ({_TWELVE})) <> {len(RULES)}
           OR EXISTS (SELECT 1 FROM decision_finding f WHERE f.decision_id = NEW.decision_id
             AND f.state <> 'met')""",
        "the decision does not rest on twelve rules met",
    ),
    (
        "findings_are_closed",
        "decision_finding",
        "INSERT",
        "EXISTS (SELECT 1 FROM eligibility e WHERE e.decision_id = NEW.decision_id)",
        "the decision is recorded; no finding is added to it",
    ),
    (
        "post_needs_a_living_body",
        "post",
        "INSERT",
        """EXISTS (SELECT 1 FROM body b WHERE b.id = NEW.body_id AND b.abolished_on IS NOT NULL
             AND (NEW.ended_on IS NULL OR NEW.ended_on >= b.abolished_on))""",
        "nobody has a post at a body that is no more",
    ),
    (
        "abolished_body_is_empty",
        "body",
        "UPDATE",
        """NEW.abolished_on IS NOT NULL AND OLD.abolished_on IS NULL AND (
             EXISTS (SELECT 1 FROM post p WHERE p.body_id = NEW.id
               AND (p.ended_on IS NULL OR p.ended_on >= NEW.abolished_on))
             OR EXISTS (SELECT 1 FROM body c WHERE c.parent_id = NEW.id AND c.abolished_on IS NULL))""",
        "a body with people or bodies under it is not abolished",
    ),
    (
        "transfer_leaves_no_gap",
        "transfer",
        "UPDATE",
        """NEW.state = 'confirmed' AND OLD.state <> 'confirmed' AND (OLD.state <> 'released' OR NOT EXISTS (
             SELECT 1 FROM post o JOIN post n ON n.id = NEW.new_post_id
             WHERE o.id = NEW.post_id AND o.person_id = NEW.person_id AND o.ended_on = NEW.last_day_on
             AND n.person_id = NEW.person_id AND n.body_id = NEW.to_body_id AND n.started_on = NEW.effective_on))""",
        "a confirmed transfer was released, and no day lies between its two posts",
    ),
    (
        "transfer_end_is_final",
        "transfer",
        "UPDATE",
        """NEW.person_id <> OLD.person_id OR NEW.post_id <> OLD.post_id OR NEW.to_body_id <> OLD.to_body_id
           OR (OLD.state NOT IN ('open', 'released') AND NEW.state <> OLD.state)""",
        "a transfer keeps its person and its units, and its end is final",
    ),
    (
        "merge_needs_two",
        "person",
        "UPDATE",
        """NEW.merged_into_id IS NOT NULL AND NEW.merged_into_id IS DISTINCT FROM OLD.merged_into_id AND NOT EXISTS (
             SELECT 1 FROM person_merge c JOIN person_merge p ON p.pair_id = c.pair_id AND p.act = 'proposed'
             WHERE c.act = 'confirmed' AND c.merged_id = NEW.id AND c.survivor_id = NEW.merged_into_id
             AND p.merged_id = c.merged_id AND p.survivor_id = c.survivor_id AND p.account_id <> c.account_id)""",
        "two records are merged by two people",
    ),
    (
        "merge_is_one_deep",
        "person",
        "UPDATE",
        """NEW.merged_into_id IS NOT NULL AND (NEW.merged_into_id = NEW.id
             OR EXISTS (SELECT 1 FROM person p WHERE p.id = NEW.merged_into_id AND p.merged_into_id IS NOT NULL)
             OR EXISTS (SELECT 1 FROM person p WHERE p.merged_into_id = NEW.id))""",
        "a merged record leads straight to the one that stands",
    ),
    (
        "merged_account_stays_closed",
        "account",
        "UPDATE",
        """NEW.disabled_at IS NULL AND EXISTS (
             SELECT 1 FROM person p WHERE p.id = NEW.person_id AND p.merged_into_id IS NOT NULL)""",
        "the account of a merged record stays closed",
    ),
    *DUTY_GATES,
    *LIBRARY_GATES,
    *BANK_GATES,
    *EXAM_GATES,
    *MARKING_GATES,
    *SITTING_GATES,
    *CONTEST_GATES,
    *INCIDENT_GATES,
)


def declared() -> set[str]:
    """The names of all triggers that must exist."""
    names = {name for name, *_ in GATES}
    names |= {f"{table}_no_update" for table in APPEND_ONLY}
    return names | {f"{table}_no_delete" for table in (*APPEND_ONLY, *NEVER_REMOVED)}


def install(connection: Connection) -> None:
    """Put every declared guard in place, replacing older ones."""
    if connection.dialect.name == "sqlite":
        for name, sql in _sqlite_triggers(connection).items():
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            connection.exec_driver_sql(sql)
    else:
        _install_postgres(connection)


def remove(connection: Connection) -> None:
    """Take every guard away; for migrations only, which put them back in the same transaction."""
    if connection.dialect.name == "sqlite":
        for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        return
    called = """SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND p.proname LIKE 'guard\\_%'"""
    for name, table in connection.execute(text(called)).all():
        connection.exec_driver_sql(f'DROP TRIGGER "{name}" ON "{table}"')


def present(connection: Connection) -> set[str]:
    """The names of the guards found in the database."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        return {name for (name,) in rows if not name.endswith("_no_replace")}
    live = "SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    rows = connection.execute(text(live))
    return {name for (name,) in rows if not name.endswith("_no_truncate")}


def faults(connection: Connection) -> set[str]:
    """Guards that are missing, switched off, or say something else than they should."""
    missing = declared() - present(connection)
    if connection.dialect.name == "sqlite":
        found = dict(connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all())
        wanted = _sqlite_triggers(connection)
        return missing | {name for name, sql in wanted.items() if found.get(name) != sql}
    found = dict(connection.execute(text("SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'guard\\_%'")).all())
    return missing | {
        name for name, body in _postgres_functions().items() if found.get(f"guard_{name}", "").strip() != body
    }


def _sqlite_triggers(connection: Connection) -> dict[str, str]:
    """Every guard's name and its statement."""
    made: dict[str, str] = {}

    def trigger(name: str, when: str, table: str, condition: str, sentence: str) -> None:
        made[name] = (
            f"CREATE TRIGGER {name} {when} ON {table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, 'guard: {sentence}'); END"
        )

    inspector = inspect(connection)
    for table in APPEND_ONLY:
        refused = EXCEPT.get((table, "UPDATE"), "1")
        trigger(f"{table}_no_update", "BEFORE UPDATE", table, refused, f"{table} is append-only")
        keys = [KEYS.get(table, ("id",))]
        keys += [tuple(unique["column_names"]) for unique in inspector.get_unique_constraints(table)]
        same = " OR ".join(
            "(" + " AND ".join(f"{column} = NEW.{column}" for column in key) + ")" for key in sorted(keys)
        )
        # INSERT OR REPLACE would pass the update and delete guards where recursive triggers are off
        exists = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"
        trigger(f"{table}_no_replace", "BEFORE INSERT", table, exists, f"{table} has this row already")
    for table in (*APPEND_ONLY, *NEVER_REMOVED):
        refused = EXCEPT.get((table, "DELETE"), "1")
        trigger(f"{table}_no_delete", "BEFORE DELETE", table, refused, f"{table} keeps its rows")
    for name, table, act, condition, sentence in GATES:
        trigger(name, f"BEFORE {act}", table, condition, sentence)
    return made


def _postgres_functions() -> dict[str, str]:
    """Each guard function's name and body."""
    made = {"append_only": "BEGIN RAISE EXCEPTION USING MESSAGE = 'guard: ' || TG_TABLE_NAME || ' keeps its rows'; END"}
    for (table, act), condition in EXCEPT.items():
        passed = "OLD" if act == "DELETE" else "NEW"
        made[f"{table}_no_{act.lower()}"] = (
            f"BEGIN IF {condition} THEN RAISE EXCEPTION 'guard: {table} keeps its rows'; END IF; RETURN {passed}; END"
        )
    for name, _, _, condition, sentence in GATES:
        made[name] = f"BEGIN IF {condition} THEN RAISE EXCEPTION 'guard: {sentence}'; END IF; RETURN NEW; END"
    return made


def _install_postgres(connection: Connection) -> None:
    for name, body in _postgres_functions().items():
        connection.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION guard_{name}() RETURNS trigger LANGUAGE plpgsql AS $guard$ {body} $guard$"
        )

    def called(table: str, act: str) -> str:
        return f"{table}_no_{act.lower()}" if (table, act) in EXCEPT else "append_only"

    def attach(trigger: str, when: str, table: str, each: str, function: str) -> None:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger} ON {table}")
        connection.exec_driver_sql(
            f"CREATE TRIGGER {trigger} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION guard_{function}()"
        )

    for table in APPEND_ONLY:
        attach(f"{table}_no_update", "BEFORE UPDATE", table, "ROW", called(table, "UPDATE"))
    for table in (*APPEND_ONLY, *NEVER_REMOVED):
        attach(f"{table}_no_delete", "BEFORE DELETE", table, "ROW", called(table, "DELETE"))
        attach(f"{table}_no_truncate", "BEFORE TRUNCATE", table, "STATEMENT", "append_only")
    for name, table, act, _, _ in GATES:
        attach(name, f"BEFORE {act}", table, "ROW", name)
