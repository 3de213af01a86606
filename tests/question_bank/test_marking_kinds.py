"""Every machine-marked kind: what an answer may be, what it earns, what a wrong one may cost."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.marking import MultipleRule, OrderingRule, Rules, mark_paper, sentences, share
from question_bank.papers import BlueprintUnmet, Cell, canonical_answer, draw, freeze, lay_out, shape_of
from question_bank.questions import MACHINE_MARKED, Citation, Kind, Question

COMMON = {"rationale": "依据第一条。", "citations": (Citation("测试法", "2020", "第一条"),), "topic": "总则"}
ORDER = Question("N-1", Kind.ORDERING, "排列。", ("立案", "调查", "告知", "决定"), "ABCD", **COMMON)
MATCH = Question(
    "N-2", Kind.MATCHING, "配对。", ("简易程序", "普通程序"), ("2", "1"), matches=("立案", "当场决定", "听证"), **COMMON
)
INDEFINITE = Question("N-3", Kind.INDEFINITE, "哪些正确？", ("甲", "乙", "丙", "丁"), "C", **COMMON)
CASE = Question("N-4", Kind.CASE_SET, "案情。", topic="总则", items=(ORDER, MATCH, INDEFINITE))
ALL, PLACE, NEIGHBOUR = OrderingRule
NEGATIVE = {"negative": "0.25"}


@pytest.mark.parametrize(
    ("given_order", "rule", "part"),
    [
        ("ABCD", ALL, 1), ("ABDC", ALL, 0), ("", ALL, 0), ("ABDC", PLACE, Fraction(1, 2)), ("DCBA", PLACE, 0),
        ("BCDA", PLACE, 0), ("BCDA", NEIGHBOUR, Fraction(2, 3)), ("ABDC", NEIGHBOUR, Fraction(1, 3)),
        ("DCBA", NEIGHBOUR, 0), ("ABCD", NEIGHBOUR, 1), ("ABCD", PLACE, 1), ("", NEIGHBOUR, 0),
    ],
)  # fmt: skip
def test_an_order_earns_what_its_rule_says(given_order, rule, part):
    assert share(Kind.ORDERING, "ABCD", given_order, ordering=rule) == part


@pytest.mark.parametrize(
    ("matched", "part"), [(["2", "1"], 1), (["2", "3"], Fraction(1, 2)), (["", "1"], Fraction(1, 2)), (["1", "2"], 0)]
)
def test_each_right_pair_earns_its_share(matched, part):
    assert share(Kind.MATCHING, ["2", "1"], json.dumps(matched)) == part


@pytest.mark.parametrize(("ticked", "part"), [("C", 1), ("AC", 0), ("A", 0), ("", 0)])
def test_an_indefinite_choice_is_marked_as_a_choice_of_several(ticked, part):
    assert share(Kind.INDEFINITE, "C", ticked, MultipleRule.PARTIAL_PER_OPTION) == part
    assert share(Kind.INDEFINITE, "AC", "C", MultipleRule.PARTIAL_HALF) == Fraction(1, 2)


@pytest.mark.parametrize("kind", [Kind.SHORT_ANSWER, Kind.DRAFTING, Kind.CASE_SET])
def test_what_people_mark_no_machine_marks(kind):
    with pytest.raises(ValueError, match="not marked by machine"):
        share(kind, "", "答")
    with pytest.raises(ValueError, match="not marked by machine"):
        mark_paper({"1": {"kind": kind, "key": "", "points": 100}}, {}, {})


def single(key: str, points: int = 200) -> dict:
    return {"kind": Kind.SINGLE, "key": key, "points": points}


def test_a_wrong_choice_costs_its_part_only_where_the_paper_says_so():
    key = {"1": single("A"), "2": single("A"), "3": single("A"), "4": {**single("T"), "kind": Kind.TRUE_FALSE}}
    answers = {1: "A", 2: "B", 4: "F"}
    assert mark_paper(key, answers, {})[1:] == (200, 800)
    marks, points, full = mark_paper(key, answers, NEGATIVE)
    assert [m.points for m in marks] == [200, -50, 0, 0]  # empty and true/false cost nothing
    assert (points, full) == (150, 800)


def test_a_paper_never_comes_to_less_than_nought():
    marks, points, _ = mark_paper({str(n): single("A") for n in range(1, 9)}, dict.fromkeys(range(1, 9), "B"), NEGATIVE)
    assert sum(m.points for m in marks) == -400
    assert points == 0


@pytest.mark.parametrize("rules", [{"negative": "2"}, {"negative": "-0.25"}, {"ordering": "half"}, {"multiple": "x"}])
def test_a_rule_nobody_knows_is_an_error_and_no_mark(rules):
    with pytest.raises(ValueError):
        Rules.from_plain(rules)


def test_every_kind_has_its_rule_in_a_sentence():
    for kind in MACHINE_MARKED:
        assert all(text % values for text, values in sentences(kind, {}))
    assert any("25 %" in text % values for text, values in sentences(Kind.SINGLE, NEGATIVE))
    assert not any("%" in text for text, _ in sentences(Kind.SINGLE, {}))


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=6), st.integers(0, 100))
def test_marks_are_whole_hundredths_and_never_more_than_the_paper_holds(points, negative):
    key = {str(n): single("A", worth) for n, worth in enumerate(points, 1)}
    given_answers = {n: "AB"[n % 2] for n in range(1, len(points) + 1)}
    marks, earned, full = mark_paper(key, given_answers, {"negative": f"0.{negative:02d}" if negative < 100 else "1"})
    assert full == sum(points)
    assert 0 <= earned <= full
    assert all(type(m.points) is int and -m.full <= m.points <= m.full for m in marks)


# ---- papers ----


def frozen() -> tuple[dict, dict]:
    return freeze([(INDEFINITE, 100), (ORDER, 200), (MATCH, 200), (CASE, 100)], {"N-1": 11, "N-4": 14})


def test_a_paper_of_every_kind_is_marked_from_its_own_key():
    _, key = frozen()
    answers = {1: "C", 2: "ABCD", 3: '["2", "1"]', 4: "ABCD", 5: '["2", "1"]', 6: "C"}
    assert mark_paper(key, answers, {})[1:] == (800, 800)


def test_the_key_names_the_version_and_the_place_within_it():
    _, key = frozen()
    assert [(entry.get("version"), entry["leaf"]) for entry in key.values()] == [
        (None, 0), (11, 0), (None, 0), (14, 0), (14, 1), (14, 2),
    ]  # fmt: skip


def test_the_paper_shows_both_sides_of_a_matching_and_no_key():
    paper, _ = frozen()
    item = paper["items"][2]
    assert item["options"] == [["A", "简易程序"], ["B", "普通程序"]]
    assert item["matches"] == [["1", "立案"], ["2", "当场决定"], ["3", "听证"]]
    assert "key" not in item


@given(st.integers(0, 2**48))
def test_steps_and_right_sides_are_shuffled_and_left_sides_are_not(seed):
    laid = {item["item"]: item for item in lay_out(frozen()[0], seed)["items"]}
    assert sorted(laid[2]["options"]) == [["A", "立案"], ["B", "调查"], ["C", "告知"], ["D", "决定"]]
    assert [letter for letter, _ in laid[3]["options"]] == ["A", "B"]
    assert sorted(laid[3]["matches"]) == [["1", "立案"], ["2", "当场决定"], ["3", "听证"]]


def test_every_order_of_the_steps_comes_up():
    paper, _ = frozen()
    seen = {"".join(o[0] for o in lay_out(paper, seed)["items"][1]["options"]) for seed in range(600)}
    assert seen == {"".join(p) for p in permutations("ABCD")}


SHAPES = shape_of(frozen()[0])


@pytest.mark.parametrize(
    ("item", "given_answer", "stored"),
    [
        (1, "CA", "AC"), (1, "C", "C"), (1, "CE", None), (2, "BDAC", "BDAC"), (2, "BDA", None), (2, "BDAA", None),
        (2, "", ""), (2, ["B"], None), (3, ["3", "1"], '["3", "1"]'), (3, ["", "1"], '["", "1"]'), (3, ["", ""], ""),
        (3, ["4", "1"], None), (3, ["1"], None), (3, [1, 2], None), (3, "21", None), (3, ["1", "1"], '["1", "1"]'),
    ],
)  # fmt: skip
def test_an_answer_is_stored_in_one_form_or_refused(item, given_answer, stored):
    assert canonical_answer(SHAPES[item], given_answer) == stored


@given(st.sampled_from(sorted(SHAPES)), st.one_of(st.text(max_size=8), st.lists(st.text(max_size=3), max_size=4)))
def test_whatever_is_stored_can_be_marked(item, given_answer):
    paper_key = frozen()[1]
    answer = canonical_answer(SHAPES[item], given_answer)
    if answer is not None:
        assert mark_paper(paper_key, {item: answer}, {})[1] >= 0


def valid(code: str, first: str = "", last: str = "") -> Question:
    return Question(code, Kind.TRUE_FALSE, "对吗？", (), "T", valid_from=first, valid_until=last, **COMMON)


def test_a_question_that_is_not_valid_on_the_day_is_not_drawn():
    pool = [valid("V-1", last="2026-11-22"), valid("V-2", first="2026-11-24"), valid("V-3", "2026-11-23", "2026-11-23")]
    one = [Cell("总则", Kind.TRUE_FALSE, 1, 100)]
    assert [q.code for q, _ in draw(pool, one, seed=3, on=date(2026, 11, 23))] == ["V-3"]
    with pytest.raises(BlueprintUnmet) as gap:
        draw(pool, one, seed=3, on=date(2026, 11, 23), until=date(2026, 11, 25))
    assert gap.value.found == 0


# ---- what was frozen before the new kinds ----

OLD_PAPER = {
    "items": [
        {"item": 1, "kind": "single_choice", "points": 200, "stem": "哪一项正确？",
         "options": [["A", "甲项"], ["B", "乙项"], ["C", "丙项"]], "case": None},
        {"item": 2, "kind": "multiple_choice", "points": 200, "stem": "哪些正确？",
         "options": [["A", "甲项"], ["B", "乙项"], ["C", "丙项"], ["D", "丁项"]], "case": None},
        {"item": 3, "kind": "true_false", "points": 200, "stem": "对吗？", "options": [], "case": "1"},
        {"item": 4, "kind": "fill_blank", "points": 200, "stem": "应当____、____。", "options": [], "case": "1"},
    ],
    "cases": {"1": "案情。"},
}  # fmt: skip
OLD_KEY = {
    "1": {"kind": "single_choice", "key": "B", "points": 200, "rationale": "依据。", "citations": [], "code": "O-1",
          "topic": "总则"},
    "2": {"kind": "multiple_choice", "key": "ACD", "points": 200, "rationale": "依据。", "citations": [], "code": "O-2",
          "topic": "总则"},
    "3": {"kind": "true_false", "key": "T", "points": 200, "rationale": "依据。", "citations": [], "code": "O-3a",
          "topic": "总则"},
    "4": {"kind": "fill_blank", "key": [["公正"], ["公开", "公 开"]], "points": 200, "rationale": "依据。",
          "citations": [], "code": "O-3b", "topic": "总则"},
}  # fmt: skip


def test_a_paper_frozen_before_is_marked_as_it_was_and_laid_out_as_every_paper():
    laid = lay_out(json.loads(json.dumps(OLD_PAPER)), 20261123)
    order = [(i["item"], "".join(o[0] for o in i["options"])) for i in laid["items"]]
    assert order == [(1, "BCA"), (2, "CADB"), (3, ""), (4, "")]
    assert shape_of(OLD_PAPER) == {
        1: (Kind.SINGLE, "ABC"), 2: (Kind.MULTIPLE, "ABCD"), 3: (Kind.TRUE_FALSE, "FT"), 4: (Kind.FILL_BLANK, 2),
    }  # fmt: skip
    answers = {1: "B", 2: "AC", 3: "T", 4: '["公正", "公平"]'}
    marks, points, full = mark_paper(OLD_KEY, answers, {"multiple": "partial_half"})
    assert [m.points for m in marks] == [200, 100, 200, 100]
    assert (points, full) == (600, 800)
