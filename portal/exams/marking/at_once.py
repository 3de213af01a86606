"""A low-stakes paper marked in the moment it was handed in, while few wait; whatever is left, the worker does."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exams.delivery.journal import Journal
from portal.exams.marking import operations, portions
from portal.exams.marking.operations import JOB
from portal.exams.marking.portions import Keyring, Marked
from portal.exams.models import Attempt
from portal.ground import jobs

log = logging.getLogger("mingfa.marking")
SHORT_QUEUE = 20  # papers, this one among them; while more wait, nobody is marked before his turn


def mark_at_once(journal: Journal, attempt_id: int, *, now: datetime) -> bool:
    """Mark a paper that is handed in and on the disk; False when it waits for the worker. Raises nothing.

    Judged beside the writer, stored in one short write.
    """
    try:
        with journal.reading() as session:
            if jobs.waiting(session, JOB, at_most=SHORT_QUEUE + 1) > SHORT_QUEUE:
                return False
            papers = _judged(session, attempt_id)
        if not papers:
            return False
        return journal.run(lambda session: _store(session, attempt_id, papers, now))
    except Exception:
        log.exception("attempt %s was not marked at once; the worker does it", attempt_id)
        return False


def _judged(session: Session, attempt_id: int) -> list[Marked]:
    """The paper with its marks; nothing where people mark a part of it, or its mark does not go out by itself."""
    found = select(Attempt.form_id, Attempt.exam_id).where(Attempt.id == attempt_id)
    form_id, exam_id = session.execute(found).one()
    key_id, ring = portions.newest_keys(session, [form_id])[form_id], Keyring()
    if not ring.keys(session, {key_id: exam_id})[key_id].by_machine:
        return []
    return [paper for paper in portions.judge(session, ring, [attempt_id], {form_id: key_id}) if paper.at_once]


def _store(session: Session, attempt_id: int, papers: list[Marked], now: datetime) -> bool:
    """Under the job's lock, so that nobody else marks it meanwhile; False when another has it or the key changed."""
    job = jobs.take_for(session, JOB, str(attempt_id))
    if job is None or not operations.store_new(session, papers, now=now):
        return False
    jobs.done(job, now=now)
    return True
