"""Marks from answers and a key, in whole hundredths of a point: no float ever decides a pass."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from question_bank.questions import Kind

FULL = 10_000  # a full mark in hundredths of a percent


class MultipleRule(StrEnum):
    """How a multiple-choice answer that is not exactly right is marked."""

    ALL_OR_NOTHING = "all_or_nothing"
    PARTIAL_HALF = "partial_half"  # fewer but only right options: half
    PARTIAL_PER_OPTION = "partial_per_option"  # fewer but only right options: each its share


@dataclass(frozen=True)
class ItemMark:
    """One item's mark: `points` and `full` in hundredths of a point."""

    item: int
    given: str
    points: int
    full: int

    @property
    def right(self) -> bool:
        return self.points == self.full


def normal_blank(text: str) -> str:
    """What two fair writings of one term have in common: width, case, spaces, outer punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if not c.isspace()).strip("。.,，;；:：、“”\"'《》()")


def share(kind: Kind, key: Any, given: str, rule: MultipleRule = MultipleRule.ALL_OR_NOTHING) -> Fraction:
    """Which part of an item's points an answer earns, 0 to 1, exactly.

    `given` is canonical: option letters in order, T or F, or a JSON list of blanks.
    """
    if not given:
        return Fraction(0)
    match kind:
        case Kind.SINGLE | Kind.TRUE_FALSE:
            return Fraction(int(given == key))
        case Kind.MULTIPLE:
            return _multiple(set(key), set(given), rule)
        case Kind.FILL_BLANK:
            blanks = json.loads(given)
            right = sum(
                normal_blank(written) in {normal_blank(v) for v in variants}
                for written, variants in zip(blanks, key, strict=False)
            )
            return Fraction(right, len(key))
    raise ValueError(f"{kind} is not marked by machine")


def _multiple(key: set[str], given: set[str], rule: MultipleRule) -> Fraction:
    if given == key:
        return Fraction(1)
    if rule is MultipleRule.ALL_OR_NOTHING or not given or given - key:
        return Fraction(0)
    return Fraction(1, 2) if rule is MultipleRule.PARTIAL_HALF else Fraction(len(given), len(key))


def mark_paper(
    key: Mapping[str, Any], answers: Mapping[int, str], rules: Mapping[str, Any]
) -> tuple[list[ItemMark], int, int]:
    """Mark one attempt.

    Args:
        key: item number as text -> {"kind", "key", "points"}; points in hundredths.
        answers: item number -> canonical answer; missing items earn nothing.
        rules: {"multiple": MultipleRule}.

    Returns:
        The items' marks in order, points earned, full points; both in hundredths of a point.
    """
    rule = MultipleRule(rules.get("multiple", MultipleRule.ALL_OR_NOTHING))
    marks = []
    for number, entry in sorted(key.items(), key=lambda pair: int(pair[0])):
        given = answers.get(int(number), "")
        part = share(Kind(entry["kind"]), entry["key"], given, rule)
        points = int(part * entry["points"])  # a fraction of a hundredth is dropped
        marks.append(ItemMark(int(number), given, points, entry["points"]))
    return marks, sum(m.points for m in marks), sum(m.full for m in marks)


def mark_of(points: int, full: int) -> int:
    """Hundredths of a percent, rounded down: 59.999 is no 60."""
    return points * FULL // full if full else 0
