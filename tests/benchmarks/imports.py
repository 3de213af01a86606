"""python -m tests.benchmarks.imports: 60,000 officers through the cockpit, and what saving notices of it."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from sqlalchemy import func, select

from portal.ground import clock, imports
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.ground.import_files import store
from portal.ground.models import BatchState, ImportBatch
from portal.people.models import Body, BodyField, BodyKind, Level, Person
from portal.people.roster_import import Officers
from tests.benchmarks.__main__ import ROOT, free_port, our_streams, prepare, serve, settings
from tests.benchmarks.client import drive
from tests.benchmarks.import_roster import field_of, rows, write

OFFICERS = int(os.environ.get("OFFICERS", "60000"))
BODIES = 2_500
SAVES_EVERY = 0.05  # seconds between the saves of one connection: an exam, not a flood


def bodies() -> list[str]:
    """2,500 enforcement bodies, each in one field."""
    with db.writing() as session:
        top = session.scalars(select(Body).where(Body.parent_id.is_(None))).first()
        names = []
        for number in range(BODIES):
            name = f"测试市第{number}综合行政执法大队"
            body = Body(
                code=secrets.token_hex(6), name=name, kind=BodyKind.ENFORCEMENT_BODY, level=Level.COUNTY, path="/",
                parent_id=top.id,
            )  # fmt: skip
            session.add(body)
            session.flush()
            body.path = f"{top.path}{body.id}/"
            session.add(BodyField(body_id=body.id, field=field_of(number)))
            names.append(name)
        session.commit()
    return names


def send(path: Path) -> int:
    """What the door does with an upload; the batch's id."""
    with path.open("rb") as file:
        stored = imports.put_aside(file)
    with db.writing() as session:
        batch = imports.receive(
            session, Officers(), stored, file_name=path.name, account_id=None, now=clock.now()
        )
        session.commit()
        return batch.id


def commit(batch_id: int) -> None:
    with db.writing() as session:
        imports.commit(session, session.get_one(ImportBatch, batch_id), now=clock.now())
        session.commit()


def waited(batch_id: int, state: str) -> float:
    """Seconds until the batch is in a state."""
    began = time.perf_counter()
    while True:
        with db.reading() as session:
            batch = session.get_one(ImportBatch, batch_id)
        if batch.state == state:
            return time.perf_counter() - began
        if batch.state == BatchState.REFUSED:
            raise SystemExit(f"refused: {batch.refusal}")
        time.sleep(0.05)


def worker(environ: dict[str, str], seconds: int = 600) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.benchmarks.import_worker", str(seconds)]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ}, stdout=subprocess.PIPE, text=True)


class Savers:
    """Sixteen officers who go on saving until told to stop."""

    def __init__(self, port: int, attempts: list[tuple[int, str]]) -> None:
        self._port, self._attempts, self._turn = port, attempts, 1

    def during(self, act) -> tuple[list[float], int]:
        """The seconds every save took while `act` ran, and how many were not acknowledged."""
        stop, times, bad = threading.Event(), [], 0

        def go_on() -> None:
            nonlocal bad
            while not stop.is_set():
                streams = [some[:1] for some in our_streams(self._attempts, self._turn)]
                took, failed = drive(self._port, streams)
                self._turn += 1
                times.extend(took)
                bad += failed
                stop.wait(SAVES_EVERY)

        saving = threading.Thread(target=go_on)
        saving.start()
        try:
            act()
        finally:
            stop.set()
            saving.join()
        return times, bad


def p99(times: list[float]) -> float:
    return 1000 * sorted(times)[int(len(times) * 0.99)]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = settings(folder)
        attempts = prepare(environ["MINGFA_DATABASE_URL"])
        keys.open("11" * 32, "22" * 32)
        db.open(environ["MINGFA_DATABASE_URL"])
        store.open(Path(environ["MINGFA_FILES_DIR"]))
        names = bodies()
        first, again = folder / "roster.xlsx", folder / "changed.xlsx"
        write(first, rows(names, OFFICERS))
        write(again, rows(names, OFFICERS), edit=20)
        port = free_port()
        server = serve("wsgi:app", port, environ)
        try:
            savers = Savers(port, attempts)
            savers.during(lambda: time.sleep(2))
            alone = savers.during(lambda: time.sleep(15))
            print(f"roster: {OFFICERS:,} officers, {first.stat().st_size / 1e6:.1f} MB, {len(names):,} bodies")
            for file, what in ((first, "new"), (first, "the same again"), (again, "one in twenty changed")):
                _one(savers, environ, file, what)
            print(f"save p99 with no import running: {p99(alone[0]):.1f} ms ({len(alone[0])} saves, {alone[1]} failed)")
        finally:
            server.terminate()
            server.wait(20)
        with db.reading() as session:
            print(f"people on record: {session.scalar(select(func.count()).select_from(Person)):,}")
        db.engine.dispose()


def _one(savers: Savers, environ: dict[str, str], file: Path, what: str) -> None:
    figures: dict[str, float] = {}

    def act() -> None:
        running = worker(environ)
        began = time.perf_counter()
        batch_id = send(file)
        figures["send"] = time.perf_counter() - began
        figures["preview"] = waited(batch_id, BatchState.PREVIEW)
        commit(batch_id)
        figures["commit"] = waited(batch_id, BatchState.COMMITTED)
        said, _ = running.communicate(timeout=120)
        figures.update(json.loads(said.strip().splitlines()[-1]))
        with db.reading() as session:
            figures["report"] = session.get_one(ImportBatch, batch_id).report

    times, bad = savers.during(act)
    shown = {
        "preview": f"{figures['preview']:.1f} s",
        "commit": f"{figures['commit']:.1f} s",
        "CPU of worker and reader": f"{figures['cpu']:.1f} s",
        "longest writer hold": f"{figures['longest_ms']:.0f} ms",
        "peak RSS of worker": f"{figures['worker_mb']:.0f} MB",
        "of reader": f"{figures['reader_mb']:.0f} MB",
        "save p99": f"{p99(times):.1f} ms ({len(times)} saves, {bad} failed)",
        "load of the machine": f"{os.getloadavg()[0]:.1f}",
    }
    print(f"{what}: " + ", ".join(f"{name} {figure}" for name, figure in shown.items()))
    print(f"    {figures['report']}")


if __name__ == "__main__":
    main()
