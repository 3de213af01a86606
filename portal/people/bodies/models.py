"""What bodies were before: every change, and how each body stood between two of them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.db import Base
from portal.people.models import Account, Body


class Act(StrEnum):
    """What may happen to a body."""

    FOUNDED = "founded"
    RENAMED = "renamed"
    MOVED = "moved"  # to another management parent
    MERGED = "merged"  # into another body; it is no more from that day
    TOOK_OVER = "took_over"  # the other side of a merger
    ABOLISHED = "abolished"
    REOPENED = "reopened"
    CORRECTED = "corrected"  # facts other than name, parent and life


class BodyChange(Base):
    """One change of one body, by document, from a day on. Added, never changed.

    `version` is the body's version after it; `before` and `after` hold what changed: names of bodies,
    ids and codes, never anything about a person.
    """

    __tablename__ = "body_change"
    __table_args__ = (UniqueConstraint("body_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    version: Mapped[int]
    act: Mapped[str] = mapped_column(String(12))
    effective_on: Mapped[date]
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reference: Mapped[str] = mapped_column(String(200))  # the document that orders it
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    other_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"), index=True)  # new parent, or successor

    account: Mapped[Account | None] = relationship()
    other: Mapped[Body | None] = relationship(foreign_keys=[other_id])


class BodyPast(Base):
    """How a body stood from `from_on` (None: before our records) until the day before `until_on`.

    A row is added when a change ends that time; how it stands since the last one says `body` itself.
    """

    __tablename__ = "body_past"
    __table_args__ = (UniqueConstraint("body_id", "until_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    from_on: Mapped[date | None]
    until_on: Mapped[date]
    name: Mapped[str] = mapped_column(String(120))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"), index=True)
    living: Mapped[bool]
