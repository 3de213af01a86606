"""Every change of a body: by document, from a day on, with nothing of what was before lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, or_, select, update
from sqlalchemy.orm import Session

from portal.ground import audit
from portal.ground.clock import local
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.bodies import succession
from portal.people.bodies.models import Act, BodyChange, BodyPast
from portal.people.bodies.rules import MOST_AT_ONCE, MOST_LEVELS, Facts, facts_problem
from portal.people.models import Account, Body, BodyField, Post
from portal.people.queries import bodies_in_scope
from portal.people.rules import Permission, normal_name

LONGEST_PATH = 120


class ChangedMeanwhile(Refused):
    """Somebody else changed this body after the form was opened."""

    code = "changed_meanwhile"


class NotInOrder(Refused):
    """The day does not fit into the body's history."""

    code = "not_in_order"


class NameTaken(Refused):
    """Another living body has this name, or a body has this code."""

    code = "name_taken"


class NotThere(Refused):
    """The place in the tree is not one this body can take."""

    code = "not_there"


class StillInUse(Refused):
    """Something lies at the body that must go elsewhere first."""

    code = "still_in_use"


class OutOfReach(Refused):
    """One end of the change lies outside what this account answers for."""

    status = 403
    code = "out_of_reach"


class FactsDisagree(Refused):
    """Kind, level, division code and fields do not fit together."""

    status = 422
    code = "facts_disagree"


@dataclass(frozen=True)
class Order:
    """By whom, by which document, from which day on; `seen` is the version the form was opened with."""

    account: Account
    reference: str
    effective_on: date
    now: datetime
    seen: int | None = None


def found_body(session: Session, parent: Body, *, code: str, name: str, facts: Facts, order: Order) -> Body:
    """A new body under one that is in reach and living."""
    _hold_tree(session)
    _in_reach(session, order.account, parent)
    _day(order, parent.founded_on)
    _living(parent)
    if message := facts_problem(facts):
        raise FactsDisagree(message)
    name = _free_name(session, name)
    if session.scalar(select(Body.id).where(Body.code == code)) is not None:
        raise NameTaken(N_("Another body has the code %(code)s."), code=code)
    body = Body(
        code=code, name=name, kind=facts.kind, level=facts.level, division_code=facts.division_code, path="/",
        parent_id=parent.id, founded_on=order.effective_on, confirmation=facts.confirmation,
        confirmed_on=order.effective_on if facts.confirmation else None,
        has_supervision_station=facts.has_supervision_station, version=0,
        fields=[BodyField(field=field) for field in facts.fields],
    )  # fmt: skip
    session.add(body)
    session.flush()
    body.path = f"{parent.path}{body.id}/"
    _fits(body.path)
    session.flush()
    _in_reach(session, order.account, body)
    _note(session, body, Act.FOUNDED, order, {}, {"name": name, "code": code}, other=parent)
    return body


def rename(session: Session, body: Body, name: str, *, order: Order) -> None:
    """A new name from a day on; the old one may be given to another body."""
    _ready(session, body, order)
    before = body.name
    name = _free_name(session, name, body)
    if name == before:
        raise NameTaken(N_("The body has this name already."))
    _keep_past(session, body, order)
    body.name = name
    _note(session, body, Act.RENAMED, order, {"name": before}, {"name": name})


def move(session: Session, body: Body, parent: Body, *, order: Order) -> None:
    """Put a body with everything under it under another management parent; scopes follow at once."""
    _hold_tree(session)
    _ready(session, body, order)
    _whole_in_reach(session, order.account, body)
    session.refresh(parent)
    _in_reach(session, order.account, parent)
    _living(parent)
    if body.parent_id == parent.id:
        raise NotThere(N_("The body is already under this one."))
    if parent.path.startswith(body.path):
        raise NotThere(N_("A body cannot be put under itself or under one of its own."))
    if parent.founded_on and order.effective_on < parent.founded_on:
        raise NotInOrder(N_("The new parent was founded on %(day)s."), day=parent.founded_on.isoformat())
    before = body.parent
    _keep_past(session, body, order)
    body.parent_id = parent.id
    _graft(session, body, f"{parent.path}{body.id}/")
    succession.bureaus_follow(session, body)
    _note(
        session, body, Act.MOVED, order, {"parent": before.id, "name": before.name},
        {"parent": parent.id, "name": parent.name}, other=parent,
    )  # fmt: skip


def merge(session: Session, body: Body, successor: Body, *, order: Order) -> succession.Carried:
    """Let a body go up in another: posts, bodies under it, grants and open things are the successor's from that day."""
    _hold_tree(session)
    _ready(session, body, order)
    _whole_in_reach(session, order.account, body)
    _hold(session, successor)
    _in_reach(session, order.account, successor)
    _living(successor)
    if successor.path.startswith(body.path):
        raise NotThere(N_("A body cannot go up in itself or in one of its own; move that one first."))
    _day(order, successor.founded_on)
    _nothing_under_way(session, body)
    for child in _living_children(session, body):
        move(session, child, successor, order=replace(order, seen=None))
    carried = succession.hand_over(session, body, successor, order.effective_on, account=order.account, now=order.now)
    _keep_past(session, body, order)
    body.abolished_on = order.effective_on
    _note(session, body, Act.MERGED, order, {}, {"into": successor.id, **asdict(carried)}, other=successor)
    _note(session, successor, Act.TOOK_OVER, order, {}, {"from": body.id, **asdict(carried)}, other=body)
    return carried


