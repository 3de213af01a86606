"""The exam desk through the door: from a new draft to a published exam, and who has no way in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.exams.making.models import ExamMaking
from portal.exams.models import Exam, ExamKind, ExamState
from portal.ground.clock import local
from portal.ground.db import db
from portal.people.models import Role
from tests.conftest import NOON
from tests.exams.making import admin, bank_of, draft, signed_in, worked_off
from tests.factories import County

OPENS = local(NOON + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
CLOSES = local(NOON + timedelta(days=4)).strftime("%Y-%m-%dT%H:%M")
FORM = {
    "title": "12 月一月一考", "theme": "处罚", "opens_at": OPENS, "closes_at": CLOSES, "timing": "window",
    "minutes": "30", "late_minutes": "30", "check_in_minutes": "30", "attempts_allowed": "3", "keeps": "best",
    "delivery": "sealed", "forms_wanted": "4", "pass_mark": "60", "multiple": "partial_half",
    "ordering": "partial_per_place", "negative": "0", "review_days": "5", "banks": "DESK", "notice": "## 须知",
    "row-topic": "总则", "row-kind": "single_choice", "row-count": "3", "row-points": "2",
}  # fmt: skip


@pytest.fixture
def desk(app: Flask, web_county: County):
    """An exam administrator of the province at work, and a bank of five questions."""
    bank_of(web_county, 5)
    keeper = admin(web_county)
    web_county.session.commit()
    return signed_in(app, keeper)


def begin(client, **changed: str) -> str:
    typed = {"kind": "monthly", "title": "一月一考", "theme": "处罚", "field": "", "body": "吉林省人民政府",
             "day": "2026-12-01", **changed}  # fmt: skip
    answer = client.post("/exams/manage/new", data=typed)
    assert answer.status_code == 303, answer.text
    return answer.location.removesuffix("/draft")


def save(client, path: str, **changed: str):
    with db.reading() as session:
        seen = session.get_one(ExamMaking, int(path.rsplit("/", 1)[1])).version
    return client.post(f"{path}/draft", data={**FORM, "seen": str(seen), **changed})


def exam_at(path: str) -> Exam:
    with db.reading() as session:
        return session.get_one(Exam, int(path.rsplit("/", 1)[1]))


def test_a_monthly_exam_from_the_first_click_to_publication(desk):
    path = begin(desk)
    assert "缺" in desk.get(path).text or "Missing" in desk.get(path).text
    assert desk.get(f"{path}/draft").status_code == 200
    assert save(desk, path).status_code == 303
    assert desk.post(f"{path}/publish").status_code == 303
    assert exam_at(path).state == ExamState.PUBLISHING
    assert "data-progress" in desk.get(path).text
    assert desk.get(f"{path}/progress").json["share"] < 1000
    worked_off()
    exam = exam_at(path)
    assert (exam.state, exam.pass_mark, exam.marking_rules) == (
        ExamState.PUBLISHED, 6000, {"multiple": "partial_half", "ordering": "partial_per_place"},
    )  # fmt: skip
    assert desk.get(f"{path}/progress").json["state"] == "published"
    for page in ("", "/paper", "/results"):
        assert desk.get(path + page).status_code == 200
    assert desk.get(f"{path}/draft").status_code == 302  # nothing to edit any more
    assert save(desk, path).status_code == 409
    copy = desk.post(f"{path}/copy")
    assert (copy.status_code, exam_at(copy.location).month) == (303, date(2026, 12, 1))
    trial = desk.post(f"{path}/rehearse")
    assert trial.status_code == 303
    for page in ("", "/paper", "/results"):
        assert desk.get(trial.location + page).status_code == 200
    assert desk.post(f"{path}/resit").status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""}, {"minutes": "0"}, {"minutes": "x"}, {"closes_at": OPENS}, {"opens_at": "yesterday"},
        {"forms_wanted": "201"}, {"forms_wanted": "0"}, {"pass_mark": "0"}, {"negative": "101"}, {"multiple": "luck"},
        {"banks": "NOT-MINE"}, {"row-count": "0"}, {"row-points": "-1"}, {"row-kind": "essay"}, {"row-topic": ""},
        {"delivery": "shouted"}, {"notice": "x" * 20_001},
    ],
)  # fmt: skip
def test_what_is_not_sound_is_said_beside_its_field_and_nothing_is_kept(desk, wrong: dict[str, str]):
    path = begin(desk)
    answer = save(desk, path, **wrong)
    assert answer.status_code == 422
    assert "mf-errsum" in answer.text
    assert "mf-err\"" in answer.text
    assert (exam_at(path).title, exam_at(path).bank_codes) == ("一月一考", [])


def test_negative_marking_is_kept_as_the_part_it_costs(desk):
    path = begin(desk)
    save(desk, path, negative="33.5")
    assert exam_at(path).marking_rules["negative"] == "0.335"
    assert 'value="33.500"' in desk.get(f"{path}/draft").text or 'value="33.5"' in desk.get(f"{path}/draft").text


def test_how_many_questions_fit_is_answered_for_the_form_as_it_stands(desk):
    path = begin(desk)
    asked = f"{path}/fits?banks=DESK&opens_at={OPENS}&closes_at={CLOSES}"
    assert desk.get(asked).json == {"cells": {"总则": {"single_choice": [5, 1]}}}
    assert desk.get(f"{path}/fits?banks=OTHER").json == {"cells": {}}


def test_a_qualification_is_proposed_by_one_and_approved_by_another(app: Flask, web_county: County, desk):
    second = admin(web_county, "韩雪梅", day=2)
    web_county.session.commit()
    path = begin(desk, kind="qualification")
    save(desk, path)
    assert desk.post(f"{path}/publish").status_code == 303
    assert exam_at(path).state == ExamState.PROPOSED
    assert f"{path}/approve" not in desk.get(path).text
    assert desk.post(f"{path}/approve").status_code == 403
    other = signed_in(app, second)
    assert f"{path}/approve" in other.get(path).text
    assert other.post(f"{path}/return", data={"reason": " "}).status_code == 409
    assert other.post(f"{path}/return", data={"reason": "请核对"}).status_code == 303
    assert "请核对" in desk.get(path).text
    assert desk.post(f"{path}/publish").status_code == 303
    assert other.post(f"{path}/approve").status_code == 303
    worked_off()
    assert exam_at(path).state == ExamState.PUBLISHED


def test_a_draft_is_put_away_and_brought_back(desk):
    path = begin(desk)
    assert desk.post(f"{path}/put-away").status_code == 303
    assert path not in desk.get("/exams/manage").text
    assert path in desk.get("/exams/manage?state=discarded").text
    assert f"{path}/bring-back" in desk.get(path).text
    assert desk.post(f"{path}/bring-back").status_code == 303
    assert path in desk.get("/exams/manage").text


def test_the_list_is_narrowed_in_the_address_and_ignores_nonsense(desk):
    path = begin(desk)
    assert path in desk.get("/exams/manage?kind=monthly&state=draft&month=2026-12").text
    assert path not in desk.get("/exams/manage?month=2027-01").text
    assert path in desk.get("/exams/manage?kind=nonsense&month=x&page=-3").text


def test_another_bodys_draft_is_not_there_for_me(app: Flask, web_county: County):
    bank_of(web_county, 5)
    exam = draft(web_county, admin(web_county), ExamKind.MONTHLY)
    stranger = admin(web_county, "外地", body=web_county.other_city, day=2)
    officer, leader = web_county.officer(), web_county.staff(Role.LEADER, web_county.province, born=date(1970, 1, 1))
    web_county.session.commit()
    path = f"/exams/manage/{exam.id}"
    client = signed_in(app, stranger)
    for page in ("", "/draft", "/paper", "/results", "/fits", "/progress"):
        assert client.get(path + page).status_code == 404
    for act in ("/draft", "/publish", "/approve", "/return", "/put-away", "/bring-back", "/copy", "/resit", "/rehearse",
                "/review", "/release"):  # fmt: skip
        assert client.post(path + act).status_code == 404
    typed = {"kind": "monthly", "title": "x", "theme": "x", "field": "", "body": "吉林省人民政府", "day": "2026-12-01"}
    assert client.post("/exams/manage/new", data=typed).status_code == 422
    for nobody in (officer, leader):
        assert signed_in(app, nobody).get(path).status_code == 403


def test_an_overdue_exam_stands_out_on_the_list(app: Flask, web_county: County):
    exam = web_county.exam(opens_at=NOON - timedelta(days=30))
    web_county.result(web_county.officer(), exam, release=False)
    keeper = admin(web_county)
    web_county.session.commit()
    assert "mk-late" in signed_in(app, keeper).get("/exams/manage").text
    assert web_county.session.scalars(select(Exam)).one().id == exam.id
