"""Read one file of questions, of whatever form, in a process of its own, under limits.

Run as `python -m portal.bank.intake.reader PATH MAX_ROWS FORM ENDING`. Sheets are printed as `sheet_reader` prints
them. Every other form becomes rows of our own sheet's columns: {"form": code}, {"sheet": "", "titles": [...]},
{"picture": [sha256, media type, width, height, base64]} before the rows that name it, {"rows": [[number, place,
cells, aside], ...]}, {"end": rows}; or {"unreadable": sentence, "remedy": sentence, "values": {}}.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from portal.ground.picture_cleaning import NoPicture, clean
from portal.ground.sheet_reader import (
    CHARACTERS,
    CHARACTERS_A_ROW,
    DECLARATION,
    PORTION,
    WIDE_MARKS,
    TooMuch,
    declares_type,
    limit,
    read,
    refusal,
    send,
)
from question_bank import sheet_format as sheet
from question_bank.formats import reading
from question_bank.formats.found import Found, Unreadable
from question_bank.formats.xml_text import UNFIT
from question_bank.questions import LETTERS, N_, Question

SHEETS = ("csv", reading.XLSX)
WRITTEN_FREELY = ("docx", "text")  # without a single question it is some other document
TITLES = tuple(dict.fromkeys((*sheet.TITLES, *LETTERS)))
MOST_PICTURES = 2_000
PICTURE_BYTES = 20 * 1024 * 1024  # one picture as it lies in the file
NOT_KEPT = N_("A picture of this question is of a kind that cannot be kept, or is damaged.")
AS_PNG = N_("Save it as PNG or JPEG and add it in the editor.")
DECLARES = N_("The file declares document types or entities, which no question needs.")
SAVE_AGAIN = N_("Save it again with another program, or bring the questions in another form.")
TOO_MUCH = N_("The file has more than %(rows)s rows, or takes too much memory.")
BROKEN = N_("The file is damaged, or not of the form that was chosen.")
RETRY = N_("Save it again, or choose another form.")
SPLIT = N_("Split it and import the parts.")


class Rows:
    """Found questions on their way to rows, with the pictures that were seen."""

    def __init__(self, most_rows: int) -> None:
        self.most_rows, self.total, self.characters, self.number = most_rows, 0, 0, 0
        self.portion: list[list[Any]] = []
        self.pictures: dict[str, str | None] = {}  # as the file names it → as we do; None: cannot be kept

    def take(self, found: Found) -> None:
        """Raises TooMuch."""
        self.number += 1
        question, faults = found.question, [_plain(fault) for fault in found.faults]
        if question is not None and question.pictures():
            question, lost = self._with_our_pictures(question, found)
            if lost:
                faults.append(_fault("stem", NOT_KEPT, AS_PNG, warning=True))
        lines = self._lines(question) or [{}]
        if question is not None and lines == [{}]:
            faults.append(_fault("key", N_("This question cannot be written as a row."), N_("Correct its key.")))
        for place, cells in enumerate(lines):
            aside: dict[str, Any] = {"unit": found.place.unit, "part": found.place.part}
            if place == 0:
                aside |= {"raw": UNFIT.sub("", found.raw), "faults": faults}
                self.characters += len(found.raw)
            row = [UNFIT.sub("", cells.get(title) or "") or None for title in TITLES]
            self.characters += sum(len(cell) for cell in row if cell)
            self.total += 1
            self.portion.append([self.total, found.place.number, row, aside])
        if self.total > self.most_rows or self.characters > max(CHARACTERS, CHARACTERS_A_ROW * self.most_rows):
            raise TooMuch
        if len(self.portion) >= PORTION:
            self.flush()

    def _lines(self, question: Question | None) -> list[dict[str, str]]:
        """The question's rows; one that has no number gets a sign in its place, and so do its items."""
        if question is None:
            return []
        code = question.code or f"{sheet.NO_NUMBER}{self.number}"
        items = tuple(
            replace(item, code=item.code or f"{code}-{place}") for place, item in enumerate(question.items, 1)
        )
        try:
            return sheet.to_rows(replace(question, code=code, items=items))
        except (TypeError, ValueError, KeyError, IndexError, AttributeError, StopIteration):
            return []  # a key of no known form: its fault is told, its text is shown

    def flush(self) -> None:
        if self.portion:
            send({"rows": self.portion})
            self.portion = []

    def _with_our_pictures(self, question: Question, found: Found) -> tuple[Question, bool]:
        """The question naming its pictures as we keep them, and whether one of them was lost."""
        text, lost = json.dumps(question.plain(), ensure_ascii=False), False
        for _alt, key in question.pictures():
            if key in found.pictures and key not in self.pictures:
                self.pictures[key] = self._cleaned(found.pictures[key])
            ours = self.pictures.get(key, key)
            if ours is None:
                lost = True
                text = re.sub(rf"!\[([^\]]*)\]\(picture:{key}\)", r"[\1]", text)
            elif ours != key:
                text = text.replace(f"picture:{key})", f"picture:{ours})")
        return Question.from_plain(json.loads(text)), lost

    def _cleaned(self, content: bytes) -> str | None:
        if len(self.pictures) >= MOST_PICTURES:
            raise TooMuch
        if len(content) > PICTURE_BYTES:
            return None
        try:
            made = clean(content)
        except NoPicture:
            return None
        sha256 = hashlib.sha256(made.content).hexdigest()
        if sha256 not in self.pictures.values():
            described = [sha256, made.media_type, made.width, made.height]
            send({"picture": [*described, base64.b64encode(made.content).decode()]})
        return sha256


