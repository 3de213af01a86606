"""Rows 33 and 34: a question void while people sit it, and a regrade killed again and again on its way."""

from __future__ import annotations

import inspect
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.bank.models import QuestionStatus
from portal.bank.operations import add_version, create_bank
from portal.exams.marking import portions
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


def done_in_whole_portions(regrade_id: int) -> int:
    """How many papers the regrade says it has done; so many have a second result, not one more."""
    with db.reading() as session:
        done = applied(session, regrade_id)
        assert marking.results(session) == PAPERS + done, "a portion is whole or not there"
    return done


@pytest.mark.parametrize("database_url", ["sqlite", pytest.param("postgres", marks=pytest.mark.long)], indirect=True)
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
        kills.append(done_in_whole_portions(regrade_id))
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


class Killed(BaseException):
    """As the signal does it: nobody catches it."""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_portion_that_is_not_one_transaction_is_found_half_done(place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the results of a portion are committed by themselves, and the worker dies after that."""
    with db.writing() as session:
        county = County(session, clock.now())
        regrade_id = propose(county, marked(county))
    store = portions.store

    def store_and_die(session: Session, *given: object, **more: object) -> None:
        store(session, *given, **more)
        session.commit()
        raise Killed

    monkeypatch.setattr(portions, "store", store_and_die)
    with pytest.raises(Killed):
        regrade_some(clock.now())
    with pytest.raises(AssertionError, match="whole or not there"):
        done_in_whole_portions(regrade_id)


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


def void_while_they_sit(running: int, early: int) -> tuple[set[int], set[int], bool]:
    """A question is declared void while so many sit it, after others have handed in.

    Returns the keys by which the papers are marked in the end, those of the regrade, and whether everybody's
    paper is still the one he began with.
    """
    with db.writing() as session:
        county = County(session, clock.now())
        exam = county.exam(forms=2)
        sitting = attempts(county, exam, running, (BARELY, CLOSE, RIGHT, {}))
        hand_in(session, attempts(county, exam, early, (BARELY, CLOSE)))
        session.commit()
        mark_waiting(clock.now() + timedelta(days=1))
        papers = {form.id: form.paper_sha256 for form in exam.forms}
        bank = create_bank(session, "T", "题库", county.bureau, now=clock.now())
        for question in questions():  # the bank goes on: nobody's paper does
            add_version(session, bank, question, status=QuestionStatus.APPROVED, now=clock.now())
        hand_in(session, sitting[: running // 4])
        session.commit()
        regrade_id = propose(county, exam, change=ChangeOfKey.VOID_FULL)
        hand_in(session, sitting[running // 4 : running // 2])
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
        assert session.scalar(select(func.count(func.distinct(Result.attempt_id)))) == running + early
        newest = set(session.scalars(select(FormKey.id).where(FormKey.regrade_id == regrade_id)))
        same = {form.id: form.paper_sha256 for form in exam.forms} == papers
        return marking.keys_in_force(session, exam), newest, same and not marking.differing(session, exam.id)


def test_a_question_void_while_two_hundred_sit_it_is_void_for_all_of_them(place) -> None:
    in_force, of_the_regrade, same = void_while_they_sit(200, 100)
    assert in_force == of_the_regrade, "0 mixed: everybody under the one rule"
    assert same


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_where_nobody_asks_for_the_newest_key_the_papers_are_mixed(place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: whoever hands in after the change is marked by the key of his form's publication."""
    newest = portions.newest_keys

    def first_keys(session: Session, form_ids: Collection[int]) -> dict[int, int]:
        rows = select(FormKey.form_id, FormKey.id).where(FormKey.form_id.in_(form_ids), FormKey.number == 1)
        return dict(session.execute(rows).all()) if in_marking() else newest(session, form_ids)

    def in_marking() -> bool:
        return any(frame.function == "mark_waiting" for frame in inspect.stack(0))

    monkeypatch.setattr(portions, "newest_keys", first_keys)
    in_force, of_the_regrade, _ = void_while_they_sit(24, 8)
    assert in_force != of_the_regrade


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
