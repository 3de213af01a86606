"""Reading the audit trail, always inside the bodies the reader answers for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.orm import Session

from portal.ground.audit_chain import FACTS, GENESIS, link
from portal.ground.clock import SHANGHAI
from portal.ground.models import AuditCheckpoint, AuditLine, AuditPersonal, AuditSeal
from portal.people.models import Account, Body, Person, Post
from portal.people.queries import bodies_in_scope, grants_for, posts_in_scope, reach
from portal.people.rules import Permission
from portal.reports.trail.rules import Search

PAGE = 50
MOST_EXPORTED = 100_000
CHUNK = 1000


@dataclass(frozen=True)
class Entry:
    """One line and its place in the chain."""

    seal: AuditSeal
    line: AuditLine


@dataclass(frozen=True)
class Names:
    """The words for the ids on a page."""

    accounts: dict[int, tuple[str, str]]  # name, personnel number
    persons: dict[int, str]  # personnel number
    bodies: dict[int, str]


@dataclass(frozen=True)
class Place:
    """A line's neighbours in the chain, and whether the three fit together."""

    before: str
    after: str | None  # None: the line is the last
    fits: bool
    personal: str  # none, sealed, erased


def in_scope(account: Account) -> ColumnElement[bool]:
    """A condition on AuditLine: its body lies in scope, or where it names none, who acted has his post there.

    What the system did about no body is for the whole province's readers. A grant for one field reads no line
    about a person whose posts lie outside it.
    """
    found = reach(account, Permission.SEE_AUDIT)
    if any(path.count("/") == 2 and field is None for path, field in found):
        return true()
    posted = select(Post.person_id).join(Post.body).where(
        Post.ended_on.is_(None), posts_in_scope(account, Permission.SEE_AUDIT)
    )  # fmt: skip
    actors = select(Account.id).where(Account.person_id.in_(posted))
    nowhere = AuditLine.body_id.is_(None) & AuditLine.account_id.in_(actors)
    whole, cells = [Body.path.startswith(path, autoescape=True) for path, field in found if field is None], []
    if whole:
        cells.append(AuditLine.body_id.in_(select(Body.id).where(or_(*whole))))
    if len(whole) < len(found):
        bodies = select(Body.id).where(bodies_in_scope(account, Permission.SEE_AUDIT))
        near = AuditLine.person_id.is_(None) | AuditLine.person_id.in_(posted)
        cells, nowhere = [*cells, AuditLine.body_id.in_(bodies) & near], nowhere & near
    return or_(*cells, nowhere)


def top_body_id(account: Account) -> int:
    """The body of the grant under which the account reads."""
    return grants_for(account, Permission.SEE_AUDIT)[0].body_id


def lines(
    session: Session, account: Account, search: Search, *, before: int | None = None, size: int = PAGE
) -> tuple[list[Entry], bool]:
    """One page, newest first, of what lies before a number; and whether there are older ones."""
    found = _matching(account, search).order_by(AuditSeal.number.desc()).limit(size + 1)
    if before is not None:
        found = found.where(AuditSeal.number < before)
    rows = [Entry(seal, line) for seal, line in session.execute(found)]
    return rows[:size], len(rows) > size


def every_line(session: Session, account: Account, search: Search) -> Iterator[list[Entry]]:
    """The lines a search finds, newest first, in pieces; at most MOST_EXPORTED."""
    before, left = None, MOST_EXPORTED
    while left > 0:
        piece, more = lines(session, account, search, before=before, size=min(CHUNK, left))
        if piece:
            yield piece
            session.expunge_all()
        if not more:
            return
        before, left = piece[-1].seal.number, left - len(piece)


def one(session: Session, account: Account, number: int) -> Entry:
    """The line with a number, if the reader may see it; otherwise NoResultFound, a 404."""
    row = session.execute(_joined().where(AuditSeal.number == number, in_scope(account))).one()
    return Entry(*row)


def place(session: Session, entry: Entry) -> Place:
    """Where a line stands in the chain."""
    number = entry.seal.number
    near = select(AuditSeal).where(AuditSeal.number.in_((number - 1, number + 1)))
    seals = {seal.number: seal for seal in session.scalars(near)}
    before = seals[number - 1].hash if number - 1 in seals else _cut_at(session, number - 1)
    after = seals.get(number + 1)
    facts = {name: getattr(entry.line, name) for name in FACTS}
    fits = (
        before == entry.seal.prev_hash
        and link(number, entry.seal.prev_hash, facts) == entry.seal.hash
        and (after is None or after.prev_hash == entry.seal.hash)
    )
    return Place(before, after.hash if after else None, fits, _personal(session, entry.line))


def names(session: Session, entries: Sequence[Entry]) -> Names:
    """Who and where the ids of these lines are."""
    accounts = {e.line.account_id for e in entries} - {None}
    persons = {e.line.person_id for e in entries} - {None}
    bodies = {e.line.body_id for e in entries} - {None}
    actors = (
        select(Account.id, Person.name, Person.personnel_number).join(Account.person).where(Account.id.in_(accounts))
    )
    numbers = select(Person.id, Person.personnel_number).where(Person.id.in_(persons))
    titles = select(Body.id, Body.name).where(Body.id.in_(bodies))
    return Names(
        {id: (name, number) for id, name, number in session.execute(actors)} if accounts else {},
        dict(session.execute(numbers).all()) if persons else {},
        dict(session.execute(titles).all()) if bodies else {},
    )


def _joined() -> Select[tuple[AuditSeal, AuditLine]]:
    return select(AuditSeal, AuditLine).join(AuditLine, AuditLine.id == AuditSeal.line_id)


def _matching(account: Account, search: Search) -> Select[tuple[AuditSeal, AuditLine]]:
    asked: list[ColumnElement[bool]] = [in_scope(account)]
    if search.act:
        asked.append(AuditLine.act == search.act)
    if search.actor:
        actor = select(Account.id).join(Account.person)
        asked.append(AuditLine.account_id.in_(actor.where(Person.personnel_number == search.actor)))
    if search.person:
        asked.append(_about(search.person))
    if search.kind:
        asked.append(AuditLine.object_kind == search.kind)
    if search.id:
        asked.append(AuditLine.object_id == search.id)
    if search.body:
        named = select(Body.id).where(Body.name.contains(search.body, autoescape=True))
        asked.append(AuditLine.body_id.in_(named))
    if search.since:
        asked.append(AuditLine.at >= datetime.combine(search.since, time.min, SHANGHAI))
    if search.until:
        asked.append(AuditLine.at < datetime.combine(search.until + timedelta(days=1), time.min, SHANGHAI))
    return _joined().where(*asked)


def _about(number: str) -> ColumnElement[bool]:
    """Lines about a person: his data, or what was done to his account."""
    person = select(Person.id).where(Person.personnel_number == number).scalar_subquery()
    account = select(Account.id).where(Account.person_id == person)
    mine = AuditLine.object_id.in_(select(account.subquery().c.id.cast(AuditLine.object_id.type)))
    return or_(AuditLine.person_id == person, (AuditLine.object_kind == "account") & mine)


def _cut_at(session: Session, number: int) -> str:
    """The hash before the first line that is kept."""
    cut = select(AuditCheckpoint.last_hash).where(AuditCheckpoint.last_number == number)
    return session.scalar(cut) or (GENESIS if number == 0 else "")


def _personal(session: Session, line: AuditLine) -> str:
    if line.commitment is None:
        return "none"
    part = session.execute(select(AuditPersonal.sealed).where(AuditPersonal.line_id == line.id)).first()
    return "sealed" if part is not None and part.sealed is not None else "erased"
