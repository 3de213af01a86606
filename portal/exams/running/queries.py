"""Incidents and who is behind them, one candidate on the list, and what time somebody was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.exams.models import Attempt, Entry
from portal.exams.running.board import in_sight, is_open, within
from portal.exams.running.giving import is_ended_by, is_touched
from portal.exams.running.models import Incident, IncidentKind, TimeGrant
from portal.exams.running.scope import Watch
from portal.exams.sittings.models import Sitting, TestRoom
from portal.people.models import Person
from portal.people.queries import account_names

MOST_LISTED = 1_000  # incidents of one exam in a list or file
MOST_ENDED = 200


@dataclass(frozen=True)
class Line:
    """One incident as people read it: where it was, who acted, how many got time and how much."""

    incident: Incident
    sitting: Sitting | None
    room: TestRoom | None
    person: str | None  # whose attempt it was, where it touched one only
    admission_number: str | None
    names: dict[int, str]
    attempts: int
    least: int  # seconds given to one
    most: int

    @property
    def state(self) -> str:
        """standing, open, approved, refused or done."""
        one = self.incident
        if one.kind == IncidentKind.ENDED:
            return "done"
        if one.refused_because is not None:
            return "refused"
        if one.approved_by_id is not None:
            return "approved"
        return "standing" if one.kind == IncidentKind.PAUSE else "open"


def lines(session: Session, seen_by: Watch, *, only_open: bool = False, attempt_id: int | None = None) -> list[Line]:
    """Every incident in sight, the newest first; two statements."""
    given = _given_of()
    found = (
        select(Incident, Sitting, TestRoom, Person.name, Entry.admission_number, given.c.n, given.c.least, given.c.most)
        .outerjoin(Sitting, Sitting.id == Incident.sitting_id)
        .outerjoin(TestRoom, TestRoom.id == Incident.room_id)
        .outerjoin(Attempt, Attempt.id == Incident.attempt_id)
        .outerjoin(Person, Person.id == Attempt.person_id)
        .outerjoin(Entry, (Entry.exam_id == Attempt.exam_id) & (Entry.person_id == Attempt.person_id))
        .outerjoin(given, given.c.incident_id == Incident.id)
        .where(*in_sight(seen_by))
        .order_by(Incident.reported_at.desc(), Incident.id.desc())
        .limit(MOST_LISTED)
    )
    if only_open:
        found = found.where(is_open())
    if attempt_id is not None:
        found = found.where(Incident.attempt_id == attempt_id)
    rows = session.execute(found).all()
    actors = {a for i, *_ in rows for a in (i.reported_by_id, i.approved_by_id, i.refused_by_id)} - {None}
    names = account_names(session, actors) if actors else {}
    return [Line(i, s, r, name, number, names, n or 0, least or 0, most or 0)
            for i, s, r, name, number, n, least, most in rows]  # fmt: skip


def _given_of() -> Any:
    return (
        select(
            TimeGrant.incident_id, func.count().label("n"), func.min(TimeGrant.seconds).label("least"),
            func.max(TimeGrant.seconds).label("most"),
        )
        .group_by(TimeGrant.incident_id)
        .subquery()
    )  # fmt: skip


def line_of(session: Session, seen_by: Watch, incident_id: int) -> Line:
    """One incident in sight; otherwise NoResultFound, a 404."""
    session.scalars(select(Incident.id).where(Incident.id == incident_id, *in_sight(seen_by))).one()
    return next(line for line in lines(session, seen_by) if line.incident.id == incident_id)


def incident_in_sight(session: Session, seen_by: Watch, incident_id: int) -> Incident:
    """The same without its surroundings; one that touches people beyond the watcher's rooms is not his to decide."""
    found = select(Incident).where(Incident.id == incident_id, Incident.exam_id == seen_by.exam.id)
    if seen_by.room_ids is not None:
        found = found.where(Incident.room_id.in_(seen_by.room_ids))
    return session.scalars(found).one()


