"""Finding articles: by law and number, by words, and along a law's versions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import Session, joinedload

from portal.ground import search
from portal.library.models import Article, ArticleChange, ArticleSummary, Law, LawVersion
from question_bank.laws.numbers import NUMERALS, article_of, label_of, number_of
from question_bank.laws.texts import short

OPENING = 160  # characters
_NUMBER_LAST = re.compile(rf"^(.*?)第?([{NUMERALS}]{{1,9}})条?(?:之([{NUMERALS}]{{1,5}}))?(?:第.{{1,4}}款)?$")


@dataclass(frozen=True)
class PickedArticle:
    """What the article picker offers; `text` is the beginning of the article."""

    law: str
    label: str
    article: str
    heading: str
    text: str
    article_id: int
    version_id: int
    in_force: bool


def in_force_on(on: date) -> ColumnElement[bool]:
    """A condition on LawVersion: it is in force on a day."""
    until = LawVersion.in_force_until
    return and_(LawVersion.in_force_from <= on, or_(until.is_(None), until >= on))


def pick_articles(session: Session, words: str, on: date, limit: int = 20) -> list[PickedArticle]:
    """Articles for words such as 行政处罚法 51, 处罚法第五十一条 or 当场处罚; those in force on the day first."""
    titles, number, said = _asked(session, words)
    if not titles and number is None and not said:
        return []
    found = select(Article, LawVersion, Law).join(LawVersion, LawVersion.id == Article.law_version_id).join(Law)
    if titles:
        found = found.where(Law.id.in_(titles))
    if number:
        found = found.where(Article.number == number[0], Article.suffix == number[1])
    if said:
        found = found.where(Article.id.in_(search.matches("article", said)))
    now_first = case((in_force_on(on), 0), else_=1)
    rows = session.execute(
        found.order_by(now_first, func.length(Law.title), Law.id, LawVersion.in_force_from.desc(), Article.place)
        .limit(limit)
    )  # fmt: skip
    return [_picked(article, version, law, on) for article, version, law in rows]


def pick_untexted(session: Session, words: str, on: date, limit: int = 20) -> list[PickedArticle]:
    """The article of law and number in versions the library knows without their text; those in force first.

    Whether the version has such an article nobody can say: `article_id` is 0 and `text` our own sentence, if any.
    """
    titles, number, _said = _asked(session, words)
    if not titles or number is None:
        return []
    label = label_of(*number)
    summary = select(ArticleSummary.summary).where(
        ArticleSummary.law_version_id == LawVersion.id, ArticleSummary.article == label
    )
    rows = session.execute(
        select(LawVersion, Law, summary.limit(1).scalar_subquery()).join(Law)
        .where(Law.id.in_(titles), ~select(Article.id).where(Article.law_version_id == LawVersion.id).exists())
        .order_by(case((in_force_on(on), 0), else_=1), func.length(Law.title), LawVersion.in_force_from.desc())
        .limit(limit)
    )  # fmt: skip
    return [
        PickedArticle(law.title, version.label, label, "", said or "", 0, version.id, _in_force(version, on))
        for version, law, said in rows
    ]


def _in_force(version: LawVersion, on: date) -> bool:
    until = version.in_force_until
    return version.in_force_from <= on and (until is None or on <= until)


def _picked(article: Article, version: LawVersion, law: Law, on: date) -> PickedArticle:
    now = _in_force(version, on)
    line = article.text.replace("\n", " ")
    text = line if len(line) <= OPENING else line[: OPENING - 1] + "…"
    heading = article.heading.replace("\n", " ")
    return PickedArticle(law.title, version.label, article.label, heading, text, article.id, version.id, now)


def _asked(session: Session, words: str) -> tuple[list[int], tuple[int, int] | None, str]:
    """Typed words as laws, an article's number, and what is left to look for in the texts."""
    titles: list[int] = []
    number: tuple[int, int] | None = None
    left: list[str] = []
    for word in words.replace("《", " ").replace("》", " ").split()[: search.MOST_WORDS]:
        rest = short(word)
        if number is None and (found := _NUMBER_LAST.match(rest)) and (first := number_of(found[2])):
            titled = _laws_named(session, found[1]) if found[1] else []
            if titled or not found[1]:
                number, rest = (first, number_of(found[3] or "") or 0), ""
                titles = titles or titled
        if rest and not titles and (named := _laws_named(session, rest)):
            titles, rest = named, ""
        if rest:
            left.append(rest)
    return titles, number, " ".join(left)


