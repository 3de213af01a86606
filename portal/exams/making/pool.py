"""The questions a paper may draw, under the words by which its blueprint calls their topics."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal.bank.queries import approved_questions
from portal.exams.models import Exam
from portal.ground import clock
from portal.library.topics.queries import present_titles, words
from question_bank.assembling import Stock, stock, usable
from question_bank.questions import Question


def days_of(opens_at: datetime, closes_at: datetime) -> tuple[date, date]:
    """The exam's first and last day: a window that closes at midnight does not reach the day after."""
    return clock.local(opens_at).date(), clock.local(closes_at - timedelta(seconds=1)).date()


def pool_of(session: Session, exam: Exam) -> list[Question]:
    """Approved questions of the exam's banks that are valid on all its days, under the blueprint's words."""
    first, last = days_of(exam.opens_at, exam.closes_at)
    ready = usable(approved_questions(session, exam.bank_codes), first, last)
    return under_its_words(session, exam.blueprint, ready)


def under_its_words(
    session: Session, blueprint: Sequence[Mapping[str, Any]], pool: Sequence[Question]
) -> list[Question]:
    """Topics are renamed and merged while versions keep their word: the pool as the blueprint calls it."""
    topics = {row["topic"] for row in blueprint}
    asked: dict[str, str] = {}
    for titles in words(session).values():
        for topic in titles & topics:
            asked |= dict.fromkeys(titles - topics, topic)
    return [replace(q, topic=asked[q.topic]) if q.topic in asked else q for q in pool]


def stock_for(
    session: Session, bank_codes: Collection[str], fields: Collection[str], first: date, last: date
) -> Stock:
    """What there is for cells, under the topics' present titles, in these fields and of general law."""
    now = present_words(session, fields)
    ready = usable(approved_questions(session, list(bank_codes)), first, last)
    return stock([replace(q, topic=now.get(q.topic, q.topic)) for q in ready])


def present_words(session: Session, fields: Collection[str]) -> dict[str, str]:
    """Any title of a topic → its present one; a field's own topics go before those of general law."""
    found: dict[str, str] = {}
    for (field, title), present in sorted(present_titles(session).items()):
        if not field or field in fields:
            found[title] = present
    return found
