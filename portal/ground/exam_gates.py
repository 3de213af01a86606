"""Gates of exams: what is published stays as it was published, and two people stand behind a qualification."""

from __future__ import annotations

_FIXED = " OR ".join(
    f"NEW.{column} IS DISTINCT FROM OLD.{column}"
    for column in (
        "title", "theme", "kind", "subject", "field", "month", "opens_at", "closes_at", "minutes", "attempts_allowed",
        "pass_mark", "notice", "release_at_once", "delivery", "timing", "keeps", "forms_wanted", "late_minutes",
        "check_in_minutes", "review_days", "resit_of_id",
    )
)  # fmt: skip
_TEXTS = " OR ".join(
    f"CAST(NEW.{column} AS TEXT) <> CAST(OLD.{column} AS TEXT)"
    for column in ("marking_rules", "blueprint", "bank_codes")
)
_OF_EXAM = "s.object_kind = 'exam' AND s.object_id = CAST(NEW.id AS TEXT)"
_OF_RESULT = """FROM result r JOIN attempt t ON t.id = r.attempt_id JOIN exam e ON e.id = t.exam_id
             WHERE r.id = NEW.result_id"""

_NOT_A_DRAFT = "EXISTS (SELECT 1 FROM exam e WHERE e.id = NEW.exam_id AND e.state <> 'draft')"
_SEB_FIXED = " OR ".join(
    f"NEW.{column} IS DISTINCT FROM OLD.{column}"
    for column in ("switched_on", "settings", "config_key", "start_address")
)

