"""One-time codes, and the passwords that were set."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Base


class CodeKind(StrEnum):
    ACTIVATION = "activation"  # the first way in
    RESET = "reset"  # after a forgotten password


class OneTimeCode(Base):
    """A code that lets its owner set a password, once; only a keyed digest of it is stored.

    `made_by_id` is who issued it: None when the terminal did, or the person himself by SMS.
    """

    __tablename__ = "one_time_code"
    __table_args__ = (Index("ix_one_time_code_open", "account_id", "used_at", "voided_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    digest: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(12))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]  # a newer one was issued, or it was guessed at too often
    tries: Mapped[int] = mapped_column(default=0, server_default="0")  # wrong codes typed while it was open


class PasswordChange(Base):
    """A password that was set; the newest is today's. Kept to tell its age and that it does not come back."""

    __tablename__ = "password_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime]
