"""Opening an attempt on a device, saving answers, what comes too late, leaving the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.exams.delivery.closing import close_overdue, hand_in, hand_in_from_page
from portal.exams.delivery.journal import GRACE, Change, Journal
from portal.exams.delivery.receipts import receipt_of
from portal.exams.delivery.refusals import (
    EvidenceFull,
    NotOnPaper,
    Paused,
    SequenceTaken,
    SignedOut,
    Superseded,
    TooLate,
)
from portal.exams.delivery.tokens import AttemptToken
from portal.exams.models import AnswerChange, Attempt, AttemptState, FocusLoss, LateAnswer, LateSource
from portal.ground.errors import Malformed
from portal.ground.group_commit import not_written
from portal.ground.rules import N_
from portal.people.models import SignIn
from question_bank.papers import canonical_answer

__all__ = [
    "EvidenceFull", "NotOnPaper", "Paused", "SequenceTaken", "SignedOut", "Superseded", "TooLate",
    "close_overdue", "hand_in", "hand_in_from_page", "receipt_of",
]  # fmt: skip

MAX_CHANGES = 200  # in one batch
MAX_LATE = 50  # late batches kept of one attempt
MAX_LATE_BYTES = 1024 * 1024  # and what they hold together
Shape = dict[int, tuple[str, str | int]]


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
        select(Attempt).where(Attempt.id == attempt.id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if locked.state == AttemptState.IN_PROGRESS:
        locked.epoch += 1
        session.flush()
    return locked.epoch


def save_answers(journal: Journal, token: AttemptToken, changes: Sequence[Change], *, now: datetime) -> bool:
    """Store a batch under its attempt token; on True every change is on the disk.

    False when something was not new: explain_refusal tells repeats from refusals. Raises JournalBusy.
    """
    return journal.append(token.attempt_id, token.epoch, token.sign_in_id, changes, now) == len(changes)


def save(journal: Journal, token: AttemptToken, changes: Sequence[Change], *, now: datetime) -> None:
    """Store a batch, new or repeated, in whatever order it comes; on return all of it is on the disk.

    Raises JournalBusy and the reasons of explain_refusal; what came after the end is kept as evidence first.
    """
    if save_answers(journal, token, changes, now=now):
        return
    try:
        with journal.reading() as session:
            explain_refusal(session, token, changes, now)
    except TooLate:
        journal.run(lambda session: keep_late(session, token, changes, now=now))
        raise
    journal.confirm()


def explain_refusal(session: Session, token: AttemptToken, changes: Sequence[Change], now: datetime) -> None:
    """Why not every change was new: all repeats is fine; else raises the reason."""
    known = {
        sequence: (item, answer)
        for sequence, item, answer in session.execute(
            select(AnswerChange.sequence, AnswerChange.item, AnswerChange.answer).where(
                AnswerChange.attempt_id == token.attempt_id,
                AnswerChange.epoch == token.epoch,
                AnswerChange.sequence.in_([c.sequence for c in changes]),
            )
        )
    }
    if all(known.get(change.sequence) == (change.item, change.answer) for change in changes):
        return
    attempt = session.execute(
        select(Attempt.state, Attempt.deadline_at, Attempt.paused_at, Attempt.epoch).where(
            Attempt.id == token.attempt_id
        )
    ).one()
    if attempt.state == AttemptState.HANDED_IN:
        raise TooLate(N_("This paper is handed in. The answers saved before count; this one is kept as evidence."))
    if attempt.paused_at is None and now > attempt.deadline_at + GRACE:
        raise TooLate(N_("The time is over. The answers saved in time count; this one is kept as evidence."))
    for change in changes:
        if known.get(change.sequence, (change.item, change.answer)) != (change.item, change.answer):
            raise SequenceTaken(N_("Change %(number)s was saved before with another answer."), number=change.sequence)
    ended = session.execute(select(SignIn.ended_at).where(SignIn.id == token.sign_in_id)).first()
    if ended is None or ended.ended_at is not None:
        raise SignedOut
    if attempt.epoch != token.epoch:
        raise Superseded
    if attempt.paused_at is not None:
        raise Paused
    raise not_written()  # the reason is gone by now, such as a pause that has ended: sent again, it is stored


def keep_late(session: Session, token: AttemptToken, changes: Sequence[Change], *, now: datetime) -> None:
    """Keep what came after the end; it is evidence, not an answer. Raises EvidenceFull."""
    rows = [[token.epoch, c.sequence, c.item, c.answer] for c in changes]
    store_evidence(session, token.attempt_id, rows, source=LateSource.SAVE, now=now)


def store_evidence(
    session: Session, attempt_id: int, rows: Sequence[Any], *, source: LateSource, now: datetime
) -> None:
    """Add rows to the evidence of an attempt; the same ones again are kept once. Raises EvidenceFull."""
    body = json.dumps(rows, ensure_ascii=False).encode()
    session.execute(select(Attempt.id).where(Attempt.id == attempt_id).with_for_update())  # two at once are counted
    of_attempt = LateAnswer.attempt_id == attempt_id
    if session.scalar(select(LateAnswer.id).where(of_attempt, LateAnswer.body == body).limit(1)):
        return
    kept, size = session.execute(
        select(func.count(), func.coalesce(func.sum(func.length(LateAnswer.body)), 0)).where(of_attempt)
    ).one()
    if kept >= MAX_LATE or size + len(body) > MAX_LATE_BYTES:
        raise EvidenceFull
    session.execute(
        LateAnswer.__table__.insert(),
        {"attempt_id": attempt_id, "source": source, "body": body, "received_at": now},
    )


def note_focus_loss(session: Session, attempt_id: int, *, seconds: int, now: datetime) -> None:
    """The candidate was away from the page for so long; at most a day is believed."""
    session.execute(
        FocusLoss.__table__.insert(),
        {"attempt_id": attempt_id, "seconds": min(max(seconds, 0), 86_400), "at": now},
    )
