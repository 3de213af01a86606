"""Lists of questions at the size of a province: the same few statements for fifty and for a hundred thousand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.bank.finding.indexing import TEXTS
from portal.bank.finding.models import QuestionEntry as Entry
from portal.bank.following.models import QuestionStatistics, QuestionUse
from portal.bank.models import Citation, QuestionTag, QuestionVersion
from portal.bank.models import Question as Row
from portal.ground import clock, search
from portal.library.topics.queries import same_topic
from question_bank.laws.numbers import article_of, label_of

COUNTED = 1000  # more are told as "more than"
FEW = 2000  # finds
PORTION = 2000
SORTS = ("code", "newest", "hardest", "easiest", "weakest")
NUMBER = re.compile(r"(第?[〇零一二两三四五六七八九十百千0-9０-９]+条(?:之[一二三四五六七八九十0-9]+)?)")
BARE = re.compile(r"(?<![0-9０-９])([0-9０-９]{1,4})\s*$")  # 行政处罚法 63, as the editor takes it too


@dataclass(frozen=True)
class Filters:
    """What is asked for; empty means all. Shares are hundredths of a percent, `weaker` hundredths."""

    words: str = ""
    article: str = ""  # a law, an article, or both: 行政处罚法 第五十一条
    topic: str = ""
    tag: str = ""
    status: str = ""
    kind: str = ""
    field: str = ""  # "general": of no field
    difficulty: int | None = None
    level: str = ""
    held: bool = False
    author: int | None = None  # an account
    since: date | None = None
    easier: int | None = None  # facility at least
    harder: int | None = None  # facility at most
    weaker: int | None = None  # discrimination below
    answered: int | None = None  # at least so often
    used: str = ""  # yes, no
    sort: str = "code"

    @property
    def narrowed(self) -> bool:
        return self != Filters(sort=self.sort)


@dataclass(frozen=True)
class Listed:
    """One question of a list."""

    row: Row
    entry: Entry
    opening: str
    statistics: QuestionStatistics | None
    uses: int

    @property
    def changed_on(self) -> date:
        return clock.local(self.entry.updated_at).date()


@dataclass(frozen=True)
class Page:
    """Part of a list; `total` is exact up to COUNTED, and `more` says that there are more."""

    rows: list[Listed]
    total: int
    more: bool


def listed(session: Session, bank_ids: Sequence[int], filters: Filters, *, page: int, size: int) -> Page:
    """One page of the questions of these banks."""
    found = wanted(session, bank_ids, filters)
    ids = list(session.scalars(ordered(found, filters).limit(size + 1).offset((page - 1) * size)))
    before = (page - 1) * size
    if len(ids) <= size and (ids or page == 1):
        total, more = before + len(ids), False
    else:
        some = wanted(session, bank_ids, filters, counted=True).limit(COUNTED + 1)
        seen = session.scalar(select(func.count()).select_from(some.subquery())) or 0
        total, more = min(seen, COUNTED), seen > COUNTED
    return Page(_shown(session, ids[:size]), total, more)


def wanted(session: Session, bank_ids: Sequence[int], filters: Filters, *, counted: bool = False) -> Select[Any]:
    """The ids of the questions of these banks that the filters let pass; `counted`, in no order and only to count."""
    about, measured = _about(session, filters), _measured(filters)
    found = select(Row.id)
    if about or measured or filters.sort != "code":
        found = found.join(Entry, Entry.question_id == Row.id)
    if measured or filters.sort in ("hardest", "easiest", "weakest"):
        found = found.join(QuestionStatistics, QuestionStatistics.version_id == Entry.version_id)
    if filters.words and counted:  # joined, so that counting ends as soon as there are enough
        hits = search.matches(TEXTS, filters.words).subquery()
        found = found.join(hits, hits.c.rowid == Row.id)
    elif filters.words:
        found = found.where(_saying(session, filters.words))
    return found.where(_of_banks(bank_ids), *about, *_state(filters), *measured)


def _saying(session: Session, words: str) -> ColumnElement[bool]:
    """Few finds are named one by one, so that the database starts from them; of many it asks as it goes along."""
    hits = session.scalars(search.matches(TEXTS, words).limit(FEW + 1)).all()
    return Row.id.in_(hits if len(hits) <= FEW else search.matches(TEXTS, words))


def _of_banks(bank_ids: Sequence[int]) -> ColumnElement[bool]:
    if len(bank_ids) == 1:
        return Row.bank_id == bank_ids[0]
    return Row.bank_id.in_(bank_ids) if bank_ids else false()


def _citing(words: str) -> Select[Any]:
    """Versions that cite an article, whichever way its number is written; a law may be named by its end."""
    number = NUMBER.search(words) or BARE.search(words)
    law = (words[: number.start()] + " " + words[number.end() :] if number else words).strip("《》 　，,第")
    found = select(Citation.version_id)
    if law:
        found = found.where(or_(Citation.law == law, Citation.law.endswith(law, autoescape=True)))
    if number:
        named = number[1] if number[1].endswith("条") or "条之" in number[1] else f"{number[1]}条"
        place = article_of(named if named.startswith("第") else f"第{named}")
        label = label_of(*place) if place else named
        after = and_(Citation.article.startswith(label), Citation.article.not_like(f"{label}之%"))
        found = found.where(or_(Citation.article == label, after))
    return found if law or number else found.where(false())


def _about(session: Session, filters: Filters) -> list[ColumnElement[bool]]:
    """What its current version is about; a topic under every word it has or had."""
    made: list[ColumnElement[bool]] = []
    if filters.topic:
        made.append(Entry.topic.in_(same_topic(session, filters.topic)))
    for value, column in (
        (filters.kind, Entry.kind), (filters.level, Entry.cognitive_level),
        (filters.difficulty, Entry.difficulty), (filters.author, Entry.author_id),
    ):  # fmt: skip
        if value:
            made.append(column == value)
    if filters.field:
        made.append(Entry.field.is_(None) if filters.field == "general" else Entry.field == filters.field)
    if filters.since:
        made.append(Entry.updated_at >= datetime.combine(filters.since, time(), clock.SHANGHAI))
    if filters.article:
        made.append(Entry.version_id.in_(_citing(filters.article)))
    if filters.tag:
        made.append(Entry.version_id.in_(select(QuestionTag.version_id).where(QuestionTag.tag == filters.tag)))
    return made


def _state(filters: Filters) -> list[ColumnElement[bool]]:
    """What became of the question."""
    made: list[ColumnElement[bool]] = []
    if filters.status:
        made.append(Row.status == filters.status)
    if filters.held:
        made.append(Row.held)
    if filters.used in ("yes", "no"):
        use = select(literal(1)).where(QuestionUse.question_id == Row.id).exists()
        made.append(use if filters.used == "yes" else ~use)
    return made


def _measured(filters: Filters) -> list[ColumnElement[bool]]:
    made: list[ColumnElement[bool]] = []
    if filters.easier is not None:
        made.append(QuestionStatistics.facility >= filters.easier)
    if filters.harder is not None:
        made.append(QuestionStatistics.facility <= filters.harder)
    if filters.weaker is not None:
        made.append(QuestionStatistics.discrimination < filters.weaker)
    if filters.answered is not None:
        made.append(QuestionStatistics.answered >= filters.answered)
    return made


def ordered(found: Select[Any], filters: Filters) -> Select[Any]:
    match filters.sort:
        case "newest":
            return found.order_by(Entry.updated_at.desc(), Row.id.desc())
        case "hardest":
            return found.order_by(QuestionStatistics.facility, Row.id)
        case "easiest":
            return found.order_by(QuestionStatistics.facility.desc(), Row.id)
        case "weakest":
            found = found.where(QuestionStatistics.discrimination.is_not(None))
            return found.order_by(QuestionStatistics.discrimination, Row.id)
    return found.order_by(Row.code)


def _shown(session: Session, ids: Sequence[int]) -> list[Listed]:
    uses = (
        select(func.count()).where(QuestionUse.question_id == Row.id).correlate(Row).scalar_subquery()
    )
    rows = session.execute(
        select(Row, Entry, QuestionVersion.opening, QuestionStatistics, uses)
        .join(Entry, Entry.question_id == Row.id)
        .join(QuestionVersion, QuestionVersion.id == Entry.version_id)
        .outerjoin(QuestionStatistics, QuestionStatistics.version_id == Entry.version_id)
        .where(Row.id.in_(ids))
        .options(joinedload(Row.bank), joinedload(Row.approved).load_only(QuestionVersion.number))
    )
    by_id = {row[0].id: Listed(*row) for row in rows}
    return [by_id[each] for each in ids if each in by_id]


@dataclass(frozen=True)
class Impact:
    """What the questions picked from a list are: how many of each status, held, in exams, or not one's own."""

    total: int
    statuses: dict[str, int]
    held: int
    used: int
    elsewhere: int  # gone, or of banks one may not write to
    banks: frozenset[int]


