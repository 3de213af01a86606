"""Forms of one blueprint weigh the same, and no question of the pool is worn out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import ceil

import pytest

from question_bank.assembling import assemble, stock
from question_bank.papers import BlueprintUnmet, Cell
from question_bank.questions import Kind, Question

SINGLE = Question("S", Kind.SINGLE, "哪一项正确？", ("甲", "乙"), "A", topic="总则")
LEAF = Question("L", Kind.TRUE_FALSE, "对吗？", (), "T", topic="总则")


def singles(count: int, topic: str = "总则") -> list[Question]:
    return [replace(SINGLE, code=f"{topic}-{number:04d}", topic=topic) for number in range(count)]


def case(code: str, items: int) -> Question:
    return Question(code, Kind.CASE_SET, "某镇巡查。", topic="案例", items=tuple(LEAF for _ in range(items)))


@pytest.mark.parametrize(("pool", "count", "forms"), [(40, 10, 7), (10, 10, 3), (23, 9, 200), (2000, 50, 200)])
def test_no_question_is_used_more_often_than_it_must(pool: int, count: int, forms: int):
    made = assemble(singles(pool), [Cell("总则", Kind.SINGLE, count, 200)], forms, 7)
    uses = Counter(question.code for form in made for question, _ in form)
    assert max(uses.values()) <= ceil(forms * count / pool)
    assert all(len({question.code for question, _ in form}) == count for form in made)


def test_the_same_seed_makes_the_same_forms_and_another_seed_others():
    pool, blueprint = singles(30), [Cell("总则", Kind.SINGLE, 10, 200)]
    assert assemble(pool, blueprint, 5, 11) == assemble(list(reversed(pool)), blueprint, 5, 11)
    assert assemble(pool, blueprint, 5, 11) != assemble(pool, blueprint, 5, 12)


def test_every_form_has_the_same_cells_and_the_same_points():
    pool = [*singles(20), *singles(20, "许可"), case("C1", 2), case("C2", 3), case("C3", 3)]
    blueprint = [
        Cell("总则", Kind.SINGLE, 4, 200), Cell("许可", Kind.SINGLE, 3, 150), Cell("案例", Kind.CASE_SET, 1, 100),
    ]  # fmt: skip
    weights = {
        (sum(points * len(q.leaves()) for q, points in form), len(form)) for form in assemble(pool, blueprint, 6, 3)
    }
    assert weights == {(4 * 200 + 3 * 150 + 3 * 100, 8)}


def test_a_cell_that_cannot_be_filled_is_named():
    with pytest.raises(BlueprintUnmet) as unmet:
        assemble(singles(4), [Cell("总则", Kind.SINGLE, 5, 200)], 2, 1)
    assert (unmet.value.cell.topic, unmet.value.found) == ("总则", 4)


def test_the_stock_counts_cases_of_one_length_only():
    assert stock([case("C1", 2), case("C2", 3), case("C3", 3)]) == {("案例", Kind.CASE_SET): (2, 3)}
