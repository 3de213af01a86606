"""What a person may see of his own results, from one look at them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.exams.models import Attempt, Exam, Result, ResultEventKind
from portal.exams.queries import events_of, is_out, results_of

RANK = ("waiting", "fail", "pass")


@dataclass(frozen=True)
class OwnResults:
    """The newest result of every attempt with the kinds of its events, newest attempt first."""

    rows: list[tuple[Exam, Attempt, Result]]
    kinds: Mapping[int, Collection[str]]

    def shown(self) -> dict[int, Result | None]:
        """Attempt id -> its newest result, or None while that is not released."""
        return {attempt.id: result if self._out(result) else None for _, attempt, result in self.rows}

    def best(self) -> dict[int, str]:
        """Exam id -> pass, fail or waiting: the best of what is released."""
        words: dict[int, str] = {}
        for exam, _, result in self.rows:
            word = "waiting" if not self._out(result) else "pass" if result.passed else "fail"
            words[exam.id] = max(words.get(exam.id, word), word, key=RANK.index)
        return words

    def states(self) -> dict[int, str]:
        """Attempt id -> provisional, reviewed or released, of every attempt that is marked and not voided."""
        words = {attempt.id: standing(self.kinds.get(result.id, ())) for _, attempt, result in self.rows}
        return {attempt_id: word for attempt_id, word in words.items() if word is not None}

    def _out(self, result: Result) -> bool:
        return is_out(self.kinds.get(result.id, ()))


def own_results(session: Session, person_id: int) -> OwnResults:
    rows = results_of(session, person_id)
    return OwnResults(rows, events_of(session, [result.id for _, _, result in rows]) if rows else {})


def standing(kinds: Collection[str]) -> str | None:
    """How far a marked result has come; None when it was voided."""
    if ResultEventKind.VOIDED in kinds:
        return None
    known = (ResultEventKind.RELEASED, ResultEventKind.REVIEWED)
    return next((str(kind) for kind in known if kind in kinds), "provisional")
