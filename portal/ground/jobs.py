"""A queue in the database: a job is queued in the transaction of the act that needs it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.ground.models import Job

RETRY_AFTER = timedelta(seconds=20)


def enqueue(session: Session, kind: str, subject: str, *, now: datetime) -> None:
    """Queue a job; one that waits already stays as it is, one that was done waits again."""
    known = session.scalar(select(Job).where(Job.kind == kind, Job.subject == subject))
    if known is None:
        session.add(Job(kind=kind, subject=subject, run_after=now))
    elif known.done_at is not None:
        known.done_at, known.run_after, known.tries, known.error = None, now, 0, None
    session.flush()


def waiting_for(now: datetime, kinds: Sequence[str] = (), *, but: Sequence[str] = ()) -> Select[tuple[Job]]:
    """The jobs that are due, of these kinds or all but some, the one that waited longest first."""
    found = select(Job).where(Job.done_at.is_(None), Job.run_after <= now).order_by(Job.run_after, Job.id)
    if kinds:
        found = found.where(Job.kind.in_(kinds))
    return found.where(Job.kind.not_in(but)) if but else found


def due(session: Session, *, now: datetime, limit: int = 50, but: Sequence[str] = ()) -> Sequence[Job]:
    return session.scalars(waiting_for(now, but=but).limit(limit)).all()


def take(session: Session, job_id: int) -> Job | None:
    """The job, ours until the transaction ends; None when another worker has it or it is done."""
    wanted = select(Job).where(Job.id == job_id, Job.done_at.is_(None))
    return session.scalars(wanted.with_for_update(skip_locked=True)).first()


def waiting(session: Session, kind: str) -> int:
    """How many jobs of a kind wait, counted up to a thousand."""
    return len(session.scalars(select(Job.id).where(Job.kind == kind, Job.done_at.is_(None)).limit(1000)).all())


def done(job: Job, *, now: datetime) -> None:
    job.done_at = now


def failed(job: Job, error: str, *, now: datetime) -> None:
    """Note the error and try again later, each time a little later."""
    job.tries += 1
    job.error = error[:500]
    job.run_after = now + RETRY_AFTER * min(job.tries, 30)
