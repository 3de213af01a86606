"""A whole attempt of fifty questions, act by act, over HTTP: python -m tests.benchmarks.attempts

Every candidate does one act before any goes on to the next, so that the server's CPU can be told per act:
signing in, the pages before the start, checking in, the sealed form, the start, fifty saves, handing in, the review.
"""

from __future__ import annotations

import http.client
import json
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import select

from portal.exams.marking.tasks import mark_waiting
from portal.exams.models import Result
from portal.exams.operations import release
from portal.ground import clock, migrate
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.people.access.hashing import pool
from tests.benchmarks.__main__ import free_port, give_passwords, serve, settings
from tests.benchmarks.client import cpu_seconds
from tests.factories import PASSWORD, County, questions

PEOPLE, ITEMS = 40, 50
AIM = 90.0  # ms of CPU for all of it beside the password hash


class Browser:
    """Cookies, one connection, the token of the page that is open."""

    def __init__(self, port: int, exam_id: int, name: str) -> None:
        self.port, self.exam_id, self.name, self.cookies = port, exam_id, name, {}
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.csrf = self.public_id = ""
        self.page: dict = {}

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, bytes, str]:
        sent = {"Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items()), **headers}
        self.line.request(method, path, body, sent)
        answer = self.line.getresponse()
        got = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, got, answer.headers.get("Location", "")

    def expect(self, status: int, method: str, path: str, body: str | None = None, **headers: str) -> bytes:
        got, text, self.went = self.ask(method, path, body, **headers)
        if got != status:
            raise SystemExit(f"{method} {path}: {got} {text[:300]!r}")
        return text

    def form(self, path: str, status: int = 303, **fields: str) -> bytes:
        body = urlencode({"csrf_token": self.csrf, **fields})
        return self.expect(status, "POST", path, body, **{"Content-Type": "application/x-www-form-urlencoded"})

    def token_post(self, path: str, body: object) -> dict:
        headers = {"Content-Type": "application/json", "X-Attempt-Token": self.page["token"]}
        return json.loads(self.expect(200, "POST", path, json.dumps(body), **headers))

    def sign_in_page(self) -> None:
        page = self.expect(200, "GET", "/sign-in").decode()
        self.csrf = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page)[1]

    def sign_in(self) -> None:
        self.form("/sign-in", 302, username=self.name, password=PASSWORD)

    def mine(self) -> None:
        self.expect(200, "GET", "/exams/")

    def notice(self) -> None:
        page = self.expect(200, "GET", f"/exams/{self.exam_id}").decode()
        self.csrf = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]

    def check_in(self) -> None:
        self.form(f"/exams/{self.exam_id}/start", identity="1")
        self.public_id = self.went.rsplit("/", 1)[-1]

    def player(self) -> None:
        page = self.expect(200, "GET", f"/exams/attempts/{self.public_id}").decode()
        self.csrf = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]

    def open(self) -> None:
        headers = {"X-CSRFToken": self.csrf, "Content-Type": "application/json"}
        self.page = json.loads(
            self.expect(200, "POST", f"/exams/attempts/{self.public_id}/open", "{}", **headers)
        )

    def sealed(self) -> None:
        self.expect(200, "GET", self.page["form"]["address"], **{"X-Attempt-Token": self.page["token"]})

    def start(self) -> None:
        self.page |= self.token_post(f"/exams/check-ins/{self.page['check_in']}/start", {})

    def save(self) -> None:
        for number in range(1, ITEMS + 1):
            self.token_post(
                f"/exams/attempts/{self.page['attempt']}/answers", {"changes": [[number, number, "ABCD"[number % 4]]]}
            )

    def pulse(self) -> None:
        headers = {"X-Attempt-Token": self.page["token"]}
        self.expect(200, "GET", f"/exams/attempts/{self.page['attempt']}/pulse?unsent=0", **headers)

    def hand_in(self) -> None:
        self.token_post(f"/exams/attempts/{self.page['attempt']}/hand-in", {})

    def review(self) -> None:
        self.expect(200, "GET", f"/exams/attempts/{self.public_id}/outcome")


