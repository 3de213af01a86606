"""Where the candidates of the long run get their seats: running attempts, and check-ins of exams of one minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from portal.exams.delivery import starting, tokens
from portal.exams.models import CheckIn, Entry, Exam
from portal.people.models import Account
from tests.factories import County
from tests.faults.server import SECRET


@dataclass(frozen=True)
class Seat:
    """A running attempt, the token of the page that has it open, and how to open another."""

    attempt_id: int
    token: str
    epoch: int
    public_id: str
    username: str


def people(county: County, count: int) -> list[Account]:
    """So many more officers."""
    return [county.officer(born=date(1940, 1, 1) + timedelta(days=county._people)) for _ in range(count)]


def seat_crowd(county: County, count: int) -> list[Seat]:
    """`count` attempts that run for a day. The caller commits."""
    exam, found = county.exam(minutes=24 * 60, opens_at=county.now - timedelta(minutes=1)), []
    for officer in people(county, count):
        attempt, device = county.attempt(officer, exam), county.sign_in(officer)
        county.session.flush()
        token = tokens.make(SECRET, attempt.id, attempt.form_id, attempt.epoch, device.id, attempt.deadline_at)
        found.append(Seat(attempt.id, token, attempt.epoch, attempt.public_id, officer.username))
    return found


def seat_waiting(county: County, exam: Exam, count: int) -> list[tuple[int, str]]:
    """So many entered and checked in, their pages waiting: check-in and token. The caller commits."""
    found = []
    for officer in people(county, count):
        county.enter(exam, officer)
        wanted = select(Entry).where(Entry.exam_id == exam.id, Entry.person_id == officer.person_id)
        made = starting.check_in(county.session, exam, county.session.scalars(wanted).one(), now=county.now)
        assert isinstance(made, CheckIn)
        device = county.sign_in(officer)
        county.session.flush()
        token = tokens.make_waiting(SECRET, made.id, made.form_id, made.epoch, device.id, exam.closes_at)
        found.append((made.id, token))
    return found
