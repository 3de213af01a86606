"""What passes from a merged body to its successor, so that no day is without somebody who answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, Table, func, insert, or_, select, update
from sqlalchemy.orm import Session

from portal.ground import audit
from portal.ground.clock import local
from portal.ground.db import Base
from portal.people.bodies.models import Act, BodyChange
from portal.people.bodies.rules import BODY_COLUMNS, CARRIED_ON, HANDED_OVER, IF_OPEN, OVER, REFUSES
from portal.people.duties.grants import end_grants_lent_by
from portal.people.duties.rules import NEVER_LENT
from portal.people.models import Account, Body, EstablishmentCheck, Grant, Post, PostField, Role
from portal.people.queries import same_level_bureau


@dataclass(frozen=True)
class Carried:
    """How much went over."""

    posts: int
    grants: int
    things: int


def hand_over(
    session: Session, body: Body, successor: Body, day: date, *, account: Account, now: datetime
) -> Carried:
    """Posts, registers, grants and open things of `body` go on at `successor` from `day`."""
    session.flush()
    posts = _posts_go_on(session, body, successor, day, now=now)
    for table, column in _columns(CARRIED_ON):
        if table.name != "post":
            _dated_rows_go_on(session, table, column, body, successor, day)
    things = 0
    for table, column in [*_columns(HANDED_OVER), *_columns(IF_OPEN)]:
        if table.name != "body":
            found = update(table).where(_open(table, column, body)).values({column: successor.id})
            things += session.execute(found).rowcount
    return Carried(posts, _grants_anew(session, body, successor, account=account, now=now), things)


def open_things(session: Session, body: Body) -> int:
    """Open applications, and exams and question banks, that belong to the body."""
    return session.scalar(select(count_open(body))) or 0


def under_way(session: Session, body: Body) -> int:
    """Things that must end before the body may."""
    return session.scalar(select(count_under_way(body))) or 0


def count_open(body: Body) -> ColumnElement[int]:
    return _count([*_columns(HANDED_OVER), *_columns(IF_OPEN)], body)


def count_under_way(body: Body) -> ColumnElement[int]:
    return _count(_columns(REFUSES), body)


def _count(columns: Sequence[tuple[Table, Any]], body: Body) -> ColumnElement[int]:
    """How many rows of these tables name the body in one of these columns, each row once."""
    tables = {table.name: table for table, _ in columns if table.name != "body"}
    counts = []
    for name, table in tables.items():
        named = or_(*(_open(table, column, body) for at, column in columns if at.name == name))
        counts.append(select(func.count()).select_from(table).where(named).scalar_subquery())
    return reduce(add, counts)


def end_grants(session: Session, body: Body, *, account: Account, now: datetime) -> int:
    """Revoke every grant that begins at the body."""
    running = session.scalars(select(Grant).where(Grant.body_id == body.id, Grant.revoked_at.is_(None))).all()
    _end_each(session, running, account=account, now=now)
    return len(running)


def _end_each(session: Session, running: Sequence[Grant], *, account: Account, now: datetime) -> None:
    """Revoke grants, and what was lent from them at the body or below it."""
    for grant in running:
        if grant.revoked_at is None:  # not lent from one of the others
            grant.revoked_at, grant.revoked_by_id = now, account.id
            _tell_grant(session, "role_revoked", grant, account, now)
            if grant.on_behalf_of_id is None and grant.role not in NEVER_LENT:
                end_grants_lent_by(session, grant.account_id, source=grant, by=account, now=now)
    session.flush()


def bureaus_follow(session: Session, body: Body) -> None:
    """Open applications from under a moved body lie before the bureau that now answers for it."""
    application = Base.metadata.tables["application"]
    under = select(Body.id).where(Body.path.startswith(body.path, autoescape=True))
    open_ = application.c.state.not_in(OVER["application"][1])
    waiting = session.execute(
        select(Post.body_id, application.c.id)
        .join(application, application.c.post_id == Post.id)
        .where(Post.body_id.in_(under), open_)
    ).all()
    for body_id in {row.body_id for row in waiting}:
        bureau = same_level_bureau(session, session.get_one(Body, body_id))
        ids = [row.id for row in waiting if row.body_id == body_id]
        if bureau is not None:
            session.execute(update(application).where(application.c.id.in_(ids)).values(bureau_id=bureau.id))


def carried_to(session: Session, post: Post) -> set[int]:
    """The post's body and, where that went up in another, the bodies that went on with its posts."""
    found, last = {post.body_id}, {post.body_id} if post.ended_on is not None else set()
    while last:
        merged = select(BodyChange.other_id).where(BodyChange.body_id.in_(last), BodyChange.act == Act.MERGED)
        last = set(session.scalars(merged)) - found
        found |= last
    return found


def facts_of_people_changed(session: Session, body: Body, *, now: datetime) -> None:
    """What the body may do has changed: everybody with a post there is under re-check."""
    held = select(Post.person_id).where(Post.body_id == body.id, Post.ended_on.is_(None)).distinct()
    for person_id in session.scalars(held):
        audit.fact_changed(session, person_id, "body", body.id, now=now)


def _columns(fate: str) -> list[tuple[Table, Any]]:
    tables = Base.metadata.tables
    return [(tables[t], tables[t].c[c]) for (t, c), what in BODY_COLUMNS.items() if what == fate]


def _open(table: Table, column: Any, body: Body) -> ColumnElement[bool]:
    over = OVER.get(table.name)
    return (column == body.id) & table.c[over[0]].not_in(over[1]) if over else column == body.id


