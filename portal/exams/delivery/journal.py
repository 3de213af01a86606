"""The append-only answer journal, written by one statement and acknowledged after its commit."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import OperationalError
from sqlalchemy import Engine

from portal.ground.db import prepare_sqlite, sqlite_module, when_free

GRACE = timedelta(seconds=5)  # for what is on the wire when the time ends; declared in the exam's notice

# State, epoch, deadline and that nobody ended the sign-in are checked inside the statement that writes.
SQLITE_INSERT = """
INSERT INTO answer_change (attempt_id, epoch, sequence, item, answer, saved_at)
SELECT a.id, a.epoch, c.value ->> 0, c.value ->> 1, c.value ->> 2, ?4
FROM attempt a, json_each(?2) c
WHERE a.id = ?1 AND a.state = 'in_progress' AND a.epoch = ?3 AND a.deadline_at >= ?5
  AND EXISTS (SELECT 1 FROM sign_in s WHERE s.id = ?6 AND s.ended_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM answer_change k
                  WHERE k.attempt_id = ?1 AND k.epoch = ?3 AND k.sequence = c.value ->> 0)
"""

# FOR SHARE holds the attempt against a hand-in, which takes it FOR UPDATE.
POSTGRES_INSERT = """
INSERT INTO answer_change (attempt_id, epoch, sequence, item, answer, saved_at)
SELECT a.id, a.epoch, (c.value ->> 0)::int, (c.value ->> 1)::int, c.value ->> 2, %(now)s
FROM (SELECT id, epoch FROM attempt
      WHERE id = %(attempt)s AND state = 'in_progress' AND epoch = %(epoch)s AND deadline_at >= %(floor)s
      FOR SHARE) a, jsonb_array_elements(%(changes)s::jsonb) c
WHERE EXISTS (SELECT 1 FROM sign_in s WHERE s.id = %(sign_in)s AND s.ended_at IS NULL)
ON CONFLICT (attempt_id, epoch, sequence) DO NOTHING
"""


class JournalBusy(Exception):
    """The journal could not be written: locked, full or gone. Nothing was stored."""


@dataclass(frozen=True)
class Change:
    """One numbered change of one item's answer, in canonical form."""

    sequence: int
    item: int
    answer: str


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _dumped(changes: Sequence[Change]) -> str:
    return json.dumps([[c.sequence, c.item, c.answer] for c in changes], ensure_ascii=False)


class SqliteJournal:
    """One connection and one lock: SQLite has one writer, so this process has one, too."""

    def __init__(self, engine: Engine) -> None:
        self._lock = threading.Lock()
        self._connection: Any = sqlite_module().connect(engine.url.database, check_same_thread=False)
        prepare_sqlite(self._connection)
        self._connection.execute("PRAGMA busy_timeout=0")  # when_free waits

    def append(self, attempt_id: int, epoch: int, sign_in_id: int, changes: Sequence[Change], now: datetime) -> int:
        """Store what is new; returns how many changes were. On return they are on the disk."""
        values = (attempt_id, _dumped(changes), epoch, _moment(now), _moment(now - GRACE), sign_in_id)
        try:
            with self._lock:  # autocommit: the statement's return is the commit's
                return when_free(lambda: self._connection.execute(SQLITE_INSERT, values).rowcount)
        except sqlite_module().OperationalError as error:
            raise JournalBusy(str(error)) from error
        except sqlite_module().IntegrityError:  # handed in between the check and the guard
            return 0

    def close(self) -> None:
        self._connection.close()


class PostgresJournal:
    """Pooled connections; one statement and its commit, synchronous_commit stays on."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(self, attempt_id: int, epoch: int, sign_in_id: int, changes: Sequence[Change], now: datetime) -> int:
        values = {
            "attempt": attempt_id,
            "epoch": epoch,
            "sign_in": sign_in_id,
            "changes": _dumped(changes),
            "now": now,
            "floor": now - GRACE,
        }
        pooled = self._engine.raw_connection()
        try:
            with pooled.cursor() as cursor:
                cursor.execute(POSTGRES_INSERT, values)
                stored = cursor.rowcount
            pooled.commit()
            return stored
        except OperationalError as error:
            raise JournalBusy(str(error)) from error
        except BaseException:
            pooled.rollback()
            raise
        finally:
            pooled.close()

    def close(self) -> None:
        """Nothing of its own to close."""


def open_journal(engine: Engine) -> SqliteJournal | PostgresJournal:
    return SqliteJournal(engine) if engine.dialect.name == "sqlite" else PostgresJournal(engine)
