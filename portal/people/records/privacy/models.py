"""The privacy notice's versions and their readers."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Base


class PrivacyNotice(Base):
    """One version of the notice, in force from a day. Added, never changed."""

    __tablename__ = "privacy_notice"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 ...
    body: Mapped[str] = mapped_column(Text)  # Markdown, Chinese
    effective_from: Mapped[date]
    published_at: Mapped[datetime]


class PrivacyAcknowledgement(Base):
    """An account's holder has had a version before him. Added, never changed."""

    __tablename__ = "privacy_acknowledgement"
    __table_args__ = (UniqueConstraint("account_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    number: Mapped[int] = mapped_column(ForeignKey("privacy_notice.number"))
    at: Mapped[datetime]
