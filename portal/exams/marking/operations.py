"""Marking: a function of the saved answers and one key version, repeatable at any time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.exams import queries
from portal.exams.marking import portions
from portal.exams.marking.portions import Keyring
from portal.exams.models import Attempt, AttemptState, Result
from portal.ground.errors import Refused
from portal.ground.rules import N_

JOB = "mark_attempt"


class StillRunning(Refused):
    """Only a handed-in paper is marked."""

    code = "still_running"


def mark_attempt(session: Session, attempt: Attempt, *, now: datetime) -> Result:
    """Mark with the form's newest key; an attempt marked with it already keeps its result."""
    if attempt.state != AttemptState.HANDED_IN:
        raise StillRunning(N_("This attempt is still running."))
    session.flush()
    store_new(session, portions.judge(session, Keyring(), [attempt.id]), now=now)
    result = queries.newest_result(session, attempt.id)
    assert result is not None
    return result


def store_new(session: Session, papers: list[portions.Marked], *, now: datetime) -> list[portions.Marked]:
    """Store what was judged, unless its key is no longer the newest; low-stakes results go out at once.

    Returns those that need no further marking.
    """
    valid = portions.still_newest(session, papers)
    lasts = portions.last_results(session, [paper.attempt_id for paper in valid])
    stored = portions.store(session, valid, lasts, now=now)
    portions.let_out(session, [paper for paper in stored if paper.at_once], now=now)
    return valid
