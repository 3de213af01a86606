"""Reading exams, attempts and results, through the person they belong to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.exams.hours import COUNTED, Hours
from portal.exams.models import (
    AnswerChange,
    Attempt,
    AttemptState,
    Entry,
    Exam,
    ExamForm,
    ExamKind,
    ExamState,
    FocusLoss,
    FormKey,
    IdentityConfirmation,
    Result,
    ResultEvent,
    ResultEventKind,
)
from portal.exams.rules import SitCase
from portal.exams.sittings.models import Sitting
from portal.ground import clock
from portal.people.identity import same_person
from portal.people.models import Account, Body, Person
from portal.people.queries import bodies_in_scope, running_bans
from portal.people.rules import Permission


def entered_exams(session: Session, person_id: int) -> Sequence[tuple[Exam, Entry]]:
    """Every published exam this person is entered for, soonest end first."""
    rows = session.execute(
        select(Exam, Entry)
        .join(Entry, Entry.exam_id == Exam.id)
        .where(Entry.person_id.in_(same_person(person_id)), Exam.state == ExamState.PUBLISHED)
        .order_by(Exam.closes_at, Entry.person_id == person_id)
    )
    return list({exam.id: (exam, entry) for exam, entry in rows}.values())  # of two records, his own entry


def entered_exam(session: Session, person_id: int, exam_id: int) -> tuple[Exam, Entry]:
    """One of them; otherwise NoResultFound, a 404."""
    row = session.execute(
        select(Exam, Entry)
        .join(Entry, Entry.exam_id == Exam.id)
        .where(Exam.id == exam_id, Entry.person_id.in_(same_person(person_id)), Exam.state == ExamState.PUBLISHED)
        .order_by((Entry.person_id == person_id).desc())
        .limit(1)
    ).one()
    return row[0], row[1]


def attempts_of(session: Session, person_id: int, exam_ids: Sequence[int] | None = None) -> Sequence[Attempt]:
    found = select(Attempt).where(Attempt.person_id.in_(same_person(person_id))).order_by(Attempt.id)
    if exam_ids is not None:
        found = found.where(Attempt.exam_id.in_(exam_ids))
    return session.scalars(found).all()


def own_attempt(session: Session, person_id: int, public_id: str) -> Attempt:
    """The attempt, if this person sits it; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(Attempt)
        .where(Attempt.public_id == public_id, Attempt.person_id.in_(same_person(person_id)))
        .options(joinedload(Attempt.exam), joinedload(Attempt.form))
    ).one()


def hours_of(session: Session, exam: Exam, entry: Entry | None) -> Hours:
    """The hours by which an entry is sat: its sitting's, or the exam's own."""
    sitting = session.get_one(Sitting, entry.sitting_id) if entry and entry.sitting_id else None
    some = select(Entry.id).where(Entry.exam_id == exam.id).limit(COUNTED).subquery()
    within = sitting or exam
    return Hours(
        opens_at=within.opens_at, closes_at=within.closes_at, timing=exam.timing, minutes=exam.minutes,
        extra_minutes=entry.extra_minutes if entry else 0, late_minutes=exam.late_minutes,
        check_in_minutes=exam.check_in_minutes,
        entries=session.scalar(select(func.count()).select_from(some)) or 0,
    )  # fmt: skip


def sit_case(session: Session, exam: Exam, entry: Entry, attempts_used: int, *, now: datetime) -> SitCase:
    """The facts about one entry, which is this exam's."""
    today = clock.local(now).date()
    bans = running_bans(session, entry.person_id, today)
    return SitCase(
        published=exam.state == ExamState.PUBLISHED,
        entered=True,
        hours=hours_of(session, exam, entry),
        now=now,
        today=today,
        attempts_used=attempts_used,
        attempts_allowed=exam.attempts_allowed,
        passed_already=False,
        barred_until=max((b.until for b in bans if b.until), default=None),
        barred_for_ever=any(b.until is None for b in bans),
        withdrawn=entry.withdrawn_at is not None,
        placed=entry.sitting_id is not None or not _has_sittings(session, exam.id),
    )


def _has_sittings(session: Session, exam_id: int) -> bool:
    found = select(Sitting.id).where(Sitting.exam_id == exam_id, Sitting.cancelled_at.is_(None)).limit(1)
    return session.scalar(found) is not None


def answers_of(session: Session, attempt_id: int) -> dict[int, str]:
    """The answer of each item: the change with the highest (epoch, sequence)."""
    rows = session.execute(
        select(AnswerChange.item, AnswerChange.answer)
        .where(AnswerChange.attempt_id == attempt_id)
        .order_by(AnswerChange.epoch, AnswerChange.sequence)
    )
    return {row.item: row.answer for row in rows}


