"""Our own sheet as CSV, in and out, in UTF-8 or GB18030."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from question_bank.formats.decoding import text_of
from question_bank.formats.found import RAW, Fault, Found, Loss, Place, Unreadable, Written
from question_bank.formats.gift.writing import NO_PICTURES
from question_bank.questions import LETTERS, N_, Question
from question_bank.sheet_format import KIND, STEM, TITLES, Read, read_rows, to_rows
from question_bank.sheet_format import Fault as SheetFault

KNOWN = {*TITLES, *LETTERS}
FORMULA = re.compile(r"\s*[=+\-@'＝＋－＠]|[\t\r]")  # what a spreadsheet would compute
GUARDED = re.compile(r"'(?=\s*[=+\-@'＝＋－＠]|[\t\r])")
HEADER_WITHIN = 20  # lines
LONGEST_CELL = 1_000_000


def read(data: bytes, name: str) -> Iterator[Found]:
    """Every question of the sheet; columns may be parted by commas, semicolons or tabs. Raises Unreadable."""
    lines = _lines(text_of(data))
    top = next((at for at, cells in enumerate(lines[:HEADER_WITHIN]) if {STEM, KIND} <= set(_titles(cells))), None)
    if top is None:
        raise Unreadable(N_("No line of the file names the columns 题型 and 题干."), N_("Use the template's columns."))
    titles = _titles(lines[top])
    numbers = [at for at in range(top + 1, len(lines)) if any(cell.strip() for cell in lines[at])]
    rows = [dict(zip(titles, map(_unguarded, lines[at]), strict=False)) for at in numbers]
    for found in read_rows(rows, drafts=True):
        faults = tuple(_fault(one, rows, numbers, name) for one in found.faults)
        head = numbers[found.rows[0]] + 1
        yield Found(Place("", "row", head), found.question, (*faults, *_unknown(found, rows)), _raw(found, rows))


def _lines(text: str) -> list[list[str]]:
    head = next((line for line in text.split("\n") if STEM in line), "")
    sign = max(",;\t", key=head.count)
    csv.field_size_limit(LONGEST_CELL)
    try:
        return list(csv.reader(io.StringIO(text), delimiter=sign))
    except csv.Error as error:
        raise Unreadable(N_("The file is no CSV that can be read."), N_("Save it again as CSV UTF-8.")) from error


def _titles(cells: Sequence[str]) -> list[str]:
    return [cell.strip().rstrip("*＊ ") for cell in cells]


def _unguarded(cell: str) -> str:
    return GUARDED.sub("", cell, count=1) if cell.startswith("'") else cell


def _fault(one: SheetFault, rows: Sequence[Mapping[str, str]], numbers: Sequence[int], name: str) -> Fault:
    values = dict(one.values)
    if one.other is not None:
        values |= {"row": str(numbers[one.other] + 1), "sheet": name}
    text = rows[one.row].get(one.column, "")[:200]
    return Fault(one.column, one.message, one.remedy, values, text, one.warning)


def _unknown(found: Read, rows: Sequence[Mapping[str, str]]) -> Iterator[Fault]:
    titles = dict.fromkeys(t for place in found.rows for t, cell in rows[place].items() if t not in KNOWN and cell)
    for title in titles:
        message = N_("The column %(name)s is not known and was left out.")
        yield Fault(title, message, "", {"name": title}, "", True)


def _raw(found: Read, rows: Sequence[Mapping[str, str]]) -> str:
    return "\n".join(" | ".join(filter(None, rows[place].values())) for place in found.rows)[:RAW]


def write(questions: Sequence[Question], pictures: Mapping[str, bytes], title: str) -> Written:
    """UTF-8 with its mark, as spreadsheets expect; a cell that would be a formula begins with an apostrophe."""
    rows = [row for question in questions for row in to_rows(question)]
    more = [letter for letter in LETTERS if letter not in TITLES and any(letter in row for row in rows)]
    at = TITLES.index("F") + 1
    titles = [*TITLES[:at], *more, *TITLES[at:]]
    target = io.StringIO()
    sheet = csv.writer(target)
    sheet.writerow(titles)
    sheet.writerows([[_guarded(row.get(title, "")) for title in titles] for row in rows])
    losses = tuple(Loss(q.code, "pictures", NO_PICTURES) for q in questions if q.pictures())
    return Written(target.getvalue().encode("utf-8-sig", "replace"), "csv", "text/csv; charset=utf-8", losses)


def _guarded(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) else cell
