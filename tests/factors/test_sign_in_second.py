"""Signing in with a second factor: the password alone opens nothing."""

from __future__ import annotations

from datetime import date

import pyotp
import pytest
from flask import Flask

from portal.app import create_app
from portal.ground import clock
from portal.ground.db import db
from portal.people.factors.models import TotpFactor, WrongCode
from portal.people.models import Account, Role, SignIn
from tests.conftest import NOON, settings
from tests.factories import PASSWORD, County
from tests.factors.conftest import Enrolled, count, enrol, move_clock, password_typed, signed_in


def test_after_the_password_staff_with_a_factor_show_it_and_are_in(app: Flask, enrolled: Enrolled):
    client, answer = password_typed(app, enrolled.account, "/eligibility")
    assert answer.location == "/sign-in/second"
    page = client.get("/sign-in/second")
    assert "恢复码" in page.text
    answer = client.post("/sign-in/second", data={"code": enrolled.code(NOON)})
    assert (answer.status_code, answer.location) == (303, "/eligibility")
    assert client.get("/eligibility").status_code == 200


def test_between_the_two_pages_nothing_opens(app: Flask, enrolled: Enrolled):
    client, _ = password_typed(app, enrolled.account)
    assert count(SignIn) == 0
    for path in ("/", "/eligibility", "/me/factors", "/confirm"):
        assert client.get(path).location.startswith("/sign-in?")


def test_the_step_changes_the_browser_s_token(app: Flask, enrolled: Enrolled):
    client, _ = password_typed(app, enrolled.account)
    with client.session_transaction() as before:
        waiting = before["pending"]
    client.post("/sign-in/second", data={"code": enrolled.code(NOON)})
    with client.session_transaction() as after:
        assert "pending" not in after
        assert after["sign_in"] != waiting


def test_a_wrong_code_is_told_and_written_down(app: Flask, enrolled: Enrolled):
    client, _ = password_typed(app, enrolled.account)
    assert client.post("/sign-in/second", data={"code": "000000"}).status_code == 401
    assert (count(WrongCode), count(SignIn)) == (1, 0)


def test_the_sixth_wrong_code_is_refused_before_it_is_looked_at(app: Flask, enrolled: Enrolled):
    client, _ = password_typed(app, enrolled.account)
    for _ in range(5):
        client.post("/sign-in/second", data={"code": "000000"})
    assert client.post("/sign-in/second", data={"code": enrolled.code(NOON)}).status_code == 429
    assert count(SignIn) == 0


def test_one_password_opens_one_sign_in(app: Flask, enrolled: Enrolled):
    client, _ = password_typed(app, enrolled.account)
    kept = client.get_cookie("mingfa").value
    client.post("/sign-in/second", data={"code": enrolled.code(NOON)})
    thief = app.test_client()
    thief.set_cookie("mingfa", kept)
    move_clock(seconds=30)
    assert thief.post("/sign-in/second", data={"code": enrolled.code(clock.now())}).location == "/sign-in/second"
    assert count(SignIn) == 1


def test_after_five_minutes_the_password_is_asked_again(app: Flask, enrolled: Enrolled):
    client, _ = password_typed(app, enrolled.account)
    move_clock(minutes=5)
    client.post("/sign-in/second", data={"code": enrolled.code(clock.now())})
    assert client.get("/sign-in/second").location == "/sign-in"
    assert count(SignIn) == 0


def test_a_disabled_account_does_not_get_through_the_second_page(app: Flask, enrolled: Enrolled):
    client, _ = password_typed(app, enrolled.account)
    with db.writing() as session:
        session.get_one(Account, enrolled.account.id).disabled_at = NOON
        session.commit()
    assert client.post("/sign-in/second", data={"code": enrolled.code(NOON)}).status_code == 403
    assert count(SignIn) == 0


def test_officers_sign_in_with_the_password_alone_even_where_a_factor_is_left_over(app: Flask, web_county: County):
    officer = web_county.officer()
    enrol(web_county.session, officer)
    web_county.session.commit()
    client, answer = password_typed(app, officer)
    assert answer.location == "/"
    assert client.get("/me/factors").status_code == 200
    assert client.post("/me/factors/totp").status_code == 403


def test_enrolling_shows_a_qr_code_takes_the_first_code_and_gives_ten_recovery_codes(app: Flask, checker: Account):
    client, _ = password_typed(app, checker)
    assert client.post("/me/factors/totp").location == "/me/factors/totp"
    page = client.get("/me/factors/totp").text
    assert "<svg" in page
    assert "mf-qr" in page
    with db.reading() as session:
        secret = session.query(TotpFactor).one().secret()
    assert secret in page.replace(" ", "")
    assert client.post("/me/factors/totp/confirm", data={"code": "000000"}).status_code == 422
    done = client.post("/me/factors/totp/confirm", data={"code": pyotp.TOTP(secret).at(NOON)})
    assert done.text.count('<li><code translate="no">') == 10
    assert secret not in client.get("/me/factors").text.replace(" ", "")
    assert client.get("/me/factors/totp").location == "/me/factors"
    assert password_typed(app, checker)[1].location == "/sign-in/second"


