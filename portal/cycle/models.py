"""Days that are not what their place in the week says."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Base


class WorkingDayException(Base):
    """A weekday off, or a day of the weekend that is worked, by the State Council's yearly notice."""

    __tablename__ = "working_day_exception"

    day: Mapped[date] = mapped_column(primary_key=True)
    works: Mapped[bool]
    label: Mapped[str] = mapped_column(String(60))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: came with the platform
    at: Mapped[datetime]
