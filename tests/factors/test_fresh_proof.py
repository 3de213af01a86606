"""Grave acts ask again who it is: the strongest factor, at most ten minutes ago."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.credentials.models import Decision
from portal.exams.models import ExamKind, ResultEvent
from portal.ground import clock, web
from portal.ground.db import db
from portal.people import operations as people
from portal.people.factors.models import WrongCode
from portal.people.models import Role
from tests.conftest import NOON
from tests.factories import PASSWORD, County
from tests.factors.conftest import count, enrol, move_clock, password_typed, signed_in


@pytest.fixture
def case(web_county: County):
    """An application ready to be decided, and its checker."""
    _, application, checker = web_county.ready()
    web_county.session.commit()
    return f"/eligibility/{application.id}", checker


def decisions() -> int:
    return count(Decision)


def decide(client, page: str, **headers: str):
    return client.post(
        f"{page}/decision", data={"outcome": "eligible"}, headers={"Referer": f"http://localhost{page}", **headers}
    )


@pytest.mark.parametrize(("minutes", "fresh"), [(0, True), (10, True), (10.1, False), (-0.5, True), (-5, False)])
def test_a_proof_lasts_ten_minutes_and_does_not_come_from_the_future(minutes: float, fresh: bool):
    assert web.proof_is_fresh(NOON, NOON + timedelta(minutes=minutes)) is fresh


def test_no_proof_is_no_fresh_proof():
    assert not web.proof_is_fresh(None, NOON)


def test_right_after_signing_in_the_decision_is_recorded(app: Flask, case):
    page, checker = case
    client, _ = password_typed(app, checker)
    assert decide(client, page).status_code == 303
    assert decisions() == 1


def test_eleven_minutes_later_it_is_not_and_the_page_leads_to_the_confirmation_and_back(app: Flask, case):
    page, checker = case
    client, _ = password_typed(app, checker)
    move_clock(minutes=11)
    answer = decide(client, page)
    assert answer.status_code == 403
    assert f"/confirm?next={page}" in answer.text
    assert "没有任何改动" in answer.text
    assert decisions() == 0
    answer = client.post(f"/confirm?next={page}", data={"password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, page)
    assert decide(client, page).status_code == 303
    assert decisions() == 1


def test_a_program_is_told_in_its_own_words(app: Flask, case):
    page, checker = case
    client, _ = password_typed(app, checker)
    move_clock(minutes=11)
    answer = decide(client, page, Accept="application/json")
    assert (answer.status_code, answer.json["error"]) == (403, "proof_needed")
    assert decisions() == 0


def test_a_page_that_asks_for_a_proof_sends_to_the_confirmation(app: Flask, case):
    _, checker = case
    client, _ = password_typed(app, checker)
    client.post("/me/factors/totp")
    move_clock(minutes=11)
    assert client.get("/me/factors/totp").location == "/confirm?next=/me/factors/totp"


def test_after_the_confirmation_only_a_page_of_our_own_follows(app: Flask, case):
    _, checker = case
    for outside in ("https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)"):
        client, _ = password_typed(app, checker)
        assert client.post("/confirm", query_string={"next": outside}, data={"password": PASSWORD}).location == "/"


def test_who_has_a_factor_confirms_with_it_and_not_with_the_password(app: Flask, web_county: County, case):
    page, checker = case
    enrolled = enrol(web_county.session, checker)
    web_county.session.commit()
    client = signed_in(app, enrolled)
    move_clock(minutes=11)
    assert 'name="password"' not in client.get("/confirm").text
    assert client.post("/confirm", data={"password": PASSWORD}).status_code == 422
    assert decide(client, page).status_code == 403
    assert client.post("/confirm", data={"code": enrolled.code(clock.now())}).status_code == 303
    assert decide(client, page).status_code == 303


def test_confirming_changes_the_token_and_the_old_one_opens_nothing(app: Flask, case):
    page, checker = case
    client, _ = password_typed(app, checker)
    thief = app.test_client()
    thief.set_cookie("mingfa", client.get_cookie("mingfa").value)
    assert thief.get(page).status_code == 200
    client.post("/confirm", data={"password": PASSWORD})
    assert client.get(page).status_code == 200
    assert thief.get(page).location.startswith("/sign-in")


def test_wrong_passwords_are_counted_and_the_sixth_is_not_looked_at(app: Flask, case):
    page, checker = case
    client, _ = password_typed(app, checker)
    move_clock(minutes=11)
    for _ in range(5):
        assert client.post("/confirm", data={"password": "guess"}).status_code == 401
    assert client.post("/confirm", data={"password": PASSWORD}).status_code == 429
    assert decide(client, page).status_code == 403
    assert count(WrongCode) == 5


def test_a_right_password_is_not_counted_as_a_guess(app: Flask, case):
    client, _ = password_typed(app, case[1])
    for _ in range(6):
        assert client.post("/confirm", data={"password": PASSWORD}).status_code == 303
    assert count(WrongCode) == 0


def test_releasing_results_asks_for_a_fresh_proof(app: Flask, web_county: County):
    exam = web_county.exam(ExamKind.MONTHLY, opens_at=NOON - timedelta(days=5))
    web_county.result(web_county.officer(), exam, release=False)
    admin = web_county.staff(Role.EXAM_ADMIN, web_county.province, born=date(1977, 1, 1))
    web_county.session.commit()
    client, _ = password_typed(app, admin)
    move_clock(minutes=11)
    assert client.post(f"/exams/manage/{exam.id}/release").status_code == 403
    with db.reading() as session:
        released = select(func.count()).select_from(ResultEvent)
        before = session.scalar(released)
    client.post("/confirm", data={"password": PASSWORD})
    assert client.post(f"/exams/manage/{exam.id}/release").status_code == 303
    with db.reading() as session:
        assert session.scalar(released) > before


def test_a_token_has_no_factor_and_decides_only_at_the_door_made_for_it(app: Flask, web_county: County, case):
    """A token is made at the terminal of the server; the page's doors do not know it."""
    page, checker = case
    token = people.create_api_token(web_county.session, checker, now=NOON)
    web_county.session.commit()
    assert decide(app.test_client(), page, Authorization=f"Bearer {token}").location.startswith("/sign-in")
    assert decisions() == 0


GRAVE = {"credentials.decide", "exams.release", "people_factors.take_away", "people_factors.start_totp"}


def test_the_grave_doors_all_ask(app: Flask):
    fresh = {name for name, view in app.view_functions.items() if getattr(view, "fresh", False)}
    assert fresh >= GRAVE
