"""Marking: a function of the saved answers and one key version, repeatable at any time."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exams import queries
from portal.exams.marking import counting
from portal.exams.models import Attempt, AttemptState, Exam, Result
from portal.exams.operations import release
from portal.ground.errors import Refused
from portal.ground.rules import N_
from question_bank.marking import mark_of, mark_paper


class StillRunning(Refused):
    """Only a handed-in paper is marked."""

    code = "still_running"


def mark_attempt(session: Session, attempt: Attempt, *, now: datetime) -> Result:
    """Mark with the form's newest key; an attempt marked with it already keeps its result."""
    if attempt.state != AttemptState.HANDED_IN:
        raise StillRunning(N_("This attempt is still running."))
    key = queries.current_key(session, attempt.form_id)
    last = queries.newest_result(session, attempt.id)
    if last is not None and last.key_id == key.id:
        return last
    exam = session.scalars(select(Exam).where(Exam.id == attempt.exam_id)).one()
    answers = queries.answers_of(session, attempt.id)
    items, points, full = mark_paper(key.body, answers, exam.marking_rules)
    mark = mark_of(points, full)
    result = Result(
        attempt_id=attempt.id,
        number=last.number + 1 if last else 1,
        key_id=key.id,
        mark=mark,
        points=points,
        full_points=full,
        passed=mark >= exam.pass_mark,
        items=[asdict(item) for item in items],
        marked_at=now,
    )
    session.add(result)
    session.flush()
    if last is not None:
        counting.plan(session, exam)
    if exam.release_at_once:
        release(session, [result], now=now)
    return result
