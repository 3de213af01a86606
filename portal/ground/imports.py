"""The import cockpit: a file is checked, shown, taken in with its good rows, and taken back while unused.

What a row means is the business of a kind (officers, questions); everything else is here, once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.ground import audit, i18n
from portal.ground.crypto import keys
from portal.ground.db import Base
from portal.ground.errors import Refused
from portal.ground.import_rows import Column, ParsedRow, Problem, SheetRow, find_rows, shown
from portal.ground.models import BatchState, ImportBatch, ImportedObject
from portal.ground.rules import N_
from portal.ground.sheets import Page, Sheet, read_workbook, write_workbook

PROBLEM_COLUMN = "问题"
CHANGED_ROWS = N_(
    "This import changed %(n)s things that were there before it; what they said cannot be put back "
    "exactly, so the import stays. Correct them with a new file."
)
IN_USE = N_("Something this import created is already in use, so the import can no longer be taken back.")


class BatchClosed(Refused):
    """The batch has already been imported, taken back or discarded."""

    code = "batch_closed"


class CannotTakeBack(Refused):
    """Something the batch created is used, or it changed rows that were there."""

    code = "cannot_take_back"


@dataclass(frozen=True)
class Touched:
    """One object that storing created or changed; `object_kind` is the name of its table."""

    act: str
    object_kind: str
    object_id: int


class Kind(Protocol):
    """What a cockpit needs to know about one kind of file."""

    code: str
    target: str | None
    columns: Sequence[Column]

    def check(self, session: Session, rows: Sequence[ParsedRow], *, now: datetime) -> None:
        """Give every row its value, outcome and problems; changes nothing in the database."""

    def store(self, session: Session, rows: Sequence[ParsedRow], *, now: datetime) -> list[Touched]:
        """Write checked rows that are not parked."""

    def take_back(self, session: Session, created: Sequence[ImportedObject], *, now: datetime) -> None:
        """Remove what a batch created. Raises CannotTakeBack when it is in use."""


@dataclass
class Report:
    """What became of a file's rows; `problems` holds warnings too, each marked as such."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    parked: int = 0
    problems: list[Problem] = field(default_factory=list)
    batch_id: int | None = None

    @property
    def counts(self) -> dict[str, int]:
        return {n: getattr(self, n) for n in ("created", "changed", "unchanged", "parked")}


@dataclass
class Checked:
    """A file after checking: its header as found, its rows, and notes about the file as a whole."""

    header: list[str]
    rows: list[ParsedRow]
    notes: list[Problem]

    def report(self) -> Report:
        report = Report(problems=[*self.notes, *(p for row in self.rows for p in row.problems)])
        for row in self.rows:
            outcome = "parked" if row.parked or row.outcome is None else str(row.outcome)
            setattr(report, outcome, getattr(report, outcome) + 1)
        return report


def check(session: Session, kind: Kind, content: bytes, *, now: datetime) -> Checked:
    """Read and judge a file; nothing is stored. Raises the refusals of reading and of the header."""
    return _judge(session, kind, *_rows_of(kind, read_workbook(content)), now=now)


def _rows_of(kind: Kind, sheets: Sequence[Sheet]) -> tuple[list[str], list[SheetRow], list[Problem]]:
    return find_rows(kind.columns, sheets, silent=(PROBLEM_COLUMN,))


def _judge(
    session: Session,
    kind: Kind,
    header: list[str],
    sources: list[SheetRow],
    notes: list[Problem],
    *,
    now: datetime,
) -> Checked:
    rows = [ParsedRow(source, problems=source.shape_problems()) for source in sources]
    kind.check(session, [row for row in rows if not row.parked], now=now)
    return Checked(header, rows, notes)


def preview(
    session: Session, kind: Kind, file_name: str, content: bytes, *, account_id: int | None, now: datetime
) -> ImportBatch:
    """Check a file and keep it as a batch that waits for its commit."""
    checked = check(session, kind, content, now=now)
    return keep(session, kind, checked, file_name=file_name, content=content, account_id=account_id, now=now)


def keep(
    session: Session,
    kind: Kind,
    checked: Checked,
    *,
    file_name: str,
    content: bytes,
    account_id: int | None,
    now: datetime,
) -> ImportBatch:
    """A batch with a checked file's rows, sealed, because they hold ID numbers."""
    batch = ImportBatch(
        kind=kind.code,
        target=kind.target,
        file_name=file_name[-255:],
        file_sha256=hashlib.sha256(content).hexdigest(),
        account_id=account_id,
        created_at=now,
        state=BatchState.PREVIEW,
        header=checked.header,
        report=checked.report().counts,
        sealed_rows=b"",
    )
    session.add(batch)
    session.flush()
    _seal(batch, [row.source for row in checked.rows], checked)
    session.flush()
    return batch


def commit(session: Session, batch: ImportBatch, kind: Kind, *, now: datetime) -> Report:
    """Judge the rows again as the database is now, store the good ones, park the rest, all or nothing.

    Raises BatchClosed unless the batch waits for its commit.
    """
    session.refresh(batch, with_for_update=True)
    if batch.state != BatchState.PREVIEW:
        raise BatchClosed(N_("This file has already been imported or discarded."))
    kept = _unseal(batch)
    sources = [SheetRow.from_plain(row) for row in kept["rows"]]
    checked = _judge(session, kind, batch.header, sources, [Problem(**n) for n in kept["notes"]], now=now)
    for touched in kind.store(session, [r for r in checked.rows if r.to_store], now=now):
        session.add(ImportedObject(batch_id=batch.id, **asdict(touched)))
    report = checked.report()
    batch.state, batch.committed_at, batch.report = BatchState.COMMITTED, now, report.counts
    # what went in is on record elsewhere; only what was parked stays here
    _seal(batch, [row.source for row in checked.rows if row.parked], checked)
    session.flush()
    report.batch_id = batch.id
    audit.record(
        session,
        "import_committed",
        "import_batch",
        batch.id,
        now=now,
        account_id=batch.account_id,
        kind=batch.kind,
        **report.counts,
    )
    return report


