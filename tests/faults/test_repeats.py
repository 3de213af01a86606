"""What is sent twice counts once: saves whose answer was lost, and a hundred hand-ins at the same moment."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from portal.exams.delivery import closing
from portal.exams.models import AnswerChange, AttemptState, Result
from portal.ground.db import db
from portal.ground.models import Job
from tests.exams.candidates import Candidate, at_once, count, hand_ins_on_record
from tests.factories import County
from tests.faults.weakened import NUMBER, REPEAT, weaken_saves

SAVES, HAND_INS = 60, 100


@pytest.fixture
def candidate(app, web_county: County) -> Candidate:
    return Candidate(app, web_county)


def everything_is_stored_once(candidate: Candidate) -> None:
    """A page that hears of every second save only after it sent it again, and of its hand-in after the third."""
    chance = random.Random(2)
    sent = {}
    for number in range(1, SAVES + 1):
        sent[number] = (chance.choice((1, 5)), chance.choice("ABC"))
        change, times = [number, *sent[number]], chance.choice((1, 1, 2, 3))
        told = {(answer.status_code, answer.data) for answer in (candidate.save(change) for _ in range(times))}
        assert {status for status, _ in told} == {200} and len(told) == 1
    receipts = {candidate.hand_in().data for _ in range(3)}
    assert len(receipts) == 1, "a repeated hand-in was answered otherwise"
    with db.reading() as session:
        rows = session.execute(select(AnswerChange.sequence, AnswerChange.item, AnswerChange.answer)).all()
    assert len(rows) == SAVES, f"{len(rows)} changes of {SAVES} are stored"
    assert {number: (item, answer) for number, item, answer in rows} == sent


def test_what_is_sent_again_is_stored_once_and_answered_alike(candidate: Candidate):
    everything_is_stored_once(candidate)


def test_without_its_number_what_is_sent_again_is_found_twice(candidate: Candidate, monkeypatch: pytest.MonkeyPatch):
    weaken_saves(monkeypatch, NUMBER, REPEAT)
    with pytest.raises(AssertionError, match="changes of 60 are stored"):
        everything_is_stored_once(candidate)


def one_ending(candidate: Candidate) -> None:
    """A hundred hand-ins of one paper at the same moment: one result, one line in the trail, one answer to all."""
    assert candidate.save([1, 1, "B"], [2, 2, "ACD"]).status_code == 200
    replies = at_once(HAND_INS, lambda _: (lambda answer: (answer.status_code, answer.data))(candidate.hand_in()))
    with db.reading() as session:
        lines = hand_ins_on_record(session)
        results = count(session, Result, Result.attempt_id == candidate.attempt.id)
        waiting = count(session, Job, Job.kind == "mark_attempt")
    assert (lines, results) == (1, 1), f"{lines} lines in the trail and {results} results"
    assert waiting == 1
    assert len(set(replies)) == 1 and replies[0][0] == 200


def test_a_hundred_hand_ins_at_once_are_one(candidate: Candidate):
    one_ending(candidate)


def test_whoever_does_not_look_again_hands_in_many_times(candidate: Candidate, monkeypatch: pytest.MonkeyPatch):
    """The look at the attempt is the one of before the lock: for every call the paper is still open."""
    looked = closing._locked

    def before(session: Any, attempt_id: int) -> SimpleNamespace:
        return SimpleNamespace(**looked(session, attempt_id)._mapping | {"state": AttemptState.IN_PROGRESS})

    monkeypatch.setattr(closing, "_locked", before)
    with pytest.raises(AssertionError, match="lines in the trail"):
        one_ending(candidate)
