"""Who may come to a resit: everybody on the first exam's list who was absent or has not passed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.exams.models import Attempt, Entry, Exam, ExamKind, Result
from portal.exams.queries import is_newest, is_voided
from portal.exams.sittings.entering.operations import Desk, enter_people
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.models import Account, Post


class NoResit(Refused):
    """The exam is no resit of another."""

    code = "no_resit"


def due_again(session: Session, resit: Exam) -> dict[int, int]:
    """Person id → the unit he comes from, of everybody due again and not on the resit's list yet."""
    if resit.resit_of_id is None or resit.kind == ExamKind.REHEARSAL:
        return {}
    passed = exists().where(
        Attempt.exam_id == resit.resit_of_id, Attempt.person_id == Entry.person_id, Result.attempt_id == Attempt.id,
        Result.passed.is_(True), is_newest(), ~is_voided(),
    )  # fmt: skip
    listed = select(Entry.person_id).where(Entry.exam_id == resit.id, Entry.withdrawn_at.is_(None))
    post = (
        select(func.max(Post.body_id))
        .where(Post.person_id == Entry.person_id, Post.ended_on.is_(None))
        .scalar_subquery()
    )
    rows = session.execute(
        select(Entry.person_id, func.coalesce(Entry.body_id, post)).where(
            Entry.exam_id == resit.resit_of_id, Entry.withdrawn_at.is_(None), ~passed, Entry.person_id.not_in(listed)
        )
    )
    return {person_id: unit for person_id, unit in rows if unit is not None}


def bring_in(session: Session, resit: Exam, *, reason: str, account: Account, now: datetime) -> tuple[int, int]:
    """Enter them for the resit by the rules of entry; returns how many came in, and how many a rule keeps out.

    Raises NoResit, and what entering raises.
    """
    units = due_again(session, resit)
    if resit.resit_of_id is None or resit.kind == ExamKind.REHEARSAL:
        raise NoResit(N_("This exam is no make-up of another."))
    if not units:
        return 0, 0
    entered, others = enter_people(
        session, resit, units, sitting=None, desk=Desk(account, manages=True, reason=reason), now=now
    )
    return len(entered), len(others)