def discard(session: Session, batch: ImportBatch, *, now: datetime) -> None:
    """Forget the rows of a checked file. Raises BatchClosed unless it waits for its commit."""
    session.refresh(batch, with_for_update=True)
    if batch.state != BatchState.PREVIEW:
        raise BatchClosed(N_("This file has already been imported or discarded."))
    batch.state = BatchState.DISCARDED
    _seal(batch, [], Checked(batch.header, [], []))


def undo(session: Session, batch: ImportBatch, kind: Kind, *, account_id: int | None = None, now: datetime) -> int:
    """Take back what a batch created and return how many things that were.

    Raises CannotTakeBack when the batch changed rows that were there before, or when anything
    it created has been used since; BatchClosed when it is not imported.
    """
    session.refresh(batch, with_for_update=True)
    if batch.state != BatchState.COMMITTED:
        raise BatchClosed(N_("Only a file that was imported can be taken back."))
    objects = session.scalars(select(ImportedObject).where(ImportedObject.batch_id == batch.id)).all()
    changed = sum(o.act == "changed" for o in objects)
    if changed:
        raise CannotTakeBack(CHANGED_ROWS, n=changed)
    kind.take_back(session, objects, now=now)
    batch.state = BatchState.UNDONE
    session.flush()
    audit.record(session, "import_undone", "import_batch", batch.id, now=now, account_id=account_id, kind=batch.kind)
    return len(objects)


def referred_to(session: Session, objects: Sequence[ImportedObject]) -> bool:
    """Whether another import, or any row outside these objects, points at one of them."""
    ids: dict[str, set[int]] = {}
    for touched in objects:
        ids.setdefault(touched.object_kind, set()).add(touched.object_id)
    for kind, mine in ids.items():
        other = (
            select(ImportedObject.id)
            .join(ImportBatch, ImportBatch.id == ImportedObject.batch_id)
            .where(
                ImportedObject.object_kind == kind,
                ImportedObject.object_id.in_(mine),
                ImportBatch.id.not_in({o.batch_id for o in objects}),
                ImportBatch.state == BatchState.COMMITTED,
            )
        )
        if session.scalars(other.limit(1)).first() is not None:
            return True
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            aimed = key.column.table.name
            if aimed not in ids:
                continue
            found = select(table.primary_key.columns.values()[0]).where(key.parent.in_(ids[aimed]))
            if not set(session.scalars(found)) <= ids.get(table.name, set()):
                return True
    return False


def spoken(problem: Problem) -> str:
    """Message and remedy in the reader's language."""
    sentences = (problem.message, problem.remedy)
    return " ".join(i18n.gettext(s, **problem.values) for s in sentences if s)


def kept_problems(batch: ImportBatch) -> list[Problem]:
    """Notes about the file and every row's problems, in the order of the file."""
    kept = _unseal(batch)
    return [Problem(**problem) for problem in (*kept["notes"], *kept["problems"])]


def kept_outcomes(batch: ImportBatch, outcome: str) -> list[list[Any]]:
    """The rows with one outcome as [sheet, row, outcome, label, changed columns]."""
    return [row for row in _unseal(batch)["outcomes"] if row[2] == outcome]


def parked_rows_as_xlsx(batch: ImportBatch) -> bytes:
    """The parked rows as they were, one sheet each, with one more column that says why."""
    kept = _unseal(batch)
    rows = [SheetRow.from_plain(row) for row in kept["rows"]]
    why: dict[tuple[str, int], list[str]] = {}
    for problem in (Problem(**plain) for plain in kept["problems"]):
        if not problem.warning:
            said = f"{problem.column}：{spoken(problem)}"
            why.setdefault((problem.sheet, problem.row), []).append(said)
    pages = []
    for name, header in kept["titles"].items():
        header = [title for title in header if title != PROBLEM_COLUMN]
        parked = [
            [*(row.cells.get(title) for title in header), "\n".join(why[row.sheet, row.number])]
            for row in rows
            if row.sheet == name and (row.sheet, row.number) in why
        ]
        if parked:
            pages.append(Page(name, [[*header, PROBLEM_COLUMN], *parked], [16] * len(header) + [60]))
    return write_workbook(pages or [Page(PROBLEM_COLUMN, [[*batch.header, PROBLEM_COLUMN]])])


def _bound(batch: ImportBatch) -> str:
    return f"import_batch|sealed_rows|{batch.id}"


def _seal(batch: ImportBatch, rows: Sequence[SheetRow], checked: Checked) -> None:
    titles: dict[str, list[str]] = {}
    for row in rows:
        titles.setdefault(row.sheet, list(row.cells))
    kept = {
        "titles": titles,
        "rows": [row.plain() for row in rows],
        "notes": [asdict(note) for note in checked.notes],
        "problems": [asdict(problem) for row in checked.rows for problem in row.problems],
        "outcomes": [
            [row.source.sheet, row.source.number, row.outcome, shown(row.label), "、".join(row.changes)]
            for row in checked.rows
            if row.outcome and not row.parked
        ],
    }
    batch.sealed_rows = keys.seal(json.dumps(kept, ensure_ascii=False, default=str), _bound(batch))


def _unseal(batch: ImportBatch) -> dict[str, Any]:
    return json.loads(keys.unseal(batch.sealed_rows, _bound(batch)))
