"""Pairs of records that may be one human being, and what was done about them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.db import Base
from portal.people.models import Person


class PairState(StrEnum):
    OPEN = "open"
    PROPOSED = "proposed"  # one administrator proposes to merge
    MERGED = "merged"
    UNDO_PROPOSED = "undo_proposed"
    DIFFERENT = "different"  # looked at: two human beings


class DuplicatePair(Base):
    """Two records with the reasons to look at them together; the lower id stands first."""

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="lower_id_first"),
        Index("ix_duplicate_pair_state", "state", "weight"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    reasons: Mapped[list[str]] = mapped_column(JSON)
    weight: Mapped[int]  # how much speaks for one human being
    state: Mapped[str] = mapped_column(String(14), default=PairState.OPEN)
    found_at: Mapped[datetime]

    first: Mapped[Person] = relationship(foreign_keys=[first_id])
    second: Mapped[Person] = relationship(foreign_keys=[second_id])
    events: Mapped[list[PersonMerge]] = relationship(order_by="PersonMerge.id")


class MergeAct(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    UNDO_PROPOSED = "undo_proposed"
    UNDONE = "undone"
    UNDO_DECLINED = "undo_declined"
    DIFFERENT = "different"


class PersonMerge(Base):
    """One act about a pair: who proposed, confirmed, declined, took back. Added, never changed."""

    __tablename__ = "person_merge"

    id: Mapped[int] = mapped_column(primary_key=True)
    pair_id: Mapped[int] = mapped_column(ForeignKey("duplicate_pair.id"), index=True)
    act: Mapped[str] = mapped_column(String(14))
    survivor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    merged_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(String(300))
    moved: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # ids of what changed, to take it back


class DuplicateSearch(Base):
    """One run of the search over the whole roster."""

    __tablename__ = "duplicate_search"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    people: Mapped[int]
    found: Mapped[int]
