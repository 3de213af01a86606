"""Transfers, always through the one who asks: as sender or as receiver."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.ground import clock
from portal.people.models import Account, Body, Grant, Person, Post, Role
from portal.people.queries import bodies_in_scope, posts_in_scope
from portal.people.rules import Permission
from portal.people.transfers.models import WAITING, Transfer, TransferState, TransferStep

TRANSFER = Permission.TRANSFER_PERSON
OFFERED = 20  # units shown of a search
WHOLE = (
    joinedload(Transfer.person),
    joinedload(Transfer.from_body),
    joinedload(Transfer.to_body),
)


def sends(account: Account) -> ColumnElement[bool]:
    """A condition on Transfer: the post that ends lies in the account's scope."""
    return exists().where(Post.id == Transfer.post_id, Post.body_id == Body.id, posts_in_scope(account, TRANSFER))


def receives(account: Account) -> ColumnElement[bool]:
    """A condition on Transfer: the new unit, in the new field, lies in the account's scope."""
    return exists().where(Body.id == Transfer.to_body_id, bodies_in_scope(account, TRANSFER, Transfer.field))


def _was_released(account: Account) -> ColumnElement[bool]:
    """A condition on Transfer: it concerns this account as the receiver, whatever became of it since."""
    step = exists().where(TransferStep.transfer_id == Transfer.id, TransferStep.kind == TransferState.RELEASED)
    return and_(receives(account), step)


def transfer_in_scope(session: Session, account: Account, transfer_id: int) -> Transfer:
    """The transfer, for the sender, and from its release on for the receiver; otherwise NoResultFound, a 404."""
    found = select(Transfer).where(Transfer.id == transfer_id, or_(sends(account), _was_released(account)))
    loads = (
        joinedload(Transfer.establishment_body),
        joinedload(Transfer.post).joinedload(Post.establishment_body),
        selectinload(Transfer.steps),
    )
    return session.scalars(found.options(*WHOLE, *loads)).one()


def sides(session: Session, account: Account, transfer_id: int) -> tuple[bool, bool]:
    """Whether the account answers for the sending unit, and for the receiving one."""
    row = session.execute(select(sends(account), receives(account)).where(Transfer.id == transfer_id)).one()
    return bool(row[0]), bool(row[1])


def _held(side: ColumnElement[bool], transfer_id: int) -> Select[tuple[Transfer]]:
    return select(Transfer).where(Transfer.id == transfer_id, side).with_for_update(of=Transfer)


def to_release(session: Session, account: Account, transfer_id: int) -> Transfer:
    """The transfer, held, if this account answers for the sending unit; otherwise NoResultFound."""
    return session.scalars(_held(sends(account), transfer_id)).one()


def to_confirm(session: Session, account: Account, transfer_id: int) -> Transfer:
    """The transfer, held, if it was released to this account's unit; otherwise NoResultFound."""
    return session.scalars(_held(_was_released(account), transfer_id)).one()


def _listed(account: Account, side: str, waiting: bool) -> ColumnElement[bool]:
    """Which transfers stand in a list; an unreleased one is no matter of the receiver yet."""
    if side == "out":
        return and_(sends(account), Transfer.state.in_(WAITING) if waiting else Transfer.state.not_in(WAITING))
    here, ended = receives(account), (TransferState.CONFIRMED, TransferState.REFUSED)
    return and_(here, Transfer.state == TransferState.RELEASED if waiting else Transfer.state.in_(ended))


def transfers(
    session: Session, account: Account, side: str, waiting: bool, *, page: int, size: int
) -> tuple[Sequence[Transfer], int]:
    """One page of transfers, and how many there are; waiting ones by their day, ended ones newest first."""
    where = _listed(account, side, waiting)
    total = session.scalar(select(func.count()).select_from(Transfer).where(where)) or 0
    order = (Transfer.effective_on, Transfer.id) if waiting else (Transfer.id.desc(),)
    rows = session.scalars(
        select(Transfer).where(where).order_by(*order).limit(size).offset((page - 1) * size).options(*WHOLE)
    )
    return rows.all(), total


