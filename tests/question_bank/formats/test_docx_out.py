# ruff: noqa: E501  (lines of documents as they are set)
"""Questions written to Word and read back: the same, or named as lost."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from io import BytesIO
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.formats.docx import reading as docx_reading
from question_bank.formats.docx import writing as docx_out
from question_bank.formats.writing import write
from question_bank.questions import Citation, Kind, Question
from tests.question_bank.formats import pool
from tests.question_bank.formats.docx_files import png

EVERY = (
    *pool.SINGLES, *pool.MULTIPLES, *pool.TRUTHS, *pool.BLANKS, *pool.SHORTS, *pool.CASES, *pool.ORDERS, *pool.MATCHINGS,
    *pool.DRAFTINGS, replace(pool.MULTIPLES[0], kind=Kind.INDEFINITE),
)  # fmt: skip


def with_everything(question: Question, number: int) -> Question:
    return replace(
        question, code=f"GP-{number:03}", topic="处罚程序", difficulty=1 + number % 5, cognitive_level="apply",
        rationale=f"依据如下。\n第{number}点理由。" if question.kind is not Kind.CASE_SET else "",
        tags=("重点；难点", "2026"), source="省司法厅\n2026年版", field="market", valid_from="2026-01-01", valid_until="2026-12-31",
        citations=(Citation("行政处罚法", "2021 修订", "第四十二条", "两人以上执法。"), Citation("某省《办法》", "", "附则", "")),
    )  # fmt: skip


def back_from(data: bytes) -> list[Question]:
    """What is read back, without the numbers that a case gives its questions."""
    found = [one.question for one in docx_reading.read(data, "out.docx") if one.question]
    return [replace(q, items=tuple(replace(i, code="") for i in q.items)) for q in found]


def test_every_kind_comes_back_with_everything_beside_it():
    questions = [with_everything(question, number) for number, question in enumerate(EVERY, 1)]
    written = write(questions, "docx", title="行政执法题库")
    assert written.losses == ()
    back = back_from(written.data)
    assert sorted(back, key=lambda q: q.code) == questions
    assert {question.kind for question in questions} == set(Kind)


def test_bare_questions_come_back_too():
    written = write(EVERY, "docx", title="")
    assert written.losses == ()
    back = back_from(written.data)
    assert len(back) == len(EVERY) and all(question in back for question in EVERY)


HOSTILE = (
    pool.single(
        "甲公司（B）与乙公司（　）。\n1. 第一点\n2. 第二点\n答案：C",
        "答案：A|【解析】乙|A. 甲|二、多选题",
        "B",
        "A. 错误。\nB. 正确。\n3. 完",
    ),
    pool.single("<w:t>&amp;</w:t>", "]]>|</w:p>|&lt;|\"'", "D", "<script>alert(1)</script>"),
    pool.truth("1. 这是一句话（×）吗？", "T", "一、单项选择题\n参考答案\n1-5 ABCDA"),
    pool.single("  前面有空格\n\n中间空一行", "第一章 总则|案例一：某市|- 3 -|第 2 页", "C"),
    pool.blank("（____）与 ______ 之间有____日", "a;b", "c/d".replace("/", "／")),
    pool.short("简述。", "（1）甲\n2. 乙\n答：丙", "（1）甲（3分）", "甲\n乙"),
    Question("", Kind.MATCHING, "连一连。", ("1. 甲", "A. 乙"), ("1", "2"), matches=("B. 丙", "2、丁")),
    pool.single("见表：\n\n| 甲 | 乙 |\n| --- | --- |\n| 1 | 2\\|3 |", "| a | b ||x", "A".replace("|x", "")),
    pool.single("对齐的表：\n| 甲 |\n| :-: |\n| 1 |", "一|二", "A"),
)


def test_hostile_text_comes_back_or_is_named():
    questions = [replace(q, code=f"H{n}") for n, q in enumerate(HOSTILE)]
    written = docx_out.write(questions, {}, "攻击")
    lost = {loss.code for loss in written.losses}
    back = {q.code: q for q in back_from(written.data)}
    assert [q.code for q in questions if back.get(q.code) != q and q.code not in lost] == []
    assert lost <= {"H4", "H6"}


NASTY = st.text(
    alphabet=st.sampled_from("AB12一、.．:：（）()【】答案解析题____对错√|\n \u3000;；/\\《》第条①-—😀<&\"'分章"),
    min_size=1,
    max_size=24,
)


@settings(max_examples=60, deadline=None)
@given(stem=NASTY, options=st.lists(NASTY, min_size=2, max_size=4, unique=True), rationale=NASTY, topic=NASTY)
def test_whatever_the_text_the_loss_is_named(stem: str, options: list[str], rationale: str, topic: str):
    one = Question("N1", Kind.SINGLE, stem, tuple(options), "A", rationale, topic=topic)
    two = replace(pool.SINGLES[0], code="N2")
    written = docx_out.write([one, two], {}, "随机")
    lost = {loss.code for loss in written.losses}
    back = {q.code: q for q in back_from(written.data)}
    assert all(back.get(q.code) == q or q.code in lost for q in (one, two))


def test_pictures_travel_with_their_description():
    data = png()
    key = hashlib.sha256(data).hexdigest()
    question = replace(pool.SINGLES[0], stem=f"见图![现场(一)](picture:{key})，属于（　）。", code="P1")
    written = docx_out.write([question], {key: data}, "图")
    assert written.losses == ()
    (found,) = docx_reading.read(written.data, "x.docx")
    assert found.question == question and found.pictures == {key: data}


def test_a_picture_that_is_not_there_is_named_as_lost():
    question = replace(pool.SINGLES[0], stem=f"见图![现场](picture:{'a' * 64})，属于（　）。", code="P1")
    written = docx_out.write([question], {}, "图")
    assert [(loss.code, loss.what, dict(loss.values)) for loss in written.losses] == [
        ("P1", "pictures", {"alt": "现场"})
    ]


def test_the_document_is_what_word_expects():
    written = docx_out.write([with_everything(q, n) for n, q in enumerate(EVERY)], {}, "题库")
    with zipfile.ZipFile(BytesIO(written.data)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(archive.read(name))
        text = archive.read("word/document.xml").decode()
    for heading in ("一、单项选择题", "十、案例分析题"):
        assert heading in text


def test_the_same_questions_give_the_same_bytes():
    assert docx_out.write(EVERY, {}, "题库").data == docx_out.write(EVERY, {}, "题库").data


@pytest.mark.parametrize("title", ["", "答案：A", "1. 题目", "\x00<>&"])
def test_any_title_will_do(title: str):
    written = docx_out.write([replace(pool.SINGLES[0], code="T1")], {}, title)
    assert written.losses == () and [q.code for q in back_from(written.data)] == ["T1"]
