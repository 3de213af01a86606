"""SQLite's one writer in a process: whoever waits at the same moment shares one commit."""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.ground.db import prepare_sqlite, sqlite_module, when_free
from portal.ground.errors import Refused
from portal.ground.rules import N_

Result = TypeVar("Result")
PATIENCE = 3.0  # seconds a group waits for another process's write before everybody in it is sent away
LARGEST = 64  # requests under one commit
DISK_FAULTS = {10, 11, 26}  # SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB: nothing more over this connection
FULL = 13
log = logging.getLogger("mingfa.journal")


class JournalBusy(Refused):
    """Nothing was stored, or nobody can say that it was: locked, full, broken or unconfirmed."""

    status = 503
    code = "journal_busy"


def not_written(error: BaseException | None = None) -> JournalBusy:
    """What those are told whose write did not become certain."""
    log.error("nothing was stored: %s", error)
    if error is not None and error_number(error) == FULL:
        return JournalBusy(N_("The server's disk is full. Nothing was stored; what you entered is kept here."))
    return JournalBusy(N_("The database is busy or full. Nothing was changed; try again in a moment."))


def error_number(error: BaseException) -> int:
    """SQLite's primary result code, 0 where there is none."""
    return (getattr(getattr(error, "orig", None) or error, "sqlite_errorcode", None) or 0) & 0xFF


class _Request:
    """One caller's write: `act` runs inside the group's transaction, `wake` is held until it is over."""

    __slots__ = ("act", "alone", "done", "error", "value", "wake")

    def __init__(self, act: Callable[[], Any], alone: bool) -> None:
        self.act, self.alone = act, alone  # alone: a single statement, which needs no BEGIN around it
        self.wake: Any = None
        self.done = False
        self.error: BaseException | None = None
        self.value: Any = None


class GroupWriter:
    """One connection. The first who comes writes at once; those who come meanwhile are written together next.

    A caller returns when his write is on the disk, or raises. One bad write takes back only itself.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.healthy = True  # False from a write that failed until one works again
        self._begin_afresh()

    def _begin_afresh(self) -> None:
        self._process = os.getpid()
        self._mutex = threading.Lock()
        self._waiting: deque[_Request] = deque()
        self._led = False
        self._joined: Connection | None = None
        self.connection: Any = None
        self._open()

    def _open(self) -> None:
        self._joined = self._engine.connect().execution_options(begun=True)
        self.connection = self._joined.connection.driver_connection
        self._joined.detach()  # ours for good: it never goes back to the pool
        prepare_sqlite(self.connection)
        self.connection.execute("PRAGMA busy_timeout=0")  # when_free waits

    def execute(self, sql: str, values: tuple[Any, ...]) -> int:
        """One statement, committed; returns its row count. Raises JournalBusy, IntegrityError."""
        return self._write(_Request(lambda: self.connection.execute(sql, values).rowcount, alone=True))

    def run(self, work: Callable[[Session], Result]) -> Result:
        """Several statements in a session of their own, all or none, committed on return.

        The work may run in another request's thread, so it sees no request and no user.
        Raises JournalBusy and whatever the work raises.
        """
        return self._write(_Request(lambda: Context().run(self._in_savepoint, work), alone=False))

    def _in_savepoint(self, work: Callable[[Session], Result]) -> Result:
        with Session(self._joined, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            value = work(session)
            session.commit()
        return value

    def _write(self, request: _Request) -> Any:
        if os.getpid() != self._process:  # the parent's connection and locks stay the parent's
            self._begin_afresh()
        with self._mutex:
            self._waiting.append(request)
            if leads := not self._led:
                self._led = True
            else:
                request.wake = threading.Lock()
                request.wake.acquire()
        if not leads:
            request.wake.acquire()  # until it is written, or it is this caller's turn to write
        if not request.done:
            self._lead()
        if request.error is not None:
            raise request.error
        return request.value

    def _lead(self) -> None:
        with self._mutex:
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), LARGEST))]
        try:
            self._commit(group)
        except BaseException as error:
            self._failed(group, error)
        finally:
            with self._mutex:
                following = self._waiting[0] if self._waiting else None
                self._led = following is not None
            if following:
                following.wake.release()
            for request in group:
                request.done = True
                if request.wake is not None:
                    request.wake.release()

    def _commit(self, group: list[_Request]) -> None:
        """Write the group; on return whoever has no error is on the disk."""
        if self._joined is None:
            self._open()
        if len(group) == 1 and group[0].alone:
            self._settle(group[0], lambda: when_free(group[0].act, PATIENCE))
            self.healthy = not isinstance(group[0].error, JournalBusy)
            return
        when_free(lambda: self.connection.execute("BEGIN IMMEDIATE"), PATIENCE)
        outer = self._joined.begin() if not all(request.alone for request in group) else None
        for request in group:
            self._settle(request, request.act)
            if not self.connection.in_transaction:  # the engine took everything back
                raise request.error or not_written()
        outer.commit() if outer else self.connection.execute("COMMIT")
        self.healthy = True

    def _settle(self, request: _Request, act: Callable[[], Any]) -> None:
        try:
            request.value = act()
        except (sqlite_module().OperationalError, OperationalError) as error:
            if error_number(error) in DISK_FAULTS:
                raise
            request.error = not_written(error)
        except Exception as error:
            request.error = error

    def _failed(self, group: list[_Request], error: BaseException) -> None:
        """Nobody of the group is acknowledged; after a disk fault the connection is given up, too."""
        for request in group:
            request.error, request.value = not_written(error), None
        self.healthy = False
        if self._joined is None:
            return
        if error_number(error) in DISK_FAULTS:
            self.close()
            return
        try:
            if self._joined.in_transaction():
                self._joined.rollback()
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
        except Exception:
            log.exception("the journal's transaction could not be taken back")
            self.close()

    def close(self) -> None:
        joined, self._joined = self._joined, None
        if joined is not None:
            joined.close()
