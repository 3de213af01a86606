"""The worker's part of delivery: attempts nobody hands in any more, closed in portions."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import OperationalError

from portal.exams.delivery.closing import close_overdue, overdue
from portal.ground.db import Database, db

log = logging.getLogger("mingfa.worker")
PORTION = 20  # attempts of one transaction: a save waits for it


def close_what_is_over(now: datetime, database: Database = db) -> int:
    """Hand in every attempt whose time is over; returns how many. However long nobody looked, all are found.

    Looking takes no lock, so time may be given in between: each is judged again under its lock.
    """
    closed, last = 0, None
    while True:
        with database.reading() as session:
            found = overdue(session, now=now, after=last, limit=PORTION)
        if not found:
            return closed
        closed += _close_portion([attempt_id for attempt_id, _ in found], now, database)
        last = found[-1]


def _close_portion(attempt_ids: Sequence[int], now: datetime, database: Database) -> int:
    try:
        return _close(attempt_ids, now, database)
    except OperationalError:  # nobody can be closed now
        raise
    except Exception:
        if len(attempt_ids) == 1:
            log.exception("attempt %s could not be closed", attempt_ids[0])
            return 0
    return sum(_close_portion([attempt_id], now, database) for attempt_id in attempt_ids)  # one must not hold up others


def _close(attempt_ids: Sequence[int], now: datetime, database: Database) -> int:
    with database.writing() as session:
        count = close_overdue(session, attempt_ids, now=now)
        session.commit()
    return count
