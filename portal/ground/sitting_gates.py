"""The exam-day freeze: from some time before a sitting its times, rooms, list and seats stay as they are.

Rows name the moment of each change themselves; the gates compare it with the sitting's columns and ask no clock.
"""

from __future__ import annotations

_TIMES = " OR ".join(
    f"NEW.{column} IS DISTINCT FROM OLD.{column}"
    for column in ("exam_id", "number", "opens_at", "closes_at", "frozen_from", "cancelled_at")
)
_OTHER_TIMES = " OR ".join(
    f"NEW.{column} IS DISTINCT FROM OLD.{column}"
    for column in ("exam_id", "number", "opens_at", "frozen_from", "cancelled_at")
)
_TIME_GIVEN_TO_ALL = """EXISTS (SELECT 1 FROM incident i WHERE i.exam_id = NEW.exam_id
             AND i.approved_at = NEW.changed_at AND i.room_id IS NULL AND i.attempt_id IS NULL
             AND COALESCE(i.sitting_id, NEW.id) = NEW.id)"""
_UNSAID = "(NEW.changed_at IS NULL OR NEW.changed_at <= OLD.changed_at)"
_OVERLAP = """EXISTS (SELECT 1 FROM sitting mine JOIN sitting_room r ON r.room_id = NEW.room_id
             AND r.given_back_at IS NULL AND r.sitting_id <> NEW.sitting_id
             JOIN sitting other ON other.id = r.sitting_id
             WHERE mine.id = NEW.sitting_id AND other.opens_at < mine.closes_at AND mine.opens_at < other.closes_at)"""

# (name, table, event, condition that refuses, sentence), as in guards.GATES.
SITTING_GATES = (
    (
        "frozen_sitting_stays",
        "sitting",
        "UPDATE",
        f"""({_TIMES}) AND ({_UNSAID} OR NEW.changed_at >= OLD.frozen_from OR NEW.changed_at >= NEW.frozen_from)
           AND ({_OTHER_TIMES} OR NEW.closes_at < OLD.closes_at OR NOT {_TIME_GIVEN_TO_ALL})""",
        "a sitting stays as it is from its freeze on",
    ),
    (
        "frozen_sitting_takes_no_entry",
        "entry",
        "INSERT",
        """NEW.sitting_id IS NOT NULL AND (NEW.entered_at IS NULL OR EXISTS (
             SELECT 1 FROM sitting s WHERE s.id = NEW.sitting_id AND NEW.entered_at >= s.frozen_from))""",
        "nobody is entered for a sitting from its freeze on",
    ),
    (
        "frozen_seats_stay",
        "entry",
        "UPDATE",
        f"""(NEW.sitting_id IS DISTINCT FROM OLD.sitting_id OR NEW.room_id IS DISTINCT FROM OLD.room_id
             OR NEW.seat IS DISTINCT FROM OLD.seat OR (OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS NULL))
           AND (OLD.sitting_id IS NOT NULL OR NEW.sitting_id IS NOT NULL)
           AND ({_UNSAID} OR EXISTS (SELECT 1 FROM sitting s WHERE s.id IN (OLD.sitting_id, NEW.sitting_id)
             AND NEW.changed_at >= s.frozen_from))""",
        "list and seats of a sitting stay from its freeze on",
    ),
    (
        "entry_keeps_its_person",
        "entry",
        "UPDATE",
        """NEW.person_id <> OLD.person_id OR NEW.exam_id <> OLD.exam_id
           OR NEW.admission_number <> OLD.admission_number""",
        "an entry keeps its person, exam and admission number",
    ),
    (
        "withdrawal_has_its_reason",
        "entry",
        "UPDATE",
        "NEW.withdrawn_at IS NOT NULL AND OLD.withdrawn_at IS NULL AND COALESCE(NEW.withdrawn_because, '') = ''",
        "whoever is withdrawn is withdrawn with a reason",
    ),
    (
        "extra_time_has_its_ground",
        "entry",
        "UPDATE",
        """NEW.extra_minutes <> OLD.extra_minutes AND NOT EXISTS (
             SELECT 1 FROM accommodation a WHERE a.entry_id = NEW.id AND a.minutes = NEW.extra_minutes)""",
        "extra time rests on a recorded ground",
    ),
    (
        "frozen_sitting_takes_no_room",
        "sitting_room",
        "INSERT",
        f"""NEW.taken_at IS NULL OR {_OVERLAP} OR EXISTS (
             SELECT 1 FROM sitting s WHERE s.id = NEW.sitting_id AND NEW.taken_at >= s.frozen_from)""",
        "a room is in one sitting at a time, and is taken before the freeze",
    ),
    (
        "frozen_sitting_keeps_its_rooms",
        "sitting_room",
        "UPDATE",
        f"""NEW.sitting_id <> OLD.sitting_id OR NEW.room_id <> OLD.room_id
           OR (NEW.given_back_at IS NOT NULL AND (NEW.given_back_at <= NEW.taken_at OR EXISTS (SELECT 1 FROM sitting s
             WHERE s.id = NEW.sitting_id AND NEW.given_back_at >= s.frozen_from)))
           OR (NEW.given_back_at IS NULL AND OLD.given_back_at IS NOT NULL
             AND (NEW.taken_at <= OLD.given_back_at OR {_OVERLAP} OR EXISTS (
               SELECT 1 FROM sitting s WHERE s.id = NEW.sitting_id AND NEW.taken_at >= s.frozen_from)))""",
        "the rooms of a sitting stay from its freeze on",
    ),
    (
        "room_stays_while_it_is_sat_in",
        "test_room",
        "UPDATE",
        f"""(NEW.seats <> OLD.seats OR NEW.name <> OLD.name OR NEW.site_id <> OLD.site_id
             OR NEW.closed_at IS DISTINCT FROM OLD.closed_at)
           AND ({_UNSAID} OR EXISTS (SELECT 1 FROM sitting_room r JOIN sitting s ON s.id = r.sitting_id
             WHERE r.room_id = NEW.id AND r.given_back_at IS NULL
             AND NEW.changed_at >= s.frozen_from AND NEW.changed_at < s.closes_at))""",
        "a room stays as it is while it is sat in",
    ),
)
