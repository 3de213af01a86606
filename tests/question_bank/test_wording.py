"""What changed between two texts and two questions, character by character, numbers whole."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from question_bank.wording import GONE, NEW, SAME, Difference, differences, key_text, pieces
from tests.factories import questions


def told(old: str, new: str) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in pieces(old, new)]


def test_chinese_is_compared_by_the_character_and_a_number_as_one():
    assert told("罚款8万元以下", "罚款10万元以下") == [(SAME, "罚款"), (GONE, "8"), (NEW, "10"), (SAME, "万元以下")]
    assert told("三日内通知", "七日内通知") == [(GONE, "三"), (NEW, "七"), (SAME, "日内通知")]
    assert told("", "新") == [(NEW, "新")] and told("旧", "") == [(GONE, "旧")] and told("同", "同") == [(SAME, "同")]


@given(st.text("甲乙丙丁12，。", max_size=40), st.text("甲乙丙丁12，。", max_size=40))
def test_the_pieces_give_both_texts_back(old: str, new: str):
    found = Difference("stem", pieces(old, new))
    assert (found.old, found.new) == (old, new)


def test_the_fields_that_differ_are_named_by_their_place():
    single, case = questions()[0], questions()[4]
    changed = replace(single, stem="哪一项不正确？", options=("甲项", "乙项", "丙项"), key="A")
    assert [d.place for d in differences(single, changed)] == ["stem", "key", "options/3"]
    item = replace(case.items[1], key="T")
    assert [d.place for d in differences(case, replace(case, items=(case.items[0], item)))] == ["items/1/key"]
    assert differences(case, case) == []


def test_a_key_reads_as_people_write_it():
    assert [key_text(question) for question in questions()[:4]] == ["B", "ACD", "T", "公正；公开/公 开"]
