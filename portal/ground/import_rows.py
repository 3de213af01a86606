"""The rows of a file: what each cell was, what can be wrong with one, and what a kind makes of a row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from portal.ground.crypto import masked
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.sheets import Cell

SHOWN = 120  # characters of an offending text
ID_LENGTH = 15  # digits at least; shorter long numbers are telephones
LONG_NUMBER = re.compile(r"\d{11,}[\dXxＸｘ]?")


class WrongColumns(Refused):
    """The header lacks columns or names one twice; the whole file waits or is refused."""

    status = 422
    code = "wrong_columns"


@dataclass(frozen=True)
class Column:
    """A column of the file: its title as data, what to write in it (a gettext id), two examples.

    `also` are other titles under which people send the same thing.
    """

    title: str
    legend: str
    examples: tuple[str, str]
    required: bool = True
    in_template: bool = True
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """What is wrong in one cell and what to do; a warning does not park its row.

    `line` is where the row starts in a text file; a workbook has none. Where `unit` is not "row", `line` counts
    that (line, item, paragraph), and `row` is only the row's own number in the batch.
    """

    sheet: str
    row: int
    column: str
    text: str
    message: str
    remedy: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    warning: bool = False
    letter: str = ""
    line: int | None = None
    unit: str = "row"

    def plain(self) -> dict[str, Any]:
        return asdict(self)


class Outcome(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


PARKED = "parked"
OUTCOMES = (*(str(o) for o in Outcome), PARKED)


@dataclass(frozen=True)
class SheetRow:
    """One row as it was read: cells by column title, letters of those columns, merged range if any.

    `aside` is what its reader said beside the cells; `portion` the number of the portion it came in.
    """

    sheet: str
    number: int
    cells: Mapping[str, Cell]
    letters: Mapping[str, str]
    merged: str = ""
    line: int | None = None
    aside: Mapping[str, Any] = field(default_factory=dict)
    portion: int = 0

    @property
    def unit(self) -> str:
        return str(self.aside.get("unit", "row"))

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
            self.line,
            self.unit,
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
    with_next: bool = False  # stored in one go with the row after it

    @property
    def parked(self) -> bool:
        return any(not problem.warning for problem in self.problems)

    @property
    def to_store(self) -> bool:
        return not self.parked and self.outcome in (Outcome.CREATED, Outcome.CHANGED)

    @property
    def fate(self) -> str:
        return PARKED if self.parked or self.outcome is None else str(self.outcome)

    def wrong(self, title: str, message: str, remedy: str = "", **values: Any) -> None:
        self.problems.append(self.source.problem(title, message, remedy, **values))

    def hint(self, title: str, message: str, remedy: str = "", **values: Any) -> None:
        """A problem that does not park the row."""
        self.problems.append(self.source.problem(title, message, remedy, warning=True, **values))


@dataclass(frozen=True)
class Touched:
    """One object that storing created or changed; `object_kind` is the name of its table.

    `values` holds, of a changed row, what its columns were before and are now, sealed by `imports.seal_values`.
    """

    act: str
    object_kind: str
    object_id: int
    values: bytes | None = None


PLACES = {  # what the number of a place counts, where it is no row of a sheet
    "line": N_("line %(n)s"), "item": N_("item %(n)s"), "paragraph": N_("paragraph %(n)s"),
}  # fmt: skip


def cell_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    return cell.isoformat() if isinstance(cell, date) else str(cell).strip()


def shown(text: str, most: int = SHOWN) -> str:
    """The text as it may stand on a screen: ID and telephone numbers masked in the middle, cut if long."""

    def mask(found: re.Match[str]) -> str:
        return masked(found[0], head=6 if len(found[0]) >= ID_LENGTH else 3)

    text = LONG_NUMBER.sub(mask, text)
    return text if len(text) <= most else text[: most - 1] + "…"
