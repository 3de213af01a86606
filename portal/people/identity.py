"""Who is who after records were merged: every question about a person asks for all his records."""

from __future__ import annotations

from sqlalchemy import ScalarSelect, Select, func, or_, select
from sqlalchemy.orm import Session

from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.models import Account, Person


class OwnCase(Refused):
    """Somebody would change what is on record about himself."""

    status = 403
    code = "own_case"


# of the table and made once: nearly every page of a person asks, and an alias of the class costs a millisecond
_record = Person.__table__.alias("record")
_asked = Person.__table__.alias("asked")
_stands = func.coalesce(_asked.c.merged_into_id, _asked.c.id)


def same_person(person_id: int) -> Select[tuple[int]]:
    """The ids of all records of one human being, for `.in_()`; whichever of them is asked for."""
    stands = _standing(person_id)
    return (
        select(_record.c.id).where(or_(_record.c.id == stands, _record.c.merged_into_id == stands)).correlate(None)
    )


def _standing(person_id: int) -> ScalarSelect[int]:
    """The id of the record that stands for a person: his own, or the one he was merged into."""
    return select(_stands).where(_asked.c.id == person_id).correlate(None).scalar_subquery()


def same_person_ids(session: Session, person_id: int) -> set[int]:
    return set(session.scalars(same_person(person_id)))


def not_own(session: Session, account: Account, person_id: int) -> None:
    """Raises OwnCase when one of this human being's records is the account's own."""
    if account.person_id == person_id or person_id in same_person_ids(session, account.person_id):
        raise OwnCase(N_("Nobody takes a step in his own case."))


def standing_record(session: Session, person_id: int) -> Person:
    """The record that stands for a person."""
    return session.scalars(select(Person).where(Person.id == _standing(person_id))).one()
