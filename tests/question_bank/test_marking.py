"""Marks are exact, and every rule says the same whoever asks."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.checks import problems
from question_bank.marking import MultipleRule, mark_of, mark_paper, share
from question_bank.papers import BlueprintUnmet, Cell, canonical_answer, draw, freeze, lay_out, shape_of
from question_bank.questions import Kind, Question
from tests.factories import RIGHT, questions

PER_OPTION, HALF, ALL = MultipleRule.PARTIAL_PER_OPTION, MultipleRule.PARTIAL_HALF, MultipleRule.ALL_OR_NOTHING


@pytest.mark.parametrize(
    ("given_letters", "rule", "part"),
    [
        ("ACD", ALL, Fraction(1)), ("AC", ALL, Fraction(0)), ("ABCD", ALL, Fraction(0)),
        ("AC", HALF, Fraction(1, 2)), ("A", HALF, Fraction(1, 2)), ("AB", HALF, Fraction(0)),
        ("AC", PER_OPTION, Fraction(2, 3)), ("ABC", PER_OPTION, Fraction(0)), ("", PER_OPTION, Fraction(0)),
    ],
)  # fmt: skip
def test_a_multiple_choice_answer_earns_what_its_rule_says(given_letters, rule, part):
    assert share(Kind.MULTIPLE, "ACD", given_letters, rule) == part


@pytest.mark.parametrize("written", ["公正", " 公正 ", "公 正", "公正。"])
def test_a_blank_is_compared_as_fair_readers_would(written):
    assert share(Kind.FILL_BLANK, [["公正"]], f'["{written}"]') == 1


def test_full_width_and_half_width_are_one():
    assert share(Kind.FILL_BLANK, [["15日"]], '["１５日"]') == 1


def test_59_999_is_no_60():
    assert mark_of(59_999, 100_000) == 5999


def test_the_whole_paper_is_marked_from_its_frozen_key():
    paper, key = freeze([(q, 200) for q in questions()])
    assert len(paper["items"]) == 6
    marks, points, full = mark_paper(key, RIGHT, {})
    assert (points, full) == (1200, 1200)
    assert all(m.right for m in marks)


def test_the_frozen_paper_carries_no_key():
    paper, key = freeze([(q, 200) for q in questions()])
    assert "rationale" not in str(paper)
    assert "依据" not in str(paper)
    assert {"key", "rationale", "citations"} <= set(key["1"])


@given(st.integers(0, 2**48))
def test_the_same_seed_lays_out_the_same_paper_with_the_same_content(seed):
    paper, _ = freeze([(q, 200) for q in questions()])
    once, twice = lay_out(paper, seed), lay_out(paper, seed)
    assert once == twice
    assert sorted(i["item"] for i in once["items"]) == [1, 2, 3, 4, 5, 6]
    assert [i["number"] for i in once["items"]] == [1, 2, 3, 4, 5, 6]
    case_items = [i["item"] for i in once["items"] if i["case"]]
    assert case_items == [5, 6]
    for item in once["items"]:
        before = next(i for i in paper["items"] if i["item"] == item["item"])
        assert sorted(item["options"]) == sorted(before["options"])


def test_a_draw_fills_every_cell_and_names_the_one_it_cannot():
    pool = questions()
    drawn = draw(pool, [Cell("总则", Kind.SINGLE, 1, 200), Cell("总则", Kind.CASE_SET, 1, 100)], seed=7)
    assert [q.code for q, _ in drawn] == ["T-1", "T-5"]
    with pytest.raises(BlueprintUnmet) as gap:
        draw(pool, [Cell("总则", Kind.SINGLE, 2, 200)], seed=7)
    assert gap.value.found == 1


def test_short_answers_are_never_drawn_into_a_paper_marked_by_machine():
    short = Question("S-1", Kind.SHORT_ANSWER, "简述。", (), ("参考", "要点一"), "解析", (), "总则")
    with pytest.raises(BlueprintUnmet):
        draw([short], [Cell("总则", Kind.SHORT_ANSWER, 1, 200)], seed=1)


@given(st.text(max_size=12))
def test_any_text_is_refused_or_becomes_letters_of_the_item(text):
    shape = (Kind.MULTIPLE, "ABCD")
    answer = canonical_answer(shape, text)
    assert answer is None or (set(answer) <= set("ABCD") and list(answer) == sorted(set(text)))


def test_the_shape_of_a_paper_knows_kinds_options_and_blanks():
    paper, _ = freeze([(q, 200) for q in questions()])
    assert shape_of(paper)[2] == (Kind.MULTIPLE, "ABCD")
    assert shape_of(paper)[4] == (Kind.FILL_BLANK, 2)


def test_a_question_survives_its_plain_form():
    for question in questions():
        assert Question.from_plain(question.plain()) == question


@pytest.mark.parametrize(
    ("spoil", "column"),
    [
        ({"stem": " "}, "stem"), ({"key": ""}, "key"), ({"key": "E"}, "key"), ({"key": "AB"}, "key"),
        ({"options": ("甲", "甲", "乙")}, "A"), ({"options": ("甲",)}, "A"), ({"rationale": ""}, "rationale"),
        ({"citations": ()}, "law"), ({"topic": ""}, "topic"), ({"difficulty": 9}, "difficulty"),
    ],
)  # fmt: skip
def test_every_fault_of_a_question_is_named_with_its_column(spoil, column):
    body = {**questions()[0].plain(), **spoil}
    faulty = Question.from_plain({**body, "options": list(body["options"]), "citations": list(body["citations"])})
    assert column in {p.column for p in problems(faulty)}
