"""Incidents in the hall: the clock stands and goes on, time is given back once, and by two people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from portal.exams.delivery.operations import hand_in
from portal.exams.models import Attempt, HandInCause
from portal.exams.running import operations, queries
from portal.exams.running.giving import NotNow
from portal.exams.running.operations import NotAReport, Where
from portal.exams.running.rules import lost
from portal.exams.sittings.models import Sitting
from portal.people.duties.operations import SamePerson
from tests.conftest import NOON
from tests.exams.hall import MINUTE, Hall, sent
from tests.factories import County

SECOND = timedelta(seconds=1)
ODD = timedelta(minutes=7, seconds=13, microseconds=250_001)


@pytest.fixture
def hall(county: County) -> Hall:
    return Hall(county)


# ---------- the clock stands ----------
def test_a_pause_stops_the_clock_at_once_and_the_deadline_moves_by_exactly_as_long_as_it_stood(hall: Hall):
    attempt = hall.at_work()
    before = hall.deadline(attempt)
    stopped = hall.pause(hall.where(attempt))
    assert attempt.paused_at == NOON
    hall.give(stopped, at=NOON + ODD, by=hall.other_invigilator)
    assert (attempt.paused_at, attempt.deadline_at) == (None, before + ODD)
    assert stopped.restored_at == NOON + ODD


def test_whoever_stopped_the_clock_does_not_let_it_go_on(hall: Hall):
    attempt = hall.at_work()
    stopped = hall.pause(hall.where(attempt))
    with pytest.raises(SamePerson):
        hall.give(stopped, at=NOON + MINUTE, by=hall.invigilator)
    assert (attempt.paused_at, stopped.approved_by_id) == (NOON, None)


def test_a_clock_that_stands_for_two_reasons_goes_on_when_both_are_over(hall: Hall):
    one, neighbour = hall.at_work(), hall.at_work()
    before = hall.deadline(one)
    own = hall.pause(hall.where(one))
    room = hall.pause(hall.whole_room, at=NOON + 2 * MINUTE)
    hall.give(own, at=NOON + 5 * MINUTE)
    assert one.paused_at == NOON
    hall.give(room, at=NOON + 10 * MINUTE)
    assert (one.paused_at, neighbour.paused_at) == (None, None)
    assert one.deadline_at == before + 10 * MINUTE
    assert neighbour.deadline_at == before + 8 * MINUTE


def test_nobody_is_paused_where_no_clock_runs(hall: Hall):
    attempt = hall.at_work()
    hall.pause(hall.where(attempt))
    with pytest.raises(NotNow):
        hall.pause(hall.where(attempt), at=NOON + MINUTE)


def test_a_room_is_paused_and_the_next_room_works_on(hall: Hall):
    here, there = hall.at_work(), hall.at_work(hall.next_room)
    hall.pause(hall.whole_room)
    assert (here.paused_at, there.paused_at) == (NOON, None)


# ---------- time given back ----------
def test_an_outage_gives_back_the_time_from_the_raised_hand_until_the_work_goes_on(hall: Hall):
    early, late = hall.at_work(), hall.at_work(since=NOON - 10 * MINUTE)
    before = {one.id: hall.deadline(one) for one in (early, late)}
    outage = hall.outage(hall.whole_room, NOON - 15 * MINUTE, NOON - 3 * MINUTE)
    given = hall.give(outage)
    assert early.deadline_at == before[early.id] + 12 * MINUTE
    assert late.deadline_at == before[late.id] + 7 * MINUTE  # he began only when it was under way
    assert (given.attempts, given.longest) == (2, 12 * MINUTE)


def test_no_second_is_given_twice(hall: Hall):
    attempt = hall.at_work()
    before = hall.deadline(attempt)
    stopped = hall.pause(hall.where(attempt), at=NOON - 10 * MINUTE)
    hall.give(stopped, at=NOON - 4 * MINUTE)
    hall.give(hall.outage(hall.whole_room, NOON - 12 * MINUTE, NOON - 2 * MINUTE))
    hall.give(hall.outage(hall.where(attempt), NOON - 12 * MINUTE, NOON - MINUTE))
    assert hall.deadline(attempt) == before + 11 * MINUTE


def test_an_outage_approved_while_the_clock_stands_ends_where_the_pause_began(hall: Hall):
    attempt = hall.at_work()
    before = hall.deadline(attempt)
    stopped = hall.pause(hall.where(attempt), at=NOON - 5 * MINUTE)
    hall.give(hall.outage(hall.where(attempt), NOON - 8 * MINUTE, NOON - MINUTE))
    assert attempt.deadline_at == before + 3 * MINUTE
    hall.give(stopped)
    assert attempt.deadline_at == before + 8 * MINUTE


@pytest.mark.parametrize(
    ("given", "minutes"),
    [([], 10), ([(-5, 2)], 8), ([(2, 4), (3, 6)], 6), ([(0, 10)], 0), ([(-9, -1), (9, 30)], 9), ([(4, 5), (1, 9)], 2)],
)
def test_what_is_lost_is_what_was_not_given_yet(given, minutes):
    spans = [(NOON + a * MINUTE, NOON + b * MINUTE) for a, b in given]
    assert lost(NOON, NOON + 10 * MINUTE, spans) == minutes * MINUTE


def test_an_outage_waits_for_its_restoration(hall: Hall):
    attempt = hall.at_work()
    outage = hall.outage(hall.where(attempt), NOON - 5 * MINUTE, None)
    with pytest.raises(NotNow):
        hall.give(outage)
    operations.restore(hall.session, outage, at=NOON, account=hall.invigilator, now=NOON + MINUTE)
    assert hall.give(outage, at=NOON + MINUTE).longest == 5 * MINUTE


@pytest.mark.parametrize(
    ("began", "ended"),
    [(NOON + SECOND, None), (NOON - MINUTE, NOON + SECOND), (NOON - MINUTE, NOON - 2 * MINUTE)],
)
def test_impossible_times_are_refused(hall: Hall, began, ended):
    with pytest.raises(NotAReport):
        hall.outage(hall.whole_room, began, ended)


# ---------- what is over stays over ----------
def test_whoever_has_handed_in_is_untouched_and_listed(hall: Hall):
    done, going = hall.at_work(), hall.at_work()
    outage = hall.outage(hall.whole_room, NOON - 10 * MINUTE, NOON)
    hand_in(hall.session, done, cause=HandInCause.CANDIDATE, now=NOON - 5 * MINUTE)
    ended = (done.deadline_at, done.handed_in_at, done.receipt)
    given = hall.give(outage)
    hall.session.refresh(done)
    assert (done.deadline_at, done.handed_in_at, done.receipt) == ended
    assert (given.attempts, given.ended) == (1, 1)
    assert [who.attempt.id for who in queries.touched(hall.session, outage, ended=True)] == [done.id]
    assert [who.attempt.id for who in queries.touched(hall.session, outage, ended=False)] == [going.id]


def test_a_paper_ended_by_an_administrator_keeps_what_was_saved_and_stands_on_the_list(hall: Hall):
    attempt = hall.at_work()
    hall.county.answer(attempt, {1: "B"}, at=NOON - MINUTE)
    made = operations.end_attempt(hall.session, attempt, "使用手机", account=hall.manager, now=NOON)
    assert (attempt.state, attempt.hand_in_cause, attempt.handed_in_at) == ("handed_in", "administrator", NOON)
    assert (made.kind, made.note, made.attempt_id) == ("ended", "使用手机", attempt.id)
    with pytest.raises(NotNow):
        operations.end_attempt(hall.session, attempt, "还是", account=hall.manager, now=NOON)


def test_no_paper_is_ended_without_a_reason(hall: Hall):
    attempt = hall.at_work()
    with pytest.raises(NotAReport):
        operations.end_attempt(hall.session, attempt, " ", account=hall.manager, now=NOON)
    assert attempt.state == "in_progress"


# ---------- a wrong extension ----------
def test_a_wrong_extension_is_taken_back_by_a_new_incident(hall: Hall):
    attempt = hall.at_work()
    before = hall.deadline(attempt)
    wrong = hall.extend(hall.where(attempt), 40)
    hall.give(wrong)
    back = operations.ask_back(hall.session, wrong, "输错了", account=hall.manager, now=NOON)
    with pytest.raises(SamePerson):
        hall.give(back, by=hall.manager)
    hall.give(back, by=hall.other_manager)
    assert hall.deadline(attempt) == before
    assert [round(one.by / MINUTE) for one in queries.time_given(hall.session, attempt.id)] == [40, -40]


def test_taking_back_leaves_the_last_minute(hall: Hall):
    attempt = hall.at_work()
    before = hall.deadline(attempt)
    wrong = hall.extend(hall.where(attempt), 40)
    hall.give(wrong)
    late = before + 20 * MINUTE
    back = operations.ask_back(hall.session, wrong, "输错了", account=hall.invigilator, now=late)
    hall.give(back, at=late)
    assert hall.deadline(attempt) == late + MINUTE


def test_taking_back_gives_nobody_a_minute_he_did_not_have(hall: Hall):
    attempt = hall.at_work()
    wrong = hall.extend(hall.where(attempt), 40)
    hall.give(wrong)
    last = hall.deadline(attempt)
    back = operations.ask_back(hall.session, wrong, "输错了", account=hall.invigilator, now=last - 10 * SECOND)
    hall.give(back, at=last - 10 * SECOND)
    assert hall.deadline(attempt) == last


def test_nothing_is_taken_back_twice_and_an_outage_taken_back_can_be_given_rightly(hall: Hall):
    attempt = hall.at_work()
    before = hall.deadline(attempt)
    wrong = hall.outage(hall.where(attempt), NOON - 20 * MINUTE, NOON)
    hall.give(wrong)
    back = operations.ask_back(hall.session, wrong, "时间记错", account=hall.invigilator, now=NOON)
    with pytest.raises(NotNow):
        operations.ask_back(hall.session, wrong, "再一次", account=hall.invigilator, now=NOON)
    hall.give(back)
    hall.give(hall.outage(hall.where(attempt), NOON - 2 * MINUTE, NOON))
    assert hall.deadline(attempt) == before + 2 * MINUTE


# ---------- the sitting's own end ----------
def test_what_all_of_a_sitting_are_given_moves_its_end_once(hall: Hall):
    hall.at_work()
    before = hall.sitting.closes_at
    everybody = Where(hall.sitting.id)
    hall.give(hall.outage(everybody, NOON - 10 * MINUTE, NOON, by=hall.invigilator))
    hall.give(hall.outage(Where(), NOON - 12 * MINUTE, NOON, by=hall.invigilator), at=NOON + SECOND)
    hall.session.expire_all()
    assert hall.session.get_one(Sitting, hall.sitting.id).closes_at == before + 12 * MINUTE


def test_what_one_room_is_given_leaves_the_sitting_alone(hall: Hall):
    hall.at_work()
    before = hall.sitting.closes_at
    hall.give(hall.extend(hall.whole_room, 10))
    assert hall.session.get_one(Sitting, hall.sitting.id).closes_at == before


def test_a_frozen_sitting_moves_for_an_approved_incident_only(hall: Hall):
    hall.sitting.closes_at, hall.sitting.changed_at = hall.sitting.closes_at + MINUTE, NOON
    with pytest.raises(DBAPIError, match="freeze"):
        hall.session.flush()


# ---------- many at once ----------
def test_a_full_hall_takes_as_many_statements_as_a_few(hall: Hall):
    spent = {}
    for count, room in ((5, hall.room), (400, hall.next_room)):
        ids = hall.crowd(count, deadline=NOON + 30 * MINUTE, room=room)
        where = Where(hall.sitting.id, room.id)
        with sent(hall.session) as paused:
            stopped = hall.pause(where)
        with sent(hall.session) as resumed:
            assert hall.give(stopped, at=NOON + MINUTE).attempts == count
        with sent(hall.session) as extended:
            assert hall.give(hall.extend(where, 5)).attempts == count
        spent[count] = (len(paused), len(resumed), len(extended))
        ends = select(func.count()).where(Attempt.id.in_(ids), Attempt.deadline_at == NOON + 36 * MINUTE)
        assert hall.session.scalar(ends) == count
    assert all(many <= few for many, few in zip(spent[400], spent[5], strict=True))
    assert max(spent[400]) <= 25


def test_who_is_there_is_told_what_time_was_given_and_why(hall: Hall):
    attempt = hall.at_work()
    hall.give(hall.outage(hall.where(attempt), NOON - 3 * MINUTE, NOON))
    told = queries.time_given(hall.session, attempt.id)
    assert [(one.by, one.cause, one.note) for one in told] == [(3 * MINUTE, "network", "交换机断电")]
