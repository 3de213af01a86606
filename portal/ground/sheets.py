"""Workbooks in and out: reading trusts nothing in the file, writing never makes a formula."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_range

from portal.ground.errors import Refused
from portal.ground.rules import N_

Cell = str | float | int | bool | date | None

MAX_ENTRIES = 2000
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 200  # sheets of real rosters pack 5 to 30 times
RATIO_FROM = 1024 * 1024  # tiny members may pack any way they like
SECONDS = 120
MAX_ROWS = 5_000  # where a whole workbook is read at once
TEXT_SAMPLE = 4096
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
    """One row that holds something; `number` counts from 1 as the spreadsheet does.

    `line` is where the row starts in a text file.
    """

    number: int
    cells: tuple[Cell, ...]
    line: int | None = None


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
    rows: Iterable[Sequence[Cell]]
    widths: Sequence[int] = ()


OLD_OR_LOCKED = N_(
    "This is an old .xls file, or one with a password. Save it as .xlsx without a password and import that."
)
NO_WORKBOOK = N_("This is neither an .xlsx workbook nor a .csv text. Save the table as .xlsx and import that.")
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
    "The file has more than %(rows)s rows or 60 columns, or takes too much memory. "
    "Split it, and delete empty formatted rows."
)
NO_ENCODING = N_("The text of this .csv is neither UTF-8 nor GB18030. Save it again as UTF-8 or .xlsx and import that.")
REFUSED: dict[str, tuple[type[Refused], str]] = {
    "doctype": (UnsafeWorkbook, DECLARES),
    "too_much": (WorkbookTooBig, TOO_MUCH),
    "damaged": (NotAWorkbook, DAMAGED),
    "encoding": (NotAWorkbook, NO_ENCODING),
}


@dataclass(frozen=True)
class SheetStart:
    """From here on rows are of this sheet."""

    name: str
    merged: tuple[Merged, ...]


def read_workbook(content: bytes, most_rows: int = MAX_ROWS) -> list[Sheet]:
    """The visible sheets of a small .xlsx. Raises NotAWorkbook, UnsafeWorkbook or WorkbookTooBig."""
    sheets: list[tuple[SheetStart, list[Row]]] = []
    with NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(content)
        file.flush()
        check_file(file)  # type: ignore[arg-type]
        for part in read_apart(file.name, most_rows):
            if isinstance(part, SheetStart):
                sheets.append((part, []))
            else:
                sheets[-1][1].extend(part)
    return [Sheet(start.name, tuple(rows), start.merged) for start, rows in sheets]


def read_apart(path: str, most_rows: int, *, pass_fds: tuple[int, ...] = ()) -> Iterator[SheetStart | list[Row]]:
    """What the reading process finds, portion by portion; one that was ended by a limit is an oversized file.

    Raises NotAWorkbook, UnsafeWorkbook or WorkbookTooBig, also after some rows have come.
    """
    reader = subprocess.Popen(
        [sys.executable, "-m", "portal.ground.sheet_reader", path, str(most_rows)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},  # none of our secrets
        pass_fds=pass_fds,
    )
    watch = threading.Timer(SECONDS, reader.kill)
    watch.daemon = True
    watch.start()
    try:
        assert reader.stdout is not None
        yield from _parts(reader.stdout, most_rows)
    finally:
        watch.cancel()
        reader.kill()
        reader.wait()
        reader.stdout.close()  # type: ignore[union-attr]


def _parts(lines: Iterable[bytes], most_rows: int) -> Iterator[SheetStart | list[Row]]:
    for line in lines:
        answer: dict[str, Any] = json.loads(line)
        if "rows" in answer:
            yield [Row(number, tuple(_cell(c) for c in cells), at) for number, at, cells in answer["rows"]]
        elif "sheet" in answer:
            merged = tuple(Merged(a + 1, b, c + 1, d) for a, b, c, d in answer["merged"])
            yield SheetStart(answer["sheet"], merged)
        elif "end" in answer:
            return
        else:
            refusal, sentence = REFUSED[answer["refused"]]
            raise refusal(sentence, rows=f"{most_rows:,}")
    raise WorkbookTooBig(TOO_MUCH, rows=f"{most_rows:,}")


def _cell(value: object) -> Cell:
    if isinstance(value, dict):
        return date.fromisoformat(value["day"])
    return restore(value) if isinstance(value, str) else value  # type: ignore[return-value]


def check_file(file: BinaryIO, *, text: bool = False) -> None:
    """Refuse by its first bytes and members, before anything is unpacked, what is no .xlsx (or, if allowed, text)."""
    file.seek(0)
    start = file.read(TEXT_SAMPLE)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotAWorkbook(OLD_OR_LOCKED)
    if start.startswith(b"PK\x03\x04"):
        check_kind(file)
        check_members(file)
    elif not text or not _looks_like_text(start):
        raise NotAWorkbook(NO_WORKBOOK)
    file.seek(0)


def _looks_like_text(start: bytes) -> bool:
    """No control characters but tabs and line ends; UTF-16 is told by its mark."""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    return bool(start.strip()) and not any(byte < 32 and byte not in (9, 10, 13) for byte in start)


def check_kind(file: BinaryIO) -> None:
    """Refuse an archive that is not an .xlsx by its members, never by its name."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise NotAWorkbook(DAMAGED) from error
    if "word/document.xml" in names:
        raise NotAWorkbook(WORD_FILE)
    if "xl/workbook.xml" not in names:
        raise NotAWorkbook(OTHER_ARCHIVE)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise NotAWorkbook(WITH_MACROS)


def check_members(file: BinaryIO) -> None:
    """Refuse an archive that reaches outside itself, links, hides members or swells."""
    with zipfile.ZipFile(file) as archive:
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
    write_pages(target, pages)
    return target.getvalue()


def write_pages(target: BinaryIO, pages: Iterable[Page], *, folder: str | None = None) -> None:
    """Write sheets one row after the other; `folder` holds rows until the end, so that few stand in memory."""
    book = xlsxwriter.Workbook(
        target,
        {
            "in_memory": folder is None,
            "constant_memory": folder is not None,
            "tmpdir": folder,
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
        for number, row in enumerate(page.rows):
            if number == 0:
                for column in range(max(len(row), len(page.widths))):
                    width = page.widths[column] if column < len(page.widths) else 16
                    sheet.set_column(column, column, width, text)
            for column, value in enumerate(row):
                _write(sheet, (number, column), value, (head if number == 0 else text, day))
    book.close()


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
