"""What a page says and does when the server takes no answers, when it comes back from behind, and on plain http."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.journeys.conftest import BROWSERS, FLAGS, PHONE, Candidate, Site, wait_until
from tests.journeys.test_sit_through_trouble import kept

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("browser")]
HOST = "kaoshi.sifaju.example"
ANSWERS = "**/exams/attempts/*/answers"
BUSY = {"status": 503, "content_type": "application/json", "body": '{"error": "journal_busy", "message": "忙"}'}
# as a proxy in front whose own disk is full says it: no word of ours in it
NO_ROOM = {"status": 507, "content_type": "text/html", "body": "<h1>507 Insufficient Storage</h1>"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [(BUSY, "服务器暂时无法接收答案"), (NO_ROOM, "服务器存储空间已满")],
    ids=["503", "507"],
)
def test_while_the_server_takes_no_answers_the_page_says_so_keeps_them_and_sends_them_again(
    site, candidate, answer, said
):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer, PHONE)
    her.start(exam)
    her.choose("甲项")
    her.saved()
    tries: list[str] = []

    def refuse(route) -> None:
        tries.append(route.request.post_data)
        route.fulfill(**answer)

    her.page.route(ANSWERS, refuse)
    her.choose("乙项")
    her.reads("#save", "未保存，已存在本机")
    her.reads("#note-offline", said, 20)
    assert her.chosen() == ["乙项"]
    her.question(3)
    her.page.click(".mf-opt label >> nth=0")  # the next question is worked on meanwhile
    wait_until(lambda: kept(her.page)[1][0] == 2)
    wait_until(lambda: len(tries) >= 3, 40)  # by itself
    assert site.answers(exam, officer) == {1: "A"}
    her.page.unroute(ANSWERS)
    wait_until(lambda: len(site.answers(exam, officer)) == 2, 40)  # and without a touch it arrives
    her.saved()
    assert her.page.locator("#note-offline").count() == 0
    assert site.answers(exam, officer)[1] == "B"
    wait_until(lambda: kept(her.page)[1][0] == 0)


@pytest.fixture
def remembering(chromium) -> Iterator[object]:
    """The same browser with its own cache of pages that were left, which a driven one has switched off."""
    path = next(filter(None, map(shutil.which, BROWSERS)))
    flags = [*FLAGS, f"--host-resolver-rules=MAP {HOST} 127.0.0.1"]
    without = ["--disable-back-forward-cache"]
    browser = chromium.browser_type.launch(executable_path=path, args=flags, ignore_default_args=without)
    yield browser
    browser.close()


def taken_over(phone: Candidate, exam) -> None:
    """Meanwhile she goes on with her phone."""
    phone.sign_in()
    phone.page.click(f"#exam-{exam.id} .mf-acts a")
    phone.shown()
    phone.choose("乙项")
    phone.saved()


def test_the_browsers_way_back_opens_the_paper_anew_and_shows_no_old_page(site, candidate, remembering):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    desk, phone = Candidate(site, remembering, officer), candidate(officer, PHONE)
    desk.start(exam)
    desk.choose("甲项")
    desk.saved()
    desk.page.evaluate("window.addEventListener('pageshow', (event) => { window.came = event.persisted; })")
    desk.page.goto(site.address + "/exams/")
    taken_over(phone, exam)
    desk.page.go_back()
    desk.shown()
    assert desk.page.evaluate("window.came === undefined")  # a page full of answers stays in no browser's cache
    assert desk.chosen() == ["乙项"]
    phone.page.wait_for_selector("#note-superseded", timeout=70_000)
    desk.context.close()
    assert desk.troubles == []


def test_where_a_browser_keeps_the_page_all_the_same_it_asks_first_and_writes_over_nothing(site, candidate):
    """As Safari does, whatever the page says of its caching."""
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    desk, phone = candidate(officer), candidate(officer, PHONE)
    desk.start(exam)
    desk.choose("甲项")
    desk.saved()
    taken_over(phone, exam)
    assert desk.page.locator("#note-superseded").count() == 0  # it has not been told yet
    desk.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    desk.page.wait_for_selector("#note-superseded", timeout=10_000)
    assert desk.page.locator("#answers:disabled").count() == 1
    assert site.answers(exam, officer) == {1: "B"}
    desk.page.click("#note-superseded button")
    desk.reads("#save", "已保存")
    assert desk.chosen() == ["乙项"]


def test_on_plain_http_the_check_says_that_the_paper_does_not_open_and_the_page_says_it_again(site, remembering):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    plain = Site(site.address.replace("127.0.0.1", HOST), site.county)
    her = Candidate(plain, remembering, officer, PHONE)
    her.sign_in()
    her.page.click(f"#exam-{exam.id} .mf-acts a")
    assert not her.page.evaluate("isSecureContext")
    her.page.wait_for_selector("#insecure:not([hidden])")
    assert "http://" in her.page.inner_text("#insecure") and "https://" in her.page.inner_text("#insecure")
    her.page.wait_for_selector('[data-check="secure"] .mf-badge--due')
    her.page.check("[name=identity]")
    her.page.click("#start button")
    assert "https://" in her.note("closed")  # said again where the paper would stand
    assert her.page.locator("#question").is_hidden()
    her.context.close()
    assert her.troubles == []


def test_on_the_servers_own_machine_the_check_finds_nothing_missing(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    her.sign_in()
    her.page.click(f"#exam-{exam.id} .mf-acts a")
    her.page.wait_for_selector('[data-check="secure"] .mf-badge--ok')
    assert her.page.locator("#insecure").is_hidden()


def test_a_page_that_was_left_writes_no_mark_over_those_of_the_page_that_has_the_exam(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    newer = her.context.new_page()
    her.watch(newer)
    newer.goto(her.page.url.split("#")[0] + "#q2")
    newer.wait_for_selector("#question:not([hidden])")
    newer.click("#mark")
    her.note("superseded")
    her.page.bring_to_front()
    her.page.click("#mark")
    her.page.click("#next")
    newer.reload()
    newer.wait_for_selector("#question:not([hidden])")
    assert newer.locator("#numbers .flag").all_inner_texts() == ["2"]
    her.page.click("#note-superseded button")
    her.page.wait_for_selector("#note-superseded", state="detached")
    assert her.page.locator("#numbers .flag").all_inner_texts() == ["2"]  # and it goes on with them
