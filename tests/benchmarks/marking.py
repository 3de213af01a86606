"""python -m tests.benchmarks.marking: what marking costs, how long the writer is held, what a regrade takes."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event, insert, text, update

from portal.exams.marking import tasks
from portal.exams.marking.recomputing import recompute
from portal.exams.marking.regrading.tasks import regrade_some
from portal.exams.models import AnswerChange, Attempt, AttemptState, Exam, Result
from portal.ground import clock, jobs, migrate
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.ground.models import Job
from portal.people.models import Person
from question_bank.questions import Kind, Question
from tests.exams.regrading import approved
from tests.factories import County

PAPERS = 10_000
BATCH = 500
LETTERS = "ABCD"


def paper(items: int) -> list[Question]:
    """Six in ten single, two in ten multiple, one in ten true or false, one in ten with two blanks."""
    single = Question("", Kind.SINGLE, "哪一项正确？", ("甲", "乙", "丙", "丁"), "B", topic="总则")
    kinds = [single] * 6 + [replace(single, kind=Kind.MULTIPLE, key="ACD")] * 2
    kinds.append(replace(single, kind=Kind.TRUE_FALSE, options=(), key="T"))
    kinds.append(replace(single, kind=Kind.FILL_BLANK, options=(), stem="____和____", key=(("公正",), ("公开",))))
    return [replace(kinds[n % 10], code=f"B-{n:03d}") for n in range(items)]


def answer(kind: str, attempt: int, item: int) -> str:
    chance = (attempt * 7919 + item * 104_729) % 97
    if kind == Kind.FILL_BLANK:
        return '["公正", "公开"]' if chance < 60 else f'["公平{chance}", "公开"]'
    if kind == Kind.TRUE_FALSE:
        return "T" if chance < 70 else "F"
    if kind == Kind.MULTIPLE:
        return "ACD" if chance < 50 else "AC"
    return "B" if chance < 60 else LETTERS[chance % 4]


def hall(county: County, items: int, count: int) -> Exam:
    """An exam of so many items whose `count` papers wait to be marked."""
    exam = county.exam(drawn=paper(items), forms=4)
    kinds = {item["item"]: item["kind"] for item in exam.forms[0].paper["items"]}
    session, began = county.session, exam.opens_at
    born = date(1940, 1, 1)
    people = [county.person(f"考生{n}", born=born + timedelta(days=county._people)) for n in range(min(count, 700))]
    first = (session.query(Attempt).count() or 0) + 1
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        rows = [_attempt(first + n, exam, n, people, began) for n in numbers]
        session.execute(insert(Attempt.__table__), [{**row, "state": AttemptState.IN_PROGRESS} for row in rows])
        changes = [
            {
                "attempt_id": first + n, "epoch": 1, "sequence": item, "item": item,
                "answer": answer(kind, n, item), "saved_at": began,
            }
            for n in numbers for item, kind in kinds.items()
        ]  # fmt: skip
        session.execute(insert(AnswerChange.__table__), changes)
        session.execute(
            insert(Job.__table__),
            [{"kind": "mark_attempt", "subject": str(first + n), "run_after": began, "tries": 0} for n in numbers],
        )
    session.flush()
    running = Attempt.state == AttemptState.IN_PROGRESS
    session.execute(update(Attempt).where(running).values(state=AttemptState.HANDED_IN, handed_in_at=clock.now()))
    session.commit()
    return exam


def _attempt(attempt_id: int, exam: Exam, n: int, people: list[Person], began: Any) -> dict[str, Any]:
    return {
        "id": attempt_id, "public_id": f"b{exam.id}-{n}", "exam_id": exam.id, "person_id": people[n % len(people)].id,
        "form_id": exam.forms[n % 4].id, "number": n // len(people) + 1, "seed": n, "epoch": 1, "started_at": began,
        "deadline_at": began + timedelta(minutes=60),
    }  # fmt: skip


class Writer:
    """How long each writing transaction held the database, from BEGIN IMMEDIATE to COMMIT."""

    def __init__(self) -> None:
        self.held: list[float] = []
        self._began: dict[int, float] = {}
        event.listen(db._writing.kw["bind"], "begin", lambda c: self._began.__setitem__(id(c), time.perf_counter()))
        event.listen(db._writing.kw["bind"], "commit", self._end)

    def _end(self, connection: Any) -> None:
        began = self._began.pop(id(connection), None)
        if began is not None:
            self.held.append((time.perf_counter() - began) * 1000)

    def said(self) -> str:
        ordered = sorted(self.held)
        p99 = ordered[int(len(ordered) * 0.99)] if ordered else 0
        return f"writer held: median {median(ordered):.1f} ms, p99 {p99:.1f} ms, longest {ordered[-1]:.1f} ms"


@contextmanager
def saving(gap: float = 0.01):
    """Somebody saves all the time on a connection of his own; yields the waits in milliseconds."""
    waits: list[float] = []
    stop = threading.Event()

    def save() -> None:
        number = 0
        while not stop.wait(gap):
            number += 1
            began = time.perf_counter()
            with db.writing() as session:
                session.execute(
                    text("INSERT INTO audit_checkpoint SELECT * FROM audit_checkpoint WHERE 1 = 0")
                )
                session.commit()
            waits.append((time.perf_counter() - began) * 1000)

    saver = threading.Thread(target=save)
    saver.start()
    yield waits
    stop.set()
    saver.join()


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PAPERS
    keys.open("11" * 32, "22" * 32)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        db.open(f"sqlite:///{folder}/bench.db")
        migrate.upgrade(db.engine)
        with db.writing() as session:
            county = County(session, clock.now())
            hundred = hall(county, 100, 400)
            session.commit()
            print(f"one paper of 100 questions: {_mark(400)[1] / 400 * 1000:.2f} ms of CPU (400 papers)")
            fifty = hall(county, 50, count)
            writer = Writer()
            with saving() as waits:
                wall, cpu = _mark(count)
            print(f"{count} papers of 50 questions: {wall:.1f} s, {cpu / count * 1000:.2f} ms of CPU each")
            print(f"  {writer.said()}")
            ordered = sorted(waits)
            print(f"  saves beside it: p99 {ordered[int(len(ordered) * 0.99)]:.1f} ms of {len(ordered)}")
            began = time.perf_counter()
            regrade = approved(county, fifty, question="B-000", given="C")
            print(f"  regrade previewed and approved: {time.perf_counter() - began:.1f} s, {regrade.seen}")
            writer.held.clear()
            began = time.perf_counter()
            while regrade_some(clock.now()):
                pass
            print(f"  regrade applied: {time.perf_counter() - began:.1f} s; {writer.said()}")
            session.rollback()
            assert session.query(Result).count() == 400 + 2 * count
            assert not any(found for exam in (hundred, fifty) for _, found in recompute(session, exam.id))
            print("  recomputed from the answers: every mark the same")
        db.engine.dispose()


def _mark(count: int) -> tuple[float, float]:
    """Wall and CPU seconds until all are marked."""
    wall, cpu = time.perf_counter(), time.thread_time()
    now = clock.now() + timedelta(days=1)
    while tasks.mark_waiting(now):
        pass
    with db.reading() as session:
        assert jobs.waiting(session, "mark_attempt") == 0, count
    return time.perf_counter() - wall, time.thread_time() - cpu


if __name__ == "__main__":
    main()
