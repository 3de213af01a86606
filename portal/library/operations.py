"""Taking a version of a law into the library with its days, changes and the laws it ends, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

from portal.ground import audit, search
from portal.ground.crypto import digest
from portal.ground.errors import Malformed, Refused
from portal.ground.rules import N_
from portal.library.models import Article, ArticleChange, ArticleSummary, Law, LawEnding, LawKind, LawUpload, LawVersion
from question_bank.laws import comparing
from question_bank.laws.numbers import label_of
from question_bank.laws.texts import LawArticle, LawText, Source, short

FIRST_YEAR, LAST_YEAR = 1949, 2199  # of the days on which laws come in force
ONE_DAY = timedelta(days=1)


class NotReadable(Malformed):
    """The files hold a fault that stops the import."""

    code = "law_not_readable"


class FactsMissing(Malformed):
    """Title, label or day in force is missing or contradicts another."""

    code = "law_facts_missing"


class VersionExists(Refused):
    """The library has the text of this version."""

    code = "law_version_exists"


class LibraryChanged(Refused):
    """Another import came between the look and the commit."""

    code = "library_changed"


class StillCited(Refused):
    """Something cites the version, so it is not taken back."""

    code = "law_version_cited"


class NoReason(Refused):
    """A version is not withdrawn without a word why."""

    status = 422
    code = "reason_missing"


@dataclass(frozen=True)
class Facts:
    """What a person has settled about a version before it is taken in."""

    title: str  # short
    kind: str
    label: str
    in_force_from: date
    adopted_on: date | None = None
    ends: tuple[str, ...] = ()  # short titles


@dataclass(frozen=True)
class Compared:
    """A comparison with a version beside it: `before` when that one is the older."""

    version_id: int
    label: str
    before: bool
    changes: Sequence[comparing.ArticleChange]


def settle(
    text: LawText, *, kind: str = "", label: str = "", in_force_from: date | None = None, title: str = "",
    ends: Sequence[str] | None = None, known: Sequence[LawVersion] = (),
) -> Facts:  # fmt: skip
    """What is given, filled up from the text and from what is `known` of the law's versions without a text.

    Raises FactsMissing, NotReadable.
    """
    for fault in text.faults:
        if not fault.warning:
            if not fault.line:
                raise NotReadable(fault.message, **fault.values)
            values = {**fault.values, "file": fault.file, "line": str(fault.line)}
            raise NotReadable(N_("%(file)s, line %(line)s cannot be taken in; see the problems."), **values)
    title = short(title or text.title)
    label = (label or _known_label(text, known) or text.label).strip()
    day = in_force_from or _known_day(text, label, known) or text.in_force_on
    if not title or not label or day is None:
        raise FactsMissing(N_("The title, a name for the version and the day it comes in force are needed."))
    if len(title) > 80 or len(label) > 30:
        raise FactsMissing(N_("A title has at most 80 characters, the name of a version at most 30."))
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise FactsMissing(N_("%(day)s cannot be the day a law comes in force."), day=day.isoformat())
    adopted = text.adopted_on
    if adopted and day < adopted:
        raise FactsMissing(N_("The day in force lies before the day it was adopted."))
    ended = tuple(dict.fromkeys(short(t)[:80] for t in (text.ends if ends is None else ends) if t.strip()))
    return Facts(title, kind or guessed_kind(title, text), label, day, adopted, tuple(t for t in ended if t != title))


def _known_label(text: LawText, known: Sequence[LawVersion]) -> str:
    """The name under which questions cite this version already; only the day in force can tell where names differ."""
    same_day = [version.label for version in known if version.in_force_from == text.in_force_on]
    return "" if any(version.label == text.label for version in known) or len(same_day) != 1 else same_day[0]


def _known_day(text: LawText, label: str, known: Sequence[LawVersion]) -> date | None:
    """The known version's day, unless the text itself names that of its last change."""
    if text.in_force_stated is not None and text.in_force_stated == text.in_force_on:
        return None
    return next((version.in_force_from for version in known if version.label == label), None)


def guessed_kind(title: str, text: LawText) -> str:
    """The rank of a law by its name and what its history says."""
    told = " ".join(event.text for event in text.history)
    local = title.startswith(("吉林省", "长春市", "延边")) or ("省" in title[:8] or "自治" in title[:8])
    if local or "省人民代表大会" in told or "市人民代表大会" in told:
        return LawKind.LOCAL if title.endswith("条例") else LawKind.LOCAL_RULE
    if title.endswith("条例") or "国务院令" in told or "国务院第" in told:
        return LawKind.REGULATION
    if title.endswith(("办法", "规定", "规则", "细则")):
        return LawKind.RULE
    return LawKind.LAW if title.endswith(("法", "法典")) else LawKind.OTHER


