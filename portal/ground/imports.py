"""The import cockpit: a file is checked, shown, taken in with its good rows, and taken back while unused.

What a row means is the business of a kind (officers, questions); everything else is here, once. The work itself
is done a short step at a time, by the worker or at once: see `import_work`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, Protocol

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.ground import audit, i18n, import_portions, jobs
from portal.ground.crypto import keys
from portal.ground.errors import Refused
from portal.ground.import_files import store
from portal.ground.import_header import normal_title
from portal.ground.import_models import RememberedColumns
from portal.ground.import_rows import Column, ParsedRow, Problem, SheetRow, Touched
from portal.ground.models import BatchState, ImportBatch, ImportedObject, Job
from portal.ground.rules import N_
from portal.ground.sheets import SHEETS, Intake

CHECK, COMMIT = "import_check", "import_commit"  # kinds of jobs
JOBS = (CHECK, COMMIT)
FURTHER = "import_further"  # what a kind may look for once the preview stands; done apart from the import itself
PROBLEM_COLUMN = "问题"
RAW_COLUMN = "原文"  # of a parked row: what stood in a file that was no sheet
RUNNING = (BatchState.READING, BatchState.CHECKING, BatchState.COMMITTING, BatchState.UNDOING)
NOT_IN_YET = (BatchState.READING, BatchState.MAPPING, BatchState.CHECKING, BatchState.PREVIEW, BatchState.REFUSED)
CLOSED = N_("This file has already been imported or discarded.")


class BatchClosed(Refused):
    """The batch has already been imported, taken back or discarded."""

    code = "batch_closed"


class CannotTakeBack(Refused):
    """Something the batch created or changed is used, or was changed again."""

    code = "cannot_take_back"


class Stale(Exception):
    """Between checking a row and storing it somebody changed what the row was compared with."""


class Kind(Protocol):
    """What a cockpit needs to know about one kind of file.

    `most_rows` is how many a file may have. A kind of which rows speak of each other is checked as a `whole_file`.
    A kind that reads more than sheets has an `intake`; one whose files hold pictures, `keep_picture(session, picture,
    content, *, now)`; one that looks further once the preview stands, the kind of that job in `later`.
    """

    code: str
    target: str | None
    columns: Sequence[Column]
    most_rows: int
    whole_file: bool

    def survey(self, rows: Iterable[SheetRow]) -> dict[str, Any]:
        """What only a look at all rows can tell, as JSON: it is handed to every check."""

    def check(self, session: Session, rows: Sequence[ParsedRow], survey: Mapping[str, Any], *, now: datetime) -> None:
        """Give every row its value, outcome and problems; changes nothing in the database."""

    def prepare(self, rows: Sequence[ParsedRow], *, now: datetime) -> None:
        """What takes time and no database (encryption), done before the writing transaction begins."""

    def store(self, session: Session, rows: Sequence[ParsedRow], *, now: datetime) -> list[Touched]:
        """Write checked rows that are not parked. Raises Stale when what they were compared with has changed."""

    def check_undo(self, session: Session, batch: ImportBatch) -> None:
        """Raises CannotTakeBack when anything the batch created or changed is in use or was changed since."""

    def take_back(self, session: Session, objects: Sequence[ImportedObject], *, now: datetime) -> None:
        """Remove what a batch created and restore what it changed. Raises CannotTakeBack."""

    def named(self, session: Session, uses: Sequence[Sequence[Any]]) -> list[str]:
        """What stands in the way of an undo, in words for people; `uses` as the refusal gave it."""


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


def receive(
    session: Session,
    kind: Kind,
    stored: tuple[str | None, str],
    *,
    file_name: str,
    account_id: int | None,
    now: datetime,
    run_after: datetime | None = None,
    form: str = "auto",
) -> ImportBatch:
    """A batch for a file that was put into the store as (key, SHA-256); the worker reads and checks it."""
    key, sha256 = stored
    batch = ImportBatch(
        kind=kind.code,
        target=kind.target,
        file_name=file_name[-255:],
        file_sha256=sha256,
        file_key=key,
        account_id=account_id,
        created_at=now,
        step_at=now,
        state=BatchState.READING,
        form=form,
        header=[],
        report={},
        sealed_rows=b"",
    )
    session.add(batch)
    session.flush()
    batch.sealed_rows = import_portions.Whole().sealed(batch.id)
    jobs.enqueue(session, CHECK, str(batch.id), now=run_after or now)
    return batch


def intake_of(kind: Kind) -> Intake:
    """How a kind's files are looked at and read: as sheets, unless it says otherwise."""
    return getattr(kind, "intake", SHEETS)


