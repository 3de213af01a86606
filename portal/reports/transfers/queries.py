"""What goes along with a person who is transferred, gathered from the rooms below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.credentials import queries as credentials
from portal.credentials.case import Pass
from portal.credentials.models import Application, Eligibility
from portal.credentials.moves import open_applications
from portal.credentials.verification import standing_of
from portal.exams.models import Attempt, Exam, Result, ScoreReview
from portal.people.identity import same_person
from portal.people.queries import running_bans
from portal.reports import queries as reports
from portal.reports.queries import Due, Hours


@dataclass(frozen=True)
class GoesAlong:
    """It hangs on the person, not on the post: nothing of it is copied, ended or lost by a transfer."""

    hours: Hours
    passes: list[Pass]  # valid on the day
    running: list[Due]  # exams to sit, make-ups among them, and attempts under way
    reviews: Sequence[tuple[ScoreReview, Exam]]  # open appeals against a result
    applications: Sequence[Application]  # these change their unit and bureau
    eligibilities: list[tuple[Eligibility, str]]  # with their standing
    bans: int


def goes_along(session: Session, person_id: int, *, today: date, now: datetime) -> GoesAlong:
    passes = credentials.passes_of(session, person_id)
    records = [e for e, _ in credentials.eligibilities_of(session, person_id)]
    standing = [(e, standing_of(session, e, credentials.standing_events(session, e.id), now)[0]) for e in records]
    return GoesAlong(
        hours=reports.hours(session, person_id, today),
        passes=[p for p in passes if p.stands and p.valid_until >= today],
        running=[d for d in reports.dues(session, person_id, now) if d.state in ("running", "open", "later")],
        reviews=_open_reviews(session, person_id),
        applications=open_applications(session, person_id),
        eligibilities=standing,
        bans=len(running_bans(session, person_id, today)),
    )


def _open_reviews(session: Session, person_id: int) -> list[tuple[ScoreReview, Exam]]:
    rows = session.execute(
        select(ScoreReview, Exam)
        .join(Result, Result.id == ScoreReview.result_id)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .join(Exam, Exam.id == Attempt.exam_id)
        .where(Attempt.person_id.in_(same_person(person_id)), ScoreReview.closed_at.is_(None))
        .order_by(ScoreReview.id)
    )
    return [(review, exam) for review, exam in rows]
