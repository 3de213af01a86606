"""The signs of GIFT: escapes, parts of an answer block, weights; told from text by one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SIGNS = "~=#{}:"
FORMAT = re.compile(r"\s*\[(html|markdown|plain|moodle)\]")
WEIGHT = re.compile(r"\s*%(-?\d{1,3}(?:\.\d{1,5})?)%")


@dataclass(frozen=True)
class Answer:
    """One entry of an answer block; `weight` in percent, None where none is written."""

    sign: str
    text: str
    weight: float | None
    feedback: str


def escaped(text: str) -> str:
    lines = re.sub(r"\r\n?|[\x0b\x0c\0]", "\n", text)
    return re.sub(r"([\\~=#{}:])", r"\\\1", lines).replace("\n", "\\n")


def plain(text: str) -> str:
    """The text without escapes."""
    return re.sub(r"\\([\\~=#{}:n])", lambda m: "\n" if m[1] == "n" else m[1], text)


def find(text: str, signs: str, start: int = 0) -> int:
    """Where the first unescaped sign stands, -1 when none does."""
    place = start
    while place < len(text):
        if text[place] == "\\":
            place += 2
            continue
        if text[place] in signs:
            return place
        place += 1
    return -1


def split_at(text: str, mark: str) -> tuple[str, str]:
    """What stands before and after the first unescaped mark; "" after when there is none."""
    place = find(text, mark[0])
    while place >= 0 and not text.startswith(mark, place):
        place = find(text, mark[0], place + 1)
    return (text, "") if place < 0 else (text[:place], text[place + len(mark) :])


def answers(block: str) -> Iterator[Answer]:
    """Every `=` or `~` entry of a block, in order."""
    place = find(block, "=~")
    while place >= 0:
        end = find(block, "=~", place + 1)
        entry = block[place + 1 : end if end >= 0 else len(block)]
        text, feedback = split_at(entry, "#")
        weight = WEIGHT.match(text)
        yield Answer(
            block[place],
            text[weight.end() :].strip() if weight else text.strip(),
            float(weight[1]) if weight else None,
            feedback.strip(),
        )
        place = end
