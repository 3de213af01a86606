"""The page dies, is reloaded, is left and come back to: the answers and the time are those of before."""

from __future__ import annotations

import pytest

from tests.faults.weakened import weaken_script
from tests.journeys.conftest import Candidate, wait_until
from tests.journeys.faulty import kill_renderers, shows_the_time_left

pytestmark = pytest.mark.journey
AT_MOST = 2000  # ms of typing that may be gone
FEW, ALL = 6, 20


def typed_text_comes_back(site, chromium, her: Candidate, exam) -> None:
    """Typed while the line is down, so that the device alone can have it."""
    officer = her.account
    her.start(exam)
    her.choose("甲项")
    her.saved()
    address = her.page.url.split("#")[0]
    her.context.set_offline(True)
    her.question(4)
    her.page.focus("#blank-0")
    her.page.keyboard.insert_text("公正")
    her.page.wait_for_timeout(AT_MOST)
    her.page.keyboard.insert_text("公开")
    with her.page.expect_event("crash"):
        kill_renderers(chromium)
    her.page.close()
    her.context.set_offline(False)
    her.page = her.context.new_page()
    her.watch(her.page)
    her.page.goto(address)
    her.shown()
    her.question(1)
    assert her.chosen() == ["甲项"]
    her.question(4)
    text = her.page.input_value("#blank-0")
    assert text.startswith("公正"), f"typed two seconds before the end, and gone: only {text!r} is there"
    wait_until(lambda: site.answers(exam, officer).get(4, "").startswith('["公正'))
    assert site.answers(exam, officer)[1] == "A"


def test_a_page_that_is_killed_comes_back_with_what_was_typed(site, candidate, chromium):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    typed_text_comes_back(site, chromium, candidate(officer), exam)


def test_a_page_that_keeps_nothing_on_the_device_is_found_out(site, candidate, chromium):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    asked = "if (!this.durable || !this.memory.changes.has(change.key)) return;"
    weaken_script(her.context, "player-store.js", (asked, "return;"))
    with pytest.raises(AssertionError, match="and gone"):
        typed_text_comes_back(site, chromium, her, exam)


def everything(her: Candidate) -> list[object]:
    """What is chosen or typed in each of the six questions."""
    found: list[object] = []
    for number in range(1, 7):
        her.question(number)
        typed = her.page.locator("#rows input[type=text]").all()
        found.append([one.input_value() for one in typed] if typed else her.chosen())
    return found


def goes_away_and_comes_back(her: Candidate, step: int) -> None:
    page, address = her.page, her.page.url
    if step % 3 == 0:
        page.reload()
    elif step % 3 == 1:
        page.goto(her.site.address + "/exams/")
        page.go_back()
    else:
        page.goto(her.site.address + "/exams/")
        page.go_back()
        page.go_forward()
        page.goto(address)
    her.shown()


def every_return_is_to_the_same(site, her: Candidate, exam, steps: int) -> None:
    her.start(exam)
    deadline = site.attempt(exam, her.account).deadline_at
    for step in range(steps):
        her.question((1, 2, 4, 3, 5, 6)[step % 6])
        if her.page.locator("#blank-0").count():
            her.page.fill("#blank-0", f"公正{step}")
        else:
            her.page.keyboard.press("ab"[step % 2])
        if step % 2:
            her.saved()
        before, heading = everything(her), her.page.inner_text("#heading")
        goes_away_and_comes_back(her, step)
        assert her.page.inner_text("#heading") == heading
        assert everything(her) == before, f"after step {step} the answers are others"
        shows_the_time_left(her, deadline)
    her.saved()
    assert site.attempt(exam, her.account).deadline_at == deadline


@pytest.mark.parametrize("steps", [FEW, pytest.param(ALL, marks=pytest.mark.long)])
def test_every_reload_shows_the_same_answers_and_time(site, candidate, steps: int):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    every_return_is_to_the_same(site, candidate(officer), exam, steps)


def test_a_page_that_counts_from_its_own_opening_is_found_out(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    asked = "return this.deadline - this.now();"
    weaken_script(her.context, "player-clock.js", (asked, "return 3600 - performance.now() / 1000;"))
    with pytest.raises(AssertionError, match="the page shows"):
        every_return_is_to_the_same(site, her, exam, FEW)
