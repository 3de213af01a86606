"""Figures that follow from the answers, and sentences that follow from the figures."""

from __future__ import annotations

from statistics import correlation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.analysis import STRONG, WEAK, Answer, Figures, Leaf, Tally, cuts, discrimination, third_of, words_for
from question_bank.questions import Kind

SINGLE = Leaf(Kind.SINGLE, "A", "ABCD")
MULTIPLE = Leaf(Kind.MULTIPLE, "AB", "ABCD")


def answer(points: int, rest: int, third: int | None = None, picked: str = "") -> Answer:
    return Answer(points, 200, rest, 9_800, third, {"0": picked})


def tallied(answers) -> Tally:
    tally = Tally()
    for one in answers:
        tally.take(one)
    return tally


def said(figures: Figures, *leaves: Leaf) -> list[str]:
    return [s.message % s.values for s in words_for(figures, leaves)]


def test_the_facility_is_the_share_of_the_points():
    assert tallied([answer(200, 5000), answer(100, 5000), answer(0, 5000)]).figures().facility == 5000
    assert tallied([answer(-50, 5000), answer(200, 5000)]).figures().facility == 5000  # what was taken off is nought
    assert Tally().figures() == Figures(0, 0, None, {})


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 9_800)), min_size=30, max_size=80))
def test_the_discrimination_is_pearson_s_r_of_the_question_and_the_rest(pairs):
    r = tallied(answer(points, rest) for points, rest in pairs).figures().discrimination
    shares = [(p * 10_000 // 200, y * 10_000 // 9_800) for p, y in pairs]
    xs, ys = zip(*shares, strict=True)
    if len(set(xs)) == 1 or len(set(ys)) == 1:
        assert r is None
    else:
        assert -100 <= r <= 100
        assert abs(r - 100 * correlation(xs, ys)) <= 0.51


def test_fewer_than_thirty_answers_or_equal_ones_say_nothing():
    assert discrimination([29, 29, 30, 30, 40, 35]) is None
    assert tallied(answer(200, rest) for rest in range(40)).figures().discrimination is None


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 99), st.sampled_from([STRONG, WEAK, None]))), st.data())
def test_tallies_of_two_exams_add_up_to_that_of_all(rows, data):
    answers = [answer(p, y, third, "ABCD"[p % 4]) for p, y, third in rows]
    at = data.draw(st.integers(0, len(answers)))
    parts = tallied(answers[:at]) + tallied(answers[at:])
    whole = tallied(answers)
    assert (parts.sums, parts.choices) == (whole.sums, whole.choices)
    assert Tally.from_plain(whole.plain()) == whole


def test_thirds_are_cut_by_the_mark_and_ties_do_not_fall_into_both():
    assert cuts(range(9)) == (2, 6)
    assert [third_of(mark, (2, 6)) for mark in (0, 2, 3, 5, 6, 9)] == [WEAK, WEAK, None, None, STRONG, STRONG]
    assert cuts([5, 5, 5]) is None
    assert cuts([1, 2]) is None
    assert third_of(7, None) is None


@given(st.lists(st.integers(0, 10_000), max_size=60))
def test_nobody_stands_in_both_thirds(marks):
    between = cuts(marks)
    if between is not None:
        assert between[0] < between[1]
        assert sum(mark <= between[0] for mark in marks) >= len(marks) // 3


def test_too_few_answers_are_said_and_nothing_else():
    assert said(Figures(12, 9000, None, {}), SINGLE) == ["Too few answers yet (12 of 30)."]


@pytest.mark.parametrize(
    ("facility", "r", "expected"),
    [
        (6100, 35, ["61 % right", "It tells stronger from weaker (0.35)."]),
        (6149, 12, ["61 % right", "It hardly tells stronger from weaker (0.12)."]),
        (6150, -5, ["62 % right", "The weaker do better here than the stronger (-0.05): check the key."]),
        (9700, None, ["97 % right", "Nearly everybody is right: it tells nobody apart."]),
        (1200, None, ["12 % right", "Few are right: check key and wording."]),
    ],
)
def test_the_figures_in_words(facility, r, expected):
    assert said(Figures(300, facility, r, {}), SINGLE) == expected


def test_what_the_strongest_prefer_against_the_key_is_named():
    picks = {"0": {"n": [100, 100], "A": [30, 40], "B": [65, 20], "C": [5, 40]}}
    sentences = words_for(Figures(300, 6100, 25, picks), [SINGLE])
    told = {s.message % s.values: s.warns for s in sentences}
    assert told["The strongest third prefers B: check the key."]
    assert not told["Nobody of either third takes D."]


def test_of_several_right_options_the_one_left_out_is_named():
    picks = {"0": {"n": [100, 100], "A": [95, 40], "B": [30, 20], "C": [80, 40], "D": [1, 9]}}
    told = said(Figures(300, 6100, 25, picks), MULTIPLE)
    assert "The strongest third prefers C: check the key." in told
    assert "The strongest third leaves out B: check the key." in told


def test_a_sound_question_warns_of_nothing():
    picks = {"0": {"n": [100, 100], "A": [85, 40], "B": [5, 20], "C": [5, 20], "D": [5, 20]}}
    assert not any(s.warns for s in words_for(Figures(300, 6100, 35, picks), [SINGLE]))


def test_in_a_case_each_sentence_says_which_question_it_means():
    picks = {"1": {"n": [100, 100], "T": [20, 40], "F": [80, 60]}}
    leaves = [SINGLE, Leaf(Kind.TRUE_FALSE, "T", "TF")]
    warned = [s for s in words_for(Figures(300, 6100, 35, picks), leaves) if s.warns]
    assert [(s.leaf, s.values["option"]) for s in warned] == [(2, "F")]
