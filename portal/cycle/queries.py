"""Reading the days off and the days worked all the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import extract, select
from sqlalchemy.orm import Session

from portal.cycle.models import WorkingDayException


def exceptions(session: Session) -> dict[date, bool]:
    """Day → whether it is worked, of every day that differs from its place in the week."""
    return dict(session.execute(select(WorkingDayException.day, WorkingDayException.works)).all())


def days_of(session: Session, year: int) -> Sequence[WorkingDayException]:
    found = select(WorkingDayException).where(extract("year", WorkingDayException.day) == year)
    return session.scalars(found.order_by(WorkingDayException.day)).all()


def years(session: Session) -> list[int]:
    """The years of which anything is entered."""
    return sorted({day.year for day in session.scalars(select(WorkingDayException.day))})
