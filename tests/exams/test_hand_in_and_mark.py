"""One ending for handing in and time over; marks that can be recomputed at any time."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal import rounds
from portal.exams import operations as exams
from portal.exams import queries
from portal.exams.delivery import operations, starting, tokens
from portal.exams.delivery.journal import Change, open_journal
from portal.exams.marking.operations import StillRunning, mark_attempt
from portal.exams.models import AnswerChange, Attempt, ExamKind, HandInCause, Result
from portal.ground.db import db
from portal.people.models import Ban
from tests.conftest import NOON
from tests.exams.regrading import applied, newest
from tests.factories import RIGHT, County


def test_all_right_is_a_full_mark_and_one_wrong_costs_its_points(county: County):
    officer = county.officer()
    result = county.result(officer, county.exam(), {**RIGHT, 1: "C"})
    assert (result.points, result.full_points, result.mark, result.passed) == (1000, 1200, 8333, True)


def test_the_sweep_hands_in_with_the_time_of_the_limit_and_twice_is_once(county: County):
    attempt = county.attempt(county.officer(), county.exam())
    county.answer(attempt, {1: "B"})
    later = attempt.deadline_at + timedelta(days=2)
    assert operations.close_overdue(county.session, now=later) == 1
    assert attempt.handed_in_at == attempt.deadline_at
    assert attempt.hand_in_cause == HandInCause.TIME_OVER
    assert operations.close_overdue(county.session, now=later) == 0


def test_the_sweep_leaves_alone_whoever_still_has_his_grace(county: County):
    attempt = county.attempt(county.officer(), county.exam())
    assert operations.close_overdue(county.session, now=attempt.deadline_at + timedelta(seconds=4)) == 0


def test_handing_in_twice_is_one_hand_in_with_one_receipt(county: County):
    attempt = county.attempt(county.officer(), county.exam())
    county.answer(attempt, RIGHT)
    first = operations.hand_in(county.session, attempt, cause=HandInCause.CANDIDATE, now=NOON)
    receipt, at = first.receipt, first.handed_in_at
    again = operations.hand_in(county.session, attempt, cause=HandInCause.CANDIDATE, now=NOON + timedelta(minutes=5))
    assert (again.receipt, again.handed_in_at) == (receipt, at)


def test_an_attempt_that_still_runs_is_not_marked(county: County):
    attempt = county.attempt(county.officer(), county.exam())
    with pytest.raises(StillRunning):
        mark_attempt(county.session, attempt, now=NOON)


def test_marking_twice_makes_one_result_and_a_new_key_makes_a_second_beside_it(county: County):
    officer = county.officer()
    first = county.result(officer, county.exam())
    assert mark_attempt(county.session, first.attempt, now=NOON).id == first.id
    applied(county, first.attempt.exam, given="D")
    second = newest(county.session, first.attempt)
    assert (second.number, second.mark) == (2, 8333)
    assert county.session.get(Result, first.id).mark == 10_000


def test_a_monthly_result_is_out_when_marked_and_a_qualification_result_waits(county: County):
    officer = county.officer()
    monthly = county.result(officer, county.exam(ExamKind.MONTHLY, release_at_once=True), release=False)
    waiting = county.result(officer, county.exam(), release=False)
    assert queries.released(county.session, monthly.id)
    assert not queries.released(county.session, waiting.id)


def test_the_worker_marks_what_was_handed_in_and_closes_what_was_left(app, web_county: County):
    county = web_county
    handed = county.attempt(county.officer(), county.exam())
    county.answer(handed, RIGHT)
    operations.hand_in(county.session, handed, cause=HandInCause.CANDIDATE, now=NOON)
    left = county.attempt(county.officer(born=county.today.replace(year=1985)), county.exam())
    county.session.commit()
    assert rounds.one_round(left.deadline_at + timedelta(minutes=1)) >= 2
    rounds.one_round(left.deadline_at + timedelta(minutes=2))
    with db.reading() as session:
        marks = session.scalars(select(Result.mark).order_by(Result.mark)).all()
    assert marks == [0, 10_000]


def test_whoever_is_barred_or_not_listed_or_too_late_does_not_start(county: County):
    exam, officer = county.exam(), county.officer()
    exams.enter(county.session, exam, [officer.person_id])
    _, entry = queries.entered_exam(county.session, officer.person_id, exam.id)
    with pytest.raises(starting.MayNotSit, match="closed"):
        exams.start(county.session, exam, entry, now=exam.closes_at)
    with pytest.raises(starting.NotOpen, match="not opened"):
        exams.start(county.session, exam, entry, now=exam.opens_at - timedelta(seconds=1))


def test_a_bar_in_force_stops_the_start_and_one_that_was_lifted_does_not(county: County):
    exam, officer = county.exam(), county.officer()
    county.enter(exam, officer)
    _, entry = queries.entered_exam(county.session, officer.person_id, exam.id)
    bar = Ban(person_id=officer.person_id, act="cheating", since=county.today, until=county.today, reference="决定")
    county.session.add(bar)
    county.session.flush()
    with pytest.raises(starting.MayNotSit, match="barred"):
        exams.start(county.session, exam, entry, now=NOON)
    bar.lifted_on = county.today
    county.session.flush()
    assert exams.start(county.session, exam, entry, now=NOON).number == 1


def test_all_attempts_used_means_no_further_start(county: County):
    officer = county.officer()
    exam = county.exam()
    county.result(officer, exam)
    _, entry = queries.entered_exam(county.session, officer.person_id, exam.id)
    with pytest.raises(starting.MayNotSit, match="All attempts"):
        exams.start(county.session, exam, entry, now=NOON)


def test_saves_that_race_a_hand_in_are_in_the_receipt_or_refused(app, web_county: County):
    """Answers scored equal the receipt's, however the two interleave."""
    county = web_county
    officer = county.officer()
    attempt, device = county.attempt(officer, county.exam()), county.sign_in(officer)
    county.session.commit()
    journal = open_journal(db.engine)
    token = tokens.AttemptToken(attempt.id, attempt.form_id, attempt.epoch, device.id, 2**40)
    stored: list[int] = []
    started = threading.Event()

    def save_many() -> None:
        for number in range(1, 200):
            if operations.save_answers(journal, token, [Change(number, 1, "ABCD"[number % 4])], now=NOON):
                stored.append(number)
            started.set()

    writer = threading.Thread(target=save_many)
    writer.start()
    started.wait(10)
    with db.writing() as session:
        receipt = operations.hand_in(
            session, session.get(Attempt, attempt.id), cause=HandInCause.CANDIDATE, now=NOON
        ).receipt
        session.commit()
    writer.join()
    journal.close()
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(AnswerChange)) == len(stored)
        assert receipt == operations.receipt_of(attempt.public_id, queries.answers_of(session, attempt.id))
