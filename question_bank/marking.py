"""Marks from answers and a key, in whole hundredths of a point: no float ever decides a pass."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Any

from question_bank.blanks import normal_blank, same_blank
from question_bank.questions import N_, SEVERAL, Kind

__all__ = [
    "FULL", "ItemMark", "MultipleRule", "OrderingRule", "ReadyKey", "Rules", "Void", "mark_of", "mark_paper",
    "normal_blank", "sentences", "share",
]  # fmt: skip

FULL = 10_000  # a full mark in hundredths of a percent
MOST_NEGATIVE = Fraction(1)  # of a question's points
REMEMBERED = 12  # characters; longer answers are typed texts, hardly two of them alike


class MultipleRule(StrEnum):
    """How an answer of several options that is not exactly right is marked."""

    ALL_OR_NOTHING = "all_or_nothing"
    PARTIAL_HALF = "partial_half"  # fewer but only right options: half
    PARTIAL_PER_OPTION = "partial_per_option"  # fewer but only right options: each its share


class OrderingRule(StrEnum):
    """How an order that is not exactly right is marked."""

    ALL_OR_NOTHING = "all_or_nothing"
    PER_PLACE = "partial_per_place"  # each step in its right place its share
    PER_NEIGHBOUR = "partial_per_neighbour"  # each step right before its right follower its share


class Void(StrEnum):
    """What an item that nobody can be held to is worth, by one rule for all."""

    FULL = "full"  # everybody gets its points
    OUT = "out"  # it is taken out of the full mark


@dataclass(frozen=True)
class Rules:
    """The marking rules of a paper; `negative` is the part of its points a wrong single choice costs."""

    multiple: MultipleRule = MultipleRule.ALL_OR_NOTHING
    ordering: OrderingRule = OrderingRule.ALL_OR_NOTHING
    negative: Fraction = Fraction(0)

    @classmethod
    def from_plain(cls, rules: Mapping[str, Any]) -> Rules:
        """From {"multiple", "ordering", "negative"}, each of which may be missing; `negative` as text, "0.25".

        Raises ValueError for a rule that is not known or a `negative` outside 0 to 1.
        """
        negative = Fraction(str(rules.get("negative") or 0))
        if not 0 <= negative <= MOST_NEGATIVE:
            raise ValueError(f"negative marking of {negative}")
        return cls(
            MultipleRule(rules.get("multiple") or MultipleRule.ALL_OR_NOTHING),
            OrderingRule(rules.get("ordering") or OrderingRule.ALL_OR_NOTHING),
            negative,
        )


@dataclass(frozen=True)
class ItemMark:
    """One item's mark: `points` and `full` in hundredths of a point; below nought where a wrong answer costs."""

    item: int
    given: str
    points: int
    full: int

    @property
    def right(self) -> bool:
        return self.points == self.full


def share(
    kind: Kind,
    key: Any,
    given: str,
    rule: MultipleRule = MultipleRule.ALL_OR_NOTHING,
    *,
    ordering: OrderingRule = OrderingRule.ALL_OR_NOTHING,
) -> Fraction:
    """Which part of an item's points an answer earns, 0 to 1, exactly.

    `given` is canonical: option letters in order, T or F, the steps' letters in the candidate's
    order, or a JSON list of blanks or of the numbers matched. Raises ValueError for a kind that
    people mark.
    """
    if kind not in _MARKED:
        raise ValueError(f"{kind} is not marked by machine")
    if not given:
        return Fraction(0)
    if kind in SEVERAL:
        return _several(set(key), set(given), rule)
    if kind is Kind.ORDERING:
        return _ordering(key, given, ordering)
    if kind is Kind.FILL_BLANK:
        return Fraction(sum(map(same_blank, json.loads(given), key)), len(key))
    if kind is Kind.MATCHING:
        return Fraction(sum(map(str.__eq__, json.loads(given), key)), len(key))
    return Fraction(int(given == key))


_MARKED = (*SEVERAL, Kind.SINGLE, Kind.TRUE_FALSE, Kind.FILL_BLANK, Kind.ORDERING, Kind.MATCHING)


def _several(key: set[str], given: set[str], rule: MultipleRule) -> Fraction:
    if given == key:
        return Fraction(1)
    if rule is MultipleRule.ALL_OR_NOTHING or not given or given - key:
        return Fraction(0)
    return Fraction(1, 2) if rule is MultipleRule.PARTIAL_HALF else Fraction(len(given), len(key))


def _ordering(key: str, given: str, rule: OrderingRule) -> Fraction:
    if rule is OrderingRule.PER_PLACE:
        return Fraction(sum(map(str.__eq__, given, key)), len(key))
    if rule is OrderingRule.PER_NEIGHBOUR:
        return Fraction(len(set(pairwise(given)) & set(pairwise(key))), len(key) - 1)
    return Fraction(int(given == key))


