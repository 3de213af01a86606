"""Papers: drawn by a blueprint, frozen with their key apart, laid out for one candidate by a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from question_bank.questions import BLANK, CHOICES, LETTERS, MACHINE_MARKED, SEVERAL, Kind, Question

MAX_BLANK = 200  # characters in one blank
Shape = tuple[str, "str | int | tuple[int, int]"]  # kind; letters, number of blanks, or entries left and right


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


def may_be_drawn(question: Question, on: date | None = None, until: date | None = None) -> bool:
    """Whether a machine marks all of it and it is valid from the first day of an exam to the last (or `on`)."""
    if not all(leaf.kind in MACHINE_MARKED for leaf in question.leaves()):
        return False
    if on is None:
        return True
    began = not question.valid_from or date.fromisoformat(question.valid_from) <= on
    return began and (not question.valid_until or date.fromisoformat(question.valid_until) >= (until or on))


def draw(
    pool: Sequence[Question],
    blueprint: Sequence[Cell],
    seed: int,
    *,
    on: date | None = None,
    until: date | None = None,
) -> list[tuple[Question, int]]:
    """Fill every cell at random from the pool; the same seed draws the same paper.

    `on` and `until` are the exam's first and last day; without them no question is too old.
    Returns (question, points per leaf) in blueprint order. Raises BlueprintUnmet.
    """
    chance = random.Random(seed)
    taken: set[str] = set()
    paper = []
    usable = sorted((q for q in pool if may_be_drawn(q, on, until)), key=lambda q: q.code)
    for cell in blueprint:
        fitting = [q for q in usable if q.topic == cell.topic and q.kind is cell.kind and q.code not in taken]
        if len(fitting) < cell.count:
            raise BlueprintUnmet(cell, len(fitting))
        for question in chance.sample(fitting, cell.count):
            taken.add(question.code)
            paper.append((question, cell.points))
    return paper


def freeze(
    drawn: Sequence[tuple[Question, int]], versions: Mapping[str, int] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split a drawn paper into what candidates see and its key.

    Args:
        drawn: questions with the points of each leaf, in hundredths.
        versions: code of a question -> id of the version that is drawn, where there is one.

    Returns:
        paper: {"items": [{"item", "kind", "points", "stem", "options", "case"}], "cases": {id: stem}};
            a matching also has "matches", [["1", text], …].
        key: {item: {"kind", "key", "points", "rationale", "citations", "code", "topic"}}, with "version"
            where it is known and "leaf", the place within the question counted from 0.
    """
    items: list[dict[str, Any]] = []
    cases: dict[str, str] = {}
    key: dict[str, Any] = {}
    for question, points in sorted(drawn, key=lambda pair: list(Kind).index(pair[0].kind)):
        case = None
        if question.kind is Kind.CASE_SET:
            case = str(len(cases) + 1)
            cases[case] = question.stem
        version = (versions or {}).get(question.code)
        for place, leaf in enumerate(question.leaves()):
            number = len(items) + 1
            items.append({"item": number, **_seen(leaf), "points": points, "case": case})
            key[str(number)] = {**_kept(leaf), "points": points, "topic": question.topic, "leaf": place}
            if version is not None:
                key[str(number)]["version"] = version
    return {"items": items, "cases": cases}, key


def _seen(leaf: Question) -> dict[str, Any]:
    """What a candidate sees of a question."""
    seen = {
        "kind": leaf.kind.value,
        "stem": leaf.stem,
        "options": [[LETTERS[i], text] for i, text in enumerate(leaf.options)],
    }
    if leaf.kind is Kind.MATCHING:
        seen["matches"] = [[str(number), text] for number, text in enumerate(leaf.matches, 1)]
    return seen


def _kept(leaf: Question) -> dict[str, Any]:
    """What marking and the released result need of it."""
    body = leaf.plain()
    return {name: body[name] for name in ("kind", "key", "rationale", "citations", "code")}


