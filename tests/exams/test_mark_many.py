"""Marking in portions: each paper once, by the newest key, in few statements, and odd ones hold nobody up."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import event, func, select, text, update
from sqlalchemy.orm import Session

from portal.commands.marks import marks
from portal.exams import queries
from portal.exams.marking import portions, tasks
from portal.exams.marking.operations import mark_attempt
from portal.exams.marking.portions import Keyring
from portal.exams.marking.recomputing import recompute
from portal.exams.marking.tasks import mark_waiting
from portal.exams.models import Attempt, Exam, ExamKind, FormKey, Result, ResultEvent
from portal.ground import jobs
from portal.ground.db import db
from portal.ground.models import Job, LedgerLeaf
from question_bank.marking import ReadyKey, Void, mark_paper
from tests.conftest import NOON
from tests.exams.regrading import attempts, hand_in, newest
from tests.factories import RIGHT, County

WRONG = {**RIGHT, 1: "C", 2: "A"}


def handed_in(county: County, count: int, **exam: object) -> tuple[Exam, list[Attempt]]:
    held = county.exam(**exam)
    papers = attempts(county, held, count, (RIGHT, WRONG, {}))
    hand_in(county.session, papers)
    county.session.commit()
    return held, papers


def differing(session: Session, exam: Exam) -> list[str]:
    return [one.why for _, found in recompute(session, exam.id) for one in found]


def test_every_paper_is_marked_once_and_its_job_is_settled(county: County):
    exam, papers = handed_in(county, 250)
    assert mark_waiting(NOON) == 250
    assert mark_waiting(NOON) == 0
    county.session.expire_all()
    assert Counter(newest(county.session, paper).mark for paper in papers[:3]) == Counter((10_000, 6666, 0))
    assert county.session.scalar(select(func.count(Result.id))) == 250
    assert jobs.waiting(county.session, "mark_attempt") == 0
    assert differing(county.session, exam) == []


def test_a_portion_takes_few_statements_however_many_papers_it_has(county: County):
    handed_in(county, 2 * tasks.PORTION)
    sent: list[str] = []
    listening = event.listens_for(db.engine, "before_cursor_execute")
    listening(lambda _c, _cursor, statement, *_rest: sent.append(statement))
    mark_waiting(NOON)
    inserts = [statement for statement in sent if "INTO result " in statement]
    assert len(inserts) == 2
    assert len(sent) <= 2 * 16 + 2


def test_a_paper_of_a_pool_is_marked_over_what_was_drawn_for_it_alone(county: County):
    exam = county.exam(ExamKind.MONTHLY, before={"delivery": "drawn"})
    key = queries.current_key(county.session, exam.forms[0].id)
    body = {item: {**entry, "version": 10 + int(item)} for item, entry in key.body.items()}
    ready = ReadyKey(body, {})
    items, points, full = ready.mark({1: "B", 3: "F"}, [11, 13])
    assert [mark.item for mark in items] == [1, 3]
    assert (points, full) == (200, 400)


def test_the_same_key_made_ready_marks_like_a_fresh_one(county: County):
    key = queries.current_key(county.session, county.exam().forms[0].id).body
    ready = ReadyKey(key, {"multiple": "partial_half"})
    for answers in (RIGHT, WRONG, {}, {2: "AC"}, {4: '["公 正", "公  开"]'}, RIGHT):
        assert ready.mark(answers) == mark_paper(key, answers, {"multiple": "partial_half"})


@pytest.mark.parametrize(
    ("change", "given", "earned"),
    [
        ({"also": ["C"]}, "C", (200, 200)),
        ({"also": ["C"]}, "B", (200, 200)),
        ({"also": ["C"]}, "A", (-50, 200)),
        ({"void": Void.FULL}, "A", (200, 200)),
        ({"void": Void.FULL}, "", (200, 200)),
        ({"void": Void.OUT}, "A", (0, 0)),
    ],
)
def test_what_else_is_right_earns_the_points_and_a_void_question_is_one_rule_for_all(change, given, earned):
    key = {"1": {"kind": "single_choice", "key": "B", "points": 200, **change}}
    items, *_ = mark_paper(key, {1: given}, {"negative": "0.25"})
    assert (items[0].points, items[0].full) == earned


def test_a_low_stakes_paper_is_out_when_it_is_marked_with_its_leaf(county: County):
    _, papers = handed_in(county, 3, kind=ExamKind.MONTHLY, release_at_once=True)
    mark_waiting(NOON)
    county.session.expire_all()
    assert county.session.scalars(select(ResultEvent.kind)).all() == ["released"] * 3
    assert county.session.scalar(select(func.count(LedgerLeaf.id)).where(LedgerLeaf.kind == "result")) == 3
    assert queries.released(county.session, newest(county.session, papers[0]).id)


def test_a_leased_portion_is_nobody_elses_until_the_lease_is_over(county: County):
    handed_in(county, 3)
    first = tasks._lease(NOON, db)
    assert len(first) == 3
    assert tasks._lease(NOON + timedelta(seconds=59), db) == []
    assert tasks._lease(NOON + jobs.LEASE, db) == first


def test_a_worker_that_was_too_slow_stores_nothing_twice(county: County):
    handed_in(county, 3)
    leased, ring = tasks._lease(NOON, db), Keyring()
    assert mark_waiting(NOON + jobs.LEASE) == 3
    tasks._mark_together(leased, ring, NOON, db)
    assert county.session.scalar(select(func.count(Result.id))) == 3


def test_one_odd_paper_holds_up_no_other_and_is_tried_again(county: County):
    _, papers = handed_in(county, 8)
    form = papers[0].form
    odd = county.exam()
    bad = attempts(county, odd, 1)
    hand_in(county.session, bad)
    county.session.execute(text("DROP TRIGGER form_key_no_update" + _on(county, "form_key")))
    key = queries.current_key(county.session, odd.forms[0].id)
    broken = {**key.body, "1": {**key.body["1"], "kind": "essay"}}
    county.session.execute(update(FormKey).where(FormKey.id == key.id).values(body=broken))
    county.session.commit()
    assert form.id != odd.forms[0].id
    mark_waiting(NOON)
    county.session.expire_all()
    assert county.session.scalar(select(func.count(Result.id))) == 8
    job = county.session.scalars(select(Job).where(Job.done_at.is_(None), Job.kind == "mark_attempt")).one()
    assert (job.subject, job.tries) == (str(bad[0].id), 1)


def _on(county: County, table: str) -> str:
    return "" if county.session.get_bind().dialect.name == "sqlite" else f" ON {table}"


def test_what_was_judged_by_a_key_that_is_no_longer_the_newest_is_not_stored(county: County):
    exam, papers = handed_in(county, 2)
    judged = portions.judge(county.session, Keyring(), [paper.id for paper in papers])
    key = queries.current_key(county.session, exam.forms[0].id)
    for name in ("further_key_has_its_regrade",):
        county.session.execute(text(f"DROP TRIGGER {name}" + _on(county, "form_key")))
    county.session.add(FormKey(form_id=key.form_id, number=2, body=key.body, created_at=NOON, reason="x"))
    county.session.flush()
    assert portions.still_newest(county.session, judged) == []


def test_marking_again_changes_nothing(county: County):
    exam, papers = handed_in(county, 1)
    first = mark_attempt(county.session, papers[0], now=NOON)
    assert mark_attempt(county.session, papers[0], now=NOON).id == first.id
    assert differing(county.session, exam) == []


def test_the_doctor_names_every_mark_that_does_not_follow_from_the_answers(county: County):
    exam, papers = handed_in(county, 3)
    for paper in papers[:2]:
        mark_attempt(county.session, paper, now=NOON)
    assert differing(county.session, exam) == ["unmarked"]
    result = newest(county.session, papers[0])
    county.session.execute(text("DROP TRIGGER result_no_update" + _on(county, "result")))
    county.session.execute(update(Result).where(Result.id == result.id).values(mark=9999))
    assert differing(county.session, exam) == ["mark", "unmarked"]


def test_the_doctor_says_so_in_words(sqlite_url: str, tmp_path, monkeypatch: pytest.MonkeyPatch):
    for name, value in {
        "DATABASE_URL": sqlite_url, "SECRET_KEY": "s" * 48, "DATA_KEY": "11" * 32, "INDEX_KEY": "22" * 32,
        "AUDIT_KEY": "33" * 32, "FILES_DIR": str(tmp_path / "files"),
    }.items():  # fmt: skip
        monkeypatch.setenv(f"MINGFA_{name}", value)
    db.open(sqlite_url)
    with db.writing() as session:
        county = County(session, NOON)
        exam, papers = handed_in(county, 3)
        code = exam.code
    left = CliRunner().invoke(marks, [code])
    assert left.exit_code == 1
    assert "3 of 3 marks differ" in left.output
    db.open(sqlite_url)
    mark_waiting(NOON)
    assert CliRunner().invoke(marks, [code]).output == "All 3 marks follow from the stored answers.\n"
    assert CliRunner().invoke(marks, ["?"]).exit_code == 1
    db.engine.dispose()
