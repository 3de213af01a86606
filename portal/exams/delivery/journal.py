"""The append-only answer journal, written by one statement and acknowledged after its commit."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.exams.delivery.journal_postgres import PostgresWriter
from portal.exams.delivery.presence import Heard, Look, Presences
from portal.ground.db import sqlite_module
from portal.ground.group_commit import GroupWriter

GRACE = timedelta(seconds=5)  # for what is on the wire when the time ends or stands; declared in the exam's notice
Result = TypeVar("Result")

# State, epoch, deadline, pause and that nobody ended the sign-in are checked inside the statement that writes.
SQLITE_INSERT = """
INSERT INTO answer_change (attempt_id, epoch, sequence, item, answer, saved_at)
SELECT a.id, a.epoch, c.value ->> 0, c.value ->> 1, c.value ->> 2, ?4
FROM attempt a, json_each(?2) c
WHERE a.id = ?1 AND a.state = 'in_progress' AND a.epoch = ?3
  AND a.deadline_at >= ?5 AND (a.paused_at IS NULL OR a.paused_at >= ?5)
  AND EXISTS (SELECT 1 FROM sign_in s WHERE s.id = ?6 AND s.ended_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM answer_change k
                  WHERE k.attempt_id = ?1 AND k.epoch = ?3 AND k.sequence = c.value ->> 0)
"""

# FOR SHARE holds the attempt against a hand-in, which takes it FOR UPDATE.
POSTGRES_INSERT = """
INSERT INTO answer_change (attempt_id, epoch, sequence, item, answer, saved_at)
SELECT a.id, a.epoch, (c.value ->> 0)::int, (c.value ->> 1)::int, c.value ->> 2, %(now)s
FROM (SELECT id, epoch FROM attempt
      WHERE id = %(attempt)s AND state = 'in_progress' AND epoch = %(epoch)s
        AND deadline_at >= %(floor)s AND (paused_at IS NULL OR paused_at >= %(floor)s)
      FOR SHARE) a, jsonb_array_elements(%(changes)s::jsonb) c
WHERE EXISTS (SELECT 1 FROM sign_in s WHERE s.id = %(sign_in)s AND s.ended_at IS NULL)
ON CONFLICT (attempt_id, epoch, sequence) DO NOTHING
"""

SQLITE_PRESENCE = """
INSERT INTO presence (attempt_id, seen_at, unsent)
SELECT c.value ->> 0, c.value ->> 1, c.value ->> 2 FROM json_each(?1) c WHERE true
ON CONFLICT (attempt_id) DO UPDATE SET seen_at = excluded.seen_at, unsent = excluded.unsent
WHERE excluded.seen_at > presence.seen_at
"""
POSTGRES_PRESENCE = """
INSERT INTO presence (attempt_id, seen_at, unsent)
SELECT (c.value ->> 0)::int, (c.value ->> 1)::timestamptz, (c.value ->> 2)::int
FROM jsonb_array_elements(%(rows)s::jsonb) c
ON CONFLICT (attempt_id) DO UPDATE SET seen_at = excluded.seen_at, unsent = excluded.unsent
WHERE excluded.seen_at > presence.seen_at
"""

LOOK = "SELECT state, epoch, deadline_at, paused_at FROM attempt WHERE id = "


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


class _Journal:
    """What both engines do alike over their writer."""

    writer: GroupWriter | PostgresWriter

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(writes=False)
        self.presence = Presences(self._note_presence)

    def _note_presence(self, rows: Sequence[Heard]) -> None:
        raise NotImplementedError

    def run(self, work: Callable[[Session], Result]) -> Result:
        """Several statements in one transaction, committed on return. Raises JournalBusy and what the work raises."""
        return self.writer.run(work)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads."""
        with Session(self._engine) as session:
            yield session

    @property
    def healthy(self) -> bool:
        """False from a fault of disk or connection until a write works again."""
        return self.writer.healthy

    def close(self) -> None:
        self.presence.close()
        self.writer.close()


