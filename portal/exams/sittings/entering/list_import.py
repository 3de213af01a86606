"""A list of people to be entered for one exam, through the import cockpit: each row before the rules of entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.exams.models import Attempt, CheckIn, Entry, Exam
from portal.exams.sittings import queries as planned
from portal.exams.sittings.entering import operations, queries
from portal.exams.sittings.entering.operations import Desk, Judged
from portal.exams.sittings.models import Sitting
from portal.ground import i18n
from portal.ground.errors import Refused
from portal.ground.import_rows import Column, Outcome, ParsedRow, SheetRow, Touched
from portal.ground.import_undo import NAMED, still_touched
from portal.ground.imports import CannotTakeBack, Stale
from portal.ground.models import ImportBatch, ImportedObject
from portal.ground.rules import N_
from portal.people.models import Account, Post

NUMBER, NAME, SITTING = "工号", "姓名", "场次"
COLUMNS = (
    Column(NUMBER, N_("The personnel number of somebody in what you answer for."), ("MHK001", "MHK002"),
           also=("人员编号", "编号")),
    Column(NAME, N_("To check the number by; may stay empty."), ("安丽华", "周雅琴"), required=False),
    Column(SITTING, N_("The number of the sitting; may stay empty, people are placed later then."), ("1", "1"),
           required=False, also=("场次号",)),
)  # fmt: skip
STARTED = N_("Somebody of this import has begun, so it can no longer be taken back: %(uses)s.")
TOO_LATE = N_("Entries of this import can no longer be withdrawn by you: %(uses)s.")


@dataclass(frozen=True)
class Wanted:
    """A row that may be stored: who, of which unit, in which sitting."""

    person_id: int
    unit_id: int
    sitting_id: int | None


class EntryList:
    """The kind `exam_entries` of one exam, with the eyes of whoever brings the file."""

    code = "exam_entries"
    columns = COLUMNS
    most_rows = 10_000
    whole_file = True  # nobody stands in it twice, and a sitting has so many seats

    def __init__(self, exam: Exam, account: Account) -> None:
        self.exam, self.account, self.target = exam, account, str(exam.id)

    def survey(self, rows: Iterable[SheetRow]) -> dict[str, Any]:
        return {}

    # ---------- what the rows mean ----------
    def check(self, session: Session, rows: Sequence[ParsedRow], survey: Mapping[str, Any], *, now: datetime) -> None:
        try:
            exam = queries.exam_for_entry(session, self.account, self.exam.id)
        except NoResultFound:
            for row in rows:
                row.wrong(NUMBER, N_("You no longer enter people for this exam."))
            return
        known = queries.people_by_number(session, self.account, sorted({row.source.text(NUMBER) for row in rows}))
        posts = queries.posts_of(session, self.account, known.values())
        sittings = {str(one.number): one for one in planned.sittings_of(session, exam.id)}
        placed: dict[str, list[tuple[ParsedRow, Post]]] = {}
        seen: dict[str, int] = {}
        for row in rows:
            post = posts.get(known.get(row.source.text(NUMBER), 0))
            row.label = f"{row.source.text(NUMBER)} {row.source.text(NAME)}".strip()
            if self._reads(row, post, sittings, seen) and post is not None:
                placed.setdefault(row.source.text(SITTING), []).append((row, post))
        for number, mine in placed.items():
            self._judge(session, exam, sittings.get(number), mine, now)

    def _reads(
        self, row: ParsedRow, post: Post | None, sittings: Mapping[str, Sitting], seen: dict[str, int]
    ) -> bool:
        """Whether the row names one person, once, and a sitting that there is."""
        number, name, sitting = (row.source.text(column) for column in (NUMBER, NAME, SITTING))
        if post is None:
            row.wrong(
                NUMBER, N_("Nobody in what you answer for has this number."),
                N_("Copy the number from the roster; people of other units are entered by them."),
            )  # fmt: skip
        elif name and name != post.person.name:
            row.wrong(NAME, N_("The roster has another name for this number."), N_("Correct the number or the name."))
        if number in seen:
            row.wrong(NUMBER, N_("This number stands in row %(row)s already."), N_("Keep one row."), row=seen[number])
        seen.setdefault(number, row.source.number)
        if sitting and sitting not in sittings:
            row.wrong(
                SITTING, N_("The exam has no sitting of this number."),
                N_("Write one of %(numbers)s, or leave it empty."), numbers="、".join(sittings) or "—",
            )  # fmt: skip
        return not row.parked

    def _judge(
        self, session: Session, exam: Exam, sitting: Sitting | None, mine: list[tuple[ParsedRow, Post]], now: datetime
    ) -> None:
        """Rows of one sitting: is entry open, is each rule met, is there a seat."""
        column = SITTING if sitting else NUMBER
        try:
            operations.check_open(session, exam, sitting, self._desk(session, exam), now)
            closed = None
        except Refused as refusal:
            closed = refusal
        ids = [post.person_id for _, post in mine]
        judged = operations.judge_people(session, exam, ids, sitting=sitting)
        free = planned.loads(session, [sitting])[sitting.id].free if sitting else len(mine)
        for row, post in mine:
            one = judged[post.person_id]
            if one.listed:
                row.outcome = Outcome.UNCHANGED
                continue
            if closed is not None:
                _told(row, column, closed.message, "", closed.values)
            self._rules(row, one)
            if row.parked:
                continue
            if free <= 0:
                row.wrong(column, N_("This sitting has no seat left."), N_("Choose another sitting."))
                continue
            free -= 1
            row.outcome = Outcome.CREATED
            row.value = Wanted(post.person_id, post.body_id, sitting.id if sitting else None)

    @staticmethod
    def _rules(row: ParsedRow, one: Judged) -> None:
        for finding in one.findings:
            if not finding.met:
                _told(row, NUMBER, finding.because, finding.remedy, finding.values)

    def _desk(self, session: Session, exam: Exam) -> Desk:
        return Desk(self.account, queries.manages(session, self.account, exam))

    # ---------- in and out ----------
    def prepare(self, rows: Sequence[ParsedRow], *, now: datetime) -> None:
        """Nothing of a list is sealed."""

    def store(self, session: Session, rows: Sequence[ParsedRow], *, now: datetime) -> list[Touched]:
        wanted = [row.value for row in rows if row.value is not None]
        exam, touched = session.get_one(Exam, self.exam.id), []
        for sitting_id, _count in Counter(one.sitting_id for one in wanted).items():
            units = {one.person_id: one.unit_id for one in wanted if one.sitting_id == sitting_id}
            sitting = planned.sitting_of(session, exam, sitting_id) if sitting_id is not None else None
            desk = self._desk(session, exam)
            try:
                entered, others = operations.enter_people(session, exam, units, sitting=sitting, desk=desk, now=now)
            except Refused as refusal:
                raise Stale from refusal
            if others:
                raise Stale
            touched += [Touched(Outcome.CREATED, "entry", entry_id) for entry_id in self._ids(session, exam, entered)]
        return touched

    @staticmethod
    def _ids(session: Session, exam: Exam, person_ids: Sequence[int]) -> Sequence[int]:
        mine = select(Entry.id).where(Entry.exam_id == exam.id, Entry.person_id.in_(person_ids))
        return session.scalars(mine.order_by(Entry.id)).all()

    def check_undo(self, session: Session, batch: ImportBatch) -> None:
        self._not_begun(session, still_touched(batch))

    @staticmethod
    def _not_begun(session: Session, ids: Any) -> None:
        begun = or_(
            exists().where(CheckIn.entry_id == Entry.id),
            exists().where(Attempt.exam_id == Entry.exam_id, Attempt.person_id == Entry.person_id),
        )
        used = session.scalars(select(Entry.admission_number).where(Entry.id.in_(ids), begun).limit(NAMED)).all()
        if used:
            raise CannotTakeBack(STARTED, uses=[[number, "entry"] for number in used])

    def take_back(self, session: Session, objects: Sequence[ImportedObject], *, now: datetime) -> None:
        """The entries stay on record, withdrawn."""
        ids = [one.object_id for one in objects]
        self._not_begun(session, ids)
        exam, reason = session.get_one(Exam, self.exam.id), i18n.gettext(N_("The import was taken back."))
        desk = self._desk(session, exam)
        for entry in session.scalars(select(Entry).where(Entry.id.in_(ids)).order_by(Entry.id)).all():
            try:
                operations.withdraw(session, exam, entry, reason=reason, desk=desk, now=now)
            except Refused as refusal:
                raise CannotTakeBack(TOO_LATE, uses=[[entry.admission_number, "entry"]]) from refusal

    def named(self, session: Session, uses: Sequence[Sequence[Any]]) -> list[str]:
        return [str(number) for number, _use in uses]


def _told(row: ParsedRow, column: str, message: str, remedy: str, values: Mapping[str, Any]) -> None:
    """A sentence of the rules at the row's cell; its values have names of their own."""
    row.problems.append(replace(row.source.problem(column, message, remedy), values=dict(values)))
