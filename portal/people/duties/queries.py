"""Who took which step, whose turn a step is, and for whom somebody acts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portal.ground import clock
from portal.people.duties.models import DutyConflict, DutyStep, RoleConflict
from portal.people.duties.rules import SELF, roles_for
from portal.people.models import Account, Body, BodyKind, Grant, Person, Post


@dataclass(frozen=True)
class Party:
    """Who would take a step: the person, the one he stands in for, and others for whom he could be."""

    person_id: int
    on_behalf_of_id: int | None = None
    others: frozenset[int] = frozenset()

    @property
    def both(self) -> frozenset[int]:
        return self.others | {i for i in (self.person_id, self.on_behalf_of_id) if i is not None}


@dataclass(frozen=True)
class Place:
    """Where a thing lies: the path of its body, and its fields; None: not known."""

    path: str
    fields: frozenset[str] | None


def places_of_person(session: Session, person_id: int) -> list[Place]:
    """Where a person is reached: his present posts; where he has none at all, the past ones."""
    posts = session.scalars(
        select(Post)
        .where(Post.person_id == person_id)
        .options(joinedload(Post.body), selectinload(Post.further_fields))
    ).all()
    found = [p for p in posts if p.ended_on is None] or posts
    return [Place(p.body.path, frozenset({p.field, *(f.field for f in p.further_fields)})) for p in found]


def party_for(
    session: Session, account: Account, own: Sequence[Grant], lent: Sequence[Grant], grounds: Iterable[Sequence[Place]]
) -> Party:
    """Who acts when these grants are used; each ground is one thing, with the places at which it is reached.

    Only a grant of his own that covers a thing lets him act for himself. Where nothing is known to cover
    it, nobody whose role he holds may be its other party.
    """
    used: list[Grant] = []
    checked: list[Grant] = []
    for places in grounds:
        if any(_covers(g, place, place.fields or frozenset()) for g in own for place in places):
            continue
        covering = [g for g in lent if any(_covers(g, p, {g.field} if p.fields is None else p.fields) for p in places)]
        checked += covering or lent
        used += covering or ([] if own else lent)
    absent = {g.on_behalf_of_id for g in checked}
    persons = dict(session.execute(select(Account.id, Account.person_id).where(Account.id.in_(absent))).all())
    stands_in_for = persons[used[0].on_behalf_of_id] if used else None
    return Party(account.person_id, stands_in_for, frozenset(persons.values()))


def _covers(grant: Grant, place: Place, fields: Collection[str | None]) -> bool:
    return place.path.startswith(grant.body.path) and (grant.field is None or grant.field in fields)


def excluded_by(session: Session, step: str, object_kind: str) -> tuple[frozenset[str], bool]:
    """The steps that exclude this one about the same thing, and whether one's own thing does."""
    rows = session.execute(
        select(DutyConflict.step_a, DutyConflict.step_b).where(
            DutyConflict.object_kind.in_((object_kind, "*")),
            or_(DutyConflict.step_a == step, DutyConflict.step_b == step),
        )
    ).all()
    others = {b if a == step else a for a, b in rows}
    return frozenset(others - {SELF}), SELF in others


def barred_from(
    session: Session, step: str, object_kind: str, object_ids: Collection[object] | Select[tuple[str]]
) -> dict[str, frozenset[int]]:
    """Thing -> the persons who took a step, or for whom one was taken, that excludes this step.

    Many things are named by a statement, not one by one.
    """
    among = object_ids if isinstance(object_ids, Select) else [str(i) for i in object_ids]
    excludes = or_(
        and_(DutyConflict.step_a == step, DutyConflict.step_b == DutyStep.step),
        and_(DutyConflict.step_b == step, DutyConflict.step_a == DutyStep.step),
    )
    found: dict[str, set[int]] = {}
    rows = session.execute(
        select(DutyStep.object_id, DutyStep.person_id, DutyStep.on_behalf_of_id)
        .join(DutyConflict, and_(DutyConflict.object_kind.in_((object_kind, "*")), excludes))
        .where(DutyStep.object_kind == object_kind, DutyStep.object_id.in_(among))
    )
    for object_id, *persons in rows:
        found.setdefault(object_id, set()).update(p for p in persons if p is not None)
    return {object_id: frozenset(persons) for object_id, persons in found.items()}


def steps_about(session: Session, object_kind: str, object_id: object) -> Sequence[DutyStep]:
    """The steps taken about a thing, in their order."""
    return session.scalars(
        select(DutyStep)
        .where(DutyStep.object_kind == object_kind, DutyStep.object_id == str(object_id))
        .order_by(DutyStep.id)
    ).all()


@dataclass(frozen=True)
class Matter:
    """A step that waits: at which body, in which field, and who may not take it."""

    body_id: int
    field: str | None
    excluded: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Holder:
    """Whose turn it is: the body, its people who may act, and whether it lies above the body that should."""

    body_id: int
    name: str
    seats: frozenset[int]  # bodies at which a role counts for it: itself, and for a bureau its government
    persons: frozenset[int]
    raised: bool  # 上提办理
    upwards: frozenset[int]  # the body whose step it is, and every body above it
    excluded: frozenset[int]  # persons who may not take it