def waiting_counts(session: Session, account: Account) -> tuple[int, int]:
    """How many transfers wait for this account: as receiver, and as sender."""
    received = select(func.count()).select_from(Transfer).where(_listed(account, "in", True))
    sent = select(func.count()).select_from(Transfer).where(_listed(account, "out", True))
    row = session.execute(select(received.scalar_subquery(), sent.scalar_subquery())).one()
    return int(row[0]), int(row[1])


def post_to_leave(session: Session, account: Account, person_id: int) -> Post:
    """The person's current post in the account's scope; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(Post)
        .join(Body, Body.id == Post.body_id)
        .where(Post.person_id == person_id, Post.ended_on.is_(None), posts_in_scope(account, TRANSFER))
        .order_by(Post.id.desc())
        .limit(1)
        .options(joinedload(Post.person), joinedload(Post.body), joinedload(Post.establishment_body))
    ).one()


def person_by_number(session: Session, account: Account, number: str) -> int:
    """The id of the person in scope with this personnel number; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(Person.id)
        .join(Post, Post.person_id == Person.id)
        .join(Body, Body.id == Post.body_id)
        .where(Person.personnel_number == number, Post.ended_on.is_(None), posts_in_scope(account, TRANSFER))
        .limit(1)
    ).one()


def running(session: Session, person_id: int) -> Transfer | None:
    return session.scalar(select(Transfer).where(Transfer.person_id == person_id, Transfer.state.in_(WAITING)))


def receiving_bodies(session: Session, words: str, leaving: Body) -> Sequence[Body]:
    """Units whose name holds the words, the one that is left and abolished ones aside."""
    like = f"%{words.replace('%', '').replace('_', '')}%"
    standing = or_(Body.abolished_on.is_(None), Body.abolished_on > clock.today())
    return session.scalars(
        select(Body)
        .where(Body.name.like(like), Body.id != leaving.id, standing)
        .order_by(func.length(Body.name), Body.path)
        .limit(OFFERED)
    ).all()


def receiver(session: Session, body_id: int) -> Body:
    """A body to go to, with its fields; NoResultFound when there is none."""
    return session.scalars(select(Body).where(Body.id == body_id).options(selectinload(Body.fields))).one()


def names_of(session: Session, body_ids: Sequence[int]) -> list[tuple[int, str]]:
    """(id, name) of bodies, in the order asked for."""
    found = dict(session.execute(select(Body.id, Body.name).where(Body.id.in_(body_ids))).all())
    return [(body_id, found[body_id]) for body_id in body_ids]


def grants_of(session: Session, person_id: int, day: date) -> list[Grant]:
    """The roles a person holds on a day, and those others hold in his place."""
    own = select(Account.id).where(Account.person_id == person_id)
    rows = session.scalars(
        select(Grant)
        .where(or_(Grant.account_id.in_(own), Grant.on_behalf_of_id.in_(own)), Grant.revoked_at.is_(None))
        .order_by(Grant.id)
        .options(joinedload(Grant.body), joinedload(Grant.account))
    )
    return [grant for grant in rows if grant.ends_on is None or day <= grant.ends_on]


def grants_ending(session: Session, transfer: Transfer, day: date, kept: Collection[int] = ()) -> list[Grant]:
    """What ends or moves with the post: roles at the unit that is left and below, and what was lent from them."""
    held, left = grants_of(session, transfer.person_id, day), session.get_one(Body, transfer.from_body_id)
    own = [
        grant
        for grant in held
        if grant.account.person_id == transfer.person_id
        and grant.body.path.startswith(left.path)
        and (grant.role == Role.OFFICER or grant.id not in kept)
        and (grant.role != Role.OFFICER or grant.body_id != transfer.to_body_id)
    ]
    return own + [g for g in held if g.account.person_id != transfer.person_id and any(_lent(g, o) for o in own)]


def _lent(grant: Grant, own: Grant) -> bool:
    here = grant.body.path.startswith(own.body.path) and own.field in (None, grant.field)
    return grant.on_behalf_of_id == own.account_id and grant.role == own.role and here


def officer_already(session: Session, account: Account, body_id: int, day: date) -> bool:
    """Whether the account has the officer's role at the body, for every field."""
    rows = session.scalars(
        select(Grant).where(
            Grant.account_id == account.id, Grant.role == Role.OFFICER, Grant.body_id == body_id, Grant.field.is_(None)
        )
    )
    return any(grant.in_force(day) for grant in rows)
