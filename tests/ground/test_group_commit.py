"""One writer on SQLite: whoever waits together shares a commit, and nobody is told "stored" before it is."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, g, has_request_context
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.ground import group_commit
from portal.ground.db import open_engine, sqlite_module
from portal.ground.group_commit import GroupWriter, JournalBusy

PUT = "INSERT INTO kept (number, word) VALUES (?, ?)"


class Desk:
    """A writer over a small database, another connection beside it, and callers in threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = open_engine(f"sqlite:///{path}")
        self.beside = sqlite_module().connect(str(path), check_same_thread=False, isolation_level=None)
        self.beside.execute("PRAGMA journal_mode=WAL")
        self.beside.execute("CREATE TABLE kept (number INTEGER PRIMARY KEY, word TEXT, of INTEGER REFERENCES kept)")
        self.beside.execute(
            "CREATE TRIGGER no_bad BEFORE INSERT ON kept WHEN NEW.word = 'bad' BEGIN SELECT RAISE(ABORT, 'bad'); END"
        )
        self.writer = GroupWriter(self.engine)
        self.sent: list[str] = []
        self.writer.connection.set_trace_callback(lambda sql: self.sent.append(sql.split()[0]))
        self._callers: list[threading.Thread] = []
        self.came: dict[str, object] = {}

    def put(self, number: int, word: str = "good") -> int:
        return self.writer.execute(PUT, (number, word))

    def call(self, name: str, act: Callable[[], object]) -> None:
        """Do it in a thread of its own; what it came to stands in `came`. Returns when it waits in the queue."""

        def run() -> None:
            try:
                self.came[name] = act()
            except Exception as error:
                self.came[name] = error

        waiting = len(self.writer._waiting) + self.writer._led
        caller = threading.Thread(target=run)
        self._callers.append(caller)
        caller.start()
        until = time.monotonic() + 10
        while len(self.writer._waiting) + self.writer._led == waiting and time.monotonic() < until:
            time.sleep(0.001)

    def together(self, acts: dict[str, Callable[[], object]]) -> None:
        """Another process writes; meanwhile the first caller waits for it, and all others wait behind him."""
        self.beside.execute("BEGIN IMMEDIATE")
        for name, act in acts.items():
            self.call(name, act)
        self.beside.execute("COMMIT")
        for caller in self._callers:
            caller.join(20)

    def stored(self) -> set[int]:
        return {number for (number,) in self.beside.execute("SELECT number FROM kept")}

    def close(self) -> None:
        self.beside.close()
        self.writer.close()
        self.engine.dispose()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "group.db")
    yield made
    made.close()


def insert(number: int, **more: object) -> Callable[[Session], int]:
    values = {"number": number, "word": "good", "of": None} | more

    def work(session: Session) -> int:
        session.execute(text("INSERT INTO kept (number, word, of) VALUES (:number, :word, :of)"), values)
        return number

    return work


def test_a_lone_write_is_one_statement_and_waits_for_nobody(desk: Desk):
    assert desk.put(1) == 1
    assert set(desk.sent) == {"INSERT"}  # the trace names it again for its trigger
    assert desk.stored() == {1}


def test_whoever_waits_together_shares_one_commit(desk: Desk):
    desk.together({str(n): lambda n=n: desk.put(n) for n in range(1, 13)})
    assert set(desk.came.values()) == {1}
    assert desk.stored() == set(range(1, 13))
    assert desk.sent.count("COMMIT") == 1  # the first went alone, the eleven behind him together


def test_a_bad_write_takes_back_only_itself(desk: Desk):
    def two_then_fail(session: Session) -> None:
        insert(20)(session)
        raise ZeroDivisionError

    desk.together(
        {
            "first": lambda: desk.put(1),
            "good": lambda: desk.put(2),
            "bad": lambda: desk.put(3, "bad"),
            "work": lambda: desk.writer.run(insert(4)),
            "half": lambda: desk.writer.run(two_then_fail),
            "last": lambda: desk.put(5),
        }
    )
    assert desk.stored() == {1, 2, 4, 5}
    assert (desk.came["good"], desk.came["work"], desk.came["last"]) == (1, 4, 1)
    assert isinstance(desk.came["bad"], sqlite_module().IntegrityError)
    assert isinstance(desk.came["half"], ZeroDivisionError)
    assert desk.sent.count("COMMIT") == 1


def test_a_failed_commit_acknowledges_nobody_and_the_next_write_works(desk: Desk):
    def points_nowhere(session: Session) -> None:
        session.execute(text("PRAGMA defer_foreign_keys=ON"))  # so that only the commit finds it
        insert(3, of=99)(session)

    desk.together(
        {
            "first": lambda: desk.put(1),
            "innocent": lambda: desk.put(2),
            "nowhere": lambda: desk.writer.run(points_nowhere),
        }
    )
    assert isinstance(desk.came["innocent"], JournalBusy)
    assert isinstance(desk.came["nowhere"], JournalBusy)
    assert desk.stored() == {1}
    assert desk.put(2) == 1


def test_a_database_that_stays_locked_sends_the_caller_away_with_nothing_stored(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(group_commit, "PATIENCE", 0.05)
    desk.beside.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalBusy) as refused:
        desk.put(1)
    assert (refused.value.status, refused.value.code) == (503, "journal_busy")
    desk.beside.execute("COMMIT")
    assert desk.stored() == set()
    assert desk.put(1) == 1


def test_a_full_disk_stores_nothing_says_so_and_needs_no_restart_once_there_is_room(desk: Desk):
    pages = desk.writer.connection.execute("PRAGMA page_count").fetchone()[0]
    desk.writer.connection.execute(f"PRAGMA max_page_count={pages}")
    acknowledged, number = set(), 0
    with pytest.raises(JournalBusy, match="disk is full"):
        for number in range(1, 1000):
            desk.put(number, "w" * 500)
            acknowledged.add(number)
    desk.together({"alone": lambda: desk.put(2000, "w" * 500), "together": lambda: desk.put(2001, "w" * 5000)})
    assert isinstance(desk.came["together"], JournalBusy)
    acknowledged |= {2000} if desk.came["alone"] == 1 else set()
    assert desk.stored() == acknowledged
    desk.writer.connection.execute("PRAGMA max_page_count=1000000")
    assert desk.put(number, "w" * 500) == 1


def test_an_error_of_the_disk_gives_the_connection_up_and_shows_until_a_write_works(desk: Desk):
    desk.put(1)
    broken, soft = desk.writer.connection, resource.getrlimit(resource.RLIMIT_FSIZE)
    log = Path(f"{desk.path}-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, soft[1]))  # the next write of the log fails: EIO
    try:
        with pytest.raises(JournalBusy):
            desk.put(2)
        assert not desk.writer.healthy
        with pytest.raises(JournalBusy):
            desk.put(3)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, soft)
    assert desk.stored() == {1}
    assert not desk.writer.healthy
    assert desk.put(4) == 1
    assert desk.writer.healthy
    assert desk.writer.connection is not broken
    assert desk.stored() == {1, 4}


def test_a_child_process_writes_over_a_connection_of_its_own(desk: Desk):
    desk.put(1)
    child = os.fork()
    if child == 0:
        try:
            parents = desk.writer.connection
            desk.put(2)
            os._exit(0 if desk.writer.connection is not parents else 2)
        except BaseException:
            os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert desk.put(3) == 1
    assert desk.stored() == {1, 2, 3}


def test_work_done_for_somebody_else_does_not_see_whose_request_is_served(desk: Desk):
    with Flask(__name__).test_request_context("/"):
        g.account_id = 7
        assert desk.writer.run(lambda session: has_request_context()) is False
