"""Pairs of records, always through the one who asks: both must lie in his scope."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload, load_only, selectinload

from portal.people.duplicates.models import DuplicatePair, DuplicateSearch, PairState
from portal.people.duplicates.rules import Record
from portal.people.models import Account, Body, Person, Post
from portal.people.queries import posts_in_scope
from portal.people.rules import Permission

MERGE = Permission.MERGE_PERSON
READ_AT_ONCE = 2000
LISTS: dict[str, tuple[PairState, ...]] = {
    "open": (PairState.OPEN,),
    "waiting": (PairState.PROPOSED, PairState.UNDO_PROPOSED),
    "merged": (PairState.MERGED,),
    "different": (PairState.DIFFERENT,),
}


def within_reach(account: Account, person_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """A condition: every current post lies in scope, for a merge ends them; or, where there is none, a past one."""
    another, there = aliased(Post), exists().where(Post.person_id == person_id, Post.body_id == Body.id)
    gone = ~exists().where(another.person_id == person_id, another.ended_on.is_(None))
    in_scope = posts_in_scope(account, MERGE)
    inside = there.where(or_(Post.ended_on.is_(None), gone), in_scope)
    return and_(inside, ~there.where(Post.ended_on.is_(None), ~in_scope))


def _both(account: Account) -> ColumnElement[bool]:
    return and_(within_reach(account, DuplicatePair.first_id), within_reach(account, DuplicatePair.second_id))


def pair_in_scope(session: Session, account: Account, pair_id: int) -> DuplicatePair:
    """The pair, if both records lie in scope; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(DuplicatePair)
        .where(DuplicatePair.id == pair_id, _both(account))
        .options(
            joinedload(DuplicatePair.first).selectinload(Person.posts).joinedload(Post.body),
            joinedload(DuplicatePair.second).selectinload(Person.posts).joinedload(Post.body),
            selectinload(DuplicatePair.events),
        )
    ).one()


def pair_to_change(session: Session, account: Account, pair_id: int) -> DuplicatePair:
    """The pair, held until the transaction ends; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(DuplicatePair).where(DuplicatePair.id == pair_id, _both(account)).with_for_update(of=DuplicatePair)
    ).one()


def pairs(
    session: Session, account: Account, which: str, *, page: int, size: int
) -> tuple[Sequence[DuplicatePair], int]:
    """One page of a list, the strongest reasons first, and how many there are."""
    first, second = aliased(Person), aliased(Person)
    where = [DuplicatePair.state.in_(LISTS[which]), _both(account)]
    if which == "open":  # a record merged meanwhile is no longer looked at
        where.append(~exists().where(first.id == DuplicatePair.first_id, first.merged_into_id.is_not(None)))
        where.append(~exists().where(second.id == DuplicatePair.second_id, second.merged_into_id.is_not(None)))
    total = session.scalar(select(func.count()).select_from(DuplicatePair).where(*where)) or 0
    rows = session.scalars(
        select(DuplicatePair)
        .where(*where)
        .order_by(DuplicatePair.weight.desc(), DuplicatePair.id)
        .limit(size)
        .offset((page - 1) * size)
        .options(joinedload(DuplicatePair.first), joinedload(DuplicatePair.second))
    ).all()
    return rows, total


def units_of(session: Session, person_ids: Sequence[int]) -> dict[int, str]:
    """Person id -> the unit of the latest post."""
    rows = session.execute(
        select(Post.person_id, Body.name)
        .join(Body, Body.id == Post.body_id)
        .where(Post.person_id.in_(person_ids))
        .order_by(Post.ended_on.is_(None), Post.id)
    )
    return dict(rows.all())


def waiting_count(session: Session, account: Account) -> int:
    """How many proposals wait for a second person."""
    where = (DuplicatePair.state.in_(LISTS["waiting"]), _both(account))
    return session.scalar(select(func.count()).select_from(DuplicatePair).where(*where)) or 0


def last_search(session: Session) -> DuplicateSearch | None:
    return session.scalar(select(DuplicateSearch).order_by(DuplicateSearch.id.desc()).limit(1))


def person_by_number(session: Session, account: Account, number: str) -> Person:
    """The person in scope with this personnel number; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(Person).where(Person.personnel_number == number, within_reach(account, Person.id))
    ).one()


def records(session: Session) -> list[Record]:
    """Everybody who stands for himself, as compared; ID numbers are opened in memory only."""
    bodies: dict[int, set[int]] = {}
    for person_id, body_id in session.execute(select(Post.person_id, Post.body_id).where(Post.ended_on.is_(None))):
        bodies.setdefault(person_id, set()).add(body_id)
    columns = (
        Person.public_id, Person.name, Person.name_pinyin, Person.sex, Person.birth_date,
        Person.id_number_sealed, Person.phone_index,
    )  # fmt: skip
    found = session.scalars(
        select(Person)
        .where(Person.merged_into_id.is_(None), Person.erased_at.is_(None))
        .options(load_only(*columns, raiseload=True))
        .execution_options(yield_per=READ_AT_ONCE)
    )
    return [
        Record(
            id=p.id, name=p.name, sound=(p.name_pinyin or "").partition(" ")[0], sex=p.sex, birth_date=p.birth_date,
            id_number=p.id_number(), phone_index=p.phone_index, body_ids=frozenset(bodies.get(p.id, ())),
        )
        for p in found
    ]  # fmt: skip


def known_pairs(session: Session) -> dict[tuple[int, int], tuple[int, PairState, list[str]]]:
    """(first, second) -> id, state and reasons of the pairs on record."""
    rows = session.execute(
        select(
            DuplicatePair.first_id, DuplicatePair.second_id, DuplicatePair.id, DuplicatePair.state,
            DuplicatePair.reasons,
        )
    )  # fmt: skip
    return {(first, second): (pair_id, PairState(state), reasons) for first, second, pair_id, state, reasons in rows}
