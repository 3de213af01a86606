"""What a walk through the lines gathers: drafts of questions, blocks of keys, and lines that belong to nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from question_bank.formats.found import Fault
from question_bank.formats.trainer.lines import GUARD, Line, markdown_table
from question_bank.formats.trainer.signs import Said

WRAPPED_FROM = 24  # characters of a line
MID = re.compile(r"[\u4e00-\u9fff，,、“《（(]$")
ON = re.compile(r"[\u4e00-\u9fff，。、；》”）]")


@dataclass(frozen=True)
class Piece:
    """A part of one line, or a whole table."""

    line: Line
    start: int = 0
    end: int = -1

    @property
    def text(self) -> str:
        if self.line.rows:
            return "\n" + markdown_table(self.line.rows) + "\n"
        return self.line.text[self.start : self.end].strip()

    def marks(self) -> frozenset[str]:
        return self.line.marks(self.start, self.end)


def text_of(pieces: list[Piece]) -> str:
    """The pieces one below the other; parts of one and the same line stay on it."""
    text, before = "", None
    for piece in pieces:
        said = piece.text
        if before is None or said == "":
            joint = "\n" if before else ""
        else:
            joint = " " if before is piece.line else "" if _wrapped(before, text, said) else "\n"
        text, before = text + joint + said, piece.line
    return text.strip()


def _wrapped(before: Line, text: str, following: str) -> bool:
    """A long line that stops in mid-sentence was broken by the program it was copied from."""
    return len(before.text) >= WRAPPED_FROM and bool(MID.search(text)) and bool(ON.match(following))


@dataclass(eq=False)
class Draft:
    """One question as it stands in the lines; a case set holds its questions as items."""

    line: Line
    kind: Said = None
    number: int | None = None
    lead: str | None = None  # what stands in brackets before the number
    stem: list[Piece] = field(default_factory=list)
    options: list[list[Piece]] = field(default_factory=list)
    notes: list[tuple[str, list[Piece]]] = field(default_factory=list)
    items: list[Draft] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    given: list[str] = field(default_factory=list)  # keys out of a block of keys
    told: list[tuple[str, str]] = field(default_factory=list)  # (label, text) out of a block of keys
    asked: bool = False  # a line 问题： has announced a case's questions
    case: bool = False  # opened as a case
    marks: frozenset[str] = frozenset()  # the marks by which this document tells its keys

    def note(self, label: str) -> str:
        """All that stands behind a label, here and among the answers."""
        texts = [text_of(pieces) for name, pieces in self.notes if name == label]
        return "\n".join(filter(None, (*texts, *(text for name, text in self.told if name == label)))).replace(
            GUARD, ""
        )

    def has(self, label: str) -> bool:
        return any(name == label for name, _pieces in self.notes)

    def leaves(self) -> Iterator[Draft]:
        if self.items:
            for item in self.items:
                yield from item.leaves()
        else:
            yield self


@dataclass(eq=False)
class Section:
    """The questions under one heading."""

    kind: Said
    drafts: list[Draft] = field(default_factory=list)
    ordinal: int = 0  # of its heading, as in 二、


@dataclass(eq=False)
class KeyBlock:
    """Lines that hold the keys of questions above them; `upto` counts the sections before it."""

    upto: int
    kind: Said = None
    ordinal: int = 0  # of the section whose keys these are, where only that is said
    lines: list[tuple[Line, int]] = field(default_factory=list)  # (line, where its keys begin)


@dataclass(eq=False)
class Walked:
    """Everything in the lines: each line is in a draft, a block, `loose` or `passed` (titles and headings)."""

    sections: list[Section] = field(default_factory=list)
    blocks: list[KeyBlock] = field(default_factory=list)
    loose: list[Line] = field(default_factory=list)
    passed: list[Line] = field(default_factory=list)
