"""Workbooks in and out: reading trusts nothing in the file, writing never makes a formula."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_range

from portal.ground.errors import Refused
from portal.ground.rules import N_

Cell = str | float | int | bool | date | None

MAX_ENTRIES = 2000
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 200  # sheets of real rosters pack 5 to 30 times
RATIO_FROM = 1024 * 1024  # tiny members may pack any way they like
SECONDS = 30
ROOT = Path(__file__).resolve().parents[2]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class NotAWorkbook(Refused):
    """The file is of another kind; the sentence says how to make an .xlsx of it."""

    status = 422
    code = "not_a_workbook"


class UnsafeWorkbook(Refused):
    """The file holds what no spreadsheet program writes."""

    status = 422
    code = "unsafe_workbook"


class WorkbookTooBig(Refused):
    """Unpacking or reading the file takes more than is allowed."""

    status = 413
    code = "workbook_too_big"


@dataclass(frozen=True)
class Row:
    """One row that holds something; `number` counts from 1 as the spreadsheet does."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Merged:
    """A merged range: rows from 1, columns from 0."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    @property
    def name(self) -> str:
        return xl_range(self.first_row - 1, self.first_column, self.last_row - 1, self.last_column)


@dataclass(frozen=True)
class Sheet:
    name: str
    rows: tuple[Row, ...]
    merged: tuple[Merged, ...] = ()


@dataclass(frozen=True)
class Page:
    """A sheet to write: the first row is its header, `widths` in characters."""

    name: str
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[int] = ()


OLD_OR_LOCKED = N_(
    "This is an old .xls file, or one with a password. Save it as .xlsx without a password and import that."
)
NO_WORKBOOK = N_(
    "This is not an .xlsx workbook. Open the .csv or text in a spreadsheet program, save it as .xlsx and import that."
)
WORD_FILE = N_("This is a Word document. Copy its table into a spreadsheet, save it as .xlsx and import that.")
OTHER_ARCHIVE = N_("This archive is not an .xlsx workbook. Save the table as .xlsx and import that.")
WITH_MACROS = N_("This workbook carries macros. Save it as .xlsx without macros and import that.")
DAMAGED = N_("The workbook is damaged. Open it, save it again as .xlsx and import that.")
DECLARES = N_(
    "The file declares document types or entities, which no spreadsheet needs. "
    "Copy the cells into a new workbook and import that."
)
ODD_PART = N_(
    "A part of the workbook points outside it, is hidden or encrypted. "
    "Copy the cells into a new workbook and import that."
)
MANY_PARTS = N_("The workbook has %(n)s parts; 2,000 is the limit.")
SWOLLEN = N_(
    "A part of the workbook unpacks to more than 200 times its size. Save the table again as .xlsx and import that."
)
UNPACKS = N_("The workbook unpacks to more than 200 MB. Split it and import the parts.")
TOO_MUCH = N_(
    "The workbook has more than 5,000 rows or 60 columns, or takes too much memory. "
    "Split it, and delete empty formatted rows."
)
REFUSED: dict[str, tuple[type[Refused], str]] = {
    "doctype": (UnsafeWorkbook, DECLARES),
    "too_much": (WorkbookTooBig, TOO_MUCH),
    "damaged": (NotAWorkbook, DAMAGED),
}


def read_workbook(content: bytes) -> list[Sheet]:
    """The visible sheets of an .xlsx. Raises NotAWorkbook, UnsafeWorkbook or WorkbookTooBig."""
    check_kind(content)
    check_members(content)
    with NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(content)
        file.flush()
        answer = _read_apart(file.name)
    if "refused" in answer:
        refusal, sentence = REFUSED[answer["refused"]]
        raise refusal(sentence)
    return [
        Sheet(
            sheet["name"],
            tuple(Row(number, tuple(_cell(c) for c in cells)) for number, cells in sheet["rows"]),
            tuple(Merged(a + 1, b, c + 1, d) for a, b, c, d in sheet["merged"]),
        )
        for sheet in answer["sheets"]
    ]


def _read_apart(path: str) -> dict:
    """What the reading process found; one that was ended by a limit is an oversized file."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "portal.ground.sheet_reader", path],
            capture_output=True,
            timeout=SECONDS,
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},  # none of our secrets
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"refused": "too_much"}
    return json.loads(done.stdout) if done.returncode == 0 else {"refused": "too_much"}


def _cell(value: object) -> Cell:
    if isinstance(value, dict):
        return date.fromisoformat(value["day"])
    return restore(value) if isinstance(value, str) else value  # type: ignore[return-value]


def check_kind(content: bytes) -> None:
    """Refuse what is not an .xlsx by its first bytes and its members, never by its name."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotAWorkbook(OLD_OR_LOCKED)
    if not content.startswith(b"PK\x03\x04"):
        raise NotAWorkbook(NO_WORKBOOK)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise NotAWorkbook(DAMAGED) from error
    if "word/document.xml" in names:
        raise NotAWorkbook(WORD_FILE)
    if "xl/workbook.xml" not in names:
        raise NotAWorkbook(OTHER_ARCHIVE)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise NotAWorkbook(WITH_MACROS)


def check_members(content: bytes) -> None:
    """Refuse an archive that reaches outside itself, links, hides members or swells."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise WorkbookTooBig(MANY_PARTS, n=len(entries))
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        outside = name.startswith("/") or ":" in name or ".." in name.split("/")
        link = stat.S_ISLNK(entry.external_attr >> 16)
        if outside or link or name.lower() in seen or entry.flag_bits & 1:
            raise UnsafeWorkbook(ODD_PART)
        seen.add(name.lower())
        swollen = entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)
        if swollen:
            raise WorkbookTooBig(SWOLLEN)
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise WorkbookTooBig(UNPACKS)


DANGEROUS = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
GUARDED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")


def neutralise(text: str) -> str:
    """The text with a leading ' when a spreadsheet program might run it; `restore` takes it off again."""
    return "'" + text if DANGEROUS.match(text) else text


def restore(text: str) -> str:
    return text[1:] if GUARDED.match(text) else text


def write_workbook(pages: Sequence[Page]) -> bytes:
    """An .xlsx with these sheets; every column is text, so that a typed ID number keeps its digits."""
    target = BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    head = book.add_format({"num_format": "@", "bold": True, "bottom": 1, "valign": "top"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
    for page in pages:
        sheet = book.add_worksheet(page.name)
        sheet.freeze_panes(1, 0)
        for column in range(max((len(row) for row in page.rows), default=0)):
            sheet.set_column(column, column, page.widths[column] if column < len(page.widths) else 16, text)
        for number, row in enumerate(page.rows):
            for column, value in enumerate(row):
                _write(sheet, (number, column), value, (head if number == 0 else text, day))
    book.close()
    return target.getvalue()


def _write(sheet: xlsxwriter.worksheet.Worksheet, at: tuple[int, int], value: Cell, formats: tuple) -> None:
    if value is None or value == "":
        return
    if isinstance(value, str):
        sheet.write_string(*at, neutralise(value), formats[0])
    elif isinstance(value, bool):
        sheet.write_boolean(*at, value)
    elif isinstance(value, date):
        sheet.write_datetime(*at, value, formats[1])
    else:
        sheet.write_number(*at, value)


def column_letter(index: int) -> str:
    """0 → A, 27 → AB."""
    return xl_col_to_name(index)
