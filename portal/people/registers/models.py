"""Reviewers of decisions and legal advisers: who, at which body, from when to when."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.db import Base
from portal.people.models import Body, Person

_RUNNING = text("ended_on IS NULL")


class LegalReviewer(Base):
    """法制审核人员: a person reviews the decisions of a body before they are made. Ended, never removed."""

    __tablename__ = "legal_reviewer"
    __table_args__ = (
        Index("uq_legal_reviewer_running", "person_id", "body_id", unique=True,
              sqlite_where=_RUNNING, postgresql_where=_RUNNING),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), index=True)
    first_on: Mapped[date]  # when he first took such review up, anywhere
    first_document: Mapped[str] = mapped_column(String(120))
    penalties: Mapped[bool]  # reviews penalty decisions, for which Article 58 asks the qualification
    qualification_number: Mapped[str] = mapped_column(String(40))  # 法律职业资格证书编号; empty: none on record
    qualification_on: Mapped[date | None]
    qualification_document: Mapped[str] = mapped_column(String(120))
    started_on: Mapped[date]
    ended_on: Mapped[date | None]  # the last day
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    entered_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    body: Mapped[Body] = relationship()


class LegalAdviser(Base):
    """法律顾问: an external person, his firm and licence."""

    __tablename__ = "legal_adviser"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    employer: Mapped[str] = mapped_column(String(120))
    licence_number: Mapped[str] = mapped_column(String(40))
    entered_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    assignments: Mapped[list[AdviserAssignment]] = relationship(
        back_populates="adviser", order_by="AdviserAssignment.id"
    )


class AdviserAssignment(Base):
    """An adviser serves a body from a day to a day; only that body's scope sees him."""

    __tablename__ = "adviser_assignment"
    __table_args__ = (
        Index("uq_adviser_assignment_running", "adviser_id", "body_id", unique=True,
              sqlite_where=_RUNNING, postgresql_where=_RUNNING),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    adviser_id: Mapped[int] = mapped_column(ForeignKey("legal_adviser.id"))
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), index=True)
    document: Mapped[str] = mapped_column(String(120))
    started_on: Mapped[date]
    ended_on: Mapped[date | None]  # the last day

    adviser: Mapped[LegalAdviser] = relationship(back_populates="assignments")
    body: Mapped[Body] = relationship()
