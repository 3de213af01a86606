"""The server is killed between saves, again and again; nothing acknowledged is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.exams.delivery import tokens
from portal.exams.models import AnswerChange
from portal.ground import clock
from portal.ground.db import db
from tests.factories import County

ROOT = Path(__file__).resolve().parents[2]
KILLS = 2  # many more of them in make torture
SECRET = "s" * 48


class Server:
    """The product's own server process on a port of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environ = {
            **os.environ, "MINGFA_DATABASE_URL": url, "MINGFA_SECRET_KEY": SECRET, "MINGFA_DATA_KEY": "11" * 32,
            "MINGFA_INDEX_KEY": "22" * 32, "MINGFA_AUDIT_KEY": "33" * 32,
            "MINGFA_FILES_DIR": str(folder), "MINGFA_PORT": str(self.port),
        }  # fmt: skip
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "portal.cli", "serve", "--no-worker"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environ, start_new_session=True)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/verify", timeout=5):
                    return
            except OSError:
                assert self.process.poll() is None, "the server did not start"
                time.sleep(0.05)
        raise AssertionError("the server does not answer")

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def save(self, attempt_id: int, token: str, number: int, answer: str) -> int:
        """The status of one save; 0 when no answer came."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/exams/attempts/{attempt_id}/answers",
            json.dumps({"changes": [[number, 1, answer]]}).encode(),
            {"X-Attempt-Token": token, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answered:
                return answered.status
        except urllib.error.HTTPError as refused:
            return refused.code
        except OSError:
            return 0


@pytest.mark.xdist_group("server")
def test_kill_minus_nine_between_saves_loses_nothing_acknowledged(sqlite_url: str, tmp_path: Path):
    clock.set_source()
    db.open(sqlite_url)
    with db.writing() as session:
        county = County(session, datetime.now(UTC))
        officer = county.officer()
        attempt, device = county.attempt(officer, county.exam()), county.sign_in(officer)
        session.commit()
        attempt_id = attempt.id
        token = tokens.make(SECRET, attempt.id, attempt.form_id, attempt.epoch, device.id, attempt.deadline_at)
    db.engine.dispose()
    server, chance = Server(sqlite_url, tmp_path / "files"), random.Random(20261123)
    sent: dict[int, str] = {}
    acknowledged: dict[int, str] = {}
    number = 0
    server.start()
    try:
        for _ in range(KILLS):
            for _ in range(chance.randint(30, 40)):
                number += 1
                sent[number] = "ABCD"[number % 4]
                if server.save(attempt_id, token, number, sent[number]) == 200:
                    acknowledged[number] = sent[number]
            server.kill()
            server.start()
        # the first save after the last restart repeats the last one: stored once, acknowledged again
        assert server.save(attempt_id, token, number, sent[number]) == 200
    finally:
        server.kill()
    db.open(sqlite_url)
    with db.reading() as session:
        stored = {
            row.sequence: row.answer
            for row in session.scalars(select(AnswerChange).where(AnswerChange.attempt_id == attempt_id))
        }
    db.engine.dispose()
    assert len(acknowledged) > 50
    assert {n: a for n, a in acknowledged.items() if stored.get(n) != a} == {}, "lost"
    assert set(stored) - set(sent) == set(), "phantom"
