"""What became of articles that somebody cites: still so, changed, moved, gone, or their law has ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.library.models import Article, ArticleChange, Law, LawEnding, LawVersion
from question_bank.laws.comparing import ChangeKind
from question_bank.laws.numbers import article_of

Cited = tuple[str, str, str]  # law, label, article as written
PORTION = 400


class FateKind(StrEnum):
    """What puts a citation in question."""

    CHANGED = "changed"
    MOVED = "moved"
    MOVED_CHANGED = "moved_changed"
    GONE = "gone"
    ENDED = "ended"  # the law ended without a later version of its own
    UNCOMPARED = "uncompared"  # a later version is in force, and the two texts are not both here


@dataclass(frozen=True)
class Fate:
    """Why a citation no longer holds, since when, and where the article stands now, if anywhere."""

    kind: FateKind
    by_version_id: int | None  # the version that caused it
    since: date
    old_article_id: int | None = None
    new_article_id: int | None = None
    new_label: str = ""  # of the version that holds the article now
    new_article: str = ""

    @property
    def raised_by(self) -> str:
        return f"law_version:{self.by_version_id or 0}"


def fates(session: Session, cited: Iterable[Cited], on: date) -> dict[Cited, Fate]:
    """Of these citations, those that no longer hold on a day; what reads the same is not among them."""
    shelf, stale = _stale(session, cited, on)
    found = {key: shelf.fate(key, version) for key, version in stale.items()}
    return {key: fate for key, fate in found.items() if fate is not None}


@dataclass(frozen=True)
class Standing:
    """Where an article that reads as before stands in the newest version in force; `article` with its paragraph."""

    version_id: int
    label: str
    article: str
    moved: bool


def same_today(session: Session, cited: Iterable[Cited], on: date) -> dict[Cited, Standing]:
    """Of these citations of earlier versions, those whose article reads the same on a day, under whatever number."""
    shelf, stale = _stale(session, cited, on)
    found = {key: shelf.standing(key, version) for key, version in stale.items()}
    return {key: standing for key, standing in found.items() if standing is not None}


def _stale(session: Session, cited: Iterable[Cited], on: date) -> tuple[_Shelf, dict[Cited, LawVersion]]:
    """The laws cited, and the version of each citation that is not the newest in force any more."""
    wanted = set(cited)
    shelf = _Shelf(session, {law for law, *_ in wanted}, on)
    stale = {key: v for key in wanted if (v := shelf.version(key[0], key[1])) and shelf.is_stale(key[0], v)}
    shelf.load({v.id for v in stale.values()})
    return shelf, stale


class _Shelf:
    """The laws in question with their versions, articles and changes, each read once."""

    def __init__(self, session: Session, titles: set[str], on: date) -> None:
        self.session, self.on = session, on
        self.laws: dict[str, list[LawVersion]] = {}
        self.endings: dict[str, LawEnding] = {}
        for portion in _portions(sorted(titles)):
            laws = session.scalars(select(Law).where(Law.title.in_(portion)).options(selectinload(Law.versions)))
            self.laws |= {law.title: sorted(law.versions, key=lambda v: (v.in_force_from, v.id)) for law in laws}
            endings = session.scalars(select(LawEnding).where(LawEnding.title.in_(portion)))
            self.endings |= {ending.title: ending for ending in endings}

    def version(self, law: str, label: str) -> LawVersion | None:
        return next((v for v in self.laws.get(law, ()) if v.label == label), None)

    def later(self, law: str, version: LawVersion) -> list[LawVersion]:
        """The versions that came into force after this one, up to the day."""
        return [v for v in self.laws[law] if version.in_force_from < v.in_force_from <= self.on]

    def ended(self, law: str) -> tuple[date, int | None] | None:
        """(first day no longer in force, the version that ended it) of a law that has ended by the day."""
        if (ending := self.endings.get(law)) and ending.ended_on <= self.on:
            return ending.ended_on, ending.by_version_id
        last = self.laws[law][-1].in_force_until
        return (last + timedelta(days=1), None) if last is not None and last < self.on else None

    def is_stale(self, law: str, version: LawVersion) -> bool:
        return bool(self.later(law, version) or self.ended(law))

    def load(self, version_ids: set[int]) -> None:
        """The articles and changes of everything that follows these versions."""
        ids = {v.id for versions in self.laws.values() for v in versions if any(w.id in version_ids for w in versions)}
        self.articles: dict[tuple[int, int, int], int] = {}
        self.places: dict[int, tuple[int, str]] = {}
        self.changes: dict[int, list[ArticleChange]] = defaultdict(list)
        for portion in _portions(sorted(ids)):
            for article_id, version_id, number, suffix, label in self.session.execute(
                select(Article.id, Article.law_version_id, Article.number, Article.suffix, Article.label)
                .where(Article.law_version_id.in_(portion))
            ):  # fmt: skip
                self.articles[version_id, number, suffix] = article_id
                self.places[article_id] = (version_id, label)
            for change in self.session.scalars(
                select(ArticleChange).where(
                    ArticleChange.old_version_id.in_(portion), ArticleChange.old_article_id.is_not(None)
                )
            ):
                self.changes[change.old_article_id or 0].append(change)

    def fate(self, cited: Cited, version: LawVersion) -> Fate | None:
        law, _label, article = cited
        number = article_of(article)
        start = self.articles.get((version.id, *number)) if number else None
        if ended := self.ended(law):
            return Fate(FateKind.ENDED, ended[1], ended[0], start)
        later = self.later(law, version)
        if start is None:
            return Fate(FateKind.UNCOMPARED, later[-1].id, later[-1].in_force_from)
        return self._walk(start, later)

    def _walk(self, start: int, later: Sequence[LawVersion]) -> Fate | None:
        at, kinds, cause = start, set(), later[0]
        for version in later:
            change = next((c for c in self.changes[at] if c.new_version_id == version.id), None)
            if change is None:
                return Fate(FateKind.UNCOMPARED, version.id, version.in_force_from, start)
            if change.kind != ChangeKind.SAME:
                kinds.add(change.kind)
                cause = version
            if change.new_article_id is None:
                return Fate(FateKind.GONE, version.id, version.in_force_from, start)
            at = change.new_article_id
        if not kinds:
            return None
        kind = FateKind(kinds.pop()) if len(kinds) == 1 else FateKind.MOVED_CHANGED
        return Fate(kind, cause.id, cause.in_force_from, start, at, later[-1].label, self.places[at][1])

    def standing(self, cited: Cited, version: LawVersion) -> Standing | None:
        law, _label, article = cited
        number, later = article_of(article), self.later(law, version)
        start = at = self.articles.get((version.id, *number)) if number else None
        if start is None or at is None or not later or self.ended(law):
            return None
        for newer in later:
            change = next((c for c in self.changes[at] if c.new_version_id == newer.id), None)
            if change is None or change.kind not in (ChangeKind.SAME, ChangeKind.MOVED) or not change.new_article_id:
                return None
            at = change.new_article_id
        before, now = self.places[start][1], self.places[at][1]
        paragraph = article.removeprefix(before) if article.startswith(before) else ""
        return Standing(later[-1].id, later[-1].label, f"{now}{paragraph}"[:30], before != now)


def _portions(values: Sequence) -> Iterable[Sequence]:
    return (values[first : first + PORTION] for first in range(0, len(values), PORTION))


def counted(fates_found: Mapping[Cited, Fate]) -> dict[FateKind, int]:
    """How many citations met each fate."""
    return {kind: sum(f.kind == kind for f in fates_found.values()) for kind in FateKind}
