"""Stored comparisons of two versions, dressed for reading side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session, joinedload

from portal.library.models import Article, ArticleChange, LawVersion
from question_bank.laws.comparing import ChangeKind, pieces

Pieces = list[tuple[str, str]]  # ("same" | "gone" | "new", characters)


@dataclass(frozen=True)
class Change:
    """What became of one article, with both texts."""

    kind: str
    old: Article | None
    new: Article | None
    share: int
    references_only: bool
    near: Sequence[str]


@dataclass(frozen=True)
class Shown:
    """A change with the pieces of its old and its new text."""

    change: Change
    old: Pieces
    new: Pieces


def stored(session: Session, old_id: int, new_id: int) -> tuple[LawVersion, LawVersion, list[Change]]:
    """Two versions and every article of both; NoResultFound where they were never compared."""
    with_law = joinedload(LawVersion.law)
    found = {
        version.id: version
        for version in session.scalars(
            select(LawVersion).where(LawVersion.id.in_((old_id, new_id))).options(with_law)
        )
    }  # fmt: skip
    rows = session.scalars(
        select(ArticleChange)
        .where(ArticleChange.old_version_id == old_id, ArticleChange.new_version_id == new_id)
        .order_by(ArticleChange.place)
    ).all()
    if not rows:
        raise NoResultFound
    texts = {
        article.id: article
        for article in session.scalars(select(Article).where(Article.law_version_id.in_((old_id, new_id))))
    }
    changes = [
        Change(
            row.kind, texts.get(row.old_article_id or 0), texts.get(row.new_article_id or 0), row.share,
            row.references_only, row.near,
        )
        for row in rows
    ]  # fmt: skip
    return found[old_id], found[new_id], changes


def compared_with(session: Session, version_id: int) -> list[tuple[int, int]]:
    """The (old, new) pairs of versions in which this one was compared."""
    rows = session.execute(
        select(ArticleChange.old_version_id, ArticleChange.new_version_id)
        .where(or_(ArticleChange.old_version_id == version_id, ArticleChange.new_version_id == version_id))
        .distinct()
    )
    return [(old, new) for old, new in rows]


def side_by_side(changes: Sequence[Change]) -> list[Shown]:
    return [Shown(change, *both(change.old, change.new)) for change in changes]


def both(old: Article | None, new: Article | None) -> tuple[Pieces, Pieces]:
    """The pieces of the old text, and those of the new one."""
    if old is None or new is None:
        return [("same", old.text)] if old else [], [("same", new.text)] if new else []
    steps = pieces(old.text, new.text)
    return (
        [(kind, said) for kind, said in steps if kind != "new"],
        [(kind, said) for kind, said in steps if kind != "gone"],
    )


def changed_kinds() -> tuple[str, ...]:
    """The kinds that put a citation in question."""
    return (ChangeKind.CHANGED, ChangeKind.MOVED, ChangeKind.MOVED_CHANGED, ChangeKind.GONE)
