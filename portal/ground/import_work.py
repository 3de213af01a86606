"""The work of an import, a short step at a time: read, check, store, take back.

Every step leaves the batch so that the next one can be done by anybody: a worker that is killed loses at most
the rows it held in memory, and no row is stored twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session, undefer

from portal.ground import import_checking, import_portions, import_storing, import_undo
from portal.ground.errors import Refused
from portal.ground.import_desk import Desk
from portal.ground.import_files import store
from portal.ground.import_models import ImportPicture, ImportPortion
from portal.ground.import_portions import READ, Whole
from portal.ground.import_reading import Reading, sheets_to_use
from portal.ground.import_rows import ParsedRow, Problem, WrongColumns
from portal.ground.imports import Kind, intake_of, remembered
from portal.ground.models import BatchState, ImportBatch
from portal.ground.rules import N_
from portal.ground.sheets import NotAWorkbook, PictureFound, Row, Source, UnreadableFile, read_apart

STALE_AFTER = 2.0  # seconds
SOME = 50  # portions removed in one transaction

KindOf = Callable[[Session, ImportBatch], Kind]


class Moved(Exception):
    """Somebody else has moved the batch on, or put it aside."""


@dataclass
class Work:
    """One batch on its way. `source` is the file where it does not come from the store."""

    desk: Desk
    batch_id: int
    kind_of: KindOf
    now: Callable[[], datetime]
    source: Path | None = None
    refusal: Refused | None = None  # why the last step did not end well
    whole_rows: dict[int, list[ParsedRow]] = field(default_factory=dict)  # of a file checked as a whole
    _seen: tuple[float, str, Kind, import_checking.Reader] | None = None

    def eyes(self, session: Session, batch: ImportBatch) -> tuple[Kind, import_checking.Reader]:
        """The kind and the reader of the batch; looked up again every other second, because roles may change."""
        stage = f"{batch.state} {batch.step_at}"
        if self._seen is None or self._seen[1] != stage or time.monotonic() - self._seen[0] > STALE_AFTER:
            kind = self.kind_of(session, batch)
            self._seen = time.monotonic(), stage, kind, import_checking.Reader(session, batch, kind)
        return self._seen[2], self._seen[3]

    def run(self, seconds: float | None = None, each: Callable[[ImportBatch], None] | None = None) -> bool:
        """Work until nothing is left to do or the time is over; says whether something is left."""
        began = time.monotonic()
        while self.step():
            if each is not None:
                each(self.batch())
            if seconds is not None and time.monotonic() - began > seconds:
                return True
        return False

    def batch(self) -> ImportBatch:
        with self.desk.reading() as session:
            whole = [undefer(ImportBatch.sealed_rows)]
            return session.get_one(ImportBatch, self.batch_id, populate_existing=True, options=whole)

    def step(self) -> bool:
        """One step; False when the batch waits for a person or is finished."""
        batch = self.batch()
        match batch.state:
            case BatchState.READING:
                step: Callable[[Work, ImportBatch], None] = read
            case BatchState.CHECKING:
                step = import_checking.check
            case BatchState.COMMITTING:
                step = import_storing.store
            case BatchState.UNDOING:
                step = import_undo.take_back
            case BatchState.DISCARDED:
                self.clear()
                return False
            case _:
                return False
        try:
            step(self, batch)
        except Refused as refusal:
            self._refuse(batch, refusal)
        except Moved:
            pass  # the next step sees where it is now
        return True

    def _refuse(self, batch: ImportBatch, refusal: Refused) -> None:
        self.refusal = refusal
        state = BatchState.COMMITTED if batch.state == BatchState.UNDOING else BatchState.REFUSED
        if isinstance(refusal, WrongColumns) and "missing" in refusal.values:
            state = BatchState.MAPPING
        if state == BatchState.REFUSED:
            self.clear()
        told = {"message": refusal.message, "values": {k: _plain(v) for k, v in refusal.values.items()}}
        if isinstance(refusal, UnreadableFile):
            told["remedy"] = refusal.remedy
        self.move(batch, state, refusal=told, file_key=None)
        store.remove(batch.file_key)

    def move(self, batch: ImportBatch, state: BatchState, **values: Any) -> None:
        """To the next state, in a transaction of its own. Raises Moved."""
        with self.desk.writing() as session:
            self.move_in(session, batch, state, **values)

    def move_in(self, session: Session, batch: ImportBatch, state: BatchState, **values: Any) -> None:
        changed = {"refusal": None, **values, "state": state, "step_at": self.now(), "rows_done": 0}
        self._update(session, batch, changed)

    def progress(self, session: Session, batch: ImportBatch, more: int) -> None:
        """Count rows done, in the transaction that did them. Raises Moved."""
        self._update(session, batch, {"rows_done": ImportBatch.rows_done + more})

    def _update(self, session: Session, batch: ImportBatch, changed: dict[str, Any]) -> None:
        mine = update(ImportBatch).where(ImportBatch.id == batch.id, ImportBatch.state == batch.state)
        if session.execute(mine.values(**changed).execution_options(synchronize_session=False)).rowcount != 1:
            raise Moved

    def clear(self, *which: Any) -> None:
        """Remove portions, a few in each transaction; all of them with the file's pictures."""
        if not which:
            with self.desk.writing() as session:
                session.execute(delete(ImportPicture).where(ImportPicture.batch_id == self.batch_id))
        while True:
            with self.desk.reading() as session:
                here = select(ImportPortion.number).where(ImportPortion.batch_id == self.batch_id, *which)
                numbers = session.scalars(here.limit(SOME)).all()
            if not numbers:
                return
            with self.desk.writing() as session:
                gone = delete(ImportPortion).where(ImportPortion.batch_id == self.batch_id)
                session.execute(
                    gone.where(ImportPortion.number.in_(numbers)).execution_options(synchronize_session=False)
                )


