# ruff: noqa: E501  (lines of documents as they are set)
"""Pasted text: what is recognised, what is parked, and that no line is ever lost."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from question_bank.formats.found import Found, Unreadable
from question_bank.formats.trainer.lines import Line, lines_of
from question_bank.formats.trainer.text import read, read_lines
from question_bank.formats.trainer.walk import Walk
from question_bank.questions import Citation, Kind


def found_in(text: str) -> list[Found]:
    return list(read(text.encode(), "pasted.txt"))


def errors(found: Found) -> list[str]:
    return [fault.message for fault in found.faults if not fault.warning]


def warnings(found: Found) -> list[str]:
    return [fault.message for fault in found.faults if fault.warning]


def test_a_question_with_everything_beside_it():
    (found,) = found_in(
        "12. 下列属于处罚的是（　）。\nA. 警告\nB. 约谈\n答案：A\n解析：警告是处罚。\n"
        "【法条】《中华人民共和国行政处罚法》第九条、第10条第2款；《行政强制法》第三条：强制措施的种类\n"
        "【知识点】处罚种类【难度】较难【认知层次】应用【题号】GP-001【标签】种类；总则【领域】市场监管\n"
        "【有效期】2026年1月1日至2026-12-31\n来源：省厅题库"
    )
    question = found.question
    assert question and not errors(found)
    assert warnings(found) == ["A citation lacks law, version or article."]  # the files never name the version
    assert question.citations == (
        Citation("行政处罚法", "", "第九条"), Citation("行政处罚法", "", "第10条第2款"),
        Citation("行政强制法", "", "第三条", "强制措施的种类"),
    )  # fmt: skip
    assert (question.code, question.topic, question.difficulty) == ("GP-001", "处罚种类", 4)
    assert (question.cognitive_level, question.tags, question.field) == ("apply", ("种类", "总则"), "market")
    assert (question.valid_from, question.valid_until, question.source) == ("2026-01-01", "2026-12-31", "省厅题库")


def test_the_place_is_the_line_and_raw_is_what_stood_there():
    first, second = found_in("标题\n\n1. 甲是（　）\nA. 一\nB. 二\n答案：A\n\n2. 乙是（　）\nA. 一\nB. 二\n答案：C")
    assert (first.place.unit, first.place.number, second.place.number) == ("line", 3, 8)
    assert second.raw == "2. 乙是（　）\nA. 一\nB. 二\n答案：C"
    assert second.parked and not first.parked


def test_what_a_file_does_not_give_is_only_a_warning():
    (found,) = found_in("1. 甲是（　）\nA. 一\nB. 二\n答案：A")
    assert not found.parked
    assert {fault.column for fault in found.faults} == {"topic", "rationale", "law"}


def test_an_article_named_in_the_rationale_is_taken_with_a_warning():
    (found,) = found_in("1. 甲是（　）\nA. 一\nB. 二\n答案：A\n解析：依据《行政处罚法》第四十二条，应当两人。")
    assert found.question and found.question.citations == (Citation("行政处罚法", "", "第四十二条"),)
    assert "The article was taken from the rationale." in warnings(found)


def test_two_different_keys_park_the_question():
    (found,) = found_in("1. 甲是（ A ）。\nA. 一\nB. 二\n答案：B")
    assert errors(found) == ["Two different keys are given: %(keys)s."]


def test_a_key_nobody_can_read_parks_the_question():
    (found,) = found_in("1. 甲是（　）。\nA. 一\nB. 二\n答案：见教材")
    assert found.parked and found.faults[0].values == {"key": "见教材"}


def test_a_range_of_keys_that_is_too_short_parks_its_questions():
    found = found_in(
        "1. 甲（　）\nA. 一\nB. 二\n2. 乙（　）\nA. 一\nB. 二\n3. 丙（　）\nA. 一\nB. 二\n参考答案\n1-3 AB"
    )
    assert len(found) == 3 and all(one.parked for one in found)
    assert errors(found[0]) == ["The keys of this range are not as many as its questions."]


def test_an_answer_without_a_question_is_shown():
    found = found_in("1. 甲（　）\nA. 一\nB. 二\n2. 乙（　）\nA. 一\nB. 二\n参考答案\n1.A 2.B 7.C")
    assert [one.parked for one in found] == [False, False, True]
    assert found[2].raw == "1.A 2.B 7.C" and found[2].faults[0].values == {"number": "7"}


def test_text_that_belongs_to_nothing_is_shown():
    found = found_in(
        "1. 甲（　）\nA. 一\nB. 二\n答案：A\n\n摘自内部讲义，请勿外传。\n\n2. 乙（　）\nA. 一\nB. 二\n答案：B"
    )
    assert [one.place.number for one in found] == [1, 6, 8]
    assert found[1].question is None and errors(found[1]) == ["This text belongs to no question."]


def test_a_line_below_the_answer_is_the_rationale_with_a_warning():
    (found,) = found_in("1. 甲（　）\nA. 一\nB. 二\n答案：A\n因为一是一。")
    assert found.question and found.question.rationale == "因为一是一。"
    assert "The line below the answer was taken as the rationale." in warnings(found)


def test_points_are_not_kept_and_that_is_said():
    (found,) = found_in("1. 甲（　）（2分）\nA. 一\nB. 二\n答案：A")
    assert found.question and found.question.stem == "甲（　）"
    assert "Points are set on the paper; those given here are not kept." in warnings(found)


@pytest.mark.parametrize("text", ["√", "×", "对", "错", "正确", "错误", "T", "F", "✓", "✗"])
def test_every_sign_of_truth(text: str):
    (found,) = found_in(f"三、判断题\n1. 甲是乙。（{text}）")
    assert found.question and found.question.kind is Kind.TRUE_FALSE
    assert found.question.key == ("T" if text in "√对正确T✓" else "F") and found.question.stem == "甲是乙。"


@pytest.mark.parametrize(
    ("written", "key"),
    [("A、B、D", "ABD"), ("A B D", "ABD"), ("ＡＢＤ", "ABD"), ("DBA", "ABD"), ("A,B,D。", "ABD"), ("（ABD）", "ABD")],
)  # fmt: skip
def test_every_way_to_write_several_letters(written: str, key: str):
    (found,) = found_in(f"1. 甲有（　）\nA. 一\nB. 二\nC. 三\nD. 四\n答案：{written}")
    assert found.question and (found.question.kind, found.question.key) == (Kind.MULTIPLE, key)


def test_gb18030_and_a_byte_order_mark_are_read():
    text = "1. 甲（　）\nA. 一\nB. 二\n答案：A"
    for data in (text.encode("gb18030"), text.encode("utf-8-sig"), text.encode("utf-16")):
        assert [one.question and one.question.stem for one in read(data, "x.txt")] == ["甲（　）"]


def test_an_empty_file_is_refused():
    with pytest.raises(Unreadable):
        list(read(b" \n\t\n", "x.txt"))


PIECES = st.sampled_from(
    [
        "1.", "1、", "2.", "3．", "（1）", "(2)", "第1题", "题目：", "A.", "B、", "C．", "D ", "（A）", "（ B ）", "（　）", "（√）", "____",
        "答案：", "【答案】", "参考答案", "B", "ABD", "√", "对", "1-5 ABCDA", "1.A 2.B", "解析：", "【解析】", "【难度】", "中", "【知识点】",
        "法条：", "《行政处罚法》第九条", "一、单项选择题（每题2分）", "二、判断题", "填空题", "三、简答题", "四、案例分析题", "案例一：", "案例",
        "问题：", "连线题", "排序题", "①", "②", "；", "。", "？", "甲公司", "执法人员应当", "\t", "    ", "|", "｜｜｜", "第一章 总则",
        "【题号】", "得分点：", "评分标准：", "格式（10分）", "根据材料回答1-3题", "\n", "\n", "\n", "\n\n", "\u2060", "![图](picture:" + "a" * 64 + ")",
    ]
)  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=60).map("".join)


def lines_walked(lines: list[Line]) -> set[int]:
    walked = Walk(lines).run()
    numbers = {line.number for line in (*walked.loose, *walked.passed)}
    numbers |= {line.number for block in walked.blocks for line, _start in block.lines}
    for section in walked.sections:
        for draft in section.drafts:
            numbers |= {line.number for line in draft.lines}
    return numbers


@settings(max_examples=300, deadline=None)
@given(TEXTS)
@example("1.甲\nA.一\n答案：\n\n\n答案：A")
def test_no_text_breaks_the_reader_and_no_line_is_lost(text: str):
    lines = list(lines_of(text))
    list(read_lines(lines, "line"))
    assert {line.number for line in lines} <= lines_walked(lines)
