"""Opening an attempt on a device, saving answers, handing in, closing what was left open."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exams import queries
from portal.exams.delivery.journal import GRACE, Change, PostgresJournal, SqliteJournal
from portal.exams.delivery.tokens import AttemptToken
from portal.exams.models import (
    AnswerChange,
    Attempt,
    AttemptState,
    FocusLoss,
    HandInCause,
    LateAnswer,
)
from portal.ground import audit, jobs
from portal.ground.crypto import digest
from portal.ground.errors import Malformed, Refused
from portal.ground.rules import N_
from portal.people.models import SignIn
from question_bank.papers import canonical_answer

MAX_CHANGES = 200  # in one batch
Shape = dict[int, tuple[str, str | int]]


class TooLate(Refused):
    """The time is up, or the paper was handed in; the change is kept as late evidence."""

    code = "too_late"


class Superseded(Refused):
    """Another page or device has taken this attempt over."""

    code = "superseded"


class SignedOut(Refused):
    """The sign-in that opened the page was ended: signed out, disabled, or a new password elsewhere."""

    status = 401
    code = "signed_out"


class NotOnPaper(Refused):
    """The item or option does not stand on this paper."""

    status = 422
    code = "not_on_paper"


class SequenceTaken(Refused):
    """This number was used for another answer already."""

    code = "sequence_taken"


def read_changes(body: Any, shape: Shape) -> list[Change]:
    """The batch a page sent, checked against the frozen form. Raises Malformed, NotOnPaper."""
    rows = body.get("changes") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not 0 < len(rows) <= MAX_CHANGES:
        raise Malformed(N_("A save holds 1 to 200 changes."))
    changes, numbers = [], set()
    for row in rows:
        if not isinstance(row, list) or len(row) != 3 or type(row[0]) is not int or type(row[1]) is not int:
            raise Malformed(N_("A change is a list of sequence, item and answer."))
        sequence, item, given = row
        if not 0 < sequence < 2**31 or sequence in numbers:
            raise Malformed(N_("Sequence numbers are positive and differ within a save."))
        if item not in shape:
            raise NotOnPaper(N_("Item %(item)s is not on this paper."), item=item)
        answer = canonical_answer(shape[item], given)
        if answer is None:
            raise NotOnPaper(N_("This answer does not fit item %(item)s; nothing of this save was stored."), item=item)
        numbers.add(sequence)
        changes.append(Change(sequence, item, answer))
    return changes


def open_on_device(session: Session, attempt: Attempt) -> int:
    """Take the attempt over for one page: its epoch rises, every other page turns read-only."""
    locked = session.scalars(
        select(Attempt)
        .where(Attempt.id == attempt.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if locked.state == AttemptState.IN_PROGRESS:
        locked.epoch += 1
        session.flush()
    return locked.epoch


def explain_refusal(session: Session, token: AttemptToken, changes: Sequence[Change], now: datetime) -> None:
    """Why not every change was new: all repeats is fine; else raises the reason."""
    attempt = session.get_one(Attempt, token.attempt_id)
    known = {
        row.sequence: (row.item, row.answer)
        for row in session.scalars(
            select(AnswerChange).where(
                AnswerChange.attempt_id == token.attempt_id,
                AnswerChange.epoch == token.epoch,
                AnswerChange.sequence.in_([c.sequence for c in changes]),
            )
        )
    }
    if all(known.get(change.sequence) == (change.item, change.answer) for change in changes):
        return
    if attempt.state == AttemptState.HANDED_IN:
        raise TooLate(N_("This paper is handed in. The answers saved before count; this one is kept as evidence."))
    if now > attempt.deadline_at + GRACE:
        raise TooLate(N_("The time is over. The answers saved in time count; this one is kept as evidence."))
    for change in changes:
        if change.sequence in known and known[change.sequence] != (change.item, change.answer):
            raise SequenceTaken(N_("Change %(number)s was saved before with another answer."), number=change.sequence)
    sign_in = session.get(SignIn, token.sign_in_id)
    if sign_in is None or sign_in.ended_at is not None:
        raise SignedOut(N_("This page was signed out. Sign in and open the exam again; unsent answers are kept here."))
    raise Superseded(N_("This exam goes on in another page or on another device. This page can only be read."))


def save_answers(
    journal: SqliteJournal | PostgresJournal,
    token: AttemptToken,
    changes: Sequence[Change],
    *,
    now: datetime,
) -> bool:
    """Store a batch under its attempt token; on True every change is on the disk.

    False when something was not new: explain_refusal tells repeats from refusals.
    """
    return journal.append(token.attempt_id, token.epoch, token.sign_in_id, changes, now) == len(changes)


def keep_late(session: Session, token: AttemptToken, changes: Sequence[Change], *, now: datetime) -> None:
    """Keep what came after the end; it is evidence, not an answer."""
    body = json.dumps([[token.epoch, c.sequence, c.item, c.answer] for c in changes], ensure_ascii=False)
    session.add(LateAnswer(attempt_id=token.attempt_id, body=body.encode(), received_at=now))
    session.flush()


def hand_in(session: Session, attempt: Attempt, *, cause: HandInCause, now: datetime) -> Attempt:
    """Close an attempt and give it its receipt; the second call changes nothing.

    A hand-in after the end is stamped with the end, as is one that the sweep makes.
    """
    locked = session.scalars(
        select(Attempt).where(Attempt.id == attempt.id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if locked.state == AttemptState.HANDED_IN:
        return locked
    over = now >= locked.deadline_at
    answers = queries.answers_of(session, locked.id)
    locked.handed_in_at = min(now, locked.deadline_at)
    locked.hand_in_cause = HandInCause.TIME_OVER if over else cause
    locked.receipt = receipt_of(locked.public_id, answers)
    locked.state = AttemptState.HANDED_IN
    session.flush()
    jobs.enqueue(session, "mark_attempt", str(locked.id), now=now)
    audit.record(
        session, "attempt_handed_in", "attempt", locked.id, now=now, person_id=locked.person_id,
        body_id=locked.exam.body_id, cause=str(locked.hand_in_cause),
    )  # fmt: skip
    return locked


def receipt_of(public_id: str, answers: dict[int, str]) -> str:
    """SHA-256 over the attempt and its canonical answers; unanswered items do not enter."""
    given = {str(item): answer for item, answer in answers.items() if answer}
    return digest({"attempt": public_id, "answers": given})


def close_overdue(session: Session, *, now: datetime, limit: int = 100) -> int:
    """Hand in what was left open past its deadline and grace. Returns how many; safe to run twice."""
    ids = queries.overdue_attempts(session, now - GRACE, limit)
    for attempt_id in ids:
        hand_in(session, session.get_one(Attempt, attempt_id), cause=HandInCause.TIME_OVER, now=now)
    return len(ids)


def note_focus_loss(session: Session, attempt: Attempt, *, seconds: int, now: datetime) -> None:
    session.add(FocusLoss(attempt_id=attempt.id, seconds=min(max(seconds, 0), 86_400), at=now))
    session.flush()
