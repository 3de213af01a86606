"""Publishing in the background: portions, a failure that says which row, two persons for a qualification."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from math import ceil

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portal.bank.following.models import QuestionUse
from portal.bank.models import Question
from portal.exams.making import operations, publishing, queries, tasks
from portal.exams.making.models import ExamMaking
from portal.exams.making.operations import NotADraft
from portal.exams.models import Exam, ExamForm, ExamKind, ExamState, FormKey
from portal.ground.models import AuditLine, Job
from portal.people.duties.operations import SamePerson
from tests.conftest import NOON
from tests.exams.making import ROW, admin, bank_of, complete, draft, worked_off
from tests.factories import County


def begun(county: County, pool: int = 12, forms: int = 12) -> Exam:
    """A monthly exam of 3 questions whose publication waits for the worker."""
    bank_of(county, pool)
    maker = admin(county)
    exam = draft(county, maker, ExamKind.MONTHLY, forms_wanted=forms)
    publishing.begin(county.session, exam, account_id=maker.id, now=NOON)
    county.session.commit()
    return exam


def fresh(county: County, exam: Exam) -> tuple[Exam, ExamMaking]:
    county.session.rollback()
    return queries.held(county.session, exam.id)


def test_the_worker_makes_all_forms_alike_and_wears_no_question_out(county: County):
    exam = begun(county)
    assert worked_off() == 1 + ceil(12 / publishing.PORTION)
    exam, making = fresh(county, exam)
    keys = county.session.scalars(select(FormKey.body).join(ExamForm).where(ExamForm.exam_id == exam.id)).all()
    uses = Counter(entry["code"] for key in keys for entry in key.values())
    assert (exam.state, making.plan, making.forms_done, len(keys)) == (ExamState.PUBLISHED, None, 12, 12)
    assert max(uses.values()) <= ceil(12 * 3 / 12)
    assert all("version" in entry for key in keys for entry in key.values())
    assert county.session.scalar(select(func.count()).select_from(QuestionUse)) == 12
    assert "exam_published" in county.session.scalars(select(AuditLine.act)).all()


def test_the_page_knows_how_far_it_is_after_each_portion(county: County):
    exam = begun(county)
    seen = []
    while tasks.publish_some(NOON):
        exam, making = fresh(county, exam)
        seen.append((exam.state, making.forms_done))
        county.session.rollback()
    assert seen == [("publishing", 0), ("publishing", 5), ("publishing", 10), ("published", 12)]


def test_the_forms_are_those_planned_even_when_the_bank_changes_meanwhile(county: County):
    exam = begun(county)
    tasks.publish_some(NOON)
    county.session.execute(text("UPDATE question SET held = true"))
    county.session.commit()
    worked_off()
    exam, _ = fresh(county, exam)
    assert (exam.state, len(exam.forms)) == (ExamState.PUBLISHED, 12)


def test_a_row_that_can_no_longer_be_filled_makes_it_a_draft_again_and_says_which(county: County):
    exam = begun(county)
    few = county.session.scalars(select(Question).limit(10)).all()
    for row in few:
        row.held = True
    county.session.commit()
    worked_off()
    exam, making = fresh(county, exam)
    assert exam.state == ExamState.DRAFT
    assert (making.fault["values"]["topic"], making.fault["values"]["found"]) == ("总则", "2")
    assert exam.forms == []
    assert county.session.scalars(select(Job).where(Job.done_at.is_(None), Job.kind == publishing.JOB)).all() == []
    for row in few:
        row.held = False
    publishing.begin(county.session, exam, account_id=making.asked_by_id, now=NOON)
    county.session.commit()
    worked_off()
    assert fresh(county, exam)[0].state == ExamState.PUBLISHED


def test_two_workers_store_no_form_twice(county: County, monkeypatch: pytest.MonkeyPatch):
    exam = begun(county)
    tasks.publish_some(NOON)
    freeze = publishing.freeze_forms

    def overtaken(*args):
        """While these forms are made ready, another worker does the same portion."""
        monkeypatch.setattr(publishing, "freeze_forms", freeze)
        tasks.publish_some(NOON)
        return freeze(*args)

    monkeypatch.setattr(publishing, "freeze_forms", overtaken)
    tasks.publish_some(NOON)
    assert fresh(county, exam)[1].forms_done == 5
    county.session.rollback()
    worked_off()
    assert [form.number for form in fresh(county, exam)[0].forms] == list(range(1, 13))


def test_a_fault_of_ours_gives_up_in_the_end_and_gives_nothing_out(county: County, monkeypatch: pytest.MonkeyPatch):
    exam = begun(county)

    def broken(*_args):
        raise RuntimeError("broken")

    monkeypatch.setattr(publishing, "plan_forms", broken)
    for number in range(tasks.GIVE_UP_AFTER):
        assert tasks.publish_some(NOON + timedelta(hours=number))
    exam, making = fresh(county, exam)
    assert (exam.state, making.fault["message"]) == (ExamState.DRAFT, tasks.OURS_TO_MEND)


def test_nothing_of_it_is_edited_while_it_is_being_published(county: County):
    exam = begun(county)
    with pytest.raises(NotADraft):
        complete(county.session, exam, county.session.get_one(operations.Account, exam.made_by_id), title="新")
    with pytest.raises(DBAPIError), county.session.begin_nested():
        county.session.execute(text(f"UPDATE exam SET title = 'x' WHERE id = {exam.id}"))


def test_a_drawn_exam_freezes_its_whole_pool_as_one_form(county: County):
    bank_of(county, 12)
    maker = admin(county)
    exam = draft(county, maker, ExamKind.MONTHLY, delivery="drawn", forms_wanted=9)
    publishing.publish_at_once(county.session, exam, now=NOON)
    form = county.session.scalars(select(ExamForm).where(ExamForm.exam_id == exam.id)).one()
    assert len(form.paper["items"]) == 12


def test_one_person_proposes_a_qualification_exam_and_another_approves_it(county: County):
    bank_of(county, 12)
    maker, second = admin(county), admin(county, "韩雪梅", day=2)
    exam = draft(county, maker)
    operations.propose(county.session, exam, account=maker, now=NOON)
    with pytest.raises(SamePerson):
        operations.approve(county.session, exam, account=maker, now=NOON)
    operations.approve(county.session, exam, account=second, now=NOON)
    publishing.begin(county.session, exam, account_id=second.id, now=NOON)
    county.session.commit()
    worked_off()
    assert fresh(county, exam)[0].state == ExamState.PUBLISHED


def test_whoever_edited_a_proposed_exam_before_does_not_approve_it(county: County):
    bank_of(county, 12)
    maker, second, third = (admin(county, name, day=day) for day, name in enumerate(("甲", "乙", "丙"), 1))
    exam = draft(county, maker)
    complete(county.session, exam, second, blueprint=[{**ROW, "count": 2}])
    operations.propose(county.session, exam, account=maker, now=NOON)
    with pytest.raises(SamePerson):
        operations.approve(county.session, exam, account=second, now=NOON)
    operations.approve(county.session, exam, account=third, now=NOON)


def test_the_database_publishes_no_qualification_exam_that_one_person_stands_behind(county: County):
    bank_of(county, 12)
    exam = draft(county, admin(county))
    for state in ("publishing", "published"):
        with pytest.raises(DBAPIError), county.session.begin_nested():
            county.session.execute(text(f"UPDATE exam SET state = '{state}' WHERE id = {exam.id}"))


def test_a_unit_without_a_second_person_hands_the_approval_up(county: County):
    bank_of(county, 12)
    maker, above = admin(county, body=county.city), admin(county, "省厅", day=2)
    exam = draft(county, maker)
    exam.body_id = county.city.id
    operations.propose(county.session, exam, account=maker, now=NOON)
    body, raised = operations.desk_for_approval(county.session, exam)
    assert (body.id, raised) == (county.province.id, True)
    operations.approve(county.session, exam, account=above, now=NOON)


def test_a_returned_exam_names_the_reason_and_is_a_draft(county: County):
    bank_of(county, 12)
    maker, second = admin(county), admin(county, "韩雪梅", day=2)
    exam = draft(county, maker)
    operations.propose(county.session, exam, account=maker, now=NOON)
    with pytest.raises(operations.Incomplete):
        operations.return_draft(county.session, exam, reason=" ", account=second, now=NOON)
    operations.return_draft(county.session, exam, reason="及格线请核对", account=second, now=NOON)
    assert exam.state == ExamState.DRAFT
    assert queries.making_of(county.session, exam.id).returned_because == "及格线请核对"
