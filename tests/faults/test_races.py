"""Saves race the hand-in of the same paper: what is scored is what the receipt covers, and what was acknowledged."""

from __future__ import annotations

import threading
from random import Random

import pytest
from sqlalchemy import select

from portal.exams.delivery import operations
from portal.exams.delivery.journal import Change, Journal, open_journal
from portal.exams.delivery.receipts import recompute
from portal.exams.delivery.tokens import AttemptToken
from portal.exams.models import AnswerChange, LateAnswer
from portal.ground.db import db
from tests.conftest import NOON
from tests.exams.candidates import count
from tests.exams.hall import MINUTE, Hall
from tests.factories import County
from tests.faults.weakened import STATE, drop_guard, weaken_saves

FEW, MANY, OF_A_ROOM = 150, 10_000, 500
LATE = 4  # the number of the change that is sent when the hand-in has been answered


class Races:
    """So many papers; of each one page saves while another call hands it in."""

    def __init__(self, county: County, number: int) -> None:
        hall = Hall(county)
        device = county.sign_in(hall.account())
        self.exam_id, self.attempts = hall.exam.id, []
        for _ in range(max(1, number // OF_A_ROOM)):
            crowd = hall.crowd(min(number, OF_A_ROOM), deadline=NOON + 30 * MINUTE, room=county.room())
            self.attempts += crowd
        county.session.commit()
        self.tokens = [AttemptToken(attempt_id, 1, 1, device.id, 0) for attempt_id in self.attempts]
        self.gate = threading.Barrier(2)
        self.acknowledged: set[tuple[int, int]] = set()

    def run(self) -> None:
        journal = open_journal(db.engine)
        saving = threading.Thread(target=self._save_all, args=(journal, Random(1)))
        saving.start()
        try:
            self._hand_in_all(journal, Random(2))
        finally:
            saving.join(600)
            journal.close()

    def _save(self, journal: Journal, token: AttemptToken, number: int) -> None:
        change = Change(number, 1, "ABCD"[number % 4])
        try:
            operations.save(journal, token, [change], now=NOON)
            self.acknowledged.add((token.attempt_id, number))
        except operations.TooLate:
            pass

    def _save_all(self, journal: Journal, chance: Random) -> None:
        for token in self.tokens:
            self._save(journal, token, 1)
            self._together(chance)
            self._save(journal, token, 2)
            self._save(journal, token, 3)
            self.gate.wait(60)
            self._save(journal, token, LATE)

    def _hand_in_all(self, journal: Journal, chance: Random) -> None:
        for token in self.tokens:
            self._together(chance)
            operations.hand_in_from_page(journal, token, address=None, now=NOON)
            self.gate.wait(60)

    def _together(self, chance: Random) -> None:
        """Sometimes one is a little ahead, sometimes the other."""
        self.gate.wait(60)
        for _ in range(chance.randrange(3000)):
            pass


def scored_is_what_the_receipt_covers(races: Races) -> None:
    races.run()
    with db.reading() as session:
        recomputed = list(recompute(session, races.exam_id))
        assert sum(many for many, _ in recomputed) == len(races.attempts)
        differing = [one.attempt_id for _, found in recomputed for one in found]
        assert not differing, f"of {len(differing)} papers what is scored is not what the receipt covers"
        stored = set(map(tuple, session.execute(select(AnswerChange.attempt_id, AnswerChange.sequence))))
        assert stored == races.acknowledged
        evidence = count(session, LateAnswer)
    assert len(stored) + evidence == LATE * len(races.attempts)
    both = {number for _, number in stored} & {2, 3}
    assert both and evidence > len(races.attempts), "they did not race"


def test_what_is_scored_is_what_the_receipt_covers(county: County):
    scored_is_what_the_receipt_covers(Races(county, FEW))


@pytest.mark.long
def test_ten_thousand_races(county: County):
    scored_is_what_the_receipt_covers(Races(county, MANY))


def test_a_save_that_does_not_ask_whether_it_is_over_is_found_out(county: County, monkeypatch: pytest.MonkeyPatch):
    races = Races(county, FEW // 5)
    weaken_saves(monkeypatch, STATE)
    drop_guard("handed_in_is_closed")
    with pytest.raises(AssertionError, match="what is scored is not what the receipt covers"):
        scored_is_what_the_receipt_covers(races)
