"""Checking in: form, order and address are settled before the hour; the key is not out yet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.exams import operations as exams
from portal.exams.delivery import starting
from portal.exams.models import Attempt, CheckIn, Entry, FormSeal
from portal.ground import clock
from portal.ground.db import db
from portal.people.models import Ban
from tests.conftest import NOON
from tests.exams.sitter import Sitter, exam_at_noon, rows_of
from tests.factories import County

MS = timedelta(milliseconds=1)


def at(moment) -> None:
    clock.set_source(lambda: moment)


@pytest.fixture
def sitter(app, web_county: County) -> Sitter:
    return Sitter(app, web_county, exam_at_noon(web_county, timing="fixed", check_in_minutes=15, late_minutes=10))


def test_a_device_that_checked_in_waits_with_a_sealed_form_and_no_key(sitter: Sitter):
    at(NOON - timedelta(minutes=5))
    page = sitter.ready().page
    assert (page["state"], page["attempt"], page["key"], page["paper"], page["deadline"]) == ("waiting", *[None] * 4)
    assert (page["starts_at"], page["now"]) == (NOON.timestamp(), (NOON - timedelta(minutes=5)).timestamp())
    assert sitter.form().status_code == 200
    assert rows_of(Attempt) == 0


@pytest.mark.parametrize(("when", "status"), [(-MS, 409), (timedelta(0), 303), (MS, 303)])
def test_the_door_opens_the_declared_minutes_before_and_not_a_moment_sooner(sitter: Sitter, when, status):
    at(NOON - timedelta(minutes=15) + when)
    assert sitter.check_in().status_code == status


@pytest.mark.parametrize(("when", "status"), [(-MS, 303), (timedelta(0), 303), (MS, 409)])
def test_the_door_of_a_fixed_start_closes_behind_the_last_latecomer(sitter: Sitter, when, status):
    at(NOON + timedelta(minutes=10) + when)
    answer = sitter.check_in()
    assert answer.status_code == status
    assert status == 303 or answer.json["error"] == "may_not_sit"


@pytest.mark.parametrize(("when", "status"), [(-MS, 303), (timedelta(0), 409)])
def test_the_door_of_a_window_closes_with_it(app, web_county: County, when, status):
    sitter = Sitter(app, web_county, exam_at_noon(web_county, days=0.01))
    at(sitter.exam.closes_at + when)
    assert sitter.check_in().status_code == status


def test_checking_in_again_leads_to_the_same_place(sitter: Sitter):
    at(NOON - timedelta(minutes=5))
    sitter.check_in()
    first = sitter.public_id
    sitter.check_in()
    assert sitter.public_id == first
    assert rows_of(CheckIn) == 1


def test_many_check_ins_at_once_are_one(sitter: Sitter):
    at(NOON - timedelta(minutes=5))
    clients = [sitter.signed_in() for _ in range(3)]

    def go(number: int) -> str:
        answer = clients[number % 3].post(f"/exams/{sitter.exam.id}/start", data={"identity": "1"})
        return answer.headers.get("Location", str(answer.status_code))

    with ThreadPoolExecutor(12) as at_once:
        places = set(at_once.map(go, range(24)))
    assert len(places) == 1 and rows_of(CheckIn) == 1


def test_whoever_has_not_said_who_he_is_does_not_check_in(sitter: Sitter):
    at(NOON)
    refused = sitter.client.post(f"/exams/{sitter.exam.id}/start", headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json["error"]) == (422, "not_declared")
    assert rows_of(CheckIn) == 0


def test_whoever_is_barred_does_not_check_in(sitter: Sitter):
    session, today = sitter.county.session, sitter.county.today
    session.add(Ban(person_id=sitter.account.person_id, act="cheating", since=today, until=today, reference="决定"))
    session.commit()
    at(NOON)
    assert sitter.check_in().json["error"] == "may_not_sit"


def test_whose_entry_was_withdrawn_does_not_check_in(sitter: Sitter):
    sitter.withdrawn(NOON - timedelta(days=1))
    at(NOON)
    assert sitter.check_in().json["error"] == "may_not_sit"


def test_whoever_is_not_on_the_list_finds_no_such_exam(sitter: Sitter):
    other = exam_at_noon(sitter.county)
    assert sitter.client.post(f"/exams/{other.id}/start", data={"identity": "1"}).status_code == 404


def test_nobody_opens_another_s_check_in(sitter: Sitter):
    at(NOON)
    sitter.check_in()
    stranger = sitter.county.officer("陈绍文", born=sitter.county.today.replace(year=1985, day=1))
    sitter.county.session.commit()
    client = Sitter(sitter.app, sitter.county, exam_at_noon(sitter.county), stranger).client
    assert client.get(f"/exams/attempts/{sitter.public_id}").status_code == 404
    assert client.post(f"/exams/attempts/{sitter.public_id}/open").status_code == 404


def test_forms_are_dealt_evenly_and_another_attempt_gets_another_form(county: County):
    exam = county.exam(opens_at=NOON, forms=4, attempts_allowed=2)
    people = [county.person(f"考生{n}", born=county.today - timedelta(days=9000 + n)) for n in range(40)]
    county.session.flush()
    exams.enter(county.session, exam, [person.id for person in people])
    entries = county.session.scalars(select(Entry).where(Entry.exam_id == exam.id)).all()
    for entry in entries:
        starting.check_in(county.session, exam, entry, now=NOON)
    dealt = county.session.execute(select(func.count()).select_from(CheckIn).group_by(CheckIn.form_id)).scalars().all()
    assert dealt == [10, 10, 10, 10]
    assert county.session.scalar(select(func.count()).select_from(FormSeal)) == 4
    forms = sorted(form.id for form in exam.forms)
    first = county.session.scalars(select(CheckIn.form_id).where(CheckIn.entry_id == entries[0].id)).one()
    assert forms[(entries[0].id + 2) % 4] != first


def test_seeds_are_of_48_bits_and_differ(county: County):
    exam = county.exam(opens_at=NOON)
    officers = [county.officer(born=county.today - timedelta(days=9000 + n)) for n in range(8)]
    seeds = set()
    for officer in officers:
        seeds.add(county.attempt(officer, exam).seed)
    assert len(seeds) == 8 and all(0 <= seed < 2**48 for seed in seeds) and max(seeds) > 2**32


def test_a_sitting_s_hours_are_those_of_its_entries(app, web_county: County):
    county, officer = web_county, web_county.officer()
    exam = exam_at_noon(county, timing="fixed", check_in_minutes=10)
    later = county.sitting(exam, opens_at=NOON + timedelta(hours=3), minutes=90)
    county.seat(officer, later)
    sitter = Sitter(app, county, exam, officer)
    at(NOON + timedelta(hours=2, minutes=49))
    sitter.client = sitter.signed_in()
    assert sitter.check_in().status_code == 409
    at(NOON + timedelta(hours=2, minutes=55))
    page = sitter.ready().page
    assert page["starts_at"] == (NOON + timedelta(hours=3)).timestamp()
    at(NOON + timedelta(hours=3))
    assert sitter.start().status_code == 200
    with db.reading() as session:
        attempt = session.scalars(select(Attempt)).one()
        assert (attempt.sitting_id, attempt.room_id) == (later.id, later.rooms[0].room_id)


def test_a_page_that_opens_turns_the_one_before_it_away(sitter: Sitter):
    at(NOON - timedelta(minutes=5))
    first = sitter.ready().page
    second = sitter.open(sitter.signed_in())
    assert second["epoch"] == first["epoch"] + 1
    at(NOON)
    refused = sitter.start(token=first["token"])
    assert (refused.status_code, refused.json["error"]) == (409, "superseded")
    assert sitter.start().status_code == 200
