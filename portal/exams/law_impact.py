"""Papers that hold questions on an old text of law, and officers who were last tested on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, union, union_all
from sqlalchemy.orm import Session

from portal.exams.models import Attempt, AttemptState, Exam, ExamForm, ExamState, FormKey
from portal.people.models import Account, Body, Person, Post
from portal.people.queries import bodies_in_scope, posts_in_scope
from portal.people.rules import Permission

Cited = tuple[str, str, str]  # law, label, article as written
PORTION = 50  # articles in one statement


def forms_citing(session: Session, chosen: Callable[[Cited], bool]) -> dict[Cited, set[int]]:
    """Citation → published forms whose first key rests on it, of those citations that are chosen."""
    found: dict[Cited, set[int]] = defaultdict(set)
    rows = session.execute(
        select(FormKey.form_id, FormKey.body)
        .join(ExamForm, ExamForm.id == FormKey.form_id)
        .join(Exam, Exam.id == ExamForm.exam_id)
        .where(FormKey.number == 1, Exam.state == ExamState.PUBLISHED)
        .execution_options(yield_per=20)
    )
    for form_id, body in rows:
        for entry in body.values():
            for c in entry.get("citations", ()):
                place = (c["law"], c["label"], c["article"])
                if chosen(place):
                    found[place].add(form_id)
    return found


def exams_of_forms(session: Session, account: Account, form_ids: Collection[int]) -> dict[int, Exam]:
    """Form → its exam, of exams that a body in the account's scope holds or writes questions for."""
    scope = or_(*(bodies_in_scope(account, p, Exam.field) for p in (Permission.MANAGE_EXAMS, Permission.MANAGE_BANK)))
    rows = session.execute(
        select(ExamForm.id, Exam)
        .join(Exam, Exam.id == ExamForm.exam_id)
        .join(Body, Body.id == Exam.body_id)
        .where(ExamForm.id.in_(form_ids), scope)
        .order_by(Exam.opens_at)
    )
    return dict(rows.all())


@dataclass(frozen=True)
class TestedBefore:
    """An officer whose last paper on the article was on its old text."""

    person_id: int
    name: str
    number: str
    unit: str
    handed_in_at: datetime


def _last(form_ids: Collection[int]) -> Select[tuple[int, datetime]]:
    return (
        select(Attempt.person_id, func.max(Attempt.handed_in_at).label("at"))
        .where(Attempt.form_id.in_(form_ids), Attempt.state == AttemptState.HANDED_IN)
        .group_by(Attempt.person_id)
    )


def _tested(account: Account, old: Collection[int], new: Collection[int]) -> Select:
    last, later = _last(old).subquery(), _last(new).subquery()
    return (
        select(Person.id, Person.name, Person.personnel_number, Body.name, last.c.at)
        .join(last, last.c.person_id == Person.id)
        .outerjoin(later, later.c.person_id == Person.id)
        .join(Post, (Post.person_id == Person.id) & Post.ended_on.is_(None))
        .join(Body, Body.id == Post.body_id)
        .where(_not_since(later.c.at, last.c.at), posts_in_scope(account, Permission.SEE_FIGURES))
    )


def _not_since(later: ColumnElement[datetime], last: ColumnElement[datetime]) -> ColumnElement[bool]:
    return or_(later.is_(None), later < last)


def officers_tested(
    session: Session, account: Account, old: Collection[int], new: Collection[int], *, first: int = 0, limit: int = 50
) -> list[TestedBefore]:
    """Officers in post, within what the account sees, last tested on the old text."""
    found = _tested(account, old, new).order_by(Body.name, Person.name, Person.id).offset(first).limit(limit)
    return [TestedBefore(*row) for row in session.execute(found)]


def count_tested(
    session: Session, account: Account, pairs: Sequence[tuple[Collection[int], Collection[int]]]
) -> tuple[list[int], int]:
    """For each pair of (old forms, new forms) how many officers, and how many different ones in all."""
    counts, everybody = [0] * len(pairs), []
    for first in range(0, len(pairs), PORTION):
        found = union_all(*(
            _tested(account, old, new).with_only_columns(literal(place).label("place"), Person.id.label("person_id"))
            for place, (old, new) in enumerate(pairs[first : first + PORTION], first)
        )).subquery()  # fmt: skip
        everybody.append(select(found.c.person_id))
        for place, count in session.execute(
            select(found.c.place, func.count(func.distinct(found.c.person_id))).group_by(found.c.place)
        ):
            counts[place] = count
    together = union(*everybody).subquery() if everybody else None
    total = session.scalar(select(func.count()).select_from(together)) if together is not None else 0
    return counts, total or 0
