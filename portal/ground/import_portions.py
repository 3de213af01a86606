"""What a batch holds, a portion of rows at a time: sealed, opened again, counted and leafed through."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from portal.ground.crypto import keys
from portal.ground.import_header import Match, SheetHead
from portal.ground.import_models import ImportPicture, ImportPortion
from portal.ground.import_rows import OUTCOMES, PARKED, ParsedRow, Problem, SheetRow, shown
from portal.ground.models import ImportBatch
from portal.ground.sheets import Cell, PictureFound, Row, column_letter

READ, CHECKED, STORED = "read", "checked", "stored"


@dataclass
class Whole:
    """What speaks of the whole file: its sheets, notes about it, and what its kind found by looking at all rows."""

    heads: list[SheetHead] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    samples: dict[str, list[str]] = field(default_factory=dict)  # title → what its first cells hold, masked
    used: list[int] = field(default_factory=list)  # the sheets whose rows count
    survey: dict[str, Any] | None = None  # None: the columns are not matched yet

    @classmethod
    def of(cls, batch: ImportBatch) -> Whole:
        bound = f"import_batch|sealed_rows|{batch.id}"
        plain = json.loads(keys.unseal(batch.sealed_rows, bound)) if batch.sealed_rows else {}
        heads = [
            SheetHead(**{**h, "titles": tuple(h["titles"]), "merged": tuple(map(tuple, h["merged"]))})
            for h in plain.get("heads", ())
        ]
        notes = [Problem(**note) for note in plain.get("notes", ())]
        return cls(heads, notes, plain.get("samples", {}), plain.get("used", []), plain.get("survey"))

    def sealed(self, batch_id: int) -> bytes:
        return keys.seal(_text(asdict(self)), f"import_batch|sealed_rows|{batch_id}")


def _bound(batch_id: int, number: int, column: str) -> str:
    return f"import_portion|{column}|{batch_id}|{number}"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def as_json(cell: Cell) -> Any:
    return {"day": cell.isoformat()} if isinstance(cell, date) else cell


def from_json(value: Any) -> Cell:
    return date.fromisoformat(value["day"]) if isinstance(value, dict) else value


def sealed_rows(batch_id: int, number: int, rows: Sequence[Row]) -> bytes:
    plain = [
        [row.number, row.line, [as_json(c) for c in row.cells], *([row.aside] if row.aside else ())] for row in rows
    ]
    return keys.seal(_text(plain), _bound(batch_id, number, "sealed_rows"))


def raw_rows(portion: ImportPortion) -> list[Row]:
    bound = _bound(portion.batch_id, portion.number, "sealed_rows")
    plain = json.loads(keys.unseal(portion.sealed_rows, bound))
    return [Row(row[0], tuple(from_json(c) for c in row[2]), row[1], *row[3:]) for row in plain]


def sheet_rows(rows: Sequence[Row], head: SheetHead, matched: Match, portion: int = 0) -> list[SheetRow]:
    """Raw rows as rows with named cells; those without any text in a named column are left out by reading."""
    letters = {} if head.given else {title: column_letter(index) for index, title in matched.titles.items()}
    merged = head.merged_over(rows[0].number, rows[-1].number, tuple(matched.titles)) if rows else []
    made = []
    for row in rows:
        width = len(row.cells)
        cells = {title: row.cells[i] if i < width else None for i, title in matched.titles.items()}
        area = next((name for first, last, name in merged if first <= row.number <= last), "")
        aside = row.aside or {}
        name = aside.get("part") or head.name
        made.append(SheetRow(name, row.number, cells, letters, area, row.line, aside, portion))
    return made


@dataclass(frozen=True)
class Found:
    """What checking found in one row: what becomes of it, what it is called, what differs, what is wrong."""

    sheet: str
    row: int
    fate: str
    label: str
    changes: str
    problems: tuple[Problem, ...]
    line: int | None = None
    unit: str = "row"

    @classmethod
    def of(cls, row: ParsedRow) -> Found:
        source = row.source
        said = shown(row.label), "、".join(row.changes), tuple(row.problems)
        return cls(source.sheet, source.number, row.fate, *said, source.line, source.unit)


def sealed_found(batch_id: int, number: int, found: Sequence[Found]) -> bytes:
    plain = [
        [f.sheet, f.row, f.fate, f.label, f.changes, [p.plain() for p in f.problems], f.line, f.unit] for f in found
    ]
    return keys.seal(_text(plain), _bound(batch_id, number, "sealed_found"))


def found_in(portion: ImportPortion) -> list[Found]:
    """What checking found, in the order of the portion's rows; nothing before it was checked."""
    if portion.sealed_found is None:
        return []
    plain = json.loads(keys.unseal(portion.sealed_found, _bound(portion.batch_id, portion.number, "sealed_found")))
    return [Found(*row[:5], tuple(Problem(**p) for p in row[5]), *row[6:]) for row in plain]


def picture_row(batch_id: int, picture: PictureFound) -> dict[str, Any]:
    content = base64.b64encode(picture.content).decode()
    return {
        "batch_id": batch_id, "sha256": picture.sha256, "media_type": picture.media_type, "width": picture.width,
        "height": picture.height,
        "sealed_content": keys.seal(content, f"import_picture|sealed_content|{batch_id}|{picture.sha256}"),
    }  # fmt: skip


def picture_content(picture: ImportPicture) -> bytes:
    bound = f"import_picture|sealed_content|{picture.batch_id}|{picture.sha256}"
    return base64.b64decode(keys.unseal(picture.sealed_content, bound))


