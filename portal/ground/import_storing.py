"""Storing: every portion is judged again as the database is now, and its good rows go in a few at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.ground import audit, import_portions
from portal.ground.import_checking import Reader, judge, set_portion, whole_file
from portal.ground.import_models import ImportPicture, ImportPortion
from portal.ground.import_portions import CHECKED, STORED, Found, found_in, raw_rows
from portal.ground.import_rows import PARKED, ParsedRow
from portal.ground.imports import Kind, Stale
from portal.ground.models import BatchState, ImportBatch, ImportedObject
from portal.ground.sheets import Row

if TYPE_CHECKING:
    from portal.ground.import_work import Work

PORTION = ImportPortion.__table__.c
TRIES = 8  # to store rows that others change at the same moment


class TooBusy(Exception):
    """Others kept changing the same rows; the job is tried again later."""


def store(work: Work, batch: ImportBatch) -> None:
    """One picture, or one portion; when none is left, the batch is done."""
    if _hand_over_picture(work, batch):
        return
    for _try in range(TRIES):
        with work.desk.reading() as session:
            kind, reader = work.eyes(session, batch)
            waiting = select(ImportPortion.number).where(
                ImportPortion.batch_id == batch.id, ImportPortion.state == CHECKED
            )
            number = session.scalars(waiting.order_by(ImportPortion.number).limit(1)).first()
            if number is None:
                break
            here = import_portions.portion(session, batch.id, number)
            earlier = found_in(here)[: here.stored_rows] if here.stored_rows else []
            raw = raw_rows(here)
            rows = _judged(work, session, batch, kind, reader, here, raw)
        kind.prepare([row for row in rows if row.to_store], now=work.now())
        try:
            _store_portion(work, batch, kind, here, rows, earlier, raw)
            return
        except (Stale, IntegrityError):  # somebody was faster: judge what is left of the portion again
            work.whole_rows.clear()
    else:
        raise TooBusy(f"portion {number} of import {batch.id}")
    if kind.whole_file:
        _keep_parked_only(work, batch)
    _finish(work, batch)


def _hand_over_picture(work: Work, batch: ImportBatch) -> bool:
    """The file's pictures go to the kind before its rows, each in a short transaction; False when none is left."""
    with work.desk.reading() as session:
        mine = select(ImportPicture).where(ImportPicture.batch_id == batch.id)
        picture = session.scalars(mine.order_by(ImportPicture.sha256).limit(1)).first()
        if picture is None:
            return False
        kind, _reader = work.eyes(session, batch)
        content = import_portions.picture_content(picture)
    with work.desk.writing() as session:
        work.progress(session, batch, 0)
        kind.keep_picture(session, picture, content, now=work.now())  # type: ignore[attr-defined]
        gone = delete(ImportPicture).where(ImportPicture.batch_id == batch.id, ImportPicture.sha256 == picture.sha256)
        session.execute(gone.execution_options(synchronize_session=False))
    return True


def _keep_parked_only(work: Work, batch: ImportBatch) -> None:
    with work.desk.reading() as session:
        kept = [
            (one.number, _parked_only(batch.id, one.number, found_in(one), raw_rows(one)))
            for one in import_portions.portions(session, batch.id)
        ]
    for number, rows in kept:
        with work.desk.writing() as session:
            set_portion(session, batch, number, {"sealed_rows": rows})


def _judged(
    work: Work, session: Session, batch: ImportBatch, kind: Kind, reader: Reader, here: ImportPortion, raw: list[Row]
) -> list[ParsedRow]:
    """The rows of a portion that are not stored yet, judged as the database is now."""
    if not kind.whole_file:
        rows = reader.parsed(here.sheet, raw[here.stored_rows :], here.number)
        judge(session, kind, rows, reader, now=work.now())
        return rows
    if here.number not in work.whole_rows:
        work.whole_rows = whole_file(session, batch, kind, reader, work.now())
    return work.whole_rows[here.number][here.stored_rows :]


def _store_portion(
    work: Work, batch: ImportBatch, kind: Kind, here: ImportPortion, rows: list[ParsedRow], earlier: list[Found],
    raw: list[Row],
) -> None:  # fmt: skip
    """Chunk after chunk, each with its own word on how far it came. Raises Stale."""
    found = [*earlier, *(Found.of(row) for row in rows)]
    done: dict[str, Any] = {"state": STORED}
    if not kind.whole_file:  # there the rows of other portions may still ask for these
        done["sealed_rows"] = _parked_only(batch.id, here.number, found, raw)
    words: dict[str, Any] = {
        "tally": import_portions.tally(found),
        "sealed_found": import_portions.sealed_found(batch.id, here.number, found),
    }
    at = 0
    while True:
        upto = _next(rows, at, work.desk.pace.rows)
        values = {**words, "stored_rows": here.stored_rows + upto, **(done if upto == len(rows) else {})}
        with work.desk.writing() as session:
            work.progress(session, batch, upto - at)  # first: it holds the batch against a second worker
            _set_if_still(session, here, here.stored_rows + at, values)
            touched = kind.store(session, [row for row in rows[at:upto] if row.to_store], now=work.now())
            _note(session, batch, touched)
        at, words = upto, {}
        if at >= len(rows):
            return


def _parked_only(batch_id: int, number: int, found: Sequence[Found], raw: Sequence[Row]) -> bytes:
    """What went in is on record elsewhere; only what was parked stays."""
    parked = {f.row for f in found if f.fate == PARKED}
    return import_portions.sealed_rows(batch_id, number, [row for row in raw if row.number in parked])


def _next(rows: Sequence[ParsedRow], at: int, most: int) -> int:
    """Where the next chunk ends: rows that are only counted cost nothing, rows that belong together stay so."""
    weight = 0
    for index in range(at, len(rows)):
        weight += rows[index].to_store
        if weight >= most and not rows[index].with_next:
            return index + 1
    return len(rows)


def _set_if_still(session: Session, here: ImportPortion, stored: int, values: dict[str, Any]) -> None:
    """Say how far the portion came, unless somebody else has stored rows of it meanwhile. Raises Stale."""
    mine = update(ImportPortion.__table__).where(
        PORTION.batch_id == here.batch_id,
        PORTION.number == here.number,
        PORTION.state == CHECKED,
        PORTION.stored_rows == stored,
    )
    if session.connection().execute(mine.values(**values)).rowcount != 1:
        raise Stale


def _note(session: Session, batch: ImportBatch, touched: Sequence[Any]) -> None:
    """What the batch created or changed, so that it can be taken back."""
    if touched:
        session.connection().execute(
            insert(ImportedObject.__table__),
            [
                {
                    "batch_id": batch.id, "act": str(t.act), "object_kind": t.object_kind, "object_id": t.object_id,
                    "sealed_values": t.values,
                }
                for t in touched
            ],
        )  # fmt: skip


def _finish(work: Work, batch: ImportBatch) -> None:
    with work.desk.reading() as session:
        rows, _columns = import_portions.counts(session, batch.id)
    with work.desk.writing() as session:
        now = work.now()
        work.move_in(session, batch, BatchState.COMMITTED, committed_at=now, report=rows)
        audit.record(
            session, "import_committed", "import_batch", batch.id, now=now, account_id=batch.account_id,
            kind=batch.kind, **rows,
        )  # fmt: skip
