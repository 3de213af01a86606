"""From the door to the first second: checking in, waiting, beginning; a page that opens either."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.exams import queries
from portal.exams.delivery import queries as delivery
from portal.exams.delivery import standing
from portal.exams.delivery.journal import Journal
from portal.exams.delivery.operations import open_on_device
from portal.exams.delivery.refusals import SignedOut, Superseded, TooLate
from portal.exams.delivery.sealing import seal_form
from portal.exams.delivery.tokens import WaitingToken
from portal.exams.hours import Hours
from portal.exams.models import Attempt, AttemptState, CheckIn, Delivery, Entry, Exam, ExamForm
from portal.exams.rules import RULES
from portal.ground import audit
from portal.ground.clock import local
from portal.ground.errors import Refused
from portal.ground.group_commit import not_written
from portal.ground.rules import N_, Finding, judge

Draw = Callable[[int, int], list[int]]  # form and seed → the versions of one candidate's paper
_ATTEMPT = Attempt.__table__
INSERTS = {
    dialect.__name__.rpartition(".")[2]: dialect.insert(_ATTEMPT)
    .values(paused_at=standing.PAUSED_AT)
    .on_conflict_do_nothing()
    .returning(_ATTEMPT.c.id, _ATTEMPT.c.paused_at)
    for dialect in (sqlite, postgresql)
}


class MayNotSit(Refused):
    """A rule bars this person from this exam now."""

    code = "may_not_sit"

    def __init__(self, findings: list[Finding]) -> None:
        failed = next(f for f in findings if not f.met)
        super().__init__(failed.because, **failed.values)
        self.findings = findings


class NotDeclared(Refused):
    """The candidate has not confirmed who he is."""

    status = 422
    code = "not_declared"


class NotOpen(Refused):
    """The hour has not come."""

    code = "not_open"

    def __init__(self, hours: Hours) -> None:
        super().__init__(N_("The exam has not opened yet."))
        self.hours = hours


class WindowClosed(Refused):
    """Nobody begins any more."""

    code = "window_closed"


class Barred(Refused):
    """What allowed the check-in no longer holds: the entry was withdrawn, or a bar came."""

    code = "may_not_sit"


@dataclass(frozen=True)
class Begun:
    """An attempt as its page is told of it."""

    attempt_id: int
    form_id: int
    epoch: int
    deadline_at: datetime
    drawn: list[int] | None
    paused: bool  # the clock stands: his room or the whole exam is paused
    fresh: bool = True  # begun by this very call


def check_in(session: Session, exam: Exam, entry: Entry, *, declared: bool = True, now: datetime) -> CheckIn | Attempt:
    """Settle form, order and address of the next attempt; again it returns the same, or the attempt that runs.

    `declared`: the candidate has said that he is the person named and sits himself.
    Raises MayNotSit, NotDeclared, and what sealing an older form may raise.
    """
    session.execute(select(Entry.id).where(Entry.id == entry.id).with_for_update())  # two at once make one
    attempts = queries.attempts_of(session, entry.person_id, [exam.id])
    if running := next((a for a in attempts if a.state == AttemptState.IN_PROGRESS), None):
        return running
    known = delivery.check_in_numbered(session, entry, len(attempts) + 1)
    if known is None and not declared:
        raise NotDeclared(N_("Confirm first that you are the person named and sit this exam yourself."))
    findings = judge(queries.sit_case(session, exam, entry, len(attempts), now=now), RULES)
    if not all(f.met for f in findings):
        raise MayNotSit(findings)
    return known or _settle(session, exam, entry, len(attempts) + 1, now)


def _settle(session: Session, exam: Exam, entry: Entry, number: int, now: datetime) -> CheckIn:
    forms = session.scalars(select(ExamForm.id).where(ExamForm.exam_id == exam.id).order_by(ExamForm.number)).all()
    form = session.get_one(ExamForm, forms[(entry.id + number) % len(forms)])
    if exam.delivery == Delivery.SEALED:
        seal_form(session, form, now)
    made = CheckIn(
        public_id=secrets.token_urlsafe(16), exam_id=exam.id, person_id=entry.person_id, entry_id=entry.id,
        form_id=form.id, number=number, seed=secrets.randbits(48), at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(session, "checked_in", "check_in", made.id, now=now, person_id=entry.person_id, body_id=exam.body_id)
    return made


def open_page(session: Session, person_id: int, public_id: str) -> CheckIn | Attempt:
    """Take it over for one page: the epoch of the check-in rises, or once it has begun that of the attempt.

    Raises NoResultFound for anybody else's.
    """
    if attempt := delivery.own_attempt_or_none(session, person_id, public_id):
        open_on_device(session, attempt)
        return attempt
    waiting = delivery.own_check_in(session, person_id, public_id, hold=True)
    if attempt := delivery.own_attempt_or_none(session, person_id, public_id):  # it began while we waited for the row
        open_on_device(session, attempt)
        return attempt
    waiting.epoch += 1
    session.flush()
    return waiting


def start_from_page(journal: Journal, token: WaitingToken, *, draw: Draw, address: str | None, now: datetime) -> Begun:
    """The start as the page that waits asks for it; on return it is on the disk.

    Raises JournalBusy and what `start` raises.
    """

    def begin(session: Session) -> Begun:
        return start(
            session, token.check_in_id, epoch=token.epoch, sign_in_id=token.sign_in_id, draw=draw, address=address,
            now=now,
        )  # fmt: skip

    try:
        begun = journal.run(begin)
    except DBAPIError as error:
        raise not_written(error) from error
    if not begun.fresh:
        journal.confirm()
    return begun


def start(
    session: Session, check_in_id: int, *, epoch: int, sign_in_id: int | None, draw: Draw, address: str | None = None,
    now: datetime,
) -> Begun:  # fmt: skip
    """Begin the attempt of a check-in for the page that waits under `epoch`; again it answers the same.

    Where his room or the whole exam is paused it begins with its clock standing, and goes on with the others'.
    `sign_in_id` is the sign-in the page was opened with, None where none stands behind it.
    Raises SignedOut, Superseded, Barred, NotOpen, WindowClosed, TooLate.
    """
    found = delivery.begin_case(session, check_in_id, sign_in_id, local(now).date())
    if sign_in_id is not None and (found.account_id is None or found.ended_at is not None):
        raise SignedOut
    if found.attempt_id is not None:
        return _again(found, epoch)
    if found.epoch != epoch:
        raise Superseded
    hours = _hours(found)
    _judge(found, hours, now)
    made = _insert(session, found, hours, draw, now)
    if made is None:  # another call of this page was quicker
        return _again(delivery.begin_case(session, check_in_id, sign_in_id, local(now).date()), epoch)
    audit.record_plain(
        session, "attempt_started", "attempt", made.attempt_id, now=now, account_id=found.account_id, address=address,
        person_id=found.person_id, body_id=found.body_id,
    )  # fmt: skip
    return made


def _again(found: Any, epoch: int) -> Begun:
    if found.attempt_epoch != epoch:
        raise Superseded
    if found.attempt_state == AttemptState.HANDED_IN:
        raise TooLate(N_("This paper is handed in. The answers saved before count; this one is kept as evidence."))
    paused = found.attempt_paused_at is not None
    return Begun(found.attempt_id, found.form_id, epoch, found.deadline_at, found.drawn, paused, fresh=False)


def _hours(found: Any) -> Hours:
    return Hours(
        found.opens_at, found.closes_at, found.timing, found.minutes, found.extra_minutes, found.late_minutes,
        found.check_in_minutes, found.entries,
    )  # fmt: skip


def _judge(found: Any, hours: Hours, now: datetime) -> None:
    """What may have changed since the check-in. Raises Barred, NotOpen, WindowClosed."""
    if found.withdrawn_at is not None:
        raise Barred(N_("Your entry for this exam was withdrawn."))
    if found.barred:
        raise Barred(N_("You are barred from exams."))
    if now < hours.opens_at:
        raise NotOpen(hours)
    if hours.over(now):
        raise WindowClosed(N_("The exam is closed to those who have not begun."))


def _insert(session: Session, found: Any, hours: Hours, draw: Draw, now: datetime) -> Begun | None:
    """One row, or None when it is there already."""
    drawn = draw(found.form_id, found.seed) if found.delivery == Delivery.DRAWN else None
    values = {
        "public_id": found.public_id, "exam_id": found.exam_id, "person_id": found.person_id,
        "form_id": found.form_id, "number": found.number, "seed": found.seed, "sitting_id": found.sitting_id,
        "room_id": found.room_id, "epoch": found.epoch, "state": AttemptState.IN_PROGRESS, "started_at": now,
        "deadline_at": hours.deadline(now), **({} if drawn is None else {"drawn": drawn}),
    }  # fmt: skip
    standing.let_begin(session, found.exam_id)
    values |= standing.at_the_start(found.exam_id, found.sitting_id, found.room_id, now)
    made = session.connection().execute(INSERTS[session.get_bind().dialect.name], values).first()
    if made is None:
        return None
    return Begun(made.id, found.form_id, found.epoch, values["deadline_at"], drawn, made.paused_at is not None)
