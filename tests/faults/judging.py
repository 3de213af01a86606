"""What came of the long run: the ledger and what candidates saw, held against the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.exams.delivery import receipts
from portal.exams.delivery.journal import GRACE
from portal.exams.delivery.operations import hand_in
from portal.exams.delivery.tasks import close_what_is_over
from portal.exams.marking.tasks import mark_waiting
from portal.exams.models import AnswerChange, Attempt, AttemptState, HandInCause, Result
from portal.ground.db import db
from tests.faults.crowd import Restless, Seen
from tests.faults.ledger import Ledger, Verdict

LEEWAY = timedelta(seconds=30)  # no fault lasts so long; a set clock is off by more or ends within five seconds


@dataclass
class Run:
    """All but the counts must be zero or empty."""

    faults: Counter
    acknowledged: int
    handed_in: int
    verdict: Verdict
    seen: Seen
    refused: Counter
    duplicate_results: int
    without_result: int
    receipts_differ: int
    gained: float  # seconds
    stamped_off: int  # saves whose moment is not the one at which they were sent
    integrity: str
    trouble: str = ""  # why the run ended before its end

    @property
    def must_be_zero(self) -> dict[str, float]:
        return {
            "lost": len(self.verdict.lost),
            "phantom": len(self.verdict.phantom),
            "regressed": len(self.verdict.regressed),
            "duplicate results": self.duplicate_results,
            "papers without a result": self.without_result,
            "time gained (s)": round(self.gained, 3),
            "receipts that differ": self.receipts_differ + self.seen.differing,
            "saved by a page that was taken over": self.seen.stale,
            "saved after the hand-in": self.seen.after_end,
            "moments that differ": self.stamped_off,
            "refused for good": self.refused.total(),
        }

    @property
    def clean(self) -> bool:
        return self.integrity == "ok" and not self.trouble and not any(self.must_be_zero.values())

    def lines(self) -> Iterator[str]:
        yield f"{self.faults.total():8} faults"
        for kind, number in sorted(self.faults.items()):
            yield f"{number:8} {kind.replace('_', ' ')}"
        yield f"{self.acknowledged:8} saves acknowledged"
        yield f"{self.handed_in:8} papers handed in and marked"
        for told, number in self.must_be_zero.items():
            yield f"{number:8} {told}"
        if self.refused:
            yield f"refused: {dict(self.refused)}"
        yield f"database: {self.integrity}"
        if self.trouble:
            yield f"NOT FINISHED: {self.trouble}"


def judge(
    url: str, crowd: Sequence[Restless], seen: Seen, ledger: Ledger, faults: Counter, span: tuple[float, float]
) -> Run:
    """Close and mark what is open, then look at everything."""
    db.open(url)
    try:
        with db.writing() as session:
            integrity = str(session.connection().exec_driver_sql("PRAGMA integrity_check").scalar())
            now = datetime.now(UTC)
            for one in crowd:
                hand_in(session, session.get_one(Attempt, one.attempt_id), cause=HandInCause.CANDIDATE, now=now)
            session.commit()
        later = now + timedelta(hours=1)  # the leases of killed workers are over, and so is every minute
        close_what_is_over(later)
        while mark_waiting(later):
            pass
        with db.reading() as session:
            return _look(session, crowd, seen, ledger, faults, span, integrity)
    finally:
        db.engine.dispose()


def _look(
    session: Session, crowd: Sequence[Restless], seen: Seen, ledger: Ledger, faults: Counter,
    span: tuple[float, float], integrity: str,
) -> Run:  # fmt: skip
    attempts = list(session.scalars(select(Attempt.id)))
    results = dict(session.execute(select(Result.attempt_id, func.count()).group_by(Result.attempt_id)).all())
    refused = seen.refused + Counter(told for one in crowd for told in one.refused)
    return Run(
        faults=faults, acknowledged=len(ledger.acknowledged), handed_in=len(results),
        verdict=ledger.judge(session, attempts), seen=seen, refused=refused,
        duplicate_results=sum(number > 1 for number in results.values()),
        without_result=len(set(attempts) - set(results)),
        receipts_differ=differing_receipts(session, seen.receipts),
        gained=max(seen.gained, time_gained(session, seen.deadlines)),
        stamped_off=stamped_off(session, span), integrity=integrity,
    )  # fmt: skip


def differing_receipts(session: Session, told: dict[int, str]) -> int:
    """Papers whose receipt does not follow from their answers, or is not the one the candidate has."""
    rows = session.execute(select(Attempt.id, Attempt.exam_id, Attempt.receipt)).all()
    wrong = sum(told.get(row.id, row.receipt) != row.receipt for row in rows)
    exams = {row.exam_id for row in rows}
    return wrong + sum(len(found) for exam_id in exams for _, found in receipts.recompute(session, exam_id))


def time_gained(session: Session, told: dict[int, float]) -> float:
    """The most seconds anybody had beyond what he was told: a later limit, a later end, an answer after the grace."""
    newest = select(AnswerChange.attempt_id, func.max(AnswerChange.saved_at)).group_by(AnswerChange.attempt_id)
    last = dict(session.execute(newest).all())
    most = 0.0
    for attempt in session.scalars(select(Attempt).where(Attempt.state == AttemptState.HANDED_IN)):
        limit = datetime.fromtimestamp(told.get(attempt.id, attempt.deadline_at.timestamp()), UTC)
        over = [attempt.deadline_at - limit, attempt.handed_in_at - limit]
        if attempt.id in last:
            over.append(last[attempt.id] - limit - GRACE)
        most = max(most, *(one.total_seconds() for one in over))
    return most if most > 0.001 else 0.0


def stamped_off(session: Session, span: tuple[float, float]) -> int:
    """Saves whose moment lies outside the run, or long before the one saved before it."""
    began, ended = (datetime.fromtimestamp(moment, UTC) for moment in span)
    newest: dict[int, datetime] = defaultdict(lambda: began)
    off = 0
    key = (AnswerChange.attempt_id, AnswerChange.epoch, AnswerChange.sequence)
    rows = select(AnswerChange.attempt_id, AnswerChange.saved_at).order_by(*key).execution_options(yield_per=10_000)
    for attempt_id, at in session.execute(rows):
        off += not newest[attempt_id] - LEEWAY <= at <= ended + LEEWAY
        newest[attempt_id] = max(newest[attempt_id], at)
    return off
