"""Reading who has to be seated where."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.exams.models import Entry, Exam
from portal.exams.sittings import queries as planned
from portal.exams.sittings.entering.cases import busy_times
from portal.exams.sittings.models import Sitting
from portal.exams.sittings.planning import Slot
from portal.exams.sittings.seating.rules import Guest, Hall, Plan, seat_everybody
from portal.people.models import Person


def open_sittings(session: Session, exam: Exam, now: datetime) -> list[Sitting]:
    """Those whose seats can still be settled."""
    return [s for s in planned.sittings_of(session, exam.id) if s.frozen_from > now]


def plan_for(session: Session, exam: Exam, number: int, *, now: datetime) -> Plan:
    """The seats that plan `number` would give; nothing is written. The order of the list settles it, not the hour."""
    halls = [
        Hall(s.id, Slot(s.opens_at, s.closes_at), tuple((room.id, room.seats) for room in planned.rooms_of(s)))
        for s in open_sittings(session, exam, now)
    ]
    known = {hall.sitting for hall in halls}
    rows = session.execute(
        select(Entry.id, Entry.person_id, Entry.body_id, Entry.sitting_id)
        .where(Entry.exam_id == exam.id, Entry.withdrawn_at.is_(None))
        .order_by(Entry.admission_number)
    ).all()
    wanted = [row for row in rows if row.sitting_id is None or row.sitting_id in known]
    busy = busy_times(session, exam, [row.person_id for row in wanted if row.sitting_id is None]) if halls else {}
    guests = [
        Guest(
            row.id, row.body_id, row.sitting_id if row.sitting_id in known else None,
            tuple(Slot(other.opens_at, other.closes_at) for other in busy.get(row.person_id, ())),
        )
        for row in wanted
    ]  # fmt: skip
    return seat_everybody(guests, halls, exam.id * 1_000_003 + number)


def taken_seats(session: Session, sitting: Sitting, room_id: int) -> Sequence[tuple[int, int, str, int | None]]:
    """Seat, entry id, name and unit of everybody in a room, in the order of seats; withdrawn ones still hold theirs."""
    rows = session.execute(
        select(Entry.seat, Entry.id, Person.name, Entry.body_id)
        .join(Person, Person.id == Entry.person_id)
        .where(Entry.sitting_id == sitting.id, Entry.room_id == room_id, Entry.seat.is_not(None))
        .order_by(Entry.seat)
    )
    return [tuple(row) for row in rows]  # type: ignore[misc]


def last_change(session: Session, exam: Exam) -> datetime | None:
    return session.scalar(select(func.max(Entry.changed_at)).where(Entry.exam_id == exam.id))
