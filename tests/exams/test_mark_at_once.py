"""A low-stakes mark is there when the paper is handed in, while few wait; a qualification's never is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import func, select, text, update

from portal.exams import queries
from portal.exams.marking import at_once
from portal.exams.marking.at_once import mark_at_once
from portal.exams.marking.tasks import mark_waiting
from portal.exams.models import Attempt, AttemptState, ExamKind, Result
from portal.ground import jobs
from portal.ground.db import db
from portal.ground.models import Job
from question_bank.questions import Kind, Question
from tests.conftest import NOON
from tests.exams.candidates import Candidate, count
from tests.exams.sitter import Sitter
from tests.factories import RIGHT, County, questions

LOW = {"kind": ExamKind.MONTHLY, "release_at_once": True}


@pytest.fixture
def waits_for_worker(app) -> Iterator[None]:
    """As on a real site: no request marks for the sake of a test."""
    app.config["MINGFA"] = replace(app.config["MINGFA"], marking_inline=False)
    yield


pytestmark = pytest.mark.usefixtures("waits_for_worker")


def sat(app, county: County, **exam: object) -> Candidate:
    """Everything right but the first question, not handed in yet."""
    candidate = Candidate(app, county, **exam)
    listed = {**RIGHT, 1: "C", 4: ["公正", "公开"]}
    assert candidate.save(*([n, item, given] for n, (item, given) in enumerate(listed.items(), 1))).status_code == 200
    return candidate


def marks() -> list[int]:
    with db.reading() as session:
        return list(session.scalars(select(Result.mark)))


def waiting() -> int:
    with db.reading() as session:
        return jobs.waiting(session, "mark_attempt")


def test_a_monthly_mark_is_out_with_the_receipt(app, web_county: County):
    candidate = sat(app, web_county, **LOW)
    assert candidate.hand_in().status_code == 200
    assert (marks(), waiting()) == ([8333], 0)
    with db.reading() as session:
        result = queries.newest_result(session, candidate.attempt.id)
        assert queries.released(session, result.id)
    assert mark_waiting(NOON) == 0  # nothing is left for the worker
    assert candidate.hand_in().status_code == 200  # asked again, nothing is marked twice
    assert marks() == [8333]


def test_the_page_after_the_receipt_shows_the_mark(app, web_county: County):
    sitter = Sitter(app, web_county, web_county.exam(**LOW)).ready()
    begun = sitter.start().json
    closed = app.test_client().post(
        f"/exams/attempts/{begun['attempt']}/hand-in", headers={"X-Attempt-Token": begun["token"]}, json={}
    )
    page = sitter.client.get(closed.json["next"]).text
    assert "依据第一条" in page  # the rationale goes out with the mark, and with nothing before it


@pytest.mark.parametrize("ticked", [False, True])
def test_a_qualification_waits_for_the_worker_and_is_not_let_out(app, web_county: County, ticked: bool):
    candidate = sat(app, web_county, kind=ExamKind.QUALIFICATION, release_at_once=ticked)
    candidate.hand_in()
    assert (marks(), waiting()) == ([], 1)
    assert mark_waiting(NOON) == 1
    with db.reading() as session:
        assert not queries.released(session, queries.newest_result(session, candidate.attempt.id).id)


def test_a_qualification_is_handed_in_by_as_many_statements_as_ever(app, web_county: County, statements: list[str]):
    candidate = sat(app, web_county)
    statements.clear()
    candidate.hand_in()
    assert len(statements) <= 11
    assert not any("result" in sql or "form_key" in sql or "FROM job" in sql for sql in statements)


def test_while_many_wait_nobody_is_marked_before_his_turn(app, web_county: County):
    with db.writing() as session:
        jobs.enqueue_many(session, "mark_attempt", [str(-n) for n in range(1, at_once.SHORT_QUEUE + 1)], now=NOON)
        session.commit()
    candidate = sat(app, web_county, **LOW)
    candidate.hand_in()
    assert (marks(), waiting()) == ([], at_once.SHORT_QUEUE + 1)
    with db.writing() as session:
        session.execute(update(Job).where(Job.subject == "-1").values(done_at=NOON))
        session.commit()
    assert mark_at_once(candidate.journal, candidate.attempt.id, now=NOON)


def test_what_people_mark_is_left_to_them(app, web_county: County, caplog: pytest.LogCaptureFixture):
    told = Question("T-9", Kind.SHORT_ANSWER, "简述比例原则。", (), ("手段与目的相当。", "说出目的", "说出手段"))
    candidate = Candidate(app, web_county, drawn=[*questions(), told], **LOW)
    assert candidate.hand_in().status_code == 200
    assert (marks(), waiting(), caplog.records) == ([], 1, [])


def test_when_marking_fails_the_paper_is_handed_in_and_the_worker_marks_it(app, web_county: County):
    candidate = sat(app, web_county, **LOW)
    with db.writing() as session:
        refuse_results(session)
        session.commit()
    closed = candidate.hand_in()
    assert (closed.status_code, closed.json["state"]) == (200, "handed_in")
    assert candidate.now_stands().state == AttemptState.HANDED_IN
    assert (marks(), waiting()) == ([], 1)
    with db.writing() as session:
        take_results_again(session)
        session.commit()
    assert mark_waiting(NOON) == 1
    assert marks() == [8333]


def test_what_another_worker_has_in_hand_is_not_marked_beside_it(app, web_county: County):
    """On PostgreSQL the lock is another connection's; on SQLite the job is done already."""
    candidate = sat(app, web_county, kind=ExamKind.MONTHLY, release_at_once=True)
    candidate.hand_in()
    with db.writing() as session:
        session.execute(update(Job).where(Job.kind == "mark_attempt").values(done_at=NOON))
        session.commit()
    assert not mark_at_once(candidate.journal, candidate.attempt.id, now=NOON)
    with db.reading() as session:
        assert count(session, Result) == session.scalar(select(func.count()).select_from(Attempt)) == 1


def refuse_results(session) -> None:
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("CREATE TRIGGER broken BEFORE INSERT ON result BEGIN SELECT RAISE(ABORT, 'no'); END"))
        return
    session.execute(text("CREATE FUNCTION no_result() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$"))
    session.execute(text("CREATE TRIGGER broken BEFORE INSERT ON result FOR EACH ROW EXECUTE FUNCTION no_result()"))


def take_results_again(session) -> None:
    on = "" if session.get_bind().dialect.name == "sqlite" else " ON result"
    session.execute(text(f"DROP TRIGGER broken{on}"))
