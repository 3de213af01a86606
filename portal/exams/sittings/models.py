"""Test sites and rooms, the sittings of an exam, what an entry was judged by."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.crypto import sealed_elsewhere
from portal.ground.db import Base

FREEZE = timedelta(minutes=30)  # where no policy says otherwise


class ExamPolicy(Base):
    """What entry, time in the hall and results go by, from a day on. Followed by a new row, never edited."""

    __tablename__ = "exam_policy"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(60), unique=True)
    effective_from: Mapped[date] = mapped_column(unique=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)  # see exams.sittings.rules.EntryTerms


class TestSite(Base):
    """考点: a place with rooms where exams are sat."""

    __tablename__ = "test_site"
    __test__ = False  # pytest takes the name for a test
    __table_args__ = (UniqueConstraint("body_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), index=True)  # who runs it
    name: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(200), default="")
    closed_at: Mapped[datetime | None]

    rooms: Mapped[list[TestRoom]] = relationship(back_populates="site", order_by="TestRoom.id")


class TestRoom(Base):
    """考场: a room with numbered seats. Whoever changes it says when: a room is not changed while it is sat in."""

    __tablename__ = "test_room"
    __test__ = False
    __table_args__ = (UniqueConstraint("site_id", "name"), CheckConstraint("seats > 0", name="has_seats"))

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("test_site.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    seats: Mapped[int]
    closed_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]

    site: Mapped[TestSite] = relationship(back_populates="rooms")


def _some_time_before(context: DefaultExecutionContext) -> datetime:
    return context.get_current_parameters()["opens_at"] - FREEZE


class Sitting(Base):
    """场次: one scheduled run of an exam, inside the exam's own first and last moment.

    From `frozen_from` on its times, rooms, list and seats stay as they are; what changes them names its
    moment in `changed_at`, `taken_at`, `given_back_at`, and the database compares.
    """

    __tablename__ = "sitting"
    __table_args__ = (
        UniqueConstraint("exam_id", "number"),
        CheckConstraint("closes_at > opens_at", name="closes_after_opens"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    number: Mapped[int]
    opens_at: Mapped[datetime]  # of a fixed start: the hour
    closes_at: Mapped[datetime]
    frozen_from: Mapped[datetime] = mapped_column(default=_some_time_before)
    changed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]  # nobody was entered for it

    rooms: Mapped[list[SittingRoom]] = relationship(back_populates="sitting", order_by="SittingRoom.room_id")


class SittingRoom(Base):
    """A room taken for a sitting, until it is given back."""

    __tablename__ = "sitting_room"
    __table_args__ = (Index("ix_sitting_room_room", "room_id"),)

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"), primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("test_room.id"), primary_key=True)
    taken_at: Mapped[datetime | None]
    given_back_at: Mapped[datetime | None]

    sitting: Mapped[Sitting] = relationship(back_populates="rooms")
    room: Mapped[TestRoom] = relationship()


class EntryCheck(Base):
    """The findings an entry was made under, as they stood. Added, never changed."""

    __tablename__ = "entry_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("exam_policy.id"))
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class Accommodation(Base):
    """Extra time for one person of one exam, with the ground and its evidence. Added, never changed; the newest holds.

    What stands in the evidence is about his health: it is sealed under his own key.
    """

    __tablename__ = "accommodation"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    minutes: Mapped[int]
    ground: Mapped[str] = mapped_column(String(16))  # sight, movement, pregnancy, illness, language, other
    sealed: Mapped[bytes] = mapped_column(LargeBinary, info=sealed_elsewhere("person_key"))  # {evidence}
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))

    @property
    def bound_to(self) -> str:
        return f"accommodation|sealed|{self.entry_id}|{self.at.isoformat()}"
