"""Who holds which role where, seen through the one who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portal.ground import clock
from portal.people import queries as people
from portal.people.duties.queries import in_force_on
from portal.people.duties.rules import NEVER_LENT
from portal.people.models import Account, Body, BodyField, Field, Grant, Person, Post, Role
from portal.people.rules import OPENS, Permission

ALL_BUT_OFFICERS = "staff"


def covers(account: Account, permission: Permission, body: Body, field: str | None) -> bool:
    """Whether a grant carrying the permission covers the body and the field; None is every field."""
    return any(body.path.startswith(path) and own in (None, field) for path, own in people.reach(account, permission))


def seen_grants(reader: Account, permission: Permission = Permission.SEE_ROLES) -> ColumnElement[bool]:
    """A condition on Grant joined to Body: the role lies in the reader's scope."""
    return people.bodies_in_scope(reader, permission, Grant.field)


@dataclass(frozen=True)
class Line:
    """One role of one person in the list."""

    grant: Grant
    account: Account
    person: Person
    body: Body
    absent: str | None  # the name of whom he stands in for


def listed(
    session: Session, reader: Account, *, words: str = "", role: str = "", ended: bool = False, page: int = 1, size: int
) -> tuple[list[Line], int]:
    """One page of the roles in scope, by body and name, and how many there are; officers only when asked for."""
    today, absent, owner = clock.today(), aliased(Account), aliased(Person)
    where = [seen_grants(reader), ~in_force_on(today) if ended else in_force_on(today)]
    where.append(Grant.role == role if role in tuple(Role) else Grant.role != Role.OFFICER)
    if words:
        like = f"%{words.replace('%', '').replace('_', '')}%"
        where.append(or_(Person.name.like(like), Body.name.like(like), Account.username == words))
    joined = (
        select(Grant, Account, Person, Body, owner.name)
        .join(Account, Account.id == Grant.account_id)
        .join(Person, Person.id == Account.person_id)
        .join(Body, Body.id == Grant.body_id)
        .outerjoin(absent, absent.id == Grant.on_behalf_of_id)
        .outerjoin(owner, owner.id == absent.person_id)
        .where(*where)
    )
    total = session.scalar(joined.with_only_columns(func.count(Grant.id), maintain_column_froms=True)) or 0
    rows = session.execute(joined.order_by(Body.path, Grant.role, Grant.id).limit(size).offset((page - 1) * size))
    return [Line(*row) for row in rows], total


def account_in_scope(session: Session, reader: Account, permission: Permission, account_id: int) -> Account:
    """The account with its person and roles, if it belongs to the reader's scope; otherwise NoResultFound, a 404.

    It belongs there by a present post, by a role in force, or, while it has neither anywhere, to
    whoever answers for the whole tree.
    """
    return session.scalars(
        select(Account)
        .where(Account.id == account_id, _belongs(reader, permission))
        .options(joinedload(Account.person), selectinload(Account.grants).joinedload(Grant.body))
        .execution_options(populate_existing=True)
    ).one()


def _belongs(reader: Account, permission: Permission) -> ColumnElement[bool]:
    """A condition on Account; see account_in_scope."""
    present = exists().where(Post.person_id == Account.person_id, Post.ended_on.is_(None))
    held = exists().where(Grant.account_id == Account.id, in_force_on(clock.today()))
    cells = [
        present.where(Post.body_id == Body.id, people.posts_in_scope(reader, permission)),
        held.where(Grant.body_id == Body.id, seen_grants(reader, permission)),
    ]
    if any(g.body.parent_id is None and g.field is None for g in people.grants_for(reader, permission)):
        cells.append(and_(~present, ~held))
    return or_(*cells)


def found_accounts(session: Session, reader: Account, typed: str, *, limit: int = 20) -> Sequence[Account]:
    """Accounts in scope whose personnel number or name is what somebody typed."""
    return session.scalars(
        select(Account)
        .join(Account.person)
        .where(or_(Account.username == typed, Person.name == typed), _belongs(reader, Permission.SEE_ROLES))
        .order_by(Account.id)
        .limit(limit)
        .options(joinedload(Account.person))
    ).all()


