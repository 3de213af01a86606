"""The site with one protection taken away, for negative controls; CARELESS says which."""

import os
import threading
from datetime import timedelta
from typing import Any

from portal.ground import db

LATER = 0.3  # seconds


def unflushed() -> None:
    """Commits are acknowledged before they are on the disk."""
    careful = db.prepare_sqlite

    def prepare(connection: Any) -> None:
        careful(connection)
        connection.execute("PRAGMA synchronous=NORMAL")

    db.prepare_sqlite = prepare


def early() -> None:
    """A save is acknowledged first and written a little later."""
    from portal.exams.delivery.journal import SqliteJournal

    careful = SqliteJournal.append

    def append(self: SqliteJournal, attempt_id: int, epoch: int, sign_in_id: int, changes: Any, now: Any) -> int:
        threading.Timer(LATER, careful, (self, attempt_id, epoch, sign_in_id, changes, now)).start()
        return len(changes)

    SqliteJournal.append = append  # type: ignore[method-assign]


def cheerful() -> None:
    """A write that failed is acknowledged all the same, and nobody is told."""
    from portal.ground.group_commit import GroupWriter, JournalBusy

    careful = GroupWriter.execute

    def execute(self: GroupWriter, sql: str, values: tuple[Any, ...]) -> int:
        try:
            return careful(self, sql, values)
        except JournalBusy:
            self.healthy = True
            return 1

    GroupWriter.execute = execute  # type: ignore[method-assign]


def strict_hour() -> None:
    """Everybody's time runs from the hour, whenever he was let in."""
    from portal.exams.hours import Hours

    def deadline(self: Hours, _now: Any) -> Any:
        return self.opens_at + timedelta(minutes=self.minutes + self.extra_minutes)

    Hours.deadline = deadline  # type: ignore[method-assign]


PROTECTIONS = {one.__name__: one for one in (unflushed, early, cheerful, strict_hour)}
if chosen := os.environ.get("CARELESS"):
    PROTECTIONS[chosen]()

from wsgi import app  # noqa: E402, F401
