"""Getting in with a password: by which names, and how guessing is slowed down without locking anybody out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.ground import clock
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.people.access import hashing, operations
from portal.people.access.operations import TooManyGuesses, Visitor
from portal.people.access.rules import FROM_ONE_PLACE, HERE, PROFILES, SITE_CALM, most_guesses, wait_after
from portal.people.models import Account, FailedSignIn, Role, SignIn
from tests.access.doors import Browser
from tests.conftest import NOON
from tests.factories import PASSWORD, County

DJBH3 = PROFILES["djbh3"]


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every hash that was compared while the test runs, by the hash it was compared with."""
    seen: list[str] = []
    verify = hashing._verify

    def watched(stored: str, typed: str) -> bool:
        seen.append(stored)
        return verify(stored, typed)

    monkeypatch.setattr(hashing, "_verify", watched)
    yield seen


@pytest.fixture
def small_county(sqlite_url: str) -> Iterator[County]:
    """On one engine only: ten thousand of anything take their time."""
    db.open(sqlite_url)
    with db.writing() as opened:
        yield County(opened, NOON)
    db.engine.dispose()


def give_phone(county: County, account: Account, phone: str) -> None:
    person = account.person
    person.phone_sealed = keys.seal(phone, f"person|phone|{person.public_id}")
    person.phone_index = keys.blind(phone, "person|phone")
    county.session.commit()


@pytest.mark.parametrize(
    "typed", ["13904351234", " 139 0435 1234", "+86 13904351234", "１３９０４３５１２３４", "139-0435-1234"]
)
def test_the_phone_number_opens_however_it_is_written(app: Flask, web_county: County, typed: str):
    officer = web_county.officer()
    give_phone(web_county, officer, "13904351234")
    assert Browser(app).sign_in(typed).status_code == 302


def test_the_id_number_and_the_personnel_number_open_too(app: Flask, web_county: County):
    officer = web_county.officer()
    names = (officer.person.id_number(), officer.username, officer.username.lower())
    web_county.session.commit()
    for typed in names:
        assert Browser(app).sign_in(typed).status_code == 302


def test_a_phone_of_two_people_opens_neither_and_the_page_says_what_does(app: Flask, web_county: County):
    one, other = web_county.officer(), web_county.officer("陈绍文", born=web_county.today.replace(year=1985))
    for account in (one, other):
        give_phone(web_county, account, "13904351234")
    answer = Browser(app).english().sign_in("13904351234")
    assert answer.status_code == 401
    assert "use the personnel number" in answer.text
    assert Browser(app).sign_in(one).status_code == 302


def test_eight_wrong_passwords_from_one_place_are_enough_and_other_places_are_not_held_up(
    app: Flask, web_county: County
):
    officer = web_county.officer()
    web_county.session.commit()
    clock.set_source(moving := Moving())
    guesser = Browser(app, "10.6.6.6")
    statuses = []
    for _ in range(10):
        statuses.append(guesser.sign_in(officer, "wrong").status_code)
        moving.minutes(0.9)
    assert statuses.count(401) <= HERE
    assert statuses[-1] == 429
    moving.minutes(11)
    assert guesser.sign_in(officer).status_code == 302


