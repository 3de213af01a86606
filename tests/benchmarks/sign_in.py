"""Saves beside a rush of sign-ins: python -m tests.benchmarks.sign_in

Sixteen candidates save steadily; then two hundred people sign in at once, each as the page does it, waiting when
told to. The control gives every server thread to hashing, as if there were no bound.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

from portal.exams.delivery import tokens
from portal.ground import clock, migrate
from portal.ground.crypto import keys
from portal.ground.db import db
from tests.benchmarks.__main__ import ROOT, SECRET, free_port, give_passwords, settings
from tests.factories import PASSWORD, County

CANDIDATES, SAVES, PACE = 16, 200, 0.05  # connections, saves of each, seconds between two
PEOPLE, THREADS = 200, 8


def prepare(url: str) -> tuple[list[tuple[int, str]], list[str]]:
    """Running attempts with their tokens, and the names of those who will sign in."""
    keys.open("11" * 32, "22" * 32)
    db.open(url)
    migrate.upgrade(db.engine)
    found: list[tuple[int, str]] = []
    with db.writing() as session:
        county = County(session, clock.now())
        exam = county.exam(minutes=600)
        people = [county.officer(born=date(1970, 1, 1) + timedelta(days=n)) for n in range(PEOPLE)]
        for officer in people[:CANDIDATES]:
            attempt, device = county.attempt(officer, exam), county.sign_in(officer)
            token = tokens.make(SECRET, attempt.id, attempt.form_id, attempt.epoch, device.id, attempt.deadline_at)
            found.append((attempt.id, token))
        names = [officer.username for officer in people]
        give_passwords(session)
        session.commit()
    db.engine.dispose()
    return found, names


def serve(port: int, environ: dict[str, str]) -> subprocess.Popen:
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", str(THREADS),
        "--host", "127.0.0.1", "--port", str(port), "--no-ws", "--log-level", "error", "wsgi:app",
    ]  # fmt: skip
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ, "PYTHONPATH": str(ROOT)})
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/sign-in")
            connection.getresponse().read()
            return server
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def save_steadily(port: int, attempts: list[tuple[int, str]], first: int) -> tuple[list[float], int]:
    """Seconds each save took, measured from when it was due, and how many were not stored."""
    times: list[float] = []
    bad: list[int] = []

    def one(attempt_id: int, token: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        path, headers = f"/exams/attempts/{attempt_id}/answers", {"X-Attempt-Token": token}
        due = time.perf_counter() + random.uniform(0, PACE)
        for number in range(SAVES):
            time.sleep(max(0, due - time.perf_counter()))
            body = json.dumps({"changes": [[first + number, 1, "ABCD"[number % 4]]]})
            connection.request("POST", path, body, {**headers, "Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            times.append(time.perf_counter() - due)
            if answer.status != 200:
                bad.append(answer.status)
            due += PACE

    threads = [threading.Thread(target=one, args=pair) for pair in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, len(bad)


def opened_page(port: int, name: str) -> tuple[str, dict[str, str]]:
    """The sign-in page is open and filled in: the form and headers its script will send."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", "/sign-in")
    page = connection.getresponse()
    cookie = page.headers["Set-Cookie"].split(";")[0]
    csrf = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page.read().decode())[1]
    form = urlencode({"csrf_token": csrf, "username": name, "password": PASSWORD})
    return form, {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", "X-Sign-In": "script"}


def come_in(port: int, form: str, headers: dict[str, str], done: list[tuple[float, int]]) -> None:
    """One person who presses the button; the script waits for its turn."""
    began, asked = time.perf_counter(), 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    while True:
        asked += 1
        connection.request("POST", "/sign-in", form, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status == 200:
            done.append((time.perf_counter() - began, asked))
            return
        wait = float(answer.headers["Retry-After"] or 5)
        time.sleep(wait + random.random())


def rush(port: int, pages: list[tuple[str, dict[str, str]]]) -> tuple[list[threading.Thread], list[tuple[float, int]]]:
    done: list[tuple[float, int]] = []
    threads = [threading.Thread(target=come_in, args=(port, *page, done)) for page in pages]
    for thread in threads:
        thread.start()
    return threads, done


def p99(times: list[float]) -> float:
    return 1000 * sorted(times)[int(len(times) * 0.99)]


def measure(environ: dict[str, str], attempts: list[tuple[int, str]], names: list[str], first: int) -> None:
    """One server: saves alone, then saves beside the rush."""
    port = free_port()
    server = serve(port, environ)
    try:
        pages = [opened_page(port, name) for name in names]
        save_steadily(port, attempts, first)  # warms up
        alone, bad_alone = save_steadily(port, attempts, first + SAVES)
        threads, done = rush(port, pages)
        beside, bad_beside = save_steadily(port, attempts, first + 2 * SAVES)
        for thread in threads:
            thread.join()
    finally:
        server.terminate()
        server.wait(20)
    if bad_alone or bad_beside or len(done) != len(names):
        raise SystemExit("some saves were not acknowledged or somebody stayed outside; the figures mean nothing")
    waits = sorted(seconds for seconds, _ in done)
    print(
        f"  save p99 alone {p99(alone):.1f} ms, beside the rush {p99(beside):.1f} ms,"
        f" worst {1000 * max(beside):.0f} ms;"
        f" {len(done)} people in after {waits[len(waits) // 2]:.1f} s (half), {waits[-1]:.1f} s (all),"
        f" {sum(asked for _, asked in done) / len(done):.1f} tries each"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        environ = {**settings(Path(name)), "MINGFA_THREADS": str(THREADS)}
        attempts, names = prepare(environ["MINGFA_DATABASE_URL"])
        print(f"{CANDIDATES} candidates, {CANDIDATES / PACE:.0f} saves a second; {PEOPLE} people sign in at once")
        print("bounded pool:")
        measure(environ, attempts, names, 1)
        print("control, every thread may hash:")
        measure({**environ, "MINGFA_HASH_WORKERS": str(THREADS)}, attempts, names, 1 + 3 * SAVES)


if __name__ == "__main__":
    main()
