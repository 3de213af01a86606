"""Who is at work on a paper right now, and the pictures a paper shows."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.bank.writing.models import QuestionPicture
from portal.exams.delivery.reading import pictures_of
from portal.exams.models import Attempt, AttemptState, ExamForm


def is_sitting(session: Session, person_id: int) -> bool:
    """Whether an attempt of this person is running."""
    running = exists().where(Attempt.person_id == person_id, Attempt.state == AttemptState.IN_PROGRESS)
    return bool(session.scalar(select(running)))


def picture_of_form(session: Session, form: ExamForm, sha256: str) -> QuestionPicture:
    """A picture that stands in the form's texts; otherwise NoResultFound, a 404.

    Whichever bank keeps it: the same SHA-256 is the same picture.
    """
    if sha256 not in pictures_of(form.paper):
        raise NoResultFound
    return session.scalars(select(QuestionPicture).where(QuestionPicture.sha256 == sha256).limit(1)).one()