class Moving:
    """A clock that a test pushes on."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self):
        return self.now

    def minutes(self, n: float) -> None:
        self.now += timedelta(minutes=n)


def test_ten_thousand_guesses_from_everywhere_are_hashed_no_more_than_the_policy_says(small_county: County):
    """In one day, each from another address; each refused one costs no hash."""
    county = small_county
    officer = county.officer()
    county.session.commit()
    step, hashes = timedelta(days=1) / 10_000, 0
    for number in range(10_000):
        now = NOON + step * number
        visitor = Visitor(f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")
        try:
            knock = operations.look_up(county.session, officer.username, visitor, DJBH3, now=now)
        except TooManyGuesses:
            continue
        hashes += 1
        operations.note_wrong(county.session, knock, visitor, now=now)
        county.session.flush()
    assert hashes <= most_guesses(DJBH3) < 50


def test_while_guesses_rain_the_victim_gets_in_from_the_device_it_knows(app: Flask, web_county: County, hashed):
    officer = web_county.officer()
    web_county.session.commit()
    own = Browser(app, "10.0.0.7")
    assert own.sign_in(officer).status_code == 302
    own.client.post("/sign-out")
    hashed.clear()
    for number in range(60):
        Browser(app, f"10.66.0.{number}").sign_in(officer, "wrong")
    assert len(hashed) <= DJBH3.free_tries + 1
    assert Browser(app, "10.0.0.9").sign_in(officer).status_code == 429  # a device nobody knows waits
    assert own.sign_in(officer).status_code == 302


def test_somebody_in_the_same_office_cannot_lock_the_device_an_account_knows(app: Flask, web_county: County):
    officer = web_county.officer()
    web_county.session.commit()
    own, neighbour = Browser(app, "10.0.0.7"), Browser(app, "10.0.0.7")
    own.sign_in(officer)
    own.client.post("/sign-out")
    for _ in range(HERE + 2):
        neighbour.sign_in(officer, "wrong")
    assert neighbour.sign_in(officer).status_code == 429
    assert own.sign_in(officer).status_code == 302


def test_a_forged_device_cookie_is_a_strange_device(app: Flask, web_county: County):
    officer = web_county.officer()
    web_county.session.commit()
    own = Browser(app, "10.0.0.7")
    own.sign_in(officer)
    name, _, signature = own.cookie("mingfa-device").partition(".")
    for number in range(HERE + 1):
        Browser(app, f"10.66.1.{number}").sign_in(officer, "wrong")
    thief = Browser(app, "10.0.0.8")
    thief.client.set_cookie("mingfa-device", f"{name}.{signature[:-2]}xx")
    assert thief.sign_in(officer).status_code == 429


def test_a_known_device_answers_for_its_own_mistakes_and_success_clears_them(app: Flask, web_county: County):
    officer = web_county.officer()
    web_county.session.commit()
    own = Browser(app)
    own.sign_in(officer)
    for _ in range(HERE - 1):
        assert own.sign_in(officer, "wrong").status_code == 401
    assert own.sign_in(officer).status_code == 302
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(FailedSignIn)) == 0
    assert [own.sign_in(officer, "wrong").status_code for _ in range(HERE + 1)] == [401] * HERE + [429]


def test_an_office_of_three_hundred_behind_one_address_gets_in_with_a_slip_of_the_finger_each(county: County):
    """Accounts that succeeded from there before do not count against the address, all mistyping at once."""
    place, now, people = Visitor("10.20.30.40"), NOON + timedelta(days=1), []
    for number in range(300):
        born = county.today.replace(year=1960, month=1, day=1) + timedelta(days=number)
        people.append(county.staff(Role.OFFICER, county.transport, born=born))
        operations.sign_in(county.session, people[-1], visitor=place, device="Chrome · Windows", now=NOON)
    for officer in people:
        now += timedelta(seconds=2.5)  # a busy quarter of an hour
        knock = operations.look_up(county.session, officer.username, place, DJBH3, now=now)
        operations.note_wrong(county.session, knock, place, now=now)
        county.session.flush()
    assert operations.look_up(county.session, people[0].username, place, DJBH3, now=now).may_open


def test_an_address_that_only_guesses_is_stopped(county: County):
    place = Visitor("10.66.6.6")
    for number in range(FROM_ONE_PLACE):
        knock = operations.look_up(county.session, f"NOBODY{number}", place, DJBH3, now=NOON)
        operations.note_wrong(county.session, knock, place, now=NOON)
        county.session.flush()
    with pytest.raises(TooManyGuesses):
        operations.look_up(county.session, "NOBODY-ELSE", place, DJBH3, now=NOON)
    operations.look_up(county.session, "NOBODY-ELSE", Visitor("10.66.6.7"), DJBH3, now=NOON)


def test_under_siege_new_devices_wait_their_turn_and_known_ones_do_not_notice(county: County):
    officer = county.officer()
    home = Visitor("10.0.0.7", "d" * 64)
    operations.sign_in(county.session, officer, visitor=home, device="Chrome · Windows", now=NOON)
    for number in range(SITE_CALM):
        county.session.add(FailedSignIn(username=f"x{number}", address=f"10.66.{number % 250}.{number}", at=NOON))
    county.session.flush()
    with pytest.raises(TooManyGuesses) as held:
        operations.look_up(county.session, officer.username, Visitor("10.9.9.9"), DJBH3, now=NOON)
    assert held.value.wait <= timedelta(seconds=15)
    assert operations.look_up(county.session, officer.username, home, DJBH3, now=NOON).may_open
    later = NOON + timedelta(seconds=61)
    assert operations.look_up(county.session, officer.username, Visitor("10.9.9.9"), DJBH3, now=later).may_open


def test_an_unknown_name_costs_the_same_statements_and_one_hash(app: Flask, web_county: County, hashed, statements):
    officer, closed = web_county.officer(), web_county.staff(Role.OFFICER, born=web_county.today.replace(year=1970))
    closed.disabled_at = NOON
    web_county.session.commit()
    work = []
    for name in (officer.username, closed.username, "NOBODY"):
        statements.clear()
        hashed.clear()
        assert Browser(app, f"10.0.1.{len(work)}").sign_in(name, "wrong").status_code == 401
        work.append(([s.split("WHERE")[0] for s in statements if s.startswith("SELECT count")], len(hashed)))
    assert work[0] == work[1] == work[2]
    assert work[0][1] == 1


def test_the_wait_for_strange_devices_grows_and_ends_at_an_hour():
    waits = [wait_after(n, DJBH3).total_seconds() for n in range(4, 20)]
    assert waits[:4] == [0, 30, 60, 120]
    assert max(waits) == 3600


def test_what_was_typed_is_not_shown_again_but_the_number_is(app: Flask, web_county: County):
    page = Browser(app).sign_in("T00001", "secret-typed-here").text
    assert 'value="T00001"' in page
    assert "secret-typed-here" not in page


def test_a_sign_in_remembers_where_and_on_what(app: Flask, web_county: County):
    officer = web_county.officer()
    web_county.session.commit()
    Browser(app, "10.0.0.3").sign_in(officer, PASSWORD)
    with db.reading() as session:
        row = session.scalars(select(SignIn)).one()
        assert (row.address, row.device, row.shared) == ("10.0.0.3", "Chrome · Windows", False)
