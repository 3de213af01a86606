"""Papers drawn per person from a frozen pool: by seed, by blueprint, weighing the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.marking import mark_paper
from question_bank.papers import BlueprintUnmet, Cell, freeze
from question_bank.pools import PointsDiffer, key_part, paper_part, pick, pool_for
from question_bank.questions import Kind, Question
from tests.factories import questions

SINGLES, CASES = 12, 4
BLUEPRINT = [Cell("总则", Kind.SINGLE, 3, 200), Cell("总则", Kind.CASE_SET, 1, 100), Cell("总则", Kind.SINGLE, 2, 200)]


def bank() -> list[Question]:
    single, _, _, _, case = questions()
    return [
        *(replace(single, code=f"S-{n:02d}", stem=f"第{n}题？") for n in range(SINGLES)),
        *(replace(case, code=f"C-{n}", items=tuple(replace(i, code=f"C-{n}{i.code[-1]}") for i in case.items))
          for n in range(CASES)),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def pool() -> tuple[dict, dict]:
    drawn = pool_for(bank(), BLUEPRINT)
    return freeze(drawn, {q.code: 1000 + n for n, (q, _) in enumerate(drawn)})


def test_the_pool_holds_every_question_that_fits_once(pool):
    paper, key = pool
    assert len(paper["items"]) == SINGLES + 2 * CASES
    assert len({entry["version"] for entry in key.values()}) == SINGLES + CASES


@given(st.integers(0, 2**48 - 1))
def test_a_seed_draws_the_same_paper_and_every_paper_fills_the_blueprint(seed: int):
    drawn = pool_for(bank(), BLUEPRINT)
    paper, key = freeze(drawn, {q.code: 1000 + n for n, (q, _) in enumerate(drawn)})
    versions = pick(paper, key, BLUEPRINT, seed)
    assert versions == pick(paper, key, BLUEPRINT, seed)
    assert len(set(versions)) == len(versions) == 6
    part = paper_part(paper, key, versions)
    assert Counter(bool(item["case"]) for item in part["items"]) == {False: 5, True: 2}
    assert set(part["cases"]) == {item["case"] for item in part["items"] if item["case"]}
    assert sum(item["points"] for item in part["items"]) == 5 * 200 + 2 * 100


def test_every_question_comes_to_be_drawn(pool):
    drawn = Counter(version for seed in range(400) for version in pick(*pool, BLUEPRINT, seed * 7919))
    assert len(drawn) == SINGLES + CASES
    assert max(drawn[v] for v in drawn) < 3 * min(drawn[v] for v in drawn)


def test_items_keep_the_pool_s_numbers_so_that_answers_and_keys_meet(pool):
    paper, key = pool
    versions = pick(paper, key, BLUEPRINT, 5)
    part, own = paper_part(paper, key, versions), key_part(key, versions)
    assert {str(item["item"]) for item in part["items"]} == set(own)
    right = {int(item): entry["key"] for item, entry in own.items()}
    marks, points, full = mark_paper(own, right, {"multiple": "all_or_nothing"})
    assert (len(marks), points, full) == (7, 1200, 1200)


def test_the_pool_itself_stays_as_it_is(pool):
    before = repr(pool)
    paper_part(*pool, pick(*pool, BLUEPRINT, 9))
    assert repr(pool) == before


def test_a_pool_that_cannot_fill_a_cell_or_gives_two_kinds_of_points_is_refused():
    with pytest.raises(BlueprintUnmet):
        pool_for(bank(), [Cell("总则", Kind.SINGLE, SINGLES, 200), Cell("总则", Kind.SINGLE, 1, 200)])
    with pytest.raises(PointsDiffer):
        pool_for(bank(), [Cell("总则", Kind.SINGLE, 1, 200), Cell("总则", Kind.SINGLE, 1, 100)])
