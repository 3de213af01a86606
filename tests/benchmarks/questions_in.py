"""python -m tests.benchmarks.questions_in: 20,000 questions through the cockpit; seconds and megabytes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from portal.bank import operations as bank
from portal.bank.intake.questions import Questions
from portal.bank.models import QuestionBank
from portal.ground import clock, imports, migrate
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.ground.import_files import store
from portal.ground.models import BatchState, ImportBatch, Job
from portal.ground.sheets import Page, write_workbook
from question_bank.sheet_format import TITLES, to_rows
from tests.benchmarks.__main__ import ROOT, settings
from tests.benchmarks.bank_questions import edited, questions
from tests.factories import County

ROWS = int(os.environ.get("QUESTIONS", "20000"))
PREVIEW_AIM, ALIKES_AIM, MEMORY_AIM = 20, 30, 300  # seconds, seconds, megabytes


def rows(count: int) -> list[list[str]]:
    """One in ten has no number, one in fifty no key, one in a hundred is another as somebody else would type it."""
    chance, made = random.Random(11), []
    earlier = next(questions(1, seed=1))
    for number, question in enumerate(questions(count)):
        if number % 100 == 99:
            question = replace(edited(chance, earlier), code=question.code)
        earlier = question
        (row,) = to_rows(question)
        row["题号"] = "" if number % 10 == 9 else row["题号"]
        row["答案"] = "" if number % 50 == 49 else row["答案"]
        made.append([row[title] for title in TITLES])
    return made


def send(path: Path) -> int:
    with path.open("rb") as file:
        stored = imports.put_aside(file, imports.intake_of(Questions), path.name)  # type: ignore[arg-type]
    with db.writing() as session:
        kind = Questions(session.scalars(select(QuestionBank)).one())
        batch = imports.receive(session, kind, stored, file_name=path.name, account_id=None, now=clock.now())
        session.commit()
        return batch.id


def waited(batch_id: int, done) -> float:
    began = time.perf_counter()
    while True:
        with db.reading() as session:
            batch = session.get_one(ImportBatch, batch_id)
            if batch.state == BatchState.REFUSED:
                raise SystemExit(f"refused: {batch.refusal}")
            if done(session, batch):
                return time.perf_counter() - began
        time.sleep(0.05)


def previewed(_session, batch: ImportBatch) -> bool:
    return batch.state == BatchState.PREVIEW


def looked_further(session, batch: ImportBatch) -> bool:
    job = session.scalars(select(Job).where(Job.kind == imports.FURTHER, Job.subject == str(batch.id))).one()
    return job.done_at is not None


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = settings(folder)
        keys.open("11" * 32, "22" * 32)
        db.open(environ["MINGFA_DATABASE_URL"])
        migrate.upgrade(db.engine)
        store.open(Path(environ["MINGFA_FILES_DIR"]))
        with db.writing() as session:
            county = County(session, clock.now())
            bank.create_bank(session, "JL-B", "题库", county.province, now=clock.now())
            session.commit()
        path = folder / "题.xlsx"
        path.write_bytes(write_workbook([Page("题", [list(TITLES), *rows(ROWS)])]))
        print(f"{ROWS:,} questions, {path.stat().st_size / 1e6:.1f} MB of .xlsx")
        command = [sys.executable, "-m", "tests.benchmarks.import_worker", "300"]
        worker = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ}, stdout=subprocess.PIPE, text=True)
        time.sleep(1)
        batch_id = send(path)
        preview, alikes = waited(batch_id, previewed), waited(batch_id, looked_further)
        said = json.loads(worker.communicate(timeout=300)[0].strip().splitlines()[-1])
        with db.reading() as session:
            batch = session.get_one(ImportBatch, batch_id)
            report = batch.report
        print(
            f"preview {preview:.1f} s (aim {PREVIEW_AIM}), near-duplicates {alikes:.1f} s after it (aim {ALIKES_AIM}), "
            f"worker {said['worker_mb']:.0f} MB, reader {said['reader_mb']:.0f} MB (aim {MEMORY_AIM}), "
            f"longest hold {said['longest_ms']:.0f} ms, CPU {said['cpu']:.1f} s, load {os.getloadavg()[0]:.1f}"
        )
        print(f"    {report}")
        db.engine.dispose()


if __name__ == "__main__":
    main()
