"""The pages of keys and regrades: what they show, who passes, what a candidate is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.bank.following.models import QuestionView
from portal.exams import operations as exams
from portal.exams.delivery import operations as delivery
from portal.exams.marking.count_tasks import count_one
from portal.exams.marking.operations import mark_attempt
from portal.exams.marking.regrading.models import Flips, Regrade
from portal.exams.models import Exam, HandInCause
from portal.ground.db import db
from portal.ground.sheets import read_workbook
from portal.people.models import Account, Role
from tests.conftest import NOON
from tests.exams.making import signed_in as enter
from tests.exams.regrading import admins, attempts, hand_in, newest, worked_off
from tests.exams.test_count_answers import published as from_bank
from tests.factories import RIGHT, County

FORM = {"change": "key", "answer": "C", "reason": "标准答案有误", "source": "测试法（2020）第一条", "flips": "release"}
STRONG, WEAK = {**RIGHT, 1: "C"}, {1: "B", 2: "A", 5: "B"}


def signed_in(app: Flask, account: Account) -> FlaskClient:
    """At the pages in English."""
    client = enter(app, account)
    client.set_cookie("mingfa_lang", "en")
    return client


def sat(county: County, exam: Exam, count: int = 4) -> list:
    papers = attempts(county, exam, count, (STRONG, WEAK))
    hand_in(county.session, papers)
    for paper in papers:
        mark_attempt(county.session, paper, now=NOON)
    county.session.commit()
    return papers


def keys_of(exam: Exam) -> str:
    return f"/exams/manage/{exam.id}/keys"


def only(exam: Exam) -> Regrade:
    with db.reading() as session:
        return session.scalars(select(Regrade).where(Regrade.exam_id == exam.id)).one()


def test_the_page_of_keys_says_which_key_to_doubt_and_shows_no_word_of_a_question(app, web_county: County):
    exam = from_bank(web_county)
    sat(web_county, exam, 60)
    maker, _ = admins(web_county)
    web_county.session.commit()
    client = signed_in(app, maker)
    assert "Not counted yet" in client.get(keys_of(exam)).text
    assert client.post(f"{keys_of(exam)}/count").status_code == 303
    assert count_one(NOON)
    page = client.get(keys_of(exam)).text
    assert "The strongest third prefers C: check the key." in page
    assert page.index("T-1") < page.index("T-5a"), "a doubtful key stands first"
    assert "哪一项正确" not in page
    assert "甲项" not in page


def test_one_question_is_shown_with_its_key_and_that_is_written_down(app, web_county: County):
    exam = from_bank(web_county)
    maker, _ = admins(web_county)
    web_county.session.commit()
    client = signed_in(app, maker)
    name = next(iter(_names(exam, "T-1")))
    page = client.get(f"{keys_of(exam)}/{name}").text
    assert "哪一项正确" in page
    with db.reading() as session:
        assert [view.account_id for view in session.scalars(select(QuestionView))] == [maker.id]
    assert client.get(f"{keys_of(exam)}/nothing").status_code == 404


def _names(exam: Exam, code: str) -> list[str]:
    from portal.exams.marking.figures import key_rows

    with db.reading() as session:
        return [row.question for row in key_rows(session, session.get_one(Exam, exam.id)) if row.code == code]


@pytest.mark.parametrize("kind", ["T-1", "T-2", "T-3", "T-4", "T-5a"])
def test_every_kind_of_question_has_its_page(app, web_county: County, kind: str):
    exam = web_county.exam()
    maker, _ = admins(web_county)
    web_county.session.commit()
    assert signed_in(app, maker).get(f"{keys_of(exam)}/{kind}").status_code == 200


def test_from_the_doubt_to_the_new_marks_through_the_doors(app, web_county: County):
    exam = web_county.exam()
    papers = sat(web_county, exam)
    maker, second = admins(web_county)
    web_county.session.commit()
    one, other = signed_in(app, maker), signed_in(app, second)
    lacking = one.post(f"{keys_of(exam)}/T-1", data={**FORM, "source": ""})
    assert lacking.status_code == 422
    assert "标准答案有误" in lacking.text, "what was typed is kept"
    same = one.post(f"{keys_of(exam)}/T-1", data={**FORM, "answer": "B"})
    assert (same.status_code, "the key as it stands" in same.text) == (422, True)
    there = one.post(f"{keys_of(exam)}/T-1", data=FORM).location
    assert "The effect is being counted" in one.get(there).text
    assert one.get(f"{there}/progress").json["state"] == "going"
    worked_off()
    shown = one.get(there).text
    assert "考生0" in shown
    assert one.post(f"{there}/propose").status_code == 303
    assert one.post(f"{there}/approve").status_code == 403
    assert "Another exam administrator approves this" in one.get(there).text
    assert other.post(f"{there}/approve").status_code == 303
    worked_off()
    assert only(exam).state == "applied"
    assert one.get(f"{there}/progress").json["state"] == "done"
    rows = read_workbook(one.get(f"{there}/export.xlsx").data)[0].rows
    assert len(rows) == 1 + 4
    assert rows[1].cells[0] in ("考生1", "考生3"), "who falls stands first"
    assert "Applied on" in one.get(there).text
    assert "T-1" in one.get(keys_of(exam)).text
    web_county.session.expire_all()
    assert newest(web_county.session, papers[0]).number == 2
    web_county.session.rollback()


def test_a_refusal_needs_its_reason_and_taking_back_ends_it(app, web_county: County):
    exam = web_county.exam()
    sat(web_county, exam)
    maker, second = admins(web_county)
    web_county.session.commit()
    one, other = signed_in(app, maker), signed_in(app, second)
    there = one.post(f"{keys_of(exam)}/T-1", data=FORM).location
    worked_off()
    one.post(f"{there}/propose")
    assert other.post(f"{there}/refuse", data={"said": ""}).status_code == 422
    assert other.post(f"{there}/refuse", data={"said": "原答案正确"}).status_code == 303
    assert "原答案正确" in one.get(there).text
    again = one.post(f"{keys_of(exam)}/T-1", data=FORM).location
    assert one.post(f"{again}/withdraw").status_code == 303
    assert one.post(f"{again}/withdraw").status_code == 409


def test_a_stranger_finds_nothing_and_an_officer_does_not_pass(app, web_county: County):
    exam = web_county.exam()
    sat(web_county, exam)
    maker, _ = admins(web_county)
    stranger = web_county.account(
        web_county.person("外地考务", born=NOON.date().replace(year=1969)), Role.EXAM_ADMIN, web_county.other_city
    )
    officer = web_county.officer(born=NOON.date().replace(year=1968))
    web_county.session.commit()
    there = signed_in(app, maker).post(f"{keys_of(exam)}/T-1", data=FORM).location
    for path in (keys_of(exam), f"{keys_of(exam)}/T-1", there, f"{there}/progress", f"{there}/export.xlsx"):
        assert signed_in(app, stranger).get(path).status_code == 404
        assert signed_in(app, officer).get(path).status_code == 403
    own = web_county.exam(before={"body_id": web_county.other_city.id})
    web_county.session.commit()
    smuggled = there.replace(f"/{exam.id}/regrades", f"/{own.id}/regrades")
    assert signed_in(app, stranger).get(f"{keys_of(own)}").status_code == 200
    assert signed_in(app, stranger).get(smuggled).status_code == 404, "a regrade is found under its own exam alone"
    for act in ("count", "propose", "approve", "refuse", "withdraw"):
        assert signed_in(app, stranger).post(f"{there}/{act}").status_code == 404


def test_the_candidate_is_told_what_was_changed_and_sees_the_key_he_was_marked_by(app, web_county: County):
    for flips, told in ((Flips.RELEASE, "Your mark was 66.66"), (Flips.HOLD, "stands here again as soon as")):
        officer = web_county.officer(born=NOON.date().replace(year=1980 if flips == Flips.HOLD else 1981))
        exam = web_county.exam(attempts_allowed=1)
        attempt = web_county.attempt(officer, exam, at=exam.opens_at)
        web_county.answer(attempt, {k: v for k, v in RIGHT.items() if k < 5})
        delivery.hand_in(
            web_county.session, attempt, cause=HandInCause.CANDIDATE, now=exam.opens_at + timedelta(minutes=9)
        )
        result = mark_attempt(web_county.session, attempt, now=NOON)
        exams.release(web_county.session, [result], now=NOON)
        maker, second = admins(web_county)
        web_county.session.commit()
        one, other, client = signed_in(app, maker), signed_in(app, second), signed_in(app, officer)
        page = f"/exams/attempts/{attempt.public_id}/outcome"
        assert "The key of question" not in client.get(page).text
        there = one.post(f"{keys_of(exam)}/T-1", data={**FORM, "flips": str(flips)}).location
        worked_off()
        one.post(f"{there}/propose")
        other.post(f"{there}/approve")
        worked_off()
        shown = client.get(page).text
        assert told in shown
        assert "标准答案有误" in shown


def test_the_page_of_keys_takes_few_statements_however_many_forms_there_are(
    app, web_county: County, statements: list[str]
):
    exam = web_county.exam(forms=20)
    maker, _ = admins(web_county)
    web_county.session.commit()
    client = signed_in(app, maker)
    client.get(keys_of(exam))
    del statements[:]
    client.get(keys_of(exam))
    assert len(statements) <= 16
