"""Gates of marking: a further key has two people behind it, and every new result follows from a newer key."""

from __future__ import annotations

_STEP = "SELECT 1 FROM duty_step s WHERE s.object_kind = 'regrade' AND s.object_id = CAST(NEW.id AS TEXT) AND s.step ="
_FIXED = " OR ".join(
    f"NEW.{column} IS DISTINCT FROM OLD.{column}"
    for column in ("exam_id", "question", "code", "change", "reason", "source", "flips", "made_at", "made_by_id")
)
_TEXTS = " OR ".join(
    f"COALESCE(CAST(NEW.{column} AS TEXT), '') <> COALESCE(CAST(OLD.{column} AS TEXT), '')"
    for column in ("forms", "answer")
)

# (name, table, event, condition that refuses, sentence), as in guards.GATES.
MARKING_GATES = (
    (
        "regrade_begins_as_a_draft",
        "regrade",
        "INSERT",
        "NEW.state <> 'draft'",
        "a regrade begins as a draft",
    ),
    (
        "regrade_stays_what_was_looked_at",
        "regrade",
        "UPDATE",
        f"{_FIXED} OR {_TEXTS}",
        "a regrade keeps its change; another one is made anew",
    ),
    (
        "regrade_needs_two",
        "regrade",
        "UPDATE",
        f"""NEW.state = 'approved' AND OLD.state <> 'approved' AND (OLD.state <> 'proposed' OR NEW.looked_at IS NULL
           OR NOT EXISTS ({_STEP} 'propose') OR NOT EXISTS ({_STEP} 'approve' AND s.account_id = NEW.decided_by_id))""",
        "one proposes a regrade whose effect is known, another approves it",
    ),
    (
        "regrade_end_is_final",
        "regrade",
        "UPDATE",
        """NEW.state <> OLD.state AND (OLD.state IN ('applied', 'refused', 'withdrawn')
           OR (OLD.state = 'approved' AND NEW.state <> 'applied')
           OR (NEW.state = 'applied' AND OLD.state <> 'approved'))""",
        "an approved regrade is applied, and its end is final",
    ),
    (
        "further_key_has_its_regrade",
        "form_key",
        "INSERT",
        """(NEW.number > 1 OR NEW.regrade_id IS NOT NULL) AND NOT EXISTS (
             SELECT 1 FROM regrade r JOIN exam_form f ON f.exam_id = r.exam_id
             WHERE r.id = NEW.regrade_id AND r.state = 'approved' AND f.id = NEW.form_id)""",
        "a further key comes from an approved regrade of its exam",
    ),
    (
        "one_key_by_a_regrade",
        "form_key",
        "INSERT",
        """NEW.regrade_id IS NOT NULL AND EXISTS (
             SELECT 1 FROM form_key k WHERE k.form_id = NEW.form_id AND k.regrade_id = NEW.regrade_id)""",
        "a regrade gives a form one key",
    ),
    (
        "result_is_by_its_forms_key",
        "result",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM attempt a JOIN form_key k ON k.form_id = a.form_id
             WHERE a.id = NEW.attempt_id AND k.id = NEW.key_id)""",
        "a result is marked by a key of its own form",
    ),
    (
        "further_result_has_a_newer_key",
        "result",
        "INSERT",
        """NEW.number > 1 AND NOT EXISTS (SELECT 1 FROM result r JOIN form_key o ON o.id = r.key_id
             JOIN form_key n ON n.id = NEW.key_id
             WHERE r.attempt_id = NEW.attempt_id AND r.number = NEW.number - 1 AND o.number < n.number)""",
        "a further result of a paper names a newer key",
    ),
)
