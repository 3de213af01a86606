"""Presence costs a pulse nothing on the disk: it is kept in memory and written for many at once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from portal.exams.delivery.presence import PORTION, Heard, Presences
from portal.exams.running.models import Presence
from portal.ground import clock
from portal.ground.db import db
from portal.ground.group_commit import JournalBusy
from tests.conftest import NOON
from tests.exams.candidates import Candidate
from tests.factories import County


@pytest.fixture
def candidate(app, web_county: County) -> Candidate:
    return Candidate(app, web_county)


def heard() -> list[tuple[datetime, int]]:
    with db.reading() as session:
        return [(row.seen_at, row.unsent) for row in session.scalars(select(Presence))]


def test_a_pulse_tells_the_clock_the_limit_and_the_pause(candidate: Candidate):
    told = candidate.pulse().json
    wanted = {
        "now": NOON.timestamp(), "deadline": candidate.attempt.deadline_at.timestamp(), "state": "in_progress",
        "current": True, "paused": False,
    }  # fmt: skip
    assert {name: told[name] for name in wanted} == wanted
    candidate.change(paused_at=NOON, epoch=candidate.attempt.epoch + 1)
    told = candidate.pulse().json
    assert (told["current"], told["paused"]) == (False, True)


def test_a_pulse_reads_once_and_writes_nothing(candidate: Candidate, statements: list[str]):
    candidate.pulse()
    statements.clear()
    candidate.pulse(unsent=3)
    assert statements == []  # one statement of the journal, none of a session
    assert heard() == []


def test_the_newest_pulse_is_what_is_written(candidate: Candidate):
    candidate.pulse(unsent=3)
    clock.set_source(lambda: NOON + timedelta(seconds=10))
    candidate.pulse(unsent=1)
    assert candidate.journal.presence.flush() == 1
    assert heard() == [(NOON + timedelta(seconds=10), 1)]
    assert candidate.journal.presence.flush() == 0


def test_what_another_process_wrote_later_is_not_overwritten_by_older_news(candidate: Candidate):
    later = NOON + timedelta(seconds=20)
    with db.writing() as session:
        session.add(Presence(attempt_id=candidate.attempt.id, seen_at=later, unsent=0))
        session.commit()
    candidate.pulse(unsent=5)
    candidate.journal.presence.flush()
    assert heard() == [(later, 0)]


@pytest.mark.parametrize("claim", ["-1", "x", "999999999999999999999", "1e9", ""])
def test_a_page_may_claim_anything_about_what_it_has_not_sent(candidate: Candidate, claim: str):
    path = f"/exams/attempts/{candidate.attempt.id}/pulse?unsent={claim}"
    assert candidate.client.get(path, headers={"X-Attempt-Token": candidate.token}).status_code == 200
    candidate.journal.presence.flush()
    assert 0 <= heard()[0][1] <= 100_000


class Table:
    """Where portions go; it may be locked."""

    def __init__(self) -> None:
        self.portions: list[list[Heard]] = []
        self.locked = False
        self.written = threading.Event()

    def write(self, rows: list[Heard]) -> None:
        if self.locked:
            raise JournalBusy("locked")
        self.portions.append(list(rows))
        self.written.set()


AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def test_a_whole_hall_is_written_in_portions():
    table = Table()
    presences = Presences(table.write, every=3600)
    for number in range(PORTION + 7):
        presences.note(number, unsent=0, now=AT)
    assert presences.flush() == PORTION + 7
    assert [len(portion) for portion in table.portions] == [PORTION, 7]


def test_what_cannot_be_written_waits_and_newer_news_wins():
    table = Table()
    presences = Presences(table.write, every=3600)
    table.locked = True
    presences.note(1, unsent=9, now=AT)
    presences.note(2, unsent=9, now=AT)
    assert presences.flush() == 0
    presences.note(1, unsent=4, now=AT + timedelta(seconds=5))
    table.locked = False
    assert presences.flush() == 2
    assert table.portions == [[(1, AT + timedelta(seconds=5), 4), (2, AT, 9)]]


def test_it_is_written_by_itself_after_a_while_and_by_a_new_thread_when_the_old_one_died():
    table = Table()
    presences = Presences(table.write, every=0.01)
    presences.note(1, unsent=0, now=AT)
    assert table.written.wait(10)
    presences._stop.set()  # the thread ends
    presences._thread.join(10)
    table.written.clear()
    presences.note(2, unsent=0, now=AT)
    assert table.written.wait(10)
    presences.close()


def test_closing_writes_the_rest_and_leaves_no_thread():
    table = Table()
    presences = Presences(table.write, every=3600)
    presences.note(1, unsent=0, now=AT)
    thread = presences._thread
    presences.close()
    assert table.portions == [[(1, AT, 0)]]
    assert not thread.is_alive()
