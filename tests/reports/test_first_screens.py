"""First screens and figures: true sums, and as many statements for many as for few."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from portal.exams.models import ExamKind
from portal.people.models import BodyKind, Level, Role
from portal.reports import queries
from tests.conftest import NOON
from tests.factories import PASSWORD, RIGHT, County


def signed_in(app: Flask, username: str):
    client = app.test_client()
    client.post("/sign-in", data={"username": username, "password": PASSWORD})
    return client


def monthly(county: County, people: int = 3):
    """An exam that everybody is entered for; the first passes, the second fails, the rest are absent."""
    exam = county.exam(ExamKind.MONTHLY, release_at_once=True, opens_at=NOON - timedelta(days=1))
    officers = [county.officer(born=date(1990, 1, 1 + n)) for n in range(people)]
    county.result(officers[0], exam, RIGHT, release=False)
    county.result(officers[1], exam, {1: "A"}, release=False)
    for officer in officers[2:]:
        county.enter(exam, officer)
    return exam


def test_a_unit_s_row_is_the_sum_of_what_lies_below_whatever_its_number(county: County):
    for number in range(12):  # ids of one and of two digits stand side by side
        county.body(f"第{number}县", BodyKind.GOVERNMENT, Level.COUNTY, county.province)
    exam = monthly(county)
    leader = county.staff(Role.LEADER, county.province, born=date(1970, 1, 1))
    rows = queries.units_below(county.session, leader, county.province, exam)
    assert [(r.body.name, r.officers, r.entered, r.sat, r.passed) for r in rows] == [
        ("梅河口市人民政府", 3, 3, 2, 1)
    ]
    below = queries.units_below(county.session, leader, county.city, exam)
    assert sum(r.sat for r in below) == rows[0].sat


def test_a_county_s_leader_does_not_see_the_province_s_row(county: County):
    leader = county.staff(Role.LEADER, county.city, born=date(1970, 1, 1))
    assert queries.unit_in_scope(county.session, leader, None).id == county.city.id
    with pytest.raises(Exception, match="No row"):
        queries.unit_in_scope(county.session, leader, county.other_city.id)


def test_the_to_do_list_puts_what_runs_before_what_is_open_and_names_what_was_missed(county: County):
    officer = county.officer()
    running, open_now = county.exam(days=3), county.exam(days=1)
    missed = county.exam(opens_at=NOON - timedelta(days=9))
    county.attempt(officer, running)
    county.enter(open_now, officer)
    county.enter(missed, officer)
    states = [d.state for d in queries.dues(county.session, officer.person_id, NOON)]
    assert states == ["running", "open", "missed"]


@pytest.mark.parametrize(("path", "limit"), [("/", 16), ("/roster", 10), ("/eligibility", 10), ("/figures", 12)])
def test_a_page_costs_no_more_for_many_than_for_few(app: Flask, web_county: County, statements, path, limit):
    county = web_county
    exam = monthly(county, people=2)
    roles = {"/": Role.OFFICER, "/roster": Role.BUREAU_CHECKER, "/eligibility": Role.BUREAU_CHECKER}
    reader = county.staff(roles.get(path, Role.LEADER), county.city, born=date(1970, 1, 1))
    county.session.commit()
    client = signed_in(app, reader.username)
    client.get(path)
    statements.clear()
    assert client.get(path).status_code == 200
    few = len(statements)
    for number in range(8):
        officer = county.officer(born=date(1991, 1, 1 + number))
        county.enter(exam, officer)
        county.application(officer)
    county.session.commit()
    statements.clear()
    client.get(path)
    assert len(statements) == few <= limit
