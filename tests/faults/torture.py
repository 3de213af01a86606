"""make torture: candidates save without end while lines break, processes are killed, the disk fails and the power goes.

Each fault comes when so many saves are acknowledged that both numbers are reached together. At the end the
oracle's ledger is held against the database; whatever is not 0 ends the program with 1. Interrupted, it judges
what there is.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from portal.ground import migrate
from portal.ground.crypto import keys
from portal.ground.db import db, sqlite_module
from tests.factories import County
from tests.faults.crowd import Restless, Seen, Sprinter
from tests.faults.disk import Disk
from tests.faults.judging import Run, judge
from tests.faults.ledger import Ledger
from tests.faults.seating import seat_crowd, seat_waiting
from tests.faults.server import Server, launch

SPRINTERS = 6
MINUTE = 60  # seconds between two lines that tell how far it is
TRIES = 3  # starts of a server before the run is given up
# kind → its share of all faults, in thousandths
OF_SERVER = {"server_killed": 30, "process_killed": 35, "power_cut": 40, "killed_at_a_flush": 30, "stood_still": 30}
OF_DISK = {"eio": 80, "disk_full": 60, "log_full": 40, "read_only": 40}
OF_OTHERS = {"clock_ahead": 40, "clock_back": 40, "writer_held": 40, "marker_killed": 40}
OF_LINE = {"cut_before": 90, "answer_lost": 100, "sent_twice": 90, "out_of_order": 75, "two_pages": 50, "all_cut": 20}
OF_END = {"hand_in_race": 60}
KINDS = OF_SERVER | OF_DISK | OF_OTHERS | OF_LINE | OF_END
WORDS = {"disk_full": "full", "killed_at_a_flush": "die"}  # what the disk calls it, where it differs


class Torture:
    """One site under attack: `plan` holds the kind of each fault, `careless` the protection that is off."""

    def __init__(self, folder: Path, plan: list[str], *, candidates: int, seed: int, careless: str = "") -> None:
        self.folder, self.plan, self.chance = folder, plan, random.Random(seed)
        self.faults, self.seen, self.trouble = Counter(), Seen(), ""
        self.url = f"sqlite:///{folder / 'torture.db'}"
        keys.open("11" * 32, "22" * 32)
        db.open(self.url)
        migrate.upgrade(db.engine)
        with db.writing() as session:
            county = County(session, datetime.now(UTC))
            crowd = seat_crowd(county, candidates)
            of_a_minute = county.exam(minutes=1, opens_at=county.now)
            races = seat_waiting(county, of_a_minute, self.plan.count("hand_in_race"))
            session.commit()
        db.engine.dispose()
        self.disk, self.ledger = Disk(folder), Ledger(folder / "ledger.txt")
        self.log, self.stop = folder / "server.log", threading.Event()
        environ = self.disk.environ(undo=True)
        self.server = Server(self.url, folder / "files", environ, bare=True, careless=careless, log=self.log)
        self.server.start()
        self.start_marker()
        port = self.server.port
        self.crowd = [Restless(port, one, self.ledger, self.seen) for one in crowd]
        self.sprinters = [Sprinter(port, races[n::SPRINTERS], self.ledger, self.seen) for n in range(SPRINTERS)]

    def start_marker(self) -> None:
        """The product's worker, which closes and marks beside the saving."""
        self.marker = launch([sys.executable, "-m", "portal.cli", "worker"], self.server.environ, self.log)

    def attack(self, kind: str) -> None:
        self.faults[kind] += 1
        if kind in OF_DISK or kind == "killed_at_a_flush":
            self.disk.wish(WORDS.get(kind, kind))
            time.sleep(0.1 + self.chance.random() / 5)
            self.disk.wish()
        elif kind in OF_LINE:
            for one in self.crowd if kind == "all_cut" else [self.chance.choice(self.crowd)]:
                one.wish = "cut_before" if kind == "all_cut" else kind
            return
        elif kind == "hand_in_race":
            self.sprinters[(self.faults[kind] - 1) % SPRINTERS].wishes += 1
            return
        else:
            getattr(self, f"_{kind}")()
        self._recover()

    def _server_killed(self) -> None:
        self.server.kill()

    def _process_killed(self) -> None:
        self.server.kill_worker()

    def _power_cut(self) -> None:
        self.server.kill()
        kill(self.marker)
        self.disk.cut_power(self.chance)

    def _stood_still(self) -> None:
        self.server.stand_still(0.2 + self.chance.random() / 2)

    def _clock_ahead(self) -> None:
        self._set_clock(self.chance.choice((5, 600, 86_400)))

    def _clock_back(self) -> None:
        self._set_clock(-self.chance.choice((5, 600, 86_400)))

    def _set_clock(self, seconds: float) -> None:
        """Under every process; one that began only now would take the wrong time for the right one."""
        until = time.monotonic() + 60
        while not has_open(self.marker.pid, "torture.db") and self.marker.poll() is None:
            if time.monotonic() > until:
                self.give_up("the worker does not come up")
                return
            time.sleep(0.05)
        self.disk.set_clock(seconds)
        time.sleep(0.2 + self.chance.random() / 2)
        self.disk.set_clock()

    def _marker_killed(self) -> None:
        kill(self.marker)

    def _writer_held(self) -> None:
        """Another program writes for a while."""
        other = sqlite_module().connect(str(self.folder / "torture.db"), timeout=10)
        try:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(self.chance.random())
            other.rollback()
        finally:
            other.close()

    def give_up(self, why: object) -> None:
        """End the run here; what there is will be judged."""
        self.trouble = self.trouble or str(why)
        self.stop.set()

    def _recover(self) -> None:
        """Whoever watches over a site starts again what has died."""
        if self.marker.poll() is not None:
            self.start_marker()
        for _ in range(TRIES):
            try:
                if self.server.process.poll() is not None:
                    self.server.start()
                self.server.wait()
                return
            except AssertionError as error:  # it died while it was looked at
                told = str(error)
        self.give_up(told)

    def run(self, *, saves: int) -> Run:
        """Until there were so many acknowledged saves, and every fault that is planned."""
        threads = [
            threading.Thread(target=one.work, args=(self.stop, sys.maxsize, random.Random(n)), daemon=True)
            for n, one in enumerate(self.crowd)
        ]
        threads += [
            threading.Thread(target=one.work, args=(self.stop, random.Random(-n)), daemon=True)
            for n, one in enumerate(self.sprinters, 1)
        ]
        before, threading.excepthook = threading.excepthook, lambda gone: self.give_up(repr(gone.exc_value))
        began = time.time()
        for thread in threads:
            thread.start()
        try:
            self._attack_all(saves, began)
        finally:
            self._wind_up(threads)
            threading.excepthook = before
        run = judge(self.url, self.crowd, self.seen, self.ledger, self.faults, (began, time.time()))
        run.trouble = self.trouble
        return run

    def _attack_all(self, saves: int, began: float) -> None:
        told, last, each = began, 0, saves / (len(self.plan) + 1)
        while not self.stop.is_set():
            done, came = len(self.ledger.acknowledged), self.faults.total()
            if time.time() - told > MINUTE:
                pace = (done - last) / (time.time() - told)
                told, last = time.time(), done
                tell(f"{told - began:6.0f} s  {done} saved, {came} faults, {pace:.0f} saves/s")
                if not pace:
                    self.give_up("no save gets through")
            if came < len(self.plan) and done >= (came + 1) * each:
                self.attack(self.plan[came])
            elif done >= saves and came == len(self.plan):
                return
            else:
                time.sleep(0.005)

    def _wind_up(self, threads: list[threading.Thread]) -> None:
        """The races that were asked for are run to their end, except where somebody interrupts."""
        until = time.monotonic() + 30
        while any(one.races < one.wishes for one in self.sprinters) and time.monotonic() < until:
            if self.stop.wait(0.1):
                break
        self.stop.set()
        for thread in threads:
            thread.join(60)
        self.server.kill()
        kill(self.marker)


