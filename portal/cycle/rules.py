"""Counting in working days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

SATURDAY = 5


def works_on(day: date, exceptions: Mapping[date, bool]) -> bool:
    """Whether offices are open; `exceptions` says of a day whether it is worked whatever the weekday."""
    return exceptions.get(day, day.weekday() < SATURDAY)


def after_working_days(day: date, count: int, exceptions: Mapping[date, bool]) -> date:
    """The working day that is the `count`-th after a day; for 0 the day itself."""
    while count > 0:
        day += timedelta(days=1)
        count -= works_on(day, exceptions)
    return day


def before_working_days(day: date, count: int, exceptions: Mapping[date, bool]) -> date:
    """The working day that is the `count`-th before a day; for 0 the day itself."""
    while count > 0:
        day -= timedelta(days=1)
        count -= works_on(day, exceptions)
    return day
