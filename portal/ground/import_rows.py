"""From sheets to rows: where the header is, what each cell was, and what can be wrong with one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.sheets import Cell, Sheet, column_letter

HEADER_WITHIN = 20  # rows from the top in which the header is looked for
HEADER_NEEDS = 3  # known columns that make a row a header
SHOWN = 120  # characters of an offending text
LONG_NUMBER = re.compile(r"\d{11,}[\dXxＸｘ]?")


class WrongColumns(Refused):
    """The header lacks columns or names one twice; the whole file is refused."""

    status = 422
    code = "wrong_columns"


@dataclass(frozen=True)
class Column:
    """A column of the file: its title as data, what to write in it (a gettext id), two examples."""

    title: str
    legend: str
    examples: tuple[str, str]
    required: bool = True
    in_template: bool = True


@dataclass(frozen=True)
class Problem:
    """What is wrong in one cell and what to do; a warning does not park its row."""

    sheet: str
    row: int
    column: str
    text: str
    message: str
    remedy: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    warning: bool = False
    letter: str = ""


class Outcome(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class SheetRow:
    """One row as it was read: cells by column title, letters of those columns, merged range if any."""

    sheet: str
    number: int
    cells: Mapping[str, Cell]
    letters: Mapping[str, str]
    merged: str = ""

    def text(self, title: str) -> str:
        """The cell as trimmed text; whole numbers without a decimal point."""
        return cell_text(self.cells.get(title))

    def problem(self, title: str, message: str, remedy: str = "", *, warning: bool = False, **values: Any) -> Problem:
        """A problem with this row's cell; long numbers in its text are masked."""
        return Problem(
            self.sheet,
            self.number,
            title,
            shown(self.text(title)),
            message,
            remedy,
            values,
            warning,
            self.letters.get(title, ""),
        )

    def shape_problems(self) -> list[Problem]:
        if not self.merged:
            return []
        first = next(iter(self.letters), "")
        return [
            self.problem(
                first,
                N_("The cells %(range)s are merged, so this row's own cells cannot be told apart."),
                N_("Undo the merge and fill every cell."),
                range=self.merged,
            )
        ]

    def plain(self) -> dict[str, Any]:
        cells = {t: {"day": c.isoformat()} if isinstance(c, date) else c for t, c in self.cells.items()}
        return {
            "sheet": self.sheet,
            "number": self.number,
            "cells": cells,
            "letters": dict(self.letters),
            "merged": self.merged,
        }

    @classmethod
    def from_plain(cls, row: dict[str, Any]) -> SheetRow:
        cells = {
            title: date.fromisoformat(cell["day"]) if isinstance(cell, dict) else cell
            for title, cell in row["cells"].items()
        }
        return cls(**{**row, "cells": cells})


@dataclass
class ParsedRow:
    """A row and what its kind made of it; parked when any problem is more than a warning.

    `label` is how people call the row; `changes` are the columns in which it differs from the record.
    """

    source: SheetRow
    value: Any = None
    outcome: Outcome | None = None
    problems: list[Problem] = field(default_factory=list)
    label: str = ""
    changes: tuple[str, ...] = ()

    @property
    def parked(self) -> bool:
        return any(not problem.warning for problem in self.problems)

    @property
    def to_store(self) -> bool:
        return not self.parked and self.outcome in (Outcome.CREATED, Outcome.CHANGED)


def cell_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    return cell.isoformat() if isinstance(cell, date) else str(cell).strip()


def shown(text: str) -> str:
    """The text as it may stand on a screen: ID and telephone numbers masked in the middle, cut if long."""

    def mask(found: re.Match[str]) -> str:
        number, keep = found[0], 3 if len(found[0]) < 15 else 4
        return number[:keep] + "*" * (len(number) - 2 * keep) + number[-keep:]

    text = LONG_NUMBER.sub(mask, text)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def normal_title(cell: Cell) -> str:
    """A column title without width, spaces, line breaks and the star of a required column."""
    folded = unicodedata.normalize("NFKC", cell_text(cell))
    return "".join(folded.split()).strip("*")


