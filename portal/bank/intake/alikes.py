"""Near-duplicates of a file's questions: looked for once its preview stands, apart from the import itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.bank.finding.alike import LookAlike, alikes_of, in_reach
from portal.bank.intake.codes import numbered_cells, without_number
from portal.bank.intake.questions import Questions
from portal.bank.intake.surveying import with_rows_apart
from portal.bank.models import Question as Row
from portal.bank.models import QuestionBank
from portal.ground import import_jobs, import_portions, jobs
from portal.ground.db import db
from portal.ground.import_checking import Reader, set_portion
from portal.ground.import_rows import PLACES, Outcome, Problem, SheetRow, shown
from portal.ground.import_work import KindOf
from portal.ground.imports import FURTHER
from portal.ground.models import BatchState, ImportBatch, Job
from portal.ground.rules import N_
from portal.people.imports import importer
from question_bank import sheet_format as sheet
from question_bank.questions import Question

log = logging.getLogger("mingfa.imports")
LEASE = timedelta(minutes=3)
GIVE_UP_AFTER = 3  # times; the import does not depend on it
MOST_COMPARED = 40_000  # questions on record
LIKE = N_("Like question %(code)s of bank %(bank)s: %(share)s %%.")
OTHER_KEY = N_("Asks the same as question %(code)s of bank %(bank)s, with another key.")
LIKE_HERE = {
    "row": N_("Like row %(n)s of this file: %(share)s %%."), "line": N_("Like line %(n)s of this file: %(share)s %%."),
    "item": N_("Like item %(n)s of this file: %(share)s %%."),
    "paragraph": N_("Like paragraph %(n)s of this file: %(share)s %%."),
}  # fmt: skip


@dataclass(frozen=True)
class Fresh:
    """A question that would go in: its head row and the portion that holds it."""

    portion: int
    row: SheetRow
    question: Question


def work_on_one(now: Callable[[], datetime], kind_of: KindOf) -> bool:
    """The batch that has waited longest; False when none does."""
    taken = import_jobs.take((FURTHER,), now(), LEASE)
    if taken is None:
        return False
    batch_id, lease = taken
    try:
        find_alikes_of_batch(batch_id, kind_of)
    except Exception as error:  # the preview stands without it
        log.exception("look-alikes of import %s", batch_id)
        _end(lease.job_id, repr(error), now())
    else:
        _end(lease.job_id, None, now())
    return True


def _end(job_id: int, error: str | None, now: datetime) -> None:
    with db.writing() as session:
        job = session.get(Job, job_id, with_for_update=True)
        if job is not None and job.done_at is None:
            if error is not None:
                jobs.failed(job, error, now=now)
            if error is None or job.tries >= GIVE_UP_AFTER:
                jobs.done(job, now=now)
        session.commit()


def find_alikes_of_batch(batch_id: int, kind_of: KindOf) -> int:
    """Say at each question of a batch that waits what it is like; returns how many hints that are."""
    with db.reading() as session:
        batch = session.get(ImportBatch, batch_id)
        if batch is None or batch.state != BatchState.PREVIEW:
            return 0
        kind = kind_of(session, batch)
        assert isinstance(kind, Questions)
        fresh = list(_fresh(session, batch, kind))
        found = alikes_of(session, banks_compared(session, kind), [one.question for one in fresh],
                          account=importer(session, kind.account_id))  # fmt: skip
    hints: dict[int, list[Problem]] = {}
    for place, alike in found:
        hints.setdefault(fresh[place].portion, []).append(_hint(fresh, place, alike))
    for number, some in sorted(hints.items()):
        values = {"later": len(some), "sealed_later": import_portions.sealed_later(batch_id, number, some)}
        with db.writing() as session:
            batch = session.get_one(ImportBatch, batch_id)
            if batch.state != BatchState.PREVIEW:
                return 0
            set_portion(session, batch, number, values)
            session.commit()
    return len(found)


def _fresh(session: Session, batch: ImportBatch, kind: Questions) -> Iterator[Fresh]:
    """The questions that would be created or changed, without what is not compared."""
    reader = Reader(session, batch, kind)
    survey = reader.whole.survey or {}
    for one in import_portions.portions(session, batch.id, found=True):
        going_in = {f.row for f in import_portions.found_in(one) if f.fate in (Outcome.CREATED, Outcome.CHANGED)}
        if not going_in:
            continue
        raw = import_portions.raw_rows(import_portions.portion(session, batch.id, one.number))
        own = [row for row in reader.parsed(one.sheet, raw, one.number) if row.source.number in going_in]
        rows = with_rows_apart(own, survey)
        for read in sheet.read_rows(numbered_cells(session, kind.bank, rows), drafts=True):
            if read.question and read.rows[0] < len(own):
                question = replace(without_number(read.question), rationale="", citations=())
                yield Fresh(one.number, own[read.rows[0]].source, question)


def banks_compared(session: Session, kind: Questions) -> list[int]:
    """The bank itself, and others the importer may read, as long as that is not too much to compare."""
    account = importer(session, kind.account_id)
    every = list(session.scalars(select(QuestionBank.id).order_by(QuestionBank.id)))
    counts = dict(session.execute(select(Row.bank_id, func.count()).group_by(Row.bank_id)).all())
    picked, total = [kind.bank.id], counts.get(kind.bank.id, 0)
    for bank_id in in_reach(session, account, every):
        total += 0 if bank_id in picked else counts.get(bank_id, 0)
        if bank_id not in picked and total <= MOST_COMPARED:
            picked.append(bank_id)
    return picked


def _hint(fresh: Sequence[Fresh], place: int, alike: LookAlike) -> Problem:
    row = fresh[place].row
    values: dict[str, object] = {"share": alike.share}
    if alike.place is not None:
        other = fresh[alike.place].row
        message = LIKE_HERE[other.unit]
        values["n"] = other.line if other.unit in PLACES else other.number
    else:
        message = OTHER_KEY if alike.other_key else LIKE
        values |= {"code": alike.code, "bank": alike.bank_code}
    said = row.problem(sheet.STEM, message, warning=True, **values)
    return replace(said, text=shown(fresh[place].question.stem))
