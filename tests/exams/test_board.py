"""The live board: who does what, counted in words, in a fixed number of statements."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import NoResultFound

from portal.exams.delivery.operations import hand_in, note_focus_loss
from portal.exams.models import Attempt, CheckIn, HandInCause
from portal.exams.running.board import MOST, PAGE, Board, Cell, Filters, board
from portal.exams.running.models import Presence
from portal.exams.running.rules import OFFLINE_AFTER, Seen, seen
from portal.exams.running.scope import present_sitting, watch
from portal.exams.running.telling import told
from portal.exams.sittings.models import SittingRoom
from portal.people.models import Role
from tests.conftest import NOON
from tests.exams.hall import MINUTE, Hall, sent
from tests.exams.sitter import crowd
from tests.factories import County


@pytest.fixture
def hall(county: County) -> Hall:
    return Hall(county)


def looked_at(hall: Hall, **filters: object) -> Board:
    seen_by = watch(hall.session, hall.manager, hall.exam.id)
    return board(hall.session, seen_by, Filters(**filters), now=NOON)


def cell_of(found: Board, attempt: Attempt) -> Cell:
    return next(cell for cell in found.cells if cell.attempt_id == attempt.id)


def hear(hall: Hall, attempt: Attempt, *, ago: timedelta = timedelta(0), unsent: int = 0) -> None:
    hall.session.execute(insert(Presence).values(attempt_id=attempt.id, seen_at=NOON - ago, unsent=unsent))


def checked_in(hall: Hall) -> None:
    entry = hall.county.seat(hall.account(), hall.sitting, next(hall.seats), room=hall.room)
    hall.session.add(
        CheckIn(
            public_id=f"c{entry.id}", exam_id=hall.exam.id, person_id=entry.person_id, entry_id=entry.id,
            form_id=hall.exam.forms[0].id, number=1, seed=1, at=NOON,
        )
    )  # fmt: skip
    hall.session.flush()


def test_everybody_is_counted_under_the_word_for_what_he_does(hall: Hall):
    hall.seated()
    checked_in(hall)
    working, silent, paused, done, late, over = (hall.at_work() for _ in range(6))
    hear(hall, working)
    hear(hall, silent, ago=OFFLINE_AFTER + timedelta(seconds=1))
    hall.pause(hall.where(paused))
    hand_in(hall.session, done, cause=HandInCause.CANDIDATE, now=NOON)
    hand_in(hall.session, late, cause=HandInCause.TIME_OVER, now=NOON + 60 * MINUTE)
    hall.give(hall.extend(hall.where(over), 1))
    assert looked_at(hall).counts == {
        "not_arrived": 1, "checked_in": 1, "working": 1, "offline": 2, "paused": 1, "handed_in": 1, "time_over": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("state", "more", "said"),
    [
        (None, {}, Seen.NOT_ARRIVED),
        (None, {"waiting": True}, Seen.CHECKED_IN),
        ("in_progress", {"heard": NOON - OFFLINE_AFTER}, Seen.WORKING),
        ("in_progress", {"heard": NOON - OFFLINE_AFTER - timedelta(milliseconds=1)}, Seen.OFFLINE),
        ("in_progress", {"heard": None}, Seen.OFFLINE),
        ("in_progress", {"heard": NOON, "deadline": NOON - timedelta(seconds=1)}, Seen.TIME_OVER),
        ("in_progress", {"paused": True, "deadline": NOON - MINUTE}, Seen.PAUSED),
        ("handed_in", {"cause": "candidate"}, Seen.HANDED_IN),
        ("handed_in", {"cause": "administrator"}, Seen.HANDED_IN),
        ("handed_in", {"cause": "window_closed"}, Seen.TIME_OVER),
        ("handed_in", {"cause": "candidate", "waiting": True}, Seen.CHECKED_IN),
    ],
)
def test_the_word_for_a_candidate(state, more, said):
    case = {"cause": None, "paused": False, "deadline": NOON + MINUTE, "heard": None, "waiting": False, **more}
    assert seen(state, now=NOON, **case) == said


def test_a_cell_says_what_is_answered_what_is_left_and_when_he_was_away(hall: Hall):
    attempt = hall.at_work()
    hall.county.answer(attempt, {1: "B", 2: "AC", 3: ""}, at=NOON - MINUTE)
    hear(hall, attempt, unsent=3)
    note_focus_loss(hall.session, attempt.id, seconds=20, now=NOON)
    note_focus_loss(hall.session, attempt.id, seconds=21, now=NOON)
    cell = cell_of(looked_at(hall), attempt)
    assert (cell.answered, cell.items, cell.unsent, cell.away) == (2, 6, 3, (2, 41))
    assert cell.left(NOON) == 30 * MINUTE
    said = told(cell, NOON)
    assert ("2" in said["answered"], "30" in said["left"], "41" in said["notes"], "3" in said["notes"]) == (True,) * 4
    assert "12:00:00" in said["heard"]


def test_an_answer_taken_back_is_not_counted(hall: Hall):
    attempt = hall.at_work()
    hall.county.answer(attempt, {1: "B"}, at=NOON - MINUTE)
    attempt.epoch += 1
    hall.session.flush()
    hall.county.answer(attempt, {1: "", 2: "AC"}, at=NOON)
    assert cell_of(looked_at(hall), attempt).answered == 1


def test_time_stands_on_the_board_while_the_clock_stands(hall: Hall):
    attempt = hall.at_work()
    hall.pause(hall.where(attempt), at=NOON - 10 * MINUTE)
    assert cell_of(looked_at(hall), attempt).left(NOON) == 40 * MINUTE


def test_the_filters_narrow_what_is_shown_and_keep_what_is_counted(hall: Hall):
    here, there = hall.at_work(), hall.at_work(hall.next_room)
    hear(hall, here)
    assert [c.attempt_id for c in looked_at(hall, room_id=hall.next_room.id).cells] == [there.id]
    found = looked_at(hall, state="working")
    assert ([c.attempt_id for c in found.cells], found.counts["offline"]) == ([here.id], 1)


def test_withdrawn_people_are_not_on_the_board(hall: Hall):
    entry = hall.county.seat(hall.account(), hall.sitting, 9, room=hall.room)
    entry.withdrawn_at, entry.withdrawn_because, entry.changed_at = NOON, "调离", NOON
    hall.session.flush()
    assert looked_at(hall).cells == ()


def test_a_hall_full_of_people_takes_six_statements_and_one_page(hall: Hall):
    crowd(hall.county, hall.exam, PAGE + 30)
    account, exam_id = hall.manager, hall.exam.id
    looked_at(hall)  # what a process keeps is kept now
    with sent(hall.session) as statements:
        seen_by = watch(hall.session, account, exam_id)
        found = board(hall.session, seen_by, Filters(page=2), now=NOON)
    assert len(statements) <= 6
    assert (len(found.cells), found.matching, sum(found.counts.values())) == (30, PAGE + 30, PAGE + 30)


def test_a_board_counts_two_thousand_and_says_that_there_are_more(hall: Hall):
    crowd(hall.county, hall.exam, MOST + 5)
    found = looked_at(hall)
    assert (found.cut, sum(found.counts.values()), len(found.cells)) == (True, MOST, PAGE)


def test_an_invigilator_sees_the_rooms_at_his_own_sites_only(hall: Hall):
    mine = hall.at_work()
    elsewhere = hall.county.room("第九考场", body=hall.county.other_city)
    planned = hall.began - timedelta(days=10)
    hall.session.add(SittingRoom(sitting_id=hall.sitting.id, room_id=elsewhere.id, taken_at=planned))
    hall.session.flush()
    hall.at_work(elsewhere)
    seen_by = watch(hall.session, hall.invigilator, hall.exam.id)
    assert (seen_by.whole, seen_by.manages) == (False, False)
    found = board(hall.session, seen_by, Filters(), now=NOON)
    assert [cell.attempt_id for cell in found.cells] == [mine.id]
    far = hall.staff(Role.INVIGILATOR, hall.county.other_bureau)
    with pytest.raises(NoResultFound):
        watch(hall.session, far, hall.exam.id)


def test_the_level_above_is_told_from_the_level_that_holds_the_exam(hall: Hall):
    county_admin = hall.staff(Role.EXAM_ADMIN, hall.county.city)
    assert watch(hall.session, county_admin, hall.exam.id).above is False
    assert watch(hall.session, hall.manager, hall.exam.id).above is True  # nothing is above a province


def test_the_sitting_that_runs_is_shown_first(hall: Hall):
    later = hall.county.sitting(hall.exam, opens_at=NOON + 300 * MINUTE, minutes=60, number=2, room=hall.county.room())
    both = (hall.sitting, later)
    half_an_hour = timedelta(minutes=30)
    assert present_sitting(both, half_an_hour, NOON) is hall.sitting
    assert present_sitting(both, half_an_hour, NOON + 280 * MINUTE) is later
    assert present_sitting(both, half_an_hour, NOON + 200 * MINUTE) is later
    assert present_sitting(both, half_an_hour, NOON + 999 * MINUTE) is later
