"""Much at once, and little for long: a huge paste is refused as a whole, and a page at work does not grow."""

from __future__ import annotations

import pytest

from tests.faults.weakened import weaken_script
from tests.journeys.conftest import Candidate

pytestmark = pytest.mark.journey
HUGE = 5 * 1024 * 1024  # bytes
FEW, THREE_HOURS = 120, 3600  # acts; three hours at one in three seconds
FIRST = 40  # acts after which a page has all it needs
MB = 1024 * 1024
MOST = {FEW: 3 * MB, THREE_HOURS: 50 * MB}  # what it may grow by


def a_huge_paste_leaves_what_stood_there(site, her: Candidate, exam) -> None:
    her.context.grant_permissions(["clipboard-read", "clipboard-write"])
    her.start(exam)
    her.question(4)
    her.page.fill("#blank-0", "公正")
    her.saved()
    her.page.evaluate(f"navigator.clipboard.writeText('长'.repeat({HUGE // 3}))")
    her.page.focus("#blank-0")
    her.page.keyboard.press("Control+v")
    her.page.wait_for_timeout(300)
    stands = her.page.input_value("#blank-0")
    assert stands == "公正", f"{len(stands)} characters stand there"
    assert "200" in her.note("long")
    her.page.fill("#blank-1", "公开")
    her.saved()
    assert site.answers(exam, her.account) == {4: '["公正", "公开"]'}


def test_what_is_too_long_is_refused_and_what_stood_there_stays(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    a_huge_paste_leaves_what_stood_there(site, candidate(officer), exam)


def test_a_paste_that_is_cut_off_unseen_is_found_out(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    weaken_script(her.context, "player-rows.js", ("if (text.length <= left) return;", "return;"))
    with pytest.raises(AssertionError, match="characters stand there"):
        a_huge_paste_leaves_what_stood_there(site, her, exam)


def test_what_gets_past_the_field_is_refused_by_the_server_and_stays_on_the_page(site, candidate):
    """As a program in the browser may put it there, without a paste."""
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    her.question(4)
    her.page.fill("#blank-0", "公正")
    her.saved()
    her.page.evaluate(
        """() => {
          const field = document.querySelector("#blank-0");
          field.value = "长".repeat(100000);
          field.dispatchEvent(new Event("input", { bubbles: true }));
        }"""
    )
    her.page.wait_for_selector("#note-refused")
    assert len(her.page.input_value("#blank-0")) == 100_000
    assert site.answers(exam, officer) == {4: '["公正", ""]'}
    her.page.fill("#blank-0", "公开")
    her.saved()
    assert site.answers(exam, officer) == {4: '["公开", ""]'}


def used(her: Candidate) -> int:
    """Bytes of the page's heap after everything nobody holds was given back."""
    asked = her.context.new_cdp_session(her.page)
    for _ in range(3):
        asked.send("HeapProfiler.collectGarbage")
    found = asked.send("Runtime.getHeapUsage")["usedSize"]
    asked.detach()
    return found


def work(her: Candidate, acts: int) -> None:
    """Choose, strike out, mark and walk on, with a save after every few acts."""
    for act in range(acts):
        her.page.keyboard.press(("a", "b", "ArrowRight", "c", "m", "ArrowLeft")[act % 6])
        if act % 20 == 19:
            her.saved()


def does_not_grow(site, her: Candidate, exam, acts: int) -> None:
    her.start(exam)
    work(her, FIRST)
    before = used(her)
    work(her, acts)
    grown = used(her) - before
    assert grown < MOST[acts], f"the page grew by {grown / MB:.1f} MB"


def test_a_page_at_work_does_not_grow(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    does_not_grow(site, candidate(officer), exam, FEW)


@pytest.mark.long
def test_a_page_open_for_as_many_acts_as_three_hours_hold(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    does_not_grow(site, candidate(officer), exam, THREE_HOURS)


def test_a_page_that_holds_on_to_things_is_found_out(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    drawn = "this.rows.answer(this.item,"
    held = "(window.held = window.held || []).push(new Array(20000).fill(this.at));"
    weaken_script(her.context, "player.js", (drawn, f"{held} {drawn}"))
    with pytest.raises(AssertionError, match="the page grew"):
        does_not_grow(site, her, exam, FEW)
