"""The gate through its doors: page, direct POST, API, notice and the public answer."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, select

from portal.credentials.models import Decision, Eligibility, Notice
from portal.exams import operations as exams
from portal.exams.models import Result
from portal.ground import clock
from portal.ground.db import db
from portal.people import operations as people
from portal.people.models import Account, Role
from tests.conftest import NOON
from tests.factories import PASSWORD, County


def signed_in(app: Flask, account: Account):
    client = app.test_client()
    client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
    return client


def recorded() -> tuple[int, int]:
    with db.reading() as session:
        return tuple(session.scalar(select(func.count()).select_from(table)) for table in (Decision, Eligibility))


@pytest.fixture
def ready(web_county: County):
    found = web_county.ready()
    web_county.session.commit()
    return found


@pytest.fixture
def refused(web_county: County):
    """Everything in order but the staffing type."""
    officer, application, checker = web_county.ready()
    officer.person.posts[-1].staffing_type = "contract"
    web_county.session.commit()
    return officer, application, checker


def test_the_file_shows_twelve_findings_and_offers_the_record(app: Flask, ready):
    _, application, checker = ready
    page = signed_in(app, checker).get(f"/eligibility/{application.id}").text
    assert page.count('class="mf-find') >= 12
    assert page.count('data-state="met"') == 12
    assert 'value="eligible"' in page


def test_where_a_rule_fails_the_page_offers_no_record_and_a_direct_post_is_refused(app: Flask, refused):
    _, application, checker = refused
    client = signed_in(app, checker)
    page = client.get(f"/eligibility/{application.id}").text
    assert 'data-rule="establishment" data-state="not_met"' in page
    assert 'value="eligible"' not in page
    answer = client.post(f"/eligibility/{application.id}/decision", data={"outcome": "eligible", "opinion": "同意"})
    assert answer.status_code == 409
    assert recorded() == (0, 0)


def test_the_api_refuses_as_the_page_does(app: Flask, web_county: County, refused):
    _, application, checker = refused
    token = people.create_api_token(web_county.session, checker, now=NOON)
    web_county.session.commit()
    client, key = app.test_client(), {"Authorization": f"Bearer {token}"}
    path = f"/api/v1/applications/{application.id}"
    found = client.get(f"{path}/findings", headers=key).json["findings"]
    assert {f["rule"] for f in found if f["state"] != "met"} == {"establishment"}
    answer = client.post(f"{path}/decision", json={"outcome": "eligible"}, headers=key)
    assert (answer.status_code, answer.json["error"]) == (409, "rules_not_met")
    assert recorded() == (0, 0)


def test_the_api_records_what_the_rules_allow_and_needs_its_token(app: Flask, web_county: County, ready):
    _, application, checker = ready
    token = people.create_api_token(web_county.session, checker, now=NOON)
    web_county.session.commit()
    path = f"/api/v1/applications/{application.id}/decision"
    assert app.test_client().post(path, json={"outcome": "eligible"}).status_code == 401
    key = {"Authorization": f"Bearer {token}"}
    assert app.test_client().post(path, json={"outcome": "maybe"}, headers=key).status_code == 400
    assert app.test_client().post(path, json={"outcome": "eligible"}, headers=key).status_code == 201
    assert recorded() == (1, 1)


def test_another_county_s_checker_finds_nothing_at_this_address(app: Flask, web_county: County, ready):
    _, application, _ = ready
    stranger = web_county.staff(Role.BUREAU_CHECKER, web_county.other_city, born=date(1975, 1, 1))
    web_county.session.commit()
    client = signed_in(app, stranger)
    assert client.get(f"/eligibility/{application.id}").status_code == 404
    answer = client.post(f"/eligibility/{application.id}/decision", data={"outcome": "eligible"})
    assert answer.status_code == 404
    assert recorded() == (0, 0)


def test_the_officer_himself_and_a_supervisor_cannot_decide(app: Flask, web_county: County, ready):
    officer, application, _ = ready
    supervisor = web_county.staff(Role.SUPERVISOR, web_county.province, born=date(1976, 1, 1))
    web_county.session.commit()
    for account in (officer, supervisor):
        answer = signed_in(app, account).post(f"/eligibility/{application.id}/decision", data={"outcome": "eligible"})
        assert answer.status_code == 403
    assert recorded() == (0, 0)


def test_the_province_does_not_decide_in_the_county_bureau_s_name(app: Flask, web_county: County, ready):
    _, application, _ = ready
    above = web_county.staff(Role.BUREAU_CHECKER, web_county.province, born=date(1974, 1, 1))
    web_county.session.commit()
    client = signed_in(app, above)
    page = client.get(f"/eligibility/{application.id}")
    assert page.status_code == 200
    assert 'value="eligible"' not in page.text
    answer = client.post(f"/eligibility/{application.id}/decision", data={"outcome": "eligible"})
    assert answer.status_code == 404
    assert recorded() == (0, 0)


def test_two_clicks_are_one_decision(app: Flask, ready):
    _, application, checker = ready
    client = signed_in(app, checker)
    statuses = [
        client.post(f"/eligibility/{application.id}/decision", data={"outcome": "eligible"}).status_code
        for _ in range(2)
    ]
    assert statuses == [303, 409]
    assert recorded() == (1, 1)


@pytest.fixture
def noticed(app: Flask, ready):
    """A recorded officer: his account, the application, the notice."""
    officer, application, checker = ready
    signed_in(app, checker).post(f"/eligibility/{application.id}/decision", data={"outcome": "eligible"})
    with db.reading() as session:
        return officer, application, session.scalars(select(Notice)).one()


def test_the_notice_is_one_page_with_an_embedded_chinese_font_and_says_what_it_is_not(app: Flask, noticed):
    officer, application, notice = noticed
    answer = signed_in(app, officer).get(f"/eligibility/{application.id}/notice.pdf")
    assert answer.mimetype == "application/pdf"
    reader = PdfReader(BytesIO(answer.data))
    text = reader.pages[0].extract_text()
    assert len(reader.pages) == 1
    for words in ("行政执法资格审核合格通知单", "不是行政执法证件", "周雅琴", notice.number):
        assert words in text
    fonts = [f.get_object() for f in reader.pages[0]["/Resources"]["/Font"].values()]
    assert fonts
    assert all("/FontFile2" in f["/FontDescriptor"] for f in fonts)


def test_a_stranger_gets_no_notice(app: Flask, web_county: County, noticed):
    _, application, _ = noticed
    stranger = web_county.officer("陈绍文", born=date(1991, 2, 3))
    web_county.session.commit()
    assert signed_in(app, stranger).get(f"/eligibility/{application.id}/notice.pdf").status_code == 404


def test_the_public_answer_needs_no_sign_in_and_shows_what_is_printed_with_the_name_masked(app: Flask, noticed):
    _, _, notice = noticed
    page = app.test_client().get(f"/verify/{notice.token}")
    assert page.status_code == 200
    assert 'data-state="valid"' in page.text
    assert "周＊琴" in page.text
    assert "周雅琴" not in page.text
    assert notice.number in page.text
    assert "周雅琴" in app.test_client().get(f"/verify/{notice.token}?name=周雅琴").text


def test_a_wrong_address_or_name_finds_nothing(app: Flask, noticed):
    _, _, notice = noticed
    client = app.test_client()
    assert client.get(f"/verify/{notice.token[:-1]}").status_code == 404
    assert client.get(f"/verify?number={notice.number}&name=周雅").status_code == 200
    assert client.get(f"/verify?number={notice.number}&name=周雅琴").status_code == 302


def test_after_a_result_is_voided_the_public_answer_is_under_recheck_from_that_moment(app: Flask, noticed):
    _, _, notice = noticed
    with db.writing() as session:
        result = session.scalars(select(Result).order_by(Result.id)).first()
        exams.void(session, result, reason="冒名", now=NOON, account_id=None)
        session.commit()
    assert 'data-state="recheck"' in app.test_client().get(f"/verify/{notice.token}").text


def test_after_its_last_day_the_notice_has_expired(app: Flask, noticed):
    _, _, notice = noticed
    clock.set_source(lambda: NOON + timedelta(days=5 * 366))
    assert 'data-state="expired"' in app.test_client().get(f"/verify/{notice.token}").text


def test_every_answer_carries_the_security_headers(app: Flask):
    for path in ("/sign-in", "/verify", "/nothing-here"):
        headers = app.test_client().get(path).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_provisional_mark_is_told_to_nobody(app: Flask, web_county: County):
    county = web_county
    officer = county.officer()
    county.certified(officer)
    county.result(officer, county.exam(), {1: "B"}, release=False)
    unit = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
    application = county.application(officer, unit=unit)
    county.session.commit()
    for account, path in ((officer, "/my-eligibility"), (unit, f"/eligibility/{application.id}")):
        page = signed_in(app, account).get(path).text
        assert "16.66" not in page
        assert "尚未公布" in page


def test_a_refusal_without_its_reason_leaves_the_file_open_with_what_was_typed(app: Flask, ready):
    _, application, checker = ready
    client = signed_in(app, checker)
    answer = client.post(f"/eligibility/{application.id}/decision", data={"outcome": "not_eligible", "opinion": " "})
    assert answer.status_code == 422
    assert 'class="mf-errsum"' in answer.text
    assert recorded() == (0, 0)


def test_a_unit_of_another_county_gives_no_opinion_here(app: Flask, web_county: County):
    officer = web_county.officer()
    application = web_county.application(officer)
    other = web_county.staff(Role.UNIT_ADMIN, web_county.other_city, born=date(1980, 1, 1))
    people.grant(web_county.session, other, Role.SUPERVISOR, web_county.province, now=NOON)
    web_county.session.commit()
    answer = signed_in(app, other).post(f"/eligibility/{application.id}/unit-opinion", data={"opinion": "同意"})
    assert answer.status_code == 404


def test_names_cannot_be_tried_without_end(app: Flask, noticed):
    _, _, notice = noticed
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = notice.token  # an asker of its own
    statuses = [client.get(f"/verify/{notice.token}?name=张{n}").status_code for n in range(31)]
    assert statuses == [200] * 30 + [429]


def test_results_of_an_open_exam_go_out_early_only_on_purpose(app: Flask, web_county: County):
    county = web_county
    exam = county.exam()
    result = county.result(county.officer(), exam, release=False, identity=False)
    admin = county.staff(Role.EXAM_ADMIN, county.province, born=date(1980, 1, 1))
    county.session.commit()
    second = county.account(county.person("葛文君", born=date(1982, 1, 1)), Role.EXAM_ADMIN, county.province)
    county.session.commit()
    client, path = signed_in(app, admin), f"/exams/manage/{exam.id}"
    early = {"early": "1", "reason": "补考安排"}
    assert signed_in(app, second).post(f"{path}/review", data=early).status_code == 303
    assert client.post(f"{path}/release").status_code == 409
    assert client.post(f"{path}/release", data={"early": "1", "reason": " "}).status_code == 409
    assert client.post(f"{path}/release", data=early).status_code == 303
    wrong = client.post(f"{path}/identity", data={"attempt": result.attempt_id, "reference": " "})
    assert wrong.status_code == 409
    right = client.post(f"{path}/identity", data={"attempt": result.attempt_id, "reference": "座次表"})
    assert right.status_code == 303


def test_an_absurd_number_is_not_found(app: Flask, web_county: County):
    checker = web_county.staff(Role.BUREAU_CHECKER, web_county.city, born=date(1980, 1, 1))
    web_county.session.commit()
    assert signed_in(app, checker).get("/eligibility/" + "9" * 40).status_code == 404
