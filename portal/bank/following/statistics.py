"""How questions were answered: figures kept by version, one series as long as only the wording changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bank.following.models import QuestionStatistics
from portal.bank.models import Change, QuestionVersion
from question_bank.analysis import Figures, Leaf, Said, words_for
from question_bank.questions import LETTERS, Kind, Question

PORTION = 500  # ids in one statement


def store_statistics(session: Session, figures: Mapping[int, Figures], *, now: datetime) -> None:
    """Keep what was counted, by version id, in place of what stood there before."""
    ids = sorted(figures)
    for first in range(0, len(ids), PORTION):
        portion = ids[first : first + PORTION]
        held = select(QuestionStatistics).where(QuestionStatistics.version_id.in_(portion))
        rows = {row.version_id: row for row in session.scalars(held)}
        for version_id in portion:
            row = rows.get(version_id)
            if row is None:
                row = QuestionStatistics(version_id=version_id)
                session.add(row)
            counted = figures[version_id]
            row.answered, row.facility, row.discrimination = counted.answered, counted.facility, counted.discrimination
            row.choices, row.counted_at = _lists(counted.choices), now
    session.flush()


def carry_on(session: Session, before_id: int, version: QuestionVersion) -> None:
    """A version that says the same in other words begins with the figures of the one before it."""
    row = session.get(QuestionStatistics, before_id)
    if row is not None:
        store_statistics(session, {version.id: figures_of(row)}, now=row.counted_at)


def series_of(session: Session, version_ids: Collection[int]) -> list[list[int]]:
    """The series these versions belong to: each a run of versions of one question that say the same."""
    found: list[list[int]] = []
    ids = sorted(set(version_ids))
    for first in range(0, len(ids), PORTION):
        asked = select(QuestionVersion.question_id).where(QuestionVersion.id.in_(ids[first : first + PORTION]))
        rows = session.execute(
            select(QuestionVersion.question_id, QuestionVersion.id, QuestionVersion.change)
            .where(QuestionVersion.question_id.in_(asked))
            .order_by(QuestionVersion.question_id, QuestionVersion.number)
        )
        last = None
        for question_id, version_id, change in rows:
            if question_id != last or change != Change.WORDING:
                found.append([])
            found[-1].append(version_id)
            last = question_id
    wanted = set(ids)
    unique = {tuple(series) for series in found if wanted & set(series)}
    return [list(series) for series in sorted(unique)]


def figures_of(row: QuestionStatistics) -> Figures:
    return Figures(row.answered, row.facility, row.discrimination, row.choices)


def in_words(row: QuestionStatistics | None, question: Question) -> list[Said]:
    """The figures as sentences to be translated; without any, that there are too few answers."""
    figures = figures_of(row) if row is not None else Figures(0, 0, None, {})
    return words_for(figures, [_leaf(leaf) for leaf in question.leaves()])


def _leaf(question: Question) -> Leaf:
    letters = "TF" if question.kind is Kind.TRUE_FALSE else LETTERS[: len(question.options)]
    return Leaf(question.kind, question.key, letters)


def _lists(choices: Mapping) -> dict:
    return {leaf: {option: list(counts) for option, counts in options.items()} for leaf, options in choices.items()}
