"""Candidates whose answers follow from a known ability: a Rasch model with some guessing."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from question_bank.questions import Kind

LEVEL = 0.95  # how far the candidates lie above the questions on the whole
STEP = 0.55  # from one step of difficulty to the next
GUESSED = {Kind.SINGLE: 0.22, Kind.TRUE_FALSE: 0.4}
LEFT_EMPTY = 0.012
WRONG_BLANKS = ("有关部门", "本级人民政府", "执法人员", "当事人", "五日")
SURE_MISSES = 0.08  # of somebody who has to pass


def ability(person_id: int, seed: int) -> float:
    """The same person always has the same ability, drawn from N(0, 1)."""
    return Random(f"{seed}-{person_id}").gauss(0, 1)


def hardness(code: str, difficulty: int) -> float:
    """What the author's guess of 1 to 5 means, and how far he was off."""
    return (difficulty - 3) * STEP + Random(code).gauss(0, 0.45)


@dataclass(frozen=True)
class Item:
    """One question of a frozen form: what an answer may be, the key, and how hard it is."""

    number: int
    kind: Kind
    letters: str
    key: Any
    hard: float


def items_of(paper: Mapping[str, Any], key: Mapping[str, Any], difficulties: Mapping[str, int]) -> list[Item]:
    """The items of a form with their keys; `difficulties` by question code."""
    return [
        Item(
            item["item"],
            Kind(item["kind"]),
            "".join(option[0] for option in item["options"]),
            entry["key"],
            hardness(entry["code"], difficulties[entry["code"]]),
        )
        for item in paper["items"]
        for entry in (key[str(item["item"])],)
    ]


def answers(items: list[Item], level: float, chance: Random) -> dict[int, str]:
    """Canonical answers by item; what was left empty is missing."""
    given = {}
    for item in items:
        if chance.random() < LEFT_EMPTY:
            continue
        guess = GUESSED.get(item.kind, 0.0)
        knows = guess + (1 - guess) / (1 + math.exp(item.hard - level - LEVEL))
        given[item.number] = right(item) if chance.random() < knows else wrong(item, chance)
    return given


def sure_answers(items: list[Item], chance: Random, misses: float = SURE_MISSES) -> dict[int, str]:
    """Answers with a settled number of mistakes, whatever paper was drawn."""
    missed = set(chance.sample([item.number for item in items], int(len(items) * misses)))
    return {item.number: wrong(item, chance) if item.number in missed else right(item) for item in items}


def right(item: Item) -> str:
    if item.kind is Kind.FILL_BLANK:
        return json.dumps([variants[0] for variants in item.key], ensure_ascii=False)
    return item.key


def wrong(item: Item, chance: Random) -> str:
    """A plausible mistake, never the key."""
    match item.kind:
        case Kind.TRUE_FALSE:
            return "F" if item.key == "T" else "T"
        case Kind.SINGLE:
            return chance.choice([letter for letter in item.letters if letter != item.key])
        case Kind.MULTIPLE:
            return _wrong_set(item, chance)
    blanks = [chance.choice([w for w in WRONG_BLANKS if w not in variants]) for variants in item.key]
    return json.dumps(blanks, ensure_ascii=False)


def _wrong_set(item: Item, chance: Random) -> str:
    """One right option forgotten, or one wrong option taken."""
    others = [letter for letter in item.letters if letter not in item.key]
    if others and chance.random() < 0.5:
        return "".join(sorted(item.key + chance.choice(others)))
    return item.key.replace(chance.choice(item.key), "")
