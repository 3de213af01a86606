"""Whatever zone the machine is set to, and over summer time, leap day and New Year, a limit is the same moment."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from portal.exams.delivery import journal as journals
from portal.exams.delivery.journal import GRACE, Change, open_journal
from portal.exams.hours import Hours
from portal.exams.models import Attempt
from portal.ground import clock
from portal.ground.db import db
from tests.exams.candidates import moments_around
from tests.factories import County

ZONES = ("Asia/Shanghai", "America/New_York", "Asia/Urumqi", "Pacific/Kiritimati")
BEGUN = (
    datetime(2026, 11, 1, 5, 30, tzinfo=UTC),  # New York puts its clocks back half an hour later
    datetime(2027, 3, 14, 6, 30, tzinfo=UTC),  # and forward
    datetime(2028, 2, 28, 15, 30, tzinfo=UTC),  # 23:30 in Jilin, before 29 February
    datetime(2026, 12, 31, 15, 30, tzinfo=UTC),  # and before New Year
)
MINUTES = 60


@pytest.fixture(autouse=True)
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    yield monkeypatch
    monkeypatch.undo()
    time.tzset()


def the_machine_is_in(zone: str, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("TZ", zone)
    patch.setenv("PGTZ", zone)  # what a client of PostgreSQL asks for
    time.tzset()


def limits(county: County) -> list[tuple[datetime, datetime, list[int]]]:
    """Of each attempt begun at a moment: that moment, its limit as stored, and how many saves around it are taken."""
    found = []
    journal = open_journal(db.engine)
    device = county.sign_in(county.officer())
    for number, moment in enumerate(BEGUN):
        exam = county.exam(opens_at=moment, minutes=MINUTES)
        attempt = county.attempt(county.officer(born=date(1970, 1, 1) + timedelta(days=number)), exam, at=moment)
        county.session.commit()
        around = moments_around(moment + timedelta(minutes=MINUTES) + GRACE)
        taken = [
            journal.append(attempt.id, attempt.epoch, device.id, [Change(place, 1, "B")], now)
            for place, now in enumerate(around, 1)
        ]
        with db.reading() as session:
            limit = session.scalars(select(Attempt.deadline_at).where(Attempt.id == attempt.id)).one()
        found.append((moment, limit, taken))
    journal.close()
    return found


def every_limit_is_the_same_moment(county: County) -> None:
    for moment, limit, taken in limits(county):
        assert limit - moment == timedelta(minutes=MINUTES), f"begun at {moment}: the limit is off"
        assert taken == [1, 1, 0], f"begun at {moment}: the end of the grace is off"


@pytest.mark.parametrize("name", ZONES)
def test_wherever_the_machine_thinks_it_is_the_limit_is_the_same_moment(name, monkeypatch, county: County):
    the_machine_is_in(name, monkeypatch)
    every_limit_is_the_same_moment(county)


def on_the_wall(self: Hours, now: datetime) -> datetime:
    """An hour later as the machine's own clock on the wall shows it."""
    shown = now.astimezone().replace(tzinfo=None) + timedelta(minutes=self.minutes + self.extra_minutes)
    return shown.astimezone(UTC)


def test_hours_counted_on_the_machine_s_wall_are_found_out(monkeypatch, county: County):
    the_machine_is_in("America/New_York", monkeypatch)
    monkeypatch.setattr(Hours, "deadline", on_the_wall)
    with pytest.raises(AssertionError, match="the limit is off"):
        every_limit_is_the_same_moment(county)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_moments_written_as_the_machine_shows_them_are_found_out(monkeypatch, county: County):
    the_machine_is_in("America/New_York", monkeypatch)
    monkeypatch.setattr(journals, "_moment", lambda moment: moment.astimezone().strftime("%Y-%m-%d %H:%M:%S.%f"))
    with pytest.raises(AssertionError, match="the end of the grace is off"):
        every_limit_is_the_same_moment(county)


@pytest.mark.parametrize("name", ZONES)
def test_on_screen_it_is_always_the_hour_in_jilin(name, monkeypatch):
    the_machine_is_in(name, monkeypatch)
    assert clock.local(BEGUN[2]).strftime("%Y-%m-%d %H:%M") == "2028-02-28 23:30"
    assert clock.local(BEGUN[2] + timedelta(hours=1)).date() == date(2028, 2, 29)
