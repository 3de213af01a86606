"""Where an import's short transactions come from: one's own session, or many, each committed and timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.ground.db import db
from portal.ground.models import Job

LEASE = timedelta(seconds=30)
HOLD = 0.016  # seconds of work inside a writing transaction; savers wait as long, and for the disk
RENEW_WITHIN = LEASE * 0.8  # of a lease: renewed when less is left
PAUSE = 0.002  # seconds after each, in which a saver finds the database free: they look every millisecond
FEWEST, MOST = 8, 125
CHECKPOINT_EVERY = 3  # transactions; small ones, since the disk makes everybody wait for a large one


class LeaseLost(Exception):
    """Another worker has taken this job, because this one was silent too long."""


@dataclass
class Lease:
    """The right to work on a job, until a moment; whoever finds that moment past may take it over."""

    job_id: int
    until: datetime

    def renew(self, session: Session, now: datetime) -> None:
        """Prolong in the transaction that is about to write, if little is left. Raises LeaseLost."""
        if self.until - now > RENEW_WITHIN:
            return
        mine = update(Job).where(Job.id == self.job_id, Job.run_after == self.until, Job.done_at.is_(None))
        later = now + LEASE
        if session.execute(mine.values(run_after=later).execution_options(synchronize_session=False)).rowcount != 1:
            raise LeaseLost
        self.until = later


@dataclass
class Pace:
    """How many rows go into one transaction: as many as keep it short on this machine."""

    rows: int = 50
    longest: float = 0.0  # seconds the database was held for writing, at most
    times: int = 0

    def learn(self, held: float, worked: float) -> None:
        """`held` is what others waited; `worked` this thread's own time in it, which alone depends on the rows."""
        self.times += 1
        self.longest = max(self.longest, held)
        if worked > HOLD:
            self.rows = max(FEWEST, self.rows * 3 // 4)
        elif worked < HOLD * 0.6:
            self.rows = min(MOST, self.rows + max(2, self.rows // 8))


class Desk(Protocol):
    """Sessions to read with and to write with; what was written stands when a writing block ends."""

    pace: Pace

    def reading(self) -> contextmanager[Session]: ...  # type: ignore[valid-type]

    def writing(self) -> contextmanager[Session]: ...  # type: ignore[valid-type]


class Within:
    """Everything inside one session that somebody else commits."""

    def __init__(self, session: Session) -> None:
        self._session, self.pace = session, Pace(MOST)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        yield self._session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self._session.begin_nested():
            yield self._session


class Apart:
    """A short transaction each time, with a pause after it in which savers find the database free."""

    def __init__(self, now: Callable[[], datetime], lease: Lease | None = None, pace: Pace | None = None) -> None:
        self._now, self._lease, self.pace = now, lease, pace or Pace()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with db.reading() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with db.writing() as session:
            db.checkpoint_apart(session)  # opens the transaction, too: waiting for others is not holding
            began, work = time.perf_counter(), time.thread_time()
            until = self._lease.until if self._lease else None
            try:
                if self._lease is not None:
                    self._lease.renew(session, self._now())
                yield session
                session.commit()
            except BaseException:
                if self._lease is not None:
                    self._lease.until = until  # type: ignore[assignment]
                raise
            held, work = time.perf_counter() - began, time.thread_time() - work
        self.pace.learn(held, work)
        if self.pace.times % CHECKPOINT_EVERY == 0:
            db.checkpoint()
        time.sleep(PAUSE)
