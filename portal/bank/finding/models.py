"""What lists of questions are drawn from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Base


class QuestionEntry(Base):
    """A question's current version in one narrow row, so that a list reads no texts. Derived, and made anew with it."""

    __tablename__ = "question_entry"
    __table_args__ = (
        Index("ix_question_entry_bank_topic", "bank_id", "topic"),
        Index("ix_question_entry_bank_updated", "bank_id", "updated_at"),
        Index("ix_question_entry_updated", "updated_at"),
        Index("ix_question_entry_author", "author_id"),
        Index("ix_question_entry_stem", "bank_id", "stem_size", "stem_bits"),
    )

    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True, autoincrement=False)
    bank_id: Mapped[int] = mapped_column(ForeignKey("question_bank.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"))
    number: Mapped[int]  # of the version
    kind: Mapped[str] = mapped_column(String(20))
    topic: Mapped[str] = mapped_column(String(60))
    difficulty: Mapped[int]
    cognitive_level: Mapped[str] = mapped_column(String(12))
    field: Mapped[str | None] = mapped_column(String(20))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    updated_at: Mapped[datetime]
    stem_size: Mapped[int]  # different pairs of characters in the stem: two that are alike are of like size
    stem_bits: Mapped[bytes] = mapped_column(LargeBinary(32))  # and differ in few bits of this map of them
