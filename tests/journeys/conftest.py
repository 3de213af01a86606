"""A running portal and a real browser for the journeys."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.exams import queries
from portal.exams.models import Attempt, Exam, FocusLoss
from portal.exams.operations import enter
from portal.ground.db import db
from portal.people.models import Account
from tests.conftest import DATA_KEY, INDEX_KEY
from tests.factories import PASSWORD, County

playwright_api = pytest.importorskip("playwright.sync_api")
ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run"]
DESKTOP, PHONE = {"width": 1440, "height": 1000}, {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """The machine's own Chromium."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.fail("no Chromium on this machine")
    with playwright_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Site:
    """A served portal: its address, its world, and what the server has on the disk."""

    address: str
    county: County

    def enter(self, exam: Exam, *officers: Account) -> None:
        enter(self.county.session, exam, [o.person_id for o in officers])
        self.county.session.commit()

    def attempt(self, exam: Exam, officer: Account) -> Attempt:
        with db.reading() as session:
            return queries.attempts_of(session, officer.person_id, [exam.id])[-1]

    def answers(self, exam: Exam, officer: Account) -> dict[int, str]:
        with db.reading() as session:
            return queries.answers_of(session, self.attempt(exam, officer).id)

    def focus_losses(self) -> list[int]:
        with db.reading() as session:
            return [row.seconds for row in session.query(FocusLoss)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(true: Callable[[], object], seconds: float = 15) -> None:
    """Wait for something on the server's side; the time limit is part of the assertion."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.1)


def answering(address: str) -> bool:
    try:
        with urllib.request.urlopen(address + "/sign-in", timeout=2) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path) -> Iterator[Site]:
    """The portal under its own server, with the real clock and the small county."""
    db.open(sqlite_url)
    port = free_port()
    settings = {
        "DATABASE_URL": sqlite_url, "SECRET_KEY": "j" * 48, "DATA_KEY": DATA_KEY, "INDEX_KEY": INDEX_KEY,
        "AUDIT_KEY": "33" * 32,
        "BASE_URL": f"http://127.0.0.1:{port}", "FILES_DIR": str(tmp_path / "files"), "MARKING_INLINE": "1",
    }  # fmt: skip
    environ = {**os.environ, **{f"MINGFA_{name}": value for name, value in settings.items()}, "PYTHONPATH": str(ROOT)}
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "4",
        "--host", "127.0.0.1", "--port", str(port), "--no-ws", "--log-level", "warning", "wsgi:app",
    ]  # fmt: skip
    server = subprocess.Popen(command, cwd=ROOT, env=environ)
    try:
        with db.writing() as session:
            county = County(session, datetime.now(UTC))
            session.commit()
            wait_until(lambda: answering(settings["BASE_URL"]), 30)
            yield Site(settings["BASE_URL"], county)
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:  # a server that is told so while it starts goes on
            server.kill()
            server.wait()
        db.engine.dispose()


class Candidate:
    """One officer in one browser, doing what people do."""

    def __init__(self, site: Site, chromium, account: Account, size: dict[str, int] = DESKTOP) -> None:
        self.site, self.account = site, account
        self.context = chromium.new_context(viewport=size, locale="zh-CN")
        self.page = self.context.new_page()
        self.troubles: list[str] = []
        self.watch(self.page)

    def watch(self, page) -> None:
        """Note whatever a page must never do: other hosts, broken policy, script errors."""

        def request(sent) -> None:
            if not sent.url.startswith((self.site.address, "data:", "blob:")):
                self.troubles.append(sent.url)

        def console(message) -> None:
            if "Content Security Policy" in message.text or "Refused to" in message.text:
                self.troubles.append(message.text)

        page.on("request", request)
        page.on("console", console)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))

    def sign_in(self, next_page: str = "/exams/") -> None:
        self.page.goto(f"{self.site.address}/sign-in?next={next_page}")
        self.page.fill("[name=username]", self.account.username)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("form[novalidate] button")
        self.page.wait_for_url(self.site.address + next_page)

    def start(self, exam: Exam) -> None:
        """From signing in to the first question."""
        self.sign_in()
        self.page.click(f"#exam-{exam.id} .mf-acts a")
        self.page.check("[name=identity]")
        self.page.click("#start button")
        self.shown()

    def shown(self) -> None:
        self.page.wait_for_selector("#question:not([hidden])")

    def question(self, number: int) -> None:
        self.page.goto(self.page.url.split("#")[0] + f"#q{number}")
        self.reads("#heading", f"第 {number}/")

    def choose(self, *texts: str) -> None:
        for text in texts:
            self.page.click(f".mf-opt:has(.t:text-is('{text}')) label")

    def chosen(self) -> list[str]:
        return sorted(self.page.locator(".mf-opt.is-on .t").all_inner_texts())

    def saved(self) -> None:
        self.reads("#save", "已保存")

    def reads(self, selector: str, text: str, seconds: float = 10) -> None:
        """Wait until the place says so."""
        playwright_api.expect(self.page.locator(selector)).to_contain_text(text, timeout=seconds * 1000)

    def note(self, name: str) -> str:
        self.page.wait_for_selector(f"#note-{name}")
        return self.page.inner_text(f"#note-{name}")

    def open_sheet(self) -> None:
        if not self.page.locator("#sheet").is_visible():
            self.page.click("a.sheet")

    def hand_in(self) -> str:
        """Both steps; returns the receipt code."""
        self.open_sheet()
        self.page.click("#to-review")
        self.page.click("#review-on")
        self.page.click("#review-hand-in")
        return self.receipt()

    def receipt(self) -> str:
        self.page.wait_for_selector("#receipt:not([hidden])")
        return self.page.inner_text("#receipt-code")


@pytest.fixture
def candidate(site: Site, chromium) -> Iterator[Callable[..., Candidate]]:
    """Open a browser for an officer; at the end nothing forbidden may have happened in it."""
    opened: list[Candidate] = []

    def make(account: Account, size: dict[str, int] = DESKTOP) -> Candidate:
        opened.append(Candidate(site, chromium, account, size))
        return opened[-1]

    yield make
    for one in opened:
        one.context.close()
    assert [trouble for one in opened for trouble in one.troubles] == []
