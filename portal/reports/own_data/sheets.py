"""One's own data as an archive: for people, for spreadsheets and for programs."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from portal.ground import i18n
from portal.ground.rules import N_
from portal.ground.sheets import Page, write_workbook
from portal.reports.own_data.queries import Row
from portal.reports.own_data.rules import COLUMNS, TITLES, WORDS_OF
from portal.words import WORDS

NAME_FITS = 31  # characters of a sheet's name


@dataclass(frozen=True)
class Part:
    """One table as people read it."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def parts(found: Mapping[str, Sequence[Row]], names: Mapping[str, Mapping[int, str]]) -> list[Part]:
    """The tables that have a title, in the reader's words; `names` says what an id stands for, by column."""
    made = []
    for table, title in TITLES.items():
        rows = found.get(table, ())
        columns = [c for c in COLUMNS if any(c in row for row in rows)]
        if columns:
            cells = [[_shown(table, c, row.get(c), names) for c in columns] for row in rows]
            made.append(Part(i18n.gettext(title), [i18n.gettext(COLUMNS[c]) for c in columns], cells))
    return made


def _shown(table: str, column: str, value: Any, names: Mapping[str, Mapping[int, str]]) -> str:
    if value is None:
        return ""
    if column in names:
        return names[column].get(value, str(value))
    if isinstance(value, bool):
        return i18n.gettext(N_("Yes") if value else N_("No"))
    if isinstance(value, datetime):
        return i18n.show_moment(value)
    if column == "mark" and isinstance(value, int):
        return i18n.show_mark(value)
    words = WORDS.get(WORDS_OF.get(f"{table}.{column}") or WORDS_OF.get(column, ""), {})
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return i18n.gettext(words[str(value)]) if str(value) in words else str(value)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def archive(found: Mapping[str, Sequence[Row]], readable: Sequence[Part], page: str, photo: bytes | None) -> bytes:
    """A .zip with a page to read, a workbook, the same as JSON, and the photo."""
    target = BytesIO()
    sheets = [
        Page(f"{number} {part.title}"[:NAME_FITS], [part.header, *part.rows], [20] * len(part.header))
        for number, part in enumerate(readable, 1)
    ]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("my-data.html", page)
        packed.writestr("my-data.xlsx", write_workbook(sheets))
        packed.writestr("my-data.json", json.dumps(found, ensure_ascii=False, indent=1, default=_plain))
        if photo:
            packed.writestr("photo.jpg", photo)
    return target.getvalue()
