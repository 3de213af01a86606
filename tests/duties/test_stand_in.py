"""授权代签: dated, in the same scope or a narrower one, never passed on, over at once when it is ended."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, NoResultFound

from portal.ground import clock
from portal.people.duties import grants, holdings
from portal.people.duties.operations import SamePerson
from portal.people.models import Account, Field, Grant, Role
from portal.people.queries import permissions_of
from portal.people.rules import Permission
from tests.conftest import NOON
from tests.duties.conftest import staff
from tests.factories import County

DAY = timedelta(days=1)


def lend(county: County, absent: Account, deputy: Account, **more) -> Grant:
    values = {"starts_on": county.today, "ends_on": county.today + 7 * DAY, "reason": "休假", "by": absent, **more}
    row = values.pop("row", absent.grants[0])
    grant = grants.stand_in(county.session, row, deputy, now=county.now, **values)
    county.session.refresh(deputy, ["grants"])
    return grant


def pair(county: County, role: Role = Role.BUREAU_CHECKER) -> tuple[Account, Account]:
    return staff(county, role), staff(county, Role.LEADER)


def opens(account: Account) -> bool:
    return Permission.CHECK_ELIGIBILITY in permissions_of(account)


def test_the_deputy_acts_between_the_two_days(county: County):
    absent, deputy = pair(county)
    lend(county, absent, deputy, starts_on=county.today + DAY, ends_on=county.today + 3 * DAY)
    seen = []
    for day in range(5):
        clock.set_source(lambda day=day: NOON + day * DAY)
        seen.append(opens(deputy))
    assert seen == [False, True, True, True, False]


def test_ended_it_is_over_at_once(county: County):
    absent, deputy = pair(county)
    row = lend(county, absent, deputy)
    assert opens(deputy)
    grants.revoke_role(county.session, row, reason="返岗", by=absent, now=county.now)
    assert not opens(deputy)


def test_it_ends_with_the_role_it_was_lent_from(county: County):
    absent, deputy = pair(county)
    security = staff(county, Role.SECADMIN)
    lend(county, absent, deputy)
    assert grants.revoke_role(county.session, absent.grants[0], reason="免职", by=security, now=county.now) == 2
    assert not opens(deputy)


def test_it_is_never_passed_on(county: County):
    absent, deputy = pair(county)
    row, third = lend(county, absent, deputy), staff(county, Role.LEADER)
    with pytest.raises(grants.NotLent):
        lend(county, deputy, third, row=row)
    with pytest.raises(NoResultFound):
        holdings.grant_to_lend(county.session, deputy, row.id)


def test_not_longer_than_thirty_days_nor_than_the_role_itself(county: County):
    absent, deputy = pair(county)
    lend(county, absent, deputy, ends_on=county.today + 30 * DAY)
    with pytest.raises(grants.WrongDays):
        lend(county, absent, staff(county, Role.LEADER), ends_on=county.today + 31 * DAY)
    short = grants.grant_role(
        county.session, staff(county, Role.LEADER), Role.MARKER, county.city, ends_on=county.today + 2 * DAY,
        reason="任命", by=None, now=county.now,
    )  # fmt: skip
    with pytest.raises(grants.WrongDays):
        lend(county, short.account, deputy, row=short, ends_on=county.today + 3 * DAY)


def test_the_same_scope_or_a_narrower_one(county: County):
    absent, deputy = staff(county, Role.UNIT_ADMIN, field=Field.TRANSPORT), staff(county, Role.LEADER)
    assert lend(county, absent, deputy, body=county.transport).field == "transport"
    for wider in ({"body": county.province}, {"body": county.other_city}, {"field": "market"}):
        with pytest.raises(grants.NotLent):
            lend(county, absent, staff(county, Role.LEADER), **wider)


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR])
def test_the_three_administrators_are_named_and_never_lent(county: County, role: Role):
    absent, deputy = pair(county, role)
    with pytest.raises(grants.NotLent):
        lend(county, absent, deputy)


def test_nobody_sits_for_another(county: County):
    officer = county.officer()
    county.session.refresh(officer, ["grants"])
    with pytest.raises(grants.NotLent):
        lend(county, officer, staff(county, Role.LEADER))


def test_made_by_himself_or_by_a_security_administrator_of_the_place(county: County):
    absent, deputy = pair(county)
    lend(county, absent, deputy, by=staff(county, Role.SECADMIN))
    for other in (staff(county, Role.SECADMIN, county.other_city), staff(county, Role.BUREAU_CHECKER)):
        with pytest.raises(grants.OutsideScope):
            lend(county, absent, staff(county, Role.LEADER), by=other)
    with pytest.raises(SamePerson):
        security = staff(county, Role.SECADMIN)
        lend(county, absent, security, by=security)
    with pytest.raises(SamePerson):
        lend(county, absent, absent)


def test_the_deputy_works_where_the_role_holds(county: County):
    absent, deputy = pair(county)
    stranger = staff(county, Role.LEADER, county.other_city)
    assert holdings.deputy_for(county.session, absent.grants[0], deputy.username).id == deputy.id
    with pytest.raises(NoResultFound):
        holdings.deputy_for(county.session, absent.grants[0], stranger.username)


def insert(county: County, deputy: Account, absent: Account, **changed) -> None:
    row = {
        "account_id": deputy.id, "role": "bureau_checker", "body_id": county.city.id, "granted_at": county.now,
        "on_behalf_of_id": absent.id, "starts_on": county.today, "ends_on": date(2026, 12, 1), **changed,
    }  # fmt: skip
    with county.session.begin_nested():
        county.session.add(Grant(**row))
        county.session.flush()


def test_the_database_refuses_standing_in_without_end_or_without_a_holder(county: County):
    absent, deputy = pair(county)
    insert(county, deputy, absent)
    for changed in (
        {"ends_on": None}, {"starts_on": None}, {"role": "marker"}, {"on_behalf_of_id": deputy.id},
    ):  # fmt: skip
        with pytest.raises(DBAPIError, match="guard: whoever stands in"):
            insert(county, deputy, absent, **changed)
    third = staff(county, Role.LEADER)
    with pytest.raises(DBAPIError, match="guard: whoever stands in"):
        insert(county, third, deputy)  # who only stands in himself
    with pytest.raises(DBAPIError, match="guard: a grant is"), county.session.begin_nested():
        county.session.execute(text("UPDATE role_grant SET ends_on = '2027-12-31' WHERE on_behalf_of_id IS NOT NULL"))
