"""The exams: full papers, honest marks, banks approved by somebody else, laws that were in force."""

from __future__ import annotations

from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from portal.bank.models import Question, QuestionBank, QuestionStatus, QuestionVersion, StatusChange
from portal.demo import blueprints, candidates, law_change
from portal.demo.banks import BANKS
from portal.exams.delivery.operations import receipt_of
from portal.exams.marking.counting import JOB, SETTLED
from portal.exams.models import Attempt, AttemptState, Exam, FormKey, Result
from portal.exams.queries import answers_of
from portal.ground.clock import local
from portal.ground.models import FactChange, Job
from portal.library.queries import versions_for
from question_bank.marking import MultipleRule, mark_of, mark_paper, share
from question_bank.questions import Kind
from tests.conftest import NOON


def test_every_question_is_approved_by_another_account_than_its_author(reading: Session):
    rows = reading.scalars(select(Question).options(selectinload(Question.current))).all()
    in_hand = [row for row in rows if row.status != QuestionStatus.APPROVED]
    assert len(in_hand) == 3  # approved in an earlier version; the newest lies with its writer or a reviewer
    approvers = dict(
        reading.execute(
            select(StatusChange.question_id, StatusChange.account_id).where(StatusChange.status == "approved")
        ).all()
    )
    assert all(row.current.author_id is not None for row in rows)
    assert all(approvers[row.id] not in (None, row.current.author_id) for row in rows)


def test_all_banks_belong_to_the_justice_department(reading: Session):
    banks = reading.scalars(select(QuestionBank)).all()
    assert {bank.code for bank in banks} == {bank.code for bank in BANKS} | {law_change.BANK}
    assert len({bank.body_id for bank in banks}) == 1


def test_every_paper_is_full_and_worth_a_hundred_points(reading: Session):
    for exam in reading.scalars(select(Exam).options(selectinload(Exam.forms))):
        assert len(exam.forms) == 4
        for form in exam.forms:
            assert sum(item["points"] for item in form.paper["items"]) == 10_000
            assert "short_answer" not in {item["kind"] for item in form.paper["items"]}


def test_every_paper_cites_only_what_was_in_force_when_it_was_sat(reading: Session):
    for exam in reading.scalars(select(Exam).options(selectinload(Exam.forms))):
        keys = reading.scalars(select(FormKey).where(FormKey.form_id.in_([f.id for f in exam.forms])))
        cited = [c for key in keys for entry in key.body.values() for c in entry["citations"]]
        known = versions_for(reading, cited, local(exam.opens_at).date())
        assert all(known[c["law"], c["label"]].in_force for c in cited), exam.code


def test_marks_and_receipts_follow_from_the_saved_answers(reading: Session):
    results = reading.scalars(select(Result).options(selectinload(Result.attempt)).order_by(Result.id)).all()
    assert len(results) > 1500
    for result in Random(7).sample(results, 60):
        answers = answers_of(reading, result.attempt_id)
        exam = reading.get_one(Exam, result.attempt.exam_id)
        _, points, full = mark_paper(reading.get_one(FormKey, result.key_id).body, answers, exam.marking_rules)
        assert (result.mark, result.passed) == (mark_of(points, full), mark_of(points, full) >= exam.pass_mark)
        assert result.attempt.receipt == receipt_of(result.attempt.public_id, answers)


def test_nothing_is_left_running_or_waiting_for_the_worker(reading: Session):
    running = select(Exam.code).join(Attempt, Attempt.exam_id == Exam.id)
    running = running.where(Attempt.state == AttemptState.IN_PROGRESS).distinct()
    assert {code[:3] for code in reading.scalars(running)} == {"XC-"}  # the exam that is being sat in the halls
    assert reading.scalar(select(func.count()).select_from(FactChange).where(FactChange.drained_at.is_(None))) == 0
    counts = set(reading.scalars(select(Job.subject).where(Job.kind == JOB, Job.done_at.is_(None))))
    assert counts == {str(e) for e in reading.scalars(select(Exam.id).where(Exam.closes_at > NOON - SETTLED))}
    assert not reading.scalar(select(func.count()).select_from(Job).where(Job.kind != JOB, Job.done_at.is_(None)))


def test_abler_people_have_better_marks(reading: Session):
    rows = reading.execute(
        select(Attempt.person_id, Result.mark).join(Result).join(Exam, Exam.id == Attempt.exam_id)
        .where(Exam.code.like("ZH-%"))
    ).all()
    able = [mark for person, mark in rows if candidates.ability(person, 20260919) > 0.5]
    others = [mark for person, mark in rows if candidates.ability(person, 20260919) < -0.5]
    assert sum(able) / len(able) > sum(others) / len(others) + 1000


def test_a_made_up_mistake_is_never_the_key():
    chance = Random(1)
    for kind, letters, key in (
        (Kind.SINGLE, "ABCD", "B"), (Kind.MULTIPLE, "ABCD", "ACD"), (Kind.MULTIPLE, "ABC", "ABC"),
        (Kind.TRUE_FALSE, "", "T"), (Kind.FILL_BLANK, "", (("听证",), ("五日", "5日"))),
    ):  # fmt: skip
        item = candidates.Item(1, kind, letters, key, 0.0)
        assert share(kind, key, candidates.right(item)) == 1
        for _ in range(30):
            assert share(kind, key, candidates.wrong(item, chance), MultipleRule.ALL_OR_NOTHING) < 1


def test_a_blueprint_never_asks_for_all_there_is(reading: Session):
    versions = reading.scalars(select(QuestionVersion)).all()
    there = {(v.topic, v.kind): 0 for v in versions}
    for version in versions:
        there[version.topic, version.kind] += 1
    for exam in reading.scalars(select(Exam)):
        for cell in exam.blueprint:
            found = there[cell["topic"], cell["kind"]]
            assert cell["count"] <= max(1, found * blueprints.USED_AT_MOST // 100)