def compared(session: Session, text: LawText, facts: Facts) -> list[Compared]:
    """The new text beside the versions before and behind it whose texts are here. Raises VersionExists."""
    versions = session.scalars(
        select(LawVersion).join(Law).where(Law.title == facts.title).order_by(LawVersion.in_force_from, LawVersion.id)
    ).all()
    known = {
        v.id: session.scalars(select(Article).where(Article.law_version_id == v.id).order_by(Article.place)).all()
        for v in versions
    }
    if any(v.label == facts.label and known[v.id] for v in versions):
        raise VersionExists(
            N_("The library has the text of %(law)s (%(label)s) already; another version needs another name."),
            law=facts.title, label=facts.label,
        )
    others = [v for v in versions if v.label != facts.label and known[v.id]]
    if any(v.in_force_from == facts.in_force_from for v in others):
        raise FactsMissing(N_("Another version of this law comes in force on the same day."))
    for version in versions:
        if version.label != facts.label and not known[version.id] and version.in_force_from == facts.in_force_from:
            told = N_("The library knows this version as %(label)s; give it that name.")
            raise FactsMissing(told, label=version.label)
    before = [v for v in others if v.in_force_from < facts.in_force_from][-1:]
    behind = [v for v in others if v.in_force_from > facts.in_force_from][:1]
    return [Compared(v.id, v.label, True, comparing.compare(known[v.id], text.articles)) for v in before] + [
        Compared(v.id, v.label, False, comparing.compare(text.articles, known[v.id])) for v in behind
    ]


def import_version(
    session: Session,
    text: LawText,
    facts: Facts,
    beside: Sequence[Compared],
    *,
    sources: Sequence[Source],
    account_id: int | None,
    now: datetime,
) -> LawVersion:
    """Store a version with its articles and changes; its neighbours' days follow.

    Raises VersionExists, LibraryChanged.
    """
    law = session.scalars(select(Law).where(Law.title == facts.title)).one_or_none()
    if law is None:
        law = Law(title=facts.title, kind=facts.kind)
        session.add(law)
        session.flush()
    law.kind = facts.kind
    version = _version(session, law, facts)
    version.full_title, version.adopted_on = text.title[:120] or facts.title, facts.adopted_on
    version.history = "\n".join(event.text for event in text.history) or None
    version.appendix = "\n".join(text.appendix) or None
    version.file_name = "、".join(source.name for source in sources)[:200]
    version.sha256 = digest([[source.name, source.text] for source in sources])
    version.imported_at, version.imported_by_id = now, account_id
    session.flush()
    ids = _store_articles(session, law, version, text.articles)
    for other in beside:
        _store_changes(session, version.id, ids, other)
    for title in facts.ends:
        if not session.scalar(select(LawEnding.id).where(LawEnding.title == title)):
            session.add(LawEnding(title=title, by_version_id=version.id, ended_on=_ended_on(text, facts)))
    session.flush()
    settle_days(session, [law.title, *facts.ends])
    audit.record(
        session, "law_imported", "law_version", version.id, now=now, account_id=account_id, law_id=law.id,
        articles=len(text.articles), in_force_from=facts.in_force_from.isoformat(), sha256=version.sha256[:16],
    )  # fmt: skip
    return version


def _ended_on(text: LawText, facts: Facts) -> date:
    """An amended text repeats the clause of its first version: what that one ended, ended with it."""
    first = text.in_force_stated
    return first if first and text.adopted_on and first < text.adopted_on else facts.in_force_from


def _version(session: Session, law: Law, facts: Facts) -> LawVersion:
    """A new row, or that of a version of which only the label was known."""
    row = session.scalars(
        select(LawVersion).where(LawVersion.law_id == law.id, LawVersion.label == facts.label)
    ).one_or_none()
    if row is None:
        row = LawVersion(law_id=law.id, label=facts.label)
        session.add(row)
    elif session.scalar(select(Article.id).where(Article.law_version_id == row.id).limit(1)):
        raise VersionExists(
            N_("The library has the text of %(law)s (%(label)s) already; another version needs another name."),
            law=facts.title, label=facts.label,
        )
    row.in_force_from = facts.in_force_from
    return row


def _store_articles(
    session: Session, law: Law, version: LawVersion, articles: Sequence[LawArticle]
) -> dict[tuple[int, int], int]:
    """The articles as rows, found by words from now on; gives their ids by number."""
    rows = [
        {
            "law_version_id": version.id, "place": place, "number": a.number, "suffix": a.suffix, "label": a.label,
            "heading": "\n".join(a.heading)[:400], "text": a.text,
        }
        for place, a in enumerate(articles, 1)
    ]  # fmt: skip
    session.execute(insert(Article), rows)
    stored = session.scalars(select(Article).where(Article.law_version_id == version.id)).all()
    search.index_many(session, "article", ((a.id, f"{law.title} {a.label} {a.heading} {a.text}") for a in stored))
    return {(a.number, a.suffix): a.id for a in stored}


