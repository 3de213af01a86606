"""Frozen pools: one large paper from which every candidate's own is drawn by his seed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from question_bank.assembling import fitting, usable
from question_bank.papers import BlueprintUnmet, Cell, Chance
from question_bank.questions import Kind, Question

DRAWS = 0x5EED_0FD4_A300  # another row of chances than the order of the same candidate's paper


class PointsDiffer(ValueError):
    """Two cells of one topic and kind give different points: whose a question of the pool is stands open."""


def pool_for(
    pool: Sequence[Question], blueprint: Sequence[Cell], *, on: date | None = None, until: date | None = None
) -> list[tuple[Question, int]]:
    """Every question a cell may draw, with its points; to be frozen as one paper.

    Raises BlueprintUnmet, PointsDiffer.
    """
    ready, taken, wanted = usable(pool, on, until), {}, defaultdict(int)
    for cell in blueprint:
        found = fitting(ready, cell)
        wanted[cell.topic, cell.kind] += cell.count
        if len(found) < wanted[cell.topic, cell.kind]:
            raise BlueprintUnmet(cell, len(found))
        for question in found:
            if taken.setdefault(question.code, (question, cell.points))[1] != cell.points:
                raise PointsDiffer(f"{cell.topic}/{cell.kind}")
    return list(taken.values())


def pick(paper: Mapping[str, Any], key: Mapping[str, Any], blueprint: Sequence[Cell], seed: int) -> list[int]:
    """The versions of one candidate's paper; the same seed picks the same from the same pool."""
    chance, stock = Chance(seed ^ DRAWS), _stock(paper, key)
    for versions in stock.values():
        chance.shuffle(versions)
    picked = []
    for cell in blueprint:
        left = stock[cell.topic, cell.kind]
        picked += left[: cell.count]
        del left[: cell.count]
    return picked


def _stock(paper: Mapping[str, Any], key: Mapping[str, Any]) -> dict[tuple[str, Kind], list[int]]:
    """Topic and kind -> the versions in the pool, in its order."""
    found: dict[tuple[str, Kind], dict[int, None]] = defaultdict(dict)
    for item in paper["items"]:
        entry = key[str(item["item"])]
        kind = Kind.CASE_SET if item["case"] else Kind(item["kind"])
        found[entry["topic"], kind][entry["version"]] = None
    return defaultdict(list, {cell: list(versions) for cell, versions in found.items()})


def key_part(key: Mapping[str, Any], versions: Collection[int]) -> dict[str, Any]:
    """The key of those items of a pool that stand on a paper drawn from it."""
    drawn = set(versions)
    return {item: entry for item, entry in key.items() if entry.get("version") in drawn}


def paper_part(paper: Mapping[str, Any], key: Mapping[str, Any], versions: Collection[int]) -> dict[str, Any]:
    """The drawn paper as `freeze` would have made it, under the pool's own item numbers."""
    drawn = key_part(key, versions)
    items = [item for item in paper["items"] if str(item["item"]) in drawn]
    cases = {item["case"] for item in items if item["case"]}
    return {"items": items, "cases": {case: text for case, text in paper["cases"].items() if case in cases}}
