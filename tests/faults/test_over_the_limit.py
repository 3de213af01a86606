"""Saves that come over the limit: in the grace they count, afterwards they are evidence, to the millisecond."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.exams.delivery import operations
from portal.exams.delivery.journal import GRACE
from portal.exams.models import AnswerChange, LateAnswer
from portal.ground import clock
from portal.ground.db import db
from tests.exams.candidates import Candidate, count, moments_around
from tests.factories import County
from tests.faults.ledger import Ledger
from tests.faults.line import Line
from tests.faults.server import Candidate as Page
from tests.faults.server import Server, seat
from tests.faults.weakened import LIMIT, weaken_saves

HELD = [timedelta(seconds=s) for s in (-60, -1, 0, 1, 4.999, 5, 5.001, 6, 30, 120, 600)]  # past the deadline


@pytest.fixture
def candidate(app, web_county: County) -> Candidate:
    return Candidate(app, web_county)


def whatever_comes_is_counted_or_kept(candidate: Candidate) -> None:
    """One save for each delay, and one a millisecond before, at and after the end of the grace."""
    end = candidate.attempt.deadline_at
    moments = sorted({end + held for held in HELD} | set(moments_around(end + GRACE)))
    counted, late = [], []
    for number, moment in enumerate(moments, 1):
        clock.set_source(lambda moment=moment: moment)
        answer = candidate.save([number, 1, "ABCD"[number % 4]])
        (counted if answer.status_code == 200 else late).append(number)
        assert answer.status_code == 200 or answer.json["error"] == "too_late"
    in_time = [number for number, moment in enumerate(moments, 1) if moment <= end + GRACE]
    assert counted == in_time, f"changes {sorted(set(counted) ^ set(in_time))} were judged wrongly"
    everything_late_is_flagged(candidate, counted, late)


def everything_late_is_flagged(candidate: Candidate, counted: list[int], late: list[int]) -> None:
    with db.reading() as session:
        kept = [row[1] for body in session.scalars(select(LateAnswer.body)) for row in json.loads(body)]
        assert count(session, AnswerChange) == len(counted)
    assert sorted(kept) == late, "something late is not kept"
    assert candidate.stored() == {1: "ABCD"[counted[-1] % 4]}


def test_what_is_held_up_over_the_limit_counts_within_the_grace_and_is_evidence_after_it(candidate: Candidate):
    whatever_comes_is_counted_or_kept(candidate)


def test_a_save_that_does_not_ask_for_the_time_is_found_out(candidate: Candidate, monkeypatch: pytest.MonkeyPatch):
    weaken_saves(monkeypatch, LIMIT)
    with pytest.raises(AssertionError, match="judged wrongly"):
        whatever_comes_is_counted_or_kept(candidate)


def test_a_late_save_that_is_thrown_away_is_found_out(candidate: Candidate, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(operations, "keep_late", lambda *_args, **_values: None)
    with pytest.raises(AssertionError, match="something late is not kept"):
        whatever_comes_is_counted_or_kept(candidate)


@pytest.mark.long
def test_a_line_that_really_holds_saves_over_the_limit(sqlite_url: str, tmp_path: Path):
    """A server with the real time and a line that keeps a save for itself until grace or more is over."""
    clock.set_source()
    db.open(sqlite_url)
    with db.writing() as session:
        seats = seat(session, 2, minutes=1)
        session.commit()
    end = datetime.now(UTC) + timedelta(minutes=1)
    server, ledger = Server(sqlite_url, tmp_path / "files"), Ledger(tmp_path / "ledger.txt")
    server.start()
    line, come = Line(server.port, every=10**9), {}

    def hold(name: str, page: Page, until: datetime) -> None:
        time.sleep(max(0.0, (until - datetime.now(UTC)).total_seconds()))  # on the line
        come[name] = page.save(1, "C")

    early, late = (Page(line.port, *at, ledger) for at in seats)
    held = [
        threading.Thread(target=hold, args=("in the grace", early, end + GRACE - timedelta(seconds=2))),
        threading.Thread(target=hold, args=("after it", late, end + GRACE + timedelta(seconds=1))),
    ]
    try:
        for thread in held:
            thread.start()
        for thread in held:
            thread.join(120)
    finally:
        line.close()
        server.kill()
    assert come == {"in the grace": 200, "after it": 409}
    with db.reading() as session:
        assert ledger.judge(session, [attempt_id for attempt_id, *_ in seats]).clean
        assert count(session, LateAnswer, LateAnswer.attempt_id == seats[1][0]) == 1
    db.engine.dispose()
