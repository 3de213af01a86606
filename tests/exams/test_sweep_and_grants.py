"""Time given in the last moment and the sweep that closes what is over: nobody is closed early."""

from __future__ import annotations

import threading
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select

from portal.exams.delivery import closing
from portal.exams.delivery.closing import close_overdue, overdue
from portal.exams.delivery.journal import GRACE
from portal.exams.models import Attempt, AttemptState
from portal.exams.running.giving import give
from portal.exams.running.models import Incident, IncidentKind, TimeGrant
from portal.ground.db import db
from portal.people.models import Account
from tests.conftest import NOON
from tests.exams.hall import MINUTE, Hall
from tests.factories import County

RACES, AT_ONCE = 1_000, 25
OVER = NOON + GRACE + timedelta(milliseconds=50)  # the moment both act: the time of all is just over


@pytest.fixture
def hall(county: County) -> Hall:
    return Hall(county)


def staged(hall: Hall, races: int) -> list[int]:
    """Extensions that wait for approval, each for a room of its own with people whose time is over at noon."""
    asked = []
    for _ in range(races // AT_ONCE):
        room = hall.county.room()
        hall.crowd(AT_ONCE, deadline=NOON, room=room)
        asked.append(hall.extend(type(hall.whole_room)(hall.sitting.id, room.id), 5).id)
    hall.session.commit()
    return asked


def sweep(found: list[int], gate: threading.Barrier, closed: list[int]) -> None:
    gate.wait(30)
    for first in range(0, len(found), 10):
        with db.writing() as session:
            closed.append(close_overdue(session, found[first : first + 10], now=OVER))
            session.commit()


def grant(asked: list[int], account_id: int, gate: threading.Barrier) -> None:
    gate.wait(30)
    for incident_id in asked:
        with db.writing() as session:
            account = session.get_one(Account, account_id)
            give(session, session.get_one(Incident, incident_id), above=False, account=account, now=OVER)
            session.commit()


def races(hall: Hall, races: int, *, at_once: bool = True) -> int:
    """Sweep and grants over the same people; without `at_once` the sweep closes what it found before the grants.

    Nobody who got time may be closed. Returns how many were closed.
    """
    asked, account_id = staged(hall, races), hall.manager.id
    with db.reading() as session:
        found = [attempt_id for attempt_id, _ in overdue(session, now=OVER, limit=races)]
    assert len(found) == races
    Random(5).shuffle(found)  # so that both come to the same rooms at the same time
    gate, closed = threading.Barrier(2 if at_once else 1), []
    threads = [
        threading.Thread(target=grant, args=(asked, account_id, gate)),
        threading.Thread(target=sweep, args=(found, gate, closed)),
    ]
    for thread in threads:
        thread.start()
        if not at_once:
            thread.join(300)
    for thread in threads:
        thread.join(300)
    with db.reading() as session:
        given = set(session.scalars(select(TimeGrant.attempt_id)))
        rows = session.execute(select(Attempt.id, Attempt.state, Attempt.deadline_at, Attempt.handed_in_at)).all()
    running = {row.id for row in rows if row.state == AttemptState.IN_PROGRESS}
    assert given <= running, f"{len(given - running)} got time and were closed early"
    assert running == given  # who was closed got none
    assert sum(closed) == races - len(given)
    assert {row.deadline_at for row in rows if row.id in given} <= {NOON + 5 * MINUTE}
    assert {row.handed_in_at for row in rows if row.id not in given} <= {NOON}
    return sum(closed)


def test_a_thousand_races_of_sweep_and_grant_close_nobody_early(hall: Hall):
    races(hall, RACES)


def test_what_the_sweep_found_is_looked_at_again_after_the_grants(hall: Hall):
    assert races(hall, 2 * AT_ONCE, at_once=False) == 0


def test_a_sweep_that_does_not_look_again_closes_somebody_early(hall: Hall, monkeypatch: pytest.MonkeyPatch):
    whole = closing._is_overdue
    monkeypatch.setattr(closing, "_is_overdue", lambda now: (*whole(now)[:1], Attempt.paused_at.is_(None)))
    with pytest.raises(AssertionError, match="got time and were closed early"):
        races(hall, 2 * AT_ONCE, at_once=False)


def test_the_sweep_leaves_a_clock_that_stands(hall: Hall):
    attempt = hall.at_work()
    stopped = hall.pause(hall.where(attempt), at=attempt.deadline_at - MINUTE)
    late = attempt.deadline_at + 60 * MINUTE
    assert close_overdue(hall.session, now=late) == 0
    hall.give(stopped, at=late)
    assert attempt.deadline_at == late + MINUTE
    assert close_overdue(hall.session, now=late + MINUTE + GRACE) == 0
    assert close_overdue(hall.session, now=late + MINUTE + GRACE + timedelta(microseconds=1)) == 1


def test_time_asked_for_in_time_and_given_after_the_sweep_is_not_given(hall: Hall):
    attempt = hall.at_work()
    asked = hall.extend(hall.where(attempt), 10)
    close_overdue(hall.session, now=attempt.deadline_at + MINUTE)
    ended = hall.session.get_one(Attempt, attempt.id).handed_in_at
    given = hall.give(asked, at=attempt.deadline_at + 2 * MINUTE)
    assert (given.attempts, given.ended) == (0, 1)
    assert hall.session.get_one(Attempt, attempt.id).handed_in_at == ended
    assert asked.kind == IncidentKind.EXTENSION