def put_aside(file: BinaryIO, intake: Intake = SHEETS, name: str = "") -> tuple[str, str]:
    """Look at a file's outside and seal it into the store. Raises NotAWorkbook, UnsafeWorkbook, TooLarge …"""
    intake.look(file, name)
    file.seek(0)
    return store.put(file)


def remembered(session: Session, kind: Kind, account_id: int | None) -> dict[str, str]:
    """Titles this account has matched before: normal form → our column."""
    row = session.get(RememberedColumns, (account_id, kind.code)) if account_id is not None else None
    return dict(row.titles) if row else {}


def choose_columns(
    session: Session, batch: ImportBatch, kind: Kind, chosen: Mapping[str, str], *, now: datetime
) -> None:
    """Say which of the file's titles is which column ("" for none), remember it, and check the rows anew.

    Raises BatchClosed unless the batch waits, and Refused when one title is chosen twice.
    """
    _locked(session, batch, (BatchState.MAPPING, BatchState.PREVIEW))
    offered = {c.title for c in kind.columns}
    chosen = {column: title for column, title in chosen.items() if column in offered}
    taken = [title for title in chosen.values() if title]
    if twice := next((t for t in taken if taken.count(t) > 1), None):
        raise Refused(N_("The title %(title)s was chosen for two columns. Choose it once."), title=twice)
    batch.columns = chosen
    if batch.account_id is not None:
        row = session.get(RememberedColumns, (batch.account_id, kind.code))
        if row is None:
            row = RememberedColumns(account_id=batch.account_id, kind=kind.code, titles={})
            session.add(row)
        own = {normal_title(c): c for c in offered}
        fresh = {normal_title(title): column for column, title in chosen.items() if title}
        kept = {t: c for t, c in row.titles.items() if c not in chosen}
        row.titles = {t: c for t, c in (kept | fresh).items() if t not in own}
    whole = import_portions.Whole.of(batch)
    whole.survey = None
    batch.sealed_rows = whole.sealed(batch.id)
    _move(batch, BatchState.CHECKING, now)
    jobs.enqueue(session, CHECK, str(batch.id), now=now)


def commit(session: Session, batch: ImportBatch, *, now: datetime, run_after: datetime | None = None) -> None:
    """Queue the batch: its rows are judged again, the good ones stored. Raises BatchClosed unless it waits for that."""
    _locked(session, batch, (BatchState.PREVIEW,))
    _move(batch, BatchState.COMMITTING, now)
    further = update(Job).where(Job.kind == FURTHER, Job.subject == str(batch.id), Job.done_at.is_(None))
    session.execute(further.values(done_at=now).execution_options(synchronize_session=False))
    jobs.enqueue(session, COMMIT, str(batch.id), now=run_after or now)


def discard(session: Session, batch: ImportBatch, *, now: datetime) -> None:
    """Forget a file that is not imported. Raises BatchClosed when it is."""
    _locked(session, batch, NOT_IN_YET)
    store.remove(batch.file_key)
    batch.file_key = None
    batch.sealed_rows = import_portions.Whole().sealed(batch.id)
    _move(batch, BatchState.DISCARDED, now)
    jobs.enqueue(session, CHECK, str(batch.id), now=now)  # the worker removes its portions