def sealed_later(batch_id: int, number: int, hints: Sequence[Problem]) -> bytes:
    return keys.seal(_text([hint.plain() for hint in hints]), _bound(batch_id, number, "sealed_later"))


def later_count(session: Session, batch_id: int) -> int:
    return session.scalar(select(func.sum(ImportPortion.later)).where(ImportPortion.batch_id == batch_id)) or 0


def later_page(session: Session, batch_id: int, start: int, size: int) -> list[Problem]:
    """Some of the hints that were found after the preview, in the order of the file."""
    counted = session.execute(
        select(ImportPortion.number, ImportPortion.later)
        .where(ImportPortion.batch_id == batch_id, ImportPortion.later > 0)
        .order_by(ImportPortion.number)
    ).all()

    def hints(number: int) -> list[Problem]:
        wanted = select(ImportPortion.sealed_later).where(
            ImportPortion.batch_id == batch_id, ImportPortion.number == number
        )
        plain = keys.unseal(session.scalars(wanted).one() or b"", _bound(batch_id, number, "sealed_later"))
        return [Problem(**hint) for hint in json.loads(plain)]

    return _leafed(counted, hints, start, size)


def tally(found: Sequence[Found]) -> dict[str, Any]:
    """Rows per outcome, and problems per column: numbers only, so that they may stand unsealed."""
    columns = Counter(p.column for f in found for p in f.problems)
    return {**Counter(f.fate for f in found), "columns": dict(columns)}


def counts(session: Session, batch_id: int) -> tuple[dict[str, int], dict[str, int]]:
    """(rows per outcome, problems per column) of a whole batch."""
    rows, columns = dict.fromkeys(OUTCOMES, 0), Counter()
    for one in session.scalars(select(ImportPortion.tally).where(ImportPortion.batch_id == batch_id)):
        columns.update(one.get("columns", {}))
        for outcome in OUTCOMES:
            rows[outcome] += one.get(outcome, 0)
    return rows, dict(columns)


def portions(session: Session, batch_id: int, *, found: bool = False) -> Iterator[ImportPortion]:
    """A batch's portions in order, one in memory at a time."""
    numbers = session.scalars(
        select(ImportPortion.number).where(ImportPortion.batch_id == batch_id).order_by(ImportPortion.number)
    ).all()
    for number in numbers:
        one = portion(session, batch_id, number, found=found)
        yield one
        session.expunge(one)


def portion(session: Session, batch_id: int, number: int, *, found: bool = False) -> ImportPortion:
    """One portion with its rows, or with what checking found."""
    blob = ImportPortion.sealed_found if found else ImportPortion.sealed_rows
    wanted = select(ImportPortion).where(ImportPortion.batch_id == batch_id, ImportPortion.number == number)
    return session.scalars(wanted.options(undefer(blob)).execution_options(populate_existing=True)).one()


def problems_page(session: Session, batch_id: int, column: str, start: int, size: int) -> list[Problem]:
    """Some of the problems in the order of the file, all or those of one column; opens only the portions it needs."""

    def count(one: Mapping[str, Any]) -> int:
        columns = one.get("columns", {})
        return columns.get(column, 0) if column else sum(columns.values())

    def items(found: Sequence[Found]) -> list[Problem]:
        return [p for f in found for p in f.problems if column in ("", p.column)]

    return _page(session, batch_id, count, items, start, size)


def rows_page(session: Session, batch_id: int, fate: str, start: int, size: int) -> list[Found]:
    """Some of the rows with one outcome, in the order of the file."""
    return _page(
        session, batch_id, lambda one: one.get(fate, 0), lambda found: [f for f in found if f.fate == fate], start, size
    )


def _page(session: Session, batch_id: int, count: Any, items: Any, start: int, size: int) -> list[Any]:
    tallies = session.execute(
        select(ImportPortion.number, ImportPortion.tally)
        .where(ImportPortion.batch_id == batch_id)
        .order_by(ImportPortion.number)
    ).all()

    def opened(number: int) -> list[Any]:
        return items(found_in(portion(session, batch_id, number, found=True)))

    return _leafed([(number, count(one)) for number, one in tallies], opened, start, size)


def _leafed(
    counted: Iterable[tuple[int, int]], opened: Callable[[int], list[Any]], start: int, size: int
) -> list[Any]:
    """`size` items from `start` on, of portions as (number, how many it has); only those in question are opened."""
    picked: list[Any] = []
    for number, here in counted:
        if len(picked) >= size:
            break
        if start < here:
            picked += opened(number)[start : start + size - len(picked)]
        start = max(0, start - here)
    return picked


def all_problems(session: Session, batch: ImportBatch) -> Iterator[Problem]:
    """Notes about the file, then every row's problems, in the order of the file."""
    yield from Whole.of(batch).notes
    for one in portions(session, batch.id, found=True):
        for found in found_in(one):
            yield from found.problems


def parked_rows(session: Session, batch_id: int) -> Iterator[tuple[int, Row, tuple[Problem, ...]]]:
    """(number of the sheet, the row as it was, why it is parked) for every parked row."""
    parked_in = [
        number
        for number, one in session.execute(
            select(ImportPortion.number, ImportPortion.tally)
            .where(ImportPortion.batch_id == batch_id)
            .order_by(ImportPortion.number)
        )
        if one.get(PARKED)
    ]
    for number in parked_in:
        whole = portion(session, batch_id, number)
        rows = {row.number: row for row in raw_rows(whole)}
        for found in found_in(whole):
            if found.fate == PARKED:
                yield whole.sheet, rows[found.row], tuple(p for p in found.problems if not p.warning)
        session.expunge(whole)
