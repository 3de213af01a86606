"""An import from beginning to end at once: for the command line, and for a session that somebody else commits."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.ground import clock, imports, jobs
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.import_desk import LEASE, Apart, Desk, Lease, Within
from portal.ground.import_models import ImportPicture, ImportPortion
from portal.ground.import_work import KindOf, Work
from portal.ground.imports import CHECK, COMMIT, Kind, Report
from portal.ground.models import ImportBatch, Job

Watch = Callable[[ImportBatch], None]


def import_file(
    session: Session, kind_of: KindOf, kind: Kind, path: Path, *, account_id: int | None, dry_run: bool, now: datetime,
    form: str = "auto",
) -> Report:  # fmt: skip
    """Inside one session: check a file and, unless it is a dry run, take in its good rows. The caller commits."""
    with path.open("rb") as file:
        imports.intake_of(kind).look(file, path.name)
        file.seek(0)
        stored = None, hashlib.file_digest(file, "sha256").hexdigest()
    batch = imports.receive(session, kind, stored, file_name=path.name, account_id=account_id, now=now, form=form)
    work = Work(Within(session), batch.id, kind_of, lambda: now, source=path)
    try:
        _to_the_end(session, work, CHECK, now)
        if dry_run:
            return _report(session, batch, None)
        imports.commit(session, session.get_one(ImportBatch, batch.id), now=now)
        _to_the_end(session, work, COMMIT, now)
        return _report(session, batch, batch.id)
    finally:
        if dry_run or work.refusal is not None:
            forget(session, batch.id)


def undo_now(session: Session, kind_of: KindOf, batch: ImportBatch, *, now: datetime) -> int:
    """Inside one session: take a batch back and give the number of rows. Raises CannotTakeBack and BatchClosed."""
    count = batch.report.get("created", 0) + batch.report.get("changed", 0)
    imports.undo(session, batch, account_id=None, now=now)
    work = Work(Within(session), batch.id, kind_of, lambda: now)
    _to_the_end(session, work, COMMIT, now)
    session.refresh(batch)
    return count


def _to_the_end(session: Session, work: Work, kind: str, now: datetime) -> None:
    session.flush()
    work.run()
    job = session.scalars(select(Job).where(Job.kind == kind, Job.subject == str(work.batch_id))).one()
    jobs.done(job, now=now)
    session.flush()  # expiring would forget it
    session.expire_all()
    if work.refusal is not None:
        raise work.refusal


def _report(session: Session, batch: ImportBatch, batch_id: int | None) -> Report:
    report = imports.report_of(session, session.get_one(ImportBatch, batch.id))
    report.batch_id = batch_id
    return report


def forget(session: Session, batch_id: int) -> None:
    """A file that was only looked at leaves nothing behind."""
    for table in (ImportPicture, ImportPortion):
        session.execute(delete(table).where(table.batch_id == batch_id))
    session.execute(delete(ImportBatch).where(ImportBatch.id == batch_id))
    session.execute(delete(Job).where(Job.kind.in_((*imports.JOBS, imports.FURTHER)), Job.subject == str(batch_id)))
    session.flush()


class Terminal:
    """An import from a terminal: the same steps in short transactions; the worker goes on if this is killed."""

    def __init__(self, kind_of: KindOf, watch: Watch | None = None) -> None:
        self._kind_of, self._watch = kind_of, watch
        self.desk: Desk = Apart(clock.now)

    def take_in(
        self, kind: Kind, path: Path, *, account_id: int | None, dry_run: bool, form: str = "auto"
    ) -> Report:
        """Raises the refusals of reading and of the header; then nothing of the file is kept."""
        with path.open("rb") as file:
            stored = imports.put_aside(file, imports.intake_of(kind), path.name)
        lease = clock.now() + LEASE
        with db.writing() as session:
            batch = imports.receive(
                session, kind, stored, file_name=path.name, account_id=account_id, now=clock.now(), run_after=lease,
                form=form,
            )  # fmt: skip
            session.commit()
        try:
            self._run(batch.id, CHECK)
        except Refused:
            self._forget(batch.id)
            raise
        if dry_run:
            report = self._report(batch.id, None)
            self._forget(batch.id)
            return report
        with db.writing() as session:
            lease = clock.now() + LEASE
            imports.commit(session, session.get_one(ImportBatch, batch.id), now=clock.now(), run_after=lease)
            session.commit()
        self._run(batch.id, COMMIT)
        return self._report(batch.id, batch.id)

    def take_back(self, batch_id: int) -> int:
        """How many rows went or were restored. Raises NoResultFound, CannotTakeBack and BatchClosed."""
        with db.writing() as session:
            batch = session.get_one(ImportBatch, batch_id)
            count = batch.report.get("created", 0) + batch.report.get("changed", 0)
            imports.undo(session, batch, account_id=None, now=clock.now(), run_after=clock.now() + LEASE)
            session.commit()
        self._run(batch_id, COMMIT)
        return count

    def _run(self, batch_id: int, kind: str) -> None:
        with db.reading() as session:
            job = session.scalars(select(Job).where(Job.kind == kind, Job.subject == str(batch_id))).one()
        self.desk = Apart(clock.now, Lease(job.id, job.run_after))
        work = Work(self.desk, batch_id, self._kind_of, clock.now)
        work.run(each=self._watch)
        with db.writing() as session:
            jobs.done(session.get_one(Job, job.id), now=clock.now())
            session.commit()
        if work.refusal is not None:
            raise work.refusal

    def _report(self, batch_id: int, shown_id: int | None) -> Report:
        with db.reading() as session:
            report = imports.report_of(session, session.get_one(ImportBatch, batch_id))
        report.batch_id = shown_id
        return report

    def _forget(self, batch_id: int) -> None:
        Work(self.desk, batch_id, self._kind_of, clock.now).clear()
        with db.writing() as session:
            forget(session, batch_id)
            session.commit()
