"""Two pages of one attempt, on one device or on two: the one that was taken over writes nothing more."""

from __future__ import annotations

import pytest

from portal.exams.delivery import operations
from portal.exams.models import Attempt
from portal.ground.db import db
from tests.exams.candidates import Candidate
from tests.factories import County
from tests.faults.weakened import FENCE, NUMBER, REPEAT, weaken_saves

FEW, MANY = 200, 1_000  # turns
TAKEN_OVER_EVERY = 20


@pytest.fixture
def candidate(app, web_county: County) -> Candidate:
    return Candidate(app, web_county)


def taken_over(candidate: Candidate) -> str:
    """The token of the page that has just taken the attempt over."""
    with db.writing() as session:
        epoch = operations.open_on_device(session, session.get_one(Attempt, candidate.attempt.id))
        session.commit()
    return candidate.make_token(epoch=epoch)


def nothing_comes_from_the_old_device(candidate: Candidate) -> None:
    """It goes on sending, new numbers and old ones, and tries to hand in; none of it is taken."""
    assert candidate.save([1, 1, "A"]).status_code == 200
    old, new = candidate.token, taken_over(candidate)
    told = []
    for number in range(2, 42):
        told.append(candidate.save([number, 1, "D"], [100 + number, 2, "AB"], token=old))
        if number % 4 == 0:
            assert candidate.save([1000 + number, 1, "B"], token=new).status_code == 200
    told.append(candidate.hand_in(old))
    accepted = [answer for answer in told if answer.status_code == 200]
    assert accepted == [], f"{len(accepted)} were accepted after the fence"
    assert {answer.json["error"] for answer in told} == {"superseded"}
    assert candidate.stored() == {1: "B"}


def test_a_device_that_was_taken_over_writes_nothing_more(candidate: Candidate):
    nothing_comes_from_the_old_device(candidate)


def test_without_the_fence_the_old_device_goes_on_writing(candidate: Candidate, monkeypatch: pytest.MonkeyPatch):
    weaken_saves(monkeypatch, FENCE)
    with pytest.raises(AssertionError, match="accepted after the fence"):
        nothing_comes_from_the_old_device(candidate)


def no_older_answer_comes_back(candidate: Candidate, turns: int = FEW) -> None:
    """Both tabs save in every turn; now and then the other one takes over. What counts is the acknowledged one's."""
    stale, current, number, conflicts = candidate.token, taken_over(candidate), 0, 0
    for turn in range(turns):
        number += 1
        if turn % TAKEN_OVER_EVERY == TAKEN_OVER_EVERY - 1:
            stale, current = current, taken_over(candidate)
        mine, older = "AB"[turn % 2], "CD"[turn % 2]
        assert candidate.save([number, 1, mine], token=current).status_code == 200
        refused = candidate.save([number, 1, older], token=stale)
        conflicts += refused.status_code == 409 and refused.json["error"] == "superseded"
        if turn % 10 == 0:
            assert candidate.stored() == {1: mine}, "an older answer came back"
    assert candidate.stored() == {1: mine}, "an older answer came back"
    assert conflicts == turns, "a tab was not told of the other"


@pytest.mark.parametrize("turns", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
def test_two_tabs_that_save_in_turn_never_write_back_an_older_answer(candidate: Candidate, turns: int):
    no_older_answer_comes_back(candidate, turns)


def test_where_the_last_word_wins_an_older_answer_comes_back(candidate: Candidate, monkeypatch: pytest.MonkeyPatch):
    weaken_saves(monkeypatch, FENCE, NUMBER, REPEAT)
    with pytest.raises(AssertionError, match="an older answer came back"):
        no_older_answer_comes_back(candidate)
