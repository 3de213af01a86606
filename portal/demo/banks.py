"""The province's four banks: sheets of questions taken in by the importer, then reviewed by somebody else."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.bank import operations
from portal.bank.intake.questions import Questions
from portal.bank.models import Question, QuestionBank, QuestionStatus
from portal.ground.errors import Refused
from portal.ground.import_now import import_file
from portal.ground.rules import N_
from portal.ground.sheets import Page, write_workbook
from portal.people.models import Body, Field

QUESTIONS = Path(__file__).parent / "questions"


@dataclass(frozen=True)
class Bank:
    code: str
    title: str
    field: Field | None  # None: general law


BANKS = (
    Bank("JL-GENERAL", "综合法律知识题库", None),
    Bank("JL-TRANSPORT", "交通运输专业法律知识题库", Field.TRANSPORT),
    Bank("JL-MARKET", "市场监管专业法律知识题库", Field.MARKET),
    Bank("JL-ECOLOGY", "生态环境专业法律知识题库", Field.ECOLOGY),
)


class QuestionsParked(Refused):
    """The importer parked rows of the demo questions, so they cannot stand in a demo."""

    code = "questions_parked"


class QuestionsMissing(Refused):
    """The demo's question sheets are not beside the program."""

    code = "questions_missing"


def check_sources(source: Path = QUESTIONS) -> None:
    """Raises QuestionsMissing before anything is written."""
    missing = [bank.code for bank in BANKS if not (source / f"{bank.code}.csv").is_file()]
    if missing:
        raise QuestionsMissing(N_("There are no question sheets for %(banks)s."), banks=", ".join(missing))


def load(session: Session, bank: Bank, owner: Body, folder: Path, *, author_id: int, now: datetime,
         source: Path = QUESTIONS) -> int:
    """Create the bank and import its sheet as drafts; returns how many rows came in."""
    row = operations.create_bank(session, bank.code, bank.title, owner, field=bank.field, now=now)
    content = as_workbook(source / f"{bank.code}.csv", bank.title)
    path = folder / f"{bank.code}.xlsx"
    path.write_bytes(content)
    kind = Questions(row, author_id)
    report = import_file(session, lambda *_batch: kind, kind, path, account_id=author_id, dry_run=False, now=now)
    if report.parked:
        first = next(p for p in report.problems if not p.warning)
        raise QuestionsParked(
            N_("%(parked)s rows of %(bank)s were parked; the first: row %(row)s, %(column)s: %(message)s"),
            parked=report.parked, bank=bank.code, row=first.row, column=first.column,
            message=first.message % first.values if first.values else first.message,
        )  # fmt: skip
    return report.created


def as_workbook(path: Path, title: str) -> bytes:
    """A CSV sheet (UTF-8, the importer's columns) as the workbook that the importer reads."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return write_workbook([Page(title, list(csv.reader(file)))])


def approve(session: Session, ids: Sequence[int], *, author_id: int, reviewer_id: int, now: datetime) -> None:
    """Send drafts to review in the author's name and approve them in the reviewer's."""
    for row in session.scalars(select(Question).where(Question.id.in_(ids)).options(joinedload(Question.current))):
        operations.send_to_review(session, row, account_id=author_id, now=now)
        operations.approve(session, row, account_id=reviewer_id, now=now)


def drafts(session: Session, bank: Bank) -> Iterator[list[int]]:
    """The ids of a bank's drafts, in portions for short transactions."""
    ids = session.scalars(
        select(Question.id)
        .join(QuestionBank, QuestionBank.id == Question.bank_id)
        .where(QuestionBank.code == bank.code, Question.status == QuestionStatus.DRAFT)
        .order_by(Question.id)
    ).all()
    for first in range(0, len(ids), 60):
        yield list(ids[first : first + 60])
