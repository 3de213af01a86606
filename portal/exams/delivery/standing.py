"""Whose clock stands, since when and why: asked at the start, and while it does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, or_, select
from sqlalchemy.orm import Session

from portal.exams.models import Attempt, Exam
from portal.exams.running.models import Incident, IncidentKind


def paused_there(exam: Any, sitting: Any, room: Any) -> ColumnElement[bool]:
    """A condition on Incident: a pause that is not over, of the whole exam or of this sitting and room."""
    return and_(
        Incident.exam_id == exam,
        or_(Incident.room_id.is_(None), Incident.room_id == room),
        or_(Incident.sitting_id.is_(None), Incident.sitting_id == sitting),
        Incident.kind == IncidentKind.PAUSE,
        Incident.restored_at.is_(None),
    )


# the moment an attempt begins, where its clock stands from then on; its values are those of `at_the_start`
PAUSED_AT = case(
    (
        exists().where(
            paused_there(
                bindparam("of_exam", type_=Attempt.exam_id.type),
                bindparam("of_sitting", type_=Attempt.sitting_id.type),
                bindparam("of_room", type_=Attempt.room_id.type),
            ),
            Incident.attempt_id.is_(None),
        ),
        bindparam("begins_at", type_=Attempt.paused_at.type),
    ),
    else_=None,
)


def at_the_start(exam_id: int, sitting_id: int | None, room_id: int | None, now: datetime) -> dict[str, Any]:
    return {"of_exam": exam_id, "of_sitting": sitting_id, "of_room": room_id, "begins_at": now}


def hold_exam(session: Session, exam_id: int) -> None:
    """Nobody begins until the commit: who has begun is seen, who comes after sees what is written here."""
    session.execute(select(Exam.id).where(Exam.id == exam_id).with_for_update())


def let_begin(session: Session, exam_id: int) -> None:
    """The other side of `hold_exam`: wait for whoever stops or resumes the exam at this moment.

    SQLite has one writer, so that nothing can come between.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(Exam.id).where(Exam.id == exam_id).with_for_update(read=True, key_share=True))


def why_paused(session: Session, attempt_id: int) -> dict[str, object]:
    """{"paused_at": seconds, "because": the newest open pause's cause or None}; empty when it goes on meanwhile."""
    holds = and_(
        paused_there(Attempt.exam_id, Attempt.sitting_id, Attempt.room_id),
        or_(Incident.attempt_id.is_(None), Incident.attempt_id == Attempt.id),
    )
    found = session.execute(
        select(Attempt.paused_at, Incident.cause)
        .outerjoin(Incident, holds)
        .where(Attempt.id == attempt_id, Attempt.paused_at.is_not(None))
        .order_by(Incident.reported_at.desc())
        .limit(1)
    ).first()
    return {} if found is None else {"paused_at": found.paused_at.timestamp(), "because": found.cause}
