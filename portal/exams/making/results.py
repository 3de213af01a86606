"""Results from provisional through reviewed to published, with the days they are due in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, case, exists, func, insert, select
from sqlalchemy.orm import Session

from portal.cycle.queries import exceptions
from portal.cycle.rules import after_working_days
from portal.exams.making.rules import needs_two
from portal.exams.models import Attempt, AttemptState, Exam, ExamKind, Result, ResultEvent, ResultEventKind
from portal.exams.queries import is_newest, is_voided
from portal.ground import audit
from portal.ground.clock import local
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.duties.operations import check_step, take_step
from portal.people.duties.queries import holder_of_step, steps_about
from portal.people.duties.rules import DutyWord
from portal.people.models import Account, Body
from portal.people.rules import Permission

OBJECT = "exam_results"


class NotYet(Refused):
    """The results are not at the point where this is done."""

    code = "not_yet"


def due_day(session: Session, exam: Exam) -> date:
    """The last day for publishing the results: so many working days after the exam closes."""
    return due_days(session, [exam])[exam.id]


def due_days(session: Session, exams: Sequence[Exam]) -> dict[int, date]:
    """Exam id → that day, for several."""
    off = exceptions(session)
    closing = {e.id: local(e.closes_at - timedelta(seconds=1)).date() for e in exams}
    return {e.id: after_working_days(closing[e.id], e.review_days, off) for e in exams}


def has(kind: ResultEventKind) -> ColumnElement[bool]:
    """A condition on Result: something happened to it."""
    return exists().where(ResultEvent.result_id == Result.id, ResultEvent.kind == kind)


@dataclass(frozen=True)
class Standing:
    """Newest results of an exam by how far they are; voided ones apart, papers not marked yet apart."""

    provisional: int = 0
    reviewed: int = 0
    released: int = 0
    voided: int = 0
    unmarked: int = 0
    running: int = 0

    @property
    def word(self) -> str:
        """How far the exam's results are as a whole."""
        if self.provisional:
            return "provisional"
        if self.reviewed:
            return "reviewed"
        return "released" if self.released else "none"

    @property
    def settled(self) -> bool:
        return not (self.unmarked or self.running)


def standings(session: Session, exam_ids: Sequence[int]) -> dict[int, Standing]:
    """Of several exams, in two statements."""
    word = case(
        (is_voided(), "voided"), (has(ResultEventKind.RELEASED), "released"),
        (has(ResultEventKind.REVIEWED), "reviewed"), else_="provisional",
    ).label("word")  # fmt: skip
    newest = (
        select(Attempt.exam_id, word)
        .select_from(Result)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(Attempt.exam_id.in_(exam_ids), is_newest())
        .subquery()
    )
    marked = select(newest.c.exam_id, newest.c.word, func.count()).group_by(newest.c.exam_id, newest.c.word)
    found: dict[int, dict[str, int]] = {exam_id: {} for exam_id in exam_ids}
    for exam_id, state, count in session.execute(marked):
        found[exam_id][state] = count
    unmarked = (
        select(Attempt.exam_id, Attempt.state, func.count())
        .where(Attempt.exam_id.in_(exam_ids), ~exists().where(Result.attempt_id == Attempt.id))
        .group_by(Attempt.exam_id, Attempt.state)
    )
    for exam_id, state, count in session.execute(unmarked):
        found[exam_id]["running" if state == AttemptState.IN_PROGRESS else "unmarked"] = count
    return {exam_id: Standing(**counts) for exam_id, counts in found.items()}


def overdue(exam: Exam, due: date, standing: Standing, today: date) -> bool:
    """Whether results that exist should have been published by now."""
    waits = standing.provisional + standing.reviewed + standing.unmarked > 0
    return exam.kind != ExamKind.REHEARSAL and not exam.shows_at_once and waits and today > due


def to_review(session: Session, exam: Exam) -> Sequence[int]:
    """Ids of the results that count and that nobody has reviewed, nor published."""
    return session.scalars(
        select(Result.id)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(Attempt.exam_id == exam.id, is_newest(), ~is_voided(), ~has(ResultEventKind.REVIEWED),
               ~has(ResultEventKind.RELEASED))
    ).all()  # fmt: skip


def review(
    session: Session, exam: Exam, *, early: bool = False, note: str, account: Account, now: datetime
) -> int:
    """Say that every marked result is in order; returns how many. Raises NotYet, SamePerson.

    Before the exam is over and every paper marked only `early`, with a note that says why.
    """
    ids = to_review(session, exam)
    if not ids:
        raise NotYet(N_("There is nothing to review."))
    over = now >= exam.closes_at and standings(session, [exam.id])[exam.id].settled
    if not over and not (early and note.strip()):
        raise NotYet(N_("Results are reviewed when the exam is over and every paper is marked."))
    raised = _take(session, exam, DutyWord.REVIEW, account, now)
    note_reviewed(session, ids, account_id=account.id, now=now)
    audit.record(
        session, "results_reviewed", "exam", exam.id, now=now, account_id=account.id, body_id=exam.body_id,
        reason=" ".join(note.split())[:500] or None, count=len(ids), raised=raised, early=not over,
    )  # fmt: skip
    return len(ids)


def note_reviewed(session: Session, result_ids: Sequence[int], *, account_id: int, now: datetime) -> None:
    """Write down of each that this account found it in order."""
    session.execute(
        insert(ResultEvent),
        [{"result_id": i, "kind": ResultEventKind.REVIEWED, "at": now, "account_id": account_id} for i in result_ids],
    )


def _take(session: Session, exam: Exam, step: DutyWord, account: Account, now: datetime) -> bool:
    """The duty, at the desk whose turn it is; whether it was handed up to it."""
    body, raised = desk(session, exam, step)
    take_step(session, step, OBJECT, exam.id, account=account, at=body, field=exam.field, raised=raised, now=now)
    return raised


def desk(session: Session, exam: Exam, step: DutyWord) -> tuple[Body, bool]:
    """The body whose exam administrators take a step on the results, and whether it was handed up (上提办理)."""
    other = DutyWord.REVIEW if step == DutyWord.APPROVE else DutyWord.APPROVE
    steps = [s for s in steps_about(session, OBJECT, exam.id) if s.step == other]
    had = {person for s in steps for person in (s.person_id, s.on_behalf_of_id)} - {None}
    return holder_of_step(session, Permission.MANAGE_EXAMS, session.get_one(Body, exam.body_id), exam.field, had)


def publish_step(session: Session, exam: Exam, *, account: Account, now: datetime) -> None:
    """The second person's step before results of a qualification exam go out. Raises SamePerson."""
    if needs_two(exam.kind):
        _take(session, exam, DutyWord.APPROVE, account, now)


def to_publish(session: Session, exam: Exam) -> Sequence[Result]:
    """Results that count and are not out; of a qualification exam only reviewed ones."""
    found = (
        select(Result)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(Attempt.exam_id == exam.id, is_newest(), ~is_voided(), ~has(ResultEventKind.RELEASED))
    )
    if needs_two(exam.kind):
        found = found.where(has(ResultEventKind.REVIEWED))
    return session.scalars(found).all()


def may_publish(session: Session, exam: Exam, account: Account) -> bool:
    """Whether publishing is this person's to do."""
    if not needs_two(exam.kind):
        return True
    try:
        check_step(
            session, DutyWord.APPROVE, OBJECT, exam.id, account=account, at=session.get_one(Body, exam.body_id),
            field=exam.field,
        )  # fmt: skip
    except Refused:
        return False
    return True
