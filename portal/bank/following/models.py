"""Uses, views, statistics and holds of questions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Base


class QuestionUse(Base):
    """A version stands in something that was given out. Added by the room that gives it out, never changed."""

    __tablename__ = "question_use"
    __table_args__ = (
        UniqueConstraint("version_id", "kind", "object_id"),
        Index("ix_question_use_question", "question_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"))
    kind: Mapped[str] = mapped_column(String(20))  # exam
    object_id: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class ViewedBy(StrEnum):
    PAGE = "page"
    EDITOR = "editor"
    REVIEW = "review"
    LIST = "list"
    EXPORT = "export"


class QuestionView(Base):
    """Somebody saw a sealed question. Added, never changed."""

    __tablename__ = "question_view"
    __table_args__ = (
        Index("ix_question_view_version_at", "version_id", "at"),
        Index("ix_question_view_account_at", "account_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    via: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]


class QuestionStatistics(Base):
    """How a version was answered so far, as the wing counted it."""

    __tablename__ = "question_statistics"

    version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"), primary_key=True)
    answered: Mapped[int]
    facility: Mapped[int]  # share of the points earned, in hundredths of a percent
    discrimination: Mapped[int | None]  # item against the rest, in hundredths, -100 to 100; None: too few
    choices: Mapped[dict[str, Any]] = mapped_column(JSON)  # leaf → option → [strongest third, weakest third] picks
    counted_at: Mapped[datetime]


class QuestionHold(Base):
    """A question is out of the draw because an article it cites changed; ended when someone confirms or rewrites it."""

    __tablename__ = "question_hold"
    __table_args__ = (
        Index("ix_question_hold_question", "question_id"),
        UniqueConstraint("version_id", "law", "label", "article", "raised_by"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"))  # the one that cites the old text
    law: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(30))  # of the version cited
    article: Mapped[str] = mapped_column(String(30))
    change: Mapped[str] = mapped_column(String(14))  # library's FateKind: changed, moved, gone, ended …
    raised_by: Mapped[str] = mapped_column(String(60))  # what caused it, such as law_version:12
    raised_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(10))  # confirmed, rewritten, retired
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(500))
