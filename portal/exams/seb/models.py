"""What an exam asks of Safe Exam Browser."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Base


class ExamSeb(Base):
    """The settings file of one exam and its keys; settled before publication but for the browser exam keys."""

    __tablename__ = "exam_seb"

    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), primary_key=True)
    switched_on: Mapped[bool]
    settings: Mapped[str] = mapped_column(Text)  # the property list as XML, byte for byte what the file holds
    config_key: Mapped[str] = mapped_column(String(64))
    start_address: Mapped[str] = mapped_column(String(300))
    browser_keys: Mapped[list[str]] = mapped_column(JSON)  # one of each SEB version and platform; empty: any
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    lifted_at: Mapped[datetime | None]  # from here on the exam opens in any browser
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    lifted_because: Mapped[str | None] = mapped_column(String(300))
