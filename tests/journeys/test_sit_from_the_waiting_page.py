"""Checking in before the hour: the page waits, holds the sealed paper, and opens it by itself, line or no line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.exams import queries
from portal.exams.models import ExamKind
from portal.ground.db import db
from tests.exams.hall import Hall
from tests.exams.test_drawn import BLUEPRINT, pool
from tests.journeys.conftest import DESKTOP, PHONE, wait_until

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("browser")]


def hall_opening_in(site, seconds: float) -> Hall:
    """A fixed start in some seconds, with seats."""
    hall = Hall(site.county, began=datetime.now(UTC) + timedelta(seconds=seconds), before={"timing": "fixed"})
    hall.session.commit()
    return hall


def check_in(her, exam) -> None:
    her.sign_in(f"/exams/{exam.id}")
    her.page.check("[name=identity]")
    her.page.click("#start button")
    her.page.wait_for_selector("#waiting:not([hidden])")


def sealed_forms_kept(page) -> int:
    return page.evaluate(
        """() => new Promise((done) => {
          const ask = indexedDB.open("mingfa-exam");
          ask.onsuccess = () => {
            const count = ask.result.transaction("forms").objectStore("forms").count();
            count.onsuccess = () => { ask.result.close(); done(count.result); };
          };
        })"""
    )


def test_the_paper_opens_by_itself_also_for_whom_the_line_drops_over_the_hour(site, candidate):
    hall = hall_opening_in(site, 25)
    desk_officer, phone_officer = hall.seated(), hall.seated()
    hall.session.commit()
    desk, phone = candidate(desk_officer, DESKTOP), candidate(phone_officer, PHONE)
    for her in (desk, phone):
        check_in(her, hall.exam)
        waiting = her.page.inner_text("#waiting")
        assert "周雅琴" in waiting and "第一考场" in waiting
        her.page.wait_for_selector("#wait-form[data-state=here]")
        assert sealed_forms_kept(her.page) == 1
    fetched: list[str] = []
    desk.page.on("request", lambda sent: fetched.append(sent.url) if "/exams/forms/" in sent.url else None)
    desk.page.reload()
    desk.page.wait_for_selector("#wait-form[data-state=here]")
    assert fetched == []  # it is on the device
    assert desk.page.locator("#question").is_hidden() and "哪一项正确" not in desk.page.content()
    phone.context.set_offline(True)
    desk.page.wait_for_selector("#question:not([hidden])", timeout=60_000)
    phone.page.wait_for_selector("#wait-state[data-state=line]", timeout=60_000)
    assert phone.page.locator("#question").is_hidden()
    phone.context.set_offline(False)
    phone.shown()
    started = site.attempt(hall.exam, desk_officer)
    full, spread = timedelta(minutes=hall.exam.minutes), timedelta(seconds=5)
    assert started.deadline_at - started.started_at == full
    assert hall.exam.opens_at <= started.started_at <= hall.exam.opens_at + spread + timedelta(seconds=20)
    late = site.attempt(hall.exam, phone_officer)
    assert late.deadline_at <= hall.exam.opens_at + spread + full  # his own delay is given back by a person, not by us


def test_a_reload_shows_the_same_paper_and_the_same_time(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    page = her.page

    def seen() -> tuple[list[str], list[list[str]]]:
        stems, options = [], []
        for number in range(1, 7):
            her.question(number)
            stems.append(page.inner_text("#stem"))
            options.append(page.locator(".mf-opt .t").all_inner_texts())
        return stems, options

    def apart() -> float:
        """Seconds between the time left on the page and the time left in the database."""
        her.reads("#time", "00:5")
        hours, minutes, seconds = map(int, page.inner_text("#time").split(":"))
        left = (site.attempt(exam, officer).deadline_at - datetime.now(UTC)).total_seconds()
        return hours * 3600 + minutes * 60 + seconds - left

    first = seen()
    for step in range(3):
        her.question(step + 1)
        if page.locator(".mf-opt input").count():
            page.keyboard.press("1")
            page.keyboard.press("2")
        before = her.chosen()
        page.reload()
        her.shown()
        assert her.chosen() == before
        assert -1 <= apart() <= 2  # the display rounds up
        assert f"第 {step + 1}/6" in page.inner_text("#heading")
    assert seen() == first
    with db.reading() as session:
        assert queries.attempts_of(session, officer.person_id, [exam.id])[-1].epoch == 4  # each page that opened it


def test_another_device_takes_the_place_in_the_waiting_room(site, candidate):
    hall = hall_opening_in(site, 15)
    officer = hall.seated()
    hall.session.commit()
    desk, phone = candidate(officer), candidate(officer, PHONE)
    check_in(desk, hall.exam)
    check_in(phone, hall.exam)
    phone.page.wait_for_selector("#question:not([hidden])", timeout=60_000)
    assert "本页只能查看" in desk.note("superseded")
    phone.choose(phone.page.locator(".mf-opt .t").first.inner_text())
    wait_until(lambda: site.answers(hall.exam, officer))


def test_a_paper_drawn_at_the_start_is_the_same_after_a_reload(site, candidate):
    stock = pool()
    exam = site.county.exam(
        ExamKind.MONTHLY, drawn=stock, before={"delivery": "drawn", "blueprint": BLUEPRINT},
        versions={question.code: 900 + n for n, question in enumerate(stock)},
    )  # fmt: skip
    officer = site.county.officer()
    site.enter(exam, officer)
    her = candidate(officer, PHONE)
    her.start(exam)

    def stems() -> list[str]:
        found = []
        for number in range(1, 7):
            her.question(number)
            found.append(her.page.inner_text("#stem"))
        return found

    first = stems()
    her.question(1)
    her.choose("乙项")
    her.saved()
    her.page.reload()
    her.shown()
    assert stems() == first and len(site.attempt(exam, officer).drawn) == 5
    assert sealed_forms_kept(her.page) == 0
    her.hand_in()
    assert site.attempt(exam, officer).receipt
