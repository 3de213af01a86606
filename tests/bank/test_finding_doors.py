"""The list of questions through the door: filters in the address, edits in a row, acts on many with the way back."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.bank import operations as banks
from portal.bank.finding.forms import filters_from, picked, spans
from portal.bank.models import Question, QuestionStatus, QuestionTag
from portal.ground.db import db
from portal.ground.errors import Malformed
from portal.people.models import Account, Role
from tests.bank.conftest import Desk, staff
from tests.bank.test_finding import HEARING, SEIZURE


@pytest.fixture
def two(web_desk: Desk) -> Desk:
    web_desk.hearing, web_desk.seizure = web_desk.question(HEARING), web_desk.question(SEIZURE)
    web_desk.session.commit()
    return web_desk


def statuses() -> dict[str, str]:
    with db.reading() as session:
        return dict(session.execute(select(Question.code, Question.status)).all())


def carried(page: str) -> dict[str, str]:
    """What the page's own form sends on."""
    form = page.split('class="g-do"')[1] if 'class="g-do"' in page else page
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_the_list_says_what_is_asked_and_keeps_it_in_the_address(two: Desk, signed_in):
    page = signed_in(two.writer).get("/banks/B-1?q=听证&status=draft&sort=newest").text
    assert "H-1" in page and "S-2" not in page
    assert 'value="听证"' in page


def test_nonsense_in_the_address_is_left_out(two: Desk, signed_in):
    address = "/banks/B-1?difficulty=x&since=gestern&status=none&harder=1e9&page=-3&edit=zz&sort=drop&author=%00"
    assert "H-1" in signed_in(two.writer).get(address).text


@pytest.mark.parametrize(
    "told, weaker", [("0.2", 20), (".05", 5), ("-0.10", -10), ("20", 20), ("0.2.1", None), ("7.5", None)]
)
def test_discrimination_is_asked_for_as_it_is_shown(told: str, weaker: int | None):
    assert filters_from({"weaker": told}, Account(id=1)).weaker == weaker


def test_all_banks_show_what_is_within_reach(two: Desk, signed_in):
    assert "H-1" in signed_in(two.writer).get("/banks/questions?q=听证").text
    stranger = staff(two.county, Role.TRAINER, two.county.other_city)
    two.session.commit()
    assert "H-1" not in signed_in(stranger).get("/banks/questions?q=听证").text
    assert signed_in(stranger).get("/banks/B-1").status_code == 404


def test_a_reviewer_reads_the_list_and_picks_nothing(two: Desk, signed_in):
    page = signed_in(two.reviewer).get("/banks/B-1").text
    assert "H-1" in page and 'name="pick"' not in page
    assert signed_in(two.reviewer).post("/banks/questions/many", data={"act": "retire", "pick": "1"}).status_code == 403


def test_a_list_takes_nine_statements_at_the_most(two: Desk, signed_in, statements):
    client = signed_in(two.writer)
    client.get("/banks/B-1")
    for address in ("/banks/B-1?q=听证&topic=行政处罚&harder=90", "/banks/questions?q=听证&article=行政处罚法"):
        del statements[:]
        assert client.get(address).status_code == 200
        assert len(statements) <= 9


def test_a_row_is_edited_where_it_stands(two: Desk, signed_in):
    client, number, version = signed_in(two.writer), two.hearing.id, two.hearing.current_version_id
    page = client.get(f"/banks/B-1?q=听证&edit={number}").text
    assert f'action="/banks/questions/{number}/edit"' in page and "易错" in page
    asked = {"topic": "听证程序", "difficulty": "2", "level": "apply", "tags": "新法，冬训", "version": version,
             "next": "/banks/B-1?q=听证"}  # fmt: skip
    answer = client.post(f"/banks/questions/{number}/edit", data=asked)
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/banks/B-1")
    page = client.get("/banks/B-1?topic=听证程序").text
    assert "H-1" in page
    again = client.post(f"/banks/questions/{number}/edit", data=asked, follow_redirects=True)
    with db.reading() as session:
        tags = set(session.scalars(select(QuestionTag.tag).where(QuestionTag.version_id > version)))
    assert again.status_code == 200 and tags == {"新法", "冬训"}


def test_what_an_act_means_is_shown_before_anything_changes(two: Desk, signed_in):
    client = signed_in(two.writer)
    page = client.post("/banks/questions/many", data={"act": "retire", "pick": [two.hearing.id, two.seizure.id]}).text
    assert carried(page)["ids"] == spans([two.hearing.id, two.seizure.id])
    assert statuses() == {"H-1": "draft", "S-2": "draft"}
    assert client.post("/banks/questions/many/do", data=carried(page)).status_code == 422  # no reason
    done = client.post("/banks/questions/many/do", data=carried(page) | {"value": "过时"})
    assert statuses() == {"H-1": "retired", "S-2": "retired"}
    back = carried(done.text)
    assert back["act"] == "restore"
    assert "撤销这 2 题的改动" not in done.text and ">恢复为草稿</button>" in done.text  # it would not be as before
    page = client.post("/banks/questions/many", data=back).text
    client.post("/banks/questions/many/do", data=carried(page))
    assert statuses() == {"H-1": "draft", "S-2": "draft"}


