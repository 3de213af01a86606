"""Question sheets through the import cockpit: drafts and new versions, taken in and taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portal.bank import operations
from portal.bank.models import Question as Row
from portal.bank.models import QuestionBank, QuestionStatus, QuestionVersion, StatusChange
from portal.ground.import_rows import Column, Outcome, ParsedRow, SheetRow, Touched
from portal.ground.import_undo import IN_USE, NAMED
from portal.ground.imports import CannotTakeBack, Stale
from portal.ground.models import ImportBatch, ImportedObject
from portal.ground.rules import N_
from portal.library.models import ArticleSummary, Law, LawVersion
from portal.library.queries import known_versions
from question_bank import sheet_format as sheet
from question_bank.questions import LETTERS, Question
from question_bank.sheet_format import Read

NEW_VERSIONS = N_(
    "This import wrote new versions of questions that were there before it, and versions are kept, so it stays: "
    "%(uses)s. Correct them with a new file."
)
TAKEN_BACK = "import taken back"  # the note of a question withdrawn by undoing its import
RATIONALE_EXAMPLES = ("由具有行政处罚权的行政机关在法定职权范围内实施。", "限制人身自由的行政处罚只能由法律设定。")

LEGENDS = {
    sheet.CODE: (N_("Unique; the same number again makes a new version."), "JL-示例-001", "JL-示例-002"),
    sheet.KIND: (N_("单选, 多选, 判断, 填空, 简答 or 案例."), "单选", "判断"),
    sheet.CASE: (N_("For a question of a case: the 题号 of the case's own row."), "", ""),
    sheet.STEM: (
        N_("Mark each blank with four underscores."),
        "行政处罚由哪个机关实施？",
        "限制人身自由的行政处罚只能由法律设定。",
    ),
    sheet.KEY: (
        N_("B, ACD, 对 or 错; blanks separated by ； and variants by /; for 简答 the reference answer."),
        "B",
        "对",
    ),
    sheet.POINTS: (N_("Only for 简答: one marking point a line."), "", ""),
    sheet.RATIONALE: (N_("A sentence that says why the key is right."), *RATIONALE_EXAMPLES),
    sheet.LAW: (N_("The law's short title, one citation a line."), "行政处罚法", "行政处罚法"),
    sheet.LABEL: (N_("The version as the library names it."), "2021 修订", "2021 修订"),
    sheet.ARTICLE: (N_("Such as 第五十一条."), "第十七条", "第十条"),
    sheet.SUMMARY: (N_("May stay empty: what the article says, in one sentence of yours."), "", ""),
    sheet.TOPIC: (N_("One topic; papers are drawn by topic."), "行政处罚", "行政处罚"),
    sheet.DIFFICULTY: (N_("1 (easy) to 5 (hard); empty is 3."), "2", "3"),
    sheet.LEVEL: (N_("识记, 理解, 应用 or 分析; empty is 理解."), "识记", "理解"),
}
OPTION_EXAMPLES = ("县级以上各级机关", "具有行政处罚权的行政机关", "任何社会组织")
OPTIONAL = (sheet.CASE, "E", "F", *LETTERS[6:], sheet.POINTS, sheet.SUMMARY)


def _columns(titles: Iterable[str]) -> tuple[Column, ...]:
    columns = []
    for title in titles:
        option = OPTION_EXAMPLES[LETTERS.index(title)] if title in ("A", "B", "C") else ""
        legend, *examples = LEGENDS.get(title, (N_("An option; leave no gaps."), option, ""))
        rare = title in LETTERS[len(sheet.USUAL_OPTIONS) :]
        columns.append(Column(title, legend, (examples[0], examples[1]), title not in OPTIONAL, in_template=not rare))
    return tuple(columns)


class Questions:
    """The kind `questions`, into one bank; `account_id` becomes the author of new versions.

    A case and its items are rows of their own, so a file is checked as a whole.
    """

    code = "questions"
    columns = _columns((*sheet.TITLES, *LETTERS[len(sheet.USUAL_OPTIONS) :]))
    most_rows = 5_000
    whole_file = True

    def __init__(self, bank: QuestionBank, account_id: int | None = None, *, still_open: bool = True) -> None:
        self.bank, self.account_id, self.target, self.still_open = bank, account_id, bank.code, still_open

    def survey(self, rows: Iterable[SheetRow]) -> dict[str, Any]:
        return {}

    def check(self, session: Session, rows: Sequence[ParsedRow], survey: Mapping[str, Any], *, now: datetime) -> None:
        if not self.still_open:
            for row in rows:
                row.wrong(sheet.CODE, N_("You no longer answer for this question bank."))
            return
        reads = sheet.read_rows([row.source.cells for row in rows])
        known = known_versions(session)
        codes = {read.question.code for read in reads if read.question}
        found = select(Row).where(Row.code.in_(codes)).options(joinedload(Row.current))
        there = {row.code: row for row in session.scalars(found)}
        withdrawn = _withdrawn(session, there.values())
        for read in reads:
            _place_faults(rows, read)
            if read.question and not read.faults:
                self._compare(rows, read, there.get(read.question.code), withdrawn)
                _warn_unknown_laws(rows[read.rows[0]], read.question, known)

    def _compare(self, rows: Sequence[ParsedRow], read: Read, there: Row | None, withdrawn: set[int]) -> None:
        head = rows[read.rows[0]]
        outcome = Outcome.CHANGED
        if there is None or there.id in withdrawn:
            outcome = Outcome.CREATED
        elif there.current.content_sha256 == operations.content_sha256(read.question):
            outcome = Outcome.UNCHANGED
        elif there.status in operations.USABLE:
            head.problems.append(
                head.source.problem(
                    sheet.CODE,
                    N_("This question is in use or under review; the new version is a draft until it is approved."),
                    warning=True,
                )
            )
        if there is not None and there.bank_id != self.bank.id:
            for place in read.rows:
                rows[place].problems.append(
                    rows[place].source.problem(
                        sheet.CODE,
                        N_("The number %(code)s belongs to a question of another bank."),
                        N_("Give the question another number."),
                        code=there.code,
                    )
                )
        head.value, head.label = read.question, f"{read.question.code} {read.question.stem}"
        for place in read.rows:
            rows[place].outcome = outcome

    def prepare(self, rows: Sequence[ParsedRow], *, now: datetime) -> None:
        """Nothing in a question is sealed."""

    def store(self, session: Session, rows: Sequence[ParsedRow], *, now: datetime) -> list[Touched]:
        heads = [row for row in rows if row.value is not None]
        self._still_as_compared(session, heads)
        touched = []
        for head in heads:
            version = operations.add_version(session, self.bank, head.value, account_id=self.account_id, now=now)
            if version.question.status == QuestionStatus.RETIRED:  # withdrawn, and now the same again
                operations.move(session, version.question, QuestionStatus.DRAFT, account_id=self.account_id, now=now)
            touched.append(Touched(head.outcome, "question_version", version.id))
        _add_summaries(session, [head.value for head in heads])
        return touched

    def _still_as_compared(self, session: Session, heads: Sequence[ParsedRow]) -> None:
        """Nobody has written one of these questions since. Raises Stale."""
        found = select(Row).where(Row.code.in_([h.value.code for h in heads])).options(joinedload(Row.current))
        there = {row.code: row for row in session.scalars(found.execution_options(populate_existing=True))}
        withdrawn = _withdrawn(session, there.values())
        for head in heads:
            row = there.get(head.value.code)
            fresh = row is None or row.id in withdrawn
            same = not fresh and row.current.content_sha256 == operations.content_sha256(head.value)
            if same or fresh != (head.outcome == Outcome.CREATED) or (row and row.bank_id != self.bank.id):
                raise Stale

    def check_undo(self, session: Session, batch: ImportBatch) -> None:
        """What was created is still a draft; a new version of an older question stays, because versions are kept."""
        mine = select(ImportedObject.object_id).where(
            ImportedObject.batch_id == batch.id, ImportedObject.undone_at.is_(None)
        )
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


def _place_faults(rows: Sequence[ParsedRow], read: Read) -> None:
    for fault in read.faults:
        values = dict(fault.values)
        if fault.other is not None:
            other = rows[fault.other].source
            values |= {"row": other.number, "sheet": other.sheet}
        row = rows[fault.row]
        row.problems.append(row.source.problem(fault.column, fault.message, fault.remedy, **values))
    for place in read.rows if read.faults else ():
        if not rows[place].parked:
            message = N_("Another row of this case has a problem, so the whole case waits.")
            rows[place].problems.append(rows[place].source.problem(sheet.CASE, message, ""))


def _warn_unknown_laws(row: ParsedRow, question: Question, known: set[tuple[str, str]]) -> None:
    for citation in question.all_citations():
        if (citation.law, citation.label) not in known:
            row.problems.append(row.source.problem(
                sheet.LAW,
                N_("The library does not know %(law)s (%(label)s); the question stays a draft until it does."),
                N_("Correct the version, or have it added to the library."),
                warning=True, law=citation.law, label=citation.label,
            ))  # fmt: skip


def _withdrawn(session: Session, rows: Iterable[Row]) -> set[int]:
    """Of these questions, the ids of those that undoing an import has retired."""
    retired = {row.id for row in rows if row.status == QuestionStatus.RETIRED}
    changes = session.execute(
        select(StatusChange.question_id, StatusChange.note)
        .where(StatusChange.question_id.in_(retired))
        .order_by(StatusChange.id)
    )
    last = dict(changes.all())
    return {question_id for question_id, note in last.items() if note == TAKEN_BACK}


def _add_summaries(session: Session, questions: Sequence[Question]) -> None:
    """Give known law versions the summaries of articles that have none yet."""
    offered = {(c.law, c.label, c.article): c.summary for q in questions for c in q.all_citations() if c.summary}
    versions = {
        (title, label): version_id
        for title, label, version_id in session.execute(
            select(Law.title, LawVersion.label, LawVersion.id).join(LawVersion, LawVersion.law_id == Law.id)
        )
    }
    there = {tuple(row) for row in session.execute(select(ArticleSummary.law_version_id, ArticleSummary.article))}
    for (law, label, article), summary in offered.items():
        version_id = versions.get((law, label))
        if version_id is not None and (version_id, article) not in there:
            session.add(ArticleSummary(law_version_id=version_id, article=article[:30], summary=summary[:500]))
    session.flush()