def _store_changes(session: Session, version_id: int, ids: dict[tuple[int, int], int], other: Compared) -> None:
    there = session.execute(
        select(Article.number, Article.suffix, Article.id).where(Article.law_version_id == other.version_id)
    )
    beside = {(number, suffix): article_id for number, suffix, article_id in there}
    if not beside:
        raise LibraryChanged(N_("The library has changed since you looked. Look at the comparison again."))
    old_ids, new_ids = (beside, ids) if other.before else (ids, beside)
    versions = (other.version_id, version_id) if other.before else (version_id, other.version_id)
    session.execute(insert(ArticleChange), [
        {
            "old_version_id": versions[0], "new_version_id": versions[1],
            "old_article_id": old_ids[c.old.number, c.old.suffix] if c.old else None,
            "new_article_id": new_ids[c.new.number, c.new.suffix] if c.new else None,
            "kind": str(c.kind), "share": c.share, "references_only": c.references_only,
            "near": [label_of(a.number, a.suffix) for a in c.near], "place": place,
        }
        for place, c in enumerate(other.changes, 1)
    ])  # fmt: skip


def settle_days(session: Session, titles: Sequence[str]) -> None:
    """The last day in force of every version that another one, or the end of the law, follows."""
    endings = {e.title: e.ended_on for e in session.scalars(select(LawEnding).where(LawEnding.title.in_(titles)))}
    for law in session.scalars(select(Law).where(Law.title.in_(titles))):
        versions = session.scalars(
            select(LawVersion).where(LawVersion.law_id == law.id).order_by(LawVersion.in_force_from, LawVersion.id)
        ).all()
        for version, behind in zip(versions, [*versions[1:], None], strict=True):
            if behind is not None:
                version.in_force_until = behind.in_force_from - ONE_DAY
            elif law.title in endings:
                version.in_force_until = max(endings[law.title] - ONE_DAY, version.in_force_from)
    session.flush()


def take_back(
    session: Session, version: LawVersion, *, cited: int, reason: str, account_id: int | None, now: datetime
) -> None:
    """Remove what an import brought; `cited` is how many others cite the version. Raises StillCited, NoReason."""
    if cited:
        raise StillCited(N_("%(n)s questions, matters and guides cite this version, so it stays."), n=cited)
    if not reason.strip():
        raise NoReason(N_("Say why the version is withdrawn."))
    law, day = session.get_one(Law, version.law_id), version.in_force_from
    ended = session.scalars(select(LawEnding.title).where(LawEnding.by_version_id == version.id)).all()
    session.execute(delete(LawEnding).where(LawEnding.by_version_id == version.id))
    session.execute(
        delete(ArticleChange).where(
            or_(ArticleChange.old_version_id == version.id, ArticleChange.new_version_id == version.id)
        )
    )
    ids = session.scalars(select(Article.id).where(Article.law_version_id == version.id)).all()
    search.unindex(session, "article", ids)
    session.execute(delete(Article).where(Article.law_version_id == version.id))
    _reopen(session, [law.title, *ended], day - ONE_DAY)
    audit.record(
        session, "law_import_undone", "law_version", version.id, now=now, account_id=account_id, law_id=law.id,
        reason=reason.strip()[:500],
    )  # fmt: skip
    if session.scalar(select(ArticleSummary.id).where(ArticleSummary.law_version_id == version.id).limit(1)):
        version.imported_at = version.sha256 = version.file_name = None
    else:
        session.delete(version)
        session.flush()
        if not session.scalar(select(LawVersion.id).where(LawVersion.law_id == law.id).limit(1)):
            session.delete(law)
    session.flush()
    settle_days(session, [law.title, *ended])


def _reopen(session: Session, titles: Sequence[str], last_day: date) -> None:
    """Versions that ended because of what is taken back have no last day again."""
    rows = session.scalars(select(LawVersion).join(Law).where(Law.title.in_(titles)))
    for row in rows:
        if row.in_force_until == last_day:
            row.in_force_until = None
    session.flush()


def keep_upload(session: Session, sources: Sequence[Source], *, account_id: int, now: datetime) -> LawUpload:
    """Files that wait to be looked at; older ones of the same person go."""
    session.execute(delete(LawUpload).where(LawUpload.account_id == account_id))
    files = [{"name": source.name, "text": source.text} for source in sources]
    row = LawUpload(account_id=account_id, files=files, choices={}, created_at=now)
    session.add(row)
    session.flush()
    return row


def drop_upload(session: Session, upload: LawUpload) -> None:
    session.delete(upload)
    session.flush()
