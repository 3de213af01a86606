"""A hall: one sitting in two rooms, people at work, two invigilators and two who manage exams."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from portal.exams.models import Attempt, AttemptState, Exam, ExamForm
from portal.exams.running import operations
from portal.exams.running.giving import Given, give
from portal.exams.running.models import Cause, Incident, IncidentKind
from portal.exams.running.operations import Report, Where
from portal.exams.sittings.models import SittingRoom, TestRoom
from portal.people.models import Account, Person, Role
from tests.conftest import NOON
from tests.factories import County

MINUTE = timedelta(minutes=1)
HALL = {
    "most_given_minutes": 120, "most_asked_minutes": 120, "most_extra_minutes": 240, "longest_ago_hours": 48,
    "least_left_seconds": 60,
}  # fmt: skip
_days = itertools.count()


class Hall:
    """By default the exam of a province began at 11:30 and lasts an hour; it is noon."""

    def __init__(self, county: County, *, began: datetime = NOON - 30 * MINUTE, **exam: Any) -> None:
        self.county, self.session, self.began = county, county.session, began
        self.exam: Exam = county.exam(opens_at=began, **exam)
        self.sitting = county.sitting(self.exam, minutes=120)
        self.room: TestRoom = self.session.get_one(TestRoom, self.sitting.rooms[0].room_id)
        self.next_room = TestRoom(site_id=self.room.site_id, name="第二考场", seats=30)
        self.session.add(self.next_room)
        self.session.flush()
        planned = began - timedelta(days=10)
        self.session.add(SittingRoom(sitting_id=self.sitting.id, room_id=self.next_room.id, taken_at=planned))
        self.session.flush()
        self.invigilator = self.staff(Role.INVIGILATOR)
        self.other_invigilator = self.staff(Role.INVIGILATOR)
        self.manager = self.staff(Role.EXAM_ADMIN, county.province)
        self.other_manager = self.staff(Role.EXAM_ADMIN, county.province)
        self.seats = itertools.count(1)

    def staff(self, role: Role, body: Any = None) -> Account:
        born = date(1975, 1, 1) + timedelta(days=next(_days))
        return self.county.staff(role, body or self.county.city, born=born)

    def account(self) -> Account:
        return self.county.officer(born=date(1985, 1, 1) + timedelta(days=next(_days)))

    def seated(self, room: TestRoom | None = None) -> Account:
        """Somebody on the list, at a seat of a room, who has not come yet."""
        account = self.account()
        self.county.seat(account, self.sitting, next(self.seats), room=room or self.room)
        return account

    def at_work(self, room: TestRoom | None = None, *, since: datetime | None = None) -> Attempt:
        attempt = self.county.attempt(self.seated(room), self.exam, at=since or self.began)
        self.session.flush()
        return attempt

    def where(self, attempt: Attempt) -> Where:
        return Where(attempt.sitting_id, attempt.room_id, attempt.id)

    @property
    def whole_room(self) -> Where:
        return Where(self.sitting.id, self.room.id)

    def tell(
        self, kind: IncidentKind, where: Where, *, at: datetime = NOON, by: Account | None = None, **more: Any
    ) -> Incident:
        told = Report(kind, Cause.NETWORK, "交换机断电", **more)
        return operations.report(self.session, self.exam, where, told, account=by or self.invigilator, now=at)

    def pause(self, where: Where, *, at: datetime = NOON, by: Account | None = None) -> Incident:
        return self.tell(IncidentKind.PAUSE, where, at=at, by=by)

    def outage(self, where: Where, began: datetime, ended: datetime | None = NOON, **more: Any) -> Incident:
        return self.tell(IncidentKind.OUTAGE, where, reported_at=began, restored_at=ended, **more)

    def extend(self, where: Where, minutes: int, **more: Any) -> Incident:
        return self.tell(IncidentKind.EXTENSION, where, minutes=minutes, **more)

    def give(
        self, incident: Incident, *, at: datetime = NOON, by: Account | None = None, above: bool = False
    ) -> Given:
        return give(self.session, incident, above=above, account=by or self.manager, now=at)

    def deadline(self, attempt: Attempt) -> datetime:
        """As it stands in the database."""
        found = select(Attempt.deadline_at).where(Attempt.id == attempt.id)
        return self.session.execute(found).scalar_one()

    def crowd(self, count: int, *, deadline: datetime, room: TestRoom | None = None) -> list[int]:
        """So many running attempts of people without accounts, in one room; their ids."""
        return crowd(self.session, self.exam, count, self.sitting.id, (room or self.room).id, deadline)


@contextmanager
def sent(session: Session) -> Iterator[list[str]]:
    """The statements sent inside the block."""
    engine, statements = session.get_bind(), []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def crowd(
    session: Session, exam: Exam, count: int, sitting_id: int, room_id: int, deadline: datetime
) -> list[int]:
    form = session.scalars(select(ExamForm.id).where(ExamForm.exam_id == exam.id).limit(1)).one()
    marks = [secrets.token_urlsafe(12) for _ in range(count)]
    people = [
        {
            "public_id": mark, "personnel_number": f"C{mark[:12]}", "name": "考生", "sex": "f",
            "birth_date": date(1990, 1, 1), "education": "bachelor", "id_number_sealed": b"", "id_number_index": mark,
            "created_at": NOON,
        }
        for mark in marks
    ]  # fmt: skip
    session.execute(insert(Person), people)
    ids = session.scalars(select(Person.id).where(Person.public_id.in_(marks)).order_by(Person.id)).all()
    attempts = [
        {
            "public_id": secrets.token_urlsafe(16), "exam_id": exam.id, "person_id": person_id, "form_id": form,
            "number": 1, "seed": 7, "epoch": 1, "state": AttemptState.IN_PROGRESS, "started_at": exam.opens_at,
            "deadline_at": deadline, "sitting_id": sitting_id, "room_id": room_id,
        }
        for person_id in ids
    ]  # fmt: skip
    session.execute(insert(Attempt), attempts)
    of_room = select(Attempt.id).where(Attempt.room_id == room_id, Attempt.person_id.in_(ids))
    return list(session.scalars(of_room.order_by(Attempt.id)))
