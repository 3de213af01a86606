"""GIFT as Moodle and people write it."""

from __future__ import annotations

import pytest

from question_bank.formats.reading import read
from question_bank.questions import Kind


def found(text: str):
    return list(read(text.encode(), "题.gift", "gift"))


def one(text: str):
    (only,) = found(text)
    assert only.question, only.faults
    return only.question


def test_a_choice_with_title_comment_and_feedback() -> None:
    text = "// 一个注释\n::甲::[html]<p>谁<b>有权</b>处罚？</p>{\n=机关#对了\n~社会组织#不对\n####依法定职权。\n}"
    question = one(text)
    assert (question.kind, question.stem, question.options) == (Kind.SINGLE, "谁**有权**处罚？", ("机关", "社会组织"))
    assert question.key == "A" and question.rationale == "依法定职权。\n\nA：对了\n\nB：不对" and question.code == ""


def test_weights_mark_several_right_options() -> None:
    question = one("哪些？{~%50%甲 ~%50%乙 ~%-100%丙}")
    assert (question.kind, question.key) == (Kind.MULTIPLE, "AB")
    assert one("哪些？{~%100%甲 ~%-100%乙}").kind is Kind.INDEFINITE


def test_unlike_weights_are_named() -> None:
    (only,) = found("哪些？{~%75%甲 ~%25%乙 ~丙}")
    assert [f.column for f in only.faults if "weighs" in f.message] == ["key"] and not only.parked


@pytest.mark.parametrize(("text", "key"), [("T", "T"), ("FALSE", "F"), ("TRUE#错了#对了", "T"), ("F####因为", "F")])
def test_truth(text, key) -> None:
    question = one(f"可以。{{{text}}}")
    assert (question.kind, question.key) == (Kind.TRUE_FALSE, key)


def test_a_missing_word_is_a_blank_where_it_stands() -> None:
    question = one("应当在{=5 =五 =%50%七}日内告知。")
    assert (question.kind, question.stem, question.key) == (Kind.FILL_BLANK, "应当在____日内告知。", (("5", "五"),))


def test_a_choice_in_the_middle_of_a_sentence() -> None:
    assert one("由{=机关 ~个人}实施。").stem == "由（　）实施。"


def test_pairs_with_one_right_side_too_many() -> None:
    question = one("连线{\n=警告 -> 声誉\n=罚款 -> 财产\n= -> 资格\n}")
    assert question.options == ("警告", "罚款") and question.matches == ("声誉", "财产", "资格")
    assert question.key == ("1", "2")


def test_numbers_without_tolerance_are_blanks_and_others_wait() -> None:
    assert one("几日？{#5}").key == (("5",),)
    for block in ("#5:1", "#1..5", "#=1:0.5 =%50%2:1"):
        (only,) = found(f"几日？{{{block}}}")
        assert only.parked and "tolerance" in only.faults[0].message


def test_escapes_and_lines() -> None:
    question = one(r"甲\=乙\{丙\}\n第二行\: \~ \# \\{=一\=二 ~三}")
    assert question.stem == "甲=乙{丙}\n第二行: ~ # \\" and question.options == ("一=二", "三")


def test_a_block_may_hold_empty_lines_inside_its_braces() -> None:
    assert one("谁？{\n\n=甲\n\n~乙\n\n}").options == ("甲", "乙")


def test_the_category_is_the_topic() -> None:
    first, second = found(
        "$CATEGORY: $course$/top/交通\\/路政/行政处罚\n\n甲？{T}\n\n$CATEGORY: $course$/top\n\n乙？{F}"
    )
    assert (first.question.topic, second.question.topic) == ("行政处罚", "")


def test_bad_blocks_wait_and_stop_nothing() -> None:
    texts = ["没有答案", "没有关上{=甲 ~乙", "好的？{T}", "两个{T}块{F}", "乱{甲乙}"]
    results = found("\n\n".join(texts))
    assert [only.parked for only in results] == [True, True, False, True, True]
    assert [only.place.number for only in results] == [1, 3, 5, 7, 9] and results[1].raw == "没有关上{=甲 ~乙"
    assert all(only.faults[0].message and only.faults[0].remedy for only in results if only.parked)


def test_an_essay_waits_for_its_reference_answer() -> None:
    (only,) = found("简述程序。{}")
    assert only.parked and only.question.kind is Kind.SHORT_ANSWER and {f.column for f in only.faults} >= {"key"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_any_usual_encoding_and_line_end(encoding) -> None:
    (only,) = read("谁？{=甲\r\n~乙}\r\n".encode(encoding), "x", "auto")
    assert only.question.options == ("甲", "乙")
