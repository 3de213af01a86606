"""A long table written as a workbook by a process of its own: little memory, and saving is not starved."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from threading import BoundedSemaphore

import xlsxwriter

from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.sheets import ROOT, Cell, neutralise

SECONDS = 120
one_at_a_time = BoundedSemaphore(1)


class ExportBusy(Refused):
    """Another long export is being written."""

    status = 503
    code = "export_busy"


def write_long(
    target: Path, name: str, head: Sequence[str], widths: Sequence[int], chunks: Iterable[Sequence[Sequence[Cell]]]
) -> int:
    """Write one sheet of any length to `target` and return how many rows it has. Raises ExportBusy."""
    if not one_at_a_time.acquire(blocking=False):
        raise ExportBusy(N_("Another long list is being written. Try again in a minute."))
    try:
        return _feed(target, name, head, widths, chunks)
    finally:
        one_at_a_time.release()


def _feed(
    target: Path, name: str, head: Sequence[str], widths: Sequence[int], chunks: Iterable[Sequence[Sequence[Cell]]]
) -> int:
    command = [sys.executable, "-m", "portal.ground.sheet_stream", str(target)]
    environ = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}  # none of our secrets
    count = 0
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT, env=environ, text=True, encoding="utf-8") as child:
        try:
            print(json.dumps([name, list(head), list(widths)], ensure_ascii=False), file=child.stdin)
            for chunk in chunks:
                count += len(chunk)
                rows = [[_plain(cell) for cell in row] for row in chunk]
                print(json.dumps(rows, ensure_ascii=False), file=child.stdin)
            child.stdin.close()
            if child.wait(SECONDS) != 0:
                raise OSError("the workbook could not be written")
        except BaseException:
            child.kill()
            raise
    return count


def _plain(cell: Cell) -> object:
    return {"day": cell.isoformat()} if isinstance(cell, date) else cell


def main() -> None:
    """The process: header on the first line, then a chunk of rows on each."""
    book = xlsxwriter.Workbook(
        sys.argv[1],
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    text, day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "yyyy-mm-dd"})
    name, head, widths = json.loads(sys.stdin.readline())
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width, text)
    bold = book.add_format({"num_format": "@", "bold": True, "bottom": 1})
    for column, title in enumerate(head):
        sheet.write_string(0, column, title, bold)
    at = 0
    for line in sys.stdin:
        for row in json.loads(line):
            at += 1
            for column, cell in enumerate(row):
                if isinstance(cell, str) and cell:
                    sheet.write_string(at, column, neutralise(cell), text)
                elif isinstance(cell, dict):
                    sheet.write_datetime(at, column, date.fromisoformat(cell["day"]), day)
                elif cell is not None and cell != "":
                    sheet.write_number(at, column, cell)
    sheet.autofilter(0, 0, at, len(head) - 1)
    book.close()


if __name__ == "__main__":
    main()