def impact(session: Session, ids: Sequence[int], bank_ids: Sequence[int]) -> Impact:
    """Counts over the picked questions of these banks."""
    statuses: dict[str, int] = {}
    total = held = used = 0
    banks: set[int] = set()
    use = select(literal(1)).where(QuestionUse.question_id == Row.id).exists().label("used")
    for first in range(0, len(ids), PORTION):
        here = select(Row.status, Row.held, Row.bank_id, use).where(Row.id.in_(ids[first : first + PORTION]))
        for status, is_held, bank_id, is_used in session.execute(here.where(_of_banks(bank_ids))):
            statuses[status] = statuses.get(status, 0) + 1
            total, held, used = total + 1, held + bool(is_held), used + bool(is_used)
            banks.add(bank_id)
    return Impact(total, statuses, held, used, len(ids) - total, frozenset(banks))


def rows_of(session: Session, ids: Sequence[int], bank_ids: Sequence[int]) -> Sequence[Row]:
    """Of these questions those of these banks, with their texts, held until the transaction ends."""
    found = select(Row).where(Row.id.in_(ids), _of_banks(bank_ids)).order_by(Row.id)
    return session.scalars(
        found.options(joinedload(Row.bank), joinedload(Row.current)).with_for_update(of=Row)
    ).all()


