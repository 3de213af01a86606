"""Held questions dressed for the trainer who answers for them: old and new text, and what may stand in its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.bank.following.models import QuestionHold
from portal.bank.models import Question as Row
from portal.library.comparisons import Pieces, both
from portal.library.fates import Fate, FateKind, Standing, fates, same_today
from portal.library.models import Article, ArticleChange, LawVersion
from question_bank.questions import Citation, Question


@dataclass(frozen=True)
class HeldCitation:
    """A citation that no longer holds; `choices` are (value, words) of what may take its place."""

    hold: QuestionHold
    fate: Fate | None
    old: Article | None
    new: Article | None
    old_pieces: Pieces
    new_pieces: Pieces
    choices: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Held:
    """A held question with everything needed to decide on one page."""

    row: Row
    question: Question
    citations: list[HeldCitation]


def dress(
    session: Session, rows: Sequence[Row], holds: Mapping[int, Sequence[QuestionHold]], on: date
) -> list[Held]:
    cited = {(h.law, h.label, h.article) for found in holds.values() for h in found}
    known = fates(session, cited, on)
    articles = _articles(session, known.values())
    near = _near(session, known.values())
    same = same_today(session, cited - known.keys(), on)
    return [
        Held(
            row, Question.from_plain(row.current.body),
            [
                _dressed(h, known.get((h.law, h.label, h.article)), articles, near)
                if (h.law, h.label, h.article) in known
                else _unchanged(h, same.get((h.law, h.label, h.article)))
                for h in _once(holds.get(row.id, ()))
            ],
        )
        for row in rows
    ]  # fmt: skip


def _once(holds: Sequence[QuestionHold]) -> list[QuestionHold]:
    """A citation that two changes put in question is answered for once."""
    return list({(h.law, h.label, h.article): h for h in holds}.values())


def _articles(session: Session, found: Iterable[Fate]) -> dict[int, Article]:
    ids = {i for fate in found for i in (fate.old_article_id, fate.new_article_id) if i}
    with_law = joinedload(Article.version).joinedload(LawVersion.law)
    return {a.id: a for a in session.scalars(select(Article).where(Article.id.in_(ids)).options(with_law))}


def _near(session: Session, found: Iterable[Fate]) -> dict[int, list[tuple[int, str, str]]]:
    """Old article → (id, label of the version, article) of what took parts of it."""
    ids = {fate.old_article_id for fate in found if fate.old_article_id}
    rows = session.execute(
        select(ArticleChange.old_article_id, ArticleChange.near, ArticleChange.new_version_id)
        .where(ArticleChange.old_article_id.in_(ids))
    ).all()  # fmt: skip
    labels = {(version_id, label) for _old, near, version_id in rows for label in near}
    there = {
        (a.law_version_id, a.label): a
        for a in session.scalars(
            select(Article).options(joinedload(Article.version)).where(
                Article.law_version_id.in_({v for v, _label in labels}), Article.label.in_({n for _v, n in labels})
            )
        )
    }  # fmt: skip
    return {
        old: [(a.id, a.version.label, a.label) for label in near if (a := there.get((version_id, label)))]
        for old, near, version_id in rows
    }


def _dressed(
    hold: QuestionHold, fate: Fate | None, articles: Mapping[int, Article],
    near: Mapping[int, list[tuple[int, str, str]]],
) -> HeldCitation:  # fmt: skip
    old = articles.get(fate.old_article_id or 0) if fate else None
    new = articles.get(fate.new_article_id or 0) if fate else None
    choices = []
    if fate and new:
        choices.append((f"a:{new.id}", f"{hold.law} {new.label}（{fate.new_label}）"))
    elif fate and fate.kind == FateKind.UNCOMPARED and fate.new_label:
        choices.append((f"l:{fate.new_label}", f"{hold.law} {hold.article}（{fate.new_label}）"))
    for article_id, label, article in near.get(fate.old_article_id or 0, ()) if fate else ():
        choices.append((f"a:{article_id}", f"{hold.law} {article}（{label}）"))
    return HeldCitation(hold, fate, old, new, *both(old, new), choices)


def _unchanged(hold: QuestionHold, standing: Standing | None) -> HeldCitation:
    """What was held and, by the comparison as it stands today, reads the same."""
    choices = []
    if standing is not None:
        choices.append((f"l:{standing.label}", f"{hold.law} {hold.article}（{standing.label}）"))
    return HeldCitation(hold, None, None, None, [], [], choices)


def chosen(session: Session, hold: QuestionHold, choice: str, picked: str) -> Citation | None:
    """What a form says stands in a citation's place now; None when it says nothing that is there."""
    wanted = picked if picked.isdecimal() else choice.removeprefix("a:") if choice.startswith("a:") else ""
    if wanted.isdecimal():
        with_law = joinedload(Article.version).joinedload(LawVersion.law)
        found = session.scalars(select(Article).where(Article.id == int(wanted)).options(with_law)).one_or_none()
        return Citation(found.version.law.title, found.version.label, found.label) if found else None
    if choice.startswith("l:"):
        return Citation(hold.law, choice[2:], hold.article)
    return None