class SqliteJournal(_Journal):
    """Writes through the one writer of this process; who comes together shares a commit."""

    writer: GroupWriter

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.writer = GroupWriter(engine)

    def append(self, attempt_id: int, epoch: int, sign_in_id: int, changes: Sequence[Change], now: datetime) -> int:
        """Store what is new; returns how many changes were. On return they are on the disk. Raises JournalBusy."""
        values = (attempt_id, _dumped(changes), epoch, _moment(now), _moment(now - GRACE), sign_in_id)
        try:
            return self.writer.execute(SQLITE_INSERT, values)
        except sqlite_module().IntegrityError:  # handed in between the check and the guard
            return 0

    def confirm(self) -> None:
        """What can be read here is on the disk already."""

    def look(self, attempt_id: int) -> Look:
        """How an attempt stands, read by one statement. Raises NoResultFound."""
        pooled = self._engine.raw_connection()
        try:
            rows = pooled.driver_connection.execute(f"{LOOK}?", (attempt_id,)).fetchall()  # type: ignore[union-attr]
        finally:
            pooled.close()
        if not rows:
            raise NoResultFound
        state, epoch, deadline, paused = rows[0]
        return Look(state, epoch, datetime.fromisoformat(deadline).replace(tzinfo=UTC), paused is not None)

    def _note_presence(self, rows: Sequence[Heard]) -> None:
        told = json.dumps([(attempt_id, _moment(at), unsent) for attempt_id, at, unsent in rows])
        self.writer.execute(SQLITE_PRESENCE, (told,))


class PostgresJournal(_Journal):
    """One statement in one round trip: the connections are in autocommit, the statement's return is the commit's."""

    writer: PostgresWriter

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.writer = PostgresWriter(engine)

    def append(self, attempt_id: int, epoch: int, sign_in_id: int, changes: Sequence[Change], now: datetime) -> int:
        """Store what is new; returns how many changes were. On return they are on the disk. Raises JournalBusy."""
        values = {
            "attempt": attempt_id,
            "epoch": epoch,
            "sign_in": sign_in_id,
            "changes": _dumped(changes),
            "now": now,
            "floor": now - GRACE,
        }
        return self.writer.execute(POSTGRES_INSERT, values)

    def confirm(self) -> None:
        """Everything that can be read here is on the disk and, where there is one, on the standby. Raises JournalBusy.

        A commit whose wait for the standby was broken off can be read before it is safe.
        """
        self.writer.execute("SELECT pg_logical_emit_message(true, 'mingfa', '')", {})

    def look(self, attempt_id: int) -> Look:
        """How an attempt stands, read in one round trip. Raises NoResultFound, JournalBusy."""
        row = self.writer.first(f"{LOOK}%(attempt)s", {"attempt": attempt_id})
        if row is None:
            raise NoResultFound
        state, epoch, deadline, paused = row
        return Look(state, epoch, deadline, paused is not None)

    def _note_presence(self, rows: Sequence[Heard]) -> None:
        told = json.dumps([(attempt_id, at.isoformat(), unsent) for attempt_id, at, unsent in rows])
        self.writer.execute(POSTGRES_PRESENCE, {"rows": told})


def open_journal(engine: Engine) -> SqliteJournal | PostgresJournal:
    return SqliteJournal(engine) if engine.dialect.name == "sqlite" else PostgresJournal(engine)


_opening = threading.Lock()


def journal_among(extensions: dict[str, Any], engine: Engine) -> SqliteJournal | PostgresJournal:
    """The one journal of an application, opened by the first request that asks."""
    with _opening:
        if "mingfa_journal" not in extensions:
            extensions["mingfa_journal"] = open_journal(engine)
        return extensions["mingfa_journal"]


Journal = SqliteJournal | PostgresJournal