def newest_result(session: Session, attempt_id: int) -> Result | None:
    return session.scalar(select(Result).where(Result.attempt_id == attempt_id).order_by(Result.number.desc()).limit(1))


def events_of(session: Session, result_ids: Sequence[int]) -> dict[int, dict[str, ResultEvent]]:
    """Result id -> kind -> event."""
    found: dict[int, dict[str, ResultEvent]] = {}
    for event in session.scalars(select(ResultEvent).where(ResultEvent.result_id.in_(result_ids))):
        found.setdefault(event.result_id, {})[event.kind] = event
    return found


def results_of(session: Session, person_id: int) -> list[tuple[Exam, Attempt, Result]]:
    """The newest result of every attempt of a person, newest first; released or not. Rehearsals do not count."""
    newest = (
        select(Result.attempt_id, func.max(Result.number).label("number"))
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(Attempt.person_id.in_(same_person(person_id)))
        .group_by(Result.attempt_id)
        .subquery()
    )
    rows = session.execute(
        select(Exam, Attempt, Result)
        .join(Attempt, Attempt.exam_id == Exam.id)
        .join(Result, Result.attempt_id == Attempt.id)
        .join(newest, (newest.c.attempt_id == Result.attempt_id) & (newest.c.number == Result.number))
        .where(Exam.kind != ExamKind.REHEARSAL)
        .order_by(Attempt.started_at.desc())
    )
    return [(exam, attempt, result) for exam, attempt, result in rows]


def is_out(kinds: Collection[str]) -> bool:
    """Whether a result with these events is its candidate's to see."""
    return ResultEventKind.RELEASED in kinds and ResultEventKind.VOIDED not in kinds


def released(session: Session, result_id: int) -> bool:
    return is_out(set(session.scalars(select(ResultEvent.kind).where(ResultEvent.result_id == result_id))))


def current_key(session: Session, form_id: int) -> FormKey:
    return session.scalars(
        select(FormKey).where(FormKey.form_id == form_id).order_by(FormKey.number.desc()).limit(1)
    ).one()


def _exams_in_scope(account: Account) -> Select[tuple[Exam]]:
    """Exams that a body in the account's scope holds.

    A role for one field manages the exams of that field; an exam of general law is everybody's and
    belongs to roles for all fields.
    """
    reached = bodies_in_scope(account, Permission.MANAGE_EXAMS, Exam.field)
    return select(Exam).join(Body, Body.id == Exam.body_id).where(reached)


def exam_in_scope(session: Session, account: Account, exam_id: int) -> Exam:
    """The exam, if its body lies in the account's scope; otherwise NoResultFound, a 404."""
    return session.scalars(_exams_in_scope(account).where(Exam.id == exam_id)).one()


def unreleased(session: Session, exam: Exam) -> Sequence[Result]:
    """Marked results of an exam that are neither released nor voided."""
    ended = exists().where(
        ResultEvent.result_id == Result.id,
        ResultEvent.kind.in_((ResultEventKind.RELEASED, ResultEventKind.VOIDED)),
    )
    found = select(Result).join(Attempt, Attempt.id == Result.attempt_id).where(Attempt.exam_id == exam.id, ~ended)
    return session.scalars(found).all()


@dataclass(frozen=True)
class Counts:
    """One exam's figures: people entered, attempts running and handed in, marked, passed; mean mark."""

    entered: int
    running: int
    handed_in: int
    marked: int
    passed: int
    mean: int  # hundredths of a percent


def counts(session: Session, exam: Exam) -> Counts:
    return figures(session, [exam.id])[exam.id]


def is_newest() -> ColumnElement[bool]:
    """A condition on Result: no later version of the same attempt's marks."""
    later = aliased(Result)
    return ~exists().where(later.attempt_id == Result.attempt_id, later.number > Result.number)


def is_voided() -> ColumnElement[bool]:
    """A condition on Result: it was taken out of force."""
    return exists().where(ResultEvent.result_id == Result.id, ResultEvent.kind == ResultEventKind.VOIDED)


