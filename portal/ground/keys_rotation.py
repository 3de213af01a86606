"""New keys for old values: every sealed column re-sealed in short steps, looked up all the while."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any

from sqlalchemy import Column, LargeBinary, MetaData, Table, bindparam, case, func, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.ground.crypto import FIRST, MARK, Keys, WillNotOpen
from portal.ground.db import Database

ROWS = 300
MOST_BYTES = 1 << 20  # of one writing transaction; a larger value goes alone


@dataclass(frozen=True)
class SealedColumn:
    """A column of sealed values: what binds each to its row, and where the blind digest of its text stands."""

    column: Column[Any]
    bound_to: str
    index: Column[Any] | None
    purpose: str

    @property
    def table(self) -> Table:
        return self.column.table

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column.name}"

    @property
    def key(self) -> list[Column[Any]]:
        return list(self.table.primary_key.columns)

    @property
    def binds(self) -> list[Column[Any]]:
        return [self.table.c[name] for _, name, _, _ in Formatter().parse(self.bound_to) if name]


@dataclass
class Progress:
    """One column's turn: values seen, changed, and those no key opens or whose digest another row has."""

    name: str
    seen: int = 0
    changed: int = 0
    closed: int = 0
    twins: int = 0


def sealed_columns(metadata: MetaData) -> list[SealedColumn]:
    """Every column declared with crypto.sealed, in the order of their tables."""
    found = []
    for table in sorted(metadata.tables.values(), key=lambda one: one.name):
        for column in table.columns:
            if "sealed" in column.info:
                index = table.c[column.info["index"]] if column.info["index"] else None
                found.append(SealedColumn(column, column.info["sealed"], index, column.info["purpose"]))
    return found


def undeclared(metadata: MetaData) -> list[str]:
    """Columns that are named as sealed and do not say what binds them."""
    return [
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
        and "sealed" in column.name
        and not ("sealed" in column.info or "sealed_by" in column.info)
    ]


def counts(session: Session, sealed: SealedColumn) -> dict[bytes, int]:
    """How many values begin with each suite and fingerprint."""
    filled = func.length(sealed.column) > 0  # a value may be empty: nothing to seal
    start = case(
        (func.substr(sealed.column, 1, len(FIRST)) == FIRST, func.substr(sealed.column, 1, len(FIRST))),
        else_=func.substr(sealed.column, 1, len(FIRST) + MARK),
    )
    rows = session.execute(select(start, func.count()).where(sealed.column.is_not(None), filled).group_by(start))
    return {bytes(mark): count for mark, count in rows}


def rotate(db: Database, keys: Keys, sealed: SealedColumn) -> Iterator[Progress]:
    """Re-seal one column from its first row to its last; yields after each step, and may be stopped at any.

    Values are read and encrypted outside the writing transaction. A value that somebody changed
    meanwhile is left alone: whoever changed it used today's key.
    """
    progress, after = Progress(sealed.name), None
    with db.reading() as session:
        at_once = _rows_at_once(session, sealed)
    while True:
        with db.reading() as session:
            rows = _read(session, sealed, after, at_once)
        if not rows:
            return
        after = tuple(getattr(rows[-1], column.name) for column in sealed.key)
        progress.seen += len(rows)
        for step in _steps(_changes(keys, sealed, rows, progress)):
            _write(db, sealed, step, progress)
        yield progress


def _rows_at_once(session: Session, sealed: SealedColumn) -> int:
    """As many as stay small; whole files are taken one by one."""
    largest = session.scalar(select(func.max(func.length(sealed.column)))) or 0
    return ROWS if largest * ROWS < 8 * MOST_BYTES else 1


def _read(session: Session, sealed: SealedColumn, after: tuple[Any, ...] | None, rows: int) -> Sequence[Any]:
    columns = {column.name: column for column in (*sealed.key, *sealed.binds, sealed.column)}
    if sealed.index is not None:
        columns[sealed.index.name] = sealed.index
    chosen = select(*columns.values()).where(sealed.column.is_not(None), func.length(sealed.column) > 0)
    if after is not None:
        chosen = chosen.where(tuple_(*sealed.key) > after)
    return session.execute(chosen.order_by(*sealed.key).limit(rows)).all()


def _changes(
    keys: Keys, sealed: SealedColumn, rows: Sequence[Any], progress: Progress
) -> Iterator[dict[str, Any]]:
    """What to write for the rows that do not stand under today's keys yet."""
    for row in rows:
        facts = row._mapping
        old, bound_to = bytes(facts[sealed.column.name]), sealed.bound_to.format(**facts)
        stale = not old.startswith(keys.mark)
        if not stale and sealed.index is None:
            continue
        try:
            text = keys.unseal(old, bound_to)
        except WillNotOpen:
            progress.closed += 1
            continue
        blind = keys.blind(text, sealed.purpose) if sealed.index is not None else None
        if not stale and blind == facts[sealed.index.name]:  # type: ignore[union-attr]
            continue
        new = keys.seal(text, bound_to) if stale else old
        yield {"old": old, "new": new, "blind": blind, **{f"k{n}": facts[c.name] for n, c in enumerate(sealed.key)}}


def _steps(changes: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    step: list[dict[str, Any]] = []
    size = 0
    for change in changes:
        step.append(change)
        size += len(change["new"])
        if size > MOST_BYTES:
            yield step
            step, size = [], 0
    if step:
        yield step


def _write(db: Database, sealed: SealedColumn, step: list[dict[str, Any]], progress: Progress) -> None:
    try:
        with db.writing() as session:
            session.connection().execute(_change(sealed), step)
            session.commit()
        progress.changed += len(step)
    except IntegrityError:
        if len(step) == 1:  # the same text under the old and the new index key: two rows for one person
            progress.twins += 1
            return
        for change in step:
            _write(db, sealed, [change], progress)


def _change(sealed: SealedColumn) -> Any:
    same = [column == bindparam(f"k{number}") for number, column in enumerate(sealed.key)]
    values = {sealed.column.name: bindparam("new")}
    if sealed.index is not None:
        values[sealed.index.name] = bindparam("blind")
    return update(sealed.table).where(*same, sealed.column == bindparam("old")).values(values)
