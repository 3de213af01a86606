"""What a table in a document is for: keys, options side by side, questions row by row, or a table of facts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from question_bank.formats.trainer.keys import table_entries
from question_bank.formats.trainer.lines import Line, Rows
from question_bank.formats.trainer.options import markers
from question_bank.formats.trainer.signs import NAMES, heads_of, labels_in
from question_bank.questions import LETTERS

Cells = Sequence[Sequence[Sequence[Line]]]  # rows of cells of lines
STEMS = re.compile(r"(?:试题|题目)?(?:题干|题目|试题|内容|题目内容|试题内容)(?:内容)?")
OPTION = re.compile(r"(?:备?选?(?:项|答案)?)\s*([A-H])\s*(?:项|选项)?|([A-H])")
NUMBERS = re.compile(r"(?:题|序|编)?号|序")


def lines_of_table(cells: Cells, number: int) -> list[Line]:
    """The table as lines: its cells' own, labelled lines of its rows, or one line with rows."""
    rows: Rows = tuple(tuple("\n".join(line.text for line in cell) for cell in row) for row in cells)
    everything = [line for row in cells for cell in row for line in cell]
    if not everything:
        return []
    whole = Line(
        number, "", rows=rows, faults=tuple(f for line in everything for f in line.faults),
        pictures={key: data for line in everything for key, data in line.pictures.items()},
    )  # fmt: skip
    if table_entries(rows, whole):
        return [whole]
    if columns := _header(rows):
        return [line for row in cells[1:] for line in _question_row(row, columns)]
    first = everything[0].text
    if _options(first, everything):
        return everything
    layout = max(map(len, rows)) == 1 or any(True for line in everything for _label in labels_in(line.text))
    if layout and (heads_of(first) or next(labels_in(first), None) or any(heads_of(line.text) for line in everything)):
        return everything
    return everything if max(map(len, rows)) == 1 else [whole]


def _options(first: str, everything: Sequence[Line]) -> bool:
    """The first cell begins with A and says something, and another letter follows."""
    marks = markers(first)
    if not marks or marks[0].letter != "A" or first[: marks[0].start].strip() or not first[marks[0].end :].strip():
        return False
    return sum(bool(markers(line.text)) for line in everything) > 1 or len(marks) > 1


def _header(rows: Rows) -> dict[int, str] | None:
    """What each column holds, when the first row names a stem and a key."""
    words = {word: code for code, names in NAMES.items() for word in names.split("|")}
    columns: dict[int, str] = {}
    for place, cell in enumerate(rows[0]):
        word = re.sub(r"\s|[（(].*?[)）]", "", cell)
        if found := OPTION.fullmatch(word):
            columns[place] = found[1] or found[2]
        elif NUMBERS.fullmatch(word):
            columns[place] = "number"
        elif STEMS.fullmatch(word):
            columns[place] = "stem"
        elif word in words:
            columns[place] = words[word]
    kinds = set(columns.values())
    return columns if {"stem", "key"} <= kinds and len(rows) > 1 else None


def _question_row(row: Sequence[Sequence[Line]], columns: dict[int, str]) -> list[Line]:
    """One row as the lines a trainer would have typed."""
    by_code = {code: row[place] for place, code in columns.items() if place < len(row)}
    stem = by_code.pop("stem", ())
    if not stem:
        return [line for cell in row for line in cell]
    number = by_code.pop("number", ())
    made = [_before("【题干】", stem[0]), *stem[1:]]
    for letter in LETTERS:
        if cell := by_code.pop(letter, ()):
            made += [_before(f"{letter}. ", cell[0]), *cell[1:]]
    made += by_code.pop("options", ())
    for code, cell in by_code.items():
        if cell:
            made += [_before(f"【{NAMES[code].split('|')[0]}】", cell[0]), *cell[1:]]
    if number and not re.fullmatch(r"\s*\d*\s*", number[0].text):
        made.append(_before("【题号】", number[0]))
    return made


def _before(text: str, line: Line) -> Line:
    spans = tuple((start + len(text), end + len(text), mark) for start, end, mark in line.spans)
    return Line(line.number, text + line.text, spans, line.gap, False, (), line.faults, line.pictures)
