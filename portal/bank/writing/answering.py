"""Answering one's own question: what was given, marked by the wing, beside what is right."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from question_bank.checks import problems
from question_bank.marking import share
from question_bank.questions import LETTERS, MACHINE_MARKED, SEVERAL, Kind, Question
from question_bank.wording import key_text

RIGHT, PARTLY, WRONG, NONE, BY_PEOPLE, NOT_YET = "right", "partly", "wrong", "none", "by_people", "not_yet"


@dataclass(frozen=True)
class Answered:
    """One question answered: outcome, what was given and what is right in words, and the question itself."""

    number: int
    outcome: str
    given: str
    right: str
    leaf: Question


def answered(question: Question, given: Mapping[int, Sequence[str]]) -> list[Answered]:
    """Every question of it marked; `given` has the fields sent for each, by place."""
    return [_one(at, leaf, given.get(at, ())) for at, leaf in enumerate(question.leaves())]


def _one(at: int, leaf: Question, sent: Sequence[str]) -> Answered:
    if leaf.kind not in MACHINE_MARKED:
        return Answered(at + 1, BY_PEOPLE, "".join(sent), leaf.key[0] if leaf.key else "", leaf)
    canonical = _canonical(leaf, sent)
    if any(problem.column in ("key", "A", "matches", "stem") for problem in problems(leaf, inside=True)):
        return Answered(at + 1, NOT_YET, "", "", leaf)
    part = share(leaf.kind, leaf.key, canonical)
    outcome = (RIGHT if part == 1 else PARTLY if part else WRONG) if canonical else NONE
    return Answered(at + 1, outcome, _told(leaf, sent), _right(leaf), leaf)


def _canonical(leaf: Question, sent: Sequence[str]) -> str:
    """As the player sends it; "" when nothing was answered."""
    if not any(text.strip() for text in sent):
        return ""
    if leaf.kind in SEVERAL:
        return "".join(sorted(set(sent) & set(LETTERS)))
    if leaf.kind is Kind.ORDERING:
        placed = [(place, letter) for place, letter in zip(sent, LETTERS, strict=False) if place.isdecimal()]
        return "".join(letter for _place, letter in sorted(placed))
    if leaf.kind in (Kind.FILL_BLANK, Kind.MATCHING):
        return json.dumps([*sent[: len(leaf.key)], *[""] * (len(leaf.key) - len(sent))], ensure_ascii=False)
    return sent[0][:1]


def _told(leaf: Question, sent: Sequence[str]) -> str:
    if leaf.kind is Kind.FILL_BLANK:
        return "；".join(sent)
    if leaf.kind is Kind.MATCHING:
        return " ".join(f"{letter}{number}" for letter, number in zip(LETTERS, sent, strict=False))
    return _canonical(leaf, sent)


def _right(leaf: Question) -> str:
    return key_text(leaf)
