"""What lives around a question while people write and review it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Base

_OPEN = text("discarded_at IS NULL")


class QuestionDraft(Base):
    """One writer's unfinished text, saved as he types; it becomes a version when he keeps it.

    `number` grows with every save, so that a stale page cannot overwrite a newer one. A discarded draft
    stays, for its writer to bring back.
    """

    __tablename__ = "question_draft"
    __table_args__ = (
        Index(
            "uq_question_draft_open", "question_id", "account_id", unique=True, sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("question_bank.id"), index=True)
    question_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"))  # None: a new question
    base_version_id: Mapped[int | None] = mapped_column(ForeignKey("question_version.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    number: Mapped[int] = mapped_column(default=1)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime]
    discarded_at: Mapped[datetime | None]


class QuestionComment(Base):
    """A remark pinned to one field of a version; whoever settles it says so once."""

    __tablename__ = "question_comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"))
    place: Mapped[str] = mapped_column(String(40))  # stem, options, key, rationale, citations, items/2/stem …
    text: Mapped[str] = mapped_column(String(1000))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    settled_at: Mapped[datetime | None]


class QuestionPicture(Base):
    """A picture of a bank's questions, cleaned and kept under the SHA-256 of its bytes."""

    __tablename__ = "question_picture"
    __table_args__ = (UniqueConstraint("bank_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("question_bank.id"))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    media_type: Mapped[str] = mapped_column(String(20))
    width: Mapped[int]  # pixels
    height: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime]
