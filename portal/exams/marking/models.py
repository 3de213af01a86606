"""What the answers to one exam's questions add up to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Base


class ItemTally(Base):
    """Sums over one exam's counted results for one question version; counted anew as a whole, never by hand."""

    __tablename__ = "exam_item_tally"
    __table_args__ = (Index("ix_exam_item_tally_version", "version_id"),)

    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"), primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)  # question_bank.analysis.Tally.plain()
    counted_at: Mapped[datetime]
