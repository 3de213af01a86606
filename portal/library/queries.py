"""Which version of a law a citation means, whether it is in force, and what the article says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.library.models import Article, ArticleSummary, Law, LawEnding, LawUpload, LawVersion
from portal.people.models import Account, Body
from portal.people.queries import reach
from portal.people.rules import Permission
from question_bank.questions import Citation


@dataclass(frozen=True)
class CitedVersion:
    """A cited law version on one day."""

    law: str
    label: str
    in_force_from: date
    in_force: bool


def versions_for(
    session: Session, citations: Iterable[Mapping[str, Any]], on: date
) -> dict[tuple[str, str], CitedVersion]:
    """(law, label) -> its version, for those the library knows."""
    wanted = {(c["law"], c["label"]) for c in citations}
    if not wanted:
        return {}
    rows = session.execute(
        select(Law.title, LawVersion)
        .join(LawVersion, LawVersion.law_id == Law.id)
        .where(tuple_(Law.title, LawVersion.label).in_(wanted))
    )
    return {
        (title, v.label): CitedVersion(title, v.label, v.in_force_from, is_in_force(v, on)) for title, v in rows
    }


def known_versions(session: Session, citations: Iterable[Citation]) -> set[tuple[str, str]]:
    """Those (law, label) of citations that the library has; a question that cites another one stays a draft."""
    wanted = {(c.law, c.label) for c in citations}
    found = select(Law.title, LawVersion.label).join(LawVersion, LawVersion.law_id == Law.id)
    rows = session.execute(found.where(tuple_(Law.title, LawVersion.label).in_(wanted))) if wanted else ()
    return {(title, label) for title, label in rows}


def laws(session: Session) -> Sequence[Law]:
    return session.scalars(select(Law).order_by(Law.id).options(selectinload(Law.versions))).all()


def law_version(session: Session, version_id: int) -> tuple[Law, LawVersion, Sequence[ArticleSummary]]:
    """A version with the summaries of its articles; NoResultFound when there is none."""
    law, version = session.execute(
        select(Law, LawVersion).join(LawVersion, LawVersion.law_id == Law.id).where(LawVersion.id == version_id)
    ).one()
    summaries = session.scalars(
        select(ArticleSummary).where(ArticleSummary.law_version_id == version_id).order_by(ArticleSummary.id)
    ).all()
    return law, version, summaries


def a_version(session: Session, version_id: int) -> LawVersion:
    """A version with its law; NoResultFound when there is none."""
    found = select(LawVersion).where(LawVersion.id == version_id).options(joinedload(LawVersion.law))
    return session.scalars(found).one()


def may_edit_laws(session: Session, account: Account) -> bool:
    """Laws are one for all: only a grant at the top of the tree, for all fields, counts."""
    tops = {path for path, field in reach(account, Permission.EDIT_LIBRARY) if field is None}
    top = select(Body.id).where(Body.parent_id.is_(None), Body.path.in_(tops)).limit(1)
    return bool(tops) and session.scalar(top) is not None


def own_upload(session: Session, account: Account, upload_id: int) -> LawUpload:
    """Files this account brought; NoResultFound, a 404, for those of others."""
    return session.scalars(
        select(LawUpload).where(LawUpload.id == upload_id, LawUpload.account_id == account.id)
    ).one()


def labels_of(session: Session, titles: Collection[str]) -> dict[str, list[str]]:
    """A law's title as in the library → the names of its versions, newest first; unknown titles are left out."""
    if not titles:
        return {}
    rows = session.execute(
        select(Law.title, LawVersion.label).join(LawVersion, LawVersion.law_id == Law.id)
        .where(Law.title.in_(titles)).order_by(LawVersion.in_force_from.desc())
    )  # fmt: skip
    found: dict[str, list[str]] = {}
    for title, label in rows:
        found.setdefault(title, []).append(label)
    return found


def untexted(session: Session, title: str) -> Sequence[LawVersion]:
    """The versions of a law, by its short title, of which the library has no text; oldest first."""
    has_text = select(Article.id).where(Article.law_version_id == LawVersion.id).exists()
    return session.scalars(
        select(LawVersion).join(Law).where(Law.title == title, ~has_text).order_by(LawVersion.in_force_from)
    ).all()


def articles_of(session: Session, version_id: int) -> Sequence[Article]:
    return session.scalars(select(Article).where(Article.law_version_id == version_id).order_by(Article.place)).all()


def summary_of(session: Session, law: str, label: str, article: str) -> str | None:
    """Our sentence about an article, where there is one."""
    return session.scalar(
        select(ArticleSummary.summary)
        .join(LawVersion, LawVersion.id == ArticleSummary.law_version_id)
        .join(Law, Law.id == LawVersion.law_id)
        .where(Law.title == law, LawVersion.label == label, ArticleSummary.article == article)
    )


def versions_of(session: Session, law_id: int) -> Sequence[LawVersion]:
    """The versions of a law, newest first."""
    return session.scalars(
        select(LawVersion).where(LawVersion.law_id == law_id).order_by(LawVersion.in_force_from.desc())
    ).all()


@dataclass(frozen=True)
class ListedVersion:
    """A version in the list of laws."""

    version: LawVersion
    articles: int
    in_force: bool
    coming: bool


@dataclass(frozen=True)
class ListedLaw:
    law: Law
    versions: list[ListedVersion]
    ending: LawEnding | None


def law_list(
    session: Session, words: str, kind: str, on: date, *, page: int, size: int
) -> tuple[list[ListedLaw], int]:
    """One page of the laws whose titles hold the words, with their versions; and how many there are in all."""
    found = select(Law)
    if words:
        found = found.where(Law.title.contains(words, autoescape=True))
    if kind:
        found = found.where(Law.kind == kind)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    laws = session.scalars(
        found.order_by(Law.title).limit(size).offset((page - 1) * size).options(selectinload(Law.versions))
    ).all()
    ids = [version.id for law in laws for version in law.versions]
    counted = dict(
        session.execute(
            select(Article.law_version_id, func.count())
            .where(Article.law_version_id.in_(ids))
            .group_by(Article.law_version_id)
        ).all()
    )
    titles = [law.title for law in laws]
    endings = {e.title: e for e in session.scalars(select(LawEnding).where(LawEnding.title.in_(titles)))}
    return [ListedLaw(law, _listed(law, counted, on), endings.get(law.title)) for law in laws], total


def _listed(law: Law, counted: Mapping[int, int], on: date) -> list[ListedVersion]:
    newest_first = sorted(law.versions, key=lambda v: v.in_force_from, reverse=True)
    return [ListedVersion(v, counted.get(v.id, 0), is_in_force(v, on), v.in_force_from > on) for v in newest_first]


def is_in_force(version: LawVersion, on: date) -> bool:
    return version.in_force_from <= on and (version.in_force_until is None or on <= version.in_force_until)


def ending_of(session: Session, title: str) -> LawEnding | None:
    """How a law ended without a later version of its own."""
    return session.scalars(select(LawEnding).where(LawEnding.title == title)).one_or_none()


def neighbours(session: Session, article: Article) -> tuple[Article | None, Article | None]:
    """The articles before and behind in the same version."""
    rows = session.scalars(
        select(Article).where(
            Article.law_version_id == article.law_version_id, Article.place.in_((article.place - 1, article.place + 1))
        )
    ).all()
    by_place = {row.place: row for row in rows}
    return by_place.get(article.place - 1), by_place.get(article.place + 1)
