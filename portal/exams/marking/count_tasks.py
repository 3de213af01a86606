"""The worker's part of counting: one exam at a time, read in portions, written in one short transaction."""

from __future__ import annotations

import logging
from datetime import datetime

from portal.exams.marking import counting
from portal.ground import jobs
from portal.ground.db import Database, db

log = logging.getLogger("mingfa.worker")


def count_one(now: datetime, database: Database = db) -> bool:
    """Count the exam that waits longest; False when none is due. A failure is noted and tried again later."""
    with database.reading() as session:
        job = session.scalars(jobs.waiting_for(now, (counting.JOB,)).limit(1)).first()
        waiting = (job.id, int(job.subject)) if job else None
    if waiting is None:
        return False
    job_id, exam_id = waiting
    try:
        count_exam(exam_id, job_id, now, database)
    except Exception as error:
        log.exception("counting the answers of exam %s", exam_id)
        with database.writing() as session:
            if failed := jobs.take(session, job_id):
                jobs.failed(failed, repr(error), now=now)
            session.commit()
    return True


def count_exam(exam_id: int, job_id: int | None, now: datetime, database: Database = db) -> None:
    """Read in portions, each under a snapshot of its own, then store in one go and settle the job."""
    with database.reading() as session:
        count = counting.begin(session, exam_id)
    more = True
    while more:
        with database.reading() as session:
            more = counting.count_portion(session, count)
    with database.writing() as session:
        job = jobs.take(session, job_id) if job_id else None
        if job_id and job is None:
            return
        counting.store(session, count, now=now)
        if job and counting.is_settled(session, exam_id):
            jobs.done(job, now=now)
        elif job:
            job.run_after = now + counting.SETTLED
        session.commit()
