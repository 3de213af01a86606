"""Aiken, tolerantly."""

from __future__ import annotations

import pytest

from question_bank.formats.found import Unreadable
from question_bank.formats.reading import read
from question_bank.questions import Kind


def found(text: str):
    return list(read(text.encode(), "题.txt", "aiken"))


def test_two_questions_and_a_reason() -> None:
    first, second = found(
        "1. 谁有权？\nA. 机关\nB) 个人\nANSWER: A\n解析：依职权。\n\n哪些？\nA、甲\nB、乙\nC、丙\nanswer：a, C\n"
    )
    assert (first.question.stem, first.question.options, first.question.key) == ("谁有权？", ("机关", "个人"), "A")
    assert first.question.rationale == "依职权。" and not first.parked
    assert (second.question.kind, second.question.key, second.place.number) == (Kind.MULTIPLE, "AC", 7)


def test_right_and_wrong_are_a_true_false_question() -> None:
    (only,) = found("可以。\nA. 正确\nB. 错误\nANSWER: B")
    assert (only.question.kind, only.question.key, only.question.options) == (Kind.TRUE_FALSE, "F", ())


def test_what_is_missing_waits_and_the_next_is_read() -> None:
    results = found("没有答案\nA. 甲\nB. 乙\n\n好的？\nA. 甲\nB. 乙\nANSWER: B\n\n多了\nA. 甲\nB. 乙\nANSWER: F")
    assert [only.parked for only in results] == [True, False, True]
    run_together = found("没有答案\nA. 甲\nB. 乙\n第二题\nA. 甲\nB. 乙\nANSWER: B")
    assert [only.parked for only in run_together] == [True]


def test_without_an_answer_line_it_is_no_aiken() -> None:
    with pytest.raises(Unreadable):
        found("只是文字")
