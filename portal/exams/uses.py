"""The questions of exams published before uses were written down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.bank.following.models import QuestionUse
from portal.bank.following.uses import note_use
from portal.exams.marking import counting
from portal.exams.models import Exam, ExamForm, ExamState, FormKey


def unnoted(session: Session) -> Sequence[Exam]:
    """Published exams of which no question is known as used."""
    noted = exists().where(QuestionUse.kind == "exam", QuestionUse.object_id == Exam.id)
    return session.scalars(select(Exam).where(Exam.state == ExamState.PUBLISHED, ~noted).order_by(Exam.id)).all()


def note_again(session: Session, exam: Exam, *, now: datetime) -> tuple[int, int]:
    """Write down the versions that stood in the bank when the exam was published, and queue the count.

    Returns how many were written down, and how many questions the bank does not know.
    """
    forms = select(ExamForm.id).where(ExamForm.exam_id == exam.id)
    bodies = session.scalars(select(FormKey.body).where(FormKey.form_id.in_(forms))).all()
    place = counting.places_of(session, bodies, exam.published_at)
    found = {entry["code"]: place(entry) for body in bodies for entry in body.values()}
    added = note_use(
        session, {known[0] for known in found.values() if known}, kind="exam", object_id=exam.id, title=exam.title,
        opens_at=exam.opens_at, closes_at=exam.closes_at, now=now,
    )  # fmt: skip
    counting.plan(session, exam)
    return added, sum(known is None for known in found.values())
