"""A sign-in lives on the server: it ends at once, falls asleep, and belongs to one kind of browser."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.ground import clock
from portal.ground.db import db
from portal.ground.models import AuditLine
from portal.people.access.rules import LASTS, SHARED_IDLE
from portal.people.models import Account, SignIn
from tests.access.doors import CHROME, NEWER, PHONE, Browser
from tests.conftest import NOON
from tests.factories import County


@pytest.fixture
def officer(web_county: County) -> Account:
    made = web_county.officer()
    web_county.session.commit()
    return made


def rows() -> list[SignIn]:
    with db.reading() as session:
        return list(session.scalars(select(SignIn).order_by(SignIn.id)))


def test_signing_out_ends_it_for_a_copied_cookie_too(app: Flask, officer: Account):
    own = Browser(app)
    own.sign_in(officer)
    thief = Browser(app).take(own.cookie())
    assert thief.is_in()
    own.client.post("/sign-out")
    assert not thief.is_in()


def test_a_cookie_from_before_signing_in_is_not_signed_in_afterwards(app: Flask, officer: Account):
    """Fixation: whoever planted a cookie holds nothing once its victim has signed in."""
    own = Browser(app)
    own.sign_in(officer)
    planted = own.cookie()
    victim = Browser(app).take(planted)
    victim.sign_in(officer)
    assert victim.is_in()
    assert not Browser(app).take(planted).is_in()


def test_another_person_on_the_same_browser_ends_the_first_one_s_sign_in(app: Flask, web_county: County, officer):
    other = web_county.officer("陈绍文", born=web_county.today.replace(year=1985))
    web_county.session.commit()
    browser = Browser(app)
    browser.sign_in(officer)
    first = browser.cookie()
    browser.sign_in(other)
    assert not Browser(app).take(first).is_in()
    assert [row.ended_at is not None for row in rows()] == [True, False]


def test_half_an_hour_without_a_page_puts_it_to_sleep_and_every_page_keeps_it_awake(app: Flask, officer: Account):
    own = Browser(app)
    own.sign_in(officer)
    for minutes in (25, 50, 75):
        clock.set_source(lambda m=minutes: NOON + timedelta(minutes=m))
        assert own.is_in()
    clock.set_source(lambda: NOON + timedelta(minutes=106))
    assert not own.is_in()
    assert "away for a while" in own.english().client.get("/me", follow_redirects=True).text
    assert rows()[0].ended_at is None  # asleep, not ended: an exam it opened goes on


def test_staying_awake_writes_no_row(app: Flask, officer: Account, statements: list[str]):
    own = Browser(app)
    own.sign_in(officer)
    clock.set_source(lambda: NOON + timedelta(minutes=10))
    statements.clear()
    assert own.is_in()
    assert [s for s in statements if not s.startswith(("SELECT", "BEGIN"))] == []


def test_after_twelve_hours_it_is_over_however_busy(app: Flask, officer: Account):
    own = Browser(app)
    own.sign_in(officer)
    for minutes in range(0, int(LASTS.total_seconds() // 60), 20):
        clock.set_source(lambda m=minutes: NOON + timedelta(minutes=m))
        assert own.is_in()
    clock.set_source(lambda: NOON + LASTS + timedelta(seconds=1))
    assert not own.is_in()


def test_a_cookie_copied_to_another_browser_is_refused_ended_and_noted(app: Flask, officer: Account):
    own = Browser(app)
    own.sign_in(officer)
    thief = Browser(app, "10.66.0.1", PHONE).take(own.cookie())
    answer = thief.client.get("/me", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert not own.is_in()
    with db.reading() as session:
        assert session.scalar(select(AuditLine.act).order_by(AuditLine.id.desc())) == "sign_in_ended"


def test_a_stolen_cookie_that_posts_is_refused_without_waiting_for_itself(app: Flask, officer: Account):
    own = Browser(app)
    own.sign_in(officer)
    thief = Browser(app, "10.66.0.1", PHONE).take(own.cookie())
    assert thief.client.post("/me/devices/end-others").status_code in (302, 401)
    assert rows()[0].ended_at is not None


def test_an_update_of_the_browser_stays_the_same_device(app: Flask, officer: Account):
    own = Browser(app, agent=CHROME)
    own.sign_in(officer)
    own.client.environ_base["HTTP_USER_AGENT"] = NEWER
    assert own.is_in()


def test_my_devices_are_listed_and_ended_one_by_one_or_all_but_this(app: Flask, officer: Account):
    desk, phone, third = Browser(app), Browser(app, "10.0.0.2", PHONE), Browser(app, "10.0.0.3")
    for browser in (desk, phone, third):
        browser.sign_in(officer)
    page = desk.english().client.get("/me").text
    assert "WeChat · Android" in page
    assert "10.0.0.2" in page
    desk.client.post(f"/me/devices/{rows()[1].id}/end")
    assert (desk.is_in(), phone.is_in(), third.is_in()) == (True, False, True)
    desk.client.post("/me/devices/end-others")
    assert (desk.is_in(), third.is_in()) == (True, False)


def test_nobody_ends_a_stranger_s_device(app: Flask, web_county: County, officer: Account):
    other = web_county.officer("陈绍文", born=web_county.today.replace(year=1985))
    web_county.session.commit()
    own, stranger = Browser(app), Browser(app, "10.0.0.2")
    own.sign_in(officer)
    stranger.sign_in(other)
    assert stranger.client.post(f"/me/devices/{rows()[0].id}/end").status_code == 404
    assert own.is_in()


def test_where_only_one_device_is_allowed_the_newest_stays(app: Flask, officer: Account):
    app.config["MINGFA"] = replace(app.config["MINGFA"], one_device=True)
    desk, phone = Browser(app), Browser(app, "10.0.0.2", PHONE)
    desk.sign_in(officer)
    phone.sign_in(officer)
    assert (desk.is_in(), phone.is_in()) == (False, True)


def test_a_shared_device_sleeps_sooner_keeps_no_name_and_is_cleared_on_leaving(app: Flask, officer: Account):
    hall = Browser(app)
    hall.sign_in(officer, shared=True)
    assert hall.cookie("mingfa-device") == ""
    assert rows()[0].cookie_sha256 == ""
    hall.client.set_cookie("mingfa_text", "large")
    answer = hall.client.post("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert hall.cookie("mingfa_text") == ""
    assert "data-forget" in hall.client.get("/sign-in").text
    assert "data-forget" not in hall.client.get("/sign-in").text  # once
    hall.sign_in(officer, shared=True)
    clock.set_source(lambda: NOON + SHARED_IDLE + timedelta(seconds=1))
    assert not hall.is_in()


def test_one_s_own_device_keeps_its_cache(app: Flask, officer: Account):
    own = Browser(app)
    own.sign_in(officer)
    assert "Clear-Site-Data" not in own.client.post("/sign-out").headers
    assert own.cookie("mingfa-device")


def test_switching_accounts_leads_the_next_person_to_the_same_page(app: Flask, officer: Account):
    own = Browser(app)
    own.sign_in(officer)
    answer = own.client.post("/sign-out", data={"switch": "1", "next": "/exams/"})
    assert answer.headers["Location"] == "/sign-in?next=/exams/"
    assert not own.is_in()
    own.sign_in(officer)
    answer = own.client.post("/sign-out", data={"switch": "1", "next": "https://example.org/"})
    assert answer.headers["Location"] == "/sign-in"


def test_the_session_cookie_has_no_date_and_the_device_s_has(app: Flask, officer: Account):
    cookies = Browser(app).sign_in(officer).headers.getlist("Set-Cookie")
    session_cookie = next(c for c in cookies if c.startswith("mingfa="))
    device = next(c for c in cookies if c.startswith("mingfa-device="))
    assert "Expires" not in session_cookie
    assert "Max-Age" in device
    for cookie in (session_cookie, device):
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
