"""Reading banks and questions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.bank.models import Question as Row
from portal.bank.models import QuestionBank, QuestionStatus, QuestionVersion, StatusChange
from portal.people.models import Account, Body
from portal.people.queries import bodies_in_scope
from portal.people.rules import Permission
from question_bank.questions import Question


def approved_questions(session: Session, bank_codes: Sequence[str]) -> list[Question]:
    """The approved questions of some banks as values, in the order of their codes."""
    rows = session.scalars(
        select(QuestionVersion)
        .join(Row, Row.current_version_id == QuestionVersion.id)
        .join(QuestionBank, QuestionBank.id == Row.bank_id)
        .where(QuestionBank.code.in_(bank_codes), Row.status == QuestionStatus.APPROVED)
        .order_by(Row.code)
    )
    return [Question.from_plain(v.body) for v in rows]


def bank_in_scope(session: Session, account: Account, code: str) -> QuestionBank:
    """The bank, if its body lies in the account's scope; otherwise NoResultFound, a 404.

    A role for one field reaches the banks of that field; the general-law banks belong to roles for all fields.
    """
    return session.scalars(
        select(QuestionBank)
        .join(Body, Body.id == QuestionBank.body_id)
        .where(QuestionBank.code == code, bodies_in_scope(account, Permission.MANAGE_BANK, QuestionBank.field))
    ).one()


def banks_in_scope(session: Session, account: Account) -> list[tuple[QuestionBank, dict[str, int]]]:
    """Every bank in scope with the number of its questions by status."""
    banks = session.scalars(
        select(QuestionBank)
        .join(Body, Body.id == QuestionBank.body_id)
        .where(bodies_in_scope(account, Permission.MANAGE_BANK, QuestionBank.field))
        .order_by(QuestionBank.id)
    ).all()
    tallies: dict[int, dict[str, int]] = {}
    for bank_id, status, count in session.execute(
        select(Row.bank_id, Row.status, func.count()).group_by(Row.bank_id, Row.status)
    ):
        tallies.setdefault(bank_id, {})[status] = count
    return [(bank, tallies.get(bank.id, {})) for bank in banks]


def question_list(
    session: Session,
    bank: QuestionBank,
    *,
    words: str = "",
    status: str = "",
    kind: str = "",
    page: int = 1,
    size: int = 50,
) -> tuple[Sequence[Row], int]:
    """One page of a bank's questions, and how many match in all."""
    found = (
        select(Row).join(QuestionVersion, QuestionVersion.id == Row.current_version_id).where(Row.bank_id == bank.id)
    )
    if words:
        safe = words.replace("%", "").replace("_", "")
        found = found.where(or_(Row.code.like(f"{safe}%"), QuestionVersion.topic.like(f"%{safe}%")))
    if status:
        found = found.where(Row.status == status)
    if kind:
        found = found.where(QuestionVersion.kind == kind)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = session.scalars(
        found.order_by(Row.code).limit(size).offset((page - 1) * size).options(joinedload(Row.current))
    ).all()
    return rows, total


def question(session: Session, bank: QuestionBank, code: str) -> Row:
    return session.scalars(
        select(Row)
        .where(Row.bank_id == bank.id, Row.code == code)
        .options(joinedload(Row.current).options(selectinload(QuestionVersion.citations)))
    ).one()


def history(session: Session, row: Row) -> tuple[Sequence[QuestionVersion], Sequence[StatusChange]]:
    versions = session.scalars(
        select(QuestionVersion).where(QuestionVersion.question_id == row.id).order_by(QuestionVersion.number.desc())
    ).all()
    changes = session.scalars(
        select(StatusChange).where(StatusChange.question_id == row.id).order_by(StatusChange.id.desc())
    ).all()
    return versions, changes


def current_questions(session: Session, bank: QuestionBank) -> list[Question]:
    """Every question of a bank that is not retired, as values, in the order of their codes."""
    rows = session.scalars(
        select(QuestionVersion)
        .join(Row, Row.current_version_id == QuestionVersion.id)
        .where(Row.bank_id == bank.id, Row.status != QuestionStatus.RETIRED)
        .order_by(Row.code)
    )
    return [Question.from_plain(v.body) for v in rows]