@pytest.fixture
def strict(database_url: str, tmp_path):
    """A site that requires second factors of its staff."""
    app = create_app(settings(database_url, tmp_path, second_factor="required"))
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    db.engine.dispose()


def people_of(app: Flask) -> tuple[Account, Account, County]:
    with db.writing() as session:
        county = County(session, NOON)
        officer, checker = county.officer(), county.staff(Role.BUREAU_CHECKER, county.city, born=date(1981, 1, 1))
        session.commit()
        return officer, checker, county


def test_where_factors_are_required_staff_without_one_reach_only_the_enrolment(strict: Flask):
    officer, checker, _ = people_of(strict)
    client, _ = password_typed(strict, checker)
    assert client.get("/eligibility").location == "/me/factors"
    assert client.get("/me/factors").status_code == 200
    assert client.post("/eligibility/1/decision").status_code == 403
    assert client.get("/eligibility", headers={"Accept": "application/json"}).json["error"] == "second_factor_needed"
    assert password_typed(strict, officer)[0].get("/exams/").status_code == 200
    client.post("/me/factors/totp")
    with db.reading() as session:
        secret = session.query(TotpFactor).one().secret()
    client.post("/me/factors/totp/confirm", data={"code": pyotp.TOTP(secret).at(NOON)})
    assert client.get("/eligibility").status_code == 200


@pytest.fixture
def guard(web_county: County) -> Account:
    """The security administrator of the province."""
    account = web_county.staff(Role.SECADMIN, web_county.province, born=date(1970, 2, 2))
    web_county.post(account.person, web_county.transport)
    web_county.session.commit()
    return account


@pytest.fixture
def unlucky(web_county: County) -> Enrolled:
    """Somebody in post, whose phone is gone."""
    account = web_county.staff(Role.UNIT_ADMIN, web_county.transport, born=date(1979, 3, 3))
    web_county.post(account.person)
    found = enrol(web_county.session, account)
    web_county.session.commit()
    return found


def test_a_lost_factor_is_taken_away_by_the_security_administrator_and_a_new_one_comes_first(
    app: Flask, guard: Account, unlucky: Enrolled
):
    there = signed_in(app, unlucky)
    assert there.get("/").status_code == 200
    page = f"/people/{unlucky.account.person_id}/factors"
    admin, _ = password_typed(app, guard)
    assert admin.get(page).status_code == 200
    assert admin.post(page, data={"reason": ""}).status_code == 422
    assert admin.post(page, data={"reason": "手机丢失"}).location == page
    assert count(TotpFactor) == 0
    assert there.get("/").location.startswith("/sign-in")
    again, answer = password_typed(app, unlucky.account)
    assert answer.location == "/"
    assert again.get("/").location == "/me/factors"


def test_nobody_takes_his_own_factors_away_and_only_the_security_administrator_takes_others(
    app: Flask, web_county: County, guard: Account, unlucky: Enrolled
):
    own = enrol(web_county.session, guard)
    web_county.session.commit()
    admin = signed_in(app, own)
    answer = admin.post(f"/people/{guard.person_id}/factors", data={"reason": "自己"})
    assert answer.status_code == 403
    assert count(TotpFactor) == 2
    assert signed_in(app, unlucky).post(f"/people/{guard.person_id}/factors", data={"reason": "x"}).status_code == 403
    stranger = web_county.staff(Role.SECADMIN, web_county.other_city, born=date(1971, 1, 1))
    web_county.session.commit()
    client, _ = password_typed(app, stranger)
    answer = client.post(f"/people/{unlucky.account.person_id}/factors", data={"reason": "越权"})
    assert answer.status_code == 404
    assert count(TotpFactor) == 2


def test_taking_factors_away_needs_a_fresh_proof(app: Flask, guard: Account, unlucky: Enrolled):
    admin, _ = password_typed(app, guard)
    move_clock(minutes=11)
    assert admin.post(f"/people/{unlucky.account.person_id}/factors", data={"reason": "手机丢失"}).status_code == 403
    assert count(TotpFactor) == 1


def test_the_password_that_opens_the_first_page_is_still_needed(app: Flask, enrolled: Enrolled):
    client, answer = password_typed(app, enrolled.account, password="not " + PASSWORD)
    assert answer.status_code == 401
    assert client.get("/sign-in/second").location == "/sign-in"
