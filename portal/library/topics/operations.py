"""Keeping the tree: a topic comes in, is renamed, moved, merged into another, retired, taken up again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.ground import audit
from portal.ground.clock import local
from portal.ground.errors import NotAllowed, Refused
from portal.ground.rules import N_
from portal.library.topics import queries
from portal.library.topics.models import Topic, TopicAlias
from portal.library.topics.rules import DEEPEST, depth_below, path_of
from portal.people.models import Account


class TitleTaken(Refused):
    """Another topic of the field has, or had, this title."""

    status = 422
    code = "title_taken"


class NotThere(Refused):
    """The place in the tree is not one this topic can take."""

    status = 422
    code = "not_there"


class ChangedMeanwhile(Refused):
    """Somebody else changed this topic after the form was opened."""

    code = "changed_meanwhile"


class NotKept(NotAllowed):
    """The topics of this field are kept by somebody else."""

    code = "not_kept"


def may_keep(account: Account | None, *fields: str) -> None:
    """Raises NotKept; None is the system itself."""
    if account is not None and not set(fields) <= queries.fields_kept(account):
        raise NotKept(N_("Topics are one tree for the whole province: an editor of the province keeps them."))


def add_topic(
    session: Session, title: str, field: str, *, parent: Topic | None = None, code: str = "",
    account: Account | None, now: datetime,
) -> Topic:  # fmt: skip
    """A new topic; without a code it gets the next free one. Raises NotKept, TitleTaken, NotThere."""
    may_keep(account, field)
    title = " ".join(title.split())
    _free(session, field, title)
    code = code.strip() or _next_code(session, field)
    if session.scalar(select(Topic.id).where(Topic.code == code)) is not None:
        raise TitleTaken(N_("Another topic has the code %(code)s."), code=code)
    _fits(session, field, parent)
    row = Topic(code=code, title=title, field=field, parent_id=parent.id if parent else None, created_at=now)
    session.add(row)
    session.flush()
    _note(session, "topic_added", row, account, now, after={"title": title})
    return row


def change_topic(
    session: Session, row: Topic, *, title: str, parent: Topic | None, seen: int, account: Account | None,
    now: datetime,
) -> None:  # fmt: skip
    """A new title or another place; questions stored before keep the old word, which goes on leading here.

    Raises NotKept, TitleTaken, NotThere, ChangedMeanwhile.
    """
    may_keep(account, row.field)
    _as_seen(row, seen)
    title = " ".join(title.split())
    _fits(session, row.field, parent, row)
    if title != row.title:
        _free(session, row.field, title, row)
        before = row.title
        session.add(
            TopicAlias(
                topic_id=row.id, field=row.field, title=before, account_id=account.id if account else None, at=now
            )
        )
        row.title = title
        _note(session, "topic_renamed", row, account, now, before={"title": before}, after={"title": title})
    if row.parent_id != (parent.id if parent else None):
        row.parent_id = parent.id if parent else None
        _note(session, "topic_moved", row, account, now, parent=row.parent_id)
    row.version += 1
    session.flush()


def merge_topic(
    session: Session, row: Topic, into: Topic, *, seen: int, account: Account | None, now: datetime
) -> None:
    """Let a topic go up in another of its field: filters find both words from now on. Raises NotKept, NotThere …"""
    may_keep(account, row.field, into.field)
    _as_seen(row, seen)
    if into.id == row.id or into.field != row.field or into.merged_into_id or row.merged_into_id:
        raise NotThere(N_("A topic is merged into another topic of the same field that stands."))
    every = queries.nodes(session)
    if _under(every, into.id, row.id):
        raise NotThere(N_("A topic cannot be merged into one of its own; move that one first."))
    for child in session.scalars(select(Topic).where(Topic.parent_id == row.id)):
        child.parent_id = into.id
    row.merged_into_id, row.retired_on = into.id, local(now).date()
    row.version += 1
    session.flush()
    _note(session, "topic_merged", row, account, now, into=into.id)


def retire_topic(session: Session, row: Topic, *, seen: int, account: Account | None, now: datetime) -> None:
    """Pickers offer it no more; questions that carry it keep it. Raises NotKept, ChangedMeanwhile."""
    may_keep(account, row.field)
    _as_seen(row, seen)
    row.retired_on = local(now).date()
    row.version += 1
    session.flush()
    _note(session, "topic_retired", row, account, now)


def restore_topic(session: Session, row: Topic, *, seen: int, account: Account | None, now: datetime) -> None:
    """Offered again. Raises NotKept, NotThere when it was merged."""
    may_keep(account, row.field)
    _as_seen(row, seen)
    if row.merged_into_id is not None:
        raise NotThere(N_("This topic was merged into another; write the word there, or add a topic with a new title."))
    row.retired_on = None
    row.version += 1
    session.flush()
    _note(session, "topic_restored", row, account, now)


def _under(every: dict, topic_id: int, above_id: int) -> bool:
    at = every[topic_id].parent_id
    while at is not None and at != above_id:
        at = every[at].parent_id
    return at == above_id


def _as_seen(row: Topic, seen: int) -> None:
    if row.version != seen:
        raise ChangedMeanwhile(N_("Somebody changed this topic meanwhile. Look at it as it is now, then change it."))


def _free(session: Session, field: str, title: str, row: Topic | None = None) -> None:
    """A word leads to one topic of a field only, or old questions could not be told apart."""
    if not title:
        raise TitleTaken(N_("Enter a title."))
    if len(title) > 60:
        raise TitleTaken(N_("A title has at most 60 characters."))
    mine = row.id if row else 0
    taken = select(Topic.id).where(Topic.field == field, Topic.title == title, Topic.id != mine)
    had = select(TopicAlias.id).where(
        TopicAlias.field == field, TopicAlias.title == title, TopicAlias.topic_id != mine
    )
    if session.scalar(select(or_(taken.exists(), had.exists()))):
        raise TitleTaken(N_("A topic of this field has, or had, the title %(title)s."), title=title)


def _fits(session: Session, field: str, parent: Topic | None, row: Topic | None = None) -> None:
    if parent is None:
        return
    if parent.field != field or parent.retired_on is not None:
        raise NotThere(N_("A topic lies under one of its own field that is in use."))
    every = queries.nodes(session)
    if row is not None and (parent.id == row.id or _under(every, parent.id, row.id)):
        raise NotThere(N_("A topic cannot be put under itself or under one of its own."))
    below = depth_below(every, row.id) if row is not None else 1
    if len(path_of(every, parent.id)) + 1 + below > DEEPEST:
        raise NotThere(N_("The tree has at most %(n)s levels."), n=DEEPEST)


def _next_code(session: Session, field: str) -> str:
    head = (field or "general")[:3].upper()
    taken = set(session.scalars(select(Topic.code).where(Topic.code.startswith(f"{head}-"))))
    number = (session.scalar(select(func.count()).select_from(Topic).where(Topic.field == field)) or 0) + 1
    while f"{head}-{number:03d}" in taken:
        number += 1
    return f"{head}-{number:03d}"


def _note(session: Session, act: str, row: Topic, account: Account | None, now: datetime, **told: object) -> None:
    audit.record(
        session, act, "topic", row.id, now=now, account_id=account.id if account else None, field=row.field, **told
    )
