"""Closing an account and opening it again: with a reason, by who stands over it, never by oneself."""

from __future__ import annotations

from datetime import date

from flask import Flask
from sqlalchemy import select

from portal.ground.audit_personal import read
from portal.ground.db import db
from portal.ground.models import AuditLine
from portal.people.models import Account, Role
from tests.access.doors import Browser
from tests.access.test_codes import helper, issue, issued, spend
from tests.conftest import NOON
from tests.factories import County


def turn(browser: Browser, person_id: int, what: str, reason: str = "left the service"):
    return browser.client.post(f"/people/{person_id}/account/{what}", data={"reason": reason})


def test_closing_signs_out_voids_codes_and_is_noted_and_opening_lets_in_again(app: Flask, web_county: County):
    officer = web_county.officer()
    guard, desk = helper(app, web_county, Role.SECADMIN), helper(app, web_county, address="10.1.0.22")
    own = Browser(app)
    own.sign_in(officer)
    code = issued(issue(desk, officer.person_id))
    assert turn(guard, officer.person_id, "disable").status_code == 303
    assert not own.is_in()
    assert own.sign_in(officer).status_code == 401
    assert spend(Browser(app), officer.username, code).status_code == 401
    with db.reading() as session:
        assert session.get_one(Account, officer.id).disabled_at == NOON
        line = session.scalars(select(AuditLine).where(AuditLine.act == "account_disabled")).one()
        assert (line.account_id, read(session, line)["reason"]) == (guard.account.id, "left the service")
    assert turn(guard, officer.person_id, "enable").status_code == 303
    assert own.sign_in(officer).status_code == 302
    assert spend(Browser(app), officer.username, code).status_code == 401  # it stays void


def test_it_needs_a_reason_and_a_role(app: Flask, web_county: County):
    officer = web_county.officer()
    guard, unit = helper(app, web_county, Role.SECADMIN), helper(app, web_county, address="10.1.0.22")
    assert turn(guard, officer.person_id, "disable", "").status_code == 422
    assert turn(unit, officer.person_id, "disable").status_code == 403


def test_nobody_closes_his_own_account_or_one_above_him(app: Flask, web_county: County):
    guard = helper(app, web_county, Role.SECADMIN)
    chief = web_county.staff(Role.SYSADMIN, web_county.province, born=date(1966, 1, 1))
    web_county.post(chief.person)
    web_county.session.commit()
    assert turn(guard, guard.account.person_id, "disable").status_code == 403
    assert turn(guard, chief.person_id, "disable").status_code == 403


def test_an_account_outside_the_scope_is_not_there(app: Flask, web_county: County):
    officer = web_county.officer()
    stranger = helper(app, web_county, Role.SECADMIN, web_county.other_city)
    for what in ("disable", "enable"):
        assert turn(stranger, officer.person_id, what).status_code == 404
    assert stranger.client.get(f"/people/{officer.person_id}/account").status_code == 404
