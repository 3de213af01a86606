"""What only a look at all rows of a question sheet tells: numbers used twice, and cases whose rows lie apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.ground.import_portions import as_json, from_json
from portal.ground.import_rows import Outcome, ParsedRow, SheetRow
from portal.ground.rules import N_
from question_bank import sheet_format as sheet
from question_bank.questions import LETTERS

NEAR = 60  # rows between the first and the last of a case that still go in together
MOST_APART = 2_000  # rows of cases that lie apart, in a whole file
OURS = dict.fromkeys((*sheet.TITLES, *LETTERS))
TOO_FAR = N_("The rows of this case stand too far apart.")
BRING_TOGETHER = N_("Put a case and its questions one below the other.")

Here = tuple[str, int, int | None, str]  # sheet, row, place, what the place counts


def here(row: SheetRow) -> Here:
    return row.sheet, row.number, row.line, row.unit


@dataclass
class _Case:
    first: int
    last: int
    portions: set[int] = field(default_factory=set)

    @property
    def apart(self) -> bool:
        return len(self.portions) > 1 or self.last - self.first > NEAR


def survey(rows: Iterable[SheetRow]) -> dict[str, Any]:
    """`twins`: number → every row that has it, where several have; `again`: row → the first that says the same, of
    rows without number; `apart`: case → its rows; `far`: the cases of which there are too many such rows.
    """
    codes: dict[str, list[Here]] = {}
    said: dict[bytes, Here] = {}
    again: dict[str, Here] = {}
    cases: dict[str, _Case] = {}
    for at, row in enumerate(rows):
        code, case = row.text(sheet.CODE), row.text(sheet.CASE)
        if code and not row.aside and not code.startswith(sheet.NO_NUMBER):
            codes.setdefault(code, []).append(here(row))
        group = case or (code if _is_case(row) else "")
        if group:
            seen = cases.setdefault(group, _Case(at, at))
            seen.last = at
            seen.portions.add(row.portion)
        elif row.text(sheet.STEM) and (row.aside or not code or code.startswith(sheet.NO_NUMBER)):
            first = said.setdefault(_digest(row), here(row))
            if first != here(row):
                again[key(row)] = first
    twins = {code: places for code, places in codes.items() if len(places) > 1}
    return {"twins": twins, "again": again, **_apart(rows, {c for c, seen in cases.items() if seen.apart})}


def key(row: SheetRow) -> str:
    return f"{row.number}|{row.sheet}"


def _is_case(row: SheetRow) -> bool:
    return sheet.KINDS.get(row.text(sheet.KIND).removesuffix("题")) is sheet.Kind.CASE_SET


def _digest(row: SheetRow) -> bytes:
    cells = [row.text(title) for title in OURS if title not in (sheet.CODE, sheet.CASE)]
    return hashlib.sha256("\x1f".join(cells).encode()).digest()[:16]


def _apart(rows: Iterable[SheetRow], wanted: set[str]) -> dict[str, Any]:
    apart: dict[str, list[Any]] = {}
    count = 0
    for row in rows if wanted else ():
        group = row.text(sheet.CASE) or row.text(sheet.CODE)
        if group not in wanted:
            continue
        count += 1
        if count <= MOST_APART:
            cells = {title: as_json(cell) for title, cell in row.cells.items() if title in OURS and cell is not None}
            apart.setdefault(group, []).append([row.sheet, row.number, row.line, {"unit": row.unit}, cells])
    if count > MOST_APART:
        return {"apart": {}, "far": sorted(wanted)}
    return {"apart": apart, "far": []}


def with_rows_apart(rows: Sequence[ParsedRow], found: Mapping[str, Any]) -> list[ParsedRow]:
    """These rows, and behind them those of their cases that lie elsewhere in the file."""
    mine = {key(row.source) for row in rows}
    groups = {row.source.text(title) for row in rows for title in (sheet.CASE, sheet.CODE)} & found["apart"].keys()
    more = []
    for group in sorted(groups):
        for name, number, line, aside, cells in found["apart"][group]:
            kept = {title: from_json(cell) for title, cell in cells.items()}
            source = SheetRow(name, number, kept, {}, "", line, aside)
            if key(source) not in mine:
                more.append(ParsedRow(source))
    return [*rows, *more]


def refuse_far(rows: Sequence[ParsedRow], found: Mapping[str, Any]) -> None:
    far = set(found["far"])
    for row in rows:
        if far & {row.source.text(sheet.CASE), row.source.text(sheet.CODE)}:
            row.wrong(sheet.CASE, TOO_FAR, BRING_TOGETHER)


def name_twins(rows: Sequence[ParsedRow], found: Mapping[str, Any]) -> None:
    """Rows of other portions with the same number; those of this one are named already."""
    for row in rows:
        mine = here(row.source)
        others = [tuple(place) for place in found["twins"].get(row.source.text(sheet.CODE), ())]
        other = next((place for place in others if place != mine), None)
        if other and not any(problem.column == sheet.CODE for problem in row.problems):
            row.wrong(sheet.CODE, SAME_NUMBER, KEEP_ONE, row=other[1], sheet=other[0])


def pass_over_again(rows: Sequence[ParsedRow], found: Mapping[str, Any]) -> None:
    """Rows without number that say what an earlier portion said go in with that one."""
    for row in rows:
        first = found["again"].get(key(row.source))
        if first and row.outcome == Outcome.CREATED:
            row.outcome, row.value = Outcome.UNCHANGED, None
            row.hint(sheet.STEM, TWICE_HERE)


TWICE_HERE = N_("The same question stands in this file already; it goes in once.")
SAME_NUMBER = N_("Row %(row)s of sheet %(sheet)s has the same number.")
KEEP_ONE = N_("Keep one of the rows and remove or correct the other.")
