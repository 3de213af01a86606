"""Reading regrades, the keys they touch, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from portal.exams.marking.regrading.models import OPEN, Regrade, RegradeEffect
from portal.exams.marking.regrading.rules import item_of
from portal.exams.models import Attempt, AttemptState, Exam, ExamForm, FormKey, Result, ResultEvent, ResultEventKind
from portal.people.duties.queries import holder_of_step, steps_about
from portal.people.duties.rules import DutyWord
from portal.people.models import Account, Body, Person
from portal.people.rules import Permission

SIZE = 50  # lines of a page
PORTION = 25  # papers judged and stored together


def open_regrade(session: Session, exam_id: int) -> Regrade | None:
    """The one that is looked at, waits or is being applied."""
    return session.scalars(select(Regrade).where(Regrade.exam_id == exam_id, Regrade.state.in_(OPEN))).one_or_none()


def regrade_of(session: Session, exam: Exam, regrade_id: int, *, hold: bool = False) -> Regrade:
    """A regrade of this very exam; otherwise NoResultFound, a 404. `hold` keeps it until the commit."""
    found = select(Regrade).where(Regrade.id == regrade_id, Regrade.exam_id == exam.id)
    if hold:
        found = found.with_for_update().execution_options(populate_existing=True)
    return session.scalars(found).one()


def regrades(session: Session, exam_id: int) -> Sequence[Regrade]:
    """All of an exam, newest first."""
    return session.scalars(select(Regrade).where(Regrade.exam_id == exam_id).order_by(Regrade.id.desc())).all()


def current_keys(session: Session, exam_id: int) -> list[FormKey]:
    """The newest key of every form of an exam, by the form's number."""
    rows = session.execute(
        select(FormKey.form_id, func.max(FormKey.number))
        .join(ExamForm, ExamForm.id == FormKey.form_id)
        .where(ExamForm.exam_id == exam_id)
        .group_by(FormKey.form_id)
    )
    newest = dict(rows.all())
    keys = session.scalars(select(FormKey).where(FormKey.form_id.in_(newest)).order_by(FormKey.form_id))
    return [key for key in keys if key.number == newest[key.form_id]]


def keys_with(session: Session, exam_id: int, question: str) -> list[FormKey]:
    """Those of them that hold a question."""
    return [key for key in current_keys(session, exam_id) if item_of(key.body, question) is not None]


def marked_after(session: Session, regrade: Regrade, last_id: int) -> list[int]:
    """Ids of the next papers of the regrade's forms that have a result."""
    has_result = select(Result.attempt_id).where(Result.attempt_id == Attempt.id).exists()
    return list(
        session.scalars(
            select(Attempt.id)
            .where(
                Attempt.exam_id == regrade.exam_id, Attempt.id > last_id, Attempt.form_id.in_(regrade.forms),
                Attempt.state == AttemptState.HANDED_IN, has_result,
            )
            .order_by(Attempt.id)
            .limit(PORTION)
        )
    )  # fmt: skip


def papers_of(session: Session, regrade: Regrade) -> int:
    """How many papers of the regrade's forms are handed in."""
    handed_in = Attempt.exam_id == regrade.exam_id, Attempt.state == AttemptState.HANDED_IN
    found = select(func.count(Attempt.id)).where(*handed_in, Attempt.form_id.in_(regrade.forms))
    return session.scalar(found) or 0


def marked_since(session: Session, regrade: Regrade) -> int:
    """How many papers got their first result after the effect was counted."""
    if regrade.looked_at is None:
        return 0
    return (
        session.scalar(
            select(func.count(Result.id))
            .join(Attempt, Attempt.id == Result.attempt_id)
            .where(
                Attempt.exam_id == regrade.exam_id, Attempt.form_id.in_(regrade.forms), Result.number == 1,
                Result.marked_at > regrade.looked_at,
            )
        )
        or 0
    )  # fmt: skip


def published(session: Session, result_ids: Sequence[int]) -> set[int]:
    """Those of the results that are published."""
    out = ResultEvent.kind == ResultEventKind.RELEASED
    return set(session.scalars(select(ResultEvent.result_id).where(ResultEvent.result_id.in_(result_ids), out)))


def desk(session: Session, regrade: Regrade, exam: Exam) -> tuple[Body, bool]:
    """The body whose exam administrators approve, and whether the step was handed up to it (上提办理)."""
    steps = [s for s in steps_about(session, "regrade", regrade.id) if s.step == DutyWord.PROPOSE]
    had = {person for s in steps for person in (s.person_id, s.on_behalf_of_id)} - {None}
    return holder_of_step(session, Permission.MANAGE_EXAMS, session.get_one(Body, exam.body_id), exam.field, had)