def _plain(fault: Any) -> dict[str, Any]:
    return _fault(fault.column, fault.message, fault.remedy, dict(fault.values), fault.text, warning=fault.warning)


def _fault(column: str, message: str, remedy: str, values: Any = None, text: str = "", **more: bool) -> dict[str, Any]:
    return {
        "column": sheet.COLUMN_OF.get(column, column), "message": message, "remedy": remedy, "values": values or {},
        "text": UNFIT.sub("", text[:200]), "warning": False, **more,
    }  # fmt: skip


def found_in(data: bytes, form: str, ending: str) -> Iterator[Found]:
    """Raises Unreadable; whatever else a reader trips over is the file's fault."""
    try:
        yield from reading.read(data, f"file{ending}", form)
    except (Unreadable, MemoryError):
        raise
    except Exception as error:
        raise Unreadable(BROKEN, RETRY) from error


def read_questions(data: bytes, form: str, ending: str, most_rows: int) -> None:
    """Print every question of the file."""
    send({"sheet": "", "merged": [], "titles": TITLES})
    rows, questions = Rows(most_rows), 0
    for found in found_in(data, form, ending):
        rows.take(found)
        questions += found.question is not None
    rows.flush()
    if not rows.total or (form in WRITTEN_FREELY and not questions):
        raise Unreadable(
            N_("No question was found in the file."), N_("Look at the examples of each form, or choose another form.")
        )
    send({"end": rows.total})


def declares(path: str, data: bytes) -> bool:
    if zipfile.is_zipfile(path):
        return declares_type(path)
    start = data[:4]
    markup = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" or (start.startswith(WIDE_MARKS) and b"<" in data[:8])
    return markup and DECLARATION.search(data.replace(b"\x00", b"")) is not None


def main(path: str, most_rows: int, form: str, ending: str) -> int:
    limit()
    try:
        data = Path(path).read_bytes()
        if declares(path, data):
            raise Unreadable(DECLARES, SAVE_AGAIN)
        form = reading.detect(data, f"file{ending}") if form == "auto" else form
        send({"form": form})
        if form in SHEETS:
            read(path, most_rows)
        else:
            read_questions(data, form, ending, most_rows)
    except Unreadable as why:
        send({"unreadable": why.message, "remedy": why.remedy, "values": why.values})
    except Exception as error:
        send(refusal(error) if form in (*SHEETS, "auto") else _unreadable(error, most_rows))
    return 0


def _unreadable(error: Exception, most_rows: int) -> dict[str, Any]:
    if isinstance(error, TooMuch | MemoryError):
        return {"unreadable": TOO_MUCH, "remedy": SPLIT, "values": {"rows": f"{most_rows:,}"}}
    return {"unreadable": BROKEN, "remedy": RETRY, "values": {}}


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:2], int(sys.argv[2]), *sys.argv[3:5]))
