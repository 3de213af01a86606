"""Checking: which column is which, what a look at all rows tells, then every portion against the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.ground import import_portions, jobs
from portal.ground.import_header import Match, given_match, lacking, match
from portal.ground.import_models import ImportPortion
from portal.ground.import_portions import CHECKED, READ, Found, Whole
from portal.ground.import_rows import ParsedRow, Problem, SheetRow
from portal.ground.imports import PROBLEM_COLUMN, RAW_COLUMN, Kind, remembered
from portal.ground.models import BatchState, ImportBatch
from portal.ground.rules import N_
from portal.ground.sheets import Row

if TYPE_CHECKING:
    from portal.ground.import_work import Work


class Reader:
    """A batch's rows with named cells: its sheets, what their columns are, and what was seen in all rows."""

    def __init__(self, session: Session, batch: ImportBatch, kind: Kind) -> None:
        self.whole = Whole.of(batch)
        self._columns = kind.columns
        self._matched: dict[int, Match] = {}
        self._known = remembered(session, kind, batch.account_id)
        self._chosen = batch.columns

    def matched(self, sheet: int) -> Match:
        """Raises WrongColumns when a column is named twice."""
        if sheet not in self._matched:
            head = self.whole.heads[sheet]
            silent = (PROBLEM_COLUMN, RAW_COLUMN)
            found = given_match(head) if head.given else match(self._columns, head, self._known, self._chosen, silent)
            self._matched[sheet] = found
        return self._matched[sheet]

    @property
    def given(self) -> bool:
        """Whether the file's reader named our own columns, so that nobody has to match any."""
        return all(self.whole.heads[sheet].given for sheet in self.whole.used)

    def rows(self, sheet: int, raw: Sequence[Row], number: int = 0) -> list[SheetRow]:
        return import_portions.sheet_rows(raw, self.whole.heads[sheet], self.matched(sheet), number)

    def parsed(self, sheet: int, raw: Sequence[Row], number: int = 0) -> list[ParsedRow]:
        return [ParsedRow(row, problems=row.shape_problems()) for row in self.rows(sheet, raw, number)]


def check(work: Work, batch: ImportBatch) -> None:
    """The columns first; then one portion, or all at once where rows speak of each other; then the preview."""
    with work.desk.reading() as session:
        kind, reader = work.eyes(session, batch)
        waiting = select(ImportPortion.number).where(ImportPortion.batch_id == batch.id, ImportPortion.state == READ)
        number = session.scalars(waiting.order_by(ImportPortion.number).limit(1)).first()
        if reader.whole.survey is None:
            survey = _survey(session, batch, kind, reader)
        elif number is None:
            rows, _columns = import_portions.counts(session, batch.id)
        elif kind.whole_file:
            found = _check_whole(work, session, batch, kind, reader)
        else:
            found = {number: _check_one(work, session, batch, kind, reader, number)}
    if reader.whole.survey is None:
        _keep_survey(work, batch, reader, survey)
    elif number is None:
        with work.desk.writing() as session:
            work.move_in(session, batch, BatchState.PREVIEW, report=rows)
            if (later := getattr(kind, "later", None)) is not None:
                jobs.enqueue(session, later, str(batch.id), now=work.now())
    else:
        for number, here in found.items():
            values = {
                "state": CHECKED, "tally": import_portions.tally(here),
                "sealed_found": import_portions.sealed_found(batch.id, number, here),
            }  # fmt: skip
            with work.desk.writing() as session:
                set_portion(session, batch, number, values)
                work.progress(session, batch, len(here))


def set_portion(session: Session, batch: ImportBatch, number: int, values: Mapping[str, Any]) -> None:
    mine = update(ImportPortion).where(ImportPortion.batch_id == batch.id, ImportPortion.number == number)
    session.execute(mine.values(**values).execution_options(synchronize_session=False))


