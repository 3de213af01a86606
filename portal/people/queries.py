"""Finding people and bodies, always through the one who asks."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.ground import clock
from portal.ground.crypto import keys
from portal.people.models import (
    Account,
    Ban,
    Body,
    BodyField,
    BodyKind,
    Grant,
    Level,
    Person,
    Post,
    PostField,
    SignIn,
)
from portal.people.rules import OPENS, Permission, normal_id_number

ID_PURPOSE = "person|id_number"


def id_number_index(number: str) -> str:
    return keys.blind(number, ID_PURPOSE)


def grants_for(account: Account, permission: Permission) -> list[Grant]:
    """The grants of this account that carry the permission today."""
    today = clock.today()
    return [g for g in account.grants if g.in_force(today) and permission in OPENS[g.role]]


def permissions_of(account: Account) -> frozenset[Permission]:
    """Everything this account's grants of today open."""
    today = clock.today()
    return frozenset().union(*(OPENS[g.role] for g in account.grants if g.in_force(today)))


def reach(account: Account, permission: Permission) -> list[tuple[str, str | None]]:
    """Where the permission holds: (path of the subtree's top, field or None for all)."""
    return [(g.body.path, g.field) for g in grants_for(account, permission)]


def bodies_in_scope(
    account: Account, permission: Permission, field: ColumnElement[str] | None = None
) -> ColumnElement[bool]:
    """A condition on Body: inside the subtree of a grant that carries the permission.

    A grant for one field reaches the bodies that enforce in it; where `field` names the column that
    says of what field a thing at the body is, it reaches the things of its own field only.
    """
    cells = []
    for path, granted in reach(account, permission):
        cell = Body.path.startswith(path, autoescape=True)
        if granted and field is not None:
            cell = and_(cell, field == granted)
        elif granted:
            cell = and_(cell, Body.fields.any(BodyField.field == granted))
        cells.append(cell)
    return or_(*cells) if cells else false()


def posts_in_scope(account: Account, permission: Permission) -> ColumnElement[bool]:
    """A condition on Post joined to Body: subtree of the grant, and its field where it names one."""
    cells = []
    for path, granted in reach(account, permission):
        cell = Body.path.startswith(path, autoescape=True)
        if granted:
            cell = and_(cell, or_(Post.field == granted, Post.further_fields.any(PostField.field == granted)))
        cells.append(cell)
    return or_(*cells) if cells else false()


def person_in_scope(session: Session, account: Account, permission: Permission, person_id: int) -> Person:
    """The person, if a current post lies in the account's scope; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(Person)
        .where(
            Person.id == person_id,
            exists()
            .where(Post.person_id == Person.id, Post.ended_on.is_(None), Post.body_id == Body.id)
            .where(posts_in_scope(account, permission)),
        )
        .options(selectinload(Person.posts).joinedload(Post.body))
    ).one()


def roster(
    session: Session,
    account: Account,
    *,
    words: str = "",
    field: str = "",
    page: int = 1,
    size: int = 50,
) -> tuple[list[tuple[Person, Post]], int]:
    """One page of the people in scope, and how many there are in all."""
    matching = (
        select(Post)
        .join(Post.body)
        .join(Post.person)
        .where(Post.ended_on.is_(None), posts_in_scope(account, Permission.SEE_ROSTER))
    )
    if words:
        like = f"%{words.replace('%', '').replace('_', '')}%"
        matching = matching.where(or_(Person.name.like(like), Body.name.like(like), Person.personnel_number == words))
    if field:
        matching = matching.where(Post.field == field)
    total = session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    rows = session.scalars(
        matching.order_by(Body.path, Person.id)
        .limit(size)
        .offset((page - 1) * size)
        .options(joinedload(Post.person), joinedload(Post.body), joinedload(Post.establishment_body))
    )
    return [(post.person, post) for post in rows], total


def account_for_sign_in(session: Session, typed: str) -> Account | None:
    """The account of what somebody typed: personnel number, or ID number in any width and case."""
    found = session.scalar(select(Account).where(Account.username == typed.strip()))
    number = normal_id_number(typed)
    if found is None and len(number) == 18:
        found = session.scalar(
            select(Account).join(Account.person).where(Person.id_number_index == id_number_index(number))
        )
    return found


def signed_in_account(session: Session, token_sha256: str, now: datetime) -> Account | None:
    """The account behind a live sign-in, its grants and person loaded."""
    return session.scalar(
        select(Account)
        .join(SignIn, SignIn.account_id == Account.id)
        .where(
            SignIn.token_sha256 == token_sha256,
            SignIn.ended_at.is_(None),
            SignIn.ends_at > now,
            Account.disabled_at.is_(None),
        )
        .options(joinedload(Account.person), selectinload(Account.grants).joinedload(Grant.body))
    )


def current_post(session: Session, person_id: int) -> Post | None:
    return session.scalar(
        select(Post)
        .where(Post.person_id == person_id, Post.ended_on.is_(None))
        .order_by(Post.id.desc())
        .limit(1)
        .options(joinedload(Post.body), joinedload(Post.establishment_body))
    )


def same_level_bureau(session: Session, body: Body) -> Body | None:
    """The justice bureau of the county (else prefecture, else province) the body belongs to."""
    ancestors = [int(part) for part in body.path.strip("/").split("/")]
    bureaus = session.scalars(
        select(Body).where(Body.kind == BodyKind.JUSTICE_BUREAU, Body.parent_id.in_(ancestors))
    ).all()
    if not bureaus:
        return None
    depth = {Level.COUNTY: 3, Level.PREFECTURE: 2, Level.PROVINCE: 1}
    return max(bureaus, key=lambda b: depth.get(b.level, 0))


def age_on(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def lock_person(session: Session, person_id: int) -> None:
    """Hold a person's row until the transaction ends, so that acts on his standing come one after the other."""
    session.scalars(select(Person.id).where(Person.id == person_id).with_for_update()).one()


def running_bans(session: Session, person_id: int, day: date) -> list[Ban]:
    """The bars in force on a day, the one that ends last first."""
    rows = session.scalars(
        select(Ban).where(
            Ban.person_id == person_id,
            Ban.lifted_on.is_(None),
            Ban.since <= day,
            or_(Ban.until.is_(None), Ban.until >= day),
        )
    )
    return sorted(rows, key=lambda ban: ban.until or date.max, reverse=True)
