"""What the first screens and the figures show, gathered from the rooms below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Row, Subquery, cast, func, select
from sqlalchemy.orm import Session

from portal.credentials import queries as credentials
from portal.credentials.verification import standing_of
from portal.exams import queries as exams
from portal.exams.models import Attempt, AttemptState, Entry, Exam, ExamKind, Result
from portal.exams.own_results import own_results
from portal.ground.clock import now
from portal.people.models import Account, Body, Person, Post
from portal.people.queries import grants_for, posts_in_scope
from portal.people.rules import Permission
from portal.training import queries as training

DUE_SOON = timedelta(days=3)


@dataclass(frozen=True)
class Due:
    """An exam somebody owes or may sit: what to do next and until when."""

    exam: Exam
    attempt: Attempt | None  # running or last
    state: str  # running, open, later, done, missed
    soon: bool
    result: str  # pass, fail, waiting, or empty when there is nothing to wait for


def dues(session: Session, person_id: int, now: datetime) -> list[Due]:
    """Exams of a person in the order of what needs doing: running, open, later, then the past."""
    last: dict[int, Attempt] = {}
    used: dict[int, int] = {}
    for attempt in exams.attempts_of(session, person_id):
        last[attempt.exam_id] = attempt
        used[attempt.exam_id] = used.get(attempt.exam_id, 0) + 1
    results = own_results(session, person_id).best()
    found = []
    for exam, _ in exams.entered_exams(session, person_id):
        attempt = last.get(exam.id)
        result = results.get(exam.id, "waiting" if attempt else "")
        if attempt is not None and attempt.state == AttemptState.IN_PROGRESS:
            state = "running"
        elif now >= exam.closes_at:
            state = "done" if attempt else "missed"
        elif result == "pass" or used.get(exam.id, 0) >= exam.attempts_allowed:
            state = "done"
        else:
            state = "open" if exam.opens_at <= now else "later"
        found.append(Due(exam, attempt, state, exam.closes_at - now < DUE_SOON, result))
    order = {"running": 0, "open": 1, "later": 2, "done": 3, "missed": 4}
    return sorted(found, key=lambda d: (order[d.state], d.exam.kind == ExamKind.MONTHLY, d.exam.closes_at))


@dataclass(frozen=True)
class Standing:
    """The three states that are never merged: exams passed, checked by the bureau, card held."""

    general: tuple[int, date] | None  # best valid mark, valid until
    professional: tuple[int, date, str] | None
    recorded: tuple[date, date, str] | None  # since, until, standing
    application: str | None  # state of the newest one


def standing(session: Session, person_id: int, field: str | None, today: date) -> Standing:
    good = [p for p in credentials.passes_of(session, person_id) if p.enough and p.released and p.valid_until >= today]
    general = max((p for p in good if p.subject == "general_law"), key=lambda p: p.valid_until, default=None)
    own = [p for p in good if p.subject == "professional_law" and p.field == field]
    professional = max(own, key=lambda p: p.valid_until, default=None)
    records = credentials.eligibilities_of(session, person_id)
    recorded = None
    if records:
        newest = records[0][0]
        events = credentials.standing_events(session, newest.id)
        state, _ = standing_of(session, newest, events, now())
        recorded = (newest.issued_on, newest.valid_until, state)
    applications = credentials.own_applications(session, person_id)
    return Standing(
        (general.mark, general.valid_until) if general else None,
        (professional.mark, professional.valid_until, professional.field or "") if professional else None,
        recorded,
        applications[0].state if applications else None,
    )


@dataclass(frozen=True)
class Hours:
    """This year's hours against the target, in minutes."""

    year: int
    have: int
    target: int
    by_source: dict[str, int]

    @property
    def share(self) -> int:
        return min(100, self.have * 100 // self.target)


def hours(session: Session, person_id: int, today: date) -> Hours:
    by_source = training.year_minutes(session, person_id, today.year)
    return Hours(today.year, sum(by_source.values()), training.year_target(today.year), by_source)


@dataclass(frozen=True)
class UnitRow:
    """One unit below: how many were entered for monthly exams, sat, passed; mean mark."""

    body: Body
    officers: int
    entered: int
    sat: int
    passed: int
    mean: int  # hundredths of a percent

    @property
    def participation(self) -> int:
        return self.sat * 100 // self.entered if self.entered else 0

    @property
    def pass_rate(self) -> int:
        return self.passed * 100 // self.sat if self.sat else 0


def unit_in_scope(session: Session, account: Account, body_id: int | None) -> Body:
    """The unit asked for, or the account's own top; NoResultFound outside its scope."""
    grants = grants_for(account, Permission.SEE_FIGURES)
    top = min((g.body for g in grants), key=lambda b: len(b.path))
    if body_id is None:
        return top
    body = session.scalars(select(Body).where(Body.id == body_id)).one()
    if any(body.path.startswith(g.body.path) for g in grants):
        return body
    return session.scalars(select(Body).where(Body.id == -1)).one()


def units_below(session: Session, account: Account, body: Body, exam: Exam | None) -> list[UnitRow]:
    """The next level below a unit with the figures of one exam, in four statements."""
    below = session.scalars(select(Body).where(Body.parent_id == body.id).order_by(Body.division_code, Body.id)).all()
    own = select(Body.path, Post.person_id).join(Body, Body.id == Post.body_id)
    own = own.where(
        Post.ended_on.is_(None), posts_in_scope(account, Permission.SEE_FIGURES), Body.path.startswith(body.path)
    )
    posts = own.subquery()
    officers = session.execute(select(posts.c.path, func.count()).group_by(posts.c.path)).all()
    entered: Sequence[Row[Any]] = ()
    sat: Sequence[Row[Any]] = ()
    if exam is not None:
        entered = session.execute(
            select(posts.c.path, func.count())
            .join(Entry, Entry.person_id == posts.c.person_id)
            .where(Entry.exam_id == exam.id)
            .group_by(posts.c.path)
        ).all()
        best = _best_of(exam)
        sat = session.execute(
            select(posts.c.path, func.count(), func.sum(best.c.passed), func.sum(best.c.mark))
            .join(best, best.c.person_id == posts.c.person_id)
            .group_by(posts.c.path)
        ).all()

    def sums(rows: Sequence[Row[Any]], unit: Body, column: int = 1) -> int:
        return sum(int(row[column] or 0) for row in rows if row[0].startswith(unit.path))

    table = []
    for unit in below or [body]:
        count = sums(sat, unit)
        mean = sums(sat, unit, 3) // count if count else 0
        table.append(UnitRow(unit, sums(officers, unit), sums(entered, unit), count, sums(sat, unit, 2), mean))
    return [row for row in table if row.officers]


def _best_of(exam: Exam | None) -> Subquery:
    """Each candidate's best mark in an exam, and 1 when any attempt passed."""
    return (
        select(
            Attempt.person_id,
            func.max(Result.mark).label("mark"),
            func.max(cast(Result.passed, Integer)).label("passed"),
        )
        .join(Result, Result.attempt_id == Attempt.id)
        .where(Attempt.exam_id == (exam.id if exam else -1))
        .group_by(Attempt.person_id)
        .subquery()
    )


def monthly_exams(session: Session) -> Sequence[Exam]:
    return session.scalars(
        select(Exam)
        .where(Exam.kind == ExamKind.MONTHLY, Exam.published_at.is_not(None))
        .order_by(Exam.month.desc())
        .limit(12)
    ).all()


def trail(session: Session, body: Body) -> list[Body]:
    """The unit's ancestors from the province down, itself last."""
    ids = [int(part) for part in body.path.strip("/").split("/")]
    found = {b.id: b for b in session.scalars(select(Body).where(Body.id.in_(ids)))}
    return [found[i] for i in ids]


def people_of(
    session: Session, account: Account, body: Body, exam: Exam | None
) -> list[tuple[Person, int | None, bool]]:
    """The officers of one unit: best mark in the exam, None when not sat, and whether it is a pass."""
    best = _best_of(exam)
    rows = session.execute(
        select(Person, best.c.mark, best.c.passed)
        .join(Post, Post.person_id == Person.id)
        .join(Body, Body.id == Post.body_id)
        .outerjoin(best, best.c.person_id == Person.id)
        .where(Post.ended_on.is_(None), Body.id == body.id, posts_in_scope(account, Permission.SEE_FIGURES))
        .order_by(Person.id)
    )
    return [(person, mark, bool(passed)) for person, mark, passed in rows]
