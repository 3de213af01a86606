"""Reviewers and advisers, always through the one who asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal.people.models import Account, Body, Person, Post
from portal.people.queries import bodies_in_scope, id_number_indexes, person_in_scope
from portal.people.registers.models import AdviserAssignment, LegalAdviser, LegalReviewer
from portal.people.registers.rules import ASKED_SINCE, ReviewerCase
from portal.people.rules import Permission

SEE, EDIT = Permission.SEE_ROSTER, Permission.EDIT_PERSON
EXPORTED = 20_000  # rows of one sheet


def _bodies(account: Account, permission: Permission):
    return select(Body.id).where(bodies_in_scope(account, permission))


def lacking() -> ColumnElement[bool]:
    """A condition on LegalReviewer: the rule is not met; a test holds it beside the rule."""
    proven = and_(
        LegalReviewer.qualification_number != "",
        LegalReviewer.qualification_document != "",
        LegalReviewer.qualification_on.is_not(None),
    )
    early = and_(LegalReviewer.first_on < ASKED_SINCE, LegalReviewer.first_document != "")
    late = and_(LegalReviewer.first_on >= ASKED_SINCE, proven)
    return and_(LegalReviewer.penalties.is_(True), ~or_(early, late))


def case_of(reviewer: LegalReviewer) -> ReviewerCase:
    return ReviewerCase(
        penalties=reviewer.penalties,
        first_on=reviewer.first_on,
        first_document=reviewer.first_document,
        number=reviewer.qualification_number,
        qualified_on=reviewer.qualification_on,
        document=reviewer.qualification_document,
    )


def _seen(account: Account, which: str) -> ColumnElement[bool]:
    here = LegalReviewer.body_id.in_(_bodies(account, SEE))
    if which == "ended":
        return and_(here, LegalReviewer.ended_on.is_not(None))
    running = and_(here, LegalReviewer.ended_on.is_(None))
    return and_(running, lacking()) if which == "lacking" else running


def reviewers(
    session: Session, account: Account, which: str, *, page: int, size: int
) -> tuple[Sequence[LegalReviewer], int]:
    """One page of the register (running, lacking or ended), and how many there are."""
    where = _seen(account, which)
    total = session.scalar(select(func.count()).select_from(LegalReviewer).where(where)) or 0
    rows = session.scalars(
        select(LegalReviewer)
        .join(LegalReviewer.body)
        .where(where)
        .order_by(Body.path, LegalReviewer.id)
        .limit(size)
        .offset((page - 1) * size)
        .options(contains_eager(LegalReviewer.body), joinedload(LegalReviewer.person))
    ).all()
    return rows, total


def reviewer_counts(session: Session, account: Account) -> dict[str, int]:
    """How many stand in each list."""
    parts = [
        select(func.count()).select_from(LegalReviewer).where(_seen(account, which)).scalar_subquery()
        for which in ("running", "lacking", "ended")
    ]
    running, without, ended = session.execute(select(*parts)).one()
    return {"running": running, "lacking": without, "ended": ended}


def reviewer_in_scope(
    session: Session, account: Account, reviewer_id: int, permission: Permission = SEE, *, hold: bool = False
) -> LegalReviewer:
    """The entry, if its body lies in scope; otherwise NoResultFound, a 404."""
    found = select(LegalReviewer).where(
        LegalReviewer.id == reviewer_id, LegalReviewer.body_id.in_(_bodies(account, permission))
    )
    if hold:
        return session.scalars(found.with_for_update(of=LegalReviewer)).one()
    return session.scalars(found.options(joinedload(LegalReviewer.person), joinedload(LegalReviewer.body))).one()


def officer_by_number(session: Session, account: Account, number: str) -> Person:
    """The person in scope with this personnel number; otherwise NoResultFound, a 404."""
    person_id = session.scalars(select(Person.id).where(Person.personnel_number == number)).one()
    return person_in_scope(session, account, EDIT, person_id)


def body_by_name(session: Session, account: Account, name: str, day: date) -> Body:
    """The standing body in scope with this name; otherwise NoResultFound, a 404."""
    standing = or_(Body.abolished_on.is_(None), Body.abolished_on > day)
    return session.scalars(select(Body).where(Body.name == name, standing, Body.id.in_(_bodies(account, EDIT)))).one()


def post_body(session: Session, account: Account, person_id: int) -> Body:
    """The body in scope in which a person has a current post."""
    return session.scalars(
        select(Body)
        .join(Post, Post.body_id == Body.id)
        .where(Post.person_id == person_id, Post.ended_on.is_(None), Body.id.in_(_bodies(account, EDIT)))
        .order_by(Post.id.desc())
        .limit(1)
    ).one()


def assignments(
    session: Session, account: Account, ended: bool, *, page: int, size: int
) -> tuple[Sequence[AdviserAssignment], int]:
    """One page of advisers by the bodies they serve, and how many there are."""
    over = AdviserAssignment.ended_on
    where = and_(
        AdviserAssignment.body_id.in_(_bodies(account, SEE)), over.is_not(None) if ended else over.is_(None)
    )
    total = session.scalar(select(func.count()).select_from(AdviserAssignment).where(where)) or 0
    rows = session.scalars(
        select(AdviserAssignment)
        .join(AdviserAssignment.body)
        .where(where)
        .order_by(Body.path, AdviserAssignment.id)
        .limit(size)
        .offset((page - 1) * size)
        .options(
            contains_eager(AdviserAssignment.body),
            joinedload(AdviserAssignment.adviser).joinedload(LegalAdviser.person),
        )
    ).all()
    return rows, total


def assignment_to_end(session: Session, account: Account, assignment_id: int) -> AdviserAssignment:
    """The assignment, held, if its body lies where this account edits; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(AdviserAssignment)
        .where(AdviserAssignment.id == assignment_id, AdviserAssignment.body_id.in_(_bodies(account, EDIT)))
        .with_for_update(of=AdviserAssignment)
    ).one()


def person_with_id_number(session: Session, number: str) -> Person | None:
    """Whoever has this ID number; used to keep one human being one record, never shown."""
    return session.scalar(select(Person).where(Person.id_number_index.in_(id_number_indexes(number))))


def adviser_of(session: Session, person_id: int) -> LegalAdviser | None:
    return session.scalar(select(LegalAdviser).where(LegalAdviser.person_id == person_id))
