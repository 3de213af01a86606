"""Numbers for questions that come without one, and questions found again by what they say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.bank.models import Question as Row
from portal.bank.models import QuestionBank, QuestionStatus, QuestionVersion
from portal.ground.import_rows import ParsedRow
from question_bank import sheet_format as sheet
from question_bank.questions import Question

DIGITS = 5
LOOKED_AT = 20  # the highest numbers, among which one of our own form is expected


def numbered_cells(session: Session, bank: QuestionBank, rows: Sequence[ParsedRow]) -> list[dict[str, Any]]:
    """The rows' cells, in which a question without a number of this bank has one of the form ※….

    In a sheet every number is meant; in other forms only one that this bank gave: "Q1" stands in many files.
    """
    foreign = {row.source.text(sheet.CODE) for row in rows if row.source.aside and not row.source.text(sheet.CASE)}
    foreign = {code for code in foreign if code and not code.startswith((sheet.NO_NUMBER, f"{bank.code}-"))}
    if foreign:
        foreign -= set(session.scalars(select(Row.code).where(Row.bank_id == bank.id, Row.code.in_(foreign))))
    names = {code: f"{sheet.NO_NUMBER}{code}"[:40] for code in foreign}
    made = []
    for row in rows:
        code, case = row.source.text(sheet.CODE), row.source.text(sheet.CASE)
        cells = {**row.source.cells, sheet.CODE: code or f"{sheet.NO_NUMBER}r{row.source.portion}-{row.source.number}"}
        if case in names:
            cells[sheet.CASE] = names[case]
        elif code in names and not case:
            cells[sheet.CODE] = names[code]
        made.append(cells)
    return made


def without_number(question: Question) -> Question:
    """A question whose number stands for none as one that has none."""
    if not question.code.startswith(sheet.NO_NUMBER):
        return question
    return with_number(question, "")


def with_number(question: Question, code: str) -> Question:
    """The question under a number, its items under numbers made of it."""
    items = tuple(
        replace(item, code=f"{code}-{place}" if code else "") for place, item in enumerate(question.items, 1)
    )
    return replace(question, code=code, items=items)


def known_by_text(session: Session, bank: QuestionBank, shas: Collection[str]) -> dict[str, Row]:
    """Questions of the bank of which a version says one of these, by what it says; current ones before others."""
    if not shas:
        return {}
    pairs = session.execute(
        select(QuestionVersion.said_sha256, Row)
        .join(Row, Row.id == QuestionVersion.question_id)
        .where(Row.bank_id == bank.id, QuestionVersion.said_sha256.in_(shas))
        .options(joinedload(Row.current))
        .execution_options(populate_existing=True)
    ).all()
    known: dict[str, Row] = {}
    for said, row in sorted(map(tuple, pairs), key=lambda pair: pair[1].id):
        if said not in known or row.status != QuestionStatus.RETIRED:
            known[said] = row
    return known


def free_numbers(session: Session, bank: QuestionBank, count: int) -> Iterable[str]:
    """The next free numbers of a bank: its code and five digits."""
    prefix = f"{bank.code[: 40 - DIGITS - 1]}-"
    ours = (
        select(Row.code)
        .where(Row.code.between(f"{prefix}{'0' * DIGITS}", f"{prefix}{'9' * DIGITS}"))
        .where(func.length(Row.code) == len(prefix) + DIGITS)
    )
    highest = session.scalars(ours.order_by(Row.code.desc()).limit(LOOKED_AT)).all()
    last = max((int(code[len(prefix) :]) for code in highest if code[len(prefix) :].isdecimal()), default=0)
    return [f"{prefix}{number:0{DIGITS}}" for number in range(last + 1, last + 1 + count)]
