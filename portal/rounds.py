"""The worker's round: close what is over, mark what is handed in, re-check what has changed."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from sqlalchemy import select

from portal.credentials.operations import recheck
from portal.exams.delivery.operations import close_overdue
from portal.exams.marking.operations import mark_attempt
from portal.exams.models import Attempt
from portal.ground import clock, jobs
from portal.ground.db import db
from portal.ground.models import FactChange

log = logging.getLogger("mingfa.worker")
PAUSE = 1.0  # seconds between rounds when nothing waits


def close_attempts(now: datetime) -> int:
    """Hand in every attempt whose time is over, each in its own short transaction."""
    closed = 0
    while True:
        with db.writing() as session:
            count = close_overdue(session, now=now, limit=20)
            session.commit()
        closed += count
        if count < 20:
            return closed


def run_jobs(now: datetime) -> int:
    """Do the jobs that are due; a failure is noted and tried again later."""
    with db.reading() as session:
        waiting = [(job.id, job.kind, job.subject) for job in jobs.due(session, now=now)]
    for job_id, kind, subject in waiting:
        with db.writing() as session:
            job = session.get_one(jobs.Job, job_id)
            if job.done_at is not None:
                continue
            try:
                with session.begin_nested():
                    if kind != "mark_attempt":
                        raise ValueError(f"no such kind of job: {kind}")
                    mark_attempt(session, session.get_one(Attempt, int(subject)), now=now)
                jobs.done(job, now=now)
            except Exception as error:
                log.exception("job %s %s", kind, subject)
                jobs.failed(job, repr(error), now=now)
            session.commit()
    return len(waiting)


def recheck_changed(now: datetime) -> int:
    """Judge anew everybody with a changed fact that waits."""
    with db.reading() as session:
        people = session.scalars(select(FactChange.person_id).where(FactChange.drained_at.is_(None)).distinct()).all()
    for person_id in people:
        try:
            with db.writing() as session:
                recheck(session, person_id, now=now)
                session.commit()
        except Exception:  # one odd record must not hold up everybody else's; it stays under re-check
            log.exception("recheck of person %s", person_id)
    return len(people)


def one_round(now: datetime) -> int:
    """Everything once; returns how much there was to do. Safe to run twice."""
    return close_attempts(now) + run_jobs(now) + recheck_changed(now)


def work(stop: threading.Event) -> None:
    """Rounds until told to stop."""
    while not stop.is_set():
        try:
            busy = one_round(clock.now())
        except Exception:
            log.exception("round failed; trying again")
            busy = 0
        stop.wait(0.05 if busy else PAUSE)
