"""Rows 33 and 34: a question void while people sit it, and a regrade killed again and again on its way."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.bank.models import QuestionStatus
from portal.bank.operations import add_version, create_bank
from portal.exams.marking.operations import mark_attempt
from portal.exams.marking.regrading import operations
from portal.exams.marking.regrading.models import ChangeOfKey, Flips, RegradeState
from portal.exams.marking.regrading.tasks import regrade_some
from portal.exams.marking.tasks import mark_waiting
from portal.exams.models import Attempt, AttemptState, Exam, FormKey, Result
from portal.ground import clock
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.ground.models import AuditLine
from tests.exams.regrading import admins, attempts, hand_in
from tests.factories import RIGHT, County, questions
from tests.faults import marking

PAPERS = 1200
BARELY = {1: "B", 2: "ACD", 3: "T", 4: '["公正", "公开"]'}
CLOSE = {**BARELY, 1: "C"}


@pytest.fixture
def place(database_url: str, tmp_path: Path):
    """A county on disk with the real clock, as the worker's own process sees it; on each engine in turn."""
    clock.set_source()
    keys.open("11" * 32, "22" * 32)
    db.open(database_url)
    yield marking.environment(database_url, tmp_path / "files")
    db.engine.dispose()


def propose(county: County, exam: Exam, **changed: object) -> int:
    """A regrade drawn up, counted and approved by the other person."""
    maker, second = admins(county)
    given = {"question": "T-1", "change": ChangeOfKey.KEY, "given": "C", "flips": Flips.RELEASE, **changed}
    made = operations.draft(
        county.session, exam, reason="标准答案有误", source="测试法第一条", account=maker, now=clock.now(), **given
    )
    county.session.commit()
    while regrade_some(clock.now()):
        pass
    county.session.refresh(made)
    operations.propose(county.session, made, exam, account=maker, now=clock.now())
    operations.approve(county.session, made, exam, account=second, now=clock.now())
    county.session.commit()
    return made.id


def marked(county: County) -> Exam:
    exam = county.exam(forms=3)
    hand_in(county.session, attempts(county, exam, PAPERS, (BARELY, CLOSE, RIGHT)))
    county.session.commit()
    mark_waiting(clock.now() + timedelta(days=1))
    return exam


def applied(session, regrade_id: int) -> int:
    return marking.regrade(session, regrade_id).applied_counts.get("papers", 0)


@pytest.mark.xdist_group("server")
def test_a_regrade_killed_at_a_quarter_at_half_and_at_three_quarters_ends_as_if_it_had_not_been(place) -> None:
    with db.writing() as session:
        county = County(session, clock.now())
        exam = marked(county)
        regrade_id = propose(county, exam)
        exam_id, seen = exam.id, dict(marking.regrade(session, regrade_id).seen)
    kills = []
    for share in (4, 2, 4 / 3):
        running = marking.worker(place)
        marking.until(lambda session, share=share: applied(session, regrade_id) >= PAPERS / share)
        marking.kill(running)
        with db.reading() as session:
            kills.append(applied(session, regrade_id))
            assert marking.results(session) == PAPERS + kills[-1], "a portion is whole or not there"
    assert any(0 < done < PAPERS for done in kills), "the kills must fall into the application"
    running = marking.worker(place)
    marking.until(lambda session: marking.regrade(session, regrade_id).state == RegradeState.APPLIED)
    marking.kill(running)
    with db.reading() as session:
        assert marking.differing(session, exam_id) == []
        assert marking.regrade(session, regrade_id).applied_counts == seen
        assert marking.papers_with_one_result_each(session) == 2 * PAPERS
        assert session.scalar(select(func.count(FormKey.id)).where(FormKey.regrade_id == regrade_id)) == 3
        ended = select(func.count(AuditLine.id)).where(AuditLine.act == "regrade_applied")
        assert session.scalar(ended) == 1


@pytest.mark.xdist_group("server")
def test_four_workers_on_one_regrade_do_it_once(place) -> None:
    with db.writing() as session:
        county = County(session, clock.now())
        exam = marked(county)
        regrade_id, exam_id = propose(county, exam), exam.id
    workers = [marking.worker(place) for _ in range(4)]
    try:
        marking.until(lambda session: marking.regrade(session, regrade_id).state == RegradeState.APPLIED)
    finally:
        marking.drain(workers)
    with db.reading() as session:
        assert marking.differing(session, exam_id) == []
        assert marking.papers_with_one_result_each(session) == 2 * PAPERS
        assert applied(session, regrade_id) == PAPERS


def test_a_question_void_while_two_hundred_sit_it_is_void_for_all_of_them(place) -> None:
    with db.writing() as session:
        county = County(session, clock.now())
        exam = county.exam(forms=2)
        running = attempts(county, exam, 200, (BARELY, CLOSE, RIGHT, {}))
        early = attempts(county, exam, 100, (BARELY, CLOSE))
        hand_in(session, early)
        session.commit()
        mark_waiting(clock.now() + timedelta(days=1))
        papers = {form.id: form.paper_sha256 for form in exam.forms}
        bank = create_bank(session, "T", "题库", county.bureau, now=clock.now())
        for question in questions():  # the bank goes on: nobody's paper does
            add_version(session, bank, question, status=QuestionStatus.APPROVED, now=clock.now())
        hand_in(session, running[:50])
        session.commit()
        regrade_id = propose(county, exam, change=ChangeOfKey.VOID_FULL)
        hand_in(session, running[50:120])
        session.commit()
    while regrade_some(clock.now()):
        mark_waiting(clock.now() + timedelta(days=1))
    with db.writing() as session:
        unfinished = select(Attempt).where(Attempt.state == AttemptState.IN_PROGRESS).order_by(Attempt.id)
        hand_in(session, session.scalars(unfinished).all())
        session.commit()
    mark_waiting(clock.now() + timedelta(days=1))
    with db.reading() as session:
        exam = session.get_one(Exam, exam.id)
        newest = {key.id for key in session.scalars(select(FormKey).where(FormKey.regrade_id == regrade_id))}
        assert marking.keys_in_force(session, exam) == newest, "0 mixed: everybody under the one rule"
        assert {form.id: form.paper_sha256 for form in exam.forms} == papers
        assert marking.differing(session, exam.id) == []
        assert session.scalar(select(func.count(func.distinct(Result.attempt_id)))) == 300


def test_the_recomputing_would_notice_a_portion_that_was_left_out(place) -> None:
    """The control: a paper still marked by the older key is named."""
    with db.writing() as session:
        county = County(session, clock.now())
        exam = county.exam()
        papers = attempts(county, exam, 3, (BARELY,))
        hand_in(session, papers)
        for paper in papers:
            mark_attempt(session, paper, now=clock.now())
        session.commit()
        regrade_id = propose(county, exam)
        held = marking.regrade(session, regrade_id)
        held.last_attempt_id = papers[0].id  # as if the first had been done
        session.commit()
        first, exam_id = papers[0].id, exam.id
    while regrade_some(clock.now()):
        pass
    with db.reading() as session:
        assert marking.differing(session, exam_id) == [f"{first}: old_key"]
