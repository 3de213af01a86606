"""What becomes of the questions that were read: new, changed, as on record, or parked with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.bank import operations
from portal.bank.intake.codes import known_by_text, with_number, without_number
from portal.bank.intake.surveying import TWICE_HERE as TWICE
from portal.bank.models import Question as Row
from portal.bank.models import QuestionBank, QuestionStatus, StatusChange
from portal.bank.writing.models import QuestionPicture
from portal.ground.import_models import ImportPicture
from portal.ground.import_rows import Outcome, ParsedRow, shown
from portal.ground.models import ImportedObject
from portal.ground.rules import N_
from portal.library.queries import known_versions
from question_bank import sheet_format as sheet
from question_bank.formats.trainer.look_alikes import BACKWARDS
from question_bank.questions import Question
from question_bank.sheet_format import Read

RAW_SHOWN, HINT_SHOWN = 400, 40  # characters of what stood in the file
TAKEN_BACK = "import taken back"  # the note of a question withdrawn by undoing its import
IN_USE_NOW = N_("This question is in use or under review; the new version is a draft until it is approved.")
OTHER_BANK = N_("The number %(code)s belongs to a question of another bank.")
OTHER_NUMBER = N_("Give the question another number.")
WHOLE_CASE_WAITS = N_("Another row of this case has a problem, so the whole case waits.")
UNKNOWN_LAW = N_("The library does not know %(law)s (%(label)s); the question stays a draft until it does.")
CORRECT_VERSION = N_("Correct the version, or have it added to the library.")
NO_SUCH_PICTURE = N_("A picture of this question is neither in the file nor in the bank.")
TURNED = N_("A hidden sign turns the direction of this text, so that it reads otherwise than it is written.")
WRITE_AGAIN = N_("Write this line again, without copying it.")
ADD_PICTURE = N_("Add it in the editor.")
THERE_ALREADY = N_("The bank has this question already, as %(code)s.")


class Judge:
    """Compares a portion's questions with those on record."""

    def __init__(self, session: Session, bank: QuestionBank, rows: Sequence[ParsedRow], batch_id: int | None) -> None:
        self._session, self._bank, self._rows, self._batch_id = session, bank, rows, batch_id

    def judge(self, reads: Sequence[Read], own: int) -> None:
        """Give every row its outcome and problems; rows from `own` on only complete the cases of others."""
        sound = []
        for read in reads:
            self._place_faults(read)
            if not any(self._rows[place].parked for place in read.rows) and read.question:
                sound.append((read, without_number(read.question)))
            else:
                self._park_whole(read)
        self._compare_all(sound, own)
        self._warn(sound)
        for read in reads:
            mine = sorted(place for place in read.rows if place < own)
            for place in range(mine[0], mine[-1]) if mine else ():
                self._rows[place].with_next = True

    def _place_faults(self, read: Read) -> None:
        named, head = set(), self._rows[read.rows[0]]
        raw = str(head.source.aside.get("raw", ""))
        for fault in read.faults:
            values = dict(fault.values)
            if fault.other is not None:
                other = self._rows[fault.other].source
                values |= {"row": other.number, "sheet": other.sheet}
            row = self._rows[fault.row]
            problem = row.source.problem(fault.column, fault.message, fault.remedy, warning=fault.warning, **values)
            text = problem.text or shown(raw, HINT_SHOWN if fault.warning else RAW_SHOWN)
            row.problems.append(replace(problem, text=text))
            named.add(fault.column)
        for told in head.source.aside.get("faults", ()):
            if told["column"] not in named:
                say_of_file(head, told)
        for place in read.rows:
            self._rows[place].problems.sort(key=lambda problem: problem.warning)

    def _park_whole(self, read: Read) -> None:
        for place in read.rows:
            if not self._rows[place].parked:
                self._rows[place].wrong(sheet.CASE, WHOLE_CASE_WAITS)
        if read.question:
            self._rows[read.rows[0]].label = read.question.stem

    def _compare_all(self, sound: Sequence[tuple[Read, Question]], own: int) -> None:
        codes = {question.code for _read, question in sound if question.code}
        found = select(Row).where(Row.code.in_(codes)).options(joinedload(Row.current))
        by_code = {row.code: row for row in self._session.scalars(found)} if codes else {}
        said = {id(question): operations.said_sha256(question) for _read, question in sound if not question.code}
        by_text = known_by_text(self._session, self._bank, set(said.values()))
        gone = withdrawn(self._session, [*by_code.values(), *by_text.values()])
        first: set[str] = set()
        for read, question in sound:
            text = said.get(id(question))
            there = by_code.get(question.code) if text is None else by_text.get(text)
            if text is not None and text in first:
                self._pass_over(read, TWICE)
            elif text is not None and there is not None and there.id not in gone:
                self._pass_over(read, THERE_ALREADY, code=there.code)
            else:
                self._compare(read, question, there, gone)
            if max(read.rows) >= own:
                self._as_this_batch_did(read, there)
            if text is not None:
                first.add(text)

    def _pass_over(self, read: Read, why: str, **values: str) -> None:
        head = self._rows[read.rows[0]]
        head.label = f"{values.get('code', '')} {read.question.stem if read.question else ''}".strip()
        head.hint(sheet.STEM, why, **values)
        for place in read.rows:
            self._rows[place].outcome = Outcome.UNCHANGED

    def _compare(self, read: Read, question: Question, there: Row | None, gone: set[int]) -> None:
        head, outcome = self._rows[read.rows[0]], Outcome.CHANGED
        if there is not None and not question.code:  # withdrawn, and now here again without its number
            question = with_number(question, there.code)
        if there is None or there.id in gone:
            outcome = Outcome.CREATED
        elif there.current.content_sha256 == operations.content_sha256(question):
            outcome = Outcome.UNCHANGED
        elif there.status in operations.USABLE:
            head.hint(sheet.CODE, IN_USE_NOW)
        if there is not None and there.bank_id != self._bank.id:
            for place in read.rows:
                self._rows[place].wrong(sheet.CODE, OTHER_BANK, OTHER_NUMBER, code=there.code)
        head.value, head.label = question, f"{question.code} {question.stem}".strip()
        for place in read.rows:
            self._rows[place].outcome = outcome

    def _as_this_batch_did(self, read: Read, there: Row | None) -> None:
        """Rows of a case of which the other rows have gone in already count as those did."""
        if there is None or self._batch_id is None or self._rows[read.rows[0]].outcome != Outcome.UNCHANGED:
            return
        act = self._session.scalar(select(ImportedObject.act).where(
            ImportedObject.batch_id == self._batch_id, ImportedObject.object_kind == "question_version",
            ImportedObject.object_id == there.current_version_id,
        ))  # fmt: skip
        if act is not None:
            for place in read.rows:
                self._rows[place].outcome = Outcome(act)
                self._rows[place].value = None

    def _warn(self, sound: Sequence[tuple[Read, Question]]) -> None:
        known = known_versions(self._session, [c for _read, question in sound for c in question.all_citations()])
        pictured = {key for _read, question in sound for _alt, key in question.pictures()}
        kept = self._kept_pictures(pictured) if pictured else set()
        for read, question in sound:
            head = self._rows[read.rows[0]]
            if any(BACKWARDS.search(text) for text in question.texts()):
                head.hint(sheet.STEM, TURNED, WRITE_AGAIN)
            for citation in question.all_citations():
                if citation.label and (citation.law, citation.label) not in known:
                    head.hint(sheet.LAW, UNKNOWN_LAW, CORRECT_VERSION, law=citation.law, label=citation.label)
            if any(key not in kept for _alt, key in question.pictures()):
                head.hint(sheet.STEM, NO_SUCH_PICTURE, ADD_PICTURE)

    def _kept_pictures(self, wanted: set[str]) -> set[str]:
        bank = QuestionPicture.bank_id == self._bank.id, QuestionPicture.sha256.in_(wanted)
        brought = ImportPicture.batch_id == self._batch_id, ImportPicture.sha256.in_(wanted)
        return {
            *self._session.scalars(select(QuestionPicture.sha256).where(*bank)),
            *self._session.scalars(select(ImportPicture.sha256).where(*brought)),
        }


def say_of_file(row: ParsedRow, told: Mapping[str, Any]) -> None:
    """A problem in the words of the file's reader; its text is the spot in the file."""
    problem = row.source.problem(
        told["column"], told["message"], told["remedy"], warning=told["warning"], **told["values"]
    )
    text = told["text"] or problem.text or str(row.source.aside.get("raw", ""))
    row.problems.append(replace(problem, text=shown(text, HINT_SHOWN if problem.warning else RAW_SHOWN)))


def withdrawn(session: Session, rows: Iterable[Row]) -> set[int]:
    """Of these questions, the ids of those that undoing an import has retired."""
    retired = {row.id for row in rows if row.status == QuestionStatus.RETIRED}
    if not retired:
        return set()
    changes = session.execute(
        select(StatusChange.question_id, StatusChange.note)
        .where(StatusChange.question_id.in_(retired))
        .order_by(StatusChange.id)
    )
    last = dict(changes.all())
    return {question_id for question_id, note in last.items() if note == TAKEN_BACK}
