"""The clock exams go by: even while the machine's own is set by somebody."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from portal.ground.clock import Steady

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


class Machine:
    """A clock on the wall that can be set, and one that counts and cannot."""

    def __init__(self) -> None:
        self.off, self.ticks = timedelta(0), 100.0

    def wall(self) -> datetime:
        return NOON + timedelta(seconds=self.ticks - 100) + self.off

    def passes(self, seconds: float) -> None:
        self.ticks += seconds


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def steady(machine: Machine) -> Steady:
    return Steady(machine.wall, lambda: machine.ticks)


def test_it_follows_the_machine_and_its_small_corrections(machine: Machine, steady: Steady):
    for correction in (0.5, -0.7, 1.5):
        machine.passes(60)
        machine.off += timedelta(seconds=correction)
        assert steady() == machine.wall() and not steady.jump


@pytest.mark.parametrize("minutes", [10, -10, 24 * 60])
def test_a_clock_that_is_set_moves_no_deadline(machine: Machine, steady: Steady, minutes: int, caplog):
    machine.off = timedelta(minutes=minutes)
    with caplog.at_level(logging.CRITICAL, logger="mingfa.clock"):
        for _ in range(3):
            machine.passes(30)
            assert steady() == machine.wall() - timedelta(minutes=minutes)
    assert steady.jump == timedelta(minutes=minutes)
    assert len(caplog.records) == 1, "it is said once, not at every look"


def test_a_clock_that_comes_back_is_followed_again(machine: Machine, steady: Steady):
    machine.off = timedelta(minutes=10)
    machine.passes(5)
    steady()
    machine.off = timedelta(0)
    machine.passes(5)
    assert steady() == machine.wall() and not steady.jump


def test_a_machine_that_slept_has_not_been_set(machine: Machine, steady: Steady):
    machine.passes(8 * 3600)
    assert steady() == machine.wall() and not steady.jump
