"""What is printed of a sitting, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.exams.models import Entry, Exam
from portal.exams.sittings.entering.queries import of_my_units
from portal.exams.sittings.models import Sitting, TestRoom, TestSite
from portal.people.identity import same_person
from portal.people.models import Account, Body, Person

MOST = 3000  # people on one print


@dataclass(frozen=True)
class Seated:
    """One person with the place where he sits; the ID number is masked."""

    exam: str
    name: str
    id_number: str
    number: str  # of admission
    unit: str
    sitting: int | None
    opens_at: datetime
    closes_at: datetime
    site: str
    address: str
    room: str
    seat: int | None
    extra_minutes: int
    minutes: int
    check_in_minutes: int


def _rows(exam: Exam) -> Select[tuple]:
    return (
        select(Entry, Person, Body.name, Sitting, TestRoom, TestSite)
        .join(Person, Person.id == Entry.person_id)
        .outerjoin(Body, Body.id == Entry.body_id)
        .outerjoin(Sitting, Sitting.id == Entry.sitting_id)
        .outerjoin(TestRoom, TestRoom.id == Entry.room_id)
        .outerjoin(TestSite, TestSite.id == TestRoom.site_id)
        .where(Entry.exam_id == exam.id, Entry.withdrawn_at.is_(None))
        .limit(MOST)
    )


def _seated(exam: Exam, row: tuple) -> Seated:
    entry, person, unit, sitting, room, site = row
    return Seated(
        exam=exam.title, name=person.name, id_number=person.masked_id_number(), number=entry.admission_number,
        unit=unit or "", sitting=sitting.number if sitting else None,
        opens_at=(sitting or exam).opens_at, closes_at=(sitting or exam).closes_at,
        site=site.name if site else "", address=site.address if site else "", room=room.name if room else "",
        seat=entry.seat, extra_minutes=entry.extra_minutes, minutes=exam.minutes,
        check_in_minutes=exam.check_in_minutes,
    )  # fmt: skip


def in_room(session: Session, exam: Exam, sitting_id: int, room_id: int) -> list[Seated]:
    """In the order of seats."""
    found = _rows(exam).where(Entry.sitting_id == sitting_id, Entry.room_id == room_id).order_by(Entry.seat)
    return [_seated(exam, row) for row in session.execute(found)]


def in_sitting(session: Session, exam: Exam, sitting_id: int) -> list[Seated]:
    """By admission number."""
    found = _rows(exam).where(Entry.sitting_id == sitting_id).order_by(Entry.admission_number)
    return [_seated(exam, row) for row in session.execute(found)]


def of_unit(session: Session, account: Account, exam: Exam, sitting_id: int | None, *, all_of_it: bool) -> list[Seated]:
    """Unit by unit, for those who hand the slips out; only the account's own people unless it holds the exam."""
    found = _rows(exam).order_by(Entry.body_id, Entry.admission_number)
    if sitting_id is not None:
        found = found.where(Entry.sitting_id == sitting_id)
    if not all_of_it:
        found = found.where(of_my_units(account))
    return [_seated(exam, row) for row in session.execute(found)]


def own(session: Session, exam: Exam, person_id: int) -> Seated:
    """The person's own slip; otherwise NoResultFound, a 404."""
    mine = _rows(exam).where(Entry.person_id.in_(same_person(person_id)))
    return _seated(exam, session.execute(mine.order_by((Entry.person_id == person_id).desc()).limit(1)).one())
