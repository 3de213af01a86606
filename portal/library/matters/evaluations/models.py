"""Evaluations of a list: a round with one finding per matter, the newest of which counts."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.db import Base
from portal.library.matters.lists.models import TownList, TownListEntry


class Proposal(StrEnum):
    KEEP = "keep"
    RETURN = "return"  # to the department that had it


class ListEvaluation(Base):
    """A round of evaluation over a period; closed once, with a conclusion."""

    __tablename__ = "list_evaluation"
    __table_args__ = (UniqueConstraint("list_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("town_list.id"))
    number: Mapped[int]
    period_from: Mapped[date]
    period_until: Mapped[date]  # the last day
    started_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    started_at: Mapped[datetime]
    conclusion: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None]

    list: Mapped[TownList] = relationship()


class MatterFinding(Base):
    """What a round found about one matter. Added, never changed: a correction is another row."""

    __tablename__ = "matter_finding"
    __table_args__ = (Index("ix_matter_finding_newest", "evaluation_id", "entry_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    evaluation_id: Mapped[int] = mapped_column(ForeignKey("list_evaluation.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("town_list_entry.id"))
    times_used: Mapped[int]
    capable: Mapped[bool]  # people, knowledge and means to carry it
    proposal: Mapped[str] = mapped_column(String(8))
    remark: Mapped[str] = mapped_column(String(300))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]

    entry: Mapped[TownListEntry] = relationship()
