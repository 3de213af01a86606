"""Question sheets through the import cockpit: drafts and new versions, taken in and taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portal.bank import operations
from portal.bank.finding.indexing import gathered
from portal.bank.intake import surveying
from portal.bank.intake.codes import free_numbers, known_by_text, numbered_cells, with_number
from portal.bank.intake.columns import question_columns
from portal.bank.intake.examples import Offered, offered
from portal.bank.intake.files import INTAKE
from portal.bank.intake.judging import TAKEN_BACK, Judge, say_of_file, withdrawn
from portal.bank.models import Question as Row
from portal.bank.models import QuestionBank, QuestionStatus, QuestionVersion
from portal.bank.writing.models import QuestionPicture
from portal.ground.import_models import ImportPicture
from portal.ground.import_rows import Outcome, ParsedRow, SheetRow, Touched
from portal.ground.import_undo import IN_USE, NAMED, still_touched
from portal.ground.imports import FURTHER, CannotTakeBack, Stale
from portal.ground.models import ImportBatch, ImportedObject
from portal.ground.rules import N_
from portal.library.models import ArticleSummary, Law, LawVersion
from question_bank import sheet_format as sheet
from question_bank.questions import Question

NEW_VERSIONS = N_(
    "This import wrote new versions of questions that were there before it, and versions are kept, so it stays: "
    "%(uses)s. Correct them with a new file."
)


class Questions:
    """The kind `questions`, into one bank; `account_id` becomes the author of new versions.

    A case and its items are rows of their own: those that lie apart in the file are brought together by the survey.
    """

    code = "questions"
    columns = question_columns()
    most_rows = 20_000
    whole_file = False
    intake = INTAKE
    later = FURTHER

    def __init__(
        self, bank: QuestionBank, account_id: int | None = None, *, still_open: bool = True, batch_id: int | None = None
    ) -> None:
        self.bank, self.account_id, self.target, self.still_open = bank, account_id, bank.code, still_open
        self.batch_id = batch_id

    def offered(self) -> list[Offered]:
        return offered()

    def survey(self, rows: Iterable[SheetRow]) -> dict[str, Any]:
        return surveying.survey(rows)

    def check(self, session: Session, rows: Sequence[ParsedRow], survey: Mapping[str, Any], *, now: datetime) -> None:
        if not self.still_open:
            for row in rows:
                row.wrong(sheet.CODE, N_("You no longer answer for this question bank."))
            return
        surveying.refuse_far(rows, survey)
        rows = [row for row in rows if not row.parked and not _is_raw(row)]
        together = surveying.with_rows_apart(rows, survey)
        reads = sheet.read_rows(numbered_cells(session, self.bank, together), drafts=True)
        Judge(session, self.bank, together, self.batch_id).judge(reads, len(rows))
        surveying.name_twins(rows, survey)
        surveying.pass_over_again(rows, survey)

    def prepare(self, rows: Sequence[ParsedRow], *, now: datetime) -> None:
        """Nothing in a question is sealed."""

    def keep_picture(self, session: Session, picture: ImportPicture, content: bytes, *, now: datetime) -> None:
        there = select(QuestionPicture.id).where(
            QuestionPicture.bank_id == self.bank.id, QuestionPicture.sha256 == picture.sha256
        )
        if session.scalar(there) is None:
            session.add(QuestionPicture(
                bank_id=self.bank.id, sha256=picture.sha256, media_type=picture.media_type, width=picture.width,
                height=picture.height, content=content, account_id=self.account_id, added_at=now,
            ))  # fmt: skip
            session.flush()

    def store(self, session: Session, rows: Sequence[ParsedRow], *, now: datetime) -> list[Touched]:
        heads = [row for row in rows if row.value is not None]
        self._still_as_compared(session, heads)
        without = [row for row in heads if not row.value.code]
        for head, code in zip(without, free_numbers(session, self.bank, len(without)), strict=True):
            head.value = with_number(head.value, code)
        touched, mine = [], self.account_id
        with gathered(session):
            for head in heads:
                version = operations.add_version(session, self.bank, head.value, account_id=mine, now=now)
                if version.question.status == QuestionStatus.RETIRED:  # withdrawn, and now the same again
                    operations.move(session, version.question, QuestionStatus.DRAFT, account_id=mine, now=now)
                touched.append(Touched(head.outcome, "question_version", version.id))
        _add_summaries(session, [head.value for head in heads])
        return touched

    def _still_as_compared(self, session: Session, heads: Sequence[ParsedRow]) -> None:
        """Nobody has written one of these questions since. Raises Stale."""
        without = {operations.said_sha256(head.value) for head in heads if not head.value.code}
        if known_by_text(session, self.bank, without):
            raise Stale
        coded = [head for head in heads if head.value.code]
        found = select(Row).where(Row.code.in_([h.value.code for h in coded])).options(joinedload(Row.current))
        there = {row.code: row for row in session.scalars(found.execution_options(populate_existing=True))}
        gone = withdrawn(session, there.values())
        for head in coded:
            row = there.get(head.value.code)
            fresh = row is None or row.id in gone
            same = not fresh and row.current.content_sha256 == operations.content_sha256(head.value)
            if same or fresh != (head.outcome == Outcome.CREATED) or (row and row.bank_id != self.bank.id):
                raise Stale

    def check_undo(self, session: Session, batch: ImportBatch) -> None:
        """What was created is still a draft; a new version of an older question stays, because versions are kept."""
        mine = still_touched(batch)
        changed = session.scalars(
            select(Row.code)
            .join(QuestionVersion, QuestionVersion.question_id == Row.id)
            .join(ImportedObject, ImportedObject.object_id == QuestionVersion.id)
            .where(ImportedObject.batch_id == batch.id, ImportedObject.act == Outcome.CHANGED)
            .limit(NAMED)
        ).all()
        if changed:
            raise CannotTakeBack(NEW_VERSIONS, uses=[[code, "question"] for code in changed])
        used = session.scalars(
            select(Row.code)
            .join(QuestionVersion, QuestionVersion.question_id == Row.id)
            .where(
                QuestionVersion.id.in_(mine),
                or_(Row.current_version_id.not_in(mine), Row.status != QuestionStatus.DRAFT),
            )
            .limit(NAMED)
        ).all()
        if used:
            raise CannotTakeBack(IN_USE, uses=[[code, "question"] for code in used])

    def take_back(self, session: Session, objects: Sequence[ImportedObject], *, now: datetime) -> None:
        """Versions are kept for ever: what was created is retired, and is nowhere drawn or offered."""
        ids = {o.object_id for o in objects}
        rows = session.scalars(
            select(Row)
            .join(QuestionVersion, QuestionVersion.question_id == Row.id)
            .where(QuestionVersion.id.in_(ids))
            .options(joinedload(Row.current))
            .execution_options(populate_existing=True)
        ).all()
        if used := [r for r in rows if r.current_version_id not in ids or r.status != QuestionStatus.DRAFT]:
            raise CannotTakeBack(IN_USE, uses=[[row.code, "question"] for row in used[:NAMED]])
        for row in rows:
            operations.retire(session, row, account_id=self.account_id, now=now, note=TAKEN_BACK)

    def named(self, session: Session, uses: Sequence[Sequence[Any]]) -> list[str]:
        return [str(code) for code, _use in uses]


def _is_raw(row: ParsedRow) -> bool:
    """Text that is no question: its reader has said why, and nothing more is to be found out."""
    if not row.source.aside or row.source.text(sheet.KIND):
        return False
    raw = str(row.source.aside.get("raw", ""))
    row.label = " ".join(raw.split())
    for fault in row.source.aside.get("faults", ()):
        say_of_file(row, fault)
    if not row.parked:
        row.wrong(sheet.STEM, N_("No question could be read here."), N_("Correct the text, or leave it out."))
    return True


def _add_summaries(session: Session, questions: Sequence[Question]) -> None:
    """Give known law versions the summaries of articles that have none yet."""
    offered = {(c.law, c.label, c.article): c.summary for q in questions for c in q.all_citations() if c.summary}
    if not offered:
        return
    of_laws = select(Law.title, LawVersion.label, LawVersion.id).join(LawVersion, LawVersion.law_id == Law.id)
    found = session.execute(of_laws.where(Law.title.in_({law for law, *_ in offered})))
    versions = {(title, label): version_id for title, label, version_id in found}
    has = select(ArticleSummary.law_version_id, ArticleSummary.article)
    there = {tuple(row) for row in session.execute(has.where(ArticleSummary.law_version_id.in_(versions.values())))}
    for (law, label, article), summary in offered.items():
        version_id = versions.get((law, label))
        if version_id is not None and (version_id, article) not in there:
            session.add(ArticleSummary(law_version_id=version_id, article=article[:30], summary=summary[:500]))
    session.flush()
