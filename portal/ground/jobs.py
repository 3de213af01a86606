"""A queue in the database: a job is queued in the transaction of the act that needs it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.ground.models import Job

RETRY_AFTER = timedelta(seconds=20)
LEASE = timedelta(seconds=60)  # a portion whose worker died waits no longer


def enqueue(session: Session, kind: str, subject: str, *, now: datetime) -> None:
    """Queue a job; one that waits already stays as it is, one that was done waits again."""
    known = session.scalar(select(Job).where(Job.kind == kind, Job.subject == subject))
    if known is None:
        session.add(Job(kind=kind, subject=subject, run_after=now))
    elif known.done_at is not None:
        known.done_at, known.run_after, known.tries, known.error = None, now, 0, None
    session.flush()


def enqueue_many(session: Session, kind: str, subjects: Sequence[str], *, now: datetime) -> None:
    """The same for many subjects of one kind, in one statement."""
    queued = _QUEUED[session.get_bind().dialect.name]
    rows = [{"kind": kind, "subject": subject, "run_after": now, "tries": 0} for subject in subjects]
    session.connection().execute(queued, rows)


_QUEUED = {
    dialect.__name__.rpartition(".")[2]: dialect.insert(Job.__table__).on_conflict_do_update(
        index_elements=["kind", "subject"],
        set_={"done_at": None, "run_after": text("excluded.run_after"), "tries": 0, "error": None},
        where=Job.__table__.c.done_at.is_not(None),
    )
    for dialect in (postgresql, sqlite)
}


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


def take_for(session: Session, kind: str, subject: str) -> Job | None:
    """The same by what the job is about."""
    wanted = select(Job).where(Job.kind == kind, Job.subject == subject, Job.done_at.is_(None))
    return session.scalars(wanted.with_for_update(skip_locked=True)).first()


def waiting(session: Session, kind: str, *, at_most: int = 1000) -> int:
    """How many jobs of a kind wait, counted up to `at_most`."""
    return len(session.scalars(select(Job.id).where(Job.kind == kind, Job.done_at.is_(None)).limit(at_most)).all())


def done(job: Job, *, now: datetime) -> None:
    job.done_at = now


def failed(job: Job, error: str, *, now: datetime) -> None:
    """Note the error and try again later, each time a little later."""
    job.tries += 1
    job.error = error[:500]
    job.run_after = now + RETRY_AFTER * min(job.tries, 30)


def lease(session: Session, kind: str, *, now: datetime, limit: int) -> list[tuple[int, str]]:
    """Take so many due jobs of a kind for ourselves, as (id, subject), until LEASE is over or they are settled."""
    due = waiting_for(now, (kind,)).with_only_columns(Job.id, Job.subject).limit(limit)
    rows = [(job_id, subject) for job_id, subject in session.execute(due.with_for_update(skip_locked=True))]
    ours = update(Job).where(Job.id.in_([job_id for job_id, _ in rows])).values(run_after=now + LEASE)
    session.execute(ours.execution_options(synchronize_session=False))
    return rows


def undone(session: Session, job_ids: Sequence[int]) -> set[int]:
    """Those of them that nobody has settled, held until the transaction ends; another's are passed over."""
    held = select(Job.id).where(Job.id.in_(job_ids), Job.done_at.is_(None)).order_by(Job.id)
    return set(session.scalars(held.with_for_update(skip_locked=True)))


def settle(session: Session, job_ids: Collection[int], *, now: datetime) -> None:
    """They are done, all in one statement."""
    ended = update(Job).where(Job.id.in_(job_ids)).values(done_at=now)
    session.execute(ended.execution_options(synchronize_session=False))
