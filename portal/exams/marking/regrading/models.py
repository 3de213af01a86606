"""Regrades and what their preview found."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Base


class RegradeState(StrEnum):
    DRAFT = "draft"  # its effect is counted and looked at
    PROPOSED = "proposed"  # waits for the second person
    APPROVED = "approved"  # is being applied
    APPLIED = "applied"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


OPEN = (RegradeState.DRAFT, RegradeState.PROPOSED, RegradeState.APPROVED)
_IS_OPEN = text("state IN ('draft', 'proposed', 'approved')")


class ChangeOfKey(StrEnum):
    """What is done about a question, by one rule for everybody who had it."""

    KEY = "key"  # another answer is right
    ACCEPT = "accept"  # a further answer is right too
    VOID_FULL = "void_full"  # everybody gets its points
    VOID_OUT = "void_out"  # it is taken out of the full mark


class Flips(StrEnum):
    """What becomes of published results whose pass or fail changes."""

    RELEASE = "release"  # their new version is published at once
    HOLD = "hold"  # it waits at the results desk


class Regrade(Base):
    """One change of key of one question of an exam; `seen`, `applied_counts` count by the names of rules.Sums."""

    __tablename__ = "regrade"
    __table_args__ = (
        Index("ix_regrade_open", "exam_id", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    state: Mapped[str] = mapped_column(String(10), default=RegradeState.DRAFT)
    question: Mapped[str] = mapped_column(String(80))  # rules.name_of
    code: Mapped[str] = mapped_column(String(80))  # as the bank calls it
    forms: Mapped[list[int]] = mapped_column(JSON)  # ids of the forms that hold it
    change: Mapped[str] = mapped_column(String(10))
    answer: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)  # a key as in FormKey
    reason: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(300))  # law, version and article
    flips: Mapped[str] = mapped_column(String(8))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    look: Mapped[int] = mapped_column(default=1)  # which preview is valid
    looked_at: Mapped[datetime | None]  # when the preview was complete
    seen: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    proposed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    said: Mapped[str | None] = mapped_column(String(300))  # why it was refused or withdrawn
    forms_done: Mapped[int] = mapped_column(default=0)
    last_attempt_id: Mapped[int] = mapped_column(default=0)  # how far preview or application are
    applied_counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    applied_at: Mapped[datetime | None]


class RegradeEffect(Base):
    """An attempt whose mark or pass would change, as one preview found it. Added, never changed."""

    __tablename__ = "regrade_effect"

    regrade_id: Mapped[int] = mapped_column(ForeignKey("regrade.id"), primary_key=True)
    look: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    mark_before: Mapped[int]  # hundredths of a percent
    mark_after: Mapped[int]
    passed_before: Mapped[bool]
    passed_after: Mapped[bool]
    released: Mapped[bool]
    flips: Mapped[bool]
