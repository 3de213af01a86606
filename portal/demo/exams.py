"""The demo's exams: made, published and with their lists of candidates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bank.queries import approved_questions
from portal.credentials.queries import passes_of
from portal.demo import blueprints
from portal.demo.cast import CASE
from portal.demo.exam_plan import FORMS, PASS_MARK, Plan
from portal.exams import operations
from portal.exams.models import Exam, Subject
from portal.ground.clock import local
from portal.people.models import Body, Person, Post
from question_bank.questions import Question

# Cases that have not sat an exam the others of their field sat.
NO_GENERAL = ("eligible_after_exam", "monthly_only", "expired_pass")
SITS_INSTEAD = {"wrong_field": "ecology"}


def publish(
    session: Session, plan: Plan, owner: Body, *, published_at: datetime | None = None, **columns: object
) -> Exam:
    """Create an exam and freeze its forms, by default as of the day on which it opened; `columns`: more of its own."""
    if published_at is None:
        published_at = plan.opens_at.replace(hour=0, minute=0) if plan.monthly else plan.opens_at.replace(hour=0)
    pool = blueprints.in_force(session, approved_questions(session, [plan.bank]), local(plan.opens_at).date())
    exam = Exam(
        code=plan.code, title=plan.title, theme=plan.theme, kind=plan.kind, subject=plan.subject, field=plan.field,
        body_id=owner.id, month=plan.month, opens_at=plan.opens_at, closes_at=plan.closes_at, minutes=plan.minutes,
        attempts_allowed=plan.attempts, pass_mark=PASS_MARK, marking_rules={"multiple": "partial_half"},
        blueprint=blueprints.compute(_of_laws(pool, plan.laws), plan.leaves, cases=plan.cases),
        notice=plan.notice, release_at_once=plan.monthly, **columns,
    )  # fmt: skip
    session.add(exam)
    session.flush()
    operations.publish(session, exam, forms=FORMS, bank_codes=[plan.bank], now=published_at)
    return exam


def _of_laws(pool: Sequence[Question], laws: Sequence[str]) -> list[Question]:
    """The questions of those topics that rest on nothing but these laws."""
    others = {q.topic for q in pool for c in q.all_citations() if laws and c.law not in laws}
    return [q for q in pool if q.topic not in others]


def enter(session: Session, plan: Plan, exam: Exam, now: datetime, chance: Random) -> int:
    """Put the exam's candidates on its list; returns how many."""
    posts = session.execute(select(Person, Post).join(Post, Post.person_id == Person.id).order_by(Person.id)).all()
    return operations.enter(session, exam, _candidates(session, plan, now, posts, chance))


def _candidates(
    session: Session, plan: Plan, now: datetime, posts: Iterable[tuple[Person, Post]], chance: Random
) -> list[int]:
    listed = []
    for person, post in posts:
        case = next((c for c in CASE.values() if c.number == person.personnel_number), None)
        if plan.monthly:
            joins = True
        elif not plan.over(now):
            joins = (plan.field in (None, post.field)) and not _has_passed(session, plan, person.id, now)
        elif case is not None:
            joins = _case_sits(plan, case.key, post.field, now)
        elif plan.field:
            joins = plan.field == post.field
        else:
            joins = chance.random() < (0.12 if _long_ago(plan, now) else 0.72)
        if joins:
            listed.append(person.id)
    return listed


def _long_ago(plan: Plan, now: datetime) -> bool:
    return (now - plan.opens_at).days > 5 * 366


def _case_sits(plan: Plan, key: str, field: str, now: datetime) -> bool:
    """Whether a named case sat this past exam."""
    if plan.field:
        return plan.field == SITS_INSTEAD.get(key, field)
    if _long_ago(plan, now):
        return key == "expired_pass"
    return key not in NO_GENERAL


def _has_passed(session: Session, plan: Plan, person_id: int, now: datetime) -> bool:
    """Whether the person holds a pass of this subject, and so need not sit it now."""
    today = local(now).date()
    return any(
        p.enough and p.released and p.subject == plan.subject and p.valid_until >= today
        and (plan.subject == Subject.GENERAL or p.field == plan.field)
        for p in passes_of(session, person_id)
    )
