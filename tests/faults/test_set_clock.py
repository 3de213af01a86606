"""Somebody sets the server's clock while people sit: nobody is ended early, nobody gains time, and it is said."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from portal.exams.delivery.journal import GRACE
from portal.exams.delivery.tasks import close_what_is_over
from portal.exams.models import AttemptState
from portal.ground import clock
from portal.ground.clock import Steady
from tests.conftest import NOON
from tests.exams.candidates import Candidate
from tests.factories import County

TEN = timedelta(minutes=10)
SECOND = timedelta(seconds=1)


class Machine:
    """A clock on the wall that anybody can set, and the true time, that nobody can."""

    def __init__(self) -> None:
        self.true, self.off = NOON, timedelta(0)

    def wall(self) -> datetime:
        return self.true + self.off

    def steady(self) -> float:
        return (self.true - NOON).total_seconds()

    def goes_by(self) -> Steady:
        return Steady(self.wall, self.steady)


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def candidate(app, web_county: County) -> Candidate:
    return Candidate(app, web_county)


def the_limit_stays(machine: Machine, candidate: Candidate, source: Callable[[], datetime], step: timedelta) -> None:
    """Set at half time; then saves and sweeps until the limit and a little beyond, by the true time."""
    clock.set_source(source)
    end, number = candidate.attempt.deadline_at, 0
    moments = [end - timedelta(minutes=30), end - TEN + SECOND, end - SECOND, end + GRACE]
    for index, machine.true in enumerate(moments):
        machine.off = timedelta(0) if index == 0 else step
        number += 1
        assert close_what_is_over(clock.now()) == 0, "somebody was ended early"
        told = candidate.pulse().json
        assert abs(told["deadline"] - told["now"] - (end - machine.true).total_seconds()) < 1, "the time left jumped"
        assert candidate.save([number, 1, "ABCD"[number % 4]]).status_code == 200, "a save in time was refused"
    machine.true = end + GRACE + SECOND
    assert candidate.save([number + 1, 1, "D"]).status_code == 409, "somebody gained time"
    assert close_what_is_over(clock.now()) == 1, "somebody gained time"
    ended = candidate.now_stands()
    assert (ended.state, ended.handed_in_at) == (AttemptState.HANDED_IN, end)


@pytest.mark.parametrize("step", [TEN, -TEN], ids=["forwards", "back"])
def test_a_server_whose_clock_is_set_ends_nobody_early_and_gives_nobody_time(machine, candidate, step):
    the_limit_stays(machine, candidate, machine.goes_by(), step)


@pytest.mark.parametrize("step", [TEN, -TEN], ids=["forwards", "back"])
def test_by_the_bare_clock_somebody_is_ended_early_or_given_time(machine, candidate, step):
    with pytest.raises(AssertionError, match="ended early|jumped|gained time"):
        the_limit_stays(machine, candidate, machine.wall, step)


@pytest.mark.parametrize("step", [TEN, -TEN], ids=["forwards", "back"])
def test_it_is_said_in_the_log_and_to_whoever_watches(machine, candidate, step, monkeypatch, caplog):
    steady = machine.goes_by()
    monkeypatch.setattr(clock, "steady_now", steady)
    clock.set_source(steady)
    assert candidate.app.test_client().get("/health").json["state"] == "ok"
    with caplog.at_level(logging.CRITICAL, logger="mingfa.clock"):
        machine.true += timedelta(minutes=1)
        machine.off = step
        assert candidate.save([1, 1, "A"]).status_code == 200
    assert [record.name for record in caplog.records] == ["mingfa.clock"]
    watched = candidate.app.test_client().get("/health")
    assert (watched.status_code, watched.json["state"]) == (503, "clock")
    machine.off = timedelta(0)
    clock.now()
    assert candidate.app.test_client().get("/health").status_code == 200
