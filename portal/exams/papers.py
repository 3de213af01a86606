"""A candidate's paper: the frozen form, or his part of a frozen pool, in the order he saw it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from portal.exams.models import Attempt, Exam, ExamForm, FormKey
from question_bank.papers import Cell, lay_out
from question_bank.pools import key_part, paper_part, pick

Paper = dict[str, Any]


def form_paper(session: Session, form_id: int) -> Paper:
    return session.scalars(select(ExamForm.paper).where(ExamForm.id == form_id)).one()


def first_key(session: Session, form_id: int) -> dict[str, Any]:
    """The key a form was published with: it says which version stands where."""
    return session.scalars(select(FormKey.body).where(FormKey.form_id == form_id, FormKey.number == 1)).one()


def paper_of(attempt: Attempt) -> Paper:
    """The paper as it was frozen; where it was drawn for one person, his part of the pool."""
    if attempt.drawn is None:
        return attempt.form.paper
    return paper_part(attempt.form.paper, first_key(object_session(attempt), attempt.form_id), attempt.drawn)


def key_of(attempt: Attempt, key: FormKey) -> dict[str, Any]:
    """The key of what stood on his paper: of a pool only what was drawn."""
    return key.body if attempt.drawn is None else key_part(key.body, attempt.drawn)


def laid_out(attempt: Attempt) -> Paper:
    """The paper exactly as this candidate saw it: his questions in his order, options and all."""
    return lay_out(paper_of(attempt), attempt.seed)


def draw_versions(session: Session, form_id: int, seed: int) -> list[int]:
    """The versions of one candidate's paper from the frozen pool of a drawn exam."""
    blueprint = session.scalars(select(Exam.blueprint).join(ExamForm).where(ExamForm.id == form_id)).one()
    cells = [Cell.from_plain(row) for row in blueprint]
    return pick(form_paper(session, form_id), first_key(session, form_id), cells, seed)
