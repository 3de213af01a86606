"""The paper as it is shown: Markdown as trees of few tags, pictures through the attempt, nothing on the save path."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bank.operations import create_bank
from portal.bank.writing.models import QuestionPicture
from portal.exams import operations as exams
from portal.exams.delivery import operations as delivery
from portal.exams.delivery import reading
from portal.exams.delivery.sealing import plain_form
from portal.exams.marking.operations import mark_attempt
from portal.exams.models import HandInCause
from portal.exams.saying import rules_of
from question_bank.papers import freeze
from question_bank.questions import Kind, Question
from tests.conftest import NOON
from tests.factories import CITED, PASSWORD, County, questions

SHA, OTHER_SHA = "ab" * 32, "cd" * 32
TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "img", "gap"}


def tags(tree) -> set[str]:
    return {t for node in tree if isinstance(node, list) for t in (node[0], *tags(node[2]))}


def words(tree) -> str:
    return "".join(node if isinstance(node, str) else words(node[2]) for node in tree)


def test_plain_text_needs_no_tree():
    paper, _ = freeze([(q, 200) for q in questions() if q.kind is not Kind.FILL_BLANK])
    assert reading.read_paper(paper) == {"items": {}, "cases": {}}


def test_a_table_an_emphasis_and_a_blank_become_tags():
    assert tags(reading.nodes("| 甲 | 乙 |\n|---|---|\n| **1** | ____ |")) == {
        "table", "thead", "tbody", "tr", "th", "td", "strong", "gap",
    }  # fmt: skip
    assert reading.nodes("罚款 *5* 元", line=True) == ["罚款 ", ["em", {}, ["5"]], " 元"]


def test_a_picture_is_named_by_its_content_and_carries_its_words():
    assert reading.nodes(f"![限速标志](picture:{SHA})") == [
        ["p", {}, [["img", {"src": SHA, "alt": "限速标志"}, []]]]
    ]


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "[x](javascript:alert(1))", "<img src=x onerror=alert(1)>", "![x](https://e.org/a.png)",
     "<iframe src=//e.org>", "[看](https://example.org)", "<b onclick=x>厚</b>", "# 题\n\n---\n\n> 引", "`code`"],
)  # fmt: skip
def test_nothing_that_could_do_harm_comes_through(text: str):
    tree = reading.nodes(text)
    assert tags(tree) <= TAGS - {"img"}
    assert not [node for node in tree if isinstance(node, list) and node[1]]


@given(st.text("甲乙*_|-#<>[]()!`\n 12.&;:/\\", max_size=60))
def test_whatever_is_written_is_a_tree_of_known_tags(text: str):
    tree = reading.nodes(text)
    assert tags(tree) <= TAGS
    assert isinstance(words(tree), str)


class Plain(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text("甲乙丙*_ 12。，\n", max_size=40))
def test_no_word_is_lost_on_the_way(text: str):
    html = str(reading.pictured_html(text, str))
    assert words(reading.nodes(text)).replace("\n", "") == Plain(html).text.replace("\n", "")


@pytest.fixture
def pictured(app, web_county: County):
    """A running attempt of a paper with a picture, and another bank's picture that is not on it."""
    county = web_county
    bank = create_bank(county.session, "T", "题库", county.bureau, now=NOON)
    for sha in (SHA, OTHER_SHA):
        county.session.add(
            QuestionPicture(
                bank_id=bank.id, sha256=sha, media_type="image/png", width=1, height=1, content=b"png", added_at=NOON
            )
        )  # fmt: skip
    officer = county.officer()
    question = Question(
        "P-1", Kind.SINGLE, f"![标志](picture:{SHA})", ("甲", "**乙**"), "B", "解析", CITED, "总则"
    )  # fmt: skip
    attempt = county.attempt(officer, county.exam(drawn=[question]))
    county.session.commit()
    return county, officer, attempt


def client_of(app, account):
    client = app.test_client()
    client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
    return client


def test_the_candidate_sees_the_picture_and_keeps_it_in_his_own_browser(app, pictured):
    county, officer, attempt = pictured
    client = client_of(app, officer)
    answer = client.get(f"/exams/attempts/{attempt.public_id}/pictures/{SHA}")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"png", "image/png")
    kept = answer.headers["Cache-Control"]
    assert "private" in kept and "max-age" in kept
    shown = plain_form(county.session, attempt.form.paper)["shown"]
    assert shown["items"][1]["stem"] == [["p", {}, [["img", {"src": SHA, "alt": "标志"}, []]]]]
    assert shown["items"][1]["options"] == {"B": [["strong", {}, ["乙"]]]}


def test_a_picture_that_is_not_on_the_paper_is_not_there(app, pictured):
    _, officer, attempt = pictured
    client = client_of(app, officer)
    for sha in (OTHER_SHA, "ef" * 32, "x"):
        assert client.get(f"/exams/attempts/{attempt.public_id}/pictures/{sha}").status_code == 404


def test_a_stranger_gets_no_picture(app, pictured):
    county, _, attempt = pictured
    stranger = county.officer("陈绍文", born=county.today.replace(year=1985, day=1))
    county.session.commit()
    path = f"/exams/attempts/{attempt.public_id}/pictures/{SHA}"
    assert client_of(app, stranger).get(path).status_code == 404
    assert app.test_client().get(path).status_code in (302, 303, 401)


def test_after_handing_in_the_picture_comes_back_with_the_result(app, pictured):
    county, officer, attempt = pictured
    client, path = client_of(app, officer), f"/exams/attempts/{attempt.public_id}/pictures/{SHA}"
    delivery.hand_in(county.session, attempt, cause=HandInCause.CANDIDATE, now=NOON)
    result = mark_attempt(county.session, attempt, now=NOON)
    county.session.commit()
    assert client.get(path).status_code == 404
    exams.release(county.session, [result], now=NOON)
    county.session.commit()
    assert client.get(path).status_code == 200
    assert f'src="{path}"' in client.get(f"/exams/attempts/{attempt.public_id}/outcome").text


def test_the_marking_of_each_kind_is_told_before_the_start(app, web_county: County):
    county = web_county
    officer = county.officer()
    exam = county.exam(opens_at=NOON - timedelta(hours=1), rules={"multiple": "partial_half", "negative": "0.25"})
    county.enter(exam, officer)
    county.session.commit()
    page = unescape(client_of(app, officer).get(f"/exams/{exam.id}").text)
    with app.test_request_context():
        told = rules_of(exam.forms[0].paper, exam.marking_rules, in_full=True)
    assert list(told) == ["single_choice", "multiple_choice", "true_false", "fill_blank"]
    assert "25" in told["single_choice"]
    assert all(line in page for line in told.values())


def test_a_paper_is_rendered_once_however_many_open_it(app, pictured, monkeypatch):
    _, officer, attempt = pictured
    client = client_of(app, officer)
    monkeypatch.setattr(reading, "nodes", None)
    assert client.post(f"/exams/attempts/{attempt.public_id}/open").status_code == 200


def test_points_taken_off_are_told_as_such(app, web_county: County):
    county = web_county
    officer = county.officer()
    result = county.result(officer, county.exam(rules={"negative": "0.25"}), {1: "C"})
    county.session.commit()
    assert result.items[0]["points"] == -50
    assert (result.points, result.mark) == (0, 0)
    page = client_of(app, officer).get(f"/exams/attempts/{result.attempt.public_id}/outcome").text
    assert "0.5" in page
    assert "-0.5" not in page