def abolish(session: Session, body: Body, *, order: Order) -> None:
    """End a body nobody and nothing belongs to any more; its grants end with it."""
    _hold_tree(session)
    _ready(session, body, order)
    _whole_in_reach(session, order.account, body)
    _nothing_under_way(session, body)
    held = or_(Post.ended_on.is_(None), Post.ended_on >= order.effective_on)
    if people := session.scalar(select(func.count()).select_from(Post).where(Post.body_id == body.id, held)):
        raise StillInUse(N_("%(n)s people have a post here on that day; transfer them first, or merge."), n=people)
    if under := len(_living_children(session, body)):
        raise StillInUse(N_("%(n)s bodies lie under it; move them first, or merge."), n=under)
    if things := succession.open_things(session, body):
        raise StillInUse(N_("%(n)s open applications, exams or question banks belong to it; merge instead."), n=things)
    _keep_past(session, body, order)
    body.abolished_on = order.effective_on
    ended = succession.end_grants(session, body, account=order.account, now=order.now)
    _note(session, body, Act.ABOLISHED, order, {}, {"grants": ended})


def reopen(session: Session, body: Body, parent: Body, *, order: Order) -> None:
    """Let an abolished body live again, under a living parent."""
    _hold_tree(session)
    _ready(session, body, order, living=False)
    if body.abolished_on is None:
        raise NotThere(N_("The body was never abolished."))
    _in_reach(session, order.account, parent)
    _living(parent)
    if parent.path.startswith(body.path):
        raise NotThere(N_("A body cannot be put under itself or under one of its own."))
    _free_name(session, body.name, body)
    _keep_past(session, body, order)
    ended = body.abolished_on
    body.abolished_on, body.parent_id = None, parent.id
    _graft(session, body, f"{parent.path}{body.id}/")
    _note(session, body, Act.REOPENED, order, {"abolished_on": ended.isoformat()}, {"parent": parent.id}, other=parent)


def correct_facts(session: Session, body: Body, facts: Facts, *, order: Order) -> None:
    """Kind, level, division code, fields and station as they are; the change is kept by version."""
    _ready(session, body, order)
    if message := facts_problem(facts):
        raise FactsDisagree(message)
    before, after = asdict(facts_of(body)), asdict(facts)
    changed = [name for name in after if before[name] != after[name]]
    if not changed:
        return
    body.kind, body.level, body.division_code = facts.kind, facts.level, facts.division_code
    body.has_supervision_station = facts.has_supervision_station
    if "confirmation" in changed:
        body.confirmation = facts.confirmation
        body.confirmed_on = order.effective_on if facts.confirmation else None
    body.fields = [f for f in body.fields if f.field in facts.fields]
    known = {f.field for f in body.fields}
    body.fields += [BodyField(field=field) for field in facts.fields if field not in known]
    session.flush()
    _in_reach(session, order.account, body)
    if {"confirmation", "fields"} & set(changed):
        succession.facts_of_people_changed(session, body, now=order.now)
    _note(session, body, Act.CORRECTED, order, {n: before[n] for n in changed}, {n: after[n] for n in changed})


def facts_of(body: Body) -> Facts:
    return Facts(
        body.kind, body.level, body.division_code, tuple(sorted(f.field for f in body.fields)), body.confirmation,
        body.has_supervision_station,
    )  # fmt: skip


def changes_since(session: Session, body: Body, seen: int) -> list[BodyChange]:
    """What happened to the body after the version somebody saw."""
    found = select(BodyChange).where(BodyChange.body_id == body.id, BodyChange.version > seen)
    return list(session.scalars(found.order_by(BodyChange.version)))


# --- what every change asks first ------------------------------------------------------------------


def _hold_tree(session: Session) -> None:
    """One change of the tree at a time: two moves at once could make a circle."""
    session.scalars(select(Body.id).where(Body.parent_id.is_(None)).order_by(Body.id).with_for_update()).all()


def _hold(session: Session, body: Body) -> None:
    """The body's row as it is now, nobody else's until the transaction ends."""
    held = select(Body).where(Body.id == body.id).with_for_update(of=Body).execution_options(populate_existing=True)
    session.scalars(held).one()


def _ready(session: Session, body: Body, order: Order, *, living: bool = True) -> None:
    """Hold the body, and refuse what is out of reach, was changed meanwhile, or lies on an impossible day."""
    _hold(session, body)
    _in_reach(session, order.account, body)
    if order.seen is not None and body.version != order.seen:
        raise ChangedMeanwhile(N_("Somebody else changed this body meanwhile; look at what changed and decide again."))
    if living:
        _living(body)
    last = session.scalar(select(func.max(BodyPast.until_on)).where(BodyPast.body_id == body.id))
    _day(order, max(filter(None, (last, body.founded_on, body.abolished_on)), default=None))


