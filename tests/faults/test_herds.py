"""Rows 15 to 17: everybody at once, at the start, at the limit, and at the door while others save.

How long they wait is measured by tests/benchmarks; here nobody is refused, loses an answer, or is given less time.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.exams.delivery import tokens
from portal.ground import clock
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.people.access.hashing import pool
from tests.access import doors as door
from tests.factories import County
from tests.faults.judging import differing_receipts
from tests.faults.ledger import Ledger, Verdict
from tests.faults.seating import seat_crowd, seat_waiting
from tests.faults.server import Candidate, Server

MINUTES, THREADS = 45, 8
CROWDS = [60, pytest.param(1000, marks=pytest.mark.long)]
SEATED_A_SECOND = 40  # at least so many can be seated before the hour, however slow the machine


class Hall:
    """A server, the county behind it, the oracle beside it."""

    def __init__(self, url: str, folder: Path) -> None:
        clock.set_source()
        keys.open("11" * 32, "22" * 32)
        self.url, self.folder, self.ledger = url, folder, Ledger(folder / "ledger.txt")
        db.open(url)
        self.session = db._writing()
        self.county = County(self.session, clock.now())
        self.session.commit()
        self.server: Server | None = None

    def serve(self, careless: str = "") -> int:
        self.server = Server(self.url, self.folder / "files", bare=True, careless=careless)
        self.server.start()
        return self.server.port

    def close(self) -> None:
        if self.server is not None:
            self.server.kill()
        self.session.close()
        db.engine.dispose()


@pytest.fixture
def hall(sqlite_url: str, tmp_path: Path) -> Iterator[Hall]:
    made = Hall(sqlite_url, tmp_path)
    yield made
    made.close()


def together(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """All of them at the same moment; what each came to."""
    came: list[Any] = [None] * len(acts)
    ready = threading.Barrier(len(acts))

    def one(number: int) -> None:
        ready.wait(60)
        came[number] = acts[number]()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(180)
    return came


def start_together(hall: Hall, crowd: int, careless: str = "") -> tuple[int, int]:
    """All begin within the second after the hour; returns how many did not, and how many had less than their time."""
    port, county = hall.serve(careless), hall.county
    opens_at = clock.now() + timedelta(seconds=1 + crowd / SEATED_A_SECOND)
    exam = county.exam(minutes=MINUTES, opens_at=opens_at, before={"timing": "fixed"})
    waiting = seat_waiting(county, exam, crowd)
    hall.session.commit()
    chance = random.Random(1)

    def begin(check_in_id: int, token: str, after: float) -> tuple[int, float]:
        page = Candidate(port, 0, token, 0, hall.ledger)
        time.sleep(max(0.0, opens_at.timestamp() - time.time()) + after)  # the hour comes, and his page its own moment
        sent = time.time()
        status, told = page.post({}, f"/exams/check-ins/{check_in_id}/start")
        page.close()
        return status, told.get("deadline", 0) - sent

    moments = [chance.random() for _ in waiting]
    came = together([lambda at=at, after=after: begin(*at, after) for at, after in zip(waiting, moments, strict=True)])
    left = [seconds for status, seconds in came if status == 200]
    return crowd - len(left), sum(seconds < MINUTES * 60 for seconds in left)


@pytest.mark.parametrize("crowd", CROWDS)
def test_all_begin_within_a_second_and_each_has_his_full_time(hall: Hall, crowd: int):
    assert start_together(hall, crowd) == (0, 0)


def test_where_the_time_runs_from_the_hour_the_crowd_has_less(hall: Hall):
    not_begun, short = start_together(hall, 20, careless="strict_hour")
    assert not_begun == 0 and short > 0


def end_together(hall: Hall, crowd: int, careless: str = "") -> tuple[int, int, Verdict]:
    """All save once more and hand in at the same moment.

    Returns how many have no receipt, how many receipts are wrong, and what the ledger finds.
    """
    seats = seat_crowd(hall.county, crowd)
    hall.session.commit()
    port = hall.serve(careless)
    receipts: dict[int, str] = {}

    def end(page: Candidate) -> None:
        for _ in range(3):
            page.save(1, "ABCD"[page.sequence % 4])
        path, told = f"/exams/attempts/{page.attempt_id}/hand-in", {}
        while page.post({}, path)[0] != 200:
            continue
        _, told = page.post({}, path)
        receipts[page.attempt_id] = told["receipt"]
        page.close()

    pages = [Candidate(port, seat.attempt_id, seat.token, seat.epoch, hall.ledger) for seat in seats]
    together([lambda page=page: end(page) for page in pages])
    hall.server.kill()
    hall.session.rollback()
    verdict = hall.ledger.judge(hall.session, [seat.attempt_id for seat in seats])
    return crowd - len(receipts), differing_receipts(hall.session, receipts), verdict


@pytest.mark.parametrize("crowd", CROWDS)
def test_all_hand_in_at_once_and_every_receipt_covers_what_was_acknowledged(hall: Hall, crowd: int):
    without, wrong, verdict = end_together(hall, crowd)
    assert (without, wrong) == (0, 0)
    assert verdict.clean and len(hall.ledger.acknowledged) == 3 * crowd


def test_where_saves_are_written_after_they_are_acknowledged_the_crowd_at_the_limit_loses_some(hall: Hall):
    assert end_together(hall, 20, careless="early")[2].lost


def answered_while_hashing_stands_still(app: Flask, county: County) -> bool:
    """Forty sign in and then one saves, at a server of eight threads whose one hashing thread does not move.

    Whether the save is answered before any of them; looked at when no thread has anything left to do but wait.
    """
    officer = county.officer()
    attempt, device = county.attempt(officer, county.exam()), county.sign_in(officer)
    county.session.commit()
    secret, gate = app.config["SECRET_KEY"], threading.Event()
    token = tokens.make(secret, attempt.id, attempt.form_id, attempt.epoch, device.id, attempt.deadline_at)
    pool._workers.submit(gate.wait, 60)
    server = ThreadPoolExecutor(THREADS)
    crowd = [server.submit(door.Browser(app, f"10.0.2.{n}").sign_in, officer, "x") for n in range(40)]
    saved = server.submit(door.Browser(app).save, attempt, token, 1)
    try:
        until = time.monotonic() + 30
        while not saved.done() and pool._workers._work_queue.qsize() < THREADS:
            assert time.monotonic() < until
            time.sleep(0.005)
        return saved.done() and saved.result().status_code == 200
    finally:
        gate.set()
        server.shutdown()
        assert not any(one.exception() for one in crowd)


def test_a_crowd_at_the_door_takes_no_turn_from_whoever_saves(app: Flask, web_county: County):
    pool.open(workers=1, threads=THREADS)
    assert answered_while_hashing_stands_still(app, web_county)


def test_where_the_door_may_take_every_thread_saves_wait_for_it(app: Flask, web_county: County):
    pool.open(workers=1, threads=THREADS)
    pool._places = threading.BoundedSemaphore(10_000)
    assert not answered_while_hashing_stands_still(app, web_county)
