"""Argon2id in a bounded pool: a rush of sign-ins waits in the browsers, never in the server's threads."""

from __future__ import annotations

import os
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from portal.ground.errors import Refused
from portal.ground.rules import N_

Answer = TypeVar("Answer")
SECONDS_EACH = 0.06  # what a sign-in costs on one core, hash and all
RESERVE = 4  # server threads that never wait for a hash, so that saving always finds one
GIVES_WAY = 10  # niceness of the hashing threads: the server's own go first

hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
UNKNOWN = hasher.hash("nobody has this password")


class HashBusy(Refused):
    """Everybody who may wait for a hash is waiting; the browser comes again in `wait` seconds, its own turn."""

    status = 503
    code = "hash_busy"

    def __init__(self, wait: float) -> None:
        super().__init__(
            N_("Very many people are signing in at this moment. Your turn comes in a few seconds.")
        )
        self.wait = wait


def _give_way() -> None:
    """On Linux a thread has a niceness of its own; elsewhere it runs as it is."""
    if hasattr(os, "setpriority") and hasattr(threading, "get_native_id"):
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), GIVES_WAY)
        except OSError:
            return


def normal_password(typed: str) -> str:
    """One form for a password however the keyboard wrote it: full-width letters are the plain ones."""
    return unicodedata.normalize("NFKC", typed)


class HashPool:
    """A few threads that hash, and a bound on how many requests may wait for them."""

    def __init__(self) -> None:
        self._mine = threading.local()
        self._lock = threading.Lock()
        self.open(workers=1, threads=8)

    def open(self, *, workers: int, threads: int) -> None:
        """`threads` is how many requests the server answers at once; all but RESERVE may end up here."""
        self.most = max(workers, min(threads - RESERVE, 4 * workers))
        self._places = threading.BoundedSemaphore(self.most)
        self._workers = ThreadPoolExecutor(workers, "hash", initializer=_give_way)
        self._apart, self._turn = SECONDS_EACH / workers, 0.0

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place for everything around a hash, taken before any other work. Raises HashBusy."""
        places = self._places
        if not places.acquire(blocking=False):
            raise HashBusy(self._next_turn())
        self._mine.place = True
        try:
            yield
        finally:
            self._mine.place = False
            places.release()

    def _next_turn(self) -> float:
        """Seconds until the turn of whoever is sent away now: one after the other, not all at once."""
        with self._lock:
            now = time.monotonic()
            self._turn = max(self._turn, now) + self._apart
            return self._turn - now + 1

    def fits(self, stored: str, typed: str) -> bool:
        """Whether the password is the one of the hash. Raises HashBusy."""
        return self._run(lambda: _verify(stored, normal_password(typed)))

    def hash(self, typed: str) -> str:
        """The hash to store of a new password. Raises HashBusy."""
        return self._run(lambda: hasher.hash(normal_password(typed)))

    def _run(self, work: Callable[[], Answer]) -> Answer:
        if getattr(self._mine, "place", False):
            return self._workers.submit(work).result()
        with self.place():
            return self._workers.submit(work).result()


def _verify(stored: str, typed: str) -> bool:
    try:
        return hasher.verify(stored or UNKNOWN, typed)
    except (VerifyMismatchError, InvalidHashError):
        return False


pool = HashPool()
