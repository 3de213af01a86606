"""Taking a step so that nobody takes two that exclude each other."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.duties import queries
from portal.people.duties.models import DutyStep
from portal.people.duties.queries import Party, Place, party_for, places_of_person
from portal.people.duties.rules import OPENED_BY, DutyWord
from portal.people.identity import same_person_ids
from portal.people.models import Account, Body
from portal.people.queries import grants_for, lock_person


class SamePerson(Refused):
    """One person would take two steps that exclude each other, or one about his own thing."""

    status = 403
    code = "same_person"


def party_of(
    session: Session, step: str, object_kind: str, account: Account, at: Body | None = None, field: str | None = None,
    persons: Collection[int] = (),
) -> Party:  # fmt: skip
    """Who takes the step when this account does: its person, and the one he stands in for there.

    `persons` are those by whose posts the thing is reached, where it lies at no body itself.
    """
    permission = OPENED_BY.get((object_kind, DutyWord(step)))
    grants = grants_for(account, permission) if permission else []
    lent = [g for g in grants if g.on_behalf_of_id is not None]
    if not lent:
        return Party(account.person_id)
    grounds = [places_of_person(session, person_id) for person_id in persons]
    if at is not None:
        grounds.append([Place(at.path, frozenset({field}) if field else None)])
    own = [g for g in grants if g.on_behalf_of_id is None]
    return party_for(session, account, own, lent, grounds or [[]])


def check_step(
    session: Session,
    step: str,
    object_kind: str,
    object_id: object,
    *,
    account: Account,
    person_id: int | None = None,
    at: Body | None = None,
    field: str | None = None,
    persons: Collection[int] = (),
) -> Party:
    """Who would take the step; raises SamePerson when he may not. Writes nothing."""
    party = party_of(session, step, object_kind, account, at, field, persons)
    excluding, not_own = queries.excluded_by(session, step, object_kind)
    records = {record for person in party.both for record in same_person_ids(session, person)}
    if not_own and person_id in records:
        raise SamePerson(N_("Nobody takes a step in his own case."))
    taken = select(DutyStep.id).where(
        DutyStep.object_kind == object_kind,
        DutyStep.object_id == str(object_id),
        DutyStep.step.in_(excluding),
        or_(DutyStep.person_id.in_(records), DutyStep.on_behalf_of_id.in_(records)),
    )
    if session.scalar(taken.limit(1)) is not None:
        raise SamePerson(N_("One person does not take both of these steps; somebody else has to."))
    return party


def take_step(
    session: Session,
    step: str,
    object_kind: str,
    object_id: object,
    *,
    account: Account,
    person_id: int | None = None,
    at: Body | None = None,
    field: str | None = None,
    persons: Collection[int] = (),
    raised: bool = False,
    now: datetime,
) -> DutyStep:
    """Write down that this account takes a step about a thing; `person_id`: whose thing it is.

    `at` is the body at whose desk it is taken, `raised` says that the step was handed up to it; `field` is
    the thing's, and `persons` are those by whose posts it is reached, where it lies at no body itself.
    Raises SamePerson when he, or the one he stands in for, took a step that excludes it.
    """
    both = party_of(session, step, object_kind, account, at, field, persons).both
    for record in sorted(both):  # what one person does at once in two places is done one after the other
        lock_person(session, record)
    party = check_step(
        session, step, object_kind, object_id, account=account, person_id=person_id, at=at, field=field,
        persons=persons,
    )  # fmt: skip
    row = DutyStep(
        step=DutyWord(step), object_kind=object_kind, object_id=str(object_id), account_id=account.id,
        person_id=party.person_id, on_behalf_of_id=party.on_behalf_of_id, subject_id=person_id,
        body_id=at.id if at else None, raised=raised, at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def first_step(
    session: Session, step: str, object_kind: str, object_id: object, *, account: Account, at: Body | None = None,
    field: str | None = None, now: datetime,
) -> DutyStep:  # fmt: skip
    """The step by which a new thing comes about: nobody can have taken another before it."""
    party = party_of(session, step, object_kind, account, at, field)
    row = DutyStep(
        step=DutyWord(step), object_kind=object_kind, object_id=str(object_id), account_id=account.id,
        person_id=party.person_id, on_behalf_of_id=party.on_behalf_of_id, at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row