def holders_of(session: Session, permission: str, matters: Mapping[int, Matter]) -> dict[int, Holder]:
    """Whose turn each step is, in three statements however many there are.

    The nearest body upwards with a qualified person who is not excluded; a justice bureau is followed by
    the bureau above. Where nobody is left at all, it stays with the body itself.
    """
    asked = {m.body_id for m in matters.values()}
    bodies = dict(session.execute(select(Body.id, Body.path).where(Body.id.in_(asked))).all())
    chains, names = _chains(session, bodies)
    seats = {seat for chain in chains.values() for _, seated in chain for seat in seated}
    people = _qualified(session, permission, seats, clock.today())
    return {key: _holder(chains[matter.body_id], names, matter, people) for key, matter in matters.items()}


def _ids(path: str) -> list[int]:
    return [int(part) for part in path.strip("/").split("/")]


Chain = list[tuple[int, frozenset[int]]]


def _chains(session: Session, paths: Mapping[int, str]) -> tuple[dict[int, Chain], dict[int, str]]:
    """Body -> (body, its seats) from itself upwards; of a bureau: the bureaus beside the governments above.

    And the names of all of them.
    """
    above = {i for path in paths.values() for i in _ids(path)}
    beside_one = and_(Body.kind == BodyKind.JUSTICE_BUREAU, Body.parent_id.in_(above))
    rows = session.execute(
        select(Body.id, Body.parent_id, Body.kind, Body.name).where(or_(Body.id.in_(above), beside_one))
    ).all()
    beside = {row.parent_id: row.id for row in rows if row.kind == BodyKind.JUSTICE_BUREAU and row.parent_id in above}
    known = set(beside.values())
    chains: dict[int, Chain] = {}
    for body_id, path in paths.items():
        upwards = _ids(path)[::-1]
        if body_id in known:
            chains[body_id] = [(beside[i], frozenset({beside[i], i})) for i in upwards if i in beside]
        else:
            chains[body_id] = [(i, frozenset({i})) for i in upwards]
    return chains, {row.id: row.name for row in rows}


def in_force_on(day: date) -> ColumnElement[bool]:
    return and_(
        Grant.revoked_at.is_(None),
        or_(Grant.starts_on.is_(None), Grant.starts_on <= day),
        or_(Grant.ends_on.is_(None), Grant.ends_on >= day),
    )


def live_grants(permission: str, day: date) -> Select[tuple[int, str | None, int, int | None]]:
    """Body, field, person and whom he stands in for, of every grant in force that carries the permission."""
    absent = aliased(Account)
    return (
        select(Grant.body_id, Grant.field, Account.person_id, absent.person_id)
        .join(Account, Account.id == Grant.account_id)
        .outerjoin(absent, absent.id == Grant.on_behalf_of_id)
        .where(
            Grant.role.in_(roles_for(permission)),
            in_force_on(day),
            Account.disabled_at.is_(None),
        )
    )


def _qualified(
    session: Session, permission: str, seats: Iterable[int], day: date
) -> dict[int, list[tuple[str | None, Party]]]:
    people: dict[int, list[tuple[str | None, Party]]] = {}
    for body_id, field, person_id, absent_id in session.execute(
        live_grants(permission, day).where(Grant.body_id.in_(seats))
    ):
        people.setdefault(body_id, []).append((field, Party(person_id, absent_id)))
    return people


def _holder(
    chain: Chain, names: Mapping[int, str], matter: Matter, people: Mapping[int, list[tuple[str | None, Party]]]
) -> Holder:
    upwards = frozenset(seat for _, seats in chain for seat in seats)
    found = (chain[0], frozenset[int](), False)
    for number, (body_id, seats) in enumerate(chain):
        able = frozenset(
            party.person_id
            for seat in seats
            for field, party in people.get(seat, ())
            if field in (None, matter.field) and not party.both & matter.excluded
        )
        if able:
            found = ((body_id, seats), able, number > 0)
            break
    (body_id, seats), able, raised = found
    return Holder(body_id, names[body_id], seats, able, raised, upwards, matter.excluded)


def holder_of_step(
    session: Session, permission: str, body: Body, field: str | None, excluded_person_ids: Iterable[int]
) -> tuple[Body, bool]:
    """The body whose turn a step is, and whether it was handed up (上提办理)."""
    matter = Matter(body.id, field, frozenset(excluded_person_ids))
    holder = holders_of(session, permission, {0: matter})[0]
    return session.get_one(Body, holder.body_id), holder.raised


def conflicts(session: Session) -> tuple[Sequence[DutyConflict], Sequence[RoleConflict]]:
    """The two tables of what excludes what."""
    duties = session.scalars(select(DutyConflict).order_by(DutyConflict.object_kind, DutyConflict.id)).all()
    return duties, session.scalars(select(RoleConflict).order_by(RoleConflict.id)).all()


def excluding_role(
    session: Session, account_id: int, role: str, starts_on: date, ends_on: date | None
) -> str | None:
    """A role this account holds in those days that excludes another one."""
    pair = or_(
        and_(RoleConflict.role_a == role, RoleConflict.role_b == Grant.role),
        and_(RoleConflict.role_b == role, RoleConflict.role_a == Grant.role),
    )
    meets = [or_(Grant.ends_on.is_(None), Grant.ends_on >= starts_on)]
    if ends_on is not None:
        meets.append(or_(Grant.starts_on.is_(None), Grant.starts_on <= ends_on))
    return session.scalar(
        select(Grant.role)
        .join(RoleConflict, pair)
        .where(Grant.account_id == account_id, Grant.revoked_at.is_(None), *meets)
        .limit(1)
    )


def names_of(session: Session, person_ids: Collection[int]) -> dict[int, str]:
    """Person id -> name."""
    return dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids))).all())
