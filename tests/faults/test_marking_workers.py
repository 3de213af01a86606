"""Row 40: four workers mark at once, some of them die; every paper is marked once, none is forgotten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from portal.exams.marking import portions, tasks
from portal.ground import clock, jobs
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.ground.models import Job
from tests.exams.regrading import attempts, hand_in
from tests.factories import RIGHT, County
from tests.faults import marking

PAPERS, WORKERS = 1500, 4
WRONG = {**RIGHT, 1: "C", 2: "A"}


@pytest.fixture
def place(database_url: str, tmp_path: Path):
    """An exam of whose papers all wait to be marked, with the real clock, on each engine in turn."""
    clock.set_source()
    keys.open("11" * 32, "22" * 32)
    db.open(database_url)
    with db.writing() as session:
        county = County(session, clock.now())
        exam = county.exam(forms=3)
        papers = attempts(county, exam, PAPERS, (RIGHT, WRONG, {}))
        hand_in(county.session, papers)
        session.commit()
        exam_id = exam.id
    yield marking.environment(database_url, tmp_path / "files"), exam_id
    db.engine.dispose()


@pytest.mark.xdist_group("server")
def test_four_workers_mark_each_paper_once(place) -> None:
    environ, exam_id = place
    workers = [marking.worker(environ) for _ in range(WORKERS)]
    try:
        marking.until(lambda session: jobs.waiting(session, "mark_attempt") == 0)
    finally:
        marking.drain(workers)
    with db.reading() as session:
        assert marking.papers_with_one_result_each(session) == PAPERS
        assert marking.differing(session, exam_id) == []
        assert not session.scalars(select(Job).where(Job.kind == "mark_attempt", Job.tries > 0)).all()


@pytest.mark.parametrize("database_url", ["sqlite", pytest.param("postgres", marks=pytest.mark.long)], indirect=True)
@pytest.mark.xdist_group("server")
def test_what_a_killed_worker_had_taken_is_marked_by_another(place) -> None:
    environ, exam_id = place
    workers = [marking.worker(environ) for _ in range(WORKERS)]
    marking.until(lambda session: marking.results(session) > 0)
    marking.drain(workers)
    with db.writing() as session:
        left = PAPERS - marking.results(session)
        waiting = update(Job).where(Job.done_at.is_(None), Job.kind == "mark_attempt")
        session.execute(waiting.values(run_after=clock.now() - timedelta(seconds=1)))  # the lease is over
        session.commit()
    assert left > 0, "the kill must fall into the marking"
    second = marking.worker(environ)
    try:
        marking.until(lambda session: jobs.waiting(session, "mark_attempt") == 0)
    finally:
        marking.kill(second)
    with db.reading() as session:
        assert marking.papers_with_one_result_each(session) == PAPERS
        assert marking.differing(session, exam_id) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_lease_and_newer_key_two_workers_mark_papers_twice(place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: one portion is taken up by two, and nobody asks whether it has a result by this key."""
    with db.writing() as session:
        session.execute(text("DROP TRIGGER further_result_has_a_newer_key"))
        rows = jobs.lease(session, "mark_attempt", now=clock.now(), limit=20)
        session.commit()
    monkeypatch.setattr(portions, "_wants_result", lambda *_: True)
    monkeypatch.setattr(jobs, "undone", lambda _session, job_ids: set(job_ids))
    for _ in range(2):
        tasks._mark_together([(job_id, int(subject)) for job_id, subject in rows], portions.Keyring(), clock.now(), db)
    with db.reading() as session, pytest.raises(AssertionError, match="two results"):
        marking.papers_with_one_result_each(session)
