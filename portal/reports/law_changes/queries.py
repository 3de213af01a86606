"""Changes of law and what each room answers about them, article by article."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.bank.following.hits import HitQuestion, questions_citing, questions_hit
from portal.bank.following.models import QuestionHold
from portal.exams.law_impact import TestedBefore, count_tested, exams_of_forms, forms_citing, officers_tested
from portal.exams.models import Exam
from portal.library.articles import article_ids
from portal.library.comparisons import changed_kinds
from portal.library.guides.models import GuideVersion
from portal.library.matters.models import MatterVersion
from portal.library.models import Article, ArticleChange, Law, LawEnding, LawVersion
from portal.library.operations import Compared, Facts
from portal.people.models import Account
from portal.reports.law_changes.resting import guides_resting, matters_resting
from portal.training.law_impact import NamingLesson, lessons_naming
from question_bank.laws.numbers import article_of, label_of

Key = tuple[str, str, int, int]  # law, label, number and suffix of an article that is no longer as it was
UNCOMPARED = "uncompared"
ENDED = "ended"


@dataclass(frozen=True)
class ListedChange:
    """A version that changed or ended something."""

    version: LawVersion
    before: LawVersion | None
    tally: dict[str, int]
    ended: list[str]
    open_holds: int
    answered: int


def changes(session: Session) -> list[ListedChange]:
    """Every version that follows another one or ended a law, newest in force first."""
    tallies: dict[int, dict[str, int]] = defaultdict(dict)
    before: dict[int, int] = {}
    for old, new, kind, count in session.execute(
        select(ArticleChange.old_version_id, ArticleChange.new_version_id, ArticleChange.kind, func.count())
        .group_by(ArticleChange.old_version_id, ArticleChange.new_version_id, ArticleChange.kind)
    ):  # fmt: skip
        tallies[new][kind] = count
        before[new] = old
    ended: dict[int, list[str]] = defaultdict(list)
    for ending in session.scalars(select(LawEnding).order_by(LawEnding.id)):
        ended[ending.by_version_id].append(ending.title)
    holds: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    waits = QuestionHold.ended_at.is_(None)
    for raised_by, open_, count in session.execute(
        select(QuestionHold.raised_by, waits, func.count(func.distinct(QuestionHold.question_id)))
        .group_by(QuestionHold.raised_by, waits)
    ):  # fmt: skip
        holds[raised_by][0 if open_ else 1] += count
    caused = {int(cause.partition(":")[2]) for cause in holds if cause.startswith("law_version:")}
    ids = {*tallies, *ended, *caused, *before.values()}
    rows = {
        v.id: v
        for v in session.scalars(select(LawVersion).where(LawVersion.id.in_(ids)).options(joinedload(LawVersion.law)))
    }
    found = [
        ListedChange(
            rows[n], rows.get(before.get(n, 0)), tallies.get(n, {}), ended.get(n, []), *holds[f"law_version:{n}"]
        )
        for n in {*tallies, *ended, *caused} if n in rows
    ]  # fmt: skip
    return sorted(found, key=lambda c: (c.version.in_force_from, c.version.id), reverse=True)


@dataclass
class Hit:
    """One article that is no longer as it was, and what rests on it."""

    key: Key
    kind: str
    old_id: int | None = None
    new_id: int | None = None
    new_label: str = ""
    questions: list[HitQuestion] = field(default_factory=list)
    papers: list[Exam] = field(default_factory=list)
    lessons: list[NamingLesson] = field(default_factory=list)
    matters: list[MatterVersion] = field(default_factory=list)
    guides: list[GuideVersion] = field(default_factory=list)
    forms: set[int] = field(default_factory=set)
    new_forms: set[int] = field(default_factory=set)
    officers: int = 0

    @property
    def law(self) -> str:
        return self.key[0]

    @property
    def label(self) -> str:
        return self.key[1]

    @property
    def article(self) -> str:
        return label_of(self.key[2], self.key[3]) if self.key[2] else ""

    @property
    def address(self) -> str:
        """The article in an address: its version's label is unique within the change."""
        return f"{self.law}|{self.label}|{self.key[2]}.{self.key[3]}"

    @property
    def touched(self) -> bool:
        return bool(self.questions or self.papers or self.lessons or self.officers or self.matters or self.guides)


@dataclass
class Cause:
    """A version, what it changed and ended, and the hits by article."""

    version: LawVersion
    before: LawVersion | None
    ended: list[str]
    hits: dict[Key, Hit]
    officers: int = 0  # different ones

    @property
    def touched(self) -> list[Hit]:
        return [hit for hit in self.hits.values() if hit.touched]

    def total(self, what: str) -> int:
        """Different questions, papers, lessons, matters, guides or officers."""
        if what == "officers":
            return self.officers
        named = {"lessons": "lesson", "questions": "code"}.get(what, "id")
        return len({getattr(one, named) for hit in self.hits.values() for one in getattr(hit, what)})


def cause(session: Session, account: Account, version_id: int, on: date) -> Cause:
    """One change with everything it touches inside what the account sees; NoResultFound when there is none."""
    version = session.scalars(
        select(LawVersion).where(LawVersion.id == version_id).options(joinedload(LawVersion.law))
    ).one()
    ended = list(session.scalars(select(LawEnding.title).where(LawEnding.by_version_id == version_id)))
    found = Cause(version, None, ended, {})
    _add_changed(session, found)
    return _with_hits(session, account, found, on)


