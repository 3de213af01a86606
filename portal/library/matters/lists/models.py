"""A town's lists: drafts that change, and published versions that never do."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.db import Base
from portal.library.matters.models import MatterVersion
from portal.people.models import Body

_DRAFT, _KEPT = text("state = 'draft'"), text("state <> 'discarded'")


class ListState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    DISCARDED = "discarded"  # a draft thrown away; its number is given again


class TownList(Base):
    """One version of a town's list. Published by somebody else than wrote it; from then on it stays as it is."""

    __tablename__ = "town_list"
    __table_args__ = (
        Index("uq_town_list_number", "body_id", "number", unique=True, sqlite_where=_KEPT, postgresql_where=_KEPT),
        Index("ix_town_list_of_body", "body_id", "state", "number", "in_force_from"),
        Index("uq_town_list_draft", "body_id", unique=True, sqlite_where=_DRAFT, postgresql_where=_DRAFT),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    in_force_from: Mapped[date]
    document: Mapped[str] = mapped_column(String(200))  # by which the town's list is laid down
    version: Mapped[int] = mapped_column(default=1, server_default="1")  # of the draft, as forms saw it
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime | None]

    body: Mapped[Body] = relationship()
    entries: Mapped[list[TownListEntry]] = relationship(cascade="all, delete-orphan", order_by="TownListEntry.id")


class TownListEntry(Base):
    """A matter on a list, in the version it had when it was put there."""

    __tablename__ = "town_list_entry"
    __table_args__ = (UniqueConstraint("list_id", "matter_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("town_list.id"))
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("matter_version.id"), index=True)

    version: Mapped[MatterVersion] = relationship()
