"""What the board says of a candidate, and how much time an incident comes to: pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from portal.exams.models import AttemptState, HandInCause

OFFLINE_AFTER = timedelta(seconds=130)  # a page speaks at least once a minute; a line may be down that long unnoticed
NO_TIME = timedelta(0)
Interval = tuple[datetime, datetime]


class Seen(StrEnum):
    """What a candidate is doing, as the board says it; in the order of who needs somebody."""

    PAUSED = "paused"
    OFFLINE = "offline"
    WORKING = "working"
    CHECKED_IN = "checked_in"
    NOT_ARRIVED = "not_arrived"
    TIME_OVER = "time_over"
    HANDED_IN = "handed_in"


CLOSED_BY_TIME = (HandInCause.TIME_OVER, HandInCause.WINDOW_CLOSED)


def seen(
    state: str | None, *, cause: str | None, paused: bool, deadline: datetime | None, heard: datetime | None,
    waiting: bool, now: datetime,
) -> Seen:  # fmt: skip
    """`state` is that of his last attempt, None before it; `waiting`: checked in for one that has not begun."""
    if state == AttemptState.IN_PROGRESS:
        if paused:
            return Seen.PAUSED
        if deadline is not None and now > deadline:
            return Seen.TIME_OVER
        return Seen.WORKING if heard is not None and now - heard <= OFFLINE_AFTER else Seen.OFFLINE
    if waiting:
        return Seen.CHECKED_IN
    if state == AttemptState.HANDED_IN:
        return Seen.TIME_OVER if cause in CLOSED_BY_TIME else Seen.HANDED_IN
    return Seen.NOT_ARRIVED


def lost(start: datetime, end: datetime, given: Iterable[Interval]) -> timedelta:
    """How long it took from start to end, without what was given back for already."""
    total, reached = NO_TIME, start
    for begun, ended in sorted(given):
        if begun > reached:
            total += max(min(begun, end) - reached, NO_TIME)
        reached = max(reached, ended)
        if reached >= end:
            return total
    return total + max(end - reached, NO_TIME)


def moved(deadline: datetime, by: timedelta, now: datetime, *, least_left: timedelta) -> datetime:
    """The new end; taking time back leaves so much from now on, and never gives any."""
    if by >= NO_TIME:
        return deadline + by
    return max(deadline + by, min(deadline, now + least_left))


def whole_seconds(by: timedelta) -> int:
    """Rounded, and never 0 for what is not nothing."""
    seconds = by.total_seconds()
    return round(seconds) or (seconds > 0) - (seconds < 0)
