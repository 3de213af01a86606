"""The texts of the articles a question cites, for whoever reads it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.ground import clock
from portal.library import articles
from portal.library.models import Article
from portal.library.queries import versions_for
from question_bank.questions import Citation, Question


@dataclass(frozen=True)
class Cited:
    """A cited article: whether the library has its version, whether that is in force, and the text where it has it."""

    citation: Citation
    known: bool
    in_force: bool
    article: Article | None


def articles_cited(session: Session, question: Question) -> list[Cited]:
    """Every article cited in a question or in its items, each once, in order."""
    cited = question.all_citations()
    plain = [vars(c) for c in cited]
    versions = versions_for(session, plain, clock.today())
    ids = articles.article_ids(session, plain)
    texts = {a.id: a for a in session.scalars(select(Article).where(Article.id.in_(ids.values())))}
    found = []
    for c in cited:
        version = versions.get((c.law, c.label))
        text = texts.get(ids.get((c.law, c.label, c.article), 0))
        found.append(Cited(c, version is not None, bool(version and version.in_force), text))
    return found
