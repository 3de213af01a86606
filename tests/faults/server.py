"""The product's own server process, to be started and killed; a candidate that behaves as the page does."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from portal.exams.delivery import tokens
from portal.exams.models import Attempt
from tests.benchmarks.client import read_answer, request_bytes
from tests.factories import County
from tests.faults.ledger import Ledger

ROOT = Path(__file__).resolve().parents[2]
SECRET = "s" * 48
ITEMS = (1, 2)  # single choices of the factory's paper
AGAIN = (0, 500, 502, 503, 507)  # no answer, or one that says nothing was stored: sent again under its number


class Server:
    """`mingfa serve` on a port of its own; every start is a new process."""

    def __init__(
        self, url: str, folder: Path, environ: dict[str, str] | None = None, *, careless: str = "",
        bare: bool = False, log: Path | None = None, home: Path = ROOT, port: int | None = None,
    ) -> None:  # fmt: skip
        self.careless = careless  # which protection is off, see careless.py
        self.bare = bare  # without the program that watches over it and brings the database up first
        self.log, self.home = log, home  # where it may complain, and where the program lies
        self.port = port or free_port()
        self.environ = {
            **os.environ, "PYTHONPATH": str(home), "MINGFA_DATABASE_URL": url,
            "MINGFA_SECRET_KEY": SECRET, "MINGFA_DATA_KEY": "11" * 32,
            "MINGFA_INDEX_KEY": "22" * 32, "MINGFA_AUDIT_KEY": "33" * 32,
            "MINGFA_FILES_DIR": str(folder), "MINGFA_PORT": str(self.port), **(environ or {}),
        }  # fmt: skip
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "portal.cli", "serve", "--no-worker"]
        if self.careless or self.bare:
            command = [
                sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--respawn-failed-workers",
                "--blocking-threads", "8", "--port", str(self.port), "--no-ws", "--log-level", "error",
                "tests.faults.careless:app" if self.careless else "wsgi:app",
            ]  # fmt: skip
        self.process = launch(command, {**self.environ, "CARELESS": self.careless}, self.log, self.home)
        self.wait()

    def wait(self) -> None:
        """Until it answers."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if get(self.port, "/verify")[0] == 200:
                return
            assert self.process.poll() is None, "the server did not start"
            time.sleep(0.05)
        raise AssertionError("the server does not answer")

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def kill_worker(self) -> None:
        """Only the process that serves: whoever watches over it starts another."""
        above = [self.process.pid]
        if not (self.bare or self.careless):
            above = [child for child in children(self.process.pid) if b"granian" in _command(child)]
        for worker in [worker for one in above for worker in children(one)]:
            os.kill(worker, signal.SIGKILL)

    def stand_still(self, seconds: float) -> None:
        os.killpg(self.process.pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.killpg(self.process.pid, signal.SIGCONT)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def launch(
    command: list[str], environ: dict[str, str], log: Path | None = None, home: Path = ROOT
) -> subprocess.Popen:  # fmt: skip
    """A process in a group of its own, what it complains about in `log`."""
    if log is None:
        return subprocess.Popen(command, cwd=home, env=environ, start_new_session=True)
    with log.open("ab") as complaints:
        return subprocess.Popen(
            command, cwd=home, env=environ, start_new_session=True, stdout=complaints, stderr=complaints
        )


def children(pid: int) -> list[int]:
    try:
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


class Candidate:
    """Numbers its changes, keeps one until it is acknowledged, sends it again under the same number."""

    def __init__(self, port: int, attempt_id: int, token: str, epoch: int, ledger: Ledger) -> None:
        self.port, self.attempt_id, self.token, self.epoch, self.ledger = port, attempt_id, token, epoch, ledger
        self.sequence = 0
        self.connection: socket.socket | None = None
        self.refused: list[tuple[int, str]] = []

    def post(self, body: object, path: str | None = None) -> tuple[int, dict]:
        """Status and answer; (0, {}) when none came whole."""
        path, headers = path or f"/exams/attempts/{self.attempt_id}/answers", {"X-Attempt-Token": self.token}
        try:
            if self.connection is None:
                self.connection = socket.create_connection(("127.0.0.1", self.port), 20)
                self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connection.sendall(request_bytes(path, json.dumps(body).encode(), headers))
            status, told = read_answer(self.connection, bytearray())
            return status, json.loads(told)
        except (OSError, ValueError, IndexError):
            self.close()
            return 0, {}

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def save(self, item: int, answer: str, *, until: threading.Event | None = None) -> int:
        """One change, sent until somebody answers for it; returns the last status."""
        self.sequence += 1
        key = (self.attempt_id, self.epoch, self.sequence)
        self.ledger.note_sent(key, item, answer)
        wait = 0.01
        while True:
            status, told = self.post({"changes": [[self.sequence, item, answer]]})
            if status == 200:
                self.ledger.note_acknowledged(key)
                return status
            if status not in AGAIN:
                self.refused.append((status, str(told.get("error"))))
                return status
            if until is not None and until.is_set():
                return status
            time.sleep(wait * random.random())
            wait = min(wait * 2, 0.5)

    def work(self, until: threading.Event, most: int, chance: random.Random) -> None:
        """Answer at random until told to stop or `most` changes are made."""
        while not until.is_set() and self.sequence < most:
            self.save(chance.choice(ITEMS), chance.choice("ABCD"), until=until)


def seat(session: Session, count: int, *, minutes: int = 24 * 60) -> list[tuple[int, str, int]]:
    """`count` running attempts: id, token, epoch. The caller commits."""
    now = datetime.now(UTC)
    county = County(session, now)
    exam, found = county.exam(minutes=minutes, opens_at=now - timedelta(minutes=1)), []
    for number in range(count):
        officer = county.officer(born=date(1970, 1, 1) + timedelta(days=number))
        attempt: Attempt = county.attempt(officer, exam)
        device = county.sign_in(officer)
        session.flush()
        token = tokens.make(SECRET, attempt.id, attempt.form_id, attempt.epoch, device.id, attempt.deadline_at)
        found.append((attempt.id, token, attempt.epoch))
    return found
