"""The line drops without a word, or answers are lost on it: the page keeps everything and goes on by itself."""

from __future__ import annotations

import pytest

from tests.faults.line import CUT_AFTER, HALF
from tests.faults.weakened import weaken_script
from tests.journeys.conftest import DESKTOP, PHONE, Candidate, wait_until
from tests.journeys.faulty import bad_line

pytestmark = pytest.mark.journey
DRAWN = """async () => {
  const parts = JSON.parse(document.getElementById("player-parts").textContent);
  const { pause } = await import(parts.line);
  const longest = (answer) => Math.max(...Array.from({ length: 3000 }, (_, n) => pause(n % 30, answer)));
  return [longest({ status: 0 }), longest({ status: 0, silent: true }), longest({ status: 503 })];
}"""


def a_drop_costs_nothing(her: Candidate, line, exam, seconds: float, back_within: float = 8) -> None:
    """Answers before, during and at the end of the drop; the browser is not told that it has no line."""
    real, officer = her.site, her.account
    her.start(exam)
    her.choose("甲项")
    her.saved()
    line.down = True
    her.choose("乙项")
    her.page.click("#next")
    her.choose("甲项", "丙项")
    her.reads("#save", "未保存，已存在本机")
    her.page.wait_for_selector("#note-offline", timeout=15_000)
    her.page.wait_for_timeout(max(0, seconds - 5) * 1000)  # how long it stays down is the fault itself
    assert real.answers(exam, officer) == {1: "A"}
    her.choose("丁项")
    assert her.chosen() == ["丁项", "丙项", "甲项"], "an answer is gone"
    line.down = False
    wait_until(lambda: real.answers(exam, officer) == {1: "B", 2: "ACD"}, back_within)
    her.saved()
    her.page.wait_for_selector("#note-offline", state="detached")


@pytest.mark.parametrize("size", [DESKTOP, pytest.param(PHONE, marks=pytest.mark.long)], ids=["desktop", "phone"])
def test_a_line_that_drops_without_a_word_loses_nothing_and_is_taken_up_in_time(site, chromium, size):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    with bad_line(site) as (over, line):
        her = Candidate(over, chromium, officer, size)
        a_drop_costs_nothing(her, line, exam, 5)
        gone, silent, busy = her.page.evaluate(DRAWN)
        assert gone < 2500 < silent < 8000 < busy < 23_000  # ms; on the first rests that three seconds are enough
        her.context.close()
        assert her.troubles == []


@pytest.mark.long
@pytest.mark.parametrize("seconds", [60, 20 * 60])
def test_a_line_that_stays_down_for_long(site, chromium, seconds: float):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    with bad_line(site) as (over, line):
        her = Candidate(over, chromium, officer)
        a_drop_costs_nothing(her, line, exam, seconds, back_within=3)
        her.context.close()


def test_a_page_that_forgets_what_it_could_not_send_is_found_out(site, chromium):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    with bad_line(site) as (over, line):
        her = Candidate(over, chromium, officer)
        told = 'this.tell("kept", { status, message: body.message });'
        weaken_script(her.context, "player-journal.js", (told, f"{told} this.forget(batch);"))
        with pytest.raises(AssertionError, match="an answer is gone"):
            a_drop_costs_nothing(her, line, exam, 5, back_within=4)
        her.context.close()


def test_answers_lost_on_their_way_back_to_the_page_cost_nothing(site, chromium):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    with bad_line(site, kinds=(CUT_AFTER, HALF)) as (over, line):
        her = Candidate(over, chromium, officer)
        her.start(exam)
        line.every = 2
        for choice in ("甲项", "乙项", "丙项", "丁项", "乙项"):
            her.choose(choice)
            her.saved()
        her.page.click("#next")
        her.choose("甲项", "丙项", "丁项")
        her.saved()
        receipt = her.hand_in()
        line.every = 10**9
        assert line.counts.total() > 2
        assert site.answers(exam, officer) == {1: "B", 2: "ACD"}
        assert receipt.replace(" ", "") == site.attempt(exam, officer).receipt[:12]
        her.context.close()
