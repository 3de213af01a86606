"""Transfers and the steps they took."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.db import Base
from portal.people.models import Body, Person, Post


class TransferState(StrEnum):
    OPEN = "open"
    RELEASED = "released"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


WAITING = (TransferState.OPEN, TransferState.RELEASED)
_RUNNING = text("state IN ('open', 'released')")


class Transfer(Base):
    """A move from one unit to another. Until it is confirmed the old post goes on and its unit answers."""

    __tablename__ = "transfer"
    __table_args__ = (
        Index("uq_transfer_running", "person_id", unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING),
        Index("ix_transfer_to", "to_body_id", "state"),
        Index("ix_transfer_from", "from_body_id", "state"),
        CheckConstraint("last_day_on < effective_on", name="old_post_ends_before"),
        CheckConstraint("from_body_id <> to_body_id", name="to_another_body"),
        CheckConstraint(
            "state IN ('open', 'released', 'confirmed', 'refused', 'withdrawn')", name="state_is_one_of_five"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))  # the one that ends
    from_body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    to_body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    establishment_body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    field: Mapped[str] = mapped_column(String(20))
    part_time: Mapped[bool]
    title: Mapped[str] = mapped_column(String(60))
    staffing_type: Mapped[str] = mapped_column(String(20))
    on_establishment: Mapped[bool]
    last_day_on: Mapped[date]  # at the old unit: the day before
    effective_on: Mapped[date]  # the first day at the new unit
    document: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(12), default=TransferState.OPEN)
    checklist: Mapped[list[str]] = mapped_column(JSON, default=list)  # what the sender closed before releasing
    kept_grants: Mapped[list[int]] = mapped_column(JSON, default=list)  # roles that stay on purpose
    new_post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    opened_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    post: Mapped[Post] = relationship(foreign_keys=[post_id])
    from_body: Mapped[Body] = relationship(foreign_keys=[from_body_id])
    to_body: Mapped[Body] = relationship(foreign_keys=[to_body_id])
    establishment_body: Mapped[Body] = relationship(foreign_keys=[establishment_body_id])
    steps: Mapped[list[TransferStep]] = relationship(order_by="TransferStep.id")

    def facts(self) -> dict[str, Any]:
        """What the new post will say, as codes and ids."""
        names = ("to_body_id", "establishment_body_id", "field", "part_time", "staffing_type", "on_establishment")
        return {name: getattr(self, name) for name in names} | {"effective_on": self.effective_on.isoformat()}


class TransferStep(Base):
    """One act in a transfer's course. Added, never changed."""

    __tablename__ = "transfer_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfer.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(String(300))