def test_everything_that_matches_is_taken_and_nothing_else(two: Desk, signed_in):
    client = signed_in(two.writer)
    asked = {"act": "tag", "all": "1", "bank": "B-1", "q": "听证"}
    page = client.post("/banks/questions/many", data=asked).text
    assert carried(page)["ids"] == str(two.hearing.id)
    client.post("/banks/questions/many/do", data=carried(page) | {"value": "冬训"})
    with db.reading() as session:
        tagged = session.scalars(
            select(Question.code).join(QuestionTag, QuestionTag.version_id == Question.current_version_id)
            .where(QuestionTag.tag == "冬训")
        ).all()  # fmt: skip
    assert tagged == ["H-1"]


def test_a_great_act_goes_on_page_by_page(two: Desk, signed_in, monkeypatch: pytest.MonkeyPatch):
    from portal.bank.finding import acts

    monkeypatch.setattr(acts, "PORTION", 1)
    ticks = iter(range(1000))
    monkeypatch.setattr(acts, "monotonic", lambda: next(ticks) * 1.0)  # a second passes at each look
    client = signed_in(two.writer)
    page = client.post("/banks/questions/many", data={"act": "retire", "pick": [two.hearing.id, two.seizure.id]}).text
    page = client.post("/banks/questions/many/do", data=carried(page) | {"value": "过时"}).text
    assert "data-going" in page or carried(page)["act"] == "restore"
    while "data-going" in page:
        page = client.post("/banks/questions/many/do", data=carried(page)).text
    assert statuses() == {"H-1": "retired", "S-2": "retired"}


def test_what_cannot_be_done_is_named_and_the_rest_is_done(two: Desk, signed_in):
    banks.retire(two.session, two.seizure, account_id=None, now=two.now)
    two.session.commit()
    client = signed_in(two.writer)
    page = client.post("/banks/questions/many", data={"act": "untag", "pick": [two.hearing.id, two.seizure.id]}).text
    done = client.post("/banks/questions/many/do", data=carried(page) | {"value": "易错"}).text
    assert "S-2: " in done


def test_questions_of_others_are_left_out_without_a_word_about_them(two: Desk, signed_in):
    stranger = staff(two.county, Role.TRAINER, two.county.other_city)
    two.session.commit()
    client = signed_in(stranger)
    answer = client.post("/banks/questions/many", data={"act": "retire", "pick": two.hearing.id})
    assert answer.status_code == 422 and "H-1" not in answer.text
    client.post("/banks/questions/many/do", data={"act": "retire", "ids": str(two.hearing.id), "value": "x"})
    assert client.post(f"/banks/questions/{two.hearing.id}/edit", data={"version": "1"}).status_code == 404
    assert statuses()["H-1"] == "draft"


def test_drafts_move_to_another_bank_and_back(two: Desk, signed_in):
    banks.create_bank(two.session, "B-2", "第二题库", two.county.city, now=two.now)
    two.session.commit()
    client = signed_in(two.writer)
    page = client.post("/banks/questions/many", data={"act": "move", "pick": two.hearing.id}).text
    assert "第二题库" in page
    done = client.post("/banks/questions/many/do", data=carried(page) | {"value": "B-2"}).text
    assert "H-1" in client.get("/banks/B-2").text and "H-1" not in client.get("/banks/B-1").text
    assert carried(done)["value"] == "B-1"


def test_picked_questions_go_to_the_export_page(two: Desk, signed_in):
    answer = signed_in(two.writer).post("/banks/questions/many", data={"act": "export", "pick": two.hearing.id})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/banks/B-1/export/?ids={two.hearing.id}"


def test_a_question_is_looked_at_while_it_is_written(two: Desk, signed_in):
    twin = replace(HEARING, code="", stem=HEARING.stem.replace("当事人", "申请人"), key="").plain()
    told = signed_in(two.writer).post("/banks/B-1/check", json={"question": twin, "but": None}).get_json()
    assert [a["code"] for a in told["alike"]] == ["H-1"] and told["alike"][0]["share"] >= 70
    assert "no_key" in [s["rule"] for s in told["lint"]]
    assert [p["column"] for p in told["problems"]] == ["key"]
    own = signed_in(two.writer).post("/banks/B-1/check", json={"question": HEARING.plain(), "but": "H-1"}).get_json()
    assert own["alike"] == []


@pytest.mark.parametrize("sent", [[], 7, {"question": []}, {"question": {"options": 3}}, {"question": {"items": [1]}},
                                  {"question": {"kind": "none"}}, {"question": {"stem": 3}}])  # fmt: skip
def test_what_cannot_be_read_is_refused(two: Desk, signed_in, sent):
    assert signed_in(two.writer).post("/banks/B-1/check", json=sent).status_code == 400


def test_ids_are_written_short_and_read_back():
    assert spans([7, 1, 2, 3, 9]) == "1-3,7,9"
    assert picked("1-3,7,9") == [1, 2, 3, 7, 9]
    assert picked("") == []
    for nonsense in ("a", "3-1", "1-99999999", "-", "1;2"):
        with pytest.raises(Malformed):
            picked(nonsense)


def test_a_look_alike_of_a_sealed_bank_elsewhere_is_not_told(two: Desk, signed_in):
    stranger = staff(two.county, Role.TRAINER, two.county.other_city)
    banks.create_bank(two.session, "O-1", "别处题库", two.county.other_city, now=two.now)
    two.session.commit()
    told = signed_in(stranger).post("/banks/O-1/check", json={"question": HEARING.plain()}).get_json()
    assert told["alike"] == []
    assert two.hearing.status == QuestionStatus.DRAFT
