"""The one clock: UTC inside, Asia/Shanghai on screen, replaceable in tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def system_now() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = system_now


def now() -> datetime:
    """The present moment, timezone-aware, in UTC."""
    return _source()


def set_source(source: Callable[[], datetime] = system_now) -> None:
    """Replace where time comes from; without an argument, the machine's clock again."""
    global _source
    _source = source


def local(moment: datetime) -> datetime:
    """The moment as people in Jilin read it."""
    return moment.astimezone(SHANGHAI)


def today() -> date:
    """The calendar day in Jilin."""
    return local(now()).date()
