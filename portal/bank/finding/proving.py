"""Proof that the rows beside a question's text say what the text says, and mending those that are derived."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from portal.bank.finding.indexing import PORTION, TEXTS, entry, index_questions, words_of
from portal.bank.finding.models import QuestionEntry
from portal.bank.models import Question as Row
from portal.bank.models import QuestionVersion
from portal.ground import search
from question_bank.questions import Question


@dataclass
class Proof:
    """Questions whose derived rows differ, ids found in vain, and versions whose own rows differ from their text."""

    looked_at: int = 0
    wrong: set[int] = field(default_factory=set)
    strays: set[int] = field(default_factory=set)
    rows_apart: list[int] = field(default_factory=list)


def prove(session: Session) -> Proof:
    """Look at every question's current version: its entry, its words, its articles and tags."""
    proof = Proof()
    wrong, strays = search.differing(session, TEXTS, _tokens(session, proof))
    proof.wrong |= wrong
    proof.strays |= strays
    return proof


def _tokens(session: Session, proof: Proof) -> Iterator[tuple[int, list[str]]]:
    after = 0
    while versions := _next(session, after):
        after = versions[-1][0].question_id
        for version, bank_id, stored in versions:
            question = Question.from_plain(version.body)
            proof.looked_at += 1
            if stored is None or _values(stored) != entry(version, bank_id, question):
                proof.wrong.add(version.question_id)
            if not _rows_agree(version, question):
                proof.rows_apart.append(version.id)
            yield version.question_id, search.grams(words_of(question))
        session.expunge_all()


def _next(session: Session, after: int) -> list[tuple[QuestionVersion, int, QuestionEntry | None]]:
    found = (
        select(QuestionVersion, Row.bank_id, QuestionEntry)
        .join(Row, Row.current_version_id == QuestionVersion.id)
        .outerjoin(QuestionEntry, QuestionEntry.question_id == Row.id)
        .where(Row.id > after)
        .order_by(Row.id)
        .limit(PORTION)
        .options(selectinload(QuestionVersion.citations), selectinload(QuestionVersion.tags))
    )
    return [tuple(row) for row in session.execute(found)]


def _values(stored: QuestionEntry) -> dict[str, object]:
    return {column.key: _plain(getattr(stored, column.key)) for column in QuestionEntry.__mapper__.column_attrs}


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def _rows_agree(version: QuestionVersion, question: Question) -> bool:
    cited = {(c.law, c.label, c.article) for c in question.all_citations()}
    return (
        {(c.law, c.label, c.article) for c in version.citations} == cited
        and {t.tag for t in version.tags} == set(question.tags)
        and (version.kind, version.topic) == (question.kind.value, question.topic[:60])
    )


def mend(session: Session, proof: Proof) -> Iterator[int]:
    """Index anew whatever differs, a portion at a time; the caller commits after each."""
    strays = sorted(proof.strays)
    for first in range(0, len(strays), PORTION):
        portion = strays[first : first + PORTION]
        search.unindex(session, TEXTS, portion)
        session.execute(delete(QuestionEntry).where(QuestionEntry.question_id.in_(portion)))
        yield len(portion)
    yield from fill(session, sorted(proof.wrong))


def fill(session: Session, question_ids: list[int]) -> Iterator[int]:
    """Index these questions, a portion at a time; the caller commits after each."""
    for first in range(0, len(question_ids), PORTION):
        portion = question_ids[first : first + PORTION]
        index_questions(session, portion)
        yield len(portion)
