"""Making, publishing and entering exams; starting attempts; releasing results."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.exams import queries
from portal.exams.delivery import starting
from portal.exams.making import results
from portal.exams.making.publishing import NotReady, publish_at_once
from portal.exams.marking import counting
from portal.exams.models import (
    Attempt,
    AttemptState,
    Entry,
    Exam,
    IdentityConfirmation,
    Result,
    ResultEvent,
    ResultEventKind,
)
from portal.exams.papers import draw_versions
from portal.ground import audit
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.models import Account
from portal.people.queries import lock_person


def publish(
    session: Session, exam: Exam, *, forms: int, bank_codes: Iterable[str], account_id: int | None = None, now: datetime
) -> None:
    """Assemble and freeze the exam's forms and their keys at once; from here on nothing of it changes.

    Raises NotReady when a cell of the blueprint cannot be filled from approved questions that are
    valid from the exam's first day to its last.
    """
    exam.forms_wanted, exam.bank_codes = forms, list(bank_codes)
    publish_at_once(session, exam, account_id=account_id, now=now)


def enter(session: Session, exam: Exam, person_ids: Iterable[int], *, extra_minutes: int = 0) -> int:
    """Put people on the list; those on it already stay as they are. Returns how many were added."""
    listed = set(session.scalars(select(Entry.person_id).where(Entry.exam_id == exam.id)))
    last = session.scalar(select(func.count()).select_from(Entry).where(Entry.exam_id == exam.id)) or 0
    added = 0
    for person_id in person_ids:
        if person_id not in listed:
            listed.add(person_id)
            added += 1
            number = f"{exam.opens_at:%y%m}-{exam.id:02d}{last + added:05d}"
            session.add(
                Entry(exam_id=exam.id, person_id=person_id, admission_number=number, extra_minutes=extra_minutes)
            )
    session.flush()
    return added


def start(session: Session, exam: Exam, entry: Entry, *, declared: bool = True, now: datetime) -> Attempt:
    """Check in and begin in one, or return the attempt that runs: for whoever has no page that waits.

    Raises MayNotSit, NotDeclared and what starting raises.
    """
    found = starting.check_in(session, exam, entry, declared=declared, now=now)
    if isinstance(found, Attempt):
        return found
    begun = starting.start(
        session, found.id, epoch=found.epoch, sign_in_id=None, draw=partial(draw_versions, session), now=now
    )
    return session.get_one(Attempt, begun.attempt_id)


class StillOpen(Refused):
    """Others still sit the papers whose keys would go out."""

    code = "still_open"


def release_exam(
    session: Session, exam: Exam, *, early: bool, reason: str, account: Account, now: datetime
) -> int:
    """Publish the marked results of an exam that are not out yet; of a qualification exam those reviewed by another.

    Returns how many. Raises SamePerson, and StillOpen before the window closes, unless `early` is said on
    purpose and with a reason.
    """
    if now < exam.closes_at and not (early and reason.strip()):
        raise StillOpen(N_("The exam is still open. Say that you release early, and why: the keys go out with it."))
    ready = results.to_publish(session, exam)
    if not ready:
        raise results.NotYet(N_("There is nothing to publish; results of a qualification exam are reviewed first."))
    results.publish_step(session, exam, account=account, now=now)
    count = release(session, ready, now=now, account_id=account.id)
    audit.record(
        session, "results_released", "exam", exam.id, now=now, account_id=account.id, body_id=exam.body_id,
        reason=reason.strip()[:500] or None, count=count, early=now < exam.closes_at,
    )  # fmt: skip
    return count


def release(session: Session, results: Iterable[Result], *, now: datetime, account_id: int | None = None) -> int:
    """Make results final and visible. Returns how many were newly released."""
    count = 0
    for result in results:
        if not session.scalar(
            select(ResultEvent.id).where(
                ResultEvent.result_id == result.id, ResultEvent.kind == ResultEventKind.RELEASED
            )
        ):
            session.add(ResultEvent(result_id=result.id, kind=ResultEventKind.RELEASED, at=now, account_id=account_id))
            audit.to_ledger(
                session,
                "result",
                result.id,
                {"attempt": result.attempt_id, "key": result.key_id, "mark": result.mark},
                now=now,
            )
            count += 1
    session.flush()
    return count


def void(session: Session, result: Result, *, reason: str, now: datetime, account_id: int | None) -> None:
    """Take a result out of force, in its newest version; what rested on it is re-checked from this moment."""
    lock_person(session, result.attempt.person_id)
    result = queries.newest_result(session, result.attempt_id) or result
    session.add(
        ResultEvent(result_id=result.id, kind=ResultEventKind.VOIDED, at=now, account_id=account_id, reason=reason)
    )
    audit.record(
        session, "result_voided", "result", result.id, now=now, account_id=account_id,
        person_id=result.attempt.person_id, body_id=result.attempt.exam.body_id, reason=reason,
    )  # fmt: skip
    audit.fact_changed(session, result.attempt.person_id, "result", result.id, now=now)
    counting.plan(session, result.attempt.exam)


def confirm_identity(session: Session, attempt: Attempt, *, reference: str, account_id: int, now: datetime) -> None:
    """Record who confirmed that the candidate is the person. Raises NotReady without a reference."""
    if not reference.strip():
        raise NotReady(N_("Name the seat list, reader log or check that the confirmation rests on."))
    if attempt.state != AttemptState.HANDED_IN:
        raise NotReady(N_("The identity is confirmed when the paper is handed in."))
    if queries.account_of(session, attempt.person_id) == account_id:
        raise NotReady(N_("Nobody confirms his own identity."))
    if queries.identity_confirmed(session, attempt.id):
        return
    session.add(
        IdentityConfirmation(attempt_id=attempt.id, at=now, account_id=account_id, reference=reference.strip()[:120])
    )
    audit.record(
        session, "identity_confirmed", "attempt", attempt.id, now=now, account_id=account_id,
        person_id=attempt.person_id, body_id=attempt.exam.body_id,
    )  # fmt: skip
    session.flush()
