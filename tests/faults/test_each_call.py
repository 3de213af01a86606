"""Rows 10 to 14 without a server between: killed at each call to the disk, a disk that fails, the power cut often."""

from __future__ import annotations

import random
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.exams.delivery import tokens
from portal.ground import clock
from portal.ground.crypto import keys
from portal.ground.db import db
from tests.factories import County
from tests.faults.disk import Disk
from tests.faults.ledger import Ledger, Verdict
from tests.faults.saver import NOT_SAVED, Order, Saver
from tests.faults.seating import seat_crowd
from tests.faults.server import SECRET

SEATS = 4
FEW, MANY = range(1, 25), range(1, 301)  # at which call it dies


class Bench:
    """A database with running attempts on the failing disk, the journal above it, the oracle beside it."""

    def __init__(self, url: str, folder: Path) -> None:
        clock.set_source()
        keys.open("11" * 32, "22" * 32)
        self.url, self.folder, self.runs = url, folder, 0
        db.open(url)
        with db.writing() as session:
            seats = seat_crowd(County(session, datetime.now(UTC)), SEATS)
            session.commit()
        db.engine.dispose()
        self.attempts = [seat.attempt_id for seat in seats]
        sign_ins = [tokens.read(SECRET, seat.token).sign_in_id for seat in seats]
        self.disk, self.ledger = Disk(folder), Ledger(folder / "ledger.txt")
        self.order = Order(
            url, "", [(seat.attempt_id, seat.epoch, one) for seat, one in zip(seats, sign_ins, strict=True)]
        )
        self.saver = Saver(self.disk.environ(undo=True))

    def run(self, **changed: object) -> int:
        """One process, with the next numbers; the ledger takes in what it wrote down. Returns how it ended."""
        self.runs += 1
        notes = self.folder / f"notes-{self.runs}"
        order = replace(self.order, notes=str(notes), **changed)
        ended = self.saver.run(order)
        self.order.first += order.saves
        if notes.exists():
            self.ledger.take_in(notes)
            notes.unlink()
        return ended

    def judge(self) -> Verdict:
        """On a copy, so that looking changes nothing."""
        home, aside = Path(self.url.removeprefix("sqlite:///")), self.folder / "aside"
        aside.mkdir(exist_ok=True)
        for suffix in ("", "-wal"):
            (aside / (home.name + suffix)).unlink(missing_ok=True)
            if (file := Path(f"{home}{suffix}")).exists():
                shutil.copy(file, aside / file.name)
        db.open(f"sqlite:///{aside / home.name}")
        try:
            with db.reading() as session:
                assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
                return self.ledger.judge(session, self.attempts)
        finally:
            db.engine.dispose()

    def cut(self, seed: int, careless: str = "") -> None:
        """Saves, the death of the process somewhere in them, and the power."""
        chance = random.Random(seed)
        ended = self.run(write=chance.randrange(30, 600), careless=careless)
        assert ended == -signal.SIGKILL
        self.disk.cut_power(chance)


@pytest.fixture
def bench(sqlite_url: str, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(sqlite_url, tmp_path)
    yield made
    made.saver.close()


def killed_at_each(bench: Bench, call: str, calls: range, careless: str = "") -> Verdict:
    """A process for each call, killed at it, one after the other over the same database."""
    for number in calls:
        assert bench.run(**{call: number}, careless=careless) == -signal.SIGKILL
    return bench.judge()


@pytest.mark.parametrize("call", ["flush", "write"])
def test_killed_at_each_call_to_the_disk_nothing_acknowledged_is_lost(bench: Bench, call: str):
    assert killed_at_each(bench, call, FEW).clean
    assert bench.ledger.acknowledged


@pytest.mark.long
@pytest.mark.parametrize("call", ["flush", "write"])
def test_killed_at_each_of_three_hundred_calls_nothing_acknowledged_is_lost(bench: Bench, call: str):
    assert killed_at_each(bench, call, MANY).clean


def test_the_kills_bite_where_a_save_is_acknowledged_before_its_commit(bench: Bench):
    assert killed_at_each(bench, "flush", FEW, careless="early").lost


@pytest.mark.parametrize("word", ["eio", "full", "log_full", "read_only"])
def test_a_disk_that_fails_acknowledges_nothing(bench: Bench, word: str):
    assert refused_while(bench, word).clean


def test_the_failing_flush_bites_where_a_refused_save_is_acknowledged(bench: Bench):
    assert refused_while(bench, "eio", careless="cheerful").lost


@pytest.mark.parametrize("word", ["log_full", "read_only"])
def test_the_refused_writes_bite_where_a_refused_save_is_acknowledged(bench: Bench, word: str):
    assert refused_while(bench, word, careless="cheerful").lost


def refused_while(bench: Bench, word: str, careless: str = "") -> Verdict:
    """Good saves, saves while the disk fails, the power gone before it is mended, good saves again."""
    assert bench.run(saves=5) == 0
    before = len(bench.ledger.acknowledged)
    bench.disk.wish(word)
    ended = bench.run(saves=5, careless=careless)
    bench.disk.cut_power(random.Random(1), share=1.0)  # what a failed flush left in memory counts for nothing
    bench.disk.wish()
    if not careless:
        assert ended == NOT_SAVED and len(bench.ledger.acknowledged) == before, "a false acknowledgement"
    assert bench.run(saves=5) == 0
    return bench.judge()


def test_twenty_power_cuts_take_nothing_that_was_acknowledged(bench: Bench):
    for seed in range(20):
        bench.cut(seed)
    assert bench.judge().clean
    assert len(bench.ledger.acknowledged) > 500


@pytest.mark.long
def test_five_hundred_power_cuts_take_nothing_of_two_hundred_thousand(bench: Bench):
    for seed in range(500):
        assert bench.run(saves=100) == 0
        bench.cut(seed)
        assert seed % 50 or bench.judge().clean
    assert bench.judge().clean
    assert len(bench.ledger.acknowledged) >= 200_000


def test_the_power_cuts_bite_where_a_commit_does_not_wait_for_the_disk(bench: Bench):
    for seed in range(20):
        bench.cut(seed, careless="unflushed")
    assert bench.judge().lost