def find_rows(
    columns: Sequence[Column], sheets: Sequence[Sheet], *, silent: Sequence[str] = ()
) -> tuple[list[str], list[SheetRow], list[Problem]]:
    """The known columns found, the data rows of every sheet that has the header, and notes.

    Raises WrongColumns when no sheet has the header, or one lacks columns or names one twice.
    """
    known = {normal_title(c.title): c.title for c in columns}
    headers = [(sheet, *_best_header(known, sheet)) for sheet in sheets if sheet.rows]
    read = [entry for entry in headers if entry[2] >= HEADER_NEEDS]
    if not read:
        _refuse_header(columns, max(headers, key=lambda entry: entry[2], default=None))
    rows: list[SheetRow] = []
    notes: list[Problem] = []
    found: dict[str, None] = {}
    for sheet, at, matches in headers:
        if matches < HEADER_NEEDS:
            message = N_("The sheet %(sheet)s has no header of this kind and was not read.")
            notes.append(Problem(sheet.name, 0, "", "", message, values={"sheet": sheet.name}, warning=True))
            continue
        titles = _titles(columns, known, sheet, at)
        unknown = [t for t in titles.values() if t not in known.values() and t not in silent]
        if unknown:
            message = N_("These columns are not known and were ignored: %(columns)s.")
            notes.append(
                Problem(
                    sheet.name,
                    sheet.rows[at].number,
                    "",
                    "",
                    message,
                    values={"columns": "、".join(unknown)},
                    warning=True,
                )
            )
        found.update(dict.fromkeys(t for t in titles.values() if t in known.values()))
        rows += _data_rows(sheet, at, titles)
    return list(found), rows, notes


def _best_header(known: Mapping[str, str], sheet: Sheet) -> tuple[int, int]:
    """The index of the row with most known titles, and how many those are."""
    counts = [sum(normal_title(c) in known for c in row.cells) for row in sheet.rows[:HEADER_WITHIN]]
    best = max(counts)
    return counts.index(best), best


def _titles(columns: Sequence[Column], known: Mapping[str, str], sheet: Sheet, at: int) -> dict[int, str]:
    """Column index → title; known titles in their one form."""
    titles: dict[int, str] = {}
    for index, cell in enumerate(sheet.rows[at].cells):
        title = normal_title(cell)
        title = known.get(title, cell_text(cell))
        if title and title in titles.values():
            raise WrongColumns(
                N_("Row %(row)s of sheet %(sheet)s names the column %(column)s twice. Remove one of them."),
                row=sheet.rows[at].number,
                sheet=sheet.name,
                column=title,
            )
        if title:
            titles[index] = title
    if any(c.required and c.title not in titles.values() for c in columns):
        _refuse_header(columns, (sheet, at, len(titles)))
    return titles


def _refuse_header(columns: Sequence[Column], best: tuple[Sheet, int, int] | None) -> None:
    if best is None:
        raise WrongColumns(N_("The workbook is empty. Download the template to see what it should hold."))
    sheet, at, _matches = best
    header = sheet.rows[at]
    there = {normal_title(cell) for cell in header.cells}
    missing = [c.title for c in columns if c.required and normal_title(c.title) not in there]
    raise WrongColumns(
        N_(
            "Sheet %(sheet)s lacks the columns %(missing)s. Row %(row)s was read as its header: %(header)s. "
            "Add the columns or use the template; nothing was imported."
        ),
        sheet=sheet.name,
        missing="、".join(missing),
        row=header.number,
        header=shown("、".join(filter(None, map(cell_text, header.cells)))),
    )


def _data_rows(sheet: Sheet, at: int, titles: Mapping[int, str]) -> list[SheetRow]:
    letters = {title: column_letter(index) for index, title in titles.items()}
    merged = _merged_rows(sheet, titles, after=sheet.rows[at].number)
    rows = []
    for row in sheet.rows[at + 1 :]:
        cells = {t: row.cells[i] if i < len(row.cells) else None for i, t in titles.items()}
        if any(cell_text(cell) for cell in cells.values()):
            rows.append(SheetRow(sheet.name, row.number, cells, letters, merged.get(row.number, "")))
    return rows


def _merged_rows(sheet: Sheet, titles: Mapping[int, str], *, after: int) -> dict[int, str]:
    """Row number → the merged range that covers one of its named cells; each row is visited once."""
    merged: dict[int, str] = {}
    last = sheet.rows[-1].number
    for area in sorted(sheet.merged, key=lambda a: a.first_row):
        if any(area.first_column <= index <= area.last_column for index in titles):
            for number in range(max(area.first_row, after + 1), min(area.last_row, last) + 1):
                merged[number] = area.name
            after = max(after, area.last_row)
    return merged
