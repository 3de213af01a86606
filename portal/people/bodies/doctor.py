"""What is wrong with the tree of bodies and with the days people spent in it: mingfa doctor bodies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from portal.people.models import Body, Grant, Post

LEFT_AFTER = timedelta(days=92)  # a longer time between two posts: he had left, and came back


@dataclass(frozen=True)
class Fault:
    """What is wrong (a code), with which thing, by ids only."""

    what: str
    thing: str
    id: int
    other: int | None = None


def findings(session: Session, *, today: date) -> list[Fault]:
    """Every fault; an empty list means that the tree, posts and days fit together."""
    return [*_tree(session), *_posts(session, today), *_gaps(session), *_grants(session, today)]


def _tree(session: Session) -> Iterator[Fault]:
    rows = {row.id: row for row in session.execute(select(Body.id, Body.parent_id, Body.path, Body.abolished_on))}
    for row in rows.values():
        chain, at = [row.id], row.parent_id
        while at is not None and at not in chain and at in rows:
            chain.append(at)
            at = rows[at].parent_id
        if at is not None:
            yield Fault("circle", "body", row.id, at)
        elif row.path != f"/{'/'.join(str(id) for id in reversed(chain))}/":
            yield Fault("path_differs", "body", row.id, row.parent_id)
        above = rows.get(row.parent_id)
        if row.abolished_on is None and above is not None and above.abolished_on is not None:
            yield Fault("no_living_parent", "body", row.id, above.id)


def _posts(session: Session, today: date) -> Iterator[Fault]:
    late = or_(Post.ended_on.is_(None), Post.ended_on >= Body.abolished_on)
    found = select(Post.id, Body.id).join(Body, Body.id == Post.body_id).where(Body.abolished_on.is_not(None), late)
    yield from (Fault("post_at_abolished", "post", post, body) for post, body in session.execute(found))


def _gaps(session: Session) -> Iterator[Fault]:
    """Days between two posts of one person on which nobody answered for him."""
    after, between = aliased(Post), aliased(Post)
    overlapping = exists().where(
        between.person_id == Post.person_id,
        between.id != Post.id,
        between.started_on <= Post.ended_on,
        or_(between.ended_on.is_(None), between.ended_on > Post.ended_on),
    )
    found = (
        select(Post.id, Post.ended_on, after.id, after.started_on)
        .join(after, after.person_id == Post.person_id)
        .where(Post.ended_on.is_not(None), after.started_on > Post.ended_on, ~overlapping)
        .order_by(Post.id, after.started_on)
    )
    seen: set[int] = set()
    for post, ended, next_post, started in session.execute(found):
        if post not in seen and timedelta(days=1) < started - ended <= LEFT_AFTER:
            yield Fault("day_without_unit", "post", post, next_post)
        seen.add(post)


def _grants(session: Session, today: date) -> Iterator[Fault]:
    found = (
        select(Grant.id, Body.id)
        .join(Body, Body.id == Grant.body_id)
        .where(Body.abolished_on.is_not(None), Grant.revoked_at.is_(None))
        .where(or_(Grant.ends_on.is_(None), Grant.ends_on >= today))
    )
    yield from (Fault("grant_at_abolished", "grant", grant, body) for grant, body in session.execute(found))
