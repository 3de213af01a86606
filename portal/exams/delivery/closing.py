"""The end of an attempt: one way for candidate, limit, closing window and administrator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from portal.exams.delivery.journal import GRACE, Journal
from portal.exams.delivery.receipts import answers_of_many, receipt_of
from portal.exams.delivery.refusals import Paused, SignedOut, Superseded
from portal.exams.delivery.tokens import AttemptToken
from portal.exams.models import Attempt, AttemptState, Exam, ExamKind, HandInCause, Timing
from portal.exams.sittings.models import Sitting
from portal.ground import audit, jobs
from portal.ground.group_commit import not_written
from portal.people.models import SignIn

_ATTEMPT, _EXAM, _SITTING, _SIGN_IN = (m.__table__ for m in (Attempt, Exam, Sitting, SignIn))
_LOW_STAKES = and_(_EXAM.c.release_at_once, _EXAM.c.kind != ExamKind.QUALIFICATION)  # as Exam.shows_at_once
_CASE = (
    select(
        *(
            _ATTEMPT.c[name]
            for name in (
                "id", "public_id", "person_id", "state", "epoch", "started_at", "deadline_at", "paused_at",
                "handed_in_at", "hand_in_cause", "receipt",
            )
        ),
        _EXAM.c.body_id, _EXAM.c.timing, _EXAM.c.minutes, _LOW_STAKES.label("low_stakes"),
        func.coalesce(_SITTING.c.closes_at, _EXAM.c.closes_at).label("closes_at"),
    )
    .join_from(_ATTEMPT, _EXAM, _EXAM.c.id == _ATTEMPT.c.exam_id)
    .outerjoin(_SITTING, _SITTING.c.id == _ATTEMPT.c.sitting_id)
)  # fmt: skip
_LOCK_ONE = _CASE.where(_ATTEMPT.c.id == bindparam("attempt")).with_for_update(of=_ATTEMPT)
_WHO = select(_SIGN_IN.c.account_id, _SIGN_IN.c.ended_at).where(_SIGN_IN.c.id == bindparam("sign_in"))
_END = (
    update(_ATTEMPT)
    .where(_ATTEMPT.c.id == bindparam("closed_id"), _ATTEMPT.c.state == AttemptState.IN_PROGRESS)
    .values(
        state=AttemptState.HANDED_IN,
        handed_in_at=bindparam("at"),
        hand_in_cause=bindparam("cause"),
        receipt=bindparam("given"),
        paused_at=None,
    )
)


@dataclass(frozen=True)
class Closed:
    """How an attempt ended; `fresh` when it did so just now, `low_stakes` when its mark may go out at once."""

    attempt_id: int
    public_id: str
    cause: str
    receipt: str
    at: datetime
    fresh: bool
    low_stakes: bool = False
    state: str = AttemptState.HANDED_IN


def _locked(session: Session, attempt_id: int) -> Row[Any]:
    return session.connection().execute(_LOCK_ONE, {"attempt": attempt_id}).one()


def hand_in(session: Session, attempt: Attempt, *, cause: HandInCause, now: datetime) -> Attempt:
    """Close an attempt and give it its receipt; the second call changes nothing.

    Whatever comes after the end is stamped with the end.
    """
    session.flush()
    row = _locked(session, attempt.id)
    if row.state == AttemptState.IN_PROGRESS:
        _close(session, [row], cause=cause, now=now)
    return session.get_one(Attempt, row.id, populate_existing=True)


def hand_in_from_page(journal: Journal, token: AttemptToken, *, address: str | None, now: datetime) -> Closed:
    """The candidate's hand-in as his page asks for it; on return it is on the disk.

    Raises JournalBusy, Superseded, SignedOut, Paused.
    """
    try:
        closed = journal.run(lambda session: hand_in_by_token(session, token, address=address, now=now))
    except DBAPIError as error:  # such as an audit trail that takes no line: then nothing was handed in
        raise not_written(error) from error
    if not closed.fresh:
        journal.confirm()
    return closed


def hand_in_by_token(session: Session, token: AttemptToken, *, address: str | None = None, now: datetime) -> Closed:
    """What the candidate's page asks for; repeated by the same page it answers the same.

    Raises Superseded, SignedOut, Paused.
    """
    row = _locked(session, token.attempt_id)
    if row.epoch != token.epoch:
        raise Superseded
    if row.state == AttemptState.HANDED_IN:
        return Closed(row.id, row.public_id, row.hand_in_cause, row.receipt, row.handed_in_at, fresh=False)
    signed_in = session.connection().execute(_WHO, {"sign_in": token.sign_in_id}).first()
    if signed_in is None or signed_in.ended_at is not None:
        raise SignedOut
    if row.paused_at is not None and now > row.paused_at + GRACE:
        raise Paused
    return _close(
        session, [row], cause=HandInCause.CANDIDATE, account_id=signed_in.account_id, address=address, now=now
    )[0]


def overdue(
    session: Session, *, now: datetime, after: tuple[int, datetime] | None = None, limit: int
) -> list[tuple[int, datetime]]:
    """Running attempts past deadline and grace, with the deadline, soonest first; not those whose clock stands.

    `after` is the last one of an earlier portion.
    """
    found = select(Attempt.id, Attempt.deadline_at).where(*_is_overdue(now))
    if after is not None:
        last_id, last = after
        found = found.where((Attempt.deadline_at > last) | ((Attempt.deadline_at == last) & (Attempt.id > last_id)))
    rows = session.execute(found.order_by(Attempt.deadline_at, Attempt.id).limit(limit))
    return [(attempt_id, deadline) for attempt_id, deadline in rows]


def _is_overdue(now: datetime) -> tuple[Any, ...]:
    return Attempt.state == AttemptState.IN_PROGRESS, Attempt.deadline_at < now - GRACE, Attempt.paused_at.is_(None)


def close_overdue(session: Session, attempt_ids: Sequence[int] | None = None, *, now: datetime, limit: int = 20) -> int:
    """Hand in what was left open past its deadline and grace, stamped with the limit. Safe to run twice.

    Of `attempt_ids` only those that are still overdue under the lock: meanwhile time may have been given.
    One that somebody else holds at this moment waits for the next round. Returns how many were closed.
    """
    wanted = _CASE.where(*_is_overdue(now)).order_by(Attempt.deadline_at).limit(limit)
    if attempt_ids is not None:
        wanted = wanted.where(Attempt.id.in_(attempt_ids))
    rows = session.execute(wanted.with_for_update(of=_ATTEMPT, skip_locked=True)).all()
    return len(_close(session, rows, cause=HandInCause.TIME_OVER, now=now))


def _close(
    session: Session, rows: Sequence[Row[Any]], *, cause: HandInCause, account_id: int | None = None,
    address: str | None = None, now: datetime,
) -> list[Closed]:  # fmt: skip
    """End the attempts of these locked rows: receipt, job for the marking, a line in the audit trail."""
    if not rows:
        return []
    answers = answers_of_many(session, [row.id for row in rows])
    closed = [
        Closed(
            row.id, row.public_id, _cause(row, cause, now), receipt_of(row.public_id, answers[row.id]),
            min(now, row.deadline_at), fresh=True, low_stakes=row.low_stakes,
        )
        for row in rows
    ]  # fmt: skip
    ends = [{"closed_id": end.attempt_id, "at": end.at, "cause": end.cause, "given": end.receipt} for end in closed]
    session.connection().execute(_END, ends)
    for row in rows:  # whoever holds the object in this session reads it anew
        if (held := session.identity_map.get(identity_key(Attempt, row.id))) is not None:
            session.expire(held)
    jobs.enqueue_many(session, "mark_attempt", [str(end.attempt_id) for end in closed], now=now)
    for row, end in zip(rows, closed, strict=True):
        audit.record(
            session, "attempt_handed_in", "attempt", row.id, now=now, account_id=account_id, address=address,
            person_id=row.person_id, body_id=row.body_id, cause=end.cause,
        )  # fmt: skip
    return closed


def _cause(row: Row[Any], cause: HandInCause, now: datetime) -> str:
    if cause == HandInCause.ADMINISTRATOR or now < row.deadline_at:
        return str(cause)
    cut_short = row.timing == Timing.WINDOW and row.started_at + timedelta(minutes=row.minutes) > row.closes_at
    return str(HandInCause.WINDOW_CLOSED if cut_short else HandInCause.TIME_OVER)