@dataclass(frozen=True)
class Touched:
    """Somebody an incident touched: his attempt, its end, and what he was given for it."""

    attempt: Attempt
    name: str
    admission_number: str
    entry_id: int
    seconds: int | None


def touched(session: Session, incident: Incident, *, ended: bool) -> Sequence[Touched]:
    """Those who got time for it, or (`ended`) those whose paper was handed in meanwhile; at most MOST_ENDED."""
    grant = (TimeGrant.attempt_id == Attempt.id) & (TimeGrant.incident_id == incident.id)
    found = (
        select(Attempt, Person.name, Entry.admission_number, Entry.id, TimeGrant.seconds)
        .join(Person, Person.id == Attempt.person_id)
        .join(Entry, (Entry.exam_id == Attempt.exam_id) & (Entry.person_id == Attempt.person_id))
        .outerjoin(TimeGrant, grant)
        .where(*(is_ended_by(incident) if ended else is_touched(incident)))
        .order_by(Entry.admission_number)
        .limit(MOST_ENDED)
    )
    found = found.where(TimeGrant.seconds.is_(None)) if ended else found.where(TimeGrant.seconds.is_not(None))
    return [Touched(*row) for row in session.execute(found)]


def touched_now(session: Session, incident: Incident) -> int:
    """How many running attempts a decision would reach at this moment."""
    found = select(func.count()).select_from(Attempt).where(*is_touched(incident), Attempt.state == "in_progress")
    return session.scalar(found) or 0


def entry_in_sight(session: Session, seen_by: Watch, entry_id: int) -> tuple[Entry, Person]:
    """Somebody on the watcher's board; otherwise NoResultFound, a 404."""
    row = session.execute(
        select(Entry, Person).join(Person, Person.id == Entry.person_id).where(Entry.id == entry_id, *within(seen_by))
    ).one()
    return row[0], row[1]


def last_attempt(session: Session, entry: Entry) -> Attempt | None:
    return session.scalars(
        select(Attempt)
        .where(Attempt.exam_id == entry.exam_id, Attempt.person_id == entry.person_id)
        .order_by(Attempt.number.desc())
        .limit(1)
    ).first()


def attempt_in_sight(session: Session, seen_by: Watch, attempt_id: int) -> Attempt:
    """The attempt of somebody on the watcher's board; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(Attempt)
        .join(Entry, (Entry.exam_id == Attempt.exam_id) & (Entry.person_id == Attempt.person_id))
        .where(Attempt.id == attempt_id, *within(seen_by))
    ).one()


def said_of(session: Session, attempt: Attempt) -> str:
    """Name and admission number of whoever sits an attempt."""
    name, number = session.execute(
        select(Person.name, Entry.admission_number)
        .join(Entry, Entry.person_id == Person.id)
        .where(Entry.exam_id == attempt.exam_id, Person.id == attempt.person_id)
    ).one()
    return f"{name} {number}"


@dataclass(frozen=True)
class GivenTime:
    """Time an attempt got (below 0: taken back), when, why, and for what span."""

    by: timedelta
    at: datetime
    kind: str
    cause: str
    note: str
    began: datetime
    ended: datetime | None


def time_given(session: Session, attempt_id: int) -> list[GivenTime]:
    """What time this attempt was given, in order; one statement."""
    rows = session.execute(
        select(TimeGrant, Incident)
        .join(Incident, Incident.id == TimeGrant.incident_id)
        .where(TimeGrant.attempt_id == attempt_id)
        .order_by(TimeGrant.at)
    )
    found = []
    for grant, incident in rows:
        by = grant.deadline_after - grant.deadline_before
        paused = incident.kind == IncidentKind.PAUSE
        began = grant.at - by if paused else incident.reported_at
        found.append(GivenTime(by, grant.at, incident.kind, incident.cause, incident.note, began, incident.restored_at))
    return found
