"""What a password must be under each of the two profiles, when it grows old, and how it is changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from argon2 import Type, extract_parameters
from flask import Flask
from sqlalchemy import select

from portal.ground import clock
from portal.ground.config import load_config
from portal.ground.db import db
from portal.ground.errors import SettingMissing
from portal.people.access.blocklist import too_common
from portal.people.access.hashing import hasher, pool
from portal.people.access.models import PasswordChange
from portal.people.access.rules import MOST_CHARACTERS, PROFILES, password_problem
from portal.people.models import Account
from tests.access.doors import PHONE, Browser
from tests.conftest import NOON
from tests.factories import PASSWORD, County

NIST, DJBH3 = PROFILES["nist"], PROFILES["djbh3"]
FACTS = ["zhouyaqin", "zyq", "周雅琴", "T00001", "19900506", "900506", "13904351234", "220581199005060000"]
FIRST, SECOND = "Kx7-pine-Door-sits", "Bv4-oak-Lamp-runs"


@pytest.mark.parametrize(
    "guessed",
    ["12345678", "password", "P@ssw0rd2024", "qwertyuiop", "1qaz@WSX", "11111111", "Aa123456", "jilin2024",
     "Mingfa@123",
     "woaini5201314", "abcd1234", "Qwer!234", "88888888", "zaq1@WSX", "iloveyou1", "a1b2a1b2a1b2", "Changchun#88",
     "Zhouyaqin1990!", "zyq19900506", "T00001T00001", "13904351234aA!", "900506@Zyq", "周雅琴1990",
     "220581199005060000"],
)  # fmt: skip
def test_what_is_guessed_first_is_refused_by_both_profiles(guessed: str):
    assert too_common(guessed, FACTS)
    for policy in PROFILES.values():
        assert password_problem(policy, guessed, FACTS) is not None


@pytest.mark.parametrize("good", [FIRST, SECOND, "Xk29vq!pZ", "Tree42Lamp-hut", "a Long way to Yanji 9"])
def test_a_good_password_passes_both(good: str):
    for policy in PROFILES.values():
        assert password_problem(policy, good, FACTS) is None


def test_nist_asks_for_length_only_and_the_other_for_three_classes():
    plain = "velvet kettle thunder"
    assert password_problem(NIST, plain, FACTS) is None
    assert password_problem(DJBH3, plain, FACTS) is not None
    assert password_problem(DJBH3, "Velvet kettle thunder", FACTS) is None
    assert password_problem(NIST, "kx7vq9p", FACTS) is not None
    assert password_problem(NIST, "龙井红叶飘满山坡", FACTS) is None


def test_a_long_password_counts_to_its_last_character_and_a_longer_one_is_refused(app: Flask, web_county: County):
    officer = web_county.officer()
    long = "Kx7-" + "pine door lamp " * 8 + "last"
    assert len(long) <= MOST_CHARACTERS
    officer.password_hash = hasher.hash(long)
    web_county.session.commit()
    assert Browser(app).sign_in(officer, long).status_code == 302
    assert Browser(app).sign_in(officer, long[:-1]).status_code == 401
    assert password_problem(NIST, "Kx7 pine " * 15) == ("A password has at most %(n)s characters.", {"n": 128})


def test_a_new_password_is_kept_at_no_less_than_the_recommended_cost():
    """Argon2id with 19 MiB in two rounds, by OWASP's list; the tests' own accounts are cheaper to open."""
    cost = extract_parameters(pool.hash(FIRST))
    assert cost.type == Type.ID
    assert (cost.memory_cost >= 19 * 1024, cost.time_cost >= 2) == (True, True)


def test_full_width_letters_are_the_same_password(app: Flask, web_county: County):
    officer = web_county.officer()
    web_county.session.commit()
    assert Browser(app).sign_in(officer, "ａ long ｔest password").status_code == 302


@pytest.fixture
def own(app: Flask, web_county: County) -> Browser:
    officer = web_county.officer()
    web_county.session.commit()
    browser = Browser(app).english()
    browser.sign_in(officer)
    browser.account = officer
    return browser


def change(browser: Browser, current: str, new: str, again: str | None = None):
    form = {"current": current, "new": new, "again": again or new}
    return browser.client.post("/me/password", data=form)


def test_a_change_ends_other_devices_and_this_one_goes_on_under_a_new_token(app: Flask, own: Browser):
    phone = Browser(app, "10.0.0.2", PHONE)
    phone.sign_in(own.account)
    before = own.cookie()
    assert change(own, PASSWORD, FIRST).status_code == 302
    assert own.is_in()
    assert not phone.is_in()
    assert not Browser(app).take(before).is_in()
    assert Browser(app).sign_in(own.account, FIRST).status_code == 302


def test_a_change_needs_the_present_password_and_guessing_it_is_slowed(own: Browser):
    assert change(own, "wrong", FIRST).status_code == 401
    statuses = [change(own, "wrong", FIRST).status_code for _ in range(9)]
    assert statuses[-1] == 429
    assert change(own, PASSWORD, FIRST, SECOND).status_code == 422


def test_the_last_five_do_not_come_back(own: Browser):
    used = [PASSWORD, *(f"Kx7-pine-Door-{word}" for word in ("sits", "runs", "eats", "hums", "digs"))]
    for now_, following in zip(used, used[1:], strict=False):
        assert change(own, now_, following).status_code == 302
    assert change(own, used[-1], used[-1]).status_code == 422
    assert change(own, used[-1], used[1]).status_code == 422
    assert change(own, used[-1], FIRST.replace("sits", "naps")).status_code == 302


def test_one_s_own_data_are_no_password(own: Browser):
    answer = change(own, PASSWORD, "Zhouyaqin1990!")
    assert answer.status_code == 422
    assert "guessed first" in answer.text


def test_after_ninety_days_a_new_one_comes_first(app: Flask, own: Browser):
    clock.set_source(lambda: NOON + timedelta(days=91))
    assert own.sign_in(own.account).status_code == 302
    answer = own.client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/password")
    assert "older than 90 days" in own.client.get("/me/password").text
    assert change(own, PASSWORD, FIRST).status_code == 302
    assert own.client.get("/").status_code == 200
    with db.reading() as session:
        assert session.scalars(select(PasswordChange)).one().set_at == NOON + timedelta(days=91)


def test_the_nist_profile_never_asks_for_a_change(app: Flask, own: Browser):
    app.config["MINGFA"] = replace(app.config["MINGFA"], password_profile="nist")
    clock.set_source(lambda: NOON + timedelta(days=900))
    own.sign_in(own.account)
    assert own.client.get("/").status_code == 200


def test_a_running_exam_is_not_held_up_by_an_old_password(app: Flask, web_county: County, own: Browser):
    clock.set_source(lambda: NOON + timedelta(days=91))
    exam = web_county.exam(opens_at=NOON + timedelta(days=91))
    attempt = web_county.attempt(own.account, exam, at=NOON + timedelta(days=91))
    web_county.session.commit()
    own.sign_in(own.account)
    assert own.client.get(f"/exams/attempts/{attempt.public_id}").status_code == 200
    token = own.open_paper(attempt)
    assert own.save(attempt, token, 1).status_code == 200
    assert own.hand_in(attempt, token).status_code == 200
    assert own.client.get("/").headers["Location"] == "/me/password"


def test_the_page_names_both_standards_and_that_they_disagree(app: Flask, own: Browser):
    for profile in PROFILES:
        app.config["MINGFA"] = replace(app.config["MINGFA"], password_profile=profile)
        page = own.client.get("/me/password").text
        assert "GB/T 22239" in page
        assert "SP 800-63B" in page


def test_a_profile_that_does_not_exist_stops_the_start():
    with pytest.raises(SettingMissing, match="MINGFA_PASSWORD_PROFILE"):
        load_config({
            "MINGFA_DATABASE_URL": "x", "MINGFA_SECRET_KEY": "s" * 40, "MINGFA_DATA_KEY": "1" * 64,
            "MINGFA_INDEX_KEY": "2" * 64, "MINGFA_AUDIT_KEY": "3" * 64, "MINGFA_PASSWORD_PROFILE": "strict",
        })  # fmt: skip


def test_an_account_without_a_password_opens_with_none(app: Flask, web_county: County):
    officer = web_county.officer()
    officer.password_hash = ""
    web_county.session.commit()
    for typed in ("nobody has this password", "x", " "):
        assert Browser(app).sign_in(officer, typed).status_code in (401, 422)
    with db.reading() as session:
        assert session.get_one(Account, officer.id).password_hash == ""