def tags_of(session: Session, question_id: int) -> list[str]:
    """The tags of a question's current version."""
    current = select(Entry.version_id).where(Entry.question_id == question_id)
    found = select(QuestionTag.tag).where(QuestionTag.version_id.in_(current))
    return list(session.scalars(found.order_by(QuestionTag.id)))


def row_of(session: Session, question_id: int, bank_ids: Sequence[int]) -> Row:
    """One question of these banks, held until the transaction ends; otherwise NoResultFound, a 404."""
    found = select(Row).where(Row.id == question_id, _of_banks(bank_ids))
    return session.scalars(
        found.options(joinedload(Row.bank), joinedload(Row.current)).with_for_update(of=Row)
    ).one()


def ids_of(session: Session, bank_ids: Sequence[int], filters: Filters, most: int) -> list[int]:
    """The ids of everything that matches; one more than `most` when there are more."""
    found = wanted(session, bank_ids, replace(filters, sort="code")).order_by(Row.id).limit(most + 1)
    return list(session.scalars(found))


def topics(session: Session, bank_ids: Sequence[int]) -> list[str]:
    """The topics questions of these banks have, for choosing one."""
    found = select(Entry.topic).where(Entry.bank_id.in_(bank_ids), Entry.topic != "").distinct().order_by(Entry.topic)
    return list(session.scalars(found.limit(COUNTED)))
