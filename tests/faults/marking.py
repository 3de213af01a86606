"""A handed-in exam on a disk of its own, workers in processes of their own, and what they left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.exams.marking.recomputing import recompute
from portal.exams.marking.regrading.models import Regrade
from portal.exams.models import Exam, Result
from portal.ground.db import db

ROOT = Path(__file__).resolve().parents[2]


def environment(url: str, files: Path) -> dict[str, str]:
    return {
        **os.environ, "MINGFA_DATABASE_URL": url, "MINGFA_SECRET_KEY": "s" * 48, "MINGFA_DATA_KEY": "11" * 32,
        "MINGFA_INDEX_KEY": "22" * 32, "MINGFA_AUDIT_KEY": "33" * 32, "MINGFA_FILES_DIR": str(files),
    }  # fmt: skip


def worker(environ: dict[str, str]) -> subprocess.Popen[bytes]:
    """The product's own worker, in a process group of its own."""
    command = [sys.executable, "-m", "portal.cli", "worker"]
    return subprocess.Popen(command, cwd=ROOT, env=environ, start_new_session=True, stderr=subprocess.DEVNULL)


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def until(reached: Callable[[Session], bool], seconds: float = 120) -> None:
    """Look until it is so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with db.reading() as session:
            if reached(session):
                return
        time.sleep(0.01)
    raise AssertionError("it never came to that")


def results(session: Session) -> int:
    return session.scalar(select(func.count(Result.id))) or 0


def papers_with_one_result_each(session: Session) -> int:
    """How many papers have results, if none has two by one key."""
    each = select(func.count()).select_from(Result).group_by(Result.attempt_id, Result.key_id)
    counts = session.scalars(each).all()
    assert set(counts) <= {1}, "a paper has two results by one key"
    return len(counts)


def differing(session: Session, exam_id: int) -> list[str]:
    return [f"{one.attempt_id}: {one.why}" for _, found in recompute(session, exam_id) for one in found]


def keys_in_force(session: Session, exam: Exam) -> set[int]:
    """The keys by which the papers' newest results are marked."""
    newest = select(func.max(Result.id)).group_by(Result.attempt_id)
    return set(session.scalars(select(Result.key_id).where(Result.id.in_(newest))))


def regrade(session: Session, regrade_id: int) -> Regrade:
    return session.get_one(Regrade, regrade_id)


def drain(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        kill(process)
