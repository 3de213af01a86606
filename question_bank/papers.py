"""Papers: drawn by a blueprint, frozen with their key apart, laid out for one candidate by a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from question_bank.questions import CHOICES, LETTERS, MACHINE_MARKED, Kind, Question

MAX_BLANK = 200  # characters in one blank


class BlueprintUnmet(ValueError):
    """The bank cannot fill a cell; `cell` says which, `found` how many there are."""

    def __init__(self, cell: Cell, found: int) -> None:
        super().__init__(f"{cell.topic}/{cell.kind}: {cell.count} needed, {found} found")
        self.cell, self.found = cell, found


@dataclass(frozen=True)
class Cell:
    """So many questions of one kind on one topic, each worth `points` hundredths (a case: each item)."""

    topic: str
    kind: Kind
    count: int
    points: int

    @classmethod
    def from_plain(cls, row: Mapping[str, Any]) -> Cell:
        return cls(row["topic"], Kind(row["kind"]), row["count"], row["points"])


def draw(pool: Sequence[Question], blueprint: Sequence[Cell], seed: int) -> list[tuple[Question, int]]:
    """Fill every cell at random from the pool; the same seed draws the same paper.

    Returns (question, points per leaf) in blueprint order. Raises BlueprintUnmet.
    """
    chance = random.Random(seed)
    taken: set[str] = set()
    paper = []
    for cell in blueprint:
        fitting = sorted(
            (
                q
                for q in pool
                if q.topic == cell.topic
                and q.kind is cell.kind
                and q.code not in taken
                and all(leaf.kind in MACHINE_MARKED for leaf in q.leaves())
            ),
            key=lambda q: q.code,
        )
        if len(fitting) < cell.count:
            raise BlueprintUnmet(cell, len(fitting))
        for question in chance.sample(fitting, cell.count):
            taken.add(question.code)
            paper.append((question, cell.points))
    return paper


def freeze(drawn: Sequence[tuple[Question, int]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split a drawn paper into what candidates see and its key.

    Returns:
        paper: {"items": [{"item", "kind", "points", "stem", "options", "case"}], "cases": {id: stem}}
        key: {item: {"kind", "key", "points", "rationale", "citations", "code"}}
    """
    items: list[dict[str, Any]] = []
    cases: dict[str, str] = {}
    key: dict[str, Any] = {}
    ordered = sorted(drawn, key=lambda pair: list(Kind).index(pair[0].kind))
    for question, points in ordered:
        case = None
        if question.kind is Kind.CASE_SET:
            case = str(len(cases) + 1)
            cases[case] = question.stem
        for leaf in question.leaves():
            number = len(items) + 1
            items.append(
                {
                    "item": number,
                    "kind": leaf.kind.value,
                    "points": points,
                    "stem": leaf.stem,
                    "options": [[LETTERS[i], text] for i, text in enumerate(leaf.options)],
                    "case": case,
                }
            )
            body = leaf.plain()
            key[str(number)] = {
                "kind": body["kind"],
                "key": body["key"],
                "points": points,
                "rationale": body["rationale"],
                "citations": body["citations"],
                "code": leaf.code,
                "topic": question.topic,
            }
    return {"items": items, "cases": cases}, key


def lay_out(paper: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The paper as one candidate sees it: questions shuffled within their kind, options shuffled.

    Case items keep their order. Each item gets `number`, its place on screen; option ids stay canonical.
    """
    chance = random.Random(seed)
    groups: dict[tuple[str, str], list[list[dict[str, Any]]]] = {}
    for item in paper["items"]:
        if item["case"]:
            block = groups.setdefault(("case", ""), [])
            if block and block[-1][0]["case"] == item["case"]:
                block[-1].append(item)
            else:
                block.append([item])
        else:
            groups.setdefault(("kind", item["kind"]), []).append([item])
    laid: list[dict[str, Any]] = []
    for blocks in groups.values():
        chance.shuffle(blocks)
        for block in blocks:
            for item in block:
                options = list(item["options"])
                chance.shuffle(options)
                laid.append({**item, "options": options, "number": len(laid) + 1})
    return {"items": laid, "cases": dict(paper["cases"])}


def shape_of(paper: Mapping[str, Any]) -> dict[int, tuple[str, str | int]]:
    """What an answer to each item may look like: (kind, option letters or number of blanks)."""
    shapes: dict[int, tuple[str, str | int]] = {}
    for item in paper["items"]:
        kind = Kind(item["kind"])
        if kind in CHOICES:
            shapes[item["item"]] = (kind, "".join(sorted(o[0] for o in item["options"])))
        elif kind is Kind.TRUE_FALSE:
            shapes[item["item"]] = (kind, "FT")
        else:
            shapes[item["item"]] = (kind, item["stem"].count("____"))
    return shapes


def _is_text(blank: str) -> bool:
    """No lone half of a surrogate pair and no NUL: what a database stores as text."""
    return "\0" not in blank and not any("\ud800" <= char <= "\udfff" for char in blank)


def canonical_answer(shape: tuple[str, str | int], given: Any) -> str | None:
    """The one stored form of an answer, "" for none; None when it does not fit the item."""
    kind, allowed = shape
    if kind == Kind.FILL_BLANK:
        if not isinstance(given, list) or len(given) != allowed:
            return None
        if not all(isinstance(blank, str) and len(blank) <= MAX_BLANK and _is_text(blank) for blank in given):
            return None
        return json.dumps(given, ensure_ascii=False) if any(given) else ""
    if not isinstance(given, str) or len(given) > len(str(allowed)):
        return None
    if not given:
        return ""
    letters = "".join(sorted(set(given)))
    if len(letters) != len(given) or set(letters) - set(str(allowed)):
        return None
    if kind != Kind.MULTIPLE and len(letters) != 1:
        return None
    return letters
