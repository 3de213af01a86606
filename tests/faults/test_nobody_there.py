"""The time ends while all pages are closed and the server is down; what a worker does when it comes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal import rounds
from portal.exams.delivery import closing
from portal.exams.models import Attempt, AttemptState, HandInCause
from portal.ground import clock
from portal.ground.db import db
from tests.exams.candidates import hand_ins_on_record
from tests.factories import County
from tests.faults.server import ROOT, Server

WITHIN = 60  # seconds after the return
LEFT = 12


@pytest.fixture
def left(sqlite_url: str) -> list[int]:
    """Papers begun two hours ago, over since an hour, with an answer each."""
    clock.set_source()
    began = datetime.now(UTC) - timedelta(hours=2)
    db.open(sqlite_url)
    with db.writing() as session:
        county = County(session, began)
        exam = county.exam(opens_at=began, minutes=60)
        attempts = []
        for day in range(LEFT):
            attempts.append(county.attempt(county.officer(born=date(1980, 1, 1) + timedelta(days=day)), exam))
            county.answer(attempts[-1], {1: "B"})
        session.commit()
        return [attempt.id for attempt in attempts]


def as_they_stand(attempt_ids: list[int]) -> list[tuple]:
    columns = (Attempt.state, Attempt.handed_in_at, Attempt.deadline_at, Attempt.hand_in_cause, Attempt.receipt)
    with db.reading() as session:
        return [tuple(row) for row in session.execute(select(*columns).where(Attempt.id.in_(attempt_ids)))]


def closed_with_the_limit(attempt_ids: list[int], comes_back: Callable[[Callable[[], bool]], None]) -> None:
    """`comes_back` lets a worker work until what it is given is true, or until its time is over."""

    def all_closed() -> bool:
        return all(state == AttemptState.HANDED_IN for state, *_ in as_they_stand(attempt_ids))

    comes_back(all_closed)
    first = as_they_stand(attempt_ids)
    assert all_closed(), "somebody is still open"
    assert {(at - limit, cause) for _, at, limit, cause, _ in first} == {(timedelta(0), HandInCause.TIME_OVER)}, (
        "the end is not stamped with the limit"
    )
    comes_back(all_closed)
    assert as_they_stand(attempt_ids) == first
    with db.reading() as session:
        assert hand_ins_on_record(session) == len(attempt_ids)


def test_a_worker_that_comes_back_closes_everybody_with_the_time_of_the_limit(
    left: list[int], sqlite_url: str, tmp_path: Path
):
    environ = Server(sqlite_url, tmp_path / "files").environ

    def worker(enough: Callable[[], bool]) -> None:
        process = subprocess.Popen([sys.executable, "-m", "portal.cli", "worker"], cwd=ROOT, env=environ)
        until = time.monotonic() + WITHIN
        try:
            while not enough() and time.monotonic() < until:
                time.sleep(0.05)
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait(10)

    closed_with_the_limit(left, worker)


def a_round(_enough: Callable[[], bool]) -> None:
    rounds.one_round(clock.now())


def test_one_round_of_it_is_enough(left: list[int]):
    closed_with_the_limit(left, a_round)


def test_a_worker_that_does_not_sweep_is_found_out(left: list[int], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rounds, "close_what_is_over", lambda _now: 0)
    with pytest.raises(AssertionError, match="somebody is still open"):
        closed_with_the_limit(left, a_round)


def test_a_sweep_that_stamps_its_own_hour_is_found_out(left: list[int], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(closing, "min", lambda now, _limit: now, raising=False)
    with pytest.raises(AssertionError, match="not stamped with the limit"):
        closed_with_the_limit(left, a_round)
