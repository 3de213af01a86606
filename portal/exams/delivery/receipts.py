"""The receipt: a hash over an attempt's canonical answers, and whether it still follows from what is stored."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.exams.models import AnswerChange, Attempt, AttemptState
from portal.ground.crypto import canonical

PORTION = 500  # attempts recomputed together
_CHANGE = AnswerChange.__table__.c
_CHANGES = (
    select(_CHANGE.attempt_id, _CHANGE.item, _CHANGE.answer)
    .where(_CHANGE.attempt_id.in_(bindparam("attempts", expanding=True)))
    .order_by(_CHANGE.attempt_id, _CHANGE.epoch, _CHANGE.sequence)
)


def document(public_id: str, answers: Mapping[int, str]) -> dict[str, Any]:
    """What the receipt is made of: the attempt and every answer that is not empty."""
    return {"attempt": public_id, "answers": {str(item): answer for item, answer in answers.items() if answer}}


def canonical_file(public_id: str, answers: Mapping[int, str]) -> bytes:
    """The document as a file: its SHA-256 is the receipt."""
    return canonical(document(public_id, answers))


def receipt_of(public_id: str, answers: Mapping[int, str]) -> str:
    """SHA-256 over the attempt and its canonical answers; unanswered items do not enter."""
    return hashlib.sha256(canonical_file(public_id, answers)).hexdigest()


def answers_of_many(session: Session, attempt_ids: Sequence[int]) -> dict[int, dict[int, str]]:
    """Attempt id → item → answer: of each item the change with the highest (epoch, sequence)."""
    found: dict[int, dict[int, str]] = {attempt_id: {} for attempt_id in attempt_ids}
    for attempt_id, item, answer in session.connection().execute(_CHANGES, {"attempts": attempt_ids}):
        found[attempt_id][item] = answer
    return found


def verify_receipt(session: Session, attempt: Attempt) -> bool:
    """Whether the receipt given at hand-in still follows from the stored answers."""
    answers = answers_of_many(session, [attempt.id])[attempt.id]
    return hmac.compare_digest(receipt_of(attempt.public_id, answers), attempt.receipt or "")


@dataclass(frozen=True)
class Differing:
    """A handed-in attempt whose receipt does not follow from what is stored."""

    attempt_id: int
    public_id: str
    given: str | None
    computed: str


def recompute(session: Session, exam_id: int) -> Iterator[tuple[int, list[Differing]]]:
    """A whole exam in portions: how many were recomputed, and which of them differ."""
    last = 0
    while True:
        rows = session.execute(
            select(Attempt.id, Attempt.public_id, Attempt.receipt)
            .where(Attempt.exam_id == exam_id, Attempt.state == AttemptState.HANDED_IN, Attempt.id > last)
            .order_by(Attempt.id)
            .limit(PORTION)
        ).all()
        if not rows:
            return
        answers = answers_of_many(session, [row.id for row in rows])
        computed = {row.id: receipt_of(row.public_id, answers[row.id]) for row in rows}
        yield len(rows), [
            Differing(row.id, row.public_id, row.receipt, computed[row.id])
            for row in rows
            if row.receipt != computed[row.id]
        ]
        last = rows[-1].id