def _laws_named(session: Session, words: str) -> list[int]:
    """The law of this title, else the laws whose titles hold the words (two characters at least)."""
    exact = session.scalars(select(Law.id).where(Law.title == words)).all()
    if exact or len(words) < 2:
        return list(exact)
    return list(session.scalars(select(Law.id).where(Law.title.contains(words, autoescape=True)).limit(50)))


def article(session: Session, article_id: int) -> Article:
    """One article with its version and law; NoResultFound when there is none."""
    with_law = joinedload(Article.version).joinedload(LawVersion.law)
    return session.scalars(select(Article).where(Article.id == article_id).options(with_law)).one()


def article_ids(
    session: Session, citations: Iterable[Mapping[str, Any]]
) -> dict[tuple[str, str, str], int]:
    """(law, label, article as cited) → the article's id, for those whose text the library has."""
    cited = {(c["law"], c["label"], c["article"]) for c in citations}
    wanted = {(law, label): None for law, label, _article in cited}
    numbers = {number for *_law, label in cited if (number := article_of(label))}
    if not wanted or not numbers:
        return {}
    rows = session.execute(
        select(Law.title, LawVersion.label, Article.number, Article.suffix, Article.id)
        .join(LawVersion, LawVersion.law_id == Law.id)
        .join(Article, Article.law_version_id == LawVersion.id)
        .where(tuple_(Law.title, LawVersion.label).in_(wanted), Article.number.in_({n for n, _suffix in numbers}))
    )
    known = {(law, label, (number, suffix)): found for law, label, number, suffix, found in rows}
    places = {key: (key[0], key[1], article_of(key[2])) for key in cited}
    return {key: known[place] for key, place in places.items() if place in known}


@dataclass(frozen=True)
class Step:
    """An article in one version, and how it came there from the version before."""

    version: LawVersion
    article: Article | None
    change: ArticleChange | None


def history(session: Session, here: Article) -> list[Step]:
    """The article through the versions of its law, oldest first; where it is absent the steps end."""
    before = _walk(session, here, ArticleChange.new_article_id, lambda change: change.old_article_id)
    behind = _walk(session, here, ArticleChange.old_article_id, lambda change: change.new_article_id)
    steps = [Step(there.version, there, None) for _change, there in reversed(before) if there]
    changes = [change for change, _there in reversed(before)]
    if len(changes) > len(steps):  # it was new then
        first_change, changes = changes[0], changes[1:]
    else:
        first_change = None
    line = [*steps, Step(here.version, here, None)]
    arrivals = [first_change, *changes]
    line = [Step(s.version, s.article, arrivals[n] if n < len(arrivals) else None) for n, s in enumerate(line)]
    for change, there in behind:
        version = there.version if there else session.get_one(LawVersion, change.new_version_id)
        line.append(Step(version, there, change))
    return line


def _walk(session: Session, start: Article, column: Any, onward: Any) -> list[tuple[ArticleChange, Article | None]]:
    steps: list[tuple[ArticleChange, Article | None]] = []
    at: Article | None = start
    while at is not None and len(steps) < 50:
        change = session.scalars(select(ArticleChange).where(column == at.id).limit(1)).first()
        if change is None:
            break
        at = session.get(Article, onward(change), options=[joinedload(Article.version)]) if onward(change) else None
        steps.append((change, at))
    return steps


def headings(articles: Sequence[Article]) -> list[tuple[Article, list[tuple[int, str]]]]:
    """Each article with the headings (depth, words) that begin before it."""
    shown: list[str] = []
    found = []
    for row in articles:
        path = row.heading.splitlines()
        same = 0
        while same < min(len(path), len(shown)) and path[same] == shown[same]:
            same += 1
        found.append((row, [(depth, words) for depth, words in enumerate(path) if depth >= same]))
        shown = path
    return found
