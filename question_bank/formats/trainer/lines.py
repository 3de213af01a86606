"""Lines with runs: what pasted text and Word paragraphs have in common before anything is recognised."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from question_bank.formats.found import Fault

GUARD = "\u2060"  # a word joiner: what stands beside it is text and no sign; our own documents use it
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class Line:
    """One line of a document; `number` is its paragraph or line from 1, `rows` its cells when it is a table.

    `spans` are (start, end, mark) of its text, marks being red, colour, highlight, bold, underline.
    `gap`: a blank line stands before it; `heading`: it is set as a heading or title.
    """

    number: int
    text: str
    spans: tuple[tuple[int, int, str], ...] = ()
    gap: bool = False
    heading: bool = False
    rows: Rows = ()
    faults: tuple[Fault, ...] = ()
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    counted: bool = False  # its number or letter comes from the program, not from the typist

    @cached_property
    def raw(self) -> str:
        return "\n".join("\t".join(row) for row in self.rows) if self.rows else self.text.strip()

    def marks(self, start: int, end: int) -> frozenset[str]:
        """The marks that lie on every visible character between two places of the text."""
        places = [place for place in range(start, end) if not self.text[place].isspace()]
        if not places:
            return frozenset()
        return frozenset(
            mark
            for mark in {span[2] for span in self.spans}
            if all(any(a <= p < b for a, b, m in self.spans if m == mark) for p in places)
        )


def lines_of(text: str) -> Iterator[Line]:
    """The lines of a plain text; blank ones are left out but remembered as gaps."""
    gap = False
    for number, line in enumerate(re.split(r"\r\n|[\n\r\v\f\x85\u2028\u2029]", text), 1):
        line = re.sub("[\ufeff\u200b]", "", line)
        if line.strip():
            yield Line(number, line, gap=gap)
            gap = False
        else:
            gap = True


def markdown_table(rows: Rows) -> str:
    """The cells as a Markdown table; the first row is its head."""
    width = max(map(len, rows))
    lines = ["| " + " | ".join(_cell(cell) for cell in (*row, *[""] * (width - len(row)))) + " |" for row in rows]
    return "\n".join((lines[0], "|" + " --- |" * width, *lines[1:]))


def _cell(text: str) -> str:
    return re.sub(r"\s*\n\s*", " ", text.strip()).replace("|", "\\|")