def body_choices(session: Session, reader: Account, words: str, *, limit: int = 40) -> Sequence[Body]:
    """Bodies in which the reader may give roles, by a part of their name; those highest up first."""
    like = f"%{words.replace('%', '').replace('_', '')}%"
    return session.scalars(
        select(Body)
        .where(_grantable(reader), Body.abolished_on.is_(None), Body.name.like(like))
        .order_by(func.length(Body.path), Body.path)
        .limit(limit)
    ).all()


def body_to_grant_at(session: Session, reader: Account, body_id: int) -> Body:
    """The body, if the reader may give roles there; otherwise NoResultFound, a 404."""
    return session.scalars(select(Body).where(Body.id == body_id, _grantable(reader))).one()


def _grantable(reader: Account) -> ColumnElement[bool]:
    paths = [path for path, _ in people.reach(reader, Permission.GRANT_ROLE)]
    return or_(*(Body.path.startswith(path, autoescape=True) for path in paths))


def fields_to_grant(reader: Account) -> list[str | None]:
    """The fields in which the reader may give roles; None is every field."""
    own = {field for _, field in people.reach(reader, Permission.GRANT_ROLE)}
    return [None, *Field] if None in own else sorted(own)


def grant_in_scope(session: Session, reader: Account, permission: Permission, grant_id: int) -> Grant:
    """The grant, if it lies in the reader's scope; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(Grant)
        .join(Grant.body)
        .where(Grant.id == grant_id, seen_grants(reader, permission))
        .options(joinedload(Grant.body), joinedload(Grant.account).joinedload(Account.person))
    ).one()


def grant_to_lend(session: Session, reader: Account, grant_id: int) -> Grant:
    """A role of the reader's own, or one in whose scope he gives roles; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(Grant)
        .join(Grant.body)
        .where(
            Grant.id == grant_id,
            Grant.role.not_in(NEVER_LENT),
            Grant.on_behalf_of_id.is_(None),
            Grant.revoked_at.is_(None),
            or_(Grant.account_id == reader.id, seen_grants(reader, Permission.GRANT_ROLE)),
        )
        .options(joinedload(Grant.body), joinedload(Grant.account).joinedload(Account.person))
    ).one()


def deputy_for(session: Session, row: Grant, username: str) -> Account:
    """The account of a colleague: with a present post or a role in force where the role holds; else NoResultFound."""
    inside = Body.path.startswith(row.body.path, autoescape=True)
    post = exists().where(
        Post.person_id == Account.person_id, Post.ended_on.is_(None), Post.body_id == Body.id, inside
    )
    held = exists().where(Grant.account_id == Account.id, in_force_on(clock.today()), Grant.body_id == Body.id, inside)
    return session.scalars(
        select(Account).where(Account.username == username, Account.disabled_at.is_(None), or_(post, held))
    ).one()


def own_lending(session: Session, account: Account) -> tuple[list[Grant], list[Grant], list[Grant]]:
    """The roles one may lend, those one has lent, and those one holds for others; in force or to come."""
    today = clock.today()
    rows = session.scalars(
        select(Grant)
        .where(or_(Grant.account_id == account.id, Grant.on_behalf_of_id == account.id), Grant.revoked_at.is_(None))
        .where(or_(Grant.ends_on.is_(None), Grant.ends_on >= today))
        .order_by(Grant.id)
        .options(joinedload(Grant.body), joinedload(Grant.account).joinedload(Account.person))
    ).all()
    own = [g for g in rows if g.account_id == account.id and g.on_behalf_of_id is None and g.role not in NEVER_LENT]
    lent = [g for g in rows if g.on_behalf_of_id == account.id]
    return own, lent, [g for g in rows if g.account_id == account.id and g.on_behalf_of_id is not None]


