"""The worker's part of publishing: assemble outside every write, then a few forms in each short transaction."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from portal.exams.making import publishing, queries
from portal.exams.making.models import ExamMaking
from portal.exams.making.publishing import JOB, PORTION, Frozen, NotReady, Plan
from portal.exams.models import Exam, ExamState
from portal.ground import jobs
from portal.ground.db import Database, db
from portal.ground.errors import Refused
from portal.ground.models import Job
from portal.ground.rules import N_

log = logging.getLogger("mingfa.worker")
GIVE_UP_AFTER = 5  # times that publishing failed for a reason of ours, while nothing is stored
OURS_TO_MEND = N_("Publishing stopped; the fault is ours and was written down. Nothing of the exam was given out.")


def publish_some(now: datetime, database: Database = db) -> bool:
    """A portion of the publication that waits longest; False when none is due."""
    with database.reading() as session:
        job = session.scalars(jobs.waiting_for(now, (JOB,)).limit(1)).first()
        waiting = (job.id, int(job.subject)) if job else None
    if waiting is None:
        return False
    job_id, exam_id = waiting
    try:
        _next_portion(job_id, exam_id, now, database)
    except Refused as refusal:
        _back_to_draft(job_id, exam_id, refusal, now, database)
    except Exception as error:
        log.exception("publishing exam %s", exam_id)
        _failed(job_id, exam_id, repr(error), now, database)
    return True


def _next_portion(job_id: int, exam_id: int, now: datetime, database: Database) -> None:
    """Plan the forms, or make the next few ready, reading only; then write what was made."""
    with database.reading() as session:
        exam, making = session.get_one(Exam, exam_id), session.get_one(ExamMaking, exam_id)
        plan, done, seed = making.plan, making.forms_done, making.seed or 0
        made: list[Frozen] = []
        if exam.state == ExamState.PUBLISHING and plan is None:
            planned: Plan | None = publishing.plan_forms(session, exam, seed)
        else:
            planned = None
            made = publishing.freeze_forms(session, exam, (plan or [])[done : done + PORTION])
    with database.writing() as session:
        job = jobs.take(session, job_id)
        exam, making = queries.held(session, exam_id)
        if job is None or (making.forms_done, making.seed or 0) != (done, seed):
            return  # another worker was here
        if exam.state != ExamState.PUBLISHING:
            jobs.done(job, now=now)
        elif planned is not None:
            making.plan = planned
        else:
            _store(session, job, exam, making, made, now)
        session.commit()


def _store(
    session: Session, job: Job, exam: Exam, making: ExamMaking, made: list[Frozen], now: datetime
) -> None:
    publishing.store_forms(session, exam, made, making.forms_done + 1, now=now)
    making.forms_done += len(made)
    if making.forms_done == len(making.plan or []):
        publishing.finish(session, exam, making.plan or [], account_id=making.asked_by_id, now=now)
        making.plan = None
        jobs.done(job, now=now)


def _back_to_draft(job_id: int, exam_id: int, refusal: Refused, now: datetime, database: Database) -> None:
    with database.writing() as session:
        job = jobs.take(session, job_id)
        exam, making = queries.held(session, exam_id)
        if job is not None and exam.state == ExamState.PUBLISHING and not making.forms_done:
            publishing.fail(session, exam, making, refusal, now=now)
            jobs.done(job, now=now)
        session.commit()


def _failed(job_id: int, exam_id: int, error: str, now: datetime, database: Database) -> None:
    """Try again later; what has stored nothing yet becomes a draft again in the end."""
    with database.writing() as session:
        job = jobs.take(session, job_id)
        exam, making = queries.held(session, exam_id)
        if job is not None:
            jobs.failed(job, error, now=now)
            if job.tries >= GIVE_UP_AFTER and not making.forms_done and exam.state == ExamState.PUBLISHING:
                publishing.fail(session, exam, making, NotReady(OURS_TO_MEND), now=now)
                jobs.done(job, now=now)
        session.commit()
