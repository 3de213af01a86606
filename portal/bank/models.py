"""Question banks, questions, and the immutable versions of each."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.db import Base


class QuestionStatus(StrEnum):
    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    RETIRED = "retired"


class QuestionBank(Base):
    """A named set of questions that belongs to a body; bodies below may draw from it."""

    __tablename__ = "question_bank"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)  # JL-GENERAL, JL-TRANSPORT
    title: Mapped[str] = mapped_column(String(100))
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    field: Mapped[str | None] = mapped_column(String(20))  # None: general law
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())  # bodies below may read and draw
    sealed: Mapped[bool] = mapped_column(default=True, server_default=true())  # not published for study: views are kept
    created_at: Mapped[datetime]


class Question(Base):
    """The identity of a question; what it says is its current version, what papers draw its approved one."""

    __tablename__ = "question"
    __table_args__ = (Index("ix_question_bank_code", "bank_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("question_bank.id"), index=True)
    status: Mapped[str] = mapped_column(String(10), index=True)
    current_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("question_version.id", use_alter=True, name="fk_question_current_version")
    )
    approved_version_id: Mapped[int | None] = mapped_column(  # what papers draw, whatever is written meanwhile
        ForeignKey("question_version.id", use_alter=True, name="fk_question_approved_version")
    )
    held: Mapped[bool] = mapped_column(default=False, server_default=false())  # out of the draw: see QuestionHold
    created_at: Mapped[datetime]

    bank: Mapped[QuestionBank] = relationship()
    current: Mapped[QuestionVersion | None] = relationship(foreign_keys=[current_version_id], post_update=True)
    approved: Mapped[QuestionVersion | None] = relationship(foreign_keys=[approved_version_id], viewonly=True)


class Change(StrEnum):
    """What a version is beside the one before it."""

    FIRST = "first"
    WORDING = "wording"  # says the same in other words: statistics go on
    SUBSTANCE = "substance"


class QuestionVersion(Base):
    """What a question says, for ever. `body` is question_bank's JSON form; the columns are derived from it."""

    __tablename__ = "question_version"
    __table_args__ = (UniqueConstraint("question_id", "number"), Index("ix_question_version_draw", "topic", "kind"))

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    topic: Mapped[str] = mapped_column(String(60))
    difficulty: Mapped[int]  # 1 easy … 5 hard, as guessed by the author
    cognitive_level: Mapped[str] = mapped_column(String(12), default="understand", server_default="understand")
    field: Mapped[str | None] = mapped_column(String(20))  # the question's own, else its bank's; None: general law
    opening: Mapped[str] = mapped_column(String(200), default="", server_default="")  # of the stem, for lists
    change: Mapped[str] = mapped_column(String(10), default=Change.FIRST, server_default=Change.FIRST)
    source: Mapped[str] = mapped_column(String(120), default="", server_default="", index=True)  # where it comes from
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    content_sha256: Mapped[str] = mapped_column(String(64))
    said_sha256: Mapped[str] = mapped_column(String(64), index=True, default="", server_default="")  # without numbers
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]

    question: Mapped[Question] = relationship(foreign_keys=[question_id])
    citations: Mapped[list[Citation]] = relationship(order_by="Citation.id")
    tags: Mapped[list[QuestionTag]] = relationship(order_by="QuestionTag.id")


class Citation(Base):
    """An article that a question version rests on."""

    __tablename__ = "citation"
    __table_args__ = (Index("ix_citation_article", "law", "article"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"), index=True)
    law: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(30))
    article: Mapped[str] = mapped_column(String(30))


class QuestionTag(Base):
    """A word its writer gave a version."""

    __tablename__ = "question_tag"
    __table_args__ = (UniqueConstraint("version_id", "tag"), Index("ix_question_tag_tag", "tag"))

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"))
    tag: Mapped[str] = mapped_column(String(30))


class StatusChange(Base):
    """Who moved a question to which status, and why. Added, never changed."""

    __tablename__ = "question_status_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"))
    status: Mapped[str] = mapped_column(String(10))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    note: Mapped[str | None] = mapped_column(String(500))
