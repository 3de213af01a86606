"""What a question is called across forms, what a change makes of its key, and the sums of a regrade. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from portal.exams.marking.portions import Last, Marked
from portal.exams.marking.regrading.models import ChangeOfKey
from portal.ground.errors import Refused
from portal.ground.rules import N_
from question_bank.marking import Void
from question_bank.papers import canonical_answer, shape_of
from question_bank.questions import Kind

LISTED = (Kind.FILL_BLANK, Kind.MATCHING)
VOIDS = {ChangeOfKey.VOID_FULL: Void.FULL, ChangeOfKey.VOID_OUT: Void.OUT}


class NotAKey(Refused):
    """The proposed change cannot be made to this question."""

    status = 422
    code = "not_a_key"


def name_of(entry: Mapping[str, Any]) -> str:
    """What one question is called across the forms of an exam: its version and place, or its code."""
    return f"{entry['version']}-{entry['leaf']}" if "version" in entry else str(entry["code"])


def item_of(key: Mapping[str, Any], question: str) -> str | None:
    """The item under which a form's key holds the question."""
    return next((item for item, entry in key.items() if name_of(entry) == question), None)


def changed(key: Mapping[str, Any], question: str, change: str, answer: Any) -> dict[str, Any]:
    """The form's key with the change made to that question; everything else stays as it is."""
    item = item_of(key, question)
    if item is None:
        raise NotAKey(N_("This question is not on the paper."))
    return {**key, item: changed_entry(key[item], ChangeOfKey(change), answer)}


def changed_entry(entry: Mapping[str, Any], change: ChangeOfKey, answer: Any) -> dict[str, Any]:
    """One question's entry after the change."""
    bare = {name: value for name, value in entry.items() if name not in ("also", "void")}
    if change in VOIDS:
        return {**entry, "void": VOIDS[change].value}
    if change == ChangeOfKey.KEY:
        return {**bare, "key": answer}
    return {**bare, "key": entry["key"], "also": [*entry.get("also", ()), answer]}


def read_answer(item: Mapping[str, Any], given: Any) -> Any:
    """A key from what was typed; shapes as in FormKey. Raises NotAKey.

    `given`: letters, T or F; for an order its letters in order; for a matching a list of numbers; for
    blanks a list of texts, one accepted answer a line.
    """
    kind = Kind(item["kind"])
    if kind is Kind.FILL_BLANK:
        blanks = [[line.strip() for line in text.splitlines() if line.strip()] for text in given]
        lengths = all(len(line) <= 200 for lines in blanks for line in lines)
        if len(blanks) == shape_of({"items": [item]})[item["item"]][1] and all(blanks) and lengths:
            return blanks
    else:
        canonical = canonical_answer(shape_of({"items": [item]})[item["item"]], given)
        if canonical and kind is Kind.MATCHING and all(json.loads(canonical)):
            return json.loads(canonical)
        if canonical and kind is not Kind.MATCHING:
            return canonical
    raise NotAKey(N_("This is no complete answer to the question."))


def check_change(entry: Mapping[str, Any], change: ChangeOfKey, answer: Any) -> None:
    """Raises NotAKey for a change that changes nothing or does not fit the kind."""
    plain = json.loads(json.dumps(answer))
    if change == ChangeOfKey.ACCEPT and entry["kind"] == Kind.FILL_BLANK:
        raise NotAKey(N_("Of blanks, list every accepted answer as the new key."))
    if changed_entry(entry, change, plain) == dict(entry) or (
        change == ChangeOfKey.ACCEPT and plain in (entry["key"], *entry.get("also", ()))
    ):
        raise NotAKey(N_("That is the key as it stands already."))


def check_left(keys: Sequence[Mapping[str, Any]]) -> None:
    """Raises NotAKey when nothing of a paper would count any more."""
    if any(all(entry.get("void") == Void.OUT for entry in key.values()) for key in keys):
        raise NotAKey(N_("Nothing of the paper would be left; give everybody the points instead."))


COUNTED = ("papers", "raised", "lowered", "to_pass", "to_fail", "out", "voided")


def add(sums: Mapping[str, int], pairs: Sequence[tuple[Marked, Last]], out: set[int]) -> dict[str, int]:
    """The sums with these papers added; `out`: ids of results that are published.

    papers: judged; raised, lowered: by their mark; to_pass, to_fail: whose pass changes; out: of those
    whose pass changes, the published ones; voided: papers left as they are.
    """
    found = {name: sums.get(name, 0) for name in COUNTED}
    for paper, last in pairs:
        if last.voided:
            found["voided"] += 1
            continue
        found["papers"] += 1
        found["raised"] += paper.mark > last.mark
        found["lowered"] += paper.mark < last.mark
        if paper.passed != last.passed:
            found["to_pass" if paper.passed else "to_fail"] += 1
            found["out"] += last.id in out
    return found
