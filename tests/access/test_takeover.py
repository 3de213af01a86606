"""Whoever keeps a unit's roster or helps its people in must not come into an account that may do more than his."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from portal.ground import clock
from portal.people import operations as people
from portal.people.access import operations, queries
from portal.people.access.operations import PHONE_SETTLES, CodeSpent, NotHim, Visitor
from portal.people.access.rules import PROFILES
from portal.people.imports import import_officers
from portal.people.models import Account, Field, Grant, Person, Role
from portal.people.queries import current_post, id_number_index
from portal.people.records.operations import edit_person
from portal.people.records.rules import current_facts
from portal.people.rules import Permission
from tests.access.test_codes import helper, issue, issued, spend
from tests.access.test_sign_in import give_phone
from tests.access.test_sms import Browser, ask, gateway, texts, with_sms  # noqa: F401 — fixtures
from tests.conftest import NOON
from tests.factories import HASH, County
from tests.imports.workbooks import id_number, workbook
from tests.imports.workbooks import officer as roster_row

HELP, DAY = Permission.HELP_ACCOUNT, timedelta(days=1)
OWN, THIEF = "13904351234", "13899990000"


def staff(county: County, role: Role, body=None, **where: object) -> Account:
    return county.staff(role, body or county.city, born=date(1960 + county._people, 1, 2), **where)


def within(county: County, asker: Account, account: Account) -> Person:
    return queries.person_within(county.session, asker, HELP, account.person_id)


def dated(
    county: County, account: Account, role: Role, *, starts: int | None = None, ends: int | None = None
) -> None:
    """A role that begins, or ended, so many days from today."""
    starts_on, ends_on = (county.today + n * DAY if n is not None else None for n in (starts, ends))
    row = Grant(
        account_id=account.id, role=role, body_id=county.city.id, granted_at=NOON, starts_on=starts_on, ends_on=ends_on
    )
    county.session.add(row)
    county.session.flush()
    county.session.refresh(account)


# ---------- by the phone number ----------
@pytest.mark.parametrize("role", [Role.SECADMIN, Role.BUREAU_CHECKER, Role.TRAINER])
def test_staff_get_no_code_by_text_message(with_sms: Flask, gateway, web_county: County, role: Role):  # noqa: F811
    officer, account = web_county.officer(), staff(web_county, role)
    for each, phone in ((account, THIEF), (officer, OWN)):
        give_phone(web_county, each, phone)
    for each in (account, officer):
        assert "on its way" in ask(with_sms, each.username).text
    assert [body["phone"] for _, body in texts(gateway, 1)] == [OWN]
    time.sleep(0.2)
    assert len(gateway.taken) == 1


def test_whoever_is_to_become_staff_gets_none_either(county: County):
    officer = county.officer()
    dated(county, officer, Role.SECADMIN, starts=30)
    assert operations.send_code(county.session, officer, now=NOON) is None


def by_hand(county: County, officer: Account, phone: str) -> None:
    person, post = officer.person, current_post(county.session, officer.person_id)
    typed = current_facts(person, post) | {"phone": phone}
    keeper = staff(county, Role.UNIT_ADMIN)
    edit_person(county.session, person, post, typed, version=person.version, account=keeper, now=NOON)


def test_a_phone_number_changed_by_hand_gets_no_code_for_a_week(county: County):
    officer = county.officer()
    by_hand(county, officer, THIEF)
    assert operations.send_code(county.session, officer, now=NOON) is None
    assert operations.send_code(county.session, officer, now=NOON + PHONE_SETTLES) is not None


def test_a_phone_number_changed_by_a_roster_gets_no_code_for_a_week(county: County, tmp_path):
    path = tmp_path / "名册.xlsx"
    for phone in (OWN, THIEF):
        path.write_bytes(workbook([roster_row(手机号=phone)]))
        report = import_officers(county.session, path, account=None, now=NOON)
        assert report.parked == 0
    person = county.session.scalars(select(Person).where(Person.id_number_index == id_number_index(id_number()))).one()
    account = people.create_account(county.session, person, now=NOON)
    assert person.phone() == THIEF
    assert operations.send_code(county.session, account, now=NOON) is None
    assert operations.send_code(county.session, account, now=NOON + PHONE_SETTLES) is not None


# ---------- by a role that is no place of work ----------
def test_an_officer_of_another_field_is_not_in_the_scope_of_a_field_s_helper(county: County):
    fields = [Field.TRANSPORT, Field.AGRICULTURE]
    body = county.body("综合行政执法局", county.transport.kind, county.transport.level, county.city, fields)
    person = county.person()
    county.post(person, body, field="agriculture")
    officer = county.account(person, Role.OFFICER, body)
    with pytest.raises(NoResultFound):
        within(county, staff(county, Role.UNIT_ADMIN, field=Field.TRANSPORT), officer)
    assert within(county, staff(county, Role.UNIT_ADMIN, field=Field.AGRICULTURE), officer) is person


def test_a_role_of_another_field_or_of_all_is_not_in_the_scope_of_a_field_s_helper(county: County):
    narrow = staff(county, Role.UNIT_ADMIN, field=Field.TRANSPORT)
    for field in (Field.MARKET, None):
        with pytest.raises(NoResultFound):
            within(county, narrow, staff(county, Role.TRAINER, county.transport, field=field))
    mine = staff(county, Role.TRAINER, county.transport, field=Field.TRANSPORT)
    assert within(county, narrow, mine).id == mine.person_id


def test_an_officer_who_moved_away_leaves_the_helper_of_the_old_unit_behind(county: County):
    officer = county.officer()
    old = current_post(county.session, officer.person_id)
    old.ended_on = county.today - DAY
    county.post(officer.person, county.other_city, field="transport", started_on=county.today)
    with pytest.raises(NoResultFound):
        within(county, staff(county, Role.UNIT_ADMIN), officer)
    assert within(county, staff(county, Role.UNIT_ADMIN, county.other_city), officer) is officer.person


@pytest.mark.parametrize(("starts", "ends"), [(None, -1), (1, None)])
def test_a_role_that_ended_or_is_to_begin_keeps_nobody_in_scope(county: County, starts, ends):
    account = staff(county, Role.TRAINER, county.other_city)
    dated(county, account, Role.TRAINER, starts=starts, ends=ends)
    with pytest.raises(NoResultFound):
        within(county, staff(county, Role.UNIT_ADMIN), account)


def test_who_works_nowhere_belongs_to_whoever_answers_for_all(county: County):
    officer = county.officer()
    current_post(county.session, officer.person_id).ended_on = county.today - DAY
    county.session.flush()
    assert within(county, staff(county, Role.SYSADMIN, county.province), officer) is officer.person
    with pytest.raises(NoResultFound):
        within(county, staff(county, Role.SYSADMIN), officer)


# ---------- by standing beside ----------
DECIDING = [Role.BUREAU_CHECKER, Role.BUREAU_APPROVER, Role.REVIEWER, Role.EXAM_ADMIN, Role.MARKER]


@pytest.mark.parametrize("role", DECIDING)
def test_whoever_decides_about_others_is_helped_from_strictly_above(county: County, role: Role):
    account = staff(county, role)
    with pytest.raises(NotHim):
        operations.check_helper(staff(county, Role.UNIT_ADMIN), HELP, account)
    operations.check_helper(staff(county, Role.UNIT_ADMIN, county.province), HELP, account)


# ---------- by a code from before ----------
def test_a_role_that_is_to_begin_counts_already(county: County):
    officer, former = county.officer(), county.officer("陈绍文", born=date(1985, 1, 1))
    desk = staff(county, Role.UNIT_ADMIN)
    dated(county, officer, Role.SECADMIN, starts=1)
    dated(county, former, Role.SECADMIN, ends=-1)
    with pytest.raises(NotHim):
        operations.check_helper(desk, HELP, officer)
    operations.check_helper(desk, HELP, former)


def test_a_code_from_before_a_role_opens_nothing(app: Flask, web_county: County):
    officer = web_county.officer()
    code = issued(issue(helper(app, web_county), officer.person_id))
    people.grant(web_county.session, officer, Role.SECADMIN, web_county.city, now=NOON + timedelta(seconds=1))
    web_county.session.commit()
    assert spend(Browser(app), officer.username, code).status_code == 401
    above = helper(app, web_county, body=web_county.province, address="10.1.0.33")
    clock.set_source(lambda: NOON + timedelta(minutes=1))
    assert spend(Browser(app), officer.username, issued(issue(above, officer.person_id))).status_code == 302


def open_code(county: County) -> tuple[Account, int]:
    officer = county.officer()
    code, row = operations.issue_code(county.session, officer, made_by=None, now=NOON)
    knock = operations.look_up(county.session, officer.username, Visitor("10.0.0.1"), PROFILES["nist"], now=NOON)
    assert operations.fitting_code(county.session, knock, code, now=NOON) is row
    return officer, row.id


def test_what_happens_between_looking_and_spending_counts(county: County):
    """Hashing lies between the two."""
    officer, code_id = open_code(county)
    with pytest.raises(CodeSpent):
        operations.redeem_code(county.session, code_id, HASH, now=NOON + 2 * DAY)
    officer.disabled_at = NOON
    county.session.flush()
    with pytest.raises(CodeSpent):
        operations.redeem_code(county.session, code_id, HASH, now=NOON)
    officer.disabled_at = None
    county.session.flush()
    people.grant(county.session, officer, Role.MARKER, county.city, now=NOON + timedelta(seconds=1))
    with pytest.raises(CodeSpent):
        operations.redeem_code(county.session, code_id, HASH, now=NOON + timedelta(seconds=2))


def test_a_code_is_spent_by_the_one_it_was_issued_to(county: County):
    officer, code_id = open_code(county)
    assert operations.redeem_code(county.session, code_id, HASH, now=NOON) is officer