class ReadyKey:
    """A key under its paper's rules, made ready to mark many papers: the same answer is judged once.

    See mark_paper for the shapes.
    """

    def __init__(self, key: Mapping[str, Any], rules: Mapping[str, Any]) -> None:
        self._rules = Rules.from_plain(rules)
        self._entries = sorted(((int(number), entry) for number, entry in key.items()), key=lambda pair: pair[0])
        self._known: dict[tuple[int, str], ItemMark] = {}

    @property
    def by_machine(self) -> bool:
        """Whether no item waits for a person's mark."""
        return all(entry["kind"] in _MARKED or entry.get("void") for _, entry in self._entries)

    def mark(
        self, answers: Mapping[int, str], versions: Collection[int] | None = None
    ) -> tuple[list[ItemMark], int, int]:
        """Mark one attempt; of a pool only the items of the `versions` on its paper."""
        drawn = None if versions is None else set(versions)
        marks = [
            self._item(number, entry, answers.get(number, ""))
            for number, entry in self._entries
            if drawn is None or entry.get("version") in drawn
        ]
        return marks, max(0, sum(m.points for m in marks)), sum(m.full for m in marks)

    def _item(self, number: int, entry: Mapping[str, Any], given: str) -> ItemMark:
        found = self._known.get((number, given))
        if found is None:
            found = _mark(number, entry, given, self._rules)
            if len(given) <= REMEMBERED:
                self._known[number, given] = found
        return found


def mark_paper(
    key: Mapping[str, Any], answers: Mapping[int, str], rules: Mapping[str, Any]
) -> tuple[list[ItemMark], int, int]:
    """Mark one attempt.

    Args:
        key: item number as text -> {"kind", "key", "points"}, and where it was changed later "also", further
            keys that are right, or "void", see Void; points in hundredths.
        answers: item number -> canonical answer; missing items earn nothing and cost nothing.
        rules: see Rules.from_plain.

    Returns:
        The items' marks in order, points earned (never below nought), full points; both in
        hundredths of a point.
    """
    return ReadyKey(key, rules).mark(answers)


def _mark(number: int, entry: Mapping[str, Any], given: str, rules: Rules) -> ItemMark:
    kind, void = Kind(entry["kind"]), entry.get("void")
    if void:
        worth = entry["points"] if Void(void) is Void.FULL else 0
        return ItemMark(number, given, worth, worth)
    keys = (entry["key"], *entry.get("also", ()))
    part = max(share(kind, key, given, rules.multiple, ordering=rules.ordering) for key in keys)
    if kind is Kind.SINGLE and given and not part:
        part = -rules.negative
    return ItemMark(number, given, int(part * entry["points"]), entry["points"])  # part of a hundredth is dropped


def mark_of(points: int, full: int) -> int:
    """Hundredths of a percent, rounded down: 59.999 is no 60."""
    return points * FULL // full if full else 0


def sentences(kind: Kind, rules: Mapping[str, Any]) -> list[tuple[str, dict[str, object]]]:
    """How a kind is answered and marked under a paper's rules: message ids and their values, in order."""
    ruled = Rules.from_plain(rules)
    told: dict[Kind, Sequence[str]] = {
        Kind.SINGLE: (N_("Choose one."),),
        Kind.MULTIPLE: (N_("Choose at least two."), MULTIPLE_SENTENCES[ruled.multiple]),
        Kind.INDEFINITE: (N_("Choose one or more."), MULTIPLE_SENTENCES[ruled.multiple]),
        Kind.TRUE_FALSE: (N_("Say whether the statement is true or false."),),
        Kind.FILL_BLANK: (
            N_("Each blank earns its share. Spaces, width, letter case and the kind of numerals make no difference."),
        ),
        Kind.ORDERING: (N_("Put the steps in the right order."), ORDERING_SENTENCES[ruled.ordering]),
        Kind.MATCHING: (N_("Find the entry that belongs to each."), N_("Each right pair earns its share.")),
    }
    said: list[tuple[str, dict[str, object]]] = [(sentence, {}) for sentence in told[kind]]
    if kind is Kind.SINGLE and ruled.negative:
        cost = N_("A wrong answer costs %(n)s %% of the question's points; leaving it empty costs nothing.")
        said.append((cost, {"n": _percent(ruled.negative)}))
    return said


def _percent(part: Fraction) -> str:
    hundredths = int(part * FULL)
    return f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".")


MULTIPLE_SENTENCES = {
    MultipleRule.ALL_OR_NOTHING: N_("Choosing too many, too few or wrong options earns nothing."),
    MultipleRule.PARTIAL_HALF: N_("Fewer but only right options earn half."),
    MultipleRule.PARTIAL_PER_OPTION: N_("Fewer but only right options earn their share."),
}
ORDERING_SENTENCES = {
    OrderingRule.ALL_OR_NOTHING: N_("Only the whole right order earns points."),
    OrderingRule.PER_PLACE: N_("Each step in its right place earns its share."),
    OrderingRule.PER_NEIGHBOUR: N_("Each step that stands right before the one that must follow it earns its share."),
}
