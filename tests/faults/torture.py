"""make torture: candidates save without end while lines are cut, processes killed and the disk fails.

At the end the oracle's ledger is held against the journal: lost, phantom, regressed must all be 0, every
attempt handed in once, every receipt the same when it is made again.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from portal.exams import queries
from portal.exams.delivery.operations import hand_in
from portal.exams.delivery.receipts import receipt_of
from portal.exams.models import Attempt, HandInCause
from portal.ground import migrate
from portal.ground.crypto import keys
from portal.ground.db import db, sqlite_module
from tests.faults.disk import Disk
from tests.faults.ledger import Ledger, Verdict
from tests.faults.line import Line
from tests.faults.server import Candidate, Server, seat

GOOD = 0.4  # seconds of quiet between two faults of the server, so that saves get through


@dataclass
class Run:
    """What came of it."""

    faults: Counter
    acknowledged: int
    verdict: Verdict
    receipts_differ: int
    refused: Counter


class Torture:
    """One site under attack. `every`: of so many requests one meets a fault of the line."""

    def __init__(self, folder: Path, *, candidates: int, every: int, seed: int) -> None:
        self.folder, self.chance, self.faults = folder, random.Random(seed), Counter()
        self.url = f"sqlite:///{folder / 'torture.db'}"
        keys.open("11" * 32, "22" * 32)
        db.open(self.url)
        migrate.upgrade(db.engine)
        with db.writing() as session:
            self.seats = seat(session, candidates)
            session.commit()
        db.engine.dispose()
        self.disk, self.ledger = Disk(folder), Ledger(folder / "ledger.txt")
        self.disk.wish()
        self.server = Server(self.url, folder / "files", self.disk.environ())
        self.server.start()
        self.line = Line(self.server.port, every=every, seed=seed)
        self.stop = threading.Event()
        self.crowd = [Candidate(self.line.port, *at, self.ledger) for at in self.seats]

    def attacks(self) -> dict[str, int]:
        """Fault of the server → how often it comes, as a weight."""
        return {"kill": 2, "kill_worker": 3, "still": 2, "full": 4, "eio": 4, "die": 2, "locked": 3, "line_down": 3}

    def attack(self, kind: str) -> None:
        self.faults[kind] += 1
        if kind in ("full", "eio", "die"):
            self.disk.wish(kind)
            time.sleep(0.1 + self.chance.random() / 5)
            self.disk.wish()
        elif kind == "kill":
            self.server.kill()
            self.server.start()
        elif kind == "kill_worker":
            self.server.kill_worker()
        elif kind == "still":
            self.server.stand_still(0.2 + self.chance.random())
        elif kind == "locked":
            self._hold_the_writer(self.chance.random() * 2)
        else:
            self.line.down = True
            time.sleep(self.chance.random())
            self.line.down = False
        self.server.wait()

    def _hold_the_writer(self, seconds: float) -> None:
        """Another program writes for a while."""
        other = sqlite_module().connect(str(self.folder / "torture.db"), timeout=10)
        try:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            other.rollback()
        except sqlite_module().OperationalError:
            self.faults["locked"] -= 1  # it did not come to it
        finally:
            other.close()

    def run(self, *, saves: int, faults: int) -> Run:
        """Until there were so many acknowledged saves and so many faults."""
        threads = [
            threading.Thread(target=one.work, args=(self.stop, sys.maxsize, random.Random(n)), daemon=True)
            for n, one in enumerate(self.crowd)
        ]
        for thread in threads:
            thread.start()
        kinds = self.attacks()
        began = time.monotonic()
        while len(self.ledger.acknowledged) < saves or self.count() < faults:
            before = len(self.ledger.acknowledged)
            time.sleep(GOOD if self.count() < faults else 1.0)
            if self.count() < faults or len(self.ledger.acknowledged) == before:
                self.attack(self.chance.choices(list(kinds), weights=list(kinds.values()))[0])
            self._tell(began)
        self.stop.set()
        for thread in threads:
            thread.join(60)
        self.server.kill()
        self.line.close()
        return self._judge()

    def count(self) -> int:
        return self.faults.total() + self.line.counts.total()

    def _tell(self, began: float) -> None:
        told = f"{time.monotonic() - began:6.0f} s  {len(self.ledger.acknowledged)} saved, {self.count()} faults"
        print(told, end="\r" if sys.stdout.isatty() else "\n", flush=True)

    def _judge(self) -> Run:
        db.open(self.url)
        differ = 0
        try:
            with db.writing() as session:
                integrity = session.connection().exec_driver_sql("PRAGMA integrity_check").scalar()
                assert integrity == "ok", integrity
                verdict = self.ledger.judge(session, [attempt_id for attempt_id, *_ in self.seats])
                for attempt_id, *_ in self.seats:
                    attempt = session.get_one(Attempt, attempt_id)
                    first = hand_in(session, attempt, cause=HandInCause.CANDIDATE, now=datetime.now(UTC))
                    again = hand_in(session, attempt, cause=HandInCause.CANDIDATE, now=datetime.now(UTC))
                    made = receipt_of(attempt.public_id, queries.answers_of(session, attempt_id))
                    differ += not first.receipt == again.receipt == made
                session.rollback()
        finally:
            db.engine.dispose()
        refused = Counter(told for one in self.crowd for told in one.refused)
        return Run(self.faults + self.line.counts, len(self.ledger.acknowledged), verdict, differ, refused)


def main(args: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--saves", type=int, default=1_000_000)
    parser.add_argument("--faults", type=int, default=1_000)
    parser.add_argument("--candidates", type=int, default=32)
    parser.add_argument("--every", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=20261123)
    asked = parser.parse_args(args)
    with tempfile.TemporaryDirectory() as name:
        site = Torture(Path(name), candidates=asked.candidates, every=asked.every, seed=asked.seed)
        run = site.run(saves=asked.saves, faults=asked.faults)
    print(f"\nfaults {run.faults.total()}: {dict(run.faults)}")
    found = run.verdict
    print(f"acknowledged {run.acknowledged}; lost {len(found.lost)}, phantom {len(found.phantom)}")
    print(f"regressed {len(found.regressed)}, receipts that differ {run.receipts_differ}")
    print(f"refused for good: {dict(run.refused)}")
    if not run.verdict.clean or run.receipts_differ:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
