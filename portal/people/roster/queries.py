"""The roster at the size of a province: the same few statements for seventy people and for seventy thousand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.ground.crypto import keys, masked
from portal.people.models import Account, Body, EstablishmentCheck, Person, Post, PostField
from portal.people.pinyin import as_typed
from portal.people.queries import id_number_indexes, reach
from portal.people.rules import Permission

SORTS = ("unit", "name", "number", "newest")
CHUNK = 1000
MANY = 3000  # from so many on, walking an index in its order is quicker than sorting what is found


@dataclass(frozen=True)
class Filters:
    """What is asked for; empty means all. `words`: a name, its pinyin or initials, a unit, a personnel number."""

    words: str = ""
    under: int | None = None  # a body: it and everything below
    staffing: str = ""
    field: str = ""
    in_post: str = ""  # yes, no
    unchecked: bool = False  # the establishment office has not agreed yet
    sort: str = "unit"
    person: int | None = None  # found by ID number

    @property
    def narrowed(self) -> bool:
        return self != Filters(sort=self.sort)


@dataclass(frozen=True)
class Listed:
    """One page of the roster."""

    posts: list[Post]
    total: int


def listed(session: Session, account: Account, filters: Filters, *, page: int, size: int) -> Listed:
    """One page of the people in scope, and how many there are in all."""
    wanted = _wanted(account, filters)
    counts = dict(session.execute(select(Post.body_id, func.count()).where(*wanted).group_by(Post.body_id)).all())
    total, start = sum(counts.values()), (page - 1) * size
    if start >= total:
        return Listed([], total)
    if filters.sort == "unit":
        ids, start = _by_unit(session, wanted, counts, start, size)
    else:
        ids = _sorted(account, filters, walk=total >= MANY)
    shown = list(session.scalars(ids.limit(size).offset(start)))
    loaded = session.scalars(
        select(Post).where(Post.id.in_(shown)).options(
            joinedload(Post.person), joinedload(Post.body), joinedload(Post.establishment_body)
        )
    )  # fmt: skip
    return Listed(sorted(loaded, key=lambda post: shown.index(post.id)), total)


def found_by_id_number(session: Session, account: Account, number: str) -> int | None:
    """The id of the person with this ID number, if a current post lies in scope."""
    return session.scalar(
        select(Post.person_id)
        .join(Person, Person.id == Post.person_id)
        .where(Person.id_number_index.in_(id_number_indexes(number)), *_in_scope(account))
        .limit(1)
    )


def body_chosen(session: Session, account: Account, body_id: int) -> Body:
    """The body the list is narrowed to, if something of it lies in scope; otherwise NoResultFound, a 404."""
    paths = [path for path, _ in reach(account, Permission.SEE_ROSTER)]
    inside = or_(false(), *(Body.path.startswith(path, autoescape=True) for path in paths))
    return session.scalars(select(Body).where(Body.id == body_id, inside)).one()


def for_export(session: Session, account: Account, filters: Filters) -> Iterator[list[tuple]]:
    """All rows of the list in chunks, as plain values; the ID number is masked here."""
    establishment = select(Body.id, Body.name).subquery()
    columns = select(
        Person.personnel_number, Person.name, Person.sex, Person.id_number_sealed, Person.public_id,
        Person.education, Body.name.label("body"), establishment.c.name.label("establishment"), Post.staffing_type,
        Post.on_establishment, Post.in_post, Post.part_time, Post.title, Post.field, Post.started_on,
    )  # fmt: skip
    found = (
        columns.join(Person, Person.id == Post.person_id)
        .join(Body, Body.id == Post.body_id)
        .join(establishment, establishment.c.id == Post.establishment_body_id)
        .where(*_wanted(account, filters))
    )
    streamed = session.execute(found.order_by(Post.body_id, Post.person_id).execution_options(yield_per=CHUNK))
    for rows in streamed.partitions():
        yield [(*row[:3], _masked(row.id_number_sealed, row.public_id), *row[5:]) for row in rows]


def _masked(sealed: bytes, public_id: str) -> str:
    return masked(keys.unseal(sealed, f"person|id_number|{public_id}"))


def _in_scope(account: Account, *, walk: bool = False) -> list[ColumnElement[bool]]:
    """Current posts in the subtree of a grant, and of its field where it names one.

    `walk` keeps the database from going by body: a sum is no column of an index.
    """
    cells, unit = [], Post.body_id + 0 if walk else Post.body_id
    for path, field in reach(account, Permission.SEE_ROSTER):
        cell = unit.in_(select(Body.id).where(Body.path.startswith(path, autoescape=True)))
        cells.append(and_(cell, _of_field(field)) if field else cell)
    return [Post.ended_on.is_(None), or_(false(), *cells)]


def _of_field(field: str) -> ColumnElement[bool]:
    return or_(Post.field == field, Post.id.in_(select(PostField.post_id).where(PostField.field == field)))


def _wanted(account: Account, filters: Filters, *, walk: bool = False) -> list[ColumnElement[bool]]:
    wanted, unit = _in_scope(account, walk=walk), Post.body_id + 0 if walk else Post.body_id
    if filters.under is not None:
        top = select(Body.path).where(Body.id == filters.under).scalar_subquery()
        wanted.append(unit.in_(select(Body.id).where(Body.path.like(top.concat("%")))))
    if filters.staffing:
        wanted.append(Post.staffing_type == filters.staffing)
    if filters.field:
        wanted.append(_of_field(filters.field))
    if filters.in_post in ("yes", "no"):
        wanted.append(Post.in_post.is_(filters.in_post == "yes"))
    if filters.unchecked:
        agreed = exists().where(EstablishmentCheck.post_id == Post.id, EstablishmentCheck.agrees)
        wanted.append(~agreed)
    if filters.person is not None:
        wanted.append(Post.person_id == filters.person)
    if filters.words:
        wanted.append(_named(filters.words))
    return wanted


def _named(words: str) -> ColumnElement[bool]:
    """Posts of people so called, so numbered, or at bodies so called."""
    ways = [Person.personnel_number == words]
    if (typed := as_typed(words)) and not any(sign.isdigit() for sign in words):
        ways += [_begins(Person.name_pinyin, typed), _begins(Person.name_initials, typed)]
    if not words.isascii():
        ways.append(Person.name.contains(words, autoescape=True))
    bodies = select(Body.id).where(Body.name.contains(words, autoescape=True))
    # one way after the other, so that each may use its own index
    people = select(Person.id).where(ways[0]).union_all(*(select(Person.id).where(way) for way in ways[1:]))
    return or_(Post.person_id.in_(people), Post.body_id.in_(bodies))


def _begins(column: ColumnElement[str], typed: str) -> ColumnElement[bool]:
    """One of the readings, divided by spaces, begins so."""
    return or_(column.startswith(typed), column.contains(f" {typed}"))


def _by_unit(
    session: Session, wanted: list[ColumnElement[bool]], counts: Mapping[int, int], start: int, size: int
) -> tuple[Select, int]:
    """Ids of the posts of just those units that this page shows, and how many of them earlier pages have shown."""
    paths = dict(session.execute(select(Body.id, Body.path).where(Body.id.in_(counts))).all())
    units = sorted(counts, key=lambda unit: [int(part) for part in paths[unit].strip("/").split("/")])
    before, skipped, shown = 0, 0, []
    for unit in units:
        if before + counts[unit] <= start:
            skipped += counts[unit]
        elif before < start + size:
            shown.append(unit)
        before += counts[unit]
    order = {unit: number for number, unit in enumerate(shown)}
    found = select(Post.id).where(*wanted, Post.body_id.in_(shown))
    return found.order_by(case(order, value=Post.body_id), Post.person_id, Post.id), start - skipped


def _sorted(account: Account, filters: Filters, *, walk: bool) -> Select:
    """Ids of posts in another order than that of the units."""
    found = select(Post.id).where(*_wanted(account, filters, walk=walk))
    if filters.sort == "newest":
        return found.order_by(Post.started_on.desc(), Post.id.desc())
    found = found.join(Person, Post.person_id == (Person.id + 0 if walk else Person.id))
    if filters.sort == "number":
        return found.order_by(Person.personnel_number, Post.id)
    return found.order_by(Person.name_pinyin, Person.id, Post.id)