def undo(
    session: Session, batch: ImportBatch, *, account_id: int | None, now: datetime, run_after: datetime | None = None
) -> None:
    """Queue taking the batch back. Raises BatchClosed when it is not imported."""
    session.refresh(batch, with_for_update=True)
    if batch.state != BatchState.COMMITTED:
        raise BatchClosed(N_("Only a file that was imported can be taken back."))
    _move(batch, BatchState.UNDOING, now)
    audit.record(
        session, "import_undo_asked", "import_batch", batch.id, now=now, account_id=account_id, kind=batch.kind
    )
    jobs.enqueue(session, COMMIT, str(batch.id), now=run_after or now)


def _locked(session: Session, batch: ImportBatch, states: Sequence[str]) -> None:
    session.refresh(batch, with_for_update=True)
    if batch.state not in states:
        raise BatchClosed(CLOSED)


def _move(batch: ImportBatch, state: BatchState, now: datetime) -> None:
    batch.state, batch.step_at, batch.rows_done, batch.refusal = state, now, 0, None


def report_of(session: Session, batch: ImportBatch, *, problems: bool = True) -> Report:
    """The report as it stands, with every problem in the order of the file."""
    rows, _columns = import_portions.counts(session, batch.id)
    listed = list(import_portions.all_problems(session, batch)) if problems else []
    return Report(**rows, problems=listed, batch_id=batch.id)


def told(session: Session, kind: Kind, refusal: Mapping[str, Any] | None) -> str:
    """Why a batch's last step did not end well, in the reader's language."""
    if not refusal:
        return ""
    values = dict(refusal["values"])
    if isinstance(values.get("uses"), list):
        values["uses"] = "；".join(kind.named(session, values["uses"]))
    sentences = (refusal["message"], refusal.get("remedy", ""))
    return " ".join(i18n.gettext(sentence, **values) for sentence in sentences if sentence)


def refused(refusal: Refused) -> str:
    """A refusal's sentences in the reader's language."""
    sentences = (refusal.message, getattr(refusal, "remedy", ""))
    return " ".join(i18n.gettext(sentence, **refusal.values) for sentence in sentences if sentence)


def looks_further(session: Session, kind: Kind, batch: ImportBatch) -> bool:
    """Whether something is still being found out about a batch of which the preview stands."""
    job = select(Job.id).where(
        Job.kind == getattr(kind, "later", None), Job.subject == str(batch.id), Job.done_at.is_(None)
    )
    return session.scalars(job).first() is not None


def same_file(session: Session, batch: ImportBatch) -> ImportBatch | None:
    """An earlier import of the very same file, for the same kind and target, that still stands."""
    return session.scalars(
        select(ImportBatch)
        .where(
            ImportBatch.file_sha256 == batch.file_sha256,
            ImportBatch.kind == batch.kind,
            ImportBatch.target == batch.target,
            ImportBatch.account_id == batch.account_id,
            ImportBatch.state == BatchState.COMMITTED,
            ImportBatch.id < batch.id,
        )
        .order_by(ImportBatch.id.desc())
        .limit(1)
    ).first()


def seal_values(object_kind: str, object_id: int, before: Mapping[str, Any], after: Mapping[str, Any]) -> bytes:
    """A changed row's columns before and after, as JSON values."""
    plain = json.dumps([before, after], ensure_ascii=False, default=str)
    return keys.seal(plain, f"imported_object|{object_kind}|{object_id}")


def values_of(touched: ImportedObject) -> tuple[dict[str, Any], dict[str, Any]]:
    """A changed row's columns (before, after)."""
    bound = f"imported_object|{touched.object_kind}|{touched.object_id}"
    before, after = json.loads(keys.unseal(touched.sealed_values or b"", bound))
    return before, after


def spoken(problem: Problem) -> str:
    """Message and remedy in the reader's language."""
    sentences = (problem.message, problem.remedy)
    return " ".join(i18n.gettext(s, **problem.values) for s in sentences if s)
