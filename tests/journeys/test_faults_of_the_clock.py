"""The device's clock is wrong, is set while the exam runs, or stands in another zone: the page goes by the server."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from portal.exams.hours import LONG_SPREAD, SHORT_SPREAD
from portal.exams.models import AttemptState
from tests.faults.weakened import weaken_script
from tests.journeys.conftest import Candidate
from tests.journeys.faulty import SET_CLOCK, Browser, shows_the_time_left

pytestmark = pytest.mark.journey
HERE = "http://localhost/"  # answered by the test itself
TWO_HOURS = 2 * 3600
JILIN = timezone(timedelta(hours=8))


def shown_as(told: str) -> datetime:
    """Today's hour as the page wrote it, taken as Jilin's."""
    found = re.search(r"(\d\d):(\d\d):(\d\d)", told)
    assert found, told
    hour, minute, second = map(int, found.groups())
    return datetime.now(JILIN).replace(hour=hour, minute=minute, second=second)


def says_jilin_s_hour(told: str) -> None:
    apart = abs(datetime.now(JILIN) - shown_as(told))
    assert min(apart, timedelta(days=1) - apart) < timedelta(minutes=1), f"the page says {told}"


def the_time_left_is_the_server_s(site, her: Candidate, exam, *skews: int) -> None:
    """The clock is off by so many seconds, by the first of them before the page opens, and is then set and set."""
    her.context.add_init_script(SET_CLOCK.replace("OFF", str(skews[0] * 1000)))
    her.start(exam)
    deadline = site.attempt(exam, her.account).deadline_at
    for number, skew in enumerate(skews, 1):
        her.page.evaluate("(seconds) => window.setDeviceClock(seconds)", skew)
        apart = her.page.evaluate("new Date().getTime()") / 1000 - datetime.now(UTC).timestamp()
        assert apart == pytest.approx(skew, abs=5)  # the device really is wrong
        shows_the_time_left(her, deadline)
        her.question(number)
        her.page.keyboard.press("a")
        her.saved()
        says_jilin_s_hour(her.page.inner_text("#save"))
    attempt = site.attempt(exam, her.account)
    assert (attempt.deadline_at, attempt.state) == (deadline, AttemptState.IN_PROGRESS)


@pytest.mark.parametrize("off", [TWO_HOURS, -TWO_HOURS], ids=["ahead", "behind"])
def test_the_time_left_follows_the_server_whatever_the_device_says(site, candidate, off):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    the_time_left_is_the_server_s(site, candidate(officer), exam, off, 0, -off)


def test_a_page_that_believes_its_device_is_found_out(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    asked = "return this.offset + performance.now() / 1000;"
    weaken_script(her.context, "player-clock.js", (asked, "return Date.now() / 1000;"))
    with pytest.raises(AssertionError, match="the page shows"):
        the_time_left_is_the_server_s(site, her, exam, 0, -TWO_HOURS)


def test_a_device_of_another_zone_shows_the_same_hours(site, chromium):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    notices = []
    for zone in ("America/New_York", "Asia/Urumqi"):
        her = Candidate(site, Browser(chromium, timezone_id=zone), officer)
        her.sign_in(f"/exams/{exam.id}")
        notices.append(her.page.locator("main time, main dd").all_inner_texts())
        assert her.page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == zone
        her.page.goto(site.address + "/exams/")
        her.context.close()
    assert notices[0] == notices[1] and any(notices[0])
    her = Candidate(site, Browser(chromium, timezone_id="America/New_York"), officer)
    her.start(exam)
    shows_the_time_left(her, site.attempt(exam, officer).deadline_at)
    her.page.keyboard.press("a")
    her.saved()
    says_jilin_s_hour(her.page.inner_text("#save"))
    her.hand_in()
    told = her.page.inner_text("#receipt-time")
    assert told.startswith(f"{datetime.now(JILIN):%Y-%m-%d}")
    says_jilin_s_hour(told)
    her.context.close()


SET_OUT = """async (spread) => {
  const { Waiting } = await import("/static/player-waiting.js?v=1");
  const waiting = new Waiting({}, null, { now: () => 0 }, null, {});
  const after = Array.from({ length: 5000 }, () => {
    waiting.begin(1000, spread);
    return waiting.go - 1000;
  });
  return [Math.min(...after), Math.max(...after)];
}"""
WAY = 2  # seconds that are enough for a start to arrive


def nobody_loses_time_on_his_way(chromium, *pairs: tuple[str, str]) -> None:
    """When the pages of a hall set out for the start, seconds after the hour: the last has time for the way."""
    context = chromium.new_context()
    context.route(HERE, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    weaken_script(context, "player-waiting.js", *pairs)
    page = context.new_page()
    page.goto(HERE)
    for spread in (LONG_SPREAD, SHORT_SPREAD, 0):
        first, last = page.evaluate(SET_OUT, spread)
        assert 0 <= first and last <= max(0, spread - WAY), f"of {spread} seconds the last sets out at {last}"
        assert last > (spread - WAY) * 0.9, "the hall comes in one beat"
    context.close()


def test_of_a_spread_start_nobody_sets_out_so_late_that_he_loses_time(chromium):
    nobody_loses_time_on_his_way(chromium)


def test_a_start_in_the_last_moment_of_the_spread_is_found_out(chromium):
    with pytest.raises(AssertionError, match="the last sets out"):
        nobody_loses_time_on_his_way(chromium, ("spread - WAY", "spread"))
