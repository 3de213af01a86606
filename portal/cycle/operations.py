"""Keeping the table of days off and days worked all the same."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.cycle.models import WorkingDayException
from portal.cycle.rules import SATURDAY
from portal.ground import audit
from portal.ground.errors import Refused
from portal.ground.rules import N_


class NoException(Refused):
    """The day is what its place in the week says, or its entry says nothing."""

    status = 422
    code = "no_exception"


def set_day(
    session: Session, day: date, *, works: bool, label: str, account_id: int | None, now: datetime
) -> WorkingDayException:
    """Enter a day, or say something else of one that is entered. Raises NoException."""
    label = " ".join(label.split())[:60]
    if not label:
        raise NoException(N_("Say why: the name of the holiday, or for which day this one is worked."))
    if works == (day.weekday() < SATURDAY):
        raise NoException(N_("This day is that already by its place in the week."))
    row = session.get(WorkingDayException, day)
    if row is None:
        row = WorkingDayException(day=day, works=works, label=label, account_id=account_id, at=now)
        session.add(row)
    else:
        row.works, row.label, row.account_id, row.at = works, label, account_id, now
    session.flush()
    audit.record(
        session, "working_day_set", "working_day", day.isoformat(), now=now, account_id=account_id, works=works
    )
    return row


def forget_day(session: Session, day: date, *, account_id: int, now: datetime) -> None:
    """The day is again what its place in the week says."""
    row = session.get(WorkingDayException, day)
    if row is not None:
        session.delete(row)
        session.flush()
        audit.record(
            session, "working_day_forgotten", "working_day", day.isoformat(), now=now, account_id=account_id
        )