@dataclass(frozen=True)
class Line:
    """One paper whose mark or pass changes; marks in hundredths of a percent."""

    attempt_id: int
    name: str
    personnel_number: str
    number: int  # of the attempt
    form: int
    before: int
    after: int
    passed_before: bool
    passed_after: bool
    released: bool

    @property
    def flips(self) -> bool:
        return self.passed_before != self.passed_after


def effect(
    session: Session, regrade: Regrade, *, only_flips: bool = False, page: int = 1, size: int | None = SIZE
) -> tuple[list[Line], int]:
    """The papers that change, flips first, and how many there are: as previewed, or once applied as it came."""
    found = _applied(regrade) if regrade.applied_at else _previewed(regrade)
    if only_flips:
        found = found.where(found.selected_columns.flips)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    columns = found.selected_columns
    ordered = found.order_by(columns.flips.desc(), columns.after - columns.before, Attempt.id)
    if size is not None:
        ordered = ordered.limit(size).offset((page - 1) * size)
    return [_line(row) for row in session.execute(ordered)], total


def _line(row: Row[Any]) -> Line:
    return Line(
        row.id, row.name, row.personnel_number, row.number, row.form, row.before, row.after, row.passed_before,
        row.passed_after, row.released,
    )  # fmt: skip


def _papers(*columns: Any) -> Select[Any]:
    return (
        select(
            Attempt.id, Person.name, Person.personnel_number, Attempt.number, ExamForm.number.label("form"), *columns
        )
        .select_from(Attempt)
        .join(Person, Person.id == Attempt.person_id)
        .join(ExamForm, ExamForm.id == Attempt.form_id)
    )


def _previewed(regrade: Regrade) -> Select[Any]:
    e = RegradeEffect
    return (
        _papers(
            e.mark_before.label("before"), e.mark_after.label("after"), e.passed_before, e.passed_after, e.released,
            e.flips,
        )
        .join(e, e.attempt_id == Attempt.id)
        .where(e.regrade_id == regrade.id, e.look == regrade.look)
    )  # fmt: skip


def _applied(regrade: Regrade) -> Select[Any]:
    """From the results themselves: those by this regrade's keys beside the ones before."""
    old, new = aliased(Result), aliased(Result)
    out = (
        select(literal(1))
        .where(ResultEvent.result_id == old.id, ResultEvent.kind == ResultEventKind.RELEASED)
        .exists()
    )
    return (
        _papers(
            old.mark.label("before"), new.mark.label("after"), old.passed.label("passed_before"),
            new.passed.label("passed_after"), out.label("released"), (old.passed != new.passed).label("flips"),
        )
        .join(new, new.attempt_id == Attempt.id)
        .join(FormKey, FormKey.id == new.key_id)
        .join(old, (old.attempt_id == new.attempt_id) & (old.number == new.number - 1))
        .where(FormKey.regrade_id == regrade.id, or_(old.mark != new.mark, old.passed != new.passed))
    )  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What a candidate is told about a change of key on his paper."""

    item: int
    change: str
    reason: str
    source: str
    at: Any
    before: Result
    after: Result


def told(session: Session, attempt: Attempt) -> list[Told]:
    """The changes of key that came after his result was published, oldest first."""
    old, new = aliased(Result), aliased(Result)
    was_out = (
        select(literal(1))
        .where(ResultEvent.result_id == old.id, ResultEvent.kind == ResultEventKind.RELEASED)
        .exists()
    )
    rows = session.execute(
        select(Regrade, FormKey, old, new)
        .join(FormKey, FormKey.regrade_id == Regrade.id)
        .join(new, new.key_id == FormKey.id)
        .join(old, (old.attempt_id == new.attempt_id) & (old.number == new.number - 1))
        .where(new.attempt_id == attempt.id, was_out)
        .order_by(new.number)
    )
    return [
        Told(int(item_of(key.body, regrade.question) or 0), regrade.change, regrade.reason, regrade.source,
             after.marked_at, before, after)
        for regrade, key, before, after in rows
    ]  # fmt: skip


def names_of_accounts(session: Session, ids: set[int | None]) -> dict[int, str]:
    """Account id → the person's name."""
    wanted = {i for i in ids if i is not None}
    rows = session.execute(
        select(Account.id, Person.name).join(Person, Person.id == Account.person_id).where(Account.id.in_(wanted))
    )
    return dict(rows.all())
