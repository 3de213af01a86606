"""Gates of the question bank: a version is drawn once somebody who did not write it has approved it."""

from __future__ import annotations

# (name, table, event, condition that refuses, sentence), as in guards.GATES.
BANK_GATES = (
    (
        "question_approval_has_its_duty",
        "question_status_change",
        "INSERT",
        """NEW.status = 'approved' AND NEW.account_id IS NOT NULL AND (NOT EXISTS (SELECT 1 FROM duty_step s
             WHERE s.object_kind = 'question_version' AND s.object_id = CAST(NEW.version_id AS TEXT)
             AND s.step = 'review' AND s.account_id = NEW.account_id)
           OR EXISTS (SELECT 1 FROM question_version v JOIN account a ON a.id = v.author_id
             JOIN account b ON b.id = NEW.account_id AND b.person_id = a.person_id WHERE v.id = NEW.version_id))""",
        "whoever approves a question has taken that duty and did not write it",
    ),
    (
        "question_is_drawn_once_approved",
        "question",
        "UPDATE",
        """NEW.approved_version_id IS NOT NULL AND NEW.approved_version_id IS DISTINCT FROM OLD.approved_version_id
           AND NOT EXISTS (SELECT 1 FROM question_status_change c WHERE c.question_id = NEW.id
             AND c.version_id = NEW.approved_version_id AND c.status = 'approved')""",
        "papers draw a version that was approved",
    ),
    (
        "question_begins_unapproved",
        "question",
        "INSERT",
        "NEW.approved_version_id IS NOT NULL",
        "a question begins without an approved version",
    ),
    (
        "question_status_is_earned",
        "question",
        "UPDATE",
        """NEW.status <> OLD.status AND NEW.status = 'approved'
           AND NEW.approved_version_id IS DISTINCT FROM NEW.current_version_id""",
        "an approved question draws its newest version",
    ),
)
