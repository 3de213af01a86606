"""What an exam asks of Safe Exam Browser, read by its desk, by a candidate and by the doors of delivery."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.exams.models import Attempt, AttemptState, CheckIn, Exam, ExamForm, ExamState
from portal.exams.seb.models import ExamSeb
from portal.exams.sittings.queries import running_freeze
from portal.people.identity import same_person


def seb_of(session: Session, exam_id: int) -> ExamSeb | None:
    """What the desk has settled, switched on or not; None: never touched."""
    return session.get(ExamSeb, exam_id)


def demanded(session: Session, exam_id: int) -> ExamSeb | None:
    """What the exam demands of every candidate's browser now; None: nothing."""
    on = select(ExamSeb).where(ExamSeb.exam_id == exam_id, ExamSeb.switched_on, ExamSeb.lifted_at.is_(None))
    return session.scalars(on.execution_options(populate_existing=True)).one_or_none()


def exam_with_seb(session: Session, form_id: int) -> int | None:
    """The exam of a form where it was published with Safe Exam Browser, lifted meanwhile or not."""
    found = select(ExamSeb.exam_id).join(ExamForm, ExamForm.exam_id == ExamSeb.exam_id)
    return session.scalars(found.where(ExamForm.id == form_id, ExamSeb.switched_on)).one_or_none()


def address_of_attempt(session: Session, attempt_id: int) -> str:
    return session.scalars(select(Attempt.public_id).where(Attempt.id == attempt_id)).one()


def address_of_check_in(session: Session, check_in_id: int) -> str:
    return session.scalars(select(CheckIn.public_id).where(CheckIn.id == check_in_id)).one()


def demanded_for(session: Session, person_id: int, public_id: str) -> tuple[ExamSeb | None, int | None]:
    """What opening an address of this person's demands, and its running attempt; otherwise NoResultFound, a 404.

    A paper that is handed in is not opened any more, only what came late is sent after it: that demands nothing.
    """
    mine = same_person(person_id)
    attempt = session.execute(
        select(Attempt.exam_id, Attempt.id, Attempt.state)
        .where(Attempt.public_id == public_id, Attempt.person_id.in_(mine))
    ).one_or_none()  # fmt: skip
    if attempt is not None:
        running = attempt.state == AttemptState.IN_PROGRESS
        return (demanded(session, attempt.exam_id), attempt.id) if running else (None, None)
    waiting = select(CheckIn.exam_id).where(CheckIn.public_id == public_id, CheckIn.person_id.in_(mine))
    return demanded(session, session.scalars(waiting).one()), None


def file_for_candidates(session: Session, exam_id: int) -> ExamSeb:
    """The settings file of a published exam that demands it; otherwise NoResultFound, a 404."""
    published = session.scalar(select(Exam.id).where(Exam.id == exam_id, Exam.state == ExamState.PUBLISHED))
    found = demanded(session, exam_id) if published else None
    if found is None:
        raise NoResultFound
    return found


def is_frozen(session: Session, exam: Exam, now: datetime) -> bool:
    """Whether the exam is being sat, or a sitting of it is so near that nothing changes any more."""
    if exam.state != ExamState.PUBLISHED:
        return False
    return exam.opens_at <= now < exam.closes_at or running_freeze(session, exam.id, now) is not None
