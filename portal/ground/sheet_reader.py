"""Read one .xlsx in a process of its own, under limits, and print its cells as JSON.

Run as `python -m portal.ground.sheet_reader PATH`. Prints {"sheets": [...]} or {"refused": code}.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineWorkbook, SheetVisibleEnum

CPU_SECONDS = 20
MEMORY_BYTES = 1024**3
MAX_ROWS = 5_000
MAX_COLUMNS = 60
MAX_CHARACTERS = 5_000_000  # one long shared text may stand in a million cells
CHUNK = 1 << 20
DECLARATION = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")  # UTF-16 and UTF-32 would hide a DOCTYPE
WHOLE = 2**53  # beyond it a float no longer counts in ones


class TooMuch(Exception):
    """The workbook has more rows, columns or text than anybody fills by hand."""


def limit() -> None:
    """From here on the kernel ends this process when it takes too much."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def declares_type(path: str) -> bool:
    """Whether any XML member holds a DOCTYPE or ENTITY, or an encoding in which one could hide."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.filename.startswith("xl/media/"):  # a picture may be an SVG; no reader opens it
                continue
            with archive.open(entry) as member:
                tail = b""
                while chunk := member.read(CHUNK):
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


def read(path: str) -> list[dict[str, Any]]:
    """Every visible sheet: name, non-empty rows as [number, cells], merged ranges as four numbers."""
    found, total, characters = [], 0, 0
    with CalamineWorkbook.from_path(path) as book:
        for number, described in enumerate(book.sheets_metadata):
            if described.visible != SheetVisibleEnum.Visible:
                continue
            sheet = book.get_sheet_by_index(number)
            if sheet.end and (sheet.end[0] > 4 * MAX_ROWS or sheet.end[1] >= MAX_COLUMNS):
                raise TooMuch
            rows = []
            for at, cells in enumerate(sheet.to_python(skip_empty_area=False), start=1):
                plain = [plain_cell(cell) for cell in cells]
                if any(cell is not None for cell in plain):
                    rows.append([at, plain])
                    characters += sum(len(cell) for cell in plain if isinstance(cell, str))
            total += len(rows)
            if total > MAX_ROWS or characters > MAX_CHARACTERS:
                raise TooMuch
            merged = [[a, b, c, d] for (a, b), (c, d) in sheet.merged_cell_ranges or ()]
            found.append({"name": described.name, "rows": rows, "merged": merged})
    return found


def main(path: str) -> int:
    limit()
    try:
        answer: dict[str, Any] = {"refused": "doctype"} if declares_type(path) else {"sheets": read(path)}
    except (TooMuch, MemoryError):
        answer = {"refused": "too_much"}
    except Exception:  # whatever the parser trips over, the file is what cannot be read
        answer = {"refused": "damaged"}
    json.dump(answer, sys.stdout, ensure_ascii=False)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
