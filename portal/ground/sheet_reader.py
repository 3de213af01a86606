"""Read one .xlsx or .csv in a process of its own, under limits, and print its cells as lines of JSON.

Run as `python -m portal.ground.sheet_reader PATH MAX_ROWS`; further arguments are for readers of other forms.
Prints {"sheet": name, "merged": [...]} for each visible sheet, then {"rows": [[number, line, cells], ...]} for a few
hundred rows at a time, and {"end": rows} last; or {"refused": code}, after which nothing that was printed counts.
"""

from __future__ import annotations

import csv
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from python_calamine import CalamineWorkbook, SheetVisibleEnum

CPU_SECONDS = 60
MEMORY_BYTES = 700 * 1024**2
MAX_COLUMNS = 60
HEADS = 20  # rows that may stand above the data and do not count
CHARACTERS_A_ROW = 600  # one long shared text may stand in a million cells
CHARACTERS = 5_000_000  # allowed in any case
MAX_MERGED = 20_000
MAX_CELL = 32_767  # what a spreadsheet's cell can hold
PORTION = 250
CHUNK = 1 << 20
DECLARATION = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")  # UTF-16 and UTF-32 would hide a DOCTYPE
WHOLE = 2**53  # beyond it a float no longer counts in ones
ZIP = b"PK\x03\x04"
POINTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8")  # a picture's bytes may say anything


class TooMuch(Exception):
    """The file has more rows, columns or text than is allowed."""


class BadText(Exception):
    """The text is in none of the encodings we know."""


def limit() -> None:
    """From here on the kernel ends this process when it takes too much."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes to its pipe and nowhere else
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def declares_type(path: Any) -> bool:
    """Whether any XML member holds a DOCTYPE or ENTITY, or an encoding in which one could hide."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.filename.startswith(("xl/media/", "word/media/")):  # may be an SVG; no reader opens it as XML
                continue
            with archive.open(entry) as member:
                tail = b""
                while chunk := member.read(CHUNK):
                    if not tail and chunk.startswith(POINTS):
                        break
                    if (not tail and chunk[:4].startswith(WIDE_MARKS)) or DECLARATION.search(tail + chunk):
                        return True
                    tail = chunk[-32:]
    return False


def plain_cell(value: Any) -> Any:
    """A cell as JSON: text, number, truth, None, or {"day": "2026-11-23"}."""
    if value == "" or value is None:
        return None
    if isinstance(value, bool | str):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < WHOLE else value
    if isinstance(value, datetime):
        return {"day": value.date().isoformat()} if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return str(value) if isinstance(value, time | timedelta) else value


Line = tuple[int, int | None, list[Any]]


def of_workbook(path: str, most_rows: int) -> Iterator[tuple[str, list[list[int]], Iterable[Line]]]:
    """Every visible sheet: name, merged ranges as four numbers from 0, and its rows."""
    with CalamineWorkbook.from_path(path) as book:
        for number, described in enumerate(book.sheets_metadata):
            if described.visible != SheetVisibleEnum.Visible:
                continue
            sheet = book.get_sheet_by_index(number)
            if sheet.end and (sheet.end[0] > 4 * most_rows or sheet.end[1] >= MAX_COLUMNS):
                raise TooMuch
            areas = sheet.merged_cell_ranges or ()
            if len(areas) > MAX_MERGED:
                raise TooMuch
            lines = ((at, None, [plain_cell(c) for c in cells]) for at, cells in enumerate(sheet.iter_rows(), start=1))
            yield described.name, [[a, b, c, d] for (a, b), (c, d) in areas], lines


def encoding_of(file: BinaryIO) -> str:
    """UTF-8 (with or without a mark), UTF-16 with its mark, else GB18030; BadText when it is none of them."""
    file.seek(0)
    start = file.read(4)
    found = ["utf-16"] if start[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in found:
        file.seek(0)
        text = io.TextIOWrapper(file, encoding, newline="")
        try:
            while part := text.read(CHUNK):
                if "\0" in part:
                    raise BadText
            return encoding
        except UnicodeError:
            continue
        finally:
            text.detach()
    raise BadText


def of_text(path: str) -> Iterator[Line]:
    """The records of a .csv (or one divided by tabs or semicolons) with the line each starts on."""
    with open(path, "rb") as file:
        encoding = encoding_of(file)
        file.seek(0)
        text = io.TextIOWrapper(file, encoding, newline="")
        first = text.readline(CHUNK)
        divider = max(",\t;", key=first.count)
        text.seek(0)
        csv.field_size_limit(MAX_CELL)
        reader, line = csv.reader(text, delimiter=divider), 1
        for number, cells in enumerate(reader, start=1):
            yield number, line, [cell or None for cell in cells]
            line = reader.line_num + 1


def send(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, separators=(",", ":")) + "\n")


def read(path: str, most_rows: int) -> None:
    """Print every sheet; blank rows are left out, the others keep their number."""
    with open(path, "rb") as file:
        packed = file.read(4) == ZIP
    sheets = of_workbook(path, most_rows) if packed else iter([("CSV", [], of_text(path))])
    total = characters = 0
    for name, merged, lines in sheets:
        send({"sheet": name, "merged": merged})
        portion: list[Line] = []
        for number, line, cells in lines:
            if len(cells) > MAX_COLUMNS:
                raise TooMuch
            if any(cell is not None for cell in cells):
                portion.append((number, line, cells))
                characters += sum(len(cell) for cell in cells if isinstance(cell, str))
                total += 1
            if total > most_rows + HEADS or characters > max(CHARACTERS, CHARACTERS_A_ROW * most_rows):
                raise TooMuch
            if len(portion) == PORTION:
                send({"rows": portion})
                portion = []
        if portion:
            send({"rows": portion})
    send({"end": total})


def refusal(error: Exception) -> dict[str, str]:
    """What is said of a sheet; whatever the parser trips over, the file is what cannot be read."""
    if isinstance(error, TooMuch | MemoryError):
        return {"refused": "too_much"}
    return {"refused": "encoding" if isinstance(error, BadText) else "damaged"}


def main(path: str, most_rows: int) -> int:
    limit()
    try:
        if zipfile.is_zipfile(path) and declares_type(path):
            send({"refused": "doctype"})
        else:
            read(path, most_rows)
    except Exception as error:
        send(refusal(error))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], int(sys.argv[2])))
