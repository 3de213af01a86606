"""Workbooks in and out: reading trusts nothing in the file, writing never makes a formula."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_range

from portal.ground import archives
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


class UnreadableFile(Refused):
    """The reading process knows why nothing can be read; `remedy` is a second sentence."""

    status = 422
    code = "unreadable_file"

    def __init__(self, message: str, remedy: str = "", **values: object) -> None:
        super().__init__(message, **values)
        self.remedy = remedy


@dataclass(frozen=True)
class Row:
    """One row that holds something; `number` counts from 1 as the spreadsheet does.

    `line` is where the row starts in a text file. `aside` is what a reader of another form than a sheet says
    beside the cells: `unit` (what `line` counts), `part` of the file, `raw` text, `faults`.
    """

    number: int
    cells: tuple[Cell, ...]
    line: int | None = None
    aside: Mapping[str, Any] | None = None


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
MANY_PARTS = N_("The file has %(n)s parts; %(most)s is the limit.")
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
    """From here on rows are of this sheet; `titles` where its reader gives them, so that no header is looked for."""

    name: str
    merged: tuple[Merged, ...]
    titles: tuple[str, ...] = ()


@dataclass(frozen=True)
class PictureFound:
    """A picture of the file, made anew by the reading process; rows name it by the SHA-256 of these bytes."""

    sha256: str
    media_type: str
    width: int
    height: int
    content: bytes


Part = SheetStart | PictureFound | list[Row]


@dataclass(frozen=True)
class Intake:
    """How the files of a kind are looked at from outside and read: `module` is the reading process.

    `look` gets the file and its name. `forms` are (code, title) a person may choose from; `endings` are offered first.
    """

    module: str
    look: Callable[[BinaryIO, str], None]
    forms: tuple[tuple[str, str], ...] = ()
    endings: tuple[str, ...] = (".xlsx", ".csv")


@dataclass
class Source:
    """A file to be read: its path, its ending, the form somebody chose, and the form that was found."""

    path: str
    ending: str = ""
    form: str = "auto"
    inherited: tuple[int, ...] = ()
    found: str | None = field(default=None, compare=False)


def read_workbook(content: bytes, most_rows: int = MAX_ROWS) -> list[Sheet]:
    """The visible sheets of a small .xlsx. Raises NotAWorkbook, UnsafeWorkbook or WorkbookTooBig."""
    sheets: list[tuple[SheetStart, list[Row]]] = []
    with NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(content)
        file.flush()
        check_file(file)  # type: ignore[arg-type]
        for part in read_apart(Source(file.name), most_rows):
            if isinstance(part, SheetStart):
                sheets.append((part, []))
            elif isinstance(part, list):
                sheets[-1][1].extend(part)
    return [Sheet(start.name, tuple(rows), start.merged) for start, rows in sheets]


def read_apart(source: Source, most_rows: int, module: str = "portal.ground.sheet_reader") -> Iterator[Part]:
    """What the reading process finds, portion by portion; one that was ended by a limit is an oversized file.

    Raises NotAWorkbook, UnsafeWorkbook, WorkbookTooBig or UnreadableFile, also after some rows have come.
    """
    reader = subprocess.Popen(
        [sys.executable, "-m", module, source.path, str(most_rows), source.form, source.ending],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},  # none of our secrets
        pass_fds=source.inherited,
    )
    watch = threading.Timer(SECONDS, reader.kill)
    watch.daemon = True
    watch.start()
    try:
        assert reader.stdout is not None
        yield from _parts(reader.stdout, most_rows, source)
    finally:
        watch.cancel()
        reader.kill()
        reader.wait()
        reader.stdout.close()  # type: ignore[union-attr]


def _parts(lines: Iterable[bytes], most_rows: int, source: Source) -> Iterator[Part]:
    for line in lines:
        answer: dict[str, Any] = json.loads(line)
        if "rows" in answer:
            yield [Row(row[0], tuple(_cell(c) for c in row[2]), row[1], *row[3:]) for row in answer["rows"]]
        elif "sheet" in answer:
            merged = tuple(Merged(a + 1, b, c + 1, d) for a, b, c, d in answer["merged"])
            yield SheetStart(answer["sheet"], merged, tuple(answer.get("titles", ())))
        elif "picture" in answer:
            *described, content = answer["picture"]
            yield PictureFound(*described, content=base64.b64decode(content))
        elif "form" in answer:
            source.found = answer["form"]
        elif "end" in answer:
            return
        elif "unreadable" in answer:
            raise UnreadableFile(answer["unreadable"], answer["remedy"], **answer["values"])
        else:
            refusal, sentence = REFUSED[answer["refused"]]
            raise refusal(sentence, rows=f"{most_rows:,}")
    raise WorkbookTooBig(TOO_MUCH, rows=f"{most_rows:,}")


def _cell(value: object) -> Cell:
    if isinstance(value, dict):
        return date.fromisoformat(value["day"])
    return restore(value) if isinstance(value, str) else value  # type: ignore[return-value]


def look_at_sheet(file: BinaryIO, name: str = "") -> None:
    """Refuse by its outside what is neither an .xlsx nor text."""
    check_file(file, text=True)


SHEETS = Intake("portal.ground.sheet_reader", look_at_sheet)


def check_file(file: BinaryIO, *, text: bool = False) -> None:
    """Refuse by its first bytes and members, before anything is unpacked, what is no .xlsx (or, if allowed, text)."""
    file.seek(0)
    start = file.read(TEXT_SAMPLE)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotAWorkbook(OLD_OR_LOCKED)
    if start.startswith(b"PK\x03\x04"):
        check_kind(file)
        check_members(file)
    elif not text or not looks_like_text(start):
        raise NotAWorkbook(NO_WORKBOOK)
    file.seek(0)


def looks_like_text(start: bytes) -> bool:
    """No control characters but tabs and line ends; UTF-16 is told by its mark."""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    return bool(start.strip()) and not any(byte < 32 and byte not in (9, 10, 13) for byte in start)


def check_kind(file: BinaryIO) -> None:
    """Refuse an archive that is not an .xlsx by its members, never by its name."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except archives.BROKEN as error:
        raise NotAWorkbook(DAMAGED) from error
    if "word/document.xml" in names:
        raise NotAWorkbook(WORD_FILE)
    if "xl/workbook.xml" not in names:
        raise NotAWorkbook(OTHER_ARCHIVE)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise NotAWorkbook(WITH_MACROS)


def check_members(file: BinaryIO, most: int = MAX_ENTRIES) -> None:
    """Refuse an archive that reaches outside itself, links, hides members or swells."""
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
    if len(entries) > most:
        raise WorkbookTooBig(MANY_PARTS, n=len(entries), most=f"{most:,}")
    if archives.odd_part(entries):
        raise UnsafeWorkbook(ODD_PART)
    if archives.swollen_part(entries, MAX_RATIO, RATIO_FROM):
        raise WorkbookTooBig(SWOLLEN)
    if archives.unpacked_size(entries) > MAX_UNPACKED:
        raise WorkbookTooBig(UNPACKS)


MOST_IN_CELL = 32_767  # characters
DANGEROUS = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
GUARDED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")


def neutralise(text: str) -> str:
    """The text with a leading ' when a spreadsheet program might run it, cut to what a cell holds; see `restore`."""
    return ("'" + text if DANGEROUS.match(text) else text)[:MOST_IN_CELL]  # a longer one would not be written at all


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
