"""How often one address may ask something of the public pages; kept in this process's memory."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from threading import Lock

from portal.ground.errors import Refused
from portal.ground.rules import N_

MOST_ADDRESSES = 10_000


class TooOften(Refused):
    """Asked too often in too short a time."""

    status = 429
    code = "too_often"


class Limit:
    """At most `times` in a sliding window of `per_minutes`, for each asker."""

    def __init__(self, times: int, *, per_minutes: int) -> None:
        self.times, self.window = times, timedelta(minutes=per_minutes)
        self._asked: dict[str, deque[datetime]] = {}
        self._lock = Lock()

    def count(self, asker: str, now: datetime) -> None:
        """Note one more; raises TooOften when that is one too many."""
        with self._lock:
            if len(self._asked) > MOST_ADDRESSES:
                self._asked.clear()
            asked = self._asked.setdefault(asker, deque())
            while asked and asked[0] <= now - self.window:
                asked.popleft()
            if len(asked) >= self.times:
                raise TooOften(N_("Too many look-ups from this place. Try again in a few minutes."))
            asked.append(now)
