"""Many forms of one blueprint: equal in their cells, and the pool's use spread as evenly as it can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from question_bank.papers import BlueprintUnmet, Cell, Chance, may_be_drawn
from question_bank.questions import Kind, Question

Form = list[tuple[Question, int]]
Stock = dict[tuple[str, Kind], tuple[int, int]]


def usable(pool: Sequence[Question], on: date | None = None, until: date | None = None) -> list[Question]:
    """What a machine marks and what is valid on every day of the exam, in the order of the codes."""
    return sorted((q for q in pool if may_be_drawn(q, on, until)), key=lambda q: q.code)


def stock(pool: Sequence[Question]) -> Stock:
    """(topic, kind) → how many questions fit a cell, and how many items each of them has."""
    cells: dict[tuple[str, Kind], list[Question]] = {}
    for question in pool:
        cells.setdefault((question.topic, question.kind), []).append(question)
    return {cell: (len(fit := _alike(found)), len(fit[0].leaves())) for cell, found in cells.items()}


def fitting(pool: Sequence[Question], cell: Cell) -> list[Question]:
    """The questions of a cell. Of cases only those with one number of items, so that forms weigh the same."""
    return _alike([q for q in pool if q.topic == cell.topic and q.kind is cell.kind])


def _alike(found: list[Question]) -> list[Question]:
    """Those with the most frequent number of items; of two the smaller one."""
    lengths = Counter(len(q.leaves()) for q in found)
    if len(lengths) < 2:
        return found
    length = min(lengths, key=lambda number: (-lengths[number], number))
    return [q for q in found if len(q.leaves()) == length]


def assemble(
    pool: Sequence[Question],
    blueprint: Sequence[Cell],
    forms: int,
    seed: int,
    *,
    on: date | None = None,
    until: date | None = None,
) -> list[Form]:
    """So many forms, each cell filled in each; the same seed and pool give the same forms.

    Within a cell no question is used more than ceil(forms · count / pool) times. Raises BlueprintUnmet.
    """
    chance, ready = Chance(seed), usable(pool, on, until)
    made: list[Form] = [[] for _ in range(forms)]
    asked: Mapping[tuple[str, Kind], list[Cell]] = _together(blueprint)
    for cells in asked.values():
        found, need = fitting(ready, cells[0]), sum(cell.count for cell in cells)
        if len(found) < need:
            raise BlueprintUnmet(cells[0], len(found))
        dealt = _deal(found, need, forms, chance)
        for form, questions in zip(made, dealt, strict=True):
            points = (cell.points for cell in cells for _ in range(cell.count))
            form += zip(questions, points, strict=True)
    return made


def _together(blueprint: Sequence[Cell]) -> dict[tuple[str, Kind], list[Cell]]:
    """Rows that draw from the same questions."""
    asked: dict[tuple[str, Kind], list[Cell]] = {}
    for cell in blueprint:
        asked.setdefault((cell.topic, cell.kind), []).append(cell)
    return asked


def _deal(found: Sequence[Question], count: int, forms: int, chance: Chance) -> list[list[Question]]:
    """Each form takes what is used least so far, by chance among equals."""
    uses = [0] * len(found)
    dealt = []
    for _ in range(forms):
        order = list(range(len(found)))
        chance.shuffle(order)
        order.sort(key=uses.__getitem__)
        for place in order[:count]:
            uses[place] += 1
        taken = [found[place] for place in order[:count]]
        chance.shuffle(taken)  # so that points of different rows of one kind fall on any of them
        dealt.append(taken)
    return dealt
