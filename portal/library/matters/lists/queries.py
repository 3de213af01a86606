"""Towns' lists: who may read which, what is in force where, and whom a change concerns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from portal.library.matters.lists.models import ListState, TownList, TownListEntry
from portal.library.matters.models import MatterVersion
from portal.people.models import Account, Body, BodyKind, Person, Post
from portal.people.queries import bodies_in_scope, posts_in_scope, reach
from portal.people.rules import Permission

OVERLOOK = (Permission.EDIT_MATTERS, Permission.SEE_BODY, Permission.SEE_FIGURES)  # opens the county at a glance
IS_TOWN = and_(Body.kind == BodyKind.TOWN, Body.abolished_on.is_(None))


def kept_towns(account: Account) -> ColumnElement[bool]:
    """A condition on Body: a town whose list this account keeps; a list has every field, so the grant must, too."""
    tops = [path for path, only in reach(account, Permission.EDIT_MATTERS) if only is None]
    here = or_(*(Body.path.startswith(path, autoescape=True) for path in tops)) if tops else false()
    return and_(Body.kind == BodyKind.TOWN, here)


def seen_towns(account: Account) -> ColumnElement[bool]:
    """A condition on Body: a town somewhere in what this account overlooks."""
    return and_(Body.kind == BodyKind.TOWN, or_(*(bodies_in_scope(account, permission) for permission in OVERLOOK)))


def towns_called(session: Session, account: Account, typed: str) -> Sequence[Body]:
    """The towns this account overlooks that have this name or code."""
    called = or_(Body.name == typed, Body.code == typed)
    return session.scalars(select(Body).where(called, seen_towns(account))).all()


def keeps_town(session: Session, account: Account, body: Body) -> bool:
    return session.scalar(select(Body.id).where(Body.id == body.id, kept_towns(account))) is not None


def own_towns(session: Session, account: Account) -> Sequence[Body]:
    """The towns in which this person has a post, in the town itself or in a team under it."""
    at = aliased(Body)
    return session.scalars(
        select(Body)
        .distinct()
        .join(at, at.path.startswith(Body.path))
        .join(Post, Post.body_id == at.id)
        .where(Post.person_id == account.person_id, Post.ended_on.is_(None), IS_TOWN)
        .order_by(Body.id)
    ).all()


def town(session: Session, account: Account, body_id: int, *, keep: bool = False) -> Body:
    """A town one keeps; or, unless `keep`, overlooks or works in. Otherwise NoResultFound, a 404."""
    mine = kept_towns(account)
    if not keep:
        mine = or_(mine, seen_towns(account), Body.id.in_([own.id for own in own_towns(session, account)]))
    return session.scalars(select(Body).where(Body.id == body_id, mine)).one()


def in_force(day: date) -> Select[tuple[int]]:
    """The id of every town's list in force on a day."""
    later = aliased(TownList)
    newer = exists().where(
        later.body_id == TownList.body_id, later.number > TownList.number, later.state == ListState.PUBLISHED,
        later.in_force_from <= day,
    )  # fmt: skip
    return select(TownList.id).where(
        TownList.state == ListState.PUBLISHED, TownList.in_force_from <= day, ~newer
    )


ENTRIES = (
    selectinload(TownList.entries).joinedload(TownListEntry.version).joinedload(MatterVersion.matter),
    selectinload(TownList.entries).joinedload(TownListEntry.version).selectinload(MatterVersion.bases),
)


def list_in_force(session: Session, body_id: int, day: date) -> TownList | None:
    return session.scalar(select(TownList).where(TownList.body_id == body_id, TownList.id.in_(in_force(day))))


def versions(session: Session, body_id: int) -> Sequence[TownList]:
    """Every version of a town's list, drafts too, the newest first."""
    return session.scalars(
        select(TownList)
        .where(TownList.body_id == body_id, TownList.state != ListState.DISCARDED)
        .order_by(TownList.number.desc())
    ).all()


def draft(session: Session, body_id: int, *, hold: bool = False) -> TownList | None:
    found = select(TownList).where(TownList.body_id == body_id, TownList.state == ListState.DRAFT)
    if hold:
        found = found.with_for_update().execution_options(populate_existing=True)
    return session.scalars(found).one_or_none()


def one(session: Session, body: Body, number: int, *, drafts: bool) -> TownList:
    """One version with its entries; a draft only for whoever keeps the town's list. Otherwise NoResultFound."""
    shown = (ListState.PUBLISHED, ListState.DRAFT) if drafts else (ListState.PUBLISHED,)
    found = select(TownList).where(
        TownList.body_id == body.id, TownList.number == number, TownList.state.in_(shown)
    )
    return session.scalars(found.options(*ENTRIES)).one()


def contents(session: Session, list_id: int | None) -> dict[int, MatterVersion]:
    """Matter id → the version on the list; nothing for no list."""
    rows = session.scalars(
        select(TownListEntry)
        .where(TownListEntry.list_id == list_id)
        .options(
            joinedload(TownListEntry.version).options(
                joinedload(MatterVersion.matter), selectinload(MatterVersion.bases)
            )
        )
    )
    return {row.matter_id: row.version for row in rows}


