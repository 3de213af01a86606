"""Scores, totals, ranks and who goes on: the arithmetic of a contest."""

from __future__ import annotations

from fractions import Fraction

import pytest

from portal.exams.contests.figures import places
from portal.exams.contests.rules import (
    Row,
    going_on,
    half_up,
    panel_score,
    practical_score,
    ranked,
    weighted,
    written_score,
)


def row(party: int, *scores: int, total: int | None = None, withdrawn: bool = False) -> Row:
    numbered = dict(enumerate(scores, 1))
    return Row(party, numbered, sum(scores) if total is None else total, len(scores), withdrawn)


@pytest.mark.parametrize(("value", "kept"), [(Fraction(1, 2), 1), (Fraction(5, 4), 1), (Fraction(-1, 2), 0), (3, 3)])
def test_a_half_goes_up(value, kept: int):
    assert half_up(Fraction(value)) == kept


def test_five_judges_lose_the_highest_and_the_lowest_where_that_was_declared():
    assert panel_score([100, 80, 80, 90, 0], drops_extremes=True) == Fraction(250, 3)
    assert panel_score([100, 80, 80, 90, 0], drops_extremes=False) == 70


def test_four_judges_lose_nobody():
    assert panel_score([100, 80, 90, 0], drops_extremes=True) == Fraction(270, 4)


def test_of_equal_extremes_one_each_goes():
    assert panel_score([90, 90, 90, 80, 80], drops_extremes=True) == Fraction(260, 3)


def test_without_a_mark_there_is_nothing():
    assert panel_score([], drops_extremes=True) == 0


def test_each_ability_is_kept_to_the_hundredth_then_added():
    score, by_ability = practical_score({"a": [1, 2], "b": [10, 11, 11]}, ["a", "b"], drops_extremes=False)
    assert (score, by_ability) == (13, {"a": 2, "b": 11})


def test_a_team_is_the_average_or_the_sum_of_its_members_and_who_was_absent_is_nothing():
    assert written_score([8000, 9001, None], "average") == 5667
    assert written_score([8000, 9001, None], "sum") == 17_001
    assert written_score([], "average") == 0


def test_rounds_count_by_their_weight():
    assert weighted({1: 8000, 2: 9125}, {1: 40, 2: 60, 3: 0}) == 8675
    assert weighted({1: -1000}, {1: 50}) == -500


def test_equal_totals_share_a_rank_and_the_next_is_left_out():
    found = ranked([row(1, 70), row(2, 90), row(3, 70), row(4, 60)], [])
    assert [(each.party_id, each.rank) for each in found] == [(2, 1), (1, 2), (3, 2), (4, 4)]


def test_a_declared_order_settles_ties_before_a_rank_is_shared():
    equal = [row(1, 30, 70), row(2, 40, 60), row(3, 40, 60)]
    assert [(each.party_id, each.rank) for each in ranked(equal, [2])] == [(1, 1), (2, 2), (3, 2)]
    assert [(each.party_id, each.rank) for each in ranked(equal, [1, 2])] == [(2, 1), (3, 1), (1, 3)]


def test_who_got_further_stands_higher_whatever_his_total():
    assert [each.party_id for each in ranked([row(1, 99), row(2, 50, 1)], [])] == [2, 1]


def test_who_withdrew_stands_last_without_a_rank():
    found = ranked([row(1, 99, withdrawn=True), row(2, 50)], [])
    assert [(each.party_id, each.rank) for each in found] == [(2, 1), (1, 0)]


def test_the_first_so_many_go_on_and_with_them_who_is_equal_to_the_last():
    rows = [row(1, 90), row(2, 80), row(3, 80), row(4, 70), row(5, 95, withdrawn=True)]
    assert going_on(rows, 1, 2, "round") == {1, 2, 3}
    assert going_on(rows, 1, None, "round") == {1, 2, 3, 4}
    assert going_on(rows, 1, 9, "round") == {1, 2, 3, 4}


def test_going_on_is_by_the_round_or_by_the_total():
    rows = [row(1, 10, 90, total=50), row(2, 90, 10, total=60)]
    assert going_on(rows, 2, 1, "round") == {1}
    assert going_on(rows, 2, 1, "total") == {2}


def test_places_are_shared_by_equals():
    assert places([(0, 7, 50), (0, 8, 60), (0, 9, 60)]) == [(1, 8, 60), (1, 9, 60), (3, 7, 50)]


def test_a_row_comes_back_as_it_was_kept():
    kept = Row(4, {1: 8000, 2: -50}, 3950, 2, False, 3, {"case_handling": 3800}, {17: 8000, 18: None})
    assert Row.from_plain(kept.plain()) == kept
