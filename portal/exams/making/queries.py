"""Reading exams as the desk that makes them sees them, through what its roles reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, String, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from portal.bank.models import QuestionBank
from portal.bank.queries import in_use
from portal.exams.making.models import ExamMaking
from portal.exams.making.pool import pool_of
from portal.exams.making.rules import Gap, Weight, at, gaps, next_month, weigh
from portal.exams.models import Entry, Exam, ExamForm, ExamState
from portal.library.topics.queries import pick
from portal.people.models import Account, Body
from portal.people.queries import bodies_in_scope, reach
from portal.people.rules import Permission
from question_bank.assembling import Stock, stock

SIZE = 50  # exams on a page
MOST_TOPICS = 600


@dataclass(frozen=True)
class Filters:
    """What of the list is asked for; empty: everything that is not put away."""

    state: str = ""
    kind: str = ""
    month: date | None = None


def _reached(account: Account) -> ColumnElement[bool]:
    """A condition on Body joined to Exam: a role for one field makes the exams of that field."""
    return bodies_in_scope(account, Permission.MANAGE_EXAMS, Exam.field)


def _asked(account: Account, filters: Filters) -> Select[tuple[Exam]]:
    found = select(Exam).join(Body, Body.id == Exam.body_id).where(_reached(account))
    found = found.where(Exam.state == filters.state if filters.state else Exam.state != ExamState.DISCARDED)
    if filters.kind:
        found = found.where(Exam.kind == filters.kind)
    if filters.month:
        first, after = at(filters.month, 0), at(next_month(filters.month), 0)
        found = found.where(Exam.opens_at < after, Exam.closes_at > first)
    return found


def listed(session: Session, account: Account, filters: Filters, page: int) -> tuple[Sequence[Exam], int]:
    """A page of exams, the newest opening first, and how many there are."""
    found = _asked(account, filters)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    order = found.order_by(Exam.opens_at.desc(), Exam.id.desc()).offset((page - 1) * SIZE).limit(SIZE)
    return session.scalars(order).all(), total


def exam_held(session: Session, account: Account, exam_id: int) -> Exam:
    """The exam, for a change: its row is held until the transaction ends. NoResultFound, a 404, outside one's scope."""
    mine = select(Exam).join(Body, Body.id == Exam.body_id).where(_reached(account), Exam.id == exam_id)
    return session.scalars(mine.with_for_update(of=Exam).execution_options(populate_existing=True)).one()


def held(session: Session, exam_id: int) -> tuple[Exam, ExamMaking]:
    """The exam and the desk's side of it, for the worker: both rows held until the transaction ends."""
    exam = session.get_one(Exam, exam_id, with_for_update=True, populate_existing=True)
    return exam, session.get_one(ExamMaking, exam_id, with_for_update=True, populate_existing=True)


def making_of(session: Session, exam_id: int) -> ExamMaking | None:
    """The desk's side of the exam; None for exams that did not come from the desk."""
    return session.get(ExamMaking, exam_id)


def body_for_exam(session: Session, account: Account, typed: str, field: str | None) -> Body:
    """The living body of this name or code, if the account makes exams of that field there; else NoResultFound."""
    mine = bodies_in_scope(account, Permission.MANAGE_EXAMS, literal(field, String(20)))
    named = or_(Body.name == typed.strip(), Body.code == typed.strip())
    return session.scalars(select(Body).where(named, Body.abolished_on.is_(None), mine).limit(1)).one()


def own_bodies(session: Session, account: Account) -> Sequence[Body]:
    """The bodies at which the account's roles begin: what a new exam is usually held by."""
    paths = {path for path, _ in reach(account, Permission.MANAGE_EXAMS)}
    return session.scalars(select(Body).where(Body.path.in_(paths)).order_by(Body.path)).all()


def fields_of(account: Account) -> frozenset[str | None]:
    """The fields for which the account makes exams; None in it: every field and general law."""
    return frozenset(field for _, field in reach(account, Permission.MANAGE_EXAMS))


def banks_for(session: Session, body: Body, field: str | None) -> list[tuple[QuestionBank, int]]:
    """The banks an exam of the body may draw from, with how many questions they give.

    Its own and those below it, shared ones of the bodies above; of the exam's field and of general law.
    """
    above = [int(part) for part in body.path.strip("/").split("/")]
    of_field = or_(QuestionBank.field.is_(None), QuestionBank.field == field) if field else QuestionBank.field.is_(None)
    near = or_(Body.path.startswith(body.path, autoescape=True), and_(QuestionBank.shared, Body.id.in_(above)))
    found = select(QuestionBank).join(Body, Body.id == QuestionBank.body_id).where(of_field, near)
    banks = session.scalars(found.order_by(QuestionBank.field.is_(None), QuestionBank.code)).all()
    drawn = in_use(session, [bank.id for bank in banks])
    return [(bank, drawn.get(bank.id, 0)) for bank in banks]


def topics_for(session: Session, field: str | None) -> list[str]:
    """The titles a blueprint's row may name."""
    found = pick(session, "", field or "", limit=MOST_TOPICS)
    return list(dict.fromkeys(topic.title for topic in found))


@dataclass(frozen=True)
class Ready:
    """A draft looked at as a whole: what it draws from, what it comes to, what it lacks."""

    stock: Stock
    weight: Weight
    gaps: list[Gap]


def readiness(session: Session, exam: Exam, now: datetime) -> Ready:
    there = stock(pool_of(session, exam)) if exam.bank_codes else {}
    return Ready(there, weigh(exam.blueprint, there), gaps(exam, there, now))


def candidates(session: Session, exam_id: int) -> int:
    """How many stand on the list."""
    listed = select(func.count()).select_from(Entry).where(Entry.exam_id == exam_id, Entry.withdrawn_at.is_(None))
    return session.scalar(listed) or 0


def made_from(session: Session, exam: Exam) -> Sequence[Exam]:
    """Resits and rehearsals of this exam, the newest first."""
    found = select(Exam).where(Exam.resit_of_id == exam.id, Exam.state != ExamState.DISCARDED)
    return session.scalars(found.order_by(Exam.opens_at.desc())).all()


def code_taken(session: Session, code: str) -> bool:
    return session.scalar(select(Exam.id).where(Exam.code == code)) is not None


def bank_titles(session: Session, codes: Sequence[str]) -> list[str]:
    found = select(QuestionBank.title).where(QuestionBank.code.in_(codes)).order_by(QuestionBank.code)
    return list(session.scalars(found))


def forms_made(session: Session, exam_id: int) -> list[tuple[int, str]]:
    """Number and SHA-256 of every form."""
    found = select(ExamForm.number, ExamForm.paper_sha256).where(ExamForm.exam_id == exam_id)
    return [(number, sha256) for number, sha256 in session.execute(found.order_by(ExamForm.number))]
