"""Whether every mark of an exam still follows from the stored answers and the key it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exams.marking import portions
from portal.exams.marking.portions import Keyring, Last, Marked
from portal.exams.models import Attempt, AttemptState, Result

PORTION = 200  # papers recomputed together


@dataclass(frozen=True)
class Differing:
    """A handed-in paper whose stored result is not what its answers come to; None: there is no result."""

    attempt_id: int
    public_id: str
    why: str  # unmarked, old_key, mark
    stored: int | None  # hundredths of a percent
    computed: int


def recompute(session: Session, exam_id: int) -> Iterator[tuple[int, list[Differing]]]:
    """A whole exam in portions, by its newest keys: how many papers were recomputed, and which of them differ.

    A voided result is recomputed by the key it names: no later key touches it.
    """
    ring, last_id = Keyring(), 0
    while True:
        rows = session.execute(
            select(Attempt.id, Attempt.public_id)
            .where(Attempt.exam_id == exam_id, Attempt.state == AttemptState.HANDED_IN, Attempt.id > last_id)
            .order_by(Attempt.id)
            .limit(PORTION)
        ).all()
        if not rows:
            return
        names = dict(rows)  # type: ignore[arg-type]
        lasts = portions.last_results(session, names)
        stored = _stored(session, lasts)
        judged = portions.judge(session, ring, list(names))
        voided = {i: last.key_id for i, last in lasts.items() if last.voided}
        differing = [
            Differing(paper.attempt_id, names[paper.attempt_id], why, last.mark if last else None, paper.mark)
            for paper in [_by_own_key(session, ring, p, voided) for p in judged]
            if (why := _differs(paper, last := lasts.get(paper.attempt_id), stored))
        ]
        yield len(rows), differing
        last_id = rows[-1].id


def _by_own_key(session: Session, ring: Keyring, paper: Marked, voided: dict[int, int]) -> Marked:
    if voided.get(paper.attempt_id, paper.key_id) == paper.key_id:
        return paper
    return portions.judge(session, ring, [paper.attempt_id], {paper.form_id: voided[paper.attempt_id]})[0]


def _stored(session: Session, lasts: dict[int, Last]) -> dict[int, tuple[Any, ...]]:
    """Result id → points, full points, mark, passed, items."""
    ids = [last.id for last in lasts.values()]
    columns = Result.id, Result.points, Result.full_points, Result.mark, Result.passed, Result.items
    rows = session.execute(select(*columns).where(Result.id.in_(ids)))
    return {result_id: tuple(rest) for result_id, *rest in rows}


def _differs(paper: Marked, last: Last | None, stored: dict[int, tuple[Any, ...]]) -> str:
    if last is None:
        return "unmarked"
    if last.key_id != paper.key_id:
        return "old_key"
    now = (paper.points, paper.full_points, paper.mark, paper.passed, paper.items)
    return "" if stored[last.id] == now else "mark"
