"""Which questions a change of law touches, inside what an account may see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session, joinedload

from portal.bank.following.models import QuestionHold
from portal.bank.models import Citation, Question, QuestionBank, QuestionStatus, QuestionVersion
from portal.people.models import Account, Body
from portal.people.queries import bodies_in_scope
from portal.people.rules import Permission


@dataclass(frozen=True)
class HitQuestion:
    """A question and the citation through which a change reaches it; `outcome` once somebody answered."""

    question_id: int
    code: str
    bank: str
    status: str
    opening: str
    law: str
    label: str
    article: str
    held: bool
    outcome: str | None = None
    ended_at: datetime | None = None


def _seen(account: Account):  # type: ignore[no-untyped-def]
    """Banks in scope; whoever keeps the law library sees what an import touches in all of his."""
    readers = (Permission.MANAGE_BANK, Permission.REVIEW_QUESTION, Permission.EDIT_LIBRARY)
    return or_(*(bodies_in_scope(account, permission, QuestionBank.field) for permission in readers))


def questions_citing(session: Session, account: Account, versions: Collection[tuple[str, str]]) -> list[HitQuestion]:
    """Living questions in sight whose current version cites one of these (law, label)."""
    rows = session.execute(
        select(
            Question.id, Question.code, QuestionBank.code, Question.status, QuestionVersion.opening,
            Citation.law, Citation.label, Citation.article, Question.held,
        )
        .join(QuestionVersion, QuestionVersion.id == Question.current_version_id)
        .join(Citation, Citation.version_id == QuestionVersion.id)
        .join(QuestionBank, QuestionBank.id == Question.bank_id)
        .join(Body, Body.id == QuestionBank.body_id)
        .where(tuple_(Citation.law, Citation.label).in_(versions), Question.status != QuestionStatus.RETIRED)
        .where(_seen(account))
        .order_by(Question.code)
    )  # fmt: skip
    return [HitQuestion(*row) for row in rows] if versions else []


def questions_hit(session: Session, account: Account, raised_by: str) -> list[HitQuestion]:
    """Questions in sight that were held for a cause, those answered for among them."""
    rows = session.execute(
        select(
            Question.id, Question.code, QuestionBank.code, Question.status, QuestionVersion.opening,
            QuestionHold.law, QuestionHold.label, QuestionHold.article, QuestionHold.ended_at.is_(None),
            QuestionHold.outcome, QuestionHold.ended_at,
        )
        .join(Question, Question.id == QuestionHold.question_id)
        .join(QuestionVersion, QuestionVersion.id == Question.current_version_id)
        .join(QuestionBank, QuestionBank.id == Question.bank_id)
        .join(Body, Body.id == QuestionBank.body_id)
        .where(QuestionHold.raised_by == raised_by, _seen(account))
        .order_by(Question.code, QuestionHold.id)
    )  # fmt: skip
    return [HitQuestion(*row) for row in rows]


def times_cited(session: Session, law: str, label: str) -> int:
    """How many questions, of any bank and state, have a version that cites this version of a law."""
    return session.scalar(
        select(func.count(func.distinct(QuestionVersion.question_id)))
        .join(Citation, Citation.version_id == QuestionVersion.id)
        .where(Citation.law == law, Citation.label == label)
    ) or 0  # fmt: skip


def _waiting(account: Account):  # type: ignore[no-untyped-def]
    return (
        select(Question)
        .join(QuestionBank, QuestionBank.id == Question.bank_id)
        .join(Body, Body.id == QuestionBank.body_id)
        .where(Question.held, Question.status != QuestionStatus.RETIRED)
        .where(bodies_in_scope(account, Permission.MANAGE_BANK, QuestionBank.field))
    )


def waiting_count(session: Session, account: Account) -> int:
    """How many held questions wait for this trainer."""
    return session.scalar(_waiting(account).with_only_columns(func.count()).order_by(None)) or 0


def waiting(
    session: Session, account: Account, *, bank: str = "", first: int = 0, limit: int = 20
) -> tuple[Sequence[Question], dict[int, list[QuestionHold]], int]:
    """Held questions a trainer answers for, the holds of each, and how many there are."""
    found = _waiting(account)
    if bank:
        found = found.where(QuestionBank.code == bank)
    total = session.scalar(found.with_only_columns(func.count()).order_by(None)) or 0
    rows = session.scalars(
        found.order_by(Question.code).offset(first).limit(limit)
        .options(joinedload(Question.current), joinedload(Question.bank))
    ).all()  # fmt: skip
    holds: dict[int, list[QuestionHold]] = {}
    for hold in session.scalars(
        select(QuestionHold)
        .where(QuestionHold.question_id.in_([row.id for row in rows]), QuestionHold.ended_at.is_(None))
        .order_by(QuestionHold.id)
    ):
        holds.setdefault(hold.question_id, []).append(hold)
    return rows, holds, total


def held_in_scope(session: Session, account: Account, code: str) -> Question:
    """A held question of a bank in scope; otherwise NoResultFound, a 404."""
    return session.scalars(
        _waiting(account).where(Question.code == code).options(joinedload(Question.current), joinedload(Question.bank))
    ).one()
