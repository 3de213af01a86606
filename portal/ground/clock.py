"""The one clock: UTC inside, Asia/Shanghai on screen, replaceable in tests."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
STEP = timedelta(seconds=2)  # more than this between two looks is no correction but a jump
log = logging.getLogger("mingfa.clock")


def system_now() -> datetime:
    return datetime.now(UTC)


def seconds_since_boot() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)  # goes on while the machine sleeps, and cannot be set


class Steady:
    """The machine's clock as long as it runs evenly. When somebody sets it, the time goes on as before.

    Attempts end by this clock: a jump must neither end one early nor give it time. `jump` is by how
    much the machine's clock is off since then; it is followed again when it comes back or at a restart.
    """

    def __init__(
        self, wall: Callable[[], datetime] = system_now, steady: Callable[[], float] = seconds_since_boot
    ) -> None:
        self._wall, self._steady = wall, steady
        self._last = (wall(), steady())
        self.jump = timedelta(0)

    def __call__(self) -> datetime:
        shown, (then, ticks) = self._wall(), self._last
        steady = self._steady()
        expected = then + timedelta(seconds=steady - ticks)
        off = shown - expected
        if abs(off) <= STEP:
            self._last, self.jump = (shown, steady), timedelta(0)
            return shown
        if not self.jump:
            log.critical("the machine's clock was set by %s; the exams go on by the time before that", off)
        self.jump = off
        return expected


steady_now = Steady()
_source: Callable[[], datetime] = steady_now


def now() -> datetime:
    """The present moment, timezone-aware, in UTC."""
    return _source()


def set_source(source: Callable[[], datetime] = steady_now) -> None:
    """Replace where time comes from; without an argument, the machine's clock again."""
    global _source
    _source = source


def local(moment: datetime) -> datetime:
    """The moment as people in Jilin read it."""
    return moment.astimezone(SHANGHAI)


def today() -> date:
    """The calendar day in Jilin."""
    return local(now()).date()
