"""Courses as documents, progress through them, and the ledger of hours."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Base


class HoursKind(StrEnum):
    LEGAL = "legal"
    PROFESSIONAL = "professional"
    POLITICAL = "political"


class CourseVersion(Base):
    """A course's outline and text as published; followed by a new version, never edited."""

    __tablename__ = "course_version"
    __table_args__ = (UniqueConstraint("code", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    field: Mapped[str | None] = mapped_column(String(20))
    hours_kind: Mapped[str] = mapped_column(String(12))
    minutes: Mapped[int]  # credited when complete
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_at: Mapped[datetime]


class LessonDone(Base):
    """A person finished a lesson. Added once."""

    __tablename__ = "lesson_done"
    __table_args__ = (UniqueConstraint("person_id", "course_version_id", "lesson"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"))
    lesson: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]


class HoursEntry(Base):
    """Minutes of training with their source. Corrections are reversing entries with negative minutes."""

    __tablename__ = "hours_entry"
    __table_args__ = (
        UniqueConstraint("person_id", "source_kind", "source"),
        Index("ix_hours_entry_person_year", "person_id", "year"),
        CheckConstraint("minutes <> 0", name="minutes_not_zero"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(12))
    field: Mapped[str | None] = mapped_column(String(20))
    minutes: Mapped[int]
    year: Mapped[int]
    earned_on: Mapped[date]
    source_kind: Mapped[str] = mapped_column(String(20))  # course, class, reversal
    source: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("hours_entry.id"))
