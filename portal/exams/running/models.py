"""Presence, incidents and the time given back for them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Base


class Presence(Base):
    """When a candidate's page was last heard of. Written in portions, so a few seconds behind; proves nothing."""

    __tablename__ = "presence"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    seen_at: Mapped[datetime]
    unsent: Mapped[int] = mapped_column(default=0)  # answers the page says are still on the device


class IncidentKind(StrEnum):
    PAUSE = "pause"  # from the report the clock stands, until it is resumed
    OUTAGE = "outage"  # 补时: the time from report to restoration is given back
    EXTENSION = "extension"  # a number of minutes, decided; negative ones take a wrong extension back
    ENDED = "ended"  # one candidate's paper was handed in by an administrator


class Cause(StrEnum):
    POWER = "power"
    NETWORK = "network"
    DEVICE = "device"
    SOFTWARE = "software"
    NOISE = "noise"
    ILLNESS = "illness"
    OTHER = "other"


class Incident(Base):
    """Something happened to one candidate, a room or all; what was done about it stays on record.

    `approved_by_id` is another person than `reported_by_id` wherever time is given.
    """

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_exam", "exam_id", "reported_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    sitting_id: Mapped[int | None] = mapped_column(ForeignKey("sitting.id"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("test_room.id"))  # None: everybody, or one attempt
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"))
    kind: Mapped[str] = mapped_column(String(12))
    cause: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(300), default="")
    reported_at: Mapped[datetime]  # when the hand went up
    restored_at: Mapped[datetime | None]
    reported_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None]
    refused_because: Mapped[str | None] = mapped_column(String(200))
    refused_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    seconds: Mapped[int | None]  # of an extension: how many are asked for, below 0 when another is taken back
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))


class TimeGrant(Base):
    """Seconds added to one attempt's deadline. Added, never changed.

    A deadline moves from `deadline_before` to `deadline_after` and in no other way; the database compares.
    """

    __tablename__ = "time_grant"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True, index=True)
    seconds: Mapped[int]  # whole ones for reading; the two moments are exact
    deadline_before: Mapped[datetime]
    deadline_after: Mapped[datetime]
    at: Mapped[datetime]
