"""Finding people and bodies, always through the one who asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.ground import clock
from portal.ground.crypto import keys
from portal.people.identity import same_person
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
)
from portal.people.rules import OPENS, Permission

ID_PURPOSE = "person|id_number"
PHONE_PURPOSE = "person|phone"


def id_number_index(number: str) -> str:
    return keys.blind(number, ID_PURPOSE)


def id_number_indexes(number: str) -> list[str]:
    """Under what an ID number may stand while keys are being changed; for every look-up."""
    return keys.blinds(number, ID_PURPOSE)


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


def current_post(session: Session, person_id: int) -> Post | None:
    return session.scalar(
        select(Post)
        .where(Post.person_id == person_id, Post.ended_on.is_(None))
        .order_by(Post.id.desc())
        .limit(1)
        .options(joinedload(Post.body), joinedload(Post.establishment_body))
    )


def post_in_scope(session: Session, account: Account, permission: Permission, person_id: int) -> Post:
    """The person's newest current post in the account's scope; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(Post)
        .join(Body, Body.id == Post.body_id)
        .where(Post.person_id == person_id, Post.ended_on.is_(None), posts_in_scope(account, permission))
        .order_by(Post.id.desc())
        .limit(1)
        .options(joinedload(Post.body), joinedload(Post.establishment_body))
    ).one()


def body_id_of(session: Session, person_id: int) -> int | None:
    """The body of his current post: in whose scope an act about him lies."""
    newest = select(Post.body_id).where(Post.person_id == person_id, Post.ended_on.is_(None)).order_by(Post.id.desc())
    return session.scalar(newest.limit(1))


def same_level_bureau(session: Session, body: Body) -> Body | None:
    """The justice bureau of the county (else prefecture, else province) the body belongs to."""
    ancestors = [int(part) for part in body.path.strip("/").split("/")]
    bureaus = session.scalars(
        select(Body).where(
            Body.kind == BodyKind.JUSTICE_BUREAU, Body.parent_id.in_(ancestors), Body.abolished_on.is_(None)
        )
    ).all()
    if not bureaus:
        return None
    depth = {Level.COUNTY: 3, Level.PREFECTURE: 2, Level.PROVINCE: 1}
    return max(bureaus, key=lambda b: depth.get(b.level, 0))


def age_on(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def account_names(session: Session, account_ids: Collection[int | None]) -> dict[int, str]:
    """Account id -> the name of its person, for pages that say who did it."""
    found = select(Account.id, Person.name).join(Person, Person.id == Account.person_id)
    return dict(session.execute(found.where(Account.id.in_(account_ids))).all())


def lock_person(session: Session, person_id: int) -> None:
    """Hold a person's row until the transaction ends, so that acts on his standing come one after the other."""
    session.scalars(select(Person.id).where(Person.id == person_id).with_for_update()).one()


def hold_people(session: Session, person_ids: Iterable[int]) -> None:
    """Hold several persons' rows, always in one order: who needs two of them waits for nobody who needs both."""
    session.scalars(select(Person.id).where(Person.id.in_(set(person_ids))).order_by(Person.id).with_for_update()).all()


def hold_for(session: Session, account: Account, *person_ids: int) -> None:
    """Hold these persons, the one who acts and those he stands in for, before any of them is held alone."""
    lenders = {grant.on_behalf_of_id for grant in account.grants} - {None}
    absent = session.scalars(select(Account.person_id).where(Account.id.in_(lenders))) if lenders else ()
    hold_people(session, {account.person_id, *person_ids, *absent})


def raise_versions(session: Session, person_ids: Iterable[int]) -> None:
    """Whoever has the form of one of these persons open is told that the record has changed."""
    session.execute(update(Person).where(Person.id.in_(set(person_ids))).values(version=Person.version + 1))


def running_bans(session: Session, person_id: int, day: date) -> list[Ban]:
    """The bars in force on a day, the one that ends last first."""
    rows = session.scalars(
        select(Ban).where(
            Ban.person_id.in_(same_person(person_id)),
            Ban.lifted_on.is_(None),
            Ban.since <= day,
            or_(Ban.until.is_(None), Ban.until >= day),
        )
    )
    return sorted(rows, key=lambda ban: ban.until or date.max, reverse=True)