def figures(session: Session, exam_ids: Sequence[int]) -> dict[int, Counts]:
    """The figures of several exams in three statements."""
    entered = dict(
        session.execute(
            select(Entry.exam_id, func.count()).where(Entry.exam_id.in_(exam_ids)).group_by(Entry.exam_id)
        ).all()
    )
    states = {
        (exam_id, state): count
        for exam_id, state, count in session.execute(
            select(Attempt.exam_id, Attempt.state, func.count())
            .where(Attempt.exam_id.in_(exam_ids))
            .group_by(Attempt.exam_id, Attempt.state)
        )
    }
    marks = {
        row[0]: row[1:]
        for row in session.execute(
            select(
                Attempt.exam_id,
                func.count(),
                func.sum(case((Result.passed, 1), else_=0)),
                func.avg(Result.mark),
            )
            .join(Attempt, Attempt.id == Result.attempt_id)
            .where(Attempt.exam_id.in_(exam_ids), is_newest())
            .group_by(Attempt.exam_id)
        )
    }
    found = {}
    for exam_id in exam_ids:
        marked, passed, mean = marks.get(exam_id, (0, 0, 0))
        found[exam_id] = Counts(
            entered.get(exam_id, 0),
            states.get((exam_id, AttemptState.IN_PROGRESS), 0),
            states.get((exam_id, AttemptState.HANDED_IN), 0),
            marked,
            int(passed or 0),
            int(mean or 0),
        )
    return found


def exam_figures(session: Session, account: Account) -> list[tuple[Exam, Counts]]:
    exams = session.scalars(_exams_in_scope(account).order_by(Exam.opens_at.desc()).limit(200)).all()
    found = figures(session, [e.id for e in exams])
    return [(exam, found[exam.id]) for exam in exams]


def item_statistics(session: Session, exam: Exam) -> list[dict]:
    """Per question of the exam: how many saw it, which part was right; hardest first."""
    keys = session.scalars(
        select(FormKey).join(ExamForm, ExamForm.id == FormKey.form_id).where(ExamForm.exam_id == exam.id)
    ).all()
    by_key = {key.id: key.body for key in keys}
    seen: dict[str, list[int]] = {}
    topics: dict[str, str] = {}
    rows = session.execute(
        select(Result.key_id, Result.items)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(Attempt.exam_id == exam.id, is_newest())
    )
    for key_id, items in rows:
        for item in items:
            entry = by_key[key_id][str(item["item"])]
            tally = seen.setdefault(entry["code"], [0, 0])
            tally[0] += 1
            tally[1] += item["points"] == item["full"]
            topics[entry["code"]] = entry["topic"]
    table = [
        {"code": code, "topic": topics[code], "seen": n, "right": right, "share": right * 100 // n}
        for code, (n, right) in seen.items()
    ]
    return sorted(table, key=lambda row: row["share"])


def attempt_rows(
    session: Session, exam: Exam, *, first: int = 0, limit: int = 500
) -> list[tuple[Attempt, Person, Result | None, IdentityConfirmation | None]]:
    """The attempts of an exam with who sat them, what they came to and who confirmed the identity."""
    rows = session.execute(
        select(Attempt, Person, Result, IdentityConfirmation)
        .join(Person, Person.id == Attempt.person_id)
        .outerjoin(Result, and_(Result.attempt_id == Attempt.id, is_newest()))
        .outerjoin(IdentityConfirmation, IdentityConfirmation.attempt_id == Attempt.id)
        .where(Attempt.exam_id == exam.id)
        .order_by(IdentityConfirmation.id.is_not(None), Attempt.id.desc())
        .offset(first)
        .limit(limit)
    )
    return [(attempt, person, result, known) for attempt, person, result, known in rows]


def attempt_of_exam(session: Session, exam: Exam, attempt_id: int) -> Attempt:
    """An attempt of this very exam; otherwise NoResultFound, a 404."""
    return session.scalars(select(Attempt).where(Attempt.id == attempt_id, Attempt.exam_id == exam.id)).one()


def identity_confirmed(session: Session, attempt_id: int) -> bool:
    found = select(IdentityConfirmation.id).where(IdentityConfirmation.attempt_id == attempt_id)
    return session.scalar(found) is not None


def times_left(session: Session, attempt_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Attempt id -> how often the candidate left the page and for how many seconds in all."""
    rows = session.execute(
        select(FocusLoss.attempt_id, func.count(), func.sum(FocusLoss.seconds))
        .where(FocusLoss.attempt_id.in_(attempt_ids))
        .group_by(FocusLoss.attempt_id)
    )
    return {attempt_id: (times, int(seconds)) for attempt_id, times, seconds in rows}


def account_of(session: Session, person_id: int) -> int | None:
    """The person's account; of merged records the one that still opens."""
    found = select(Account.id).where(Account.person_id.in_(same_person(person_id)))
    return session.scalar(found.order_by(Account.disabled_at.is_not(None), Account.id).limit(1))
