"""A province sits at once: python -m tests.benchmarks.live [--people 10000] [--every 30] [--arrive 900]

All start within a minute, save at their pace, look at the server as the page does, and hand in within a minute, over
a connection each. Then what was acknowledged is held against what is stored. With --arrive they sign in, check in and
fetch the sealed form over HTTP in so many seconds before; without, that is prepared below the door.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select

from portal.exams import operations as exams
from portal.exams.delivery import starting, tokens
from portal.exams.models import AnswerChange, Attempt, AttemptState, Entry, Exam
from portal.ground import clock, migrate
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.people.access import operations as access
from portal.people.models import Account
from tests.benchmarks.__main__ import ROOT, SECRET, free_port, give_passwords, settings, until_answering
from tests.benchmarks.client import below, cpu_seconds
from tests.benchmarks.live_client import Candidate, Plan, Tally
from tests.factories import PASSWORD, County, questions

ITEMS, FORMS, THREADS = 50, 8, 8
READY = 30.0  # seconds between the last preparation and the start
PREPARING = 0.02  # seconds a check-in below the door may take
CHECK_IN, PORTION = 120, 500  # minutes before the start; check-ins in one transaction


def prepare(url: str, people: int, opens_in: float) -> tuple[list[str], int, float]:
    """Officers entered for an exam that opens in so many seconds: their names, the exam, the hour since 1970."""
    keys.open("11" * 32, "22" * 32)
    db.open(url)
    migrate.upgrade(db.engine)
    with db.writing() as session:
        county = County(session, clock.now())
        first = next(q for q in questions() if q.kind == "single_choice")
        paper = [replace(first, code=f"L{n:03d}", stem=f"第 {n} 题：{first.stem}") for n in range(ITEMS)]
        officers = [county.officer(born=date(1965, 1, 1) + timedelta(days=n)) for n in range(people)]
        give_passwords(session)
        session.commit()
        opens_at = clock.now() + timedelta(seconds=opens_in)
        before = {"check_in_minutes": CHECK_IN}
        exam = county.exam(opens_at=opens_at, minutes=60, drawn=paper, forms=FORMS, before=before)
        exams.enter(session, exam, [officer.person_id for officer in officers])
        session.commit()
        return [officer.username for officer in officers], exam.id, opens_at.timestamp()


def check_everybody_in(candidates: Sequence[Candidate], exam_id: int) -> None:
    """What --arrive does over HTTP, below the door: a sign-in, a check-in and a page that waits, for each."""
    with db.writing() as session:
        exam = session.get_one(Exam, exam_id)
        entries = session.execute(
            select(Entry, Account).join(Account, Account.person_id == Entry.person_id).where(Entry.exam_id == exam_id)
        ).all()
        place = access.Visitor("127.0.0.1")
        for number, (candidate, (entry, account)) in enumerate(zip(candidates, entries, strict=True), 1):
            now = clock.now()
            sign_in = access.sign_in(session, account, visitor=place, device="Chrome · Windows", now=now)[1]
            waiting = starting.check_in(session, exam, entry, now=now)
            waiting = starting.open_page(session, entry.person_id, waiting.public_id)
            candidate.check_in = waiting.id
            candidate.token = tokens.make_waiting(
                SECRET, waiting.id, waiting.form_id, waiting.epoch, sign_in.id, exam.closes_at
            )
            if number % PORTION == 0:
                session.commit()
        session.commit()


class Memory(threading.Thread):
    """The most the processes below one held, in megabytes: proportional set size, read every two seconds."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root, self.most, self.over = root, 0.0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(2):
            held = 0
            for pid in below(self.root):
                try:
                    rolled = Path(f"/proc/{pid}/smaps_rollup").read_text()
                except OSError:
                    continue
                held += int(re.search(r"Pss:\s+(\d+) kB", rolled)[1])
            self.most = max(self.most, held / 1000)


async def run(candidates: Sequence[Candidate], names: Sequence[str], exam_id: int, opens: float, plan: Plan,
              arrive: float, spent: Callable[[str], None]) -> None:  # fmt: skip
    """All of it, from the first sign-in to the last receipt; `spent` is told where a part ends."""

    async def come(candidate: Candidate, name: str) -> None:
        await asyncio.sleep(random.random() * arrive)
        await candidate.arrive(name, PASSWORD, exam_id)

    if arrive:
        await asyncio.gather(*(come(c, name) for c, name in zip(candidates, names, strict=True)))
        spent("arriving")
    begins = time.monotonic() + opens - time.time()
    if begins < time.monotonic():
        raise SystemExit("the hour came before everybody was ready; the figures would mean nothing")
    await asyncio.sleep(begins - time.monotonic())
    marks = {"starting": plan.start, "saving": plan.start + plan.minutes * 60,
             "handing in": plan.start + plan.minutes * 60 + plan.hand_in + 5}  # fmt: skip

    async def note() -> None:
        spent("waiting")
        for told, after in marks.items():
            await asyncio.sleep(begins + after - time.monotonic())
            spent(told)

    await asyncio.gather(note(), *(c.sit(begins, plan) for c in candidates))