# (name, table, event, condition that refuses, sentence), as in guards.GATES.
EXAM_GATES = (
    (
        "handed_in_is_closed",
        "answer_change",
        "INSERT",
        "EXISTS (SELECT 1 FROM attempt a WHERE a.id = NEW.attempt_id AND a.state = 'handed_in')",
        "the paper is handed in",
    ),
    (
        "attempt_end_is_final",
        "attempt",
        "UPDATE",
        """OLD.state = 'handed_in' AND (NEW.state IS DISTINCT FROM OLD.state
             OR NEW.handed_in_at IS DISTINCT FROM OLD.handed_in_at OR NEW.receipt IS DISTINCT FROM OLD.receipt
             OR NEW.deadline_at IS DISTINCT FROM OLD.deadline_at OR NEW.epoch IS DISTINCT FROM OLD.epoch)""",
        "a handed-in attempt stays handed in",
    ),
    (
        "attempt_identity_is_fixed",
        "attempt",
        "UPDATE",
        """NEW.person_id <> OLD.person_id OR NEW.exam_id <> OLD.exam_id OR NEW.form_id <> OLD.form_id
           OR NEW.seed <> OLD.seed OR NEW.epoch < OLD.epoch
           OR NEW.started_at <> OLD.started_at OR NEW.number <> OLD.number
           OR CAST(NEW.drawn AS TEXT) IS DISTINCT FROM CAST(OLD.drawn AS TEXT)""",
        "an attempt keeps its person, exam, form and order",
    ),
    (
        "published_exam_is_fixed",
        "exam",
        "UPDATE",
        """OLD.state = 'published' AND (NEW.state <> OLD.state OR NEW.pass_mark <> OLD.pass_mark
             OR NEW.kind <> OLD.kind OR NEW.subject <> OLD.subject OR NEW.minutes <> OLD.minutes
             OR NEW.field IS DISTINCT FROM OLD.field OR NEW.attempts_allowed <> OLD.attempts_allowed
             OR CAST(NEW.marking_rules AS TEXT) <> CAST(OLD.marking_rules AS TEXT)
             OR NEW.opens_at <> OLD.opens_at OR NEW.release_at_once <> OLD.release_at_once)""",
        "a published exam keeps its kind, subject, time and pass mark",
    ),
    (
        "published_exam_keeps_its_paper",
        "exam",
        "UPDATE",
        f"OLD.state IN ('publishing', 'published') AND NEW.state <> 'draft' AND ({_FIXED} OR {_TEXTS})",
        "nothing of an exam changes once it is published",
    ),
    (
        "published_exam_gets_no_form",
        "exam_form",
        "INSERT",
        "EXISTS (SELECT 1 FROM exam e WHERE e.id = NEW.exam_id AND e.state IN ('published', 'discarded'))",
        "a published exam gets no further form",
    ),
    (
        "qualification_is_sealed",
        "exam",
        "INSERT",
        "NEW.delivery = 'drawn' AND NEW.kind IN ('qualification', 'contest')",
        "a qualification is never drawn per person",
    ),
    (
        "qualification_stays_sealed",
        "exam",
        "UPDATE",
        "NEW.delivery = 'drawn' AND NEW.kind IN ('qualification', 'contest')",
        "a qualification is never drawn per person",
    ),
    (
        "exam_keeps_its_maker",
        "exam",
        "UPDATE",
        "OLD.made_by_id IS NOT NULL AND NEW.made_by_id IS DISTINCT FROM OLD.made_by_id",
        "an exam keeps the one who made it",
    ),
    (
        "qualification_needs_two_to_publish",
        "exam",
        "UPDATE",
        f"""NEW.state IN ('publishing', 'published') AND OLD.state NOT IN ('publishing', 'published')
           AND NEW.kind = 'qualification' AND NEW.made_by_id IS NOT NULL AND (
             NOT EXISTS (SELECT 1 FROM duty_step s WHERE {_OF_EXAM} AND s.step = 'propose')
             OR NOT EXISTS (SELECT 1 FROM duty_step s WHERE {_OF_EXAM} AND s.step = 'approve'))""",
        "one proposes the publication of a qualification exam, another approves it",
    ),
    (
        "qualification_result_needs_two",
        "result_event",
        "INSERT",
        f"""NEW.kind = 'released' AND NEW.account_id IS NOT NULL AND EXISTS (SELECT 1 {_OF_RESULT}
             AND e.kind = 'qualification') AND NOT EXISTS (SELECT 1 FROM result_event v
             JOIN account a ON a.id = v.account_id JOIN account b ON b.id = NEW.account_id
             WHERE v.result_id = NEW.result_id AND v.kind = 'reviewed' AND a.person_id <> b.person_id)""",
        "one reviews the results of a qualification exam, another publishes them",
    ),
    (
        "seb_begins_in_the_draft",
        "exam_seb",
        "INSERT",
        _NOT_A_DRAFT,
        "an exam uses Safe Exam Browser from its draft on, or not at all",
    ),
    (
        "seb_is_settled_in_the_draft",
        "exam_seb",
        "UPDATE",
        f"NEW.exam_id <> OLD.exam_id OR ({_SEB_FIXED}) AND {_NOT_A_DRAFT}",
        "whether and how an exam uses Safe Exam Browser stays once it left the draft",
    ),
    (
        "seb_keys_stay_while_it_is_sat",
        "exam_seb",
        "UPDATE",
        """CAST(NEW.browser_keys AS TEXT) <> CAST(OLD.browser_keys AS TEXT) AND EXISTS (
             SELECT 1 FROM exam e LEFT JOIN sitting s ON s.exam_id = e.id AND s.cancelled_at IS NULL
             WHERE e.id = NEW.exam_id AND e.state = 'published'
               AND (NEW.changed_at >= e.opens_at AND NEW.changed_at < e.closes_at
                    OR NEW.changed_at >= s.frozen_from AND NEW.changed_at < s.closes_at))""",
        "the keys of Safe Exam Browser stay while the exam is sat",
    ),
    (
        "seb_stays_lifted",
        "exam_seb",
        "UPDATE",
        """OLD.lifted_at IS NOT NULL AND (NEW.lifted_at IS DISTINCT FROM OLD.lifted_at
           OR NEW.lifted_by_id IS DISTINCT FROM OLD.lifted_by_id
           OR NEW.lifted_because IS DISTINCT FROM OLD.lifted_because)""",
        "that the demand was lifted stays on record",
    ),
)
