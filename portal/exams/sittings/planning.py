"""Many sittings at once: which hours of which days, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.cycle.rules import works_on
from portal.ground.clock import SHANGHAI

MOST = 400  # sittings planned in one go


@dataclass(frozen=True)
class Slot:
    """When one sitting opens and closes."""

    opens_at: datetime
    closes_at: datetime

    def overlaps(self, other: Slot) -> bool:
        return self.opens_at < other.closes_at and other.opens_at < self.closes_at


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: so many days from the first on, at these hours, each so long."""

    first: date
    days: int
    hours: Sequence[time]
    minutes: int
    working_days_only: bool = True


def slots(wish: Wish, exceptions: Mapping[date, bool]) -> list[Slot]:
    """The slots in order, at most MOST; days off are left out and do not count."""
    found: list[Slot] = []
    day, left, seen = wish.first, wish.days, 0
    while left > 0 and len(found) < MOST and seen < 3 * 366:
        seen += 1
        if not wish.working_days_only or works_on(day, exceptions):
            left -= 1
            for hour in sorted(wish.hours):
                opens = datetime.combine(day, hour, SHANGHAI)
                found.append(Slot(opens, opens + timedelta(minutes=wish.minutes)))
        day += timedelta(days=1)
    return found[:MOST]
