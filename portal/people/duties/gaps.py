"""Units that lack a second qualified person for a step, and who takes it for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.ground import clock
from portal.people.duties.queries import Matter, holders_of, in_force_on
from portal.people.duties.rules import roles_for
from portal.people.models import Account, Body, BodyField, BodyKind, Grant
from portal.people.queries import bodies_in_scope
from portal.people.rules import Permission

ANSWERS = (BodyKind.ENFORCEMENT_BODY, BodyKind.ENTRUSTED_ORG, BodyKind.TOWN)
# step, the permission by which it is taken, the kinds of bodies that should be able to take it themselves
STEPS = (
    ("unit_opinion", Permission.UNIT_REVIEW, ANSWERS),
    ("roster", Permission.EDIT_PERSON, ANSWERS),
    ("bureau_decision", Permission.CHECK_ELIGIBILITY, (BodyKind.JUSTICE_BUREAU,)),
)
PERMISSIONS = {step: permission for step, permission, _ in STEPS}


@dataclass(frozen=True)
class Gap:
    """A body with nobody, or only one, for a step."""

    body_id: int
    body: str
    path: str
    step: str
    persons: int


def lacking(session: Session, reader: Account | None) -> list[Gap]:
    """Every gap in the reader's scope, None: everywhere; by body, in a statement for each step."""
    gaps = [gap for step in STEPS for gap in _of_step(session, reader, *step)]
    return sorted(gaps, key=lambda gap: (gap.path, gap.step))


def _of_step(
    session: Session, reader: Account | None, step: str, permission: Permission, kinds: Sequence[str]
) -> list[Gap]:
    """A role counts at the body itself, of a bureau also at its government; in all fields or in its only one."""
    field, other = aliased(BodyField), aliased(BodyField)
    only = and_(
        exists().where(field.body_id == Body.id, field.field == Grant.field),
        ~exists().where(other.body_id == Body.id, other.field != Grant.field),
    )
    seat = Grant.body_id == Body.id
    if BodyKind.JUSTICE_BUREAU in kinds:
        seat = or_(seat, Grant.body_id == Body.parent_id)
    counts = and_(
        seat, Grant.role.in_(roles_for(permission)), in_force_on(clock.today()), or_(Grant.field.is_(None), only)
    )
    persons = func.count(Account.person_id.distinct())
    found = (
        select(Body.id, Body.name, Body.path, persons)
        .select_from(Body)
        .outerjoin(Grant, counts)
        .outerjoin(Account, and_(Account.id == Grant.account_id, Account.disabled_at.is_(None)))
        .where(Body.kind.in_(kinds), Body.abolished_on.is_(None))
        .group_by(Body.id, Body.name, Body.path)
        .having(persons < 2)
    )
    if reader is not None:
        found = found.where(bodies_in_scope(reader, Permission.SEE_ROLES))
    return [Gap(body_id, name, path, step, count) for body_id, name, path, count in session.execute(found)]


def instead(session: Session, gaps: Sequence[Gap]) -> dict[tuple[int, str], str]:
    """(body, step) -> the name of the body to which the step goes when the only one may not take it.

    What is not in it goes to nobody.
    """
    above = {}
    for step, permission in PERMISSIONS.items():
        short = [gap.body_id for gap in gaps if gap.step == step]
        if short:
            own = holders_of(session, permission, {i: Matter(i, None) for i in short})
            busy = {i: frozenset() if own[i].raised else own[i].persons for i in short}
            taken = holders_of(session, permission, {i: Matter(i, None, busy[i]) for i in short})
            above |= {(i, step): holder.name for i, holder in taken.items() if holder.raised}
    return above
