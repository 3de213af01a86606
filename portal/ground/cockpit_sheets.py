"""Workbooks the cockpit hands out: the template to fill in, and the rows to correct with their reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

from flask import Response, send_file
from sqlalchemy.orm import Session

from portal.ground import i18n, import_portions
from portal.ground.import_header import SheetHead
from portal.ground.import_portions import Whole
from portal.ground.import_rows import PLACES, Column, Problem
from portal.ground.imports import PROBLEM_COLUMN, RAW_COLUMN, Kind, spoken
from portal.ground.models import ImportBatch
from portal.ground.rules import N_
from portal.ground.sheets import XLSX, Cell, Page, Row, write_pages, write_workbook

FIRST_SHEET, LEGEND_SHEET = "导入", "填写说明"


def in_template(kind: Kind) -> list[Column]:
    return [column for column in kind.columns if column.in_template]


def template_workbook(columns: Sequence[Column]) -> bytes:
    """A workbook to fill in: header, two example rows, and a sheet that explains every column."""
    filled = [[c.title for c in columns], *([c.examples[n] for c in columns] for n in (0, 1))]
    head = [i18n.gettext(N_("Column")), i18n.gettext(N_("Must be there")), i18n.gettext(N_("What to write"))]
    need = {True: i18n.gettext(N_("Yes")), False: i18n.gettext(N_("May be left out"))}
    legend = [[c.title, need[c.required], i18n.gettext(c.legend)] for c in columns]
    last = ["", "", i18n.gettext(N_("The two example rows of the first sheet are to be removed before the import."))]
    explained = Page(LEGEND_SHEET, [head, *legend, last], [20, 12, 70])
    return write_workbook([Page(FIRST_SHEET, filled, [20] * len(columns)), explained])


def as_download(content: bytes, name: str) -> Response:
    return send_file(BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=f"{i18n.gettext(name)}.xlsx")


def parked_rows(session: Session, batch: ImportBatch) -> Response:
    """The parked rows as they were, one sheet each, with one more column that says why."""
    target: Any = TemporaryFile()
    with TemporaryDirectory() as folder:
        write_pages(target, pages_of_parked(session, batch), folder=folder)
    target.seek(0)
    name = f"{i18n.gettext(N_('Rows to correct'))}.xlsx"
    return send_file(target, mimetype=XLSX, as_attachment=True, download_name=name)


def pages_of_parked(session: Session, batch: ImportBatch) -> Iterator[Page]:
    """A page for every sheet with parked rows; their rows come one after the other."""
    whole = Whole.of(batch)
    parked = import_portions.parked_rows(session, batch.id)
    here = next(parked, None)
    if here is None:
        yield Page(PROBLEM_COLUMN, [[*batch.header, PROBLEM_COLUMN]])
    while here is not None:
        waiting = [here]

        def of_sheet(head: SheetHead, sheet: int, waiting: list[Any] = waiting) -> Iterator[Sequence[Cell]]:
            """The header, then rows until one belongs to another sheet, which stays in `waiting`."""
            places = [i for i, title in enumerate(head.titles) if title and title != PROBLEM_COLUMN]
            yield [*(head.titles[i] for i in places), *([RAW_COLUMN] if head.given else ()), PROBLEM_COLUMN]
            while waiting[0] is not None and waiting[0][0] == sheet:
                _sheet, row, problems = waiting[0]
                raw = [str((row.aside or {}).get("raw", ""))] if head.given else []
                yield [*_cells(row, places), *raw, _why(problems)]
                waiting[0] = next(parked, None)

        head = whole.heads[here[0]]
        count = sum(bool(t) and t != PROBLEM_COLUMN for t in head.titles) + head.given
        yield Page(head.name or FIRST_SHEET, of_sheet(head, here[0]), [16] * count + [60])
        here = waiting[0]


def _cells(row: Row, places: Sequence[int]) -> list[Cell]:
    return [row.cells[i] if i < len(row.cells) else None for i in places]


def _why(problems: Sequence[Problem]) -> str:
    return "\n".join(f"{problem.column}：{_where(problem)}{spoken(problem)}" for problem in problems)


def _where(problem: Problem) -> str:
    """Where it stands in a file that is no sheet."""
    return f"{i18n.gettext(PLACES[problem.unit], n=problem.line)} " if problem.unit in PLACES else ""
