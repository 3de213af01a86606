"""Questions out of a Word document: its paragraphs become lines, which the text reader recognises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from xml.etree.ElementTree import Element

from question_bank.formats.docx.numbering import Numbers, numbers_of
from question_bank.formats.docx.package import Package, child, children, name_of, open_document, value_of
from question_bank.formats.docx.styles import Style, is_outlined, list_of, styles_of
from question_bank.formats.docx.tables import lines_of_table
from question_bank.formats.docx.text import SEEN, Paragraphs, Text
from question_bank.formats.found import Fault, Found, Unreadable
from question_bank.formats.trainer.lines import Line
from question_bank.formats.trainer.signs import heads_of, labels_in
from question_bank.formats.trainer.text import read_lines
from question_bank.questions import N_

LETTER = re.compile(r"([A-Z]|([A-Z])\2)[.．、:：)）]")
GONE = ("del", "moveFrom", "sectPr", "sdtPr", "sdtEndPr", "tblPr", "tblGrid", "trPr", "tcPr")


def read(data: bytes, name: str) -> Iterator[Found]:
    """Every question of a .docx; paragraphs are counted from 1, those in tables and empty ones included.

    Raises Unreadable, for .doc and .wps with what to save them as.
    """
    lines = lines_of_document(open_document(data))
    if not lines:
        raise Unreadable(N_("There is no text in the file."), N_("Choose another file."))
    return read_lines(lines, "paragraph")


def lines_of_document(package: Package) -> list[Line]:
    return _Document(package).lines()


class _Document:
    """One walk through the body; numbers count on as Word counts them."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.styles = styles_of(package.parts.get("styles"))
        lists = {key: style.list for key, style in self.styles.items() if style.list}
        self.numbers: Numbers = numbers_of(package.parts.get("numbering"), lists)
        self.paragraphs = Paragraphs(package, self.styles)
        self.count = 0
        self.gap = False
        self.carried: list[Fault] = []  # faults of a paragraph that has no text of its own

    def lines(self) -> list[Line]:
        return restarted(list(self._blocks(self.package.body)))

    def _blocks(self, element: Element) -> Iterator[Line]:
        for part in element:
            name = name_of(part)
            if name == "p":
                yield from self._paragraph(part)
            elif name == "tbl":
                yield from self._table(part)
            elif name == "AlternateContent":
                yield from self._blocks(next((c for c in part if name_of(c) == "Choice"), part))
            elif name not in GONE:
                yield from self._blocks(part)

    def _table(self, table: Element) -> Iterator[Line]:
        rows = []
        first = self.count + 1
        for row in _inner(table, "tr"):
            if child(row, "trPr", "del") is not None:
                continue
            cells: list[list[Line]] = []
            for cell in _inner(row, "tc"):
                cells.append(list(self._blocks(cell)))
                span = child(cell, "tcPr", "gridSpan")
                said = value_of(span, "val") if span is not None else None
                wide = int(said) if said and re.fullmatch("[0-9]{1,3}", said) else 1
                cells += [[] for _ in range(min(wide, 60) - 1)]
            rows.append(cells)
        self.gap = False
        yield from lines_of_table(rows, first) if any(cell for row in rows for cell in row) else ()

    def _paragraph(self, paragraph: Element) -> Iterator[Line]:
        self.count += 1
        number = self.count
        properties = child(paragraph, "pPr")
        named = child(properties, "pStyle")
        style = self.styles.get(value_of(named, "val") or "", Style()) if named is not None else Style()
        text = self.paragraphs.read(paragraph, style)
        counted = self._counted(properties, style)
        heading = style.heading or is_outlined(properties) or _centred(properties)
        if not "".join(text.chars).strip() and not text.pictures:
            counted = ""
        yield from self._lines(number, text, counted, heading)
        for box in text.boxes:
            yield from self._blocks(box)

    def _counted(self, properties: Element | None, style: Style) -> str:
        """The automatic number before the paragraph."""
        listed = list_of(properties, style.list) or style.list
        if not listed or listed[0] == "0" or child(properties, "rPr", "del") is not None:
            return ""
        shown = self.numbers.next(*listed)
        return f"{shown} " if shown else ""

    def _lines(self, number: int, text: Text, counted: str, heading: bool) -> Iterator[Line]:
        chars, marks = text.chars, text.marks
        starts = [0, *(place + 1 for place, sign in enumerate(chars) if sign == "\n")]
        ends = [*(start - 1 for start in starts[1:]), len(chars)]
        first, shift = True, counted
        faults, self.carried = [*self.carried, *text.faults], []
        for start, end in zip(starts, ends, strict=True):
            said = "".join(chars[start:end])
            if not said.strip():
                self.gap = self.gap or first
                continue
            yield Line(
                number, shift + said, _spans(marks[start:end], len(shift)), self.gap, heading, (),
                tuple(faults) if first else (), {k: v for k, v in text.pictures.items() if k in said}, bool(shift),
            )  # fmt: skip
            first, shift, self.gap = False, "", False
        if first:
            self.carried = faults


def _spans(marks: list[frozenset[str]], shift: int) -> tuple[tuple[int, int, str], ...]:
    spans = []
    for mark in SEEN:
        place = shift
        for on, run in groupby(marks, lambda one, mark=mark: mark in one):
            length = len(list(run))
            if on:
                spans.append((place, place + length, mark))
            place += length
    return tuple(spans)


def _inner(element: Element, name: str) -> Iterator[Element]:
    """Rows of a table or cells of a row, also inside content controls and insertions."""
    for part in element:
        if name_of(part) == name:
            yield part
        elif name_of(part) in ("sdt", "sdtContent", "ins", "customXml", "moveTo", "smartTag"):
            yield from _inner(part, name)


def _centred(properties: Element | None) -> bool:
    placed = next(children(properties, "jc"), None)
    return placed is not None and value_of(placed, "val") == "center"


def restarted(lines: list[Line]) -> list[Line]:
    """Automatic letters that go on from the question before begin with A again; the first of them carries a warning."""
    made: list[Line] = []
    base, running = 0, False
    for line in lines:
        found = LETTER.match(line.text) if line.counted and not line.rows else None
        if not found:
            running = running and not (line.rows or heads_of(line.text) or next(labels_in(line.text), None))
            made.append(line)
            continue
        place = _place(found[1])
        if not running:
            base, running = place, True
        if base and place >= base:
            faults = line.faults if place > base else (*line.faults, _went_on(line))
            text = chr(ord("A") + place - base) + line.text[len(found[1]) :]
            shift = len(text) - len(line.text)
            spans = tuple((a + shift, b + shift, mark) for a, b, mark in line.spans)
            line = replace(line, text=text, spans=spans, faults=faults)
        made.append(line)
    return made


def _place(letters: str) -> int:
    return (len(letters) - 1) * 26 + ord(letters[0]) - ord("A")


def _went_on(line: Line) -> Fault:
    return Fault(
        "A", N_("The automatic letters go on from the question before; they were read as A, B, C."),
        N_("Look at the question and correct it."), {}, line.text[:200], warning=True,
    )  # fmt: skip
