"""Who is at his paper: kept in memory, written a few seconds later for many at once. It proves nothing."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.ground.group_commit import JournalBusy

EVERY = 3.0  # seconds between two flushes
PORTION = 500  # rows of one statement
UNSENT_MOST = 100_000  # a page may claim anything

Heard = tuple[int, datetime, int]  # attempt, when, answers still on the device
log = logging.getLogger("mingfa.presence")


class Presences:
    """What the pages of this process said last; `write` stores a portion and may raise JournalBusy."""

    def __init__(self, write: Callable[[Sequence[Heard]], None], every: float = EVERY) -> None:
        self._write, self._every = write, every
        self._heard: dict[int, tuple[datetime, int]] = {}
        self._begin_afresh()
        _open.add(self)

    def _begin_afresh(self) -> None:
        self._process = os.getpid()
        self._mutex = threading.Lock()
        self._flushing = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, attempt_id: int, *, unsent: int, now: datetime) -> None:
        """Remember that a page was heard of; a thread that is gone, after a fork too, is started again."""
        if os.getpid() != self._process:
            self._begin_afresh()
        with self._mutex:
            self._heard[attempt_id] = (now, min(max(unsent, 0), UNSENT_MOST))
            if self._thread is None or not self._thread.is_alive():
                self._stop.clear()
                self._thread = threading.Thread(target=self._run, name="presence", daemon=True)
                self._thread.start()

    def flush(self) -> int:
        """Write what was heard since the last time; what cannot be written waits. Returns how many were."""
        with self._flushing:
            with self._mutex:
                heard, self._heard = self._heard, {}
            rows = [(attempt_id, now, unsent) for attempt_id, (now, unsent) in sorted(heard.items())]
            written = 0
            try:
                for first in range(0, len(rows), PORTION):
                    self._write(rows[first : first + PORTION])
                    written += len(rows[first : first + PORTION])
            except JournalBusy:
                with self._mutex:  # whoever was heard meanwhile has newer news
                    self._heard = {row[0]: (row[1], row[2]) for row in rows[written:]} | self._heard
        return written

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self.flush()
            except Exception:
                log.exception("presence was not written")

    def close(self) -> None:
        """Stop the thread and write the rest."""
        self._stop.set()
        if self._process != os.getpid():
            return
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(5)
        self.flush()


_open: weakref.WeakSet[Presences] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for presences in list(_open):
        try:
            presences.close()
        except Exception:
            log.exception("presence was not written at the end")


@dataclass(frozen=True)
class Look:
    """How an attempt stands, as far as its page must know."""

    state: str
    epoch: int
    deadline_at: datetime
    paused: bool


def pulse_of(look: Look, epoch: int, *, now: datetime) -> dict[str, object]:
    """The server's clock, the limit, and whether a page of this epoch may still write."""
    return {
        "now": now.timestamp(),
        "deadline": look.deadline_at.timestamp(),
        "state": look.state,
        "current": look.epoch == epoch,
        "paused": look.paused,
    }
