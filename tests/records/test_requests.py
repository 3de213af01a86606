"""What a person asks to have put right, and the answer."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal.ground.db import db
from portal.people.duties.operations import SamePerson
from portal.people.models import Role
from portal.people.operations import grant
from portal.people.records.corrections import operations
from portal.people.records.models import AnswerOutcome, CorrectionRequest, RequestedFact
from tests.conftest import NOON
from tests.records.conftest import Office

ASKED = {"fact": "education", "wrong": "登记为大专", "right": "应为本科", "document": "毕业证书编号 2015-0031"}


def only_request() -> int:
    with db.reading() as session:
        return session.scalars(select(CorrectionRequest.id)).one()


def test_from_the_officer_to_the_administrator_and_back(web_office: Office, enter):
    officer, keeper = enter(web_office.officer), enter(web_office.keeper)
    assert officer.post("/me/requests/new", data=ASKED).status_code == 303
    assert "应为本科" in officer.get("/me/file").text
    assert "周雅琴" in keeper.get("/people/corrections").text
    path = f"/people/requests/{only_request()}"
    assert "毕业证书编号" in keeper.get(path).text
    assert keeper.post(path, data={"outcome": "corrected", "reason": "已按学信网核验结果更正"}).status_code == 303
    page = officer.get("/me/file").text
    assert "已按学信网核验结果更正" in page and 'mf-badge--ok' in page
    assert "周雅琴" not in keeper.get("/people/corrections").text
    assert keeper.post(path, data={"outcome": "refused", "reason": "再答"}).status_code == 409


def test_an_answer_needs_its_reason(web_office: Office, enter):
    enter(web_office.officer).post("/me/requests/new", data=ASKED)
    path = f"/people/requests/{only_request()}"
    assert enter(web_office.keeper).post(path, data={"outcome": "refused", "reason": " "}).status_code == 422


@pytest.mark.parametrize("empty", ["wrong", "right", "document"])
def test_a_request_says_what_is_wrong_what_is_right_and_by_what(web_office: Office, enter, empty: str):
    answer = enter(web_office.officer).post("/me/requests/new", data={**ASKED, empty: "  "})
    assert answer.status_code == 422 and "毕业证书" in answer.text or empty == "document"


def test_others_neither_read_nor_answer_it(web_office: Office, enter):
    enter(web_office.officer).post("/me/requests/new", data=ASKED)
    path, stranger = f"/people/requests/{only_request()}", enter(web_office.stranger)
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, data={"outcome": "refused", "reason": "不属实"}).status_code == 404
    assert enter(web_office.officer).get(path).status_code == 403
    assert "应为本科" not in enter(web_office.second).get("/me/file").text


def test_nobody_answers_himself(office: Office):
    county, session = office.county, office.county.session
    grant(session, office.officer, Role.UNIT_ADMIN, county.transport, now=NOON)
    row = operations.ask_correction(
        session, office.officer, RequestedFact.NAME, wrong="名字", right="另一名字", document="身份证", now=NOON
    )
    with pytest.raises(SamePerson):
        operations.answer_request(
            session, row, outcome=AnswerOutcome.CORRECTED, reason="自己", account=office.officer, now=NOON
        )


def test_nobody_floods_the_list(office: Office):
    session = office.county.session
    said = {"wrong": "有误", "right": "正确", "document": "证明", "now": NOON}
    for _ in range(operations.OPEN_AT_ONCE):
        operations.ask_correction(session, office.officer, RequestedFact.OTHER, **said)
    with pytest.raises(operations.TooManyOpen):
        operations.ask_correction(session, office.officer, RequestedFact.OTHER, **said)


def test_what_was_said_lies_sealed_and_stays(office: Office):
    session = office.county.session
    operations.ask_correction(
        session, office.officer, RequestedFact.PHONE, wrong="13844500001", right="13844500002", document="本人",
        now=NOON,
    )  # fmt: skip
    assert b"13844500002" not in bytes(session.execute(text("SELECT sealed FROM correction_request")).scalar_one())
    for statement in ("UPDATE correction_request SET fact = 'name'", "DELETE FROM correction_request"):
        with pytest.raises(DBAPIError, match="guard"), session.begin_nested():
            session.execute(text(statement))


def test_the_list_takes_few_statements_whatever_its_length(web_office: Office, enter, statements):
    county = web_office.county
    for _ in range(9):
        operations.ask_correction(
            county.session, web_office.officer, RequestedFact.OTHER, wrong="有误", right="正确", document="证明",
            now=NOON,
        )  # fmt: skip
    county.session.commit()
    keeper = enter(web_office.keeper)
    keeper.get("/people/corrections")
    statements.clear()
    assert keeper.get("/people/corrections").status_code == 200
    assert len(statements) <= 10
