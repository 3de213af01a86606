"""The worker's part of marking: a leased portion at a time, judged beside the writer, stored in one short write."""

from __future__ import annotations

import logging
from datetime import datetime

from portal.exams.marking import operations, portions
from portal.exams.marking.operations import JOB, StillRunning
from portal.exams.marking.portions import Keyring
from portal.ground import jobs
from portal.ground.db import Database, db
from portal.ground.models import Job
from portal.ground.rules import N_

log = logging.getLogger("mingfa.worker")
PORTION = 60  # papers stored in one transaction: a save waits for it
AT_MOST = 80  # portions of one round; others have their turn in between
Lease = list[tuple[int, int]]  # job id, attempt id


def mark_waiting(now: datetime, database: Database = db) -> int:
    """Mark what is handed in, portion by portion; returns how many papers were taken up.

    Several workers may do this at once: a portion is leased, and a paper has one result by a key.
    """
    ring, taken = Keyring(), 0
    for _ in range(AT_MOST):
        leased = _lease(now, database)
        if not leased:
            break
        _mark(leased, ring, now, database)
        taken += len(leased)
    return taken


def _lease(now: datetime, database: Database) -> Lease:
    with database.reading() as session:
        if session.scalars(jobs.waiting_for(now, (JOB,)).with_only_columns(Job.id).limit(1)).first() is None:
            return []
    with database.writing() as session:
        rows = jobs.lease(session, JOB, now=now, limit=PORTION)
        session.commit()
    return [(job_id, int(subject)) for job_id, subject in rows]


def _mark(leased: Lease, ring: Keyring, now: datetime, database: Database) -> None:
    try:
        _mark_together(leased, ring, now, database)
    except Exception as error:
        if len(leased) == 1:
            log.exception("marking attempt %s", leased[0][1])
            _put_off(leased[0][0], repr(error), now, database)
            return
        half = len(leased) // 2  # one odd paper must not hold up the others
        _mark(leased[:half], ring, now, database)
        _mark(leased[half:], ring, now, database)


def _mark_together(leased: Lease, ring: Keyring, now: datetime, database: Database) -> None:
    with database.reading() as session:
        papers = portions.judge(session, ring, [attempt_id for _, attempt_id in leased])
    if len(papers) < len(leased):
        raise StillRunning(N_("This attempt is still running."))
    job_of = {attempt_id: job_id for job_id, attempt_id in leased}
    with database.writing() as session:
        ours = jobs.undone(session, list(job_of.values()))
        valid = operations.store_new(session, [p for p in papers if job_of[p.attempt_id] in ours], now=now)
        jobs.settle(session, [job_of[paper.attempt_id] for paper in valid], now=now)
        session.commit()


def _put_off(job_id: int, error: str, now: datetime, database: Database) -> None:
    with database.writing() as session:
        if job := jobs.take(session, job_id):
            jobs.failed(job, error, now=now)
        session.commit()