def _plain(value: object) -> object:
    return value if isinstance(value, list | int) else str(value)


@contextmanager
def _opened(work: Work, batch: ImportBatch) -> Iterator[Source]:
    """What the reading process is told of the file, and the descriptors it inherits to find it."""
    ending = PurePath(batch.file_name).suffix.lower()[:12]
    if work.source is not None:
        yield Source(str(work.source), ending, batch.form)
        return
    try:
        with store.opened(batch.file_key or "") as clear:
            yield Source(f"/proc/self/fd/{clear}", ending, batch.form, (clear,))
    except FileNotFoundError as gone:
        raise NotAWorkbook(N_("The uploaded file is no longer there. Send it again.")) from gone


def read(work: Work, batch: ImportBatch) -> None:
    """The whole file into portions; a file is read from its beginning or not at all."""
    with work.desk.reading() as session:
        kind = work.kind_of(session, batch)
        reading = Reading(kind.columns, remembered(session, kind, batch.account_id))
    work.clear()  # of an earlier attempt that did not come to its end
    with work.desk.writing() as session:
        work.progress(session, batch, -batch.rows_done)
    with _opened(work, batch) as source:
        number = 0
        for part in reading.rows(read_apart(source, kind.most_rows, intake_of(kind).module)):
            if isinstance(part, PictureFound):
                _keep_picture(work, batch, part)
            else:
                _keep_rows(work, batch, number, *part)
                number += 1
        if source.found:
            with work.desk.writing() as session:
                work._update(session, batch, {"form": source.found})
    _use_sheets(work, batch, reading)
    store.remove(batch.file_key)


def _keep_rows(work: Work, batch: ImportBatch, number: int, sheet: int, rows: list[Row]) -> None:
    row = {
        "batch_id": batch.id, "number": number, "sheet": sheet, "state": READ, "rows": len(rows), "stored_rows": 0,
        "tally": {}, "sealed_found": None, "sealed_rows": import_portions.sealed_rows(batch.id, number, rows),
        "later": 0,
    }  # fmt: skip
    with work.desk.writing() as session:
        session.execute(insert(ImportPortion), [row])
        work.progress(session, batch, len(rows))


def _keep_picture(work: Work, batch: ImportBatch, picture: PictureFound) -> None:
    row = import_portions.picture_row(batch.id, picture)
    with work.desk.writing() as session:
        session.execute(insert(ImportPicture), [row])
        work.progress(session, batch, 0)


def _use_sheets(work: Work, batch: ImportBatch, reading: Reading) -> None:
    """Keep the sheets that have the header; the others leave a note."""
    used = sheets_to_use(reading.heads)
    notes = [
        Problem(
            head.name, 0, "", "", N_("The sheet %(sheet)s has no header of this kind and was not read."),
            values={"sheet": head.name}, warning=True,
        )
        for number, head in enumerate(reading.heads)
        if number not in used
    ]  # fmt: skip
    work.clear(ImportPortion.sheet.not_in(used))
    sealed = Whole(reading.heads, notes, reading.samples, used=used).sealed(batch.id)
    with work.desk.reading() as session:
        total = session.scalar(select(func.sum(ImportPortion.rows)).where(ImportPortion.batch_id == batch.id))
    work.move(batch, BatchState.CHECKING, sealed_rows=sealed, rows_total=total or 0, file_key=None)