def _posts_go_on(session: Session, body: Body, successor: Body, day: date, *, now: datetime) -> int:
    """Close each post the day before and open it again at the successor; later ones simply lie there."""
    either = or_(Post.body_id == body.id, Post.establishment_body_id == body.id)
    last = day - timedelta(days=1)
    table = Post.__table__
    running = session.execute(
        select(table).where(either, Post.started_on < day, or_(Post.ended_on.is_(None), Post.ended_on >= day))
    ).mappings().all()
    instead = {body.id: successor.id}
    session.execute(update(Post).where(Post.id.in_([row["id"] for row in running])).values(ended_on=last))
    new_ids = {row["id"]: _copy(session, table, row, instead, day) for row in running}
    for column in (Post.body_id, Post.establishment_body_id):
        session.execute(update(Post).where(column == body.id, Post.started_on >= day).values({column: successor.id}))
    _what_hangs_on_posts(session, new_ids)
    for row in running:
        audit.fact_changed(session, row["person_id"], "post", new_ids[row["id"]], now=now)
    session.expire_all()
    return len(running)


def _copy(session: Session, table: Table, row: Mapping[str, Any], instead: Mapping[int, int], day: date) -> int:
    values = {name: value for name, value in row.items() if name != "id"}
    for name in ("body_id", "establishment_body_id"):
        if name in values:
            values[name] = instead.get(values[name], values[name])
    values["started_on"] = day
    return session.execute(insert(table).values(values)).inserted_primary_key[0]


def _what_hangs_on_posts(session: Session, new_ids: Mapping[int, int]) -> None:
    """Further fields and checks of the establishment are copied; open applications follow their person's post."""
    fields = session.execute(select(PostField.__table__).where(PostField.post_id.in_(new_ids))).mappings().all()
    checks = session.scalars(select(EstablishmentCheck).where(EstablishmentCheck.post_id.in_(new_ids))).all()
    if fields:
        rows = [{"post_id": new_ids[row["post_id"]], "field": row["field"]} for row in fields]
        session.execute(insert(PostField.__table__), rows)
    session.add_all(
        EstablishmentCheck(
            post_id=new_ids[c.post_id], checked_on=c.checked_on, agrees=c.agrees, reference=c.reference
        )
        for c in checks
    )  # fmt: skip
    application = Base.metadata.tables["application"]
    waits = application.c.state.not_in(OVER["application"][1])  # a decided one rests on the post as it was
    asked = session.execute(
        select(application.c.id, application.c.post_id).where(application.c.post_id.in_(new_ids), waits)
    ).all()
    for application_id, post_id in asked:
        found = update(application).where(application.c.id == application_id)
        session.execute(found.values(post_id=new_ids[post_id]))
    session.flush()


def _dated_rows_go_on(
    session: Session, table: Table, column: Any, body: Body, successor: Body, day: date
) -> None:
    """End a register's rows the day before and go on at the successor, unless the same row runs there already."""
    rows: Sequence[Mapping[str, Any]] = session.execute(
        select(table).where(column == body.id, or_(table.c.ended_on.is_(None), table.c.ended_on >= day))
    ).mappings().all()
    whose = next(name for name in ("person_id", "adviser_id") if name in table.c)
    there = set(session.scalars(select(table.c[whose]).where(column == successor.id, table.c.ended_on.is_(None))))
    for row in rows:
        early = row["started_on"] < day
        ended = {"ended_on": day - timedelta(days=1)} if early else {column.name: successor.id}
        if row[whose] in there:
            ended = {"ended_on": max(row["started_on"], day - timedelta(days=1))}
        session.execute(update(table).where(table.c.id == row["id"]).values(ended))
        if early and row[whose] not in there:
            _copy(session, table, row, {body.id: successor.id}, day)


def _grants_anew(session: Session, body: Body, successor: Body, *, account: Account, now: datetime) -> int:
    """Every grant at the body ends; officers stay officers at the successor. Returns how many were given there.

    A staff role would reach the successor's own people too, and who merges bodies may not grant roles:
    it ends, and the security administrator gives anew what is still needed.
    """
    running = session.scalars(select(Grant).where(Grant.body_id == body.id, Grant.revoked_at.is_(None))).all()
    _end_each(session, running, account=account, now=now)
    today, given = local(now).date(), 0
    at_successor = (Grant.body_id == successor.id, Grant.role == Role.OFFICER, Grant.revoked_at.is_(None))
    have = {(g.account_id, g.field) for g in session.scalars(select(Grant).where(*at_successor))}
    for old in running:
        if old.role != Role.OFFICER or (old.ends_on and old.ends_on < today) or (old.account_id, old.field) in have:
            continue
        new = Grant(
            account_id=old.account_id, role=old.role, body_id=successor.id, field=old.field, granted_at=now,
            granted_by_id=account.id, starts_on=old.starts_on, ends_on=old.ends_on,
        )  # fmt: skip
        session.add(new)
        session.flush()
        _tell_grant(session, "role_granted", new, account, now)
        given += 1
    return given


def _tell_grant(session: Session, act: str, grant: Grant, account: Account, now: datetime) -> None:
    audit.record(
        session, act, "account", grant.account_id, now=now, account_id=account.id, body_id=grant.body_id,
        role=str(grant.role), body=grant.body_id, field=grant.field, because="body_change",
    )  # fmt: skip
