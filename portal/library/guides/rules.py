"""What a guide holds: steps of a chart as typed lines, how two texts differ, and what may not be missing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from portal.ground.rules import N_
from portal.library.guides.models import GuideKind
from portal.library.matters.rules import Basis

MOST_TEXT = 40_000
MOST_STEPS = 40
MOST_LINE = 200


class Shape(StrEnum):
    """How a step is drawn."""

    START = "start"
    STEP = "step"
    ASK = "ask"  # a question: "yes" goes on downwards
    END = "end"


@dataclass(frozen=True)
class Step:
    """One box of a flow chart; `other` is where a question's "no" leads."""

    shape: str
    text: str
    who: str = ""
    limit: str = ""
    article: str = ""
    other: str = ""

    def plain(self) -> dict[str, Any]:
        return asdict(self)


MARKS = {"(": Shape.START, "（": Shape.START, "?": Shape.ASK, "？": Shape.ASK, "=": Shape.END}
SIGN = {Shape.START: "(", Shape.ASK: "?", Shape.END: "=", Shape.STEP: ""}


def steps_in(typed: str) -> tuple[Step, ...]:
    """One step a line, its parts divided by |: what | who | within what time | article | otherwise.

    A line that begins with ( is the start, with ? a question, with = an end.
    """
    made = []
    for line in typed.splitlines():
        parts = [part.strip() for part in re.split(r"[|｜]", line)]
        if not parts[0]:
            continue
        shape = MARKS.get(parts[0][0], Shape.STEP)
        text = parts[0] if shape is Shape.STEP else parts[0][1:].strip(" ()（）")
        parts += [""] * (5 - len(parts))
        made.append(Step(str(shape), text, *parts[1:5]))
    return tuple(made)


def steps_as_text(steps: Sequence[Step]) -> str:
    def line(step: Step) -> str:
        parts = [SIGN[Shape(step.shape)] + step.text, step.who, step.limit, step.article, step.other]
        return " | ".join(parts).rstrip(" |")

    return "\n".join(line(step) for step in steps)


@dataclass(frozen=True)
class GuideText:
    """A version as somebody writes it."""

    text: str
    steps: tuple[Step, ...]
    citations: tuple[Basis, ...]
    in_force_from: date
    in_force_until: date | None
    change_note: str


def faults(kind: str, version: GuideText, *, has_file: bool) -> Iterator[tuple[str, str]]:
    """(what, gettext id) for everything that stops a version."""
    if not version.text and not version.steps and not has_file:
        yield "text", N_("Write the text, draw the steps or attach a file.")
    if kind == GuideKind.FLOW_CHART and len(version.steps) < 2:
        yield "steps", N_("A flow chart has at least two steps.")
    if len(version.text) > MOST_TEXT:
        yield "text", N_("A text has at most 40,000 characters; attach longer ones as a file.")
    if len(version.steps) > MOST_STEPS:
        yield "steps", N_("A flow chart has at most 40 steps.")
    if any(len(part) > MOST_LINE for step in version.steps for part in asdict(step).values()):
        yield "steps", N_("One part of a step has at most 200 characters.")
    if version.in_force_until is not None and version.in_force_until < version.in_force_from:
        yield "in_force_until", N_("The last day lies before the first.")
    for basis in version.citations:
        if not basis.law or not basis.article or len(basis.law) > 80 or len(basis.article) > 60:
            yield "citations", N_("An article is written like 行政处罚法 第五十一条, one a line.")


@dataclass(frozen=True)
class Line:
    """A line of a comparison: kept, gone or come."""

    sign: str  # " ", "-", "+"
    text: str


def compare(before: str, after: str) -> list[Line]:
    """Two texts line by line; long runs of kept lines are folded to their ends."""
    lines = [
        Line(each[0], each[2:])
        for each in difflib.ndiff(before.splitlines(), after.splitlines())
        if each[0] != "?"
    ]
    near = {n + d for n, line in enumerate(lines) if line.sign != " " for d in (-2, -1, 0, 1, 2)}
    shown: list[Line] = []
    for number, line in enumerate(lines):
        if number in near:
            shown.append(line)
        elif not shown or shown[-1].text != "…" or shown[-1].sign != " ":
            shown.append(Line(" ", "…"))
    return shown if any(line.sign != " " for line in lines) else []