ACTS: tuple[tuple[str, Callable[[Browser], None], float | None], ...] = (
    ("sign-in page", Browser.sign_in_page, None),
    ("sign in", Browser.sign_in, None),
    ("my exams", Browser.mine, None),
    ("notice", Browser.notice, None),
    ("check in", Browser.check_in, None),
    ("player page", Browser.player, None),
    ("open", Browser.open, None),
    ("sealed form", Browser.sealed, None),
    ("start", Browser.start, 3.0),
    ("50 saves", Browser.save, None),
    ("pulse", Browser.pulse, None),
    ("hand in", Browser.hand_in, 3.0),
    ("review", Browser.review, 10.0),
)


def prepare(url: str) -> tuple[int, list[str], str]:
    """The exam, the names of its candidates, one password hash."""
    keys.open("11" * 32, "22" * 32)
    db.open(url)
    migrate.upgrade(db.engine)
    with db.writing() as session:
        county = County(session, clock.now())
        first = next(q for q in questions() if q.kind == "single_choice")
        paper = [replace(first, code=f"B{n:03d}", stem=f"第 {n} 题：{first.stem}") for n in range(ITEMS)]
        exam = county.exam(minutes=120, drawn=paper)
        people = [county.officer(born=date(1970, 1, 1) + timedelta(days=n)) for n in range(PEOPLE + 1)]
        for officer in people:
            county.enter(exam, officer)
        give_passwords(session)
        session.commit()
        session.expire_all()
        found = exam.id, [officer.username for officer in people], people[0].password_hash
    db.engine.dispose()
    return found


def hash_cost(stored: str) -> float:
    """Milliseconds of CPU that one look at a password takes."""
    began = time.process_time()
    for _ in range(5):
        assert pool.fits(stored, PASSWORD)
    return 1000 * (time.process_time() - began) / 5


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = settings(folder)
        exam_id, names, stored = prepare(environ["MINGFA_DATABASE_URL"])
        port = free_port()
        server = serve("wsgi:app", port, environ)
        browsers = [Browser(port, exam_id, name) for name in names]
        total, over = 0.0, []
        try:
            for _, act, _ in ACTS:  # one attempt warms everything up
                mark(environ["MINGFA_DATABASE_URL"]) if act is Browser.review else None
                act(browsers[0])
            size = held(folder)
            for told, act, aim in ACTS:
                mark(environ["MINGFA_DATABASE_URL"]) if act is Browser.review else None
                before = cpu_seconds(server.pid)
                for browser in browsers[1:]:
                    act(browser)
                spent = 1000 * (cpu_seconds(server.pid) - before) / PEOPLE
                if told == "sign in":
                    cost = hash_cost(stored)
                    print(f"{'password hash':14} {cost:8.2f} ms CPU (left out of the sum)")
                    spent -= cost
                total += spent
                over += [told] if aim and spent > aim else []
                print(f"{told:14} {spent:8.2f} ms CPU" + (f"  aim {aim}" if aim else ""))
        finally:
            server.terminate()
            server.wait(20)
        grown = held(folder) - size
    print(f"{'whole attempt':14} {total:8.2f} ms CPU, aim {AIM}; {PEOPLE} candidates, {ITEMS} questions, {ITEMS} saves")
    print(f"storage of an attempt, sign-in, audit and indexes in: {grown / PEOPLE / 1000:.1f} kB")
    if over or total > AIM:
        print("OVER:", ", ".join(over or ["whole attempt"]))


def mark(url: str) -> None:
    """What the worker and those who publish do, in this process: their CPU is another bench's."""
    db.open(url)
    while mark_waiting(clock.now()):
        pass
    with db.writing() as session:
        release(session, session.scalars(select(Result)).all(), now=clock.now())
        session.commit()
    db.engine.dispose()


def held(folder: Path) -> int:
    """Bytes of the database with its log taken in."""
    db.open(f"sqlite:///{folder / 'bench.db'}")
    with db.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.engine.dispose()
    return (folder / "bench.db").stat().st_size


if __name__ == "__main__":
    main()
