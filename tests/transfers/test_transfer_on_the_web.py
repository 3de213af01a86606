"""A transfer through its doors: lists, form, page, steps."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.credentials.models import Application
from portal.ground.db import db
from portal.people.models import Account, Body, BodyKind, Level, Post, Role
from portal.people.queries import current_post
from portal.people.transfers.models import Transfer
from tests.factories import PASSWORD, County

FORM = {
    "field": "transport", "title": "执法员", "duty": "full", "staffing": "civil", "on_establishment": "yes",
    "effective_on": "2026-11-23", "document": "调令一号",
}  # fmt: skip
HANDOVER = {"done": ["matters", "files", "equipment"]}


class Two:
    """Both sides with their administrators, signed in."""

    def __init__(self, app: Flask, county: County) -> None:
        self.app, self.county = app, county
        self.target = county.body(
            "集安市交通运输综合行政执法大队", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, county.other_city, ["transport"]
        )
        self.officer = county.officer()
        self.sender = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
        self.receiver = county.staff(Role.UNIT_ADMIN, self.target, born=date(1981, 1, 1))
        self.person_id = self.officer.person_id
        county.session.commit()

    def enter(self, account: Account) -> FlaskClient:
        client = self.app.test_client()
        client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
        return client

    def opened(self) -> int:
        address = f"/transfers/new/{self.person_id}?to={self.target.id}"
        answer = self.enter(self.sender).post(address, data={**FORM, "establishment": self.target.id})
        assert answer.status_code == 303, answer.text
        return int(answer.location.rsplit("/", 1)[1])

    def released(self) -> int:
        transfer_id = self.opened()
        assert self.enter(self.sender).post(f"/transfers/{transfer_id}/release", data=HANDOVER).status_code == 303
        return transfer_id


@pytest.fixture
def two(app: Flask, web_county: County) -> Two:
    return Two(app, web_county)


def stands_at(person_id: int) -> int:
    with db.reading() as session:
        return current_post(session, person_id).body_id


def test_from_the_form_to_the_new_unit(two: Two) -> None:
    transfer_id, receiver = two.released(), two.enter(two.receiver)
    assert "周雅琴" in receiver.get("/transfers").text
    page = receiver.get(f"/transfers/{transfer_id}").text
    assert "Confirm the transfer" in page or "确认接收" in page
    assert receiver.post(f"/transfers/{transfer_id}/confirm").status_code == 303
    assert stands_at(two.person_id) == two.target.id
    assert two.enter(two.sender).get(f"/transfers/{transfer_id}").status_code == 200


def test_the_open_application_moves_in_the_same_transaction(two: Two) -> None:
    two.county.application(two.officer)
    two.county.session.commit()
    transfer_id = two.released()
    two.enter(two.receiver).post(f"/transfers/{transfer_id}/confirm")
    with db.reading() as session:
        application = session.scalars(select(Application)).one()
        assert (application.unit_id, application.state) == (two.target.id, "unit_review")
        assert application.bureau_id == two.county.other_bureau.id


def test_a_sender_cannot_name_somebody_out_of_scope(two: Two) -> None:
    receiver = two.enter(two.receiver)
    number = two.officer.username
    for address in (f"/transfers/new/{two.person_id}", f"/transfers/start?number={number}"):
        assert receiver.get(address).status_code == 404
    address = f"/transfers/new/{two.person_id}?to={two.target.id}"
    assert receiver.post(address, data={**FORM, "establishment": two.target.id}).status_code == 404


@pytest.mark.parametrize("step", ["release", "confirm", "refuse", "withdraw"])
def test_each_step_is_a_404_for_whoever_answers_for_neither_unit(two: Two, step: str) -> None:
    stranger = two.county.staff(Role.UNIT_ADMIN, two.county.other_bureau, born=date(1982, 1, 1))
    two.county.session.commit()
    transfer_id, client = two.released(), two.enter(stranger)
    assert client.get(f"/transfers/{transfer_id}").status_code == 404
    assert client.post(f"/transfers/{transfer_id}/{step}", data={**HANDOVER, "reason": "x"}).status_code == 404
    assert stands_at(two.person_id) == two.county.transport.id


def test_the_sender_does_not_confirm_and_the_receiver_does_not_withdraw(two: Two) -> None:
    transfer_id = two.released()
    assert two.enter(two.sender).post(f"/transfers/{transfer_id}/confirm").status_code == 404
    answer = two.enter(two.receiver).post(f"/transfers/{transfer_id}/withdraw", data={"reason": "x"})
    assert answer.status_code == 404


def test_an_officer_opens_none_of_these_doors(two: Two) -> None:
    client = two.enter(two.officer)
    for address in ("/transfers", f"/transfers/new/{two.person_id}"):
        assert client.get(address).status_code == 403


def test_an_open_point_is_said_on_the_page_and_nothing_is_released(two: Two) -> None:
    transfer_id = two.opened()
    answer = two.enter(two.sender).post(f"/transfers/{transfer_id}/release", data={"done": ["files"]})
    assert answer.status_code == 422 and "mf-errsum" in answer.text
    with db.reading() as session:
        assert session.get_one(Transfer, transfer_id).state == "open"


def test_the_form_says_what_cannot_be_and_keeps_what_was_typed(two: Two) -> None:
    address = f"/transfers/new/{two.person_id}?to={two.target.id}"
    wrong = {**FORM, "establishment": two.target.id, "effective_on": "2019-01-01"}
    answer = two.enter(two.sender).post(address, data=wrong)
    assert answer.status_code == 409 and "调令一号" in answer.text
    assert two.enter(two.sender).post(address, data={**FORM, "establishment": 999999}).status_code == 422


def test_the_search_for_a_unit_leaves_out_the_present_and_abolished_ones(two: Two) -> None:
    two.county.session.get(Body, two.target.id).abolished_on = date(2026, 1, 1)
    two.county.session.commit()
    page = two.enter(two.sender).get(f"/transfers/new/{two.person_id}?q=交通").text
    assert f"to={two.target.id}" not in page and f"to={two.county.transport.id}" not in page


def test_the_list_takes_few_statements_whatever_its_length(two: Two, statements: list[str]) -> None:
    session = two.county.session
    for n in range(30):
        person = two.county.person(born=date(1970, 1, n + 1))
        post = two.county.post(person)
        session.add(
            Transfer(
                person_id=person.id, post_id=post.id, from_body_id=two.county.transport.id, to_body_id=two.target.id,
                establishment_body_id=two.target.id, field="transport", part_time=False, title="执法员",
                staffing_type="civil", on_establishment=True, last_day_on=date(2026, 11, 22),
                effective_on=date(2026, 11, 23), document="调令", state="released", opened_at=two.county.now,
            )  # fmt: skip
        )
    session.commit()
    client = two.enter(two.receiver)
    statements.clear()
    assert client.get("/transfers").status_code == 200
    assert len([s for s in statements if s.startswith(("SELECT", "INSERT", "UPDATE"))]) <= 10
    assert session.query(Post).count() > 30
