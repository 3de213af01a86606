"""The registers through their doors."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from portal.ground.db import db
from portal.ground.models import AuditLine
from portal.people.models import Account, Role
from portal.people.registers.models import AdviserAssignment, LegalReviewer
from portal.people.rules import check_digit
from tests.factories import PASSWORD, County

FIRST17 = "22010219780909321"
ADVISER = {
    "name": "韩立新", "id_number": FIRST17 + check_digit(FIRST17), "education": "master", "employer": "明德律师事务所",
    "licence_number": "122012015", "started_on": "2026-11-01", "document": "聘任合同",
}  # fmt: skip
REVIEWER = {"first_on": "2023-03-01", "penalties": "yes"}


class Office:
    def __init__(self, app: Flask, county: County) -> None:
        self.app, self.county = app, county
        self.officer = county.officer()
        self.number = self.officer.person.personnel_number
        self.admin = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
        self.stranger = county.staff(Role.UNIT_ADMIN, county.other_city, born=date(1981, 1, 1))
        self.reader = county.staff(Role.SUPERVISOR, county.city, born=date(1982, 1, 1))
        county.session.commit()

    def enter(self, account: Account) -> FlaskClient:
        client = self.app.test_client()
        client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
        return client

    def entered(self) -> int:
        answer = self.enter(self.admin).post("/registers/reviewers/new", data={**REVIEWER, "number": self.number})
        assert answer.status_code == 303, answer.text
        return int(answer.location.rsplit("/", 1)[1])


@pytest.fixture
def office(app: Flask, web_county: County) -> Office:
    return Office(app, web_county)


def test_a_reviewer_without_the_qualification_stands_among_those_who_lack_it_until_proven(office: Office) -> None:
    reviewer_id, admin = office.entered(), office.enter(office.admin)
    assert 'data-state="not_met"' in admin.get(f"/registers/reviewers/{reviewer_id}").text
    assert "周雅琴" in office.enter(office.reader).get("/registers/reviewers?list=lacking").text
    proven = {
        **REVIEWER, "version": "1", "qualification_number": "A1", "qualification_on": "2020-10-01",
        "qualification_document": "复印件",
    }  # fmt: skip
    assert admin.post(f"/registers/reviewers/{reviewer_id}", data=proven).status_code == 303
    assert 'data-state="met"' in admin.get(f"/registers/reviewers/{reviewer_id}").text
    assert "周雅琴" not in admin.get("/registers/reviewers?list=lacking").text
    late = admin.post(f"/registers/reviewers/{reviewer_id}", data={**REVIEWER, "version": "1"})
    assert late.status_code == 409 and "mf-errsum" in late.text


def test_who_is_out_of_scope_neither_reads_nor_enters_nor_ends(office: Office) -> None:
    reviewer_id, client = office.entered(), office.enter(office.stranger)
    assert client.get(f"/registers/reviewers/{reviewer_id}").status_code == 404
    assert client.post(f"/registers/reviewers/{reviewer_id}", data=REVIEWER).status_code == 404
    ended = client.post(f"/registers/reviewers/{reviewer_id}/end", data={"ended_on": "2026-11-23"})
    assert ended.status_code == 404
    answer = client.post("/registers/reviewers/new", data={**REVIEWER, "number": office.number})
    assert answer.status_code == 422 and "周雅琴" not in answer.text
    with db.reading() as session:
        assert session.scalars(select(LegalReviewer.ended_on)).all() == [None]


def test_a_reader_reads_and_exports_but_does_not_change(office: Office) -> None:
    reviewer_id, client = office.entered(), office.enter(office.reader)
    assert client.get(f"/registers/reviewers/{reviewer_id}").status_code == 200
    assert client.post(f"/registers/reviewers/{reviewer_id}", data=REVIEWER).status_code == 403
    sheet = client.post("/registers/reviewers/export")
    rows = CalamineWorkbook.from_filelike(BytesIO(sheet.data)).get_sheet_by_index(0).to_python()
    assert rows[1][1] == "周雅琴" and office.officer.person.id_number() not in str(rows)
    with db.reading() as session:
        assert session.scalars(select(AuditLine).where(AuditLine.act == "reviewers_exported")).one()


def test_the_export_holds_only_what_lies_in_scope(office: Office) -> None:
    office.entered()
    sheet = office.enter(office.stranger).post("/registers/reviewers/export")
    assert len(CalamineWorkbook.from_filelike(BytesIO(sheet.data)).get_sheet_by_index(0).to_python()) == 1


def test_an_adviser_is_entered_for_a_unit_in_scope_and_ended(office: Office) -> None:
    admin, unit = office.enter(office.admin), office.county.transport.name
    assert admin.post("/registers/advisers/new", data={**ADVISER, "body": unit}).status_code == 303
    page = admin.get("/registers/advisers").text
    assert "韩立新" in page and ADVISER["id_number"] not in page
    stranger = office.enter(office.stranger)
    assert "韩立新" not in stranger.get("/registers/advisers").text
    assert stranger.post("/registers/advisers/new", data={**ADVISER, "body": unit}).status_code == 422
    with db.reading() as session:
        row = session.scalars(select(AdviserAssignment)).one()
    address = f"/registers/advisers/{row.id}/end"
    assert stranger.post(address, data={"ended_on": "2026-11-23"}).status_code == 404
    assert admin.post(address, data={"ended_on": "not a day"}).status_code == 400
    assert admin.post(address, data={"ended_on": "2026-11-23"}).status_code == 303
    assert "韩立新" in admin.get("/registers/advisers?ended=1").text


def test_the_lists_take_few_statements_whatever_their_length(office: Office, statements: list[str]) -> None:
    county = office.county
    for n in range(25):
        person = county.person(born=date(1970, 1, n + 1))
        county.session.add(
            LegalReviewer(
                person_id=person.id, body_id=county.transport.id, first_on=date(2020, 1, 1), first_document="",
                penalties=True, qualification_number="", qualification_document="", started_on=date(2020, 1, 1),
                entered_at=county.now,
            )  # fmt: skip
        )
    county.session.commit()
    client = office.enter(office.admin)
    for address in ("/registers/reviewers", "/registers/advisers"):
        statements.clear()
        assert client.get(address).status_code == 200
        assert len([s for s in statements if s.startswith(("SELECT", "INSERT", "UPDATE"))]) <= 10
