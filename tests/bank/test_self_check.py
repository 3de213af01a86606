"""Answering one's own question, and what the self-check says where."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.bank.writing.answering import BY_PEOPLE, NONE, NOT_YET, PARTLY, RIGHT, WRONG, answered
from portal.bank.writing.checking import anchor, check
from portal.ground.i18n import gettext
from question_bank.checks import problems
from question_bank.questions import Kind, Question
from tests.factories import CITED, questions

ORDER = Question("O", Kind.ORDERING, "排序", ("立案", "告知", "决定"), "ABC")
PAIRS = Question("P", Kind.MATCHING, "匹配", ("一", "二"), ("2", "1"), matches=("甲", "乙", "丙"))


@pytest.mark.parametrize(
    "question, sent, outcome",
    [
        (questions()[0], ["B"], RIGHT),
        (questions()[0], ["A"], WRONG),
        (questions()[1], ["D", "A", "C"], RIGHT),
        (questions()[2], [], NONE),
        (questions()[3], ["公正", ""], PARTLY),
        (ORDER, ["1", "2", "3"], RIGHT),
        (ORDER, ["2", "1", "3"], WRONG),
        (PAIRS, ["2", "1"], RIGHT),
        (PAIRS, ["2", "3"], PARTLY),
        (replace(questions()[0], key=""), ["B"], NOT_YET),
        (Question("S", Kind.SHORT_ANSWER, "简答", (), ("参考", "要点")), ["答"], BY_PEOPLE),
    ],
)
def test_one_s_own_answer_is_marked_as_a_candidate_s(question: Question, sent: list[str], outcome: str):
    assert [one.outcome for one in answered(question, {0: sent})] == [outcome]


def test_the_parts_of_a_case_are_marked_one_by_one():
    assert [one.outcome for one in answered(questions()[4], {0: ["A"], 1: ["T"]})] == [RIGHT, WRONG]


@pytest.mark.parametrize(
    "place, field",
    [
        ("stem", "stem"), ("options/2", "options"), ("key", "options"), ("items/1/key", "i1-options"),
        ("law", "citations"), ("items/0/rationale", "i0-rationale"), ("validity", "valid_from"),
    ],
)  # fmt: skip
def test_every_line_leads_to_its_field(place: str, field: str):
    assert anchor(place) == field


def test_what_stops_a_question_comes_before_advice_and_what_is_in_order_last():
    question = replace(questions()[0], rationale="", stem="下列哪一项不正确？", citations=CITED)
    found = check(question, lambda _citation: True)
    assert [line.tone for line in found.lines] == sorted(line.tone for line in found.lines)
    assert found.bad == 1 and found.lines[0].anchor == "rationale" and len(found.lines) > 1 and found.passed


def test_a_law_the_library_does_not_know_stops_the_question():
    found = check(questions()[0], lambda _citation: None)
    assert "citations" in found.faults
    assert "citations" not in check(questions()[0], lambda _citation: True).faults


@pytest.mark.parametrize("question, remedy", [
    (replace(questions()[0], key=""), "Mark the right option."),
    (replace(questions()[1], key="A"), "Mark at least two options, or change the kind."),
    (
        replace(PAIRS, key=("2", "")),
        "Choose for each entry on the left the number of its counterpart on the right.",
    ),
    (replace(ORDER, key="AB"), "Give every step its own place: 1, 2, 3 …"),
])  # fmt: skip
def test_a_remedy_speaks_of_the_form_and_not_of_a_sheet(question: Question, remedy: str):
    found = check(question, lambda _citation: True)
    assert gettext(remedy) in [line.remedy for line in found.lines]


RUBRIC = ("范文", ("事实清楚", 0), ("依据正确", 3))
DRAFTING = Question("D", Kind.DRAFTING, "写一份决定书。", (), RUBRIC, "理由", CITED, "文书")


def test_a_criterion_that_weighs_nothing_is_named_beside_itself():
    lines = [line for line in check(DRAFTING, lambda _citation: True).lines if line.tone == "bad"]
    assert [(line.anchor, "1" in line.sentence, bool(line.remedy)) for line in lines] == [("criterion-1", True, True)]
    inside = Question("C", Kind.CASE_SET, "案情", items=(questions()[0], DRAFTING), topic="文书")
    assert "i1-criterion-1" in {line.anchor for line in check(inside, lambda _citation: True).lines}


@pytest.mark.parametrize(
    "key, said",
    [
        ((" ", ("一", 1)), "document is missing"), (("范文",), "no criterion"),
        (("范文", ("一", 1), ("", 3)), "Criterion 2 says nothing"), (("范文", ("一", 0)), "weight of criterion 1"),
    ],
)  # fmt: skip
def test_a_rubric_is_told_what_is_really_wrong_with_it(key: tuple, said: str):
    found = [p.message % dict(p.values) for p in problems(replace(DRAFTING, key=key))]
    assert len(found) == 1 and said in found[0]


def test_a_topic_outside_the_tree_is_advice_and_no_stop():
    told = check(questions()[0], lambda _citation: True, ["听证程序", "听证"])
    line = next(line for line in told.lines if line.anchor == "topic")
    assert line.tone == "due" and "听证程序、听证" in line.sentence
    assert not [line for line in check(questions()[0], lambda _citation: True).lines if line.anchor == "topic"]