def before(session: Session, row: TownList) -> TownList | None:
    """The published version this one follows."""
    return session.scalar(
        select(TownList)
        .where(
            TownList.body_id == row.body_id, TownList.number < row.number, TownList.state == ListState.PUBLISHED
        )
        .order_by(TownList.number.desc())
        .limit(1)
    )


@dataclass
class Glance:
    """One town at a glance: its list in force, matters by field, and whether a draft waits."""

    body: Body
    list: TownList | None = None
    fields: Mapping[str, int] = field(default_factory=dict)
    drafted: bool = False

    @property
    def total(self) -> int:
        return sum(self.fields.values())


def at_a_glance(
    session: Session, account: Account, day: date, *, under: str = "", lacking: bool = False, words: str = "",
    page: int = 1, size: int = 50,
) -> tuple[list[Glance], int, int]:  # fmt: skip
    """One page of towns with their lists, how many towns there are, and how many lack a list.

    `under` is the path of the body whose towns are asked for.
    """
    lists = select(TownList.body_id).where(TownList.id.in_(in_force(day)))
    without = Body.id.not_in(lists)
    where = [seen_towns(account), Body.abolished_on.is_(None)]
    if under:
        where.append(Body.path.startswith(under, autoescape=True))
    if words:
        where.append(Body.name.contains(words, autoescape=True))
    lack = session.scalar(select(func.count()).select_from(Body).where(*where, without)) or 0
    if lacking:
        where.append(without)
    total = session.scalar(select(func.count()).select_from(Body).where(*where)) or 0
    found = select(Body).where(*where).order_by(Body.path).limit(size).offset((page - 1) * size)
    rows = {body.id: Glance(body) for body in session.scalars(found)}
    _fill(session, rows, day)
    return list(rows.values()), total, lack


def _fill(session: Session, rows: Mapping[int, Glance], day: date) -> None:
    here = select(TownList).where(TownList.body_id.in_(rows))
    lists = {row.id: row for row in session.scalars(here.where(TownList.id.in_(in_force(day))))}
    counts = session.execute(
        select(TownListEntry.list_id, MatterVersion.field, func.count())
        .join(MatterVersion, MatterVersion.id == TownListEntry.version_id)
        .where(TownListEntry.list_id.in_(lists))
        .group_by(TownListEntry.list_id, MatterVersion.field)
    )
    by_field: dict[int, dict[str, int]] = {}
    for list_id, of_field, count in counts:
        by_field.setdefault(list_id, {})[of_field] = count
    for row in lists.values():
        rows[row.body_id].list, rows[row.body_id].fields = row, by_field.get(row.id, {})
    for body_id in session.scalars(select(TownList.body_id).where(
        TownList.body_id.in_(rows), TownList.state == ListState.DRAFT
    )):  # fmt: skip
        rows[body_id].drafted = True


def counties(session: Session, account: Account) -> Sequence[Body]:
    """The bodies directly above the towns this account overlooks, to choose one."""
    towns = select(Body.parent_id).where(seen_towns(account), Body.abolished_on.is_(None))
    above = aliased(Body)
    return session.scalars(select(above).where(above.id.in_(towns)).order_by(above.path)).all()


def towns_with(session: Session, matter_ids: Iterable[int], day: date) -> Sequence[Body]:
    """The towns whose list in force on a day has one of these matters."""
    ids = set(matter_ids)
    if not ids:
        return []
    lists = select(TownListEntry.list_id).where(TownListEntry.matter_id.in_(ids))
    bodies = select(TownList.body_id).where(TownList.id.in_(in_force(day)), TownList.id.in_(lists))
    return session.scalars(select(Body).where(Body.id.in_(bodies)).order_by(Body.path)).all()


def _posts(body_ids: Iterable[int]) -> Select[tuple[Post]]:
    """Posts running in these towns or in what lies under them; `Body` is where the post is."""
    of_town = aliased(Body)
    return (
        select(Post)
        .join(Body, Body.id == Post.body_id)
        .join(of_town, Body.path.startswith(of_town.path))
        .where(of_town.id.in_(set(body_ids)), Post.ended_on.is_(None))
    )


def officers_of_towns(
    session: Session, body_ids: Iterable[int], account: Account | None = None, *, page: int = 1, size: int = 200
) -> Sequence[Post]:
    """The posts (person and body loaded) of officers who work by these towns' lists.

    With an account, only those on the roster it sees; without one, all of them.
    """
    found = _posts(body_ids)
    if account is not None:
        found = found.where(posts_in_scope(account, Permission.SEE_ROSTER))
    rows = found.join(Post.person).order_by(Body.path, Person.name_pinyin, Post.id)
    return session.scalars(
        rows.limit(size).offset((page - 1) * size).options(contains_eager(Post.person), contains_eager(Post.body))
    ).all()


def count_officers_of_towns(session: Session, body_ids: Iterable[int]) -> int:
    """How many people work by these towns' lists."""
    posts = _posts(body_ids).subquery()
    return session.scalar(select(func.count(posts.c.person_id.distinct()))) or 0


def ids_seen(session: Session, account: Account) -> set[int]:
    """The ids of the towns whose lists this account opens: those it overlooks and those it works in."""
    overlooked = session.scalars(select(Body.id).where(seen_towns(account))).all()
    return {*overlooked, *(body.id for body in own_towns(session, account))}