SEEING = frozenset({
    Permission.SEE_ROSTER, Permission.SEE_ELIGIBILITY, Permission.UNIT_REVIEW, Permission.HELP_ACCOUNT,
    Permission.EDIT_PERSON, Permission.REVEAL_PERSON, Permission.SEE_FIGURES, Permission.SEE_AUDIT,
    Permission.SEE_ROLES,
})  # fmt: skip
SEEING_ROLES = tuple(str(role) for role, opened in OPENS.items() if opened & SEEING)


def who_sees(
    session: Session, places: Sequence[tuple[str, Sequence[str]]], *, page: int = 1, size: int
) -> tuple[list[Line], int]:
    """One page of everybody whose role reaches one of these places, nearest first, and how many there are.

    A place is the path of a body and the fields in which it, or the post there, enforces: a role for one
    field reaches those of its field only.
    """
    cells = [
        and_(
            Grant.body_id.in_([int(part) for part in path.strip("/").split("/")]),
            or_(Grant.field.is_(None), Grant.field.in_(fields)),
        )
        for path, fields in places
    ]
    where = [or_(false(), *cells), Grant.role.in_(SEEING_ROLES), in_force_on(clock.today())]
    where.append(Account.disabled_at.is_(None))
    absent, owner = aliased(Account), aliased(Person)
    joined = (
        select(Grant, Account, Person, Body, owner.name)
        .join(Account, Account.id == Grant.account_id)
        .join(Person, Person.id == Account.person_id)
        .join(Body, Body.id == Grant.body_id)
        .outerjoin(absent, absent.id == Grant.on_behalf_of_id)
        .outerjoin(owner, owner.id == absent.person_id)
        .where(*where)
    )
    total = session.scalar(joined.with_only_columns(func.count(Grant.id), maintain_column_froms=True)) or 0
    order = (func.length(Body.path).desc(), Grant.role, Grant.id)
    rows = session.execute(joined.order_by(*order).limit(size).offset((page - 1) * size))
    return [Line(*row) for row in rows], total


def body_seen(session: Session, reader: Account, body_id: int) -> tuple[Body, list[str]]:
    """A body in the reader's scope and the fields in which it enforces; otherwise NoResultFound, a 404."""
    scope = people.bodies_in_scope(reader, Permission.SEE_ROLES)
    body = session.scalars(select(Body).where(Body.id == body_id, scope)).one()
    return body, list(session.scalars(select(BodyField.field).where(BodyField.body_id == body_id)))


def person_seen(session: Session, reader: Account, person_id: int) -> Person:
    """A person with a present post in the reader's scope, or whose account belongs there; otherwise a 404."""
    account = exists().where(Account.person_id == Person.id, _belongs(reader, Permission.SEE_ROLES))
    post = exists().where(
        Post.person_id == Person.id, Post.ended_on.is_(None), Post.body_id == Body.id,
        people.posts_in_scope(reader, Permission.SEE_ROLES),
    )  # fmt: skip
    return session.scalars(select(Person).where(Person.id == person_id, or_(post, account))).one()


def places_of(session: Session, person_id: int) -> list[tuple[Post, list[str]]]:
    """The present posts of a person with their fields."""
    posts = session.scalars(
        select(Post)
        .where(Post.person_id == person_id, Post.ended_on.is_(None))
        .options(joinedload(Post.body), selectinload(Post.further_fields))
    )
    return [(post, [post.field, *(f.field for f in post.further_fields)]) for post in posts]


def may_be_lent(row: Grant) -> bool:
    return row.role not in NEVER_LENT and row.on_behalf_of_id is None and row.in_force(clock.today())


def lent_grant(session: Session, absent: Account, grant_id: int) -> Grant:
    """A grant by which somebody stands in for this account; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(Grant)
        .where(Grant.id == grant_id, Grant.on_behalf_of_id == absent.id, Grant.revoked_at.is_(None))
        .options(joinedload(Grant.body), joinedload(Grant.account).joinedload(Account.person))
    ).one()