def _check_one(
    work: Work, session: Session, batch: ImportBatch, kind: Kind, reader: Reader, number: int
) -> list[Found]:
    here = import_portions.portion(session, batch.id, number)
    rows = reader.parsed(here.sheet, import_portions.raw_rows(here), number)
    judge(session, kind, rows, reader, now=work.now())
    return [Found.of(row) for row in rows]


def judge(session: Session, kind: Kind, rows: list[ParsedRow], reader: Reader, *, now: datetime) -> None:
    """The kind's word on every row whose shape is sound."""
    kind.check(session, [row for row in rows if not row.parked], reader.whole.survey or {}, now=now)


def whole_file(
    session: Session, batch: ImportBatch, kind: Kind, reader: Reader, now: datetime
) -> dict[int, list[ParsedRow]]:
    """All rows of a file, judged together, by portion."""
    every = import_portions.portions(session, batch.id)
    parsed = {one.number: reader.parsed(one.sheet, import_portions.raw_rows(one), one.number) for one in every}
    judge(session, kind, [row for rows in parsed.values() for row in rows], reader, now=now)
    return parsed


def _check_whole(
    work: Work, session: Session, batch: ImportBatch, kind: Kind, reader: Reader
) -> dict[int, list[Found]]:
    parsed = whole_file(session, batch, kind, reader, work.now())
    return {number: [Found.of(row) for row in rows] for number, rows in parsed.items()}


def _survey(session: Session, batch: ImportBatch, kind: Kind, reader: Reader) -> dict[str, Any]:
    """What a look at all rows tells. Raises WrongColumns when a sheet lacks columns."""
    for sheet in reader.whole.used:
        found = reader.matched(sheet)
        if found.missing:
            raise lacking(reader.whole.heads[sheet], found)
    return kind.survey(AllRows(session, batch, reader))


@dataclass(frozen=True)
class AllRows:
    """Every row of a batch, one portion in memory at a time; may be gone through again."""

    session: Session
    batch: ImportBatch
    reader: Reader

    def __iter__(self) -> Iterator[SheetRow]:
        for one in import_portions.portions(self.session, self.batch.id):
            yield from self.reader.rows(one.sheet, import_portions.raw_rows(one), one.number)


def _keep_survey(work: Work, batch: ImportBatch, reader: Reader, survey: dict[str, Any]) -> None:
    """Begin checking: every portion as it was read, notes about columns, the columns found."""
    whole = reader.whole
    whole.survey = survey
    whole.notes = [note for note in whole.notes if not note.row] + _column_notes(reader)
    found = dict.fromkeys(t for sheet in whole.used for t in reader.matched(sheet).found)
    fresh = {"state": READ, "tally": {}, "sealed_found": None}
    with work.desk.reading() as session:
        checked = session.scalars(
            select(ImportPortion.number).where(ImportPortion.batch_id == batch.id, ImportPortion.state != READ)
        ).all()
    for start in range(0, len(checked), 50):
        with work.desk.writing() as session:
            mine = update(ImportPortion).where(
                ImportPortion.batch_id == batch.id, ImportPortion.number.in_(checked[start : start + 50])
            )
            session.execute(mine.values(**fresh).execution_options(synchronize_session=False))
    work.move(batch, BatchState.CHECKING, sealed_rows=whole.sealed(batch.id), header=list(found), report={})


def _column_notes(reader: Reader) -> list[Problem]:
    notes = []
    for sheet in reader.whole.used:
        head, found = reader.whole.heads[sheet], reader.matched(sheet)
        if head.given:
            continue
        if found.renamed:
            pairs = "、".join(f"{title} → {column}" for column, title in found.renamed.items())
            message = N_("Columns of sheet %(sheet)s were matched: %(pairs)s.")
            values = {"sheet": head.name, "pairs": pairs}
            notes.append(Problem(head.name, head.row, "", "", message, values=values, warning=True))
        if found.unknown:
            message = N_("These columns are not known and were ignored: %(columns)s.")
            values = {"columns": "、".join(found.unknown)}
            notes.append(Problem(head.name, head.row, "", "", message, values=values, warning=True))
    return notes
