"""Moodle XML as Moodle writes it."""

from __future__ import annotations

import base64
import hashlib

import pytest

from question_bank.formats.found import Unreadable
from question_bank.formats.reading import read
from question_bank.questions import Kind
from tests.question_bank.formats.fair import PNG


def quiz(*questions: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><quiz>{"".join(questions)}</quiz>'.encode()


def question(kind: str, stem: str, inner: str = "", form: str = "html") -> str:
    return (
        f'<question type="{kind}"><name><text>n</text></name><questiontext format="{form}"><text><![CDATA[{stem}]]>'
        f"</text></questiontext><generalfeedback format='html'><text></text></generalfeedback>{inner}</question>"
    )


def answer(text: str, fraction: float = 0, feedback: str = "") -> str:
    said = f"<feedback><text>{feedback}</text></feedback>" if feedback else ""
    return f'<answer fraction="{fraction}" format="html"><text><![CDATA[{text}]]></text>{said}</answer>'


def one(*args, **kwargs):
    (only,) = read(quiz(question(*args, **kwargs)), "m.xml")
    assert only.question, only.faults
    return only.question


def test_a_choice_of_html_with_category_and_feedback() -> None:
    category = '<question type="category"><category><text>$course$/top/交通/路政</text></category></question>'
    inner = "<single>true</single>" + answer("<p>甲</p>", 100, "对") + answer("乙")
    (only,) = read(quiz(category, question("multichoice", "<p>谁<em>有权</em>？</p>", inner)), "m.xml")
    value = only.question
    assert (value.kind, value.stem, value.options, value.key) == (Kind.SINGLE, "谁*有权*？", ("甲", "乙"), "A")
    assert value.topic == "路政" and value.rationale == "A：对" and value.code == "" and only.place.number == 2


def test_hints_are_named() -> None:
    hint = "<hint format='html'><text>再想想</text></hint>"
    (only,) = read(quiz(question("truefalse", "可以", answer("true", 100) + hint)), "m.xml")
    assert [f.warning for f in only.faults if "hints" in f.message] == [True]


def test_several_right_options() -> None:
    inner = "<single>false</single>" + answer("甲", 50) + answer("乙", 50) + answer("丙", -100)
    assert one("multichoice", "哪些？", inner).kind is Kind.MULTIPLE


def test_truth_words_essays_order_and_pairs() -> None:
    assert one("truefalse", "可以", answer("true", 0) + answer("false", 100)).key == "F"
    word = one("shortanswer", "几日？", answer("5", 100) + answer("五", 100) + answer("七", 50))
    assert (word.stem, word.key) == ("几日？ ____", (("5", "五"),))
    essay = one("essay", "简述", "<graderinfo format='html'><text>先立案。再调查。</text></graderinfo>")
    assert essay.key == ("先立案。再调查。", "先立案。", "再调查。")
    order = one("ordering", "排序", answer("立案", 1) + answer("调查", 2) + answer("决定", 3))
    assert [order.options["ABC".index(letter)] for letter in order.key] == ["立案", "调查", "决定"]
    assert order.options != ("立案", "调查", "决定")
    pair = "<subquestion format='html'><text>{}</text><answer><text>{}</text></answer></subquestion>"
    pairs = one("matching", "连线", pair.format("警告", "声誉") + pair.format("罚款", "财产") + pair.format("", "资格"))
    assert (pairs.options, pairs.matches, pairs.key) == (("警告", "罚款"), ("声誉", "财产", "资格"), ("1", "2"))


def test_gaps_in_a_text_are_blanks() -> None:
    text = (
        "<p>在{1:SHORTANSWER:=5~=五~%50%七}日内告知{2:MULTICHOICE:~证人~=当事人#对}，"
        r"罚{:NM:=100:0}元 {1:SA:=a\}b}。</p>"
    )
    value = one("cloze", text)
    assert value.stem == "在____日内告知____，罚____元 ____。"
    assert value.key == (("5", "五"), ("当事人",), ("100",), ("a}b",))


@pytest.mark.parametrize(
    ("kind", "stem", "inner"),
    [
        ("calculated", "算", ""), ("description", "说明", ""), ("cloze", "{1:NM:=1:0.5}", ""), ("cloze", "没有", ""),
        ("numerical", "几", "<answer fraction='100'><text>5</text><tolerance>1</tolerance></answer>"),
        ("multichoice", "<p></p>", answer("甲", 100) + answer("乙")),
        ("multichoice", "没有键", answer("甲") + answer("乙")),
    ],
)  # fmt: skip
def test_what_has_no_kind_or_no_key_waits_and_stops_nothing(kind, stem, inner) -> None:
    good = question("truefalse", "可以", answer("true", 100) + answer("false"))
    bad, fine = read(quiz(question(kind, stem, inner), good), "m.xml")
    assert bad.parked and bad.faults[0].message and not fine.parked and bad.raw.startswith(kind)


def test_tables_and_pictures_become_markdown() -> None:
    inner = answer("true", 100) + answer("false")
    stem = (
        "<table><tr><th>甲</th><th>乙</th></tr><tr><td>1</td><td>2</td></tr></table>"
        '<p><img src="@@PLUGINFILE@@/%E5%9B%BE.png" alt="路口"/><img src="https://x.example/y.png" alt="远处"></p>'
    )
    file = f'<file name="图.png" path="/" encoding="base64">{base64.b64encode(PNG).decode()}</file>'
    text = question("truefalse", stem, inner).replace("</text></questiontext>", f"</text>{file}</questiontext>")
    (only,) = read(quiz(text), "m.xml")
    key = hashlib.sha256(PNG).hexdigest()
    assert only.pictures == {key: PNG}
    assert only.question.stem == f"| 甲 | 乙 |\n| --- | --- |\n| 1 | 2 |\n\n![路口](picture:{key})[远处]"
    assert [fault.values for fault in only.faults if "picture" in fault.message] == [
        {"name": "https://x.example/y.png"}
    ]


def test_scripts_are_left_out_with_a_warning() -> None:
    inner = answer("<b onclick='x()'>甲</b>", 100) + answer("<a href='javascript:x()'>乙</a>")
    (only,) = read(
        quiz(question("multichoice", "谁？<script>alert(1)</script><iframe src=x></iframe>", inner)), "m.xml"
    )
    assert (only.question.stem, only.question.options) == ("谁？", ("**甲**", "乙")) and not only.parked
    assert {(f.column, f.warning) for f in only.faults if "script" in f.message} == {("stem", True), ("A", True)}


@pytest.mark.parametrize(
    "data",
    [
        b'<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "b">]><quiz>&a;</quiz>', b"<quiz><question>", b"<other/>",
        b"<quiz>" + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</quiz>",
        "<?xml version='1.0'?><!DOCTYPE quiz><quiz/>".encode("utf-16"),
    ],
)  # fmt: skip
def test_files_that_are_no_quiz_are_refused_whole(data) -> None:
    with pytest.raises(Unreadable):
        list(read(data, "m.xml", "moodle"))


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16"])
def test_any_usual_encoding_is_read_whatever_is_declared(encoding) -> None:
    text = quiz(question("truefalse", "可以\x0b吗", answer("true", 100) + answer("false"))).decode()
    (only,) = read(text.encode(encoding), "m.xml")
    assert only.question.stem in ("可以吗", "可以 吗")
