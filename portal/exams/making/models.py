"""What stands behind an exam while it is made: who saved it last, who asked for what, how far its forms are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Base


class ExamMaking(Base):
    """The desk's side of one exam; `plan` is the assembled forms as version ids, until they are all stored."""

    __tablename__ = "exam_making"

    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), primary_key=True)
    version: Mapped[int] = mapped_column(default=1)  # whoever saves says which one he saw
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime | None]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    returned_because: Mapped[str | None] = mapped_column(String(300))
    asked_at: Mapped[datetime | None]  # when publishing began
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    seed: Mapped[int | None] = mapped_column(BigInteger)
    plan: Mapped[list[list[list[int]]] | None] = mapped_column(JSON(none_as_null=True))  # form → [version id, points]
    forms_done: Mapped[int] = mapped_column(default=0)
    fault: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # message and values
