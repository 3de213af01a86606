"""Gates of time given in the hall: a deadline moves by a recorded grant only, and two people stand behind it."""

from __future__ import annotations

_FIXED = " OR ".join(
    f"NEW.{column} IS DISTINCT FROM OLD.{column}"
    for column in (
        "exam_id", "sitting_id", "room_id", "attempt_id", "kind", "cause", "note", "reported_at", "reported_by_id",
        "seconds", "undoes_id",
    )
)  # fmt: skip
_ONCE = " OR ".join(
    f"(OLD.{column} IS NOT NULL AND NEW.{column} IS DISTINCT FROM OLD.{column})"
    for column in ("restored_at", "approved_by_id", "approved_at", "refused_because", "refused_by_id")
)

# (name, table, event, condition that refuses, sentence), as in guards.GATES.
INCIDENT_GATES = (
    (
        "incident_begins_undecided",
        "incident",
        "INSERT",
        "NEW.approved_by_id IS NOT NULL OR NEW.approved_at IS NOT NULL",
        "an incident is reported first and approved later",
    ),
    (
        "incident_keeps_its_report",
        "incident",
        "UPDATE",
        f"{_FIXED} OR {_ONCE}",
        "what was reported and decided about an incident stays",
    ),
    (
        "incident_needs_two",
        "incident",
        "UPDATE",
        """NEW.approved_by_id IS NOT NULL AND OLD.approved_by_id IS NULL AND (NEW.refused_because IS NOT NULL
           OR NOT EXISTS (SELECT 1 FROM account a JOIN account b ON b.id = NEW.approved_by_id
             JOIN duty_step s ON s.account_id = b.id AND s.object_kind = 'incident'
               AND s.object_id = CAST(NEW.id AS TEXT) AND s.step IN ('approve', 'confirm')
             WHERE a.id = NEW.reported_by_id AND a.person_id <> b.person_id))""",
        "whoever reports an incident does not approve the time for it",
    ),
    (
        "time_needs_an_approved_incident",
        "time_grant",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM incident i JOIN attempt t ON t.id = NEW.attempt_id
             WHERE i.id = NEW.incident_id AND i.approved_by_id IS NOT NULL AND i.approved_at = NEW.at
             AND t.exam_id = i.exam_id AND t.state = 'in_progress' AND t.deadline_at = NEW.deadline_before
             AND (i.attempt_id IS NULL OR i.attempt_id = t.id) AND (i.room_id IS NULL OR i.room_id = t.room_id)
             AND (i.sitting_id IS NULL OR i.sitting_id = t.sitting_id))
           OR (NEW.seconds < 0) <> (NEW.deadline_after < NEW.deadline_before)""",
        "time is given for an approved incident, to those it touched",
    ),
    (
        "deadline_follows_the_grants",
        "attempt",
        "UPDATE",
        """NEW.deadline_at IS DISTINCT FROM OLD.deadline_at AND NOT EXISTS (SELECT 1 FROM time_grant g
             WHERE g.attempt_id = NEW.id AND g.deadline_before = OLD.deadline_at
             AND g.deadline_after = NEW.deadline_at)""",
        "a deadline moves by a recorded grant of time only",
    ),
)
