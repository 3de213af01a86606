"""The worker's part of a regrade: judged beside the writer, written in short portions, resumed where it was."""

from __future__ import annotations

import logging
from datetime import datetime

from portal.exams.marking import portions
from portal.exams.marking.portions import Keyring
from portal.exams.marking.regrading import applying, queries
from portal.exams.marking.regrading.models import Regrade, RegradeState
from portal.exams.marking.regrading.operations import JOB
from portal.ground import jobs
from portal.ground.db import Database, db

log = logging.getLogger("mingfa.worker")
AT_ONCE = 40  # portions of one turn; other work of the thread comes in between


def regrade_some(now: datetime, database: Database = db) -> bool:
    """Some portions of the regrade that waits longest; False when none is due."""
    with database.reading() as session:
        job = session.scalars(jobs.waiting_for(now, (JOB,)).limit(1)).first()
        waiting = (job.id, int(job.subject)) if job else None
    if waiting is None:
        return False
    job_id, regrade_id = waiting
    ring = Keyring()
    try:
        for _ in range(AT_ONCE):
            if not _next(job_id, regrade_id, ring, now, database):
                break
    except Exception as error:
        log.exception("regrade %s", regrade_id)
        with database.writing() as session:
            if failed := jobs.take(session, job_id):
                jobs.failed(failed, repr(error), now=now)
            session.commit()
    return True


def _next(job_id: int, regrade_id: int, ring: Keyring, now: datetime, database: Database) -> bool:
    """One portion; False when nothing is left to do."""
    with database.reading() as session:
        regrade = session.get_one(Regrade, regrade_id)
    if regrade.state == RegradeState.APPROVED:
        if regrade.forms_done < len(regrade.forms):
            return _make_keys(regrade, now, database)
        return _apply(job_id, regrade, ring, now, database)
    if regrade.state in (RegradeState.DRAFT, RegradeState.PROPOSED) and regrade.looked_at is None:
        return _look(job_id, regrade, ring, now, database)
    return _settle(job_id, now, database)


def _settle(job_id: int, now: datetime, database: Database) -> bool:
    with database.writing() as session:
        jobs.settle(session, [job_id], now=now)
        session.commit()
    return False


def _same(held: Regrade, seen: Regrade) -> bool:
    """Whether nobody else has done this portion meanwhile."""
    return (held.state, held.look, held.last_attempt_id, held.forms_done, held.looked_at) == (
        seen.state, seen.look, seen.last_attempt_id, seen.forms_done, seen.looked_at,
    )  # fmt: skip


def _look(job_id: int, seen: Regrade, ring: Keyring, now: datetime, database: Database) -> bool:
    with database.reading() as session:
        ids = queries.marked_after(session, seen, seen.last_attempt_id)
        if ids and not ring.has(-seen.forms[0]):
            applying.hang_up(session, ring, seen)
        papers = portions.judge(session, ring, ids, {form: -form for form in seen.forms}) if ids else []
        lasts = portions.last_results(session, ids)
        out = queries.published(session, [last.id for last in lasts.values()])
    with database.writing() as session:
        regrade = applying.held(session, seen.id)
        if not _same(regrade, seen):
            return True
        if papers:
            applying.note_effect(session, regrade, papers, lasts, out)
        else:
            applying.finish_look(session, regrade, now=now)
            jobs.settle(session, [job_id], now=now)
        session.commit()
    return bool(papers)


def _make_keys(seen: Regrade, now: datetime, database: Database) -> bool:
    with database.writing() as session:
        regrade = applying.held(session, seen.id)
        if _same(regrade, seen):
            applying.make_keys(session, regrade, now=now)
        session.commit()
    return True


def _apply(job_id: int, seen: Regrade, ring: Keyring, now: datetime, database: Database) -> bool:
    with database.reading() as session:
        ids = queries.marked_after(session, seen, seen.last_attempt_id)
        papers = portions.judge(session, ring, ids)
    with database.writing() as session:
        regrade = applying.held(session, seen.id)
        if not _same(regrade, seen):
            return True
        if papers:
            applying.apply_portion(session, regrade, papers, now=now)
        else:
            applying.finish(session, regrade, now=now)
            jobs.settle(session, [job_id], now=now)
        session.commit()
    return bool(papers)
