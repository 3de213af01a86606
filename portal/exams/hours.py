"""When a candidate may check in, begin, and must end: pure functions of the exam's hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.exams.models import Timing

CROWD, FEW = 200, 20  # entries
LONG_SPREAD, SHORT_SPREAD = 20, 5  # seconds
LEEWAY = timedelta(minutes=1)  # a device that waited for the hour still needs a moment, however strict the exam
COUNTED = CROWD + 1  # entries looked at to know whether it is a crowd


@dataclass(frozen=True)
class Hours:
    """The hours of one candidate's exam: its own or its sitting's, and how starts are spread over seconds."""

    opens_at: datetime
    closes_at: datetime
    timing: str
    minutes: int
    extra_minutes: int
    late_minutes: int
    check_in_minutes: int
    entries: int  # counted up to COUNTED

    @property
    def spread(self) -> int:
        """Seconds over which pages that wait spread their starts, so that a hall does not come in one beat."""
        if self.timing == Timing.FIXED:
            return LONG_SPREAD if self.entries > CROWD else SHORT_SPREAD
        return SHORT_SPREAD if self.entries > FEW else 0

    @property
    def check_in_from(self) -> datetime:
        return self.opens_at - timedelta(minutes=self.check_in_minutes)

    @property
    def latest_entry(self) -> datetime:
        """The last moment at which somebody begins: of a fixed start that of the last latecomer."""
        if self.timing != Timing.FIXED:
            return self.closes_at
        return min(self.opens_at + max(timedelta(minutes=self.late_minutes), LEEWAY), self.closes_at)

    def over(self, now: datetime) -> bool:
        """Whether nobody begins any more."""
        return now >= self.closes_at or now > self.latest_entry

    def deadline(self, now: datetime) -> datetime:
        """The end of an attempt that begins now: who begins within the spread has every minute."""
        full, extra = timedelta(minutes=self.minutes), timedelta(minutes=self.extra_minutes)
        if self.timing == Timing.FIXED:
            return min(now, self.opens_at + timedelta(seconds=self.spread)) + full + extra
        return min(now + full, self.closes_at) + extra
