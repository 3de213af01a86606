"""Reading banks and questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, and_, false, func, literal, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.bank.models import Question as Row
from portal.bank.models import QuestionBank, QuestionStatus, QuestionVersion, StatusChange
from portal.people.models import Account, Body
from portal.people.queries import bodies_in_scope, reach
from portal.people.rules import Permission
from question_bank.questions import Question


def approved_questions(session: Session, bank_codes: Sequence[str]) -> list[Question]:
    """The approved versions of some banks as values, in the order of their codes.

    A newer draft changes nothing; questions held back are not drawn.
    """
    rows = session.scalars(
        select(QuestionVersion)
        .join(Row, Row.approved_version_id == QuestionVersion.id)
        .join(QuestionBank, QuestionBank.id == Row.bank_id)
        .where(QuestionBank.code.in_(bank_codes), Row.status != QuestionStatus.RETIRED, Row.held.is_(False))
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


READS = (Permission.MANAGE_BANK, Permission.REVIEW_QUESTION)


def readable(account: Account) -> ColumnElement[bool]:
    """A condition on QuestionBank joined to Body: in one's scope, or shared by a body above it.

    A role for one field reads the shared banks of that field and those of general law.
    """
    cells = [bodies_in_scope(account, permission, QuestionBank.field) for permission in READS]
    for permission in READS:
        for path, granted in reach(account, permission):
            above = [int(part) for part in path.strip("/").split("/")]
            cell = and_(QuestionBank.shared, QuestionBank.body_id.in_(above))
            if granted:
                cell = and_(cell, or_(QuestionBank.field == granted, QuestionBank.field.is_(None)))
            cells.append(cell)
    return or_(false(), *cells)


@dataclass(frozen=True)
class Opened:
    """A bank as this account finds it: whether it may write there, or only read."""

    bank: QuestionBank
    writable: bool


def bank_readable(session: Session, account: Account, code: str) -> Opened:
    """The bank, if the account may read it; otherwise NoResultFound, a 404."""
    return Opened(*session.execute(_opened(account).where(QuestionBank.code == code)).one())


def banks_readable(session: Session, account: Account) -> list[Opened]:
    """Every bank the account may read, its own first."""
    return sorted(
        (Opened(*row) for row in session.execute(_opened(account).order_by(QuestionBank.id))),
        key=lambda opened: not opened.writable,
    )


def _opened(account: Account):  # type: ignore[no-untyped-def]
    writable = bodies_in_scope(account, Permission.MANAGE_BANK, QuestionBank.field)
    found = select(QuestionBank, writable.label("writable")).join(Body, Body.id == QuestionBank.body_id)
    return found.where(readable(account))


def tallies(session: Session, bank_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Bank → questions by status."""
    found: dict[int, dict[str, int]] = {}
    for bank_id, status, count in session.execute(
        select(Row.bank_id, Row.status, func.count()).where(Row.bank_id.in_(bank_ids)).group_by(Row.bank_id, Row.status)
    ):
        found.setdefault(bank_id, {})[status] = count
    return found


def in_use(session: Session, bank_ids: Sequence[int]) -> dict[int, int]:
    """Bank → how many of its questions papers may draw, whatever is being written on top of them."""
    found = select(Row.bank_id, func.count()).where(
        Row.bank_id.in_(bank_ids), Row.approved_version_id.is_not(None), Row.held.is_(False),
        Row.status != QuestionStatus.RETIRED,
    )  # fmt: skip
    return dict(session.execute(found.group_by(Row.bank_id)).all())  # type: ignore[arg-type]


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


MOST_BODIES = 300


def bodies_for_banks(session: Session, account: Account) -> Sequence[Body]:
    """The bodies at which the account may open a bank, from the top."""
    return session.scalars(
        select(Body)
        .where(bodies_in_scope(account, Permission.MANAGE_BANK), Body.abolished_on.is_(None))
        .order_by(Body.path)
        .limit(MOST_BODIES)
    ).all()


def body_for_bank(session: Session, account: Account, body_id: int, field: str | None) -> Body:
    """The living body, if the account may open a bank of that field there; otherwise NoResultFound, a 404."""
    of_field = literal(field, String(20))
    mine = bodies_in_scope(account, Permission.MANAGE_BANK, of_field)
    return session.scalars(select(Body).where(Body.id == body_id, Body.abolished_on.is_(None), mine)).one()


def body_of(session: Session, bank: QuestionBank) -> Body:
    return session.get_one(Body, bank.body_id)
