"""The page of fields counts what its reader may see, and nobody outside his scope."""

from __future__ import annotations

from datetime import date

from portal.bank import operations as banks
from portal.bank.shelf import queries
from portal.people.models import BodyKind, Level, Role
from portal.people.queries import permissions_of
from tests.bank.conftest import Desk, staff
from tests.factories import County


def reader(county: County, role: Role, body, field: str | None = None):
    account = staff(county, role, body, field)
    account.permissions = permissions_of(account)
    return account


def test_people_bodies_and_banks_elsewhere_are_not_counted(desk: Desk):
    county = desk.county
    there = county.body("外县交通局", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, county.other_city, ["transport"])
    before = queries.by_field(desk.session, reader(county, Role.TRAINER, county.city))
    above = queries.by_field(desk.session, reader(county, Role.LAW_EDITOR, county.province))

    county.officer("周一", body=there, born=date(1990, 3, 4))
    banks.create_bank(desk.session, "B-THERE", "外县题库", there, field="transport", now=county.now)

    assert queries.by_field(desk.session, reader(county, Role.TRAINER, county.city)) == before
    seen = queries.by_field(desk.session, reader(county, Role.LAW_EDITOR, county.province))
    for what in ("officers", "banks"):
        assert seen["transport"].get(what, 0) == above.get("transport", {}).get(what, 0) + 1


def test_a_grant_for_one_field_counts_that_field_alone(desk: Desk):
    county = desk.county
    county.officer("周一", born=date(1990, 3, 4))
    counted = queries.by_field(desk.session, reader(county, Role.TRAINER, county.city, "transport"))
    assert set(counted) <= {"transport"}
