"""A whole sitting in a real browser: on both sizes, offline, on two devices, to the end of the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.exams.models import AttemptState, ExamKind, HandInCause
from tests.factories import RIGHT
from tests.journeys.conftest import DESKTOP, PHONE, wait_until

pytestmark = pytest.mark.journey


def answer_everything(candidate) -> None:
    """All six items right, by whatever letters they stand under."""
    page = candidate.page
    candidate.choose("乙项")
    page.click("#next")
    candidate.choose("甲项", "丙项", "丁项")
    page.click("#next")
    candidate.choose("正确")
    page.click("#next")
    page.fill("#blank-0", "公正")
    page.fill("#blank-1", "公开")
    page.click("#next")
    assert "某镇巡查时发现一处违法。" in page.inner_text("#case")
    candidate.choose("一")
    page.click("#next")
    candidate.choose("错误")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_candidate_sits_the_exam_and_sees_the_result(site, candidate, size):
    officer, exam = site.county.officer(), site.county.exam(ExamKind.MOCK, release_at_once=True)
    site.enter(exam, officer)
    her = candidate(officer, size)
    her.start(exam)
    answer_everything(her)
    her.saved()
    assert site.answers(exam, officer) == RIGHT
    receipt = her.hand_in()
    attempt = site.attempt(exam, officer)
    assert receipt.replace(" ", "") == attempt.receipt[:12]
    assert attempt.hand_in_cause == HandInCause.CANDIDATE
    her.page.click("#receipt-next")
    assert "合格" in her.page.inner_text("#stage")
    assert "100" in her.page.inner_text("#stage")
    assert her.page.locator(".mf-item").count() == 6
    assert "《测试法》第一条" in her.page.inner_text("#item-1")


def test_the_review_lists_what_is_open_and_marked(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    her.choose("乙项")
    her.page.click("#mark")
    her.page.click("#to-review")
    assert her.page.locator("#blank-list a").all_inner_texts() == ["2", "3", "4", "5", "6"]
    assert her.page.locator("#flag-list a").all_inner_texts() == ["1"]
    her.page.click("#blank-list a >> nth=1")
    assert "第 3/6 题" in her.page.inner_text("#heading")
    assert site.attempt(exam, officer).state == AttemptState.IN_PROGRESS


def test_the_keyboard_alone_is_enough(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    page = her.page
    page.keyboard.press("2")
    assert her.chosen() == [page.locator(".mf-opt .t").nth(1).inner_text()]
    page.keyboard.press("m")
    assert page.get_attribute("#mark", "aria-pressed") == "true"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "heading"
    page.keyboard.press("a")
    page.keyboard.press("c")
    page.keyboard.press("a")
    assert her.chosen() == [page.locator(".mf-opt .t").nth(2).inner_text()]
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()
    page.keyboard.press("ArrowLeft")
    assert "第 1/6 题" in page.inner_text("#heading")


def test_a_reload_in_the_middle_keeps_everything(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    her.choose("乙项")
    her.page.click(".mf-opt:has(.t:text-is('丁项')) .mf-opt__out")
    her.page.click("#mark")
    her.question(4)
    her.page.fill("#blank-1", "公开")
    her.page.reload()  # before the text is sent
    her.shown()
    assert "第 4/6 题" in her.page.inner_text("#heading")
    assert her.page.input_value("#blank-1") == "公开"
    her.question(1)
    assert her.chosen() == ["乙项"]
    assert her.page.locator(".mf-opt.is-out .t").all_inner_texts() == ["丁项"]
    assert her.page.get_attribute("#mark", "aria-pressed") == "true"
    wait_until(lambda: site.answers(exam, officer) == {1: "B", 4: '["", "公开"]'})


def test_a_dropped_line_loses_nothing(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    her.choose("甲项")
    her.saved()
    her.context.set_offline(True)
    her.choose("乙项")
    her.page.click("#next")
    her.choose("甲项", "丙项", "丁项")
    her.reads("#save", "未保存，已存在本机")
    assert "网络不稳" in her.note("offline")
    assert her.page.locator("#numbers a.kept").all_inner_texts() == ["1", "2"]
    assert site.answers(exam, officer) == {1: "A"}
    her.context.set_offline(False)
    her.saved()
    assert site.answers(exam, officer) == {1: "B", 2: "ACD"}
    her.page.wait_for_selector("#note-offline", state="detached")
    assert her.page.locator("#numbers a.kept").count() == 0


def test_answers_given_offline_survive_a_closed_page(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    address = her.page.url
    her.context.set_offline(True)
    her.choose("乙项")
    her.reads("#save", "未保存")
    her.page.close()
    her.context.set_offline(False)
    her.page = her.context.new_page()
    her.watch(her.page)
    her.page.goto(address)
    her.shown()
    assert her.chosen() == ["乙项"]
    her.saved()
    assert site.answers(exam, officer) == {1: "B"}


def test_a_stale_page_turns_read_only_and_can_take_over_again(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    desk, phone = candidate(officer), candidate(officer, PHONE)
    desk.start(exam)
    desk.choose("甲项")
    desk.saved()
    phone.sign_in()
    phone.page.click(f"#exam-{exam.id} .mf-acts a")
    phone.shown()
    assert phone.chosen() == ["甲项"]
    phone.choose("乙项")
    phone.saved()
    desk.choose("丙项")  # the stale page tries to overwrite
    assert "本页只能查看" in desk.note("superseded")
    assert desk.page.locator("#answers:disabled").count() == 1
    assert desk.page.locator("#numbers a.kept").all_inner_texts() == ["1"]  # shown, but not what the server has
    assert site.answers(exam, officer) == {1: "B"}
    desk.page.click("#note-superseded button")
    desk.page.wait_for_selector("#note-superseded", state="detached")
    assert desk.chosen() == ["乙项"]
    assert "丙" not in desk.chosen()
    assert "另一台设备上改过" in desk.note("lost")
    desk.choose("丁项")
    desk.saved()
    assert site.answers(exam, officer) == {1: "D"}


def test_a_second_tab_locks_the_first_at_once(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    second = her.context.new_page()
    her.watch(second)
    second.goto(her.page.url)
    second.wait_for_selector("#question:not([hidden])")
    assert "本页只能查看" in her.note("superseded")


def ending_soon(site, seconds: float):
    """An exam whose window closes in some seconds."""
    opened = datetime.now(UTC) - timedelta(hours=1)
    return site.county.exam(opens_at=opened, days=(3600 + seconds) / 86400)


def test_time_over_locks_and_hands_in_by_itself(site, candidate):
    officer, exam = site.county.officer(), ending_soon(site, 15)
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    her.choose("乙项")
    her.page.click("#mark")
    her.page.wait_for_selector("#receipt:not([hidden])", timeout=40_000)
    attempt = site.attempt(exam, officer)
    assert attempt.hand_in_cause == HandInCause.WINDOW_CLOSED
    assert attempt.handed_in_at == attempt.deadline_at
    assert her.receipt().replace(" ", "") == attempt.receipt[:12]
    assert her.page.inner_text("#receipt-cause")
    assert site.answers(exam, officer) == {1: "B"}


def test_the_time_may_be_hidden_until_five_minutes_are_left(site, candidate):
    officer, exam = site.county.officer(), ending_soon(site, 312)
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    her.page.click("#hide-time")
    her.reads("#time", "已隐藏")
    assert "还剩 5 分钟" in her.note("minutes")
    assert "还剩 5 分钟" in her.page.inner_text("#announce")
    her.reads("#time", "00:04:")
    assert not her.page.locator("#hide-time").is_visible()


def test_leaving_the_page_is_recorded_with_its_length(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    tab = her.context.new_cdp_session(her.page)
    tab.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    other = her.context.new_page()
    other.bring_to_front()
    other.wait_for_timeout(4500)
    her.page.bring_to_front()
    tab.send("Emulation.setFocusEmulationEnabled", {"enabled": True})
    her.reads("#away", "离开考试页面 1 次，共")
    wait_until(site.focus_losses)
    assert 4 <= site.focus_losses()[0] <= 7


def test_signing_in_anew_in_another_tab_does_not_stop_the_paper(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    first = her.page
    her.page = her.context.new_page()
    her.page.goto(site.address + "/exams/")
    her.page.click("text=退出登录")
    her.sign_in()
    her.page = first
    her.choose("乙项")
    her.saved()
    her.hand_in()
    assert site.attempt(exam, officer).state == AttemptState.HANDED_IN


def test_half_typed_text_is_not_saved(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    her.question(4)
    her.page.focus("#blank-0")
    keyboard = her.context.new_cdp_session(her.page)
    keyboard.send("Input.imeSetComposition", {"text": "gong", "selectionStart": 4, "selectionEnd": 4})
    her.page.wait_for_timeout(1800)
    assert site.answers(exam, officer) == {}
    keyboard.send("Input.insertText", {"text": "公正"})
    her.page.press("#blank-0", "Tab")
    wait_until(lambda: site.answers(exam, officer) == {4: '["公正", ""]'})
