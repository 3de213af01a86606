"""What goes wrong in a hall: the clock is stopped, time is given, the line stays down, a file saves the answers."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.exams.models import AttemptState, Entry, HandInCause, LateAnswer
from portal.exams.running.giving import give
from portal.ground.db import db
from tests.exams.hall import Hall
from tests.journeys.conftest import PHONE, wait_until

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("browser")]
SHANGHAI = timezone(timedelta(hours=8))
KEPT = """() => new Promise((done) => {
  const ask = indexedDB.open("mingfa-exam");
  ask.onsuccess = () => {
    const names = [...ask.result.objectStoreNames];
    const deal = ask.result.transaction(names);
    const found = {};
    for (const name of names) {
      const all = deal.objectStore(name).getAll();
      all.onsuccess = () => (found[name] = all.result);
    }
    deal.oncomplete = () => {
      ask.result.close();
      const plain = (key, value) => (value instanceof ArrayBuffer || ArrayBuffer.isView(value)
        ? new TextDecoder().decode(value) : value);
      done([JSON.stringify(found, plain), Object.values(found).map((rows) => rows.length)]);
    };
  };
})"""


def kept(page) -> tuple[str, list[int]]:
    """Everything in IndexedDB as text, and how many rows each store holds."""
    text, rows = page.evaluate(KEPT)
    return text, rows


def test_a_pause_stops_the_clock_and_more_time_is_noticed(site, candidate):
    hall = Hall(site.county, began=datetime.now(UTC) - timedelta(minutes=5))
    officer = hall.seated()
    hall.session.commit()
    her = candidate(officer)
    her.start(hall.exam)
    her.choose("乙项")
    her.saved()
    attempt = site.attempt(hall.exam, officer)
    pause = hall.pause(hall.where(attempt), at=datetime.now(UTC))
    hall.session.commit()
    her.page.evaluate("window.dispatchEvent(new Event('focus'))")  # it would look by itself within a minute
    her.page.wait_for_selector("#paused:not([hidden])")
    since = site.attempt(hall.exam, officer).paused_at
    assert f"{since.astimezone(SHANGHAI):%H:%M:%S}" in her.page.inner_text("#paused-since")
    assert her.page.inner_text("#paused-cause")
    assert her.page.locator("#question").is_hidden() and her.page.locator("#sheet").is_hidden()
    standing = timedelta(seconds=math.ceil((attempt.deadline_at - since).total_seconds()))
    her.reads("#time", f"0{standing}")
    her.page.wait_for_timeout(2200)
    assert her.page.inner_text("#time") == f"0{standing}"
    her.page.reload()
    her.page.wait_for_selector("#paused:not([hidden])")
    given = hall.give(pause, at=datetime.now(UTC))
    hall.session.commit()
    assert given.attempts == 1
    her.page.wait_for_selector("#question:not([hidden])", timeout=40_000)  # by itself
    her.choose("甲项")
    her.saved()
    hours, minutes, seconds = map(int, her.page.inner_text("#time").split(":"))
    left = (site.attempt(hall.exam, officer).deadline_at - datetime.now(UTC)).total_seconds()
    assert abs(hours * 3600 + minutes * 60 + seconds - left) <= 2


def test_time_given_in_the_last_moment_lets_him_go_on(site, candidate):
    hall = Hall(site.county, began=datetime.now(UTC), minutes=1)
    officer = hall.seated()
    hall.session.commit()
    her = candidate(officer)
    her.start(hall.exam)
    her.reads("#time", "00:00:2", 70)
    extension = hall.extend(hall.where(site.attempt(hall.exam, officer)), 10, at=datetime.now(UTC))
    hall.session.commit()
    give(hall.session, extension, above=False, account=hall.manager, now=datetime.now(UTC))
    hall.session.commit()
    her.page.wait_for_selector("#note-extended", timeout=60_000)  # asked before the end, without a look of his
    assert site.attempt(hall.exam, officer).state == AttemptState.IN_PROGRESS
    her.choose("乙项")
    her.saved()


def test_a_rescue_file_carries_answers_to_another_device_and_a_shared_device_keeps_none(site, candidate, tmp_path):
    officer, exam = site.county.officer(), site.county.exam()
    other = site.county.officer("金春花", born=datetime(1991, 1, 1).date())
    site.enter(exam, officer, other)
    desk, phone, stranger = candidate(officer), candidate(officer, PHONE), candidate(other)
    desk.start(exam)
    desk.saved()
    desk.page.wait_for_load_state("networkidle")
    desk.context.set_offline(True)
    desk.choose("丙项")
    desk.page.click("#mark")
    desk.question(4)
    desk.page.fill("#blank-0", "公正公开原则")
    desk.reads("#save", "未保存，已存在本机")
    wait_until(lambda: kept(desk.page)[1][0] == 2)
    text, _ = kept(desk.page)
    assert all(word not in text for word in ("公正公开原则", "answer", "struck", "marks", '"item"'))
    desk.page.click(".mf-rescue summary")
    with desk.page.expect_download() as saving:
        desk.page.click("#rescue-save")
    number = admission_number(exam, officer)
    assert saving.value.suggested_filename.startswith(f"mingfa-rescue-{number}-")
    file = tmp_path / "rescue.json"
    saving.value.save_as(file)
    assert "公正公开原则" not in file.read_text()
    desk.page.close()

    stranger.start(exam)
    load(stranger, file)
    stranger.page.wait_for_selector("#note-rescue[data-kind=foreign]")
    phone.sign_in()
    phone.page.click(f"#exam-{exam.id} .mf-acts a")
    phone.shown()
    load(phone, file)
    phone.page.wait_for_selector("#note-rescue[data-kind=loaded]")
    wait_until(lambda: site.answers(exam, officer) == {1: "C", 4: '["公正公开原则", ""]'})
    phone.hand_in()
    wait_until(lambda: kept(phone.page)[1] == [0, 0, 0])
    phone.page.click("#receipt-next")
    phone.page.wait_for_selector("#stage")
    phone.page.click(".mf-rescue summary")
    phone.page.set_input_files("#rescue-file", str(file))
    phone.page.click("#rescue-send")
    phone.reads("#rescue-state", "2")
    with db.reading() as session:
        rows = session.scalars(select(LateAnswer.body)).all()
        assert [sorted(row[2] for row in json.loads(body)) for body in rows] == [[1, 4]]


def admission_number(exam, officer) -> str:
    with db.reading() as session:
        found = select(Entry.admission_number)
        return session.scalars(found.where(Entry.exam_id == exam.id, Entry.person_id == officer.person_id)).one()


def load(her, file: Path) -> None:
    her.open_sheet()
    her.page.click(".mf-rescue summary")
    her.page.set_input_files("#rescue-load", str(file))


def test_time_over_without_a_line_offers_the_file_and_hands_in_when_it_is_back(site, candidate):
    opened = datetime.now(UTC) - timedelta(hours=1)
    officer, exam = site.county.officer(), site.county.exam(opens_at=opened, days=(3600 + 25) / 86400)
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    her.choose("甲项")
    her.saved()
    her.context.set_offline(True)
    her.choose("乙项")
    her.reads("#note-over", "网络断开", 60)
    assert her.page.locator("#answers:disabled").count() == 1
    with her.page.expect_download() as saving:
        her.page.click("#note-over button")
    assert saving.value.suggested_filename.endswith(".json")
    wait_until(lambda: datetime.now(UTC) > exam.closes_at + timedelta(seconds=6), 40)
    her.context.set_offline(False)
    her.receipt()
    assert site.attempt(exam, officer).hand_in_cause == HandInCause.WINDOW_CLOSED
    assert site.answers(exam, officer) == {1: "A"}  # what came late is evidence, not an answer
    with db.reading() as session:
        assert len(session.scalars(select(LateAnswer)).all()) == 1
    wait_until(lambda: kept(her.page)[1] == [0, 0, 0])


def test_composed_text_goes_along_and_a_huge_paste_is_refused(site, candidate):
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    her.question(4)
    her.page.fill("#blank-1", "公开")
    her.page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text", "长".repeat(5 * 1024 * 1024 / 3));
          const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
          document.querySelector("#blank-1").dispatchEvent(paste);
        }"""
    )
    assert "200" in her.note("long")
    assert her.page.input_value("#blank-1") == "公开"
    her.page.focus("#blank-0")
    keyboard = her.context.new_cdp_session(her.page)
    keyboard.send("Input.imeSetComposition", {"text": "公正", "selectionStart": 2, "selectionEnd": 2})
    assert her.page.locator("#receipt").is_hidden()
    her.hand_in()
    assert site.answers(exam, officer) == {4: '["公正", "公开"]'}
    assert site.attempt(exam, officer).hand_in_cause == HandInCause.CANDIDATE
