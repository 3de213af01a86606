"""Saving honours the sign-in that opened the page: an explicit end stops it, sleep and age do not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from portal.exams.delivery import tokens
from portal.exams.models import Attempt
from portal.ground import clock
from portal.ground.db import db
from portal.people.access import operations
from portal.people.models import Account, Role
from tests.access.doors import PHONE, Browser
from tests.conftest import NOON
from tests.factories import County


@pytest.fixture
def at_work(app: Flask, web_county: County) -> tuple[Browser, Account, Attempt, str]:
    """An officer whose exam page is open: browser, account, attempt, token."""
    officer = web_county.officer()
    attempt = web_county.attempt(officer, web_county.exam(minutes=24 * 60))
    web_county.session.commit()
    browser = Browser(app)
    browser.sign_in(officer)
    return browser, officer, attempt, browser.open_paper(attempt)


def test_signing_out_stops_the_page_at_once_and_says_so(at_work):
    browser, _, attempt, token = at_work
    assert browser.save(attempt, token, 1).status_code == 200
    browser.client.post("/sign-out")
    refused = browser.save(attempt, token, 2)
    assert (refused.status_code, refused.json["error"]) == (401, "signed_out")
    assert browser.save(attempt, token, 1).status_code == 200  # what was saved stays acknowledged


def test_disabling_the_account_stops_it(at_work):
    browser, officer, attempt, token = at_work
    with db.writing() as session:
        row = session.get_one(Account, officer.id)
        operations.end_others(session, row.id, None, why="disabled", now=NOON)
        session.commit()
    assert browser.save(attempt, token, 1).json["error"] == "signed_out"


def test_sleep_and_age_of_the_sign_in_leave_a_running_exam_alone(at_work):
    browser, _, attempt, token = at_work
    for hours in (1, 13):
        clock.set_source(lambda h=hours: NOON + timedelta(hours=h))
        assert not Browser(browser.app).take(browser.cookie()).is_in()
        assert browser.save(attempt, token, hours).status_code == 200


def test_signing_in_again_beside_a_running_exam_lets_it_go_on_and_signing_out_then_ends_it(at_work):
    browser, officer, attempt, token = at_work
    clock.set_source(lambda: NOON + timedelta(hours=1))
    assert browser.sign_in(officer).status_code == 302
    assert browser.save(attempt, token, 1).status_code == 200
    browser.client.post("/sign-out")
    assert browser.save(attempt, token, 2).json["error"] == "signed_out"


def test_saving_keeps_the_browser_awake(at_work):
    browser, _, attempt, token = at_work
    for minutes in (20, 40, 60):
        clock.set_source(lambda m=minutes: NOON + timedelta(minutes=m))
        assert browser.save(attempt, token, minutes).status_code == 200
    assert browser.is_in()


def test_a_token_of_an_earlier_release_is_no_token(app: Flask, at_work):
    browser, _, attempt, _ = at_work
    secret = app.config["SECRET_KEY"]
    payload = f"{attempt.id}.{attempt.form_id}.{attempt.epoch}.{2**40}"
    old = f"{payload}.{tokens._signature(secret, tokens.ATTEMPT, payload)}"
    assert browser.save(attempt, old, 1).json["error"] == "bad_token"


def test_ending_another_device_stops_its_page_and_this_one_goes_on(app: Flask, at_work):
    desk, officer, attempt, token = at_work
    phone = Browser(app, "10.0.0.2", PHONE)
    phone.sign_in(officer)
    phone.client.post("/me/devices/end-others")
    assert desk.save(attempt, token, 1).json["error"] == "signed_out"
    assert phone.save(attempt, phone.open_paper(attempt), 1).status_code == 200


def test_the_door_that_disables_stops_saving_too(app: Flask, web_county: County, at_work):
    browser, officer, attempt, token = at_work
    chief = web_county.staff(Role.SECADMIN, web_county.province, born=web_county.today.replace(year=1975))
    web_county.session.commit()
    desk = Browser(app, "10.0.0.5")
    desk.sign_in(chief)
    answer = desk.client.post(f"/people/{officer.person_id}/account/disable", data={"reason": "离职"})
    assert answer.status_code == 303
    assert browser.save(attempt, token, 1).json["error"] == "signed_out"
    assert not browser.is_in()
