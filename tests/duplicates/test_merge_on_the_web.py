"""Duplicates through their doors."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from portal.ground.db import db
from portal.people.duplicates import operations
from portal.people.models import Account, Person, Role, SignIn
from tests.factories import PASSWORD, County


class Office:
    def __init__(self, app: Flask, county: County) -> None:
        self.app, self.county = app, county
        self.officer = county.officer()
        self.first, self.second = self.officer.person, county.officer(born=date(1990, 5, 7)).person
        self.admin = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
        self.colleague = county.staff(Role.UNIT_ADMIN, county.city, born=date(1981, 1, 1))
        self.pair = operations.pair_by_hand(county.session, self.first, self.second, now=county.now)
        county.session.commit()

    def enter(self, account: Account, *, proved: bool = True) -> FlaskClient:
        client = self.app.test_client()
        client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
        at = self.county.now if proved else self.county.now - timedelta(hours=1)
        with db.writing() as session:
            session.execute(update(SignIn).where(SignIn.account_id == account.id).values(proved_at=at))
            session.commit()
        return client

    def propose(self, client: FlaskClient):
        said = {"survivor": self.first.id, "reason": "同一人"}
        return client.post(f"/duplicates/{self.pair.id}/propose", data=said)


@pytest.fixture
def office(app: Flask, web_county: County) -> Office:
    return Office(app, web_county)


def merged_into(person_id: int) -> int | None:
    with db.reading() as session:
        return session.scalars(select(Person.merged_into_id).where(Person.id == person_id)).one()


def test_two_administrators_merge_and_two_undo(office: Office) -> None:
    admin, colleague = office.enter(office.admin), office.enter(office.colleague)
    address = f"/duplicates/{office.pair.id}"
    assert "周雅琴" in admin.get("/duplicates").text and admin.get(address).status_code == 200
    assert office.propose(admin).status_code == 303
    assert colleague.get("/duplicates?list=waiting").text.count(address) >= 1
    assert colleague.post(f"{address}/confirm").status_code == 303
    assert merged_into(office.second.id) == office.first.id
    assert admin.get(address).status_code == 200
    assert admin.post(f"{address}/propose-undo", data={"reason": "确为两人"}).status_code == 303
    assert colleague.post(f"{address}/undo").status_code == 303
    assert merged_into(office.second.id) is None


def test_the_proposer_is_told_that_somebody_else_confirms(office: Office) -> None:
    admin = office.enter(office.admin)
    office.propose(admin)
    answer = admin.post(f"/duplicates/{office.pair.id}/confirm")
    assert answer.status_code == 403 and "mf-errsum" in answer.text
    assert merged_into(office.second.id) is None


@pytest.mark.parametrize("act", ["propose", "confirm", "propose-undo", "undo"])
def test_the_grave_acts_ask_for_a_fresh_proof(office: Office, act: str) -> None:
    office.propose(office.enter(office.admin))
    stale = office.enter(office.colleague, proved=False)
    stale.post(f"/duplicates/{office.pair.id}/{act}", data={"survivor": office.first.id, "reason": "x"})
    with db.reading() as session:
        assert session.get_one(type(office.pair), office.pair.id).state == "proposed"


def test_by_hand_two_numbers_in_scope_come_side_by_side_and_others_are_not_found(office: Office) -> None:
    admin = office.enter(office.admin)
    numbers = {"first": office.first.personnel_number, "second": office.second.personnel_number}
    assert admin.post("/duplicates/by-hand", data=numbers).location.endswith(f"/duplicates/{office.pair.id}")
    stranger = office.county.staff(Role.UNIT_ADMIN, office.county.other_city, born=date(1982, 1, 1))
    office.county.session.commit()
    client = office.enter(stranger)
    assert client.post("/duplicates/by-hand", data=numbers).status_code == 404
    for address in ("", "/propose", "/confirm", "/decline", "/different", "/propose-undo", "/undo"):
        whole = f"/duplicates/{office.pair.id}{address}"
        assert (client.post(whole) if address else client.get(whole)).status_code == 404


def test_an_officer_opens_none_of_these_doors(office: Office) -> None:
    assert office.enter(office.officer).get("/duplicates").status_code == 403


def test_the_list_takes_few_statements_whatever_its_length(office: Office, statements: list[str]) -> None:
    people = [office.county.person(born=date(1970, 1, n + 1)) for n in range(25)]
    for person in people:
        office.county.post(person)
    for one, other in zip(people, people[1:], strict=False):
        operations.pair_by_hand(office.county.session, one, other, now=office.county.now)
    office.county.session.commit()
    client = office.enter(office.admin)
    statements.clear()
    assert client.get("/duplicates").status_code == 200
    assert len([s for s in statements if s.startswith(("SELECT", "INSERT", "UPDATE"))]) <= 10
