"""What the results desk shows of an exam: marks by bands, who was absent, facts worth a look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.bank.models import Question, QuestionVersion
from portal.exams.marking.models import ItemTally
from portal.exams.models import Attempt, Entry, Exam, FocusLoss, LateAnswer, Result
from portal.exams.queries import is_newest, is_voided
from portal.exams.running.models import Incident
from portal.people.models import Body, Person, Post
from question_bank.analysis import Tally

LONG_ABSENCE = 60  # seconds away from the page in all; from here on the desk names it
BANDS = 10  # of ten marks each
MOST = 200  # rows of a list on the page


def bands(session: Session, exam: Exam) -> list[int]:
    """How many marks lie in each band of ten, full marks in the last; newest results that are not voided."""
    found = [0] * BANDS
    rows = (
        select(Result.mark, func.count())
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(Attempt.exam_id == exam.id, is_newest(), ~is_voided())
        .group_by(Result.mark)
    )
    for mark, count in session.execute(rows):
        found[min(mark // 1000, BANDS - 1)] += count
    return found


@dataclass(frozen=True)
class Absent:
    """Somebody on the list who never started."""

    name: str
    admission_number: str
    unit: str


def absent(session: Session, exam: Exam) -> tuple[list[Absent], int]:
    """The first of them, by unit, and how many there are."""
    sat = exists().where(Attempt.exam_id == exam.id, Attempt.person_id == Entry.person_id)
    missing = (Entry.exam_id == exam.id, Entry.withdrawn_at.is_(None), ~sat)
    total = session.scalar(select(func.count()).select_from(Entry).where(*missing)) or 0
    his = aliased(Post)
    newest = select(func.max(his.id)).where(his.person_id == Entry.person_id, his.ended_on.is_(None)).scalar_subquery()
    rows = session.execute(
        select(Person.name, Entry.admission_number, Body.name)
        .select_from(Entry)
        .join(Person, Person.id == Entry.person_id)
        .outerjoin(Post, Post.id == newest)
        .outerjoin(Body, Body.id == func.coalesce(Entry.body_id, Post.body_id))
        .where(*missing)
        .order_by(Body.name, Person.name)
        .limit(MOST)
    )
    return [Absent(name, number, unit or "") for name, number, unit in rows], total


@dataclass(frozen=True)
class Fact:
    """Something about one attempt that a person may want to look at; it proves nothing."""

    public_id: str
    name: str
    times: int
    seconds: int
    late: int
    late_at: datetime | None


def facts(session: Session, exam: Exam) -> list[Fact]:
    """Attempts with a long time away from the page, or with answers that came after the end."""
    away = _away(exam.id)
    late = (
        select(LateAnswer.attempt_id, func.count().label("n"), func.max(LateAnswer.received_at).label("at"))
        .join(Attempt, Attempt.id == LateAnswer.attempt_id)
        .where(Attempt.exam_id == exam.id)
        .group_by(LateAnswer.attempt_id)
        .subquery()
    )
    rows = session.execute(
        select(Attempt.public_id, Person.name, away.c.times, away.c.seconds, late.c.n, late.c.at)
        .join(Person, Person.id == Attempt.person_id)
        .outerjoin(away, away.c.attempt_id == Attempt.id)
        .outerjoin(late, late.c.attempt_id == Attempt.id)
        .where(Attempt.exam_id == exam.id, or_(away.c.seconds >= LONG_ABSENCE, late.c.n > 0))
        .order_by(late.c.n.is_(None), away.c.seconds.desc())
        .limit(MOST)
    )
    return [Fact(key, name, times or 0, seconds or 0, n or 0, at) for key, name, times, seconds, n, at in rows]


def _away(exam_id: int):  # type: ignore[no-untyped-def]
    """Times and seconds away from the page, by attempt."""
    return (
        select(FocusLoss.attempt_id, func.count().label("times"), func.sum(FocusLoss.seconds).label("seconds"))
        .join(Attempt, Attempt.id == FocusLoss.attempt_id)
        .where(Attempt.exam_id == exam_id)
        .group_by(FocusLoss.attempt_id)
        .subquery()
    )


def incidents(session: Session, exam: Exam) -> Sequence[Incident]:
    """What was reported from the halls, the newest first."""
    found = select(Incident).where(Incident.exam_id == exam.id).order_by(Incident.reported_at.desc())
    return session.scalars(found.limit(MOST)).all()


@dataclass(frozen=True)
class ItemRow:
    """One question of the exam: how many answered it and which part of its points they earned, in percent."""

    code: str
    topic: str
    seen: int
    share: int


def items(session: Session, exam: Exam) -> list[ItemRow]:
    """Every question counted so far, hardest first."""
    rows = session.execute(
        select(Question.code, QuestionVersion.topic, ItemTally.body)
        .join(QuestionVersion, QuestionVersion.id == ItemTally.version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(ItemTally.exam_id == exam.id)
    )
    counted = [(code, topic, Tally.from_plain(body).figures()) for code, topic, body in rows]
    found = [ItemRow(code, topic, f.answered, (f.facility + 50) // 100) for code, topic, f in counted]
    return sorted(found, key=lambda row: (row.share, row.code))
