"""Pairs of texts, as foreign forms write a matching, and our left side, right side and key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from question_bank.questions import LETTERS, Question


def paired(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Options, matches and key; a pair without its left side only adds to the right side."""
    pairs = [(left.strip(), right.strip()) for left, right in pairs]
    matches = tuple(dict.fromkeys(right for _left, right in pairs if right))
    key = tuple(str(matches.index(right) + 1) if right else "" for left, right in pairs if left)
    return tuple(left for left, _right in pairs if left), matches, key


def pairs_of(question: Question) -> list[tuple[str, str]]:
    """Every option with its match, then the matches that belong to none beside an empty left side."""
    pairs = []
    for option, number in zip(question.options, question.key, strict=False):
        at = int(number) - 1 if str(number).isdigit() else -1
        pairs.append((option, question.matches[at] if 0 <= at < len(question.matches) else ""))
    used = {right for _left, right in pairs}
    return pairs + [("", match) for match in question.matches if match not in used]


def mixed(right_order: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Options in an order that does not give the answer away, and the letters in the right order."""
    options = sorted(right_order, key=lambda text: hashlib.sha256(text.encode("utf-8", "replace")).digest())
    if options == list(right_order):
        options.reverse()
    place = {text: n for n, text in enumerate(options)}
    return tuple(options), "".join(LETTERS[place[text]] for text in right_order if place[text] < len(LETTERS))


def in_right_order(question: Question) -> list[str]:
    return [question.options[LETTERS.index(letter)] for letter in question.key]
