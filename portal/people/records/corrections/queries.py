"""Corrections and requests that wait, always through the one who asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session, joinedload

from portal.people.models import Account, Body, IdentityCheck, Person, Post
from portal.people.queries import posts_in_scope
from portal.people.records.models import (
    CorrectionAnswer,
    CorrectionEnd,
    CorrectionRequest,
    PersonCorrection,
)
from portal.people.records.sealing import unseal
from portal.people.rules import Permission

Waiting = PersonCorrection | CorrectionRequest


def _kept_by(account: Account) -> ColumnElement[bool]:
    """A condition on Person: a current post lies where this account edits persons."""
    return (
        exists()
        .where(Post.person_id == Person.id, Post.ended_on.is_(None), Post.body_id == Body.id)
        .where(posts_in_scope(account, Permission.EDIT_PERSON))
    )


def correction_in_scope(session: Session, account: Account, correction_id: int) -> PersonCorrection:
    """The proposed correction, if its person lies in scope; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(PersonCorrection)
        .join(Person, Person.id == PersonCorrection.person_id)
        .where(PersonCorrection.id == correction_id, _kept_by(account))
        .options(joinedload(PersonCorrection.end))
    ).one()


def request_in_scope(session: Session, account: Account, request_id: int) -> tuple[CorrectionRequest, Person]:
    """The request and who made it, if he lies in scope; otherwise NoResultFound, a 404."""
    row = session.execute(
        select(CorrectionRequest, Person)
        .join(Person, Person.id == CorrectionRequest.person_id)
        .where(CorrectionRequest.id == request_id, _kept_by(account))
        .options(joinedload(CorrectionRequest.answer))
    ).one()
    return row[0], row[1]


def open_correction(session: Session, person_id: int, fact: str) -> PersonCorrection | None:
    """The proposal about this fact that still waits for a second person."""
    return session.scalars(
        select(PersonCorrection)
        .outerjoin(CorrectionEnd, CorrectionEnd.correction_id == PersonCorrection.id)
        .where(PersonCorrection.person_id == person_id, PersonCorrection.fact == fact)
        .where(CorrectionEnd.correction_id.is_(None))
    ).first()


def _page(session: Session, found: Select[Any], order: Any, page: int, size: int) -> tuple[Sequence[Any], int]:
    total = session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    return session.execute(found.order_by(order).limit(size).offset((page - 1) * size)).all(), total


def corrections_waiting(session: Session, account: Account, *, page: int, size: int) -> tuple[Sequence[Any], int]:
    """(correction, person, name of who proposed it), oldest first, and how many there are."""
    proposer = select(Account.id, Person.name).join(Person, Person.id == Account.person_id).subquery()
    found = (
        select(PersonCorrection, Person, proposer.c.name)
        .join(Person, Person.id == PersonCorrection.person_id)
        .join(proposer, proposer.c.id == PersonCorrection.proposed_by_id)
        .outerjoin(CorrectionEnd, CorrectionEnd.correction_id == PersonCorrection.id)
        .where(CorrectionEnd.correction_id.is_(None), _kept_by(account))
    )
    return _page(session, found, PersonCorrection.id, page, size)


def requests_waiting(session: Session, account: Account, *, page: int, size: int) -> tuple[Sequence[Any], int]:
    """(request, person), oldest first, and how many there are."""
    found = (
        select(CorrectionRequest, Person)
        .join(Person, Person.id == CorrectionRequest.person_id)
        .outerjoin(CorrectionAnswer, CorrectionAnswer.request_id == CorrectionRequest.id)
        .where(CorrectionAnswer.request_id.is_(None), _kept_by(account))
    )
    return _page(session, found, CorrectionRequest.id, page, size)


def own_requests(session: Session, person_id: int) -> Sequence[CorrectionRequest]:
    """What a person asked to have put right, newest first."""
    return session.scalars(
        select(CorrectionRequest)
        .where(CorrectionRequest.person_id == person_id)
        .order_by(CorrectionRequest.id.desc())
        .options(joinedload(CorrectionRequest.answer))
    ).all()


def open_requests(session: Session, person_id: int) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(CorrectionRequest)
            .outerjoin(CorrectionAnswer, CorrectionAnswer.request_id == CorrectionRequest.id)
            .where(CorrectionRequest.person_id == person_id, CorrectionAnswer.request_id.is_(None))
        )
        or 0
    )


def said(session: Session, row: Waiting) -> dict[str, str]:
    """What stands in a correction or request; empty once the person's key is destroyed."""
    return unseal(session, row.person_id, row.sealed, row.bound_to) or {}


def answer_said(session: Session, request: CorrectionRequest) -> str:
    """The reason given in the answer, or an empty text."""
    if request.answer is None:
        return ""
    return unseal(session, request.person_id, request.answer.sealed, request.answer.bound_to) or ""


def last_identity_check(session: Session, person_id: int) -> int | None:
    return session.scalar(select(func.max(IdentityCheck.id)).where(IdentityCheck.person_id == person_id))
