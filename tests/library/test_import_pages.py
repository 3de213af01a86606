"""The way of a law into the library through the browser: look, count, commit, answer, take back."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO

import pytest
from sqlalchemy import select

from portal.bank.models import Question
from portal.ground.db import db
from portal.library.models import Article, Law, LawUpload, LawVersion
from portal.people.models import Role
from tests.factories import PASSWORD
from tests.library.test_import_law import take_in
from tests.library.texts import BRIDGES_2020, BRIDGES_2024, citing


def signed_in(app, county, role: Role, body, name: str):
    account = county.account(county.person(name, born=date(1970, 1, 1 + len(role) + ord(name[-1]) % 17)), role, body)
    county.session.commit()
    client = app.test_client()
    assert client.post("/sign-in", data={"username": account.username, "password": PASSWORD}).status_code == 302
    return client


@pytest.fixture
def keeper(app, web_county):
    with db.writing() as session:
        take_in(session, BRIDGES_2020)
        session.commit()
    citing(web_county, "第二条")
    citing(web_county, "第三条", code="B-2")
    return signed_in(app, web_county, Role.LAW_EDITOR, web_county.province, "法一")


def bring(client, text: str = BRIDGES_2024, **fields: str) -> str:
    data = {"files": (BytesIO(text.encode()), "bridges(2024).md"), **fields}
    answer = client.post("/library/import/", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
    return answer.headers["Location"]


FACTS = {"title": "示例桥梁管理条例", "label": "2024 修订", "in_force_from": "2024-03-01", "kind": "regulation"}


def test_the_look_counts_articles_changes_and_questions_before_anything_is_stored(keeper):
    place = bring(keeper)
    shown = keeper.get(place).get_data(as_text=True)

    assert "2024 修订" in shown and 'value="2024-03-01"' in shown
    assert re.findall(r'<b class="mf-num">(\d+)</b>', shown) == ["2", "0", "0", "0", "0"]  # questions, papers …
    with db.reading() as session:
        assert session.scalars(select(LawVersion.label)).all() == ["2020", "2020"]  # the county's own law is the other


def test_the_commit_stores_holds_and_the_trainer_answers(app, web_county, keeper):
    place = bring(keeper)
    answer = keeper.post(place, data={**FACTS, "do": "commit"})
    assert answer.status_code == 303
    with db.reading() as session:
        held = session.scalars(select(Question.code).where(Question.held).order_by(Question.code))
        assert held.all() == ["B-1", "B-2"]
        assert not session.scalars(select(LawUpload)).all()

    trainer = signed_in(app, web_county, Role.TRAINER, web_county.city, "题甲")
    assert "/law-changes/held" in trainer.get("/").get_data(as_text=True)
    shown = trainer.get("/law-changes/held").get_data(as_text=True)
    assert "每年检查" in shown and "<ins" in shown
    hold = re.search(r'name="to-(\d+)"><option value="(a:\d+)"', shown)
    version = re.search(r'name="seen" value="(\d+)"', shown)[1]
    done = trainer.post("/law-changes/held/B-1/confirm", data={f"to-{hold[1]}": hold[2], "seen": version})
    assert done.status_code == 303
    with db.reading() as session:
        row = session.scalars(select(Question).where(Question.code == "B-1")).one()
        assert (row.status, row.held) == ("review", False)
    second = re.search(r'id="held-B-2".*?name="seen" value="(\d+)"', shown, re.S)[1]
    empty = trainer.post("/law-changes/held/B-2/confirm?bank=BRIDGES", data={"seen": second})
    assert empty.headers["Location"] == "/law-changes/held?bank=BRIDGES#held-B-2"
    assert trainer.post("/banks/BRIDGES/questions/B-2/edit", data={"seen": second, "note": ""}).status_code == 303
    version_id = int(answer.headers["Location"].rsplit("/", 1)[1])
    page = trainer.get(f"/law-changes/{version_id}").get_data(as_text=True)
    assert "第二条" in page
    for what in ("questions", "papers", "lessons", "matters", "guides", "officers"):
        assert trainer.get(f"/law-changes/{version_id}/{what}").status_code == 200
    assert trainer.get(f"/law-changes/{version_id}/export").data[:2] == b"PK"
    assert trainer.get("/law-changes/").status_code == 200


def test_facts_are_corrected_before_the_commit(keeper):
    place = bring(keeper)
    facts = FACTS | {"label": "2024 新", "in_force_from": "2024-05-01", "ends": "旧法"}
    again = keeper.post(place, data={**facts, "do": "look"})
    shown = keeper.get(again.headers["Location"]).get_data(as_text=True)
    assert 'value="2024 新"' in shown and 'value="2024-05-01"' in shown and "旧法" in shown


def test_a_faulty_text_says_its_lines_and_is_not_stored(keeper):
    place = bring(keeper, BRIDGES_2024.replace("**第二条**", "**第九条**"))
    shown = keeper.get(place).get_data(as_text=True)
    assert "disabled" in shown and ">15<" in shown
    assert keeper.post(place, data={**FACTS, "do": "commit"}).status_code == 400
    with db.reading() as session:
        assert not session.scalars(select(Article.id).join(LawVersion).where(LawVersion.label == "2024 修订")).all()


def test_an_import_is_taken_back_until_something_cites_it(app, web_county, keeper):
    keeper.post(bring(keeper), data={**FACTS, "do": "commit"})
    with db.reading() as session:
        version = session.scalars(select(LawVersion).where(LawVersion.label == "2024 修订")).one()
    shown = keeper.get(f"/library/import/undo/{version.id}").get_data(as_text=True)
    assert re.findall(r'mf-stat__no">(\d+)<', shown) == ["0", "0", "0", "2"] and 'name="reason"' in shown
    refused = keeper.post(f"/library/import/undo/{version.id}", data={"reason": " "})
    assert refused.status_code == 422 and "mf-errsum" in refused.get_data(as_text=True)
    assert keeper.post(f"/library/import/undo/{version.id}", data={"reason": "导入了错误文本"}).status_code == 303
    with db.reading() as session:
        assert not session.scalars(select(Question.id).where(Question.held)).all()

    keeper.post(bring(keeper), data={**FACTS, "do": "commit"})
    web_county.session.commit()
    citing(web_county, "第二条", code="B-9", label="2024 修订")
    web_county.session.commit()
    with db.reading() as session:
        again = session.scalars(select(LawVersion.id).where(LawVersion.label == "2024 修订")).one()
    assert keeper.post(f"/library/import/undo/{again}").status_code == 409


@pytest.mark.parametrize("files", [[], [b"\x00\x01"]])
def test_what_is_no_text_is_refused_at_the_door(keeper, files):
    data = {"files": [(BytesIO(content), "a.md") for content in files]}
    assert keeper.post("/library/import/", data=data, content_type="multipart/form-data").status_code in (400, 422)


def test_only_the_provinces_editor_brings_laws(app, web_county, keeper):
    county_editor = signed_in(app, web_county, Role.LAW_EDITOR, web_county.city, "法乙")
    assert county_editor.get("/library/import/").status_code == 403
    other = signed_in(app, web_county, Role.LAW_EDITOR, web_county.province, "法丙")
    assert other.get(bring(keeper)).status_code == 404  # what somebody else brought is his


def test_a_question_outside_ones_banks_is_not_there(app, web_county, keeper):
    keeper.post(bring(keeper), data={**FACTS, "do": "commit"})
    stranger = signed_in(app, web_county, Role.TRAINER, web_county.other_city, "题丁")
    assert stranger.post("/law-changes/held/B-1/retire", data={"seen": "1"}).status_code == 404
    assert "B-1" not in stranger.get("/law-changes/held").get_data(as_text=True)


def test_a_version_that_waits_for_its_text_is_offered_and_chosen(web_county, keeper):
    with db.writing() as session:
        session.add(Law(title="示例渡口条例", versions=[LawVersion(label="现行", in_force_from=date(2024, 7, 1))]))
        session.commit()
    place = bring(keeper, BRIDGES_2024.replace("示例桥梁管理条例", "示例渡口条例"))
    assert 'name="known" value="现行"' in keeper.get(place).get_data(as_text=True)

    keeper.post(place, data={**FACTS, "title": "示例渡口条例", "known": "现行"})
    shown = keeper.get(place).get_data(as_text=True)

    assert 'value="现行"' in shown and 'name="known"' not in shown


def test_a_pasted_text_that_is_refused_stands_in_its_field_again(keeper):
    data = {"text": "", "title": "示例桥梁管理条例", "files": (BytesIO(b"\x89PNG\x0d\x0a\xff\xff"), "bridges.png")}
    data["text"] = "第一条 为了示例。"
    page = keeper.post("/library/import/", data=data, content_type="multipart/form-data")
    assert page.status_code == 422
    assert ">第一条 为了示例。</textarea>" in page.text and 'value="示例桥梁管理条例"' in page.text


def test_a_day_no_law_can_come_in_force_on_is_refused(keeper):
    place = bring(keeper)
    keeper.set_cookie("mingfa_lang", "en")
    for day in ("0001-01-01", "1800-01-01", "9999-12-31"):
        keeper.post(place, data=FACTS | {"in_force_from": day, "do": "look"})
        page = keeper.post(place, data=FACTS | {"in_force_from": day, "do": "commit"})
        assert page.status_code == 400 and f"{day} cannot be the day" in page.text
    with db.reading() as session:
        assert session.scalars(select(LawVersion.label)).all() == ["2020", "2020"]


def test_an_empty_list_counts_no_rows(keeper):
    place = bring(keeper)
    version = keeper.post(place, data=FACTS | {"do": "commit"}).headers["Location"].rsplit("/", 1)[1]
    keeper.set_cookie("mingfa_lang", "en")
    page = keeper.get(f"/law-changes/{version}/guides").text
    assert "Nothing rests on what changed" in page and "Rows 0" not in page
