"""The worker's part in imports: a slice of one waiting import at a time, and what nobody came back for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select

from portal.ground import jobs
from portal.ground.db import db
from portal.ground.import_desk import LEASE, Apart, Lease, LeaseLost, Pace
from portal.ground.import_files import store
from portal.ground.import_models import ImportPortion
from portal.ground.import_portions import Whole, sealed_rows
from portal.ground.import_work import KindOf, Work
from portal.ground.imports import CHECK, JOBS, NOT_IN_YET, RUNNING
from portal.ground.models import BatchState, ImportBatch, Job
from portal.ground.rules import N_

log = logging.getLogger("mingfa.imports")
SLICE = 1.0  # seconds of one import before the next one has its turn
ABANDONED_AFTER = timedelta(days=7)
KEPT_FOR = timedelta(days=180)  # rows of a file that was taken in
GIVE_UP_AFTER = 5  # times that checking a file failed for a reason of ours
OURS_TO_MEND = N_("The file could not be worked through; the fault is ours and was written down.")


def work_on_one(now: Callable[[], datetime], kind_of: KindOf, pace: Pace | None = None) -> bool:
    """A slice of the import that has waited longest; False when none is due."""
    taken = take(JOBS, now(), LEASE)
    if taken is None:
        return False
    batch_id, lease = taken
    work = Work(Apart(now, lease, pace), batch_id, kind_of, now)
    try:
        work.run(SLICE)
    except LeaseLost:
        log.warning("import %s was taken over", batch_id)
    except Exception as error:
        log.exception("import %s", batch_id)
        _failed(batch_id, lease, repr(error), now())
    else:
        _put_back(batch_id, lease, now())
    return True


def take(kinds: Sequence[str], now: datetime, term: timedelta) -> tuple[int, Lease] | None:
    """The batch whose job of these kinds has waited longest, ours until the lease ends; others pass it by."""
    with db.reading() as session:  # a look that disturbs nobody
        if session.scalars(jobs.waiting_for(now, kinds).limit(1)).first() is None:
            return None
    with db.writing() as session:
        job = session.scalars(jobs.waiting_for(now, kinds).limit(1).with_for_update(skip_locked=True)).first()
        if job is None:
            return None
        job.run_after = now + term
        session.commit()
        return int(job.subject), Lease(job.id, job.run_after)


def _put_back(batch_id: int, lease: Lease, now: datetime) -> None:
    """Done, unless something is left, or somebody has given the batch more to do meanwhile."""
    with db.writing() as session:
        job = session.get_one(Job, lease.job_id, with_for_update=True)
        if job.run_after == lease.until and job.done_at is None:
            job.run_after = now
            if session.get_one(ImportBatch, batch_id).state not in RUNNING:
                jobs.done(job, now=now)
        session.commit()


def _failed(batch_id: int, lease: Lease, error: str, now: datetime) -> None:
    """Try again later; a file that cannot be checked is refused in the end, what is half stored never."""
    with db.writing() as session:
        job = session.get_one(Job, lease.job_id, with_for_update=True)
        jobs.failed(job, error, now=now)
        batch = session.get_one(ImportBatch, batch_id, with_for_update=True)
        if job.tries >= GIVE_UP_AFTER and batch.state in (BatchState.READING, BatchState.CHECKING):
            batch.state, batch.step_at, batch.refusal = BatchState.REFUSED, now, {"message": OURS_TO_MEND, "values": {}}
            jobs.done(job, now=now)
        session.commit()


def tidy(now: datetime) -> int:
    """Discard files that were checked and then left alone for a week, and remove uploads no batch names.

    Of files that were taken in, parked rows and what is said of single rows go after KEPT_FOR.
    """
    with db.reading() as session:
        old = session.scalars(
            select(ImportBatch.id).where(
                ImportBatch.state.in_((BatchState.PREVIEW, BatchState.MAPPING, BatchState.REFUSED)),
                ImportBatch.step_at < now - ABANDONED_AFTER,
            )
        ).all()
        wanted = set(session.scalars(select(ImportBatch.file_key).where(ImportBatch.file_key.is_not(None))))
        left = session.scalars(
            select(ImportPortion.batch_id)
            .join(ImportBatch, ImportBatch.id == ImportPortion.batch_id)
            .where(ImportBatch.state == BatchState.DISCARDED)
            .distinct()
        ).all()
    for batch_id in (*old, *left):
        with db.writing() as session:
            batch = session.get_one(ImportBatch, batch_id, with_for_update=True)
            if batch.state in NOT_IN_YET:
                store.remove(batch.file_key)
                batch.state, batch.step_at, batch.file_key = BatchState.DISCARDED, now, None
                batch.sealed_rows = Whole().sealed(batch.id)
            jobs.enqueue(session, CHECK, str(batch_id), now=now)
            session.commit()
    return len(old) + len(left) + _forget_rows(now) + store.remove_orphans(wanted)


def _forget_rows(now: datetime) -> int:
    """Empty the portions of old batches: only numbers stay. Returns how many batches."""
    with db.reading() as session:
        old = session.scalars(
            select(ImportBatch.id)
            .where(
                ImportBatch.state.in_((BatchState.COMMITTED, BatchState.UNDONE)),
                ImportBatch.committed_at < now - KEPT_FOR,
                exists().where(ImportPortion.batch_id == ImportBatch.id, ImportPortion.sealed_found.is_not(None)),
            )
        ).all()
    for batch_id in old:
        with db.writing() as session:
            batch = session.get_one(ImportBatch, batch_id, with_for_update=True)
            whole = Whole.of(batch)
            batch.sealed_rows = Whole(heads=whole.heads, used=whole.used).sealed(batch_id)
            for portion in session.scalars(select(ImportPortion).where(ImportPortion.batch_id == batch_id)):
                portion.sealed_rows, portion.sealed_found = sealed_rows(batch_id, portion.number, []), None
            session.commit()
    return len(old)