def _day(order: Order, not_before: date | None) -> None:
    if order.effective_on > local(order.now).date():
        raise NotInOrder(N_("The day lies in the future. Enter the change on the day it takes effect, or later."))
    if not_before and order.effective_on < not_before:
        raise NotInOrder(N_("The history already knows %(day)s; a change cannot lie before it."), day=str(not_before))


def _living(body: Body) -> None:
    if body.abolished_on is not None:
        raise NotThere(N_("%(name)s is no more since %(day)s."), name=body.name, day=body.abolished_on.isoformat())


def _seen_by(account: Account) -> ColumnElement[bool]:
    return bodies_in_scope(account, Permission.EDIT_BODY)


def _in_reach(session: Session, account: Account, body: Body) -> None:
    if session.scalar(select(Body.id).where(Body.id == body.id, _seen_by(account))) is None:
        raise OutOfReach(N_("%(name)s lies outside what you answer for."), name=body.name)


def _whole_in_reach(session: Session, account: Account, body: Body) -> None:
    """A body leaves its place only by the hand of somebody who answers for the place, and for all that goes along."""
    if body.parent_id is None:
        raise NotThere(N_("The body at the top stays where it is."))
    _in_reach(session, account, session.get_one(Body, body.parent_id))
    under = (Body.path.startswith(body.path, autoescape=True), Body.abolished_on.is_(None))
    along = session.scalars(select(Body.id).where(*under).limit(MOST_AT_ONCE + 1)).all()
    if len(along) > MOST_AT_ONCE:
        raise NotThere(N_("More than %(n)s bodies lie under it; move its parts one after the other."), n=MOST_AT_ONCE)
    reached = session.scalar(select(func.count()).select_from(Body).where(*under, _seen_by(account)))
    if reached != len(along):
        raise OutOfReach(N_("Something under %(name)s lies outside what you answer for."), name=body.name)


def _nothing_under_way(session: Session, body: Body) -> None:
    if n := succession.under_way(session, body):
        raise StillInUse(N_("%(n)s transfers from or to this body are under way; finish or withdraw them first."), n=n)


def _living_children(session: Session, body: Body) -> list[Body]:
    return list(session.scalars(select(Body).where(Body.parent_id == body.id, Body.abolished_on.is_(None))))


def _free_name(session: Session, typed: str, body: Body | None = None) -> str:
    name = normal_name(typed)
    taken = select(Body.id).where(Body.name == name, Body.abolished_on.is_(None))
    other = session.scalar(taken if body is None else taken.where(Body.id != body.id))
    if other is not None:
        raise NameTaken(N_("A living body is already called %(name)s."), name=name)
    return name


def _fits(path: str) -> None:
    if path.count("/") - 1 > MOST_LEVELS or len(path) > LONGEST_PATH:
        raise NotThere(N_("The tree would become deeper than %(n)s levels."), n=MOST_LEVELS)


def _graft(session: Session, body: Body, path: str) -> None:
    """Rewrite the paths of a body and of everything that was ever under it, in one statement."""
    session.flush()
    old = body.path
    deepest = session.scalar(
        select(Body.path).where(Body.path.startswith(old)).order_by(func.length(Body.path).desc()).limit(1)
    )
    _fits(path + (deepest or old)[len(old) :])
    session.execute(
        update(Body)
        .where(Body.path.startswith(old, autoescape=True))
        .values(path=literal(path).concat(func.substr(Body.path, len(old) + 1)))
        .execution_options(synchronize_session=False)
    )
    for known in list(session):
        if isinstance(known, Body):
            session.expire(known, ["path", "parent"])


def _keep_past(session: Session, body: Body, order: Order) -> None:
    """How the body stood until now; two changes of one day leave nothing between them."""
    last = session.scalar(select(func.max(BodyPast.until_on)).where(BodyPast.body_id == body.id))
    begun = last or body.founded_on
    if begun is not None and begun >= order.effective_on:
        return
    session.add(
        BodyPast(
            body_id=body.id, from_on=begun, until_on=order.effective_on, name=body.name, parent_id=body.parent_id,
            living=body.abolished_on is None,
        )
    )  # fmt: skip


def _note(
    session: Session, body: Body, act: Act, order: Order, before: Mapping[str, Any], after: Mapping[str, Any], *,
    other: Body | None = None,
) -> None:  # fmt: skip
    body.version += 1
    session.add(
        BodyChange(
            body_id=body.id, version=body.version, act=act, effective_on=order.effective_on, at=order.now,
            account_id=order.account.id, reference=order.reference, before=dict(before), after=dict(after),
            other_id=other.id if other else None,
        )
    )  # fmt: skip
    session.flush()
    audit.record(
        session, f"body_{act}", "body", body.id, now=order.now, account_id=order.account.id, body_id=body.id,
        reason=order.reference, on=order.effective_on.isoformat(), other=other.id if other else None,
        version=body.version,
    )  # fmt: skip
