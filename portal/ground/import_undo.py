"""Taking an import back: first whether anything of it is used, then a few objects at a time, the latest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.ground import audit
from portal.ground.db import Base
from portal.ground.imports import CannotTakeBack
from portal.ground.models import BatchState, ImportBatch, ImportedObject
from portal.ground.rules import N_

if TYPE_CHECKING:
    from portal.ground.import_work import Work

IN_USE = N_("Something this import created is already in use, so the import can no longer be taken back: %(uses)s.")
CHANGED_SINCE = N_(
    "Something this import changed was changed again since, so the import can no longer be taken back: %(uses)s."
)
NAMED = 5  # uses that are told by name


def take_back(work: Work, batch: ImportBatch) -> None:
    """The question whether it may be, at the beginning; then one chunk. Raises CannotTakeBack."""
    with work.desk.reading() as session:
        kind = work.kind_of(session, batch)
        objects = session.scalars(
            select(ImportedObject)
            .where(ImportedObject.batch_id == batch.id, ImportedObject.undone_at.is_(None))
            .order_by(ImportedObject.id.desc())
            .limit(work.desk.pace.rows)
        ).all()
        if batch.rows_done == 0:
            kind.check_undo(session, batch)
    if not objects:
        _finish(work, batch)
        return
    now = work.now()
    try:
        with work.desk.writing() as session:
            work.progress(session, batch, len(objects))
            kind.take_back(session, objects, now=now)
            ids = [o.id for o in objects]
            mine = update(ImportedObject).where(ImportedObject.id.in_(ids)).values(undone_at=now)
            session.execute(mine.execution_options(synchronize_session=False))
    except IntegrityError as used:
        raise CannotTakeBack(IN_USE, uses="—") from used


def _finish(work: Work, batch: ImportBatch) -> None:
    with work.desk.writing() as session:
        work.move_in(session, batch, BatchState.UNDONE)
        audit.record(
            session, "import_undone", "import_batch", batch.id, now=work.now(), account_id=batch.account_id,
            kind=batch.kind,
        )  # fmt: skip


def uses(
    session: Session, batch: ImportBatch, kinds: Sequence[str], owned: Sequence[str] = ()
) -> list[tuple[str, str, int]]:
    """What points at objects a batch created, as (table of the object, table that uses it, object id); the first few.

    A later import that changed one of them counts as well, under the table `import_batch`; rows of the `owned`
    tables are parts of the objects.
    """
    found: list[tuple[str, str, int]] = []
    for kind in kinds:
        mine = still_touched(batch).where(ImportedObject.object_kind == kind, ImportedObject.act == "created")
        found += _later_imports(session, batch, kind)
        for table in Base.metadata.tables.values():
            for key in table.foreign_keys:
                if key.column.table.name != kind or table.name in owned:
                    continue
                here = select(key.parent).where(key.parent.in_(mine))
                if table.name in kinds:  # rows of the same batch go together
                    own = select(ImportedObject.object_id).where(
                        ImportedObject.batch_id == batch.id, ImportedObject.object_kind == table.name,
                        ImportedObject.act == "created",
                    )  # fmt: skip
                    here = here.where(table.c.id.not_in(own))
                found += [(kind, table.name, used) for used in session.scalars(here.distinct().limit(NAMED))]
    return found


def _later_imports(session: Session, batch: ImportBatch, kind: str) -> list[tuple[str, str, int]]:
    mine = still_touched(batch).where(ImportedObject.object_kind == kind)
    later = (
        select(ImportedObject.object_id)
        .join(ImportBatch, ImportBatch.id == ImportedObject.batch_id)
        .where(
            ImportedObject.object_kind == kind, ImportedObject.object_id.in_(mine), ImportedObject.batch_id > batch.id,
            ImportedObject.undone_at.is_(None), ImportBatch.state.in_((BatchState.COMMITTED, BatchState.COMMITTING)),
        )
    )  # fmt: skip
    return [(kind, "import_batch", used) for used in session.scalars(later.distinct().limit(NAMED))]


def still_touched(batch: ImportBatch) -> Select[tuple[int]]:
    """The ids of what a batch created or changed and has not given back."""
    return select(ImportedObject.object_id).where(
        ImportedObject.batch_id == batch.id, ImportedObject.undone_at.is_(None)
    )
