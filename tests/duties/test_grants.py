"""Giving roles and taking them away: inside one's own scope, never to oneself, the three administrators apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, NoResultFound

from portal.ground.models import AuditLine
from portal.people import operations as people
from portal.people.duties import grants, holdings
from portal.people.duties.operations import SamePerson
from portal.people.models import Account, BodyKind, Field, Grant, Level, Role
from portal.people.queries import permissions_of
from portal.people.rules import OPENS, Permission
from tests.duties.conftest import staff
from tests.factories import County


def give(county: County, account: Account, role: str, by: Account | None, **more) -> Grant:
    body = more.pop("body", county.city)
    return grants.grant_role(
        county.session, account, role, body, reason=more.pop("reason", "任命"), by=by, now=county.now, **more
    )


def test_a_role_opens_at_once_and_is_on_record(county: County):
    security, officer = staff(county, Role.SECADMIN), county.officer()
    row = give(county, officer, Role.MARKER, security, ends_on=county.today + timedelta(days=30))
    county.session.refresh(officer, ["grants"])
    assert Permission.MARK_ANSWERS in permissions_of(officer)
    assert (row.granted_by_id, row.starts_on) == (security.id, county.today)
    line = county.session.scalars(select(AuditLine).where(AuditLine.act == "role_granted")).all()[-1]
    assert (line.account_id, line.body_id, line.codes["role"]) == (security.id, county.city.id, "marker")


def test_it_ends_at_once_and_ending_it_again_is_refused(county: County):
    security, officer = staff(county, Role.SECADMIN), county.officer()
    row = give(county, officer, Role.MARKER, security)
    grants.revoke_role(county.session, row, reason="调离", by=security, now=county.now)
    county.session.refresh(officer, ["grants"])
    assert Permission.MARK_ANSWERS not in permissions_of(officer)
    with pytest.raises(grants.NotInForce):
        grants.revoke_role(county.session, row, reason="调离", by=security, now=county.now)
    assert give(county, officer, Role.MARKER, security).id != row.id


def test_nobody_gives_a_role_to_himself(county: County):
    security = staff(county, Role.SECADMIN)
    with pytest.raises(SamePerson):
        give(county, security, Role.MARKER, security)


def test_the_body_lies_in_the_giver_s_scope(county: County):
    security, officer = staff(county, Role.SECADMIN), county.officer()
    for body in (county.province, county.other_city):
        with pytest.raises(grants.OutsideScope):
            give(county, officer, Role.MARKER, security, body=body)
        with pytest.raises(NoResultFound):
            holdings.body_to_grant_at(county.session, security, body.id)


def test_the_person_lies_in_the_giver_s_scope(county: County):
    security, officer = staff(county, Role.SECADMIN), county.officer()
    stranger = staff(county, Role.UNIT_ADMIN, county.other_city)
    above = staff(county, Role.LEADER, county.province)
    for account in (stranger, above):
        with pytest.raises(NoResultFound):
            holdings.account_in_scope(county.session, security, Permission.GRANT_ROLE, account.id)
    assert holdings.account_in_scope(county.session, security, Permission.GRANT_ROLE, officer.id).id == officer.id


def test_who_has_no_place_yet_belongs_to_the_top(county: County):
    new = Account(
        person_id=county.person(born=county.today.replace(year=1988)).id, username="N1", password_hash="-",
        created_at=county.now,
    )  # fmt: skip
    county.session.add(new)
    county.session.flush()
    top, below = staff(county, Role.SECADMIN, county.province), staff(county, Role.SECADMIN)
    holdings.account_in_scope(county.session, top, Permission.GRANT_ROLE, new.id)
    with pytest.raises(NoResultFound):
        holdings.account_in_scope(county.session, below, Permission.GRANT_ROLE, new.id)


def test_a_giver_of_one_field_gives_roles_of_that_field_only(county: County):
    security, officer = staff(county, Role.SECADMIN, field=Field.TRANSPORT), county.officer()
    give(county, officer, Role.REVIEWER, security, field="transport")
    for field in (None, "market"):
        with pytest.raises(grants.OutsideScope):
            give(county, officer, Role.MARKER, security, field=field)


def test_what_does_not_make_sense_is_refused(county: County):
    security, officer = staff(county, Role.SECADMIN), county.officer()
    day = timedelta(days=1)
    with pytest.raises(grants.WrongDays):
        give(county, officer, Role.MARKER, security, starts_on=county.today - day)
    with pytest.raises(grants.WrongDays):
        give(county, officer, Role.MARKER, security, ends_on=county.today - day)
    with pytest.raises(grants.ReasonMissing):
        give(county, officer, Role.MARKER, security, reason=" ")
    give(county, officer, Role.MARKER, security)
    with pytest.raises(grants.AlreadyHeld):
        give(county, officer, Role.MARKER, security)
    officer.disabled_at = county.now
    with pytest.raises(grants.NotInForce):
        give(county, officer, Role.REVIEWER, security)
    empty = county.body("撤销的大队", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, county.city)
    empty.abolished_on = county.today
    with pytest.raises(grants.NotInForce):
        give(county, staff(county, Role.LEADER), Role.REVIEWER, security, body=empty)


THREE = (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR)
PAIRS = [(a, b) for a in THREE for b in THREE if a != b]


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=str)
def test_one_person_is_one_of_the_three_administrators(county: County, first: Role, second: Role):
    account = staff(county, first)
    with pytest.raises(grants.RolesExclude):
        give(county, account, second, None)
    with pytest.raises(DBAPIError, match="guard: this person holds a role"), county.session.begin_nested():
        people.grant(county.session, account, second, county.city, now=county.now)
    grants.revoke_role(county.session, account.grants[0], reason="换岗", by=None, now=county.now)
    give(county, account, second, None)


def test_nor_one_after_the_other_while_the_days_overlap(county: County):
    account, day = staff(county, Role.LEADER), timedelta(days=1)
    give(county, account, Role.SYSADMIN, None, ends_on=county.today + 10 * day)
    with pytest.raises(grants.RolesExclude):
        give(county, account, Role.AUDITOR, None, starts_on=county.today + 10 * day)
    give(county, account, Role.AUDITOR, None, starts_on=county.today + 11 * day)


def test_the_database_keeps_what_a_grant_says(county: County):
    security, officer = staff(county, Role.SECADMIN), county.officer()
    row = give(county, officer, Role.MARKER, security)
    grants.revoke_role(county.session, row, reason="调离", by=security, now=county.now)
    for change in (
        "UPDATE role_grant SET role = 'secadmin'", f"UPDATE role_grant SET body_id = {county.province.id}",
        "UPDATE role_grant SET revoked_at = NULL", "UPDATE role_grant SET field = 'market'",
        f"UPDATE role_grant SET account_id = {security.id}", "DELETE FROM role_grant",
    ):  # fmt: skip
        with pytest.raises(DBAPIError, match="guard"), county.session.begin_nested():
            county.session.execute(text(change))


def test_what_leaders_and_supervisors_hold_only_reads():
    for role in (Role.LEADER, Role.SUPERVISOR):
        assert {permission.rsplit(":", 1)[1] for permission in OPENS[role]} == {"see"}
