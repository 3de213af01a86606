"""The worker is killed in the middle of an import, again and again: every good row goes in once, none is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from portal import rounds
from portal.ground import clock, import_jobs, imports
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.ground.import_desk import LEASE
from portal.ground.import_files import store
from portal.ground.imports import JOBS
from portal.ground.models import AuditLine, BatchState, ImportBatch, ImportedObject, Job
from portal.people.models import Person, Post
from portal.people.roster_import import Officers
from tests.factories import County
from tests.imports.workbooks import id_number, officer, workbook

ROOT = Path(__file__).resolve().parents[2]
ROWS, BAD = 1500, 15
KILLS = 4


@pytest.fixture
def place(sqlite_url: str, tmp_path: Path):
    """A county on disk with the real clock, as the worker's own process sees it."""
    clock.set_source()
    keys.open("11" * 32, "22" * 32)
    db.open(sqlite_url)
    store.open(tmp_path / "files")
    with db.writing() as session:
        County(session, clock.now())
        session.commit()
    yield {
        **os.environ, "MINGFA_DATABASE_URL": sqlite_url, "MINGFA_SECRET_KEY": "s" * 48, "MINGFA_DATA_KEY": "11" * 32,
        "MINGFA_INDEX_KEY": "22" * 32, "MINGFA_AUDIT_KEY": "33" * 32, "MINGFA_FILES_DIR": str(tmp_path / "files"),
    }  # fmt: skip
    db.engine.dispose()


def roster(folder: Path, name: str = "a.xlsx", first: int = 0) -> Path:
    """1,500 officers, of whom fifteen have something wrong."""
    rows = [
        officer(身份证号=id_number(n % 999, f"19{60 + n // 999}0307"), 编制类型="?" if n % 100 == 50 else "行政编制")
        for n in range(first, first + ROWS)
    ]
    path = folder / name
    path.write_bytes(workbook(rows))
    return path


def send(path: Path) -> int:
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


def batch(batch_id: int) -> ImportBatch:
    with db.reading() as session:
        return session.get_one(ImportBatch, batch_id)


def count(model) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(model))


def worker(environ: dict[str, str]) -> subprocess.Popen:
    command = [sys.executable, "-m", "portal.cli", "worker"]
    return subprocess.Popen(command, cwd=ROOT, env=environ, start_new_session=True, stderr=subprocess.DEVNULL)


def release_lease() -> None:
    """What half a minute of waiting does: the dead worker's job is free again."""
    with db.writing() as session:
        session.execute(update(Job).where(Job.done_at.is_(None)).values(run_after=clock.now() - timedelta(seconds=1)))
        session.commit()


def wait_for(batch_id: int, *states: str, beyond: int = -1) -> None:
    """Until the batch is in one of the states, or has done more rows than `beyond`."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        here = batch(batch_id)
        if here.state in states and here.rows_done > beyond:
            return
        if here.state not in states and beyond >= 0 and here.state != BatchState.COMMITTING:
            return
        time.sleep(0.005)
    raise AssertionError(f"still {batch(batch_id).state}")


def kill(process: subprocess.Popen) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


@pytest.mark.xdist_group("server")
def test_kill_minus_nine_in_the_middle_of_a_commit_loses_and_doubles_nothing(place, tmp_path: Path) -> None:
    batch_id = send(roster(tmp_path))
    running = worker(place)
    wait_for(batch_id, BatchState.PREVIEW)
    commit(batch_id)
    chance, killed = random.Random(7), []
    for _ in range(KILLS):
        wait_for(batch_id, BatchState.COMMITTING, beyond=batch(batch_id).rows_done + chance.randrange(150))
        kill(running)
        killed.append((batch(batch_id).state, count(Person)))
        release_lease()
        running = worker(place)
    wait_for(batch_id, BatchState.COMMITTED)
    kill(running)
    assert [state for state, _ in killed].count(BatchState.COMMITTING) >= 2, "the kills must fall into the commit"
    assert any(0 < people < ROWS - BAD for _, people in killed)
    assert batch(batch_id).report == {"created": ROWS - BAD, "changed": 0, "unchanged": 0, "parked": BAD}
    assert (count(Person), count(Post), count(ImportedObject)) == (ROWS - BAD, ROWS - BAD, 2 * (ROWS - BAD))
    with db.reading() as session:
        assert len(session.scalars(select(AuditLine).where(AuditLine.act == "import_committed")).all()) == 1


def test_killed_while_reading_or_checking_it_begins_again_and_finds_the_same(place, tmp_path: Path) -> None:
    batch_id = send(roster(tmp_path))
    running = worker(place)
    wait_for(batch_id, BatchState.READING, BatchState.CHECKING, beyond=0)
    kill(running)
    release_lease()
    rounds.run_imports()
    assert batch(batch_id).report == {"created": ROWS - BAD, "changed": 0, "unchanged": 0, "parked": BAD}


def test_a_half_stored_import_can_be_finished_and_then_taken_back(place, tmp_path: Path) -> None:
    batch_id = send(roster(tmp_path))
    rounds.run_imports()
    commit(batch_id)
    running = worker(place)
    wait_for(batch_id, BatchState.COMMITTING, beyond=100)
    kill(running)
    release_lease()
    rounds.run_imports()
    with db.writing() as session:
        imports.undo(session, session.get_one(ImportBatch, batch_id), account_id=None, now=clock.now())
        session.commit()
    rounds.run_imports()
    assert batch(batch_id).state == BatchState.UNDONE and (count(Person), count(Post)) == (0, 0)


def test_two_workers_on_two_imports_of_the_same_people_store_each_once(place, tmp_path: Path) -> None:
    ids = [send(roster(tmp_path, name)) for name in ("a.xlsx", "b.xlsx")]
    rounds.run_imports()
    for batch_id in ids:
        commit(batch_id)
    workers = [threading.Thread(target=rounds.run_imports) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    for batch_id in ids:
        release_lease()
        rounds.run_imports()
        assert batch(batch_id).state == BatchState.COMMITTED
    reports = [batch(batch_id).report for batch_id in ids]
    assert sum(report["created"] for report in reports) == count(Person) == ROWS - BAD
    assert sum(report["unchanged"] for report in reports) == ROWS - BAD


def test_whoever_was_silent_too_long_stores_nothing_any_more(place, tmp_path: Path) -> None:
    batch_id = send(roster(tmp_path))
    moment = clock.now()
    first = import_jobs.take(JOBS, moment, LEASE)
    assert first is not None and first[0] == batch_id
    assert import_jobs.take(JOBS, moment, LEASE) is None
    second = import_jobs.take(JOBS, moment + timedelta(seconds=31), LEASE)
    assert second is not None
    with db.writing() as session, pytest.raises(import_jobs.LeaseLost):
        first[1].renew(session, moment + timedelta(seconds=29))
