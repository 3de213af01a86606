"""The product's journal in processes that are born quickly and die at a call to the disk.

`python -m tests.faults.saver` has everything loaded and forks one for each line it reads; run it behind a Disk.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field

from portal.exams.delivery.journal import Change, SqliteJournal
from portal.ground import clock
from portal.ground.db import db
from portal.ground.group_commit import JournalBusy
from tests.faults.server import ITEMS, ROOT

NOT_SAVED = 3  # exit status of one whose every save was refused


@dataclass
class Order:
    """What one process does: each seat saves `saves` changes from number `first` on, or until it dies.

    `flush`, `write`: the call to the disk at which it dies. `careless`: "early" notes a save as acknowledged
    before it is one, "cheerful" although it was refused, "unflushed" commits without waiting for the disk.
    """

    url: str
    notes: str  # file where it writes down what it sends and what was acknowledged
    seats: list[tuple[int, int, int]]  # attempt, epoch, sign-in
    first: int = 1
    saves: int = 1000
    flush: int = 0
    write: int = 0
    careless: str = ""
    environ: dict[str, str] = field(default_factory=dict)


class Saver:
    """The program, from outside."""

    def __init__(self, environ: dict[str, str], *, command: tuple[str, ...] = ()) -> None:
        self.process = subprocess.Popen(
            [*command, sys.executable, "-m", "tests.faults.saver"], cwd=ROOT, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environ}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def run(self, order: Order) -> int:
        """Its end: the exit status, negative the signal that killed it."""
        self.process.stdin.write(json.dumps(asdict(order)) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


def _obey(order: Order) -> int:
    for setting, value in (("SHIM_FLUSH", order.flush), ("SHIM_WRITE", order.write)):
        if value:
            os.environ[setting] = str(value)
    db.open(order.url)
    journal = SqliteJournal(db.engine)
    if order.careless == "unflushed":
        journal.writer.connection.execute("PRAGMA synchronous=NORMAL")
    notes = os.open(order.notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    saved: list[int] = []
    threads = [threading.Thread(target=_save, args=(journal, order, seat, notes, saved)) for seat in order.seats]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 0 if saved else NOT_SAVED


def _save(
    journal: SqliteJournal, order: Order, seat: tuple[int, int, int], notes: int, saved: list[int]
) -> None:  # fmt: skip
    attempt_id, epoch, sign_in_id = seat
    chance = random.Random(attempt_id * 1_000_003 + order.first)
    for sequence in range(order.first, order.first + order.saves):
        change = Change(sequence, chance.choice(ITEMS), chance.choice("ABCD"))
        key = f"{attempt_id} {epoch} {sequence}"
        os.write(notes, f"s {key} {change.item} {change.answer}\n".encode())
        if order.careless == "early":
            os.write(notes, f"a {key}\n".encode())
        try:
            stored = journal.append(attempt_id, epoch, sign_in_id, [change], clock.now())
        except JournalBusy:
            if order.careless != "cheerful":
                time.sleep(0.001)
                continue
            stored = 1
        if stored:
            saved.append(sequence)
            os.write(notes, f"a {key}\n".encode())


def main() -> None:
    clock.set_source()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                status = _obey(Order(**json.loads(line)))
            finally:
                os._exit(status)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
