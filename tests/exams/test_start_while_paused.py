"""Who begins while his room or the whole exam is paused begins with his clock standing, and goes on with the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.exams.delivery import starting
from portal.exams.models import Attempt, Entry
from portal.exams.running.giving import give
from portal.exams.running.models import Incident, IncidentKind
from portal.exams.running.operations import Where
from portal.ground import clock
from portal.ground.db import db
from portal.people.models import Account
from tests.conftest import NOON
from tests.exams.hall import MINUTE, Hall
from tests.exams.sitter import Sitter
from tests.factories import County

SECOND = timedelta(seconds=1)


@pytest.fixture
def hall(county: County) -> Hall:
    return Hall(county)


# ---------- below the door ----------
@pytest.mark.parametrize("whole", [False, True])
def test_who_begins_meanwhile_stands_from_his_first_moment_and_gets_exactly_that_back(hall: Hall, whole: bool):
    early = hall.at_work()
    stopped = hall.pause(Where() if whole else hall.whole_room)
    late = hall.at_work(hall.next_room if whole else hall.room, since=NOON + 3 * MINUTE + 7 * SECOND)
    assert late.paused_at == NOON + 3 * MINUTE + 7 * SECOND
    before = {one.id: hall.deadline(one) for one in (early, late)}
    assert hall.give(stopped, at=NOON + 10 * MINUTE).attempts == 2
    assert (early.paused_at, late.paused_at) == (None, None)
    assert hall.deadline(early) == before[early.id] + 10 * MINUTE
    assert hall.deadline(late) == before[late.id] + 6 * MINUTE + 53 * SECOND


def test_nobody_else_stands(hall: Hall):
    """Not the next room, not the neighbour of one who was stopped alone, not whoever comes when it is over."""
    one = hall.at_work()
    alone = hall.pause(hall.where(one))
    assert hall.at_work(since=NOON).paused_at is None
    hall.give(alone, at=NOON + MINUTE)
    stopped = hall.pause(hall.whole_room, at=NOON + 2 * MINUTE)
    assert hall.at_work(hall.next_room, since=NOON + 3 * MINUTE).paused_at is None
    hall.give(stopped, at=NOON + 4 * MINUTE)
    assert hall.at_work(since=NOON + 5 * MINUTE).paused_at is None


def test_who_stands_for_two_pauses_goes_on_when_both_are_over(hall: Hall):
    hall.at_work()
    hall.at_work(hall.next_room)
    room = hall.pause(hall.whole_room)
    everybody = hall.pause(Where(), at=NOON + MINUTE)
    late = hall.at_work(since=NOON + 2 * MINUTE)
    before = hall.deadline(late)
    hall.give(everybody, at=NOON + 5 * MINUTE)
    assert late.paused_at == NOON + 2 * MINUTE
    hall.give(room, at=NOON + 9 * MINUTE)
    assert (late.paused_at, hall.deadline(late)) == (None, before + 7 * MINUTE)


# ---------- through the door ----------
def told(hall: Hall, kind: IncidentKind = IncidentKind.PAUSE) -> Incident:
    return hall.tell(kind, hall.whole_room)


def test_the_page_is_told_at_the_start_and_saves_nothing_until_it_goes_on(app: Flask, web_county: County):
    hall = Hall(web_county)
    hall.at_work()
    candidate = hall.seated()
    stopped = told(hall)
    hall.session.commit()
    sitter = Sitter(app, web_county, hall.exam, candidate).ready()
    begun = sitter.start().json
    assert begun["paused"] is True
    assert sitter.start().json["paused"] is True  # asked again, it says the same
    clock.set_source(lambda: NOON + MINUTE)
    save = {"json": {"changes": [[1, 1, "B"]]}, "headers": {"X-Attempt-Token": begun["token"]}}
    door = f"/exams/attempts/{begun['attempt']}/answers"
    assert app.test_client().post(door, **save).json["error"] == "paused"
    pulse = app.test_client().get(f"/exams/attempts/{begun['attempt']}/pulse", headers=sitter.headers(begun["token"]))
    assert (pulse.json["paused"], pulse.json["because"]) == (True, "network")
    with db.writing() as session:
        give(session, session.get_one(Incident, stopped.id), above=False, now=NOON + 2 * MINUTE,
             account=session.get_one(Account, hall.manager.id))  # fmt: skip
        session.commit()
    clock.set_source(lambda: NOON + 2 * MINUTE)
    assert app.test_client().post(door, **save).status_code == 200
    with db.reading() as session:
        attempt = session.get_one(Attempt, begun["attempt"])
        assert attempt.deadline_at.timestamp() == begun["deadline"] + 120


def test_where_nothing_is_paused_the_page_is_told_so(app: Flask, web_county: County):
    hall = Hall(web_county)
    sitter = Sitter(app, web_county, hall.exam, hall.seated()).ready()
    assert sitter.start().json["paused"] is False


# ---------- two at the same moment ----------
def in_time(true: Callable[[], object]) -> None:
    until = time.monotonic() + 20
    while not true():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.01)


def waits_for_a_lock() -> bool:
    with db.reading() as session:
        found = text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        return session.execute(found).first() is not None


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("resumes", [False, True])
def test_a_start_in_the_very_moment_of_a_pause_or_its_end_is_on_the_right_side(hall: Hall, resumes: bool):
    """While the pause (or its end) is not committed yet, the start waits, and then does as it says."""
    hall.at_work()
    candidate = hall.seated()
    stopped = told(hall) if resumes else None
    entry = hall.session.scalars(select(Entry).where(Entry.person_id == candidate.person_id)).one()
    ready = starting.check_in(hall.session, hall.exam, entry, now=NOON)
    check_in, epoch = ready.id, ready.epoch
    hall.session.commit()
    begun: list[starting.Begun] = []

    def begin() -> None:
        with db.writing() as session:
            begun.append(starting.start(session, check_in, epoch=epoch, sign_in_id=None, draw=lambda *_: [], now=NOON))
            session.commit()

    hall.give(stopped) if stopped else hall.pause(hall.whole_room)
    page = threading.Thread(target=begin)
    page.start()
    in_time(lambda: begun or waits_for_a_lock())
    hall.session.commit()
    page.join(30)
    assert begun[0].paused is not resumes
    attempt = hall.session.get_one(Attempt, begun[0].attempt_id, populate_existing=True)
    assert (attempt.paused_at is None) is resumes
