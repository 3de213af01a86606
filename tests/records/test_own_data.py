"""Everything about me, for me, and for nobody else."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from io import BytesIO

import pytest
from sqlalchemy import select

from portal.exams.models import ScoreReview
from portal.ground import audit
from portal.ground.db import Base, db
from portal.ground.models import AuditLine
from portal.ground.sheets import read_workbook
from portal.people.models import Role
from portal.reports.own_data import queries
from tests.records.conftest import Office
from tests.records.pictures_made import portrait


@pytest.fixture
def busy(web_office: Office, enter) -> Office:
    """An officer with a decided application, a photo and a request."""
    county = web_office.county
    county.certified(web_office.officer)
    county.hours(web_office.officer)
    county.passes(web_office.officer)
    checker = county.staff(Role.BUREAU_CHECKER, county.city, born=date(1983, 1, 1))
    county.decided(county.application(web_office.officer, unit=web_office.keeper), checker)
    county.session.commit()
    path = f"/people/{web_office.person.id}/photos/new"
    enter(web_office.keeper).post(path, data={"file": (BytesIO(portrait()), "a.jpg")})
    asked = {"fact": "education", "wrong": "登记为大专", "right": "应为本科", "document": "毕业证书"}
    enter(web_office.officer).post("/me/requests/new", data=asked)
    return web_office


def taken(client) -> zipfile.ZipFile:
    answer = client.post("/me/data")
    assert answer.status_code == 200 and "no-store" in answer.headers["Cache-Control"]
    return zipfile.ZipFile(BytesIO(answer.data))


def test_the_archive_holds_everything_in_three_forms_and_the_photo(busy: Office, enter):
    archive = taken(enter(busy.officer))
    found = json.loads(archive.read("my-data.json"))
    expected = {
        "person", "post", "account", "role_grant", "sign_in", "identity_check", "establishment_check", "appraisal",
        "conduct_statement", "hours_entry", "attempt", "result", "application", "application_step", "decision",
        "decision_finding", "eligibility", "person_photo", "correction_request", "privacy_acknowledgement",
        "audit_line",
    }  # fmt: skip
    assert expected <= set(found)
    assert found["person"][0]["id_number"] == busy.person.id_number()
    page = archive.read("my-data.html").decode()
    assert "周雅琴" in page and busy.county.transport.name in page and "应为本科" in page and "测试考试" in page
    assert "<script" not in page and "http" not in page.replace("http-equiv", "")
    names = {sheet.name.split(" ", 1)[1] for sheet in read_workbook(archive.read("my-data.xlsx"))}
    assert len(names) >= 15
    assert archive.read("photo.jpg").startswith(b"\xff\xd8\xff")


def test_nothing_of_others_and_no_secret_is_in_it(busy: Office, enter):
    archive = taken(enter(busy.officer))
    everything = b"".join(archive.read(name) for name in archive.namelist() if not name.endswith("xlsx"))
    for other in (busy.keeper, busy.second, busy.stranger):
        assert other.person.id_number().encode() not in everything
    for secret in (busy.officer.password_hash, "argon2", "sealed", "token"):
        assert secret.encode() not in everything


def test_what_staff_did_about_others_is_not_theirs_to_take(busy: Office, enter):
    found = json.loads(taken(enter(busy.keeper)).read("my-data.json"))
    assert "周雅琴" not in json.dumps(found, ensure_ascii=False)
    assert not {"application", "application_step", "decision", "duty_step", "person_change"} & set(found)


def test_every_table_that_names_a_person_is_looked_at():
    looked_at = set(queries.conditions({1}, 1)) | queries.LEFT_OUT
    named = {table.name for table in Base.metadata.sorted_tables if "person_id" in table.c}
    assert named <= looked_at


def test_taking_it_is_written_down_and_needs_a_fresh_proof(busy: Office, enter, app):
    taken(enter(busy.officer))
    with db.reading() as session:
        line = session.scalars(select(AuditLine).where(AuditLine.act == "own_data_exported")).one()
    assert (line.account_id, line.person_id) == (busy.officer.id, busy.person.id)
    assert app.test_client().post("/me/data").status_code in (302, 303, 401)


def test_the_own_page_shows_what_is_kept(busy: Office, enter):
    page = enter(busy.officer).get("/me/file").text
    number = busy.person.id_number()
    assert number not in page and f"{number[:6]}********{number[-4:]}" in page
    assert busy.county.transport.name in page and "/me/photos/" in page


def everything_in(archive: zipfile.ZipFile) -> tuple[dict, str]:
    found = json.loads(archive.read("my-data.json"))
    return found, "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(("json", "html")))


def test_a_result_that_is_not_released_is_not_in_it_and_neither_is_any_key(web_office: Office, enter):
    county = web_office.county
    hidden = county.result(web_office.officer, county.exam(), release=False)
    shown = county.result(web_office.officer, county.exam())
    county.session.add_all(
        ScoreReview(result_id=one.id, opened_at=county.now, ground=f"复核{one.id}号") for one in (hidden, shown)
    )
    running = county.attempt(web_office.officer, county.exam())
    county.answer(running, {1: "A"})
    county.session.commit()
    found, text = everything_in(taken(enter(web_office.officer)))
    assert [row["id"] for row in found["result"]] == [shown.id]
    assert {row["result_id"] for name in ("result_event", "score_review") for row in found[name]} == {shown.id}
    assert not {row["attempt_id"] for row in found["answer_change"]} & {running.id}
    assert not {"items", "key_id"} & set(found["result"][0])
    assert not {"seed", "form_id"} & (set(found["attempt"][0]) | set(found["check_in"][0]))
    for marker in ('"given"', '"full"', '"items"', '"key_id"', '"seed"', f"复核{hidden.id}号"):
        assert marker not in text


def test_why_others_looked_is_not_told_and_a_long_trail_costs_a_few_statements(
    web_office: Office, enter, statements: list[str]
):
    county, person = web_office.county, web_office.person
    for number in range(60):
        audit.record(
            county.session, "person_revealed", "person", person.id, now=county.now, account_id=web_office.keeper.id,
            address="10.9.9.9", person_id=person.id, reason="线索核查", after={"number": number},
            body_id=county.transport.id,
        )  # fmt: skip
    county.session.commit()
    client = enter(web_office.officer)
    statements.clear()
    found, text = everything_in(taken(client))
    assert sum("FROM audit_personal" in told for told in statements) == 0
    assert sum("FROM person_key" in told for told in statements) <= 4
    looks = [row for row in found["audit_line"] if row["act"] == "person_revealed"]
    assert len(looks) == 60 and looks[0]["after"] == {"number": 59} and looks[0]["body_id"] == county.transport.id
    assert "线索核查" not in text and "10.9.9.9" not in text
