"""The journal over PostgreSQL: autocommit, durable, and suspicious of a commit that comes with a warning."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import psycopg
from psycopg.errors import Diagnostic
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.ground.errors import SettingMissing
from portal.ground.group_commit import JournalBusy
from portal.ground.rules import N_

Result = TypeVar("Result")
DURABLE = ("on", "remote_apply")  # what synchronous_commit may say


def unconfirmed() -> JournalBusy:
    """The commit is perhaps on this server and perhaps nowhere else."""
    return JournalBusy(N_("The database is busy or full. Nothing was changed; try again in a moment."))


class _Line:
    """One connection and the warnings that came over it since they were last cleared."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.warnings: list[str] = []
        connection.add_notice_handler(self._note)

    def _note(self, notice: Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING":
            self.warnings.append(notice.message_primary or "")

    def release(self) -> None:
        self.connection.remove_notice_handler(self._note)


class PostgresWriter:
    """Statements in one round trip over idle connections of its own; works in a session of the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._process = os.getpid()
        self._idle: deque[_Line] = deque()
        self.healthy = True

    def execute(self, sql: str, values: Mapping[str, Any]) -> int:
        """One statement that may be sent twice, committed; returns its row count. Raises JournalBusy."""
        return self._send(sql, values).rowcount

    def first(self, sql: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The first row a statement finds. Raises JournalBusy."""
        return self._send(sql, values).fetchone()

    def _send(self, sql: str, values: Mapping[str, Any]) -> psycopg.Cursor[Any]:
        """Where an idle connection turns out to be dead, as all are after a failover, a new one is tried."""
        for reused in (bool(self._idle), False):
            try:
                line = self._line(reused)
            except (psycopg.OperationalError, OperationalError) as error:
                self.healthy = False
                raise unconfirmed() from error
            try:
                cursor = line.connection.execute(sql, values)
                break
            except psycopg.OperationalError as error:
                line.connection.close()
                self._forget_idle()
                if not reused:
                    self.healthy = False
                    raise unconfirmed() from error
        warned = bool(line.warnings)  # such as: canceling wait for synchronous replication
        line.warnings.clear()
        self._idle.append(line)
        if warned:
            raise unconfirmed()
        self.healthy = True
        return cursor

    def run(self, work: Callable[[Session], Result]) -> Result:
        """Several statements in a session of their own, committed on return. Raises JournalBusy and what they raise."""
        try:
            with Session(self._engine, expire_on_commit=False) as session:
                value = work(session)
                line = _Line(session.connection().connection.driver_connection)  # type: ignore[arg-type]
                try:
                    session.commit()
                finally:
                    line.release()
        except OperationalError as error:
            raise unconfirmed() from error
        if line.warnings:
            raise unconfirmed()
        return value

    def _line(self, reused: bool) -> _Line:
        if os.getpid() != self._process:  # the parent's connections stay the parent's
            self._process, self._idle = os.getpid(), deque()
        try:
            return self._idle.pop() if reused else self._opened()
        except IndexError:
            return self._opened()

    def _opened(self) -> _Line:
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()  # ours for good: it never goes back to the pool
        connection.rollback()
        connection.autocommit = True
        said = connection.execute("SHOW synchronous_commit").fetchone()[0]
        if said not in DURABLE:
            connection.close()
            raise SettingMissing(f"synchronous_commit is {said}; answers are acknowledged only when it is on.")
        return _Line(connection)

    def _forget_idle(self) -> None:
        while True:
            try:
                self._idle.pop().connection.close()
            except IndexError:
                return

    def close(self) -> None:
        self._forget_idle()