def coming(session: Session, account: Account, facts: Facts, beside: Sequence[Compared], on: date) -> Cause:
    """What a version would touch that is not in the library yet."""
    version = LawVersion(label=facts.label, in_force_from=facts.in_force_from, law=Law(title=facts.title))
    found = Cause(version, None, list(facts.ends), {})
    for other in beside:
        if other.before:
            found.before = session.get_one(LawVersion, other.version_id)
            for change in other.changes:
                if change.old is not None and change.kind in changed_kinds():
                    key = (facts.title, other.label, change.old.number, change.old.suffix)
                    new = label_of(change.new.number, change.new.suffix) if change.new else ""
                    found.hits[key] = Hit(key, change.kind, change.old.id, None, new)
    return _with_hits(session, account, found, on)


def _with_hits(session: Session, account: Account, found: Cause, on: date) -> Cause:
    gone = _versions_of(session, found.ended)
    _add_questions(session, account, found, gone, on)
    _add_papers(session, account, found, gone)
    _add_lessons(session, found)
    _add_resting(session, account, found, on)
    _add_texts(session, found)
    return found


def _add_changed(session: Session, found: Cause) -> None:
    """The articles of the version before that no longer read or stand as they did."""
    old, new = Article.__table__.alias("old"), Article.__table__.alias("new")
    rows = session.execute(
        select(
            ArticleChange.old_version_id, ArticleChange.kind, old.c.id, old.c.number, old.c.suffix,
            new.c.id, new.c.label,
        )
        .join(old, old.c.id == ArticleChange.old_article_id)
        .outerjoin(new, new.c.id == ArticleChange.new_article_id)
        .where(ArticleChange.new_version_id == found.version.id, ArticleChange.kind.in_(changed_kinds()))
        .order_by(old.c.place)
    ).all()  # fmt: skip
    if rows:
        found.before = session.get_one(LawVersion, rows[0][0])
        for _old, kind, old_id, number, suffix, new_id, new_label in rows:
            key = (found.version.law.title, found.before.label, number, suffix)
            found.hits[key] = Hit(key, kind, old_id, new_id, new_label or "")


def _versions_of(session: Session, titles: list[str]) -> set[tuple[str, str]]:
    rows = session.execute(select(Law.title, LawVersion.label).join(LawVersion).where(Law.title.in_(titles)))
    return {(title, label) for title, label in rows}


def _key(law: str, label: str, article: str) -> Key:
    return (law, label, *(article_of(article) or (0, 0)))


def _add_questions(
    session: Session, account: Account, found: Cause, gone: set[tuple[str, str]], on: date
) -> None:
    """Those held for it, and until it is in force those that it will reach."""
    hits = questions_hit(session, account, f"law_version:{found.version.id}")
    if found.version.id is None or found.version.in_force_from > on:
        before = {(found.version.law.title, found.before.label)} if found.before else set()
        coming = questions_citing(session, account, before | gone)
        hits = [q for q in coming if (q.law, q.label) in gone or _key(q.law, q.label, q.article) in found.hits]
    for question in hits:
        key = _key(question.law, question.label, question.article)
        kind = ENDED if (question.law, question.label) in gone or question.law in found.ended else UNCOMPARED
        found.hits.setdefault(key, Hit(key, kind)).questions.append(question)


def _add_papers(session: Session, account: Account, found: Cause, gone: set[tuple[str, str]]) -> None:
    new = {(found.version.law.title, found.version.label, *(article_of(h.new_label) or (0, 0))): h
           for h in found.hits.values() if h.new_label}  # fmt: skip
    forms = forms_citing(
        session, lambda c: _key(*c) in found.hits or _key(*c) in new or (c[0], c[1]) in gone
    )
    for cited, ids in forms.items():
        key = _key(*cited)
        if key in new:
            new[key].new_forms |= ids
        elif key in found.hits or (cited[0], cited[1]) in gone:
            found.hits.setdefault(key, Hit(key, ENDED)).forms |= ids
    held = exams_of_forms(session, account, {form for hit in found.hits.values() for form in hit.forms})
    for hit in found.hits.values():
        hit.papers = list({held[form].id: held[form] for form in sorted(hit.forms) if form in held}.values())
    tested = [hit for hit in found.hits.values() if hit.forms]
    counts, found.officers = count_tested(session, account, [(hit.forms, hit.new_forms) for hit in tested])
    for hit, count in zip(tested, counts, strict=True):
        hit.officers = count


def _add_lessons(session: Session, found: Cause) -> None:
    places = {(key[0], key[2:]): key for key in found.hits}
    named = lessons_naming(session, places, found.ended, found.version.in_force_from)
    for (law, number), lessons in named.items():
        key = places.get((law, number)) or (law, "", *number)
        found.hits.setdefault(key, Hit(key, ENDED)).lessons += lessons


def _add_resting(session: Session, account: Account, found: Cause, on: date) -> None:
    """Conferred matters and guides, unless they rest on the new text already."""
    places = {(key[0], key[2:]): key for key in found.hits}
    asked = (set(places), found.ended, found.version)
    matters, guides = matters_resting(session, *asked), guides_resting(session, account, on, *asked)
    for what, resting in (("matters", matters), ("guides", guides)):
        for (law, number), rows in resting.items():
            key = places.get((law, number)) or (law, "", *number)
            getattr(found.hits.setdefault(key, Hit(key, ENDED)), what).extend(rows)


def _add_texts(session: Session, found: Cause) -> None:
    """Where an article that ended can still be read."""
    bare = {(h.law, h.label, h.article): h for h in found.hits.values() if h.old_id is None and h.article}
    known = article_ids(session, [dict(zip(("law", "label", "article"), cited, strict=True)) for cited in bare])
    for cited, article_id in known.items():
        bare[cited].old_id = article_id


def officers_of(session: Session, account: Account, hit: Hit, page: int, size: int) -> list[TestedBefore]:
    """One page of the officers last tested on the old text of an article."""
    return officers_tested(session, account, hit.forms, hit.new_forms, first=(page - 1) * size, limit=size)