class Chance:
    """Numbers from a seed below 2**48, the same in every language: sfc32 (C. Doty-Humphrey, PractRand)."""

    def __init__(self, seed: int) -> None:
        self._a, self._b, self._c, self._n = seed & 0xFFFFFFFF, seed >> 32, 0x9E3779B9, 1
        for _ in range(12):
            self.next()

    def next(self) -> int:
        """The next of 0 to 2**32 - 1."""
        drawn = (self._a + self._b + self._n) & 0xFFFFFFFF
        self._n = (self._n + 1) & 0xFFFFFFFF
        self._a = self._b ^ (self._b >> 9)
        self._b = (self._c + (self._c << 3)) & 0xFFFFFFFF
        self._c = (((self._c << 21) | (self._c >> 11)) + drawn) & 0xFFFFFFFF
        return drawn

    def below(self, bound: int) -> int:
        """One of 0 to bound - 1, each equally likely."""
        fair = 2**32 - 2**32 % bound
        while (drawn := self.next()) >= fair:
            pass
        return drawn % bound

    def shuffle(self, things: list[Any]) -> None:
        """Fisher and Yates, from the end."""
        for last in range(len(things) - 1, 0, -1):
            other = self.below(last + 1)
            things[last], things[other] = things[other], things[last]


def lay_out(paper: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The paper as one candidate sees it: questions shuffled within their kind, options and steps shuffled.

    The player does the same after it unsealed the form, by the same seed and the same `Chance`.

    Case items keep their order, and so does the left side of a matching: its right side is shuffled.
    Each item gets `number`, its place on screen; the ids of options and matches stay canonical.
    """
    chance = Chance(seed)
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
                side = "matches" if item["kind"] == Kind.MATCHING else "options"
                shuffled = list(item[side])
                chance.shuffle(shuffled)
                laid.append({**item, side: shuffled, "number": len(laid) + 1})
    return {"items": laid, "cases": dict(paper["cases"])}


def shape_of(paper: Mapping[str, Any]) -> dict[int, Shape]:
    """What an answer to each item may look like: its kind, and the option letters (steps of an ordering
    too), the number of blanks, or for a matching how many entries stand left and right."""
    shapes: dict[int, Shape] = {}
    for item in paper["items"]:
        kind = Kind(item["kind"])
        if kind in (*CHOICES, Kind.ORDERING):
            shapes[item["item"]] = (kind, "".join(sorted(o[0] for o in item["options"])))
        elif kind is Kind.TRUE_FALSE:
            shapes[item["item"]] = (kind, "FT")
        elif kind is Kind.MATCHING:
            shapes[item["item"]] = (kind, (len(item["options"]), len(item["matches"])))
        else:
            shapes[item["item"]] = (kind, item["stem"].count(BLANK))
    return shapes


def _is_text(blank: str) -> bool:
    """No lone half of a surrogate pair and no NUL: what a database stores as text."""
    return "\0" not in blank and not any("\ud800" <= char <= "\udfff" for char in blank)


def canonical_answer(shape: Shape, given: Any) -> str | None:
    """The one stored form of an answer, "" for none; None when it does not fit the item.

    Blanks come as a list of texts, matches as a list of numbers as text ("" for none yet), an order as
    the letters of all steps, choices as letters in any order.
    """
    kind, allowed = shape
    if kind in (Kind.FILL_BLANK, Kind.MATCHING):
        return _listed(kind, allowed, given)
    letters = str(allowed)
    if not isinstance(given, str) or len(given) > len(letters):
        return None
    if not given:
        return ""
    if len(set(given)) != len(given) or set(given) - set(letters):
        return None
    if kind == Kind.ORDERING:
        return given if len(given) == len(letters) else None
    return "".join(sorted(given)) if kind in SEVERAL or len(given) == 1 else None


def _listed(kind: str, allowed: Any, given: Any) -> str | None:
    length = allowed[0] if kind == Kind.MATCHING else allowed
    if not isinstance(given, list) or len(given) != length or not all(isinstance(entry, str) for entry in given):
        return None
    if kind == Kind.MATCHING:
        fits = set(given) <= {"", *map(str, range(1, allowed[1] + 1))}
    else:
        fits = all(len(blank) <= MAX_BLANK and _is_text(blank) for blank in given)
    if not fits:
        return None
    return json.dumps(given, ensure_ascii=False) if any(given) else ""