def planned(faults: int, chance: random.Random) -> list[str]:
    """Every kind by its share, those with a fraction left filled up by the largest; in any order."""
    exact = {kind: faults * share / sum(KINDS.values()) for kind, share in KINDS.items()}
    counts = {kind: int(number) for kind, number in exact.items()}
    by_rest = sorted(exact, key=lambda kind: counts[kind] - exact[kind])
    for kind in by_rest[: faults - sum(counts.values())]:
        counts[kind] += 1
    plan = [kind for kind, number in counts.items() for _ in range(number)]
    chance.shuffle(plan)
    return plan


def has_open(pid: int, name: str) -> bool:
    """Whether a process has a file of this name open."""
    try:
        return any(os.readlink(file).endswith(name) for file in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False


def kill(process: subprocess.Popen) -> None:
    process.kill()
    process.wait(10)


def tell(line: str) -> None:
    print(line, flush=True)


def main(args: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--saves", type=int, default=1_000_000)
    parser.add_argument("--faults", type=int, default=1_000)
    parser.add_argument("--candidates", type=int, default=32)
    parser.add_argument("--seed", type=int, default=20261123)
    asked = parser.parse_args(args)
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    gc.disable()  # the ledger is large, and nothing in it goes away
    plan = planned(asked.faults, random.Random(asked.seed))
    site = Torture(folder, plan, candidates=asked.candidates, seed=asked.seed)

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        tell("interrupted; judging what there is")
        site.give_up("interrupted")

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupted)
    began = time.monotonic()
    run = site.run(saves=asked.saves)
    for line in run.lines():
        tell(line)
    tell(f"{time.monotonic() - began:.0f} s")
    if not run.clean:
        tell(f"ledger, database and the server's complaints are kept in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