def held_against(candidates: Sequence[Candidate], exam_id: int) -> dict[str, int]:
    """What is stored beside what was sent and acknowledged; every number but the last two must be 0."""
    stored: dict[int, dict[int, tuple[int, str]]] = defaultdict(dict)
    with db.reading() as session:
        of_exam = select(Attempt.id).where(Attempt.exam_id == exam_id)
        columns = AnswerChange.attempt_id, AnswerChange.sequence, AnswerChange.item, AnswerChange.answer
        for attempt, sequence, item, answer in session.execute(select(*columns).where(columns[0].in_(of_exam))):
            stored[attempt][sequence] = item, answer
        closed = session.execute(select(Attempt.id, Attempt.state, Attempt.receipt).where(Attempt.exam_id == exam_id))
        ended = {row.id: row for row in closed}
    lost = phantom = changed = unreceipted = acknowledged = 0
    for candidate in candidates:
        there = stored.get(candidate.attempt, {})
        lost += len(candidate.acknowledged - set(there))
        phantom += len(set(there) - set(candidate.sent))
        changed += sum(there[n] != candidate.sent[n] for n in there if n in candidate.sent)
        row = ended.get(candidate.attempt)
        unreceipted += row is None or row.state != AttemptState.HANDED_IN or row.receipt != candidate.receipt
        acknowledged += len(candidate.acknowledged)
    twice = len(ended) - len({c.attempt for c in candidates})
    return {"lost": lost, "phantom": phantom, "changed": changed, "attempts too many": twice,
            "without the receipt they were shown": unreceipted, "acknowledged": acknowledged}  # fmt: skip


def told(tally: Tally) -> None:
    for act, times in tally.times.items():
        ordered = sorted(1000 * t for t in times)
        p50, p99 = (ordered[int(len(ordered) * share)] for share in (0.5, 0.99))
        print(f"{act:14} {len(ordered):8}  p50 {p50:7.1f}  p99 {p99:7.1f}  worst {ordered[-1]:7.1f} ms")
    for what, count in sorted(tally.wrong.items()):
        print(f"NOT AS IT SHOULD BE: {count} × {what}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=10_000)
    asked.add_argument("--every", type=float, default=30, help="seconds between two saves of one person")
    asked.add_argument("--minutes", type=float, default=3, help="of saving between the starts and the hand-ins")
    asked.add_argument("--rush", type=float, default=60, help="seconds within which all start, and all hand in")
    asked.add_argument("--arrive", type=float, default=0, help="seconds in which all sign in and check in before")
    given = asked.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with tempfile.TemporaryDirectory() as name:
        folder, port, tally = Path(name), free_port(), Tally()
        environ = settings(folder) | {"MINGFA_PORT": str(port), "MINGFA_THREADS": str(THREADS)}
        opens_in = READY + (given.arrive * 1.2 if given.arrive else given.people * PREPARING)
        names, exam_id, opens = prepare(environ["MINGFA_DATABASE_URL"], given.people, opens_in)
        candidates = [Candidate(port, tally, ITEMS) for _ in names]
        if not given.arrive:
            check_everybody_in(candidates, exam_id)
        db.engine.dispose()
        command = [sys.executable, "-m", "portal.cli", "serve"]
        server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ, "PYTHONPATH": str(ROOT)})
        until_answering(port, server)
        memory, last = Memory(server.pid), [time.monotonic(), 0.0, 0.0]
        memory.start()

        def spent(part: str) -> None:
            now = [time.monotonic(), cpu_seconds(server.pid), time.process_time()]
            took, ours, client = (new - old for new, old in zip(now, last, strict=True))
            print(f"{part:14} {took:7.1f} s: server and worker {100 * ours / took:5.1f} % of a core, "
                  f"client {100 * client / took:5.1f} %", flush=True)  # fmt: skip
            last[:] = now

        try:
            plan = Plan(given.rush, given.rush, given.every, given.minutes)
            asyncio.run(run(candidates, names, exam_id, opens, plan, given.arrive, spent))
        finally:
            memory.over.set()
            server.terminate()
            server.wait(60)
        db.open(environ["MINGFA_DATABASE_URL"])
        found = held_against(candidates, exam_id)
        db.engine.dispose()
    told(tally)
    print(", ".join(f"{what} {count}" for what, count in found.items()))
    print(f"memory of all processes at most {memory.most:.0f} MB")
    if tally.wrong or any(count for what, count in found.items() if what != "acknowledged"):
        raise SystemExit("not every answer was as it should be")


if __name__ == "__main__":
    main()
