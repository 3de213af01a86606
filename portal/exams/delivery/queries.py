"""Who is at work on a paper right now."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.exams.models import Attempt, AttemptState


def is_sitting(session: Session, person_id: int) -> bool:
    """Whether an attempt of this person is running."""
    running = exists().where(Attempt.person_id == person_id, Attempt.state == AttemptState.IN_PROGRESS)
    return bool(session.scalar(select(running)))
