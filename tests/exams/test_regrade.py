"""A wrong key found later: previewed, approved by another, applied to all; what rested on a result is re-checked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portal import rounds
from portal.bank.models import QuestionStatus
from portal.bank.operations import add_version, create_bank
from portal.credentials import queries as credentials
from portal.exams import operations as exams
from portal.exams import queries
from portal.exams.marking.counting import JOB as COUNT
from portal.exams.marking.operations import mark_attempt
from portal.exams.marking.recomputing import recompute
from portal.exams.marking.regrading import operations, tasks
from portal.exams.marking.regrading import queries as regrading
from portal.exams.marking.regrading.models import ChangeOfKey, Flips, Regrade, RegradeState
from portal.exams.marking.regrading.rules import NotAKey
from portal.exams.marking.tasks import mark_waiting
from portal.exams.models import Attempt, Exam, ExamKind, FormKey, Result, ResultEvent
from portal.ground.models import AuditLine, FactChange, Job
from portal.people.duties.operations import SamePerson
from portal.people.models import Role
from tests.conftest import NOON
from tests.exams.regrading import admins, applied, approved, attempts, drafted, hand_in, newest, worked_off
from tests.factories import RIGHT, County, questions

BARELY = {1: "B", 2: "ACD", 3: "T", 4: '["公正", "公开"]'}  # 8 of 12 points: 66.66
CLOSE = {1: "C", 2: "ACD", 3: "T", 4: '["公正", "公开"]'}  # 6 of 12 points: 50.00


def marked(county: County, count: int, answers=(BARELY, CLOSE), **exam) -> tuple[Exam, list[Attempt]]:
    held = county.exam(**exam)
    papers = attempts(county, held, count, answers)
    hand_in(county.session, papers)
    for paper in papers:
        mark_attempt(county.session, paper, now=NOON)
    county.session.commit()
    return held, papers


def published(county: County, papers: list[Attempt]) -> None:
    exams.release(county.session, [newest(county.session, paper) for paper in papers], now=NOON)
    county.session.commit()


def in_order(county: County, exam: Exam) -> bool:
    return not any(found for _, found in recompute(county.session, exam.id))


def test_the_preview_names_every_paper_that_changes_and_changes_nothing(county: County):
    exam, papers = marked(county, 120)
    maker, _ = admins(county)
    regrade = drafted(county, exam, maker)
    worked_off()
    county.session.refresh(regrade)
    assert regrade.seen == {
        "papers": 120, "raised": 60, "lowered": 60, "to_pass": 60, "to_fail": 60, "out": 0, "voided": 0,
    }  # fmt: skip
    lines, total = regrading.effect(county.session, regrade, size=None)
    assert (total, {line.attempt_id for line in lines}) == (120, {paper.id for paper in papers})
    assert {(line.before, line.after) for line in lines} == {(6666, 5000), (5000, 6666)}
    assert county.session.scalar(select(func.count(Result.id))) == 120
    assert county.session.scalar(select(func.max(FormKey.number))) == 1


def test_what_is_applied_is_what_was_previewed_and_follows_from_the_answers(county: County):
    exam, papers = marked(county, 120, forms=3)
    regrade = applied(county, exam)
    assert (regrade.state, regrade.applied_counts) == (RegradeState.APPLIED, regrade.seen)
    assert in_order(county, exam)
    for paper in papers:
        rows = county.session.scalars(
            select(Result).where(Result.attempt_id == paper.id).order_by(Result.number)
        ).all()
        keys = [county.session.get_one(FormKey, row.key_id) for row in rows]
        assert [(key.number, key.regrade_id) for key in keys] == [(1, None), (2, regrade.id)]
    assert regrading.effect(county.session, regrade)[1] == 120
    assert county.session.scalars(select(AuditLine.act).where(AuditLine.object_kind == "regrade")).all() == [
        "regrade_drafted", "regrade_proposed", "regrade_approved", "regrade_applied",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "given", "marks"),
    [
        (ChangeOfKey.KEY, "C", (5000, 6666)),
        (ChangeOfKey.ACCEPT, "C", (6666, 6666)),
        (ChangeOfKey.VOID_FULL, None, (6666, 6666)),
        (ChangeOfKey.VOID_OUT, None, (6000, 6000)),
    ],
)
def test_one_rule_for_all(county: County, change: ChangeOfKey, given, marks):
    exam, papers = marked(county, 2)
    applied(county, exam, change=change, given=given)
    assert tuple(newest(county.session, paper).mark for paper in papers) == marks
    assert in_order(county, exam)


@pytest.mark.parametrize(
    ("question", "given", "wrong"),
    [
        ("T-2", "AB", "AX"), ("T-3", "F", "T"), ("T-4", ["公正\n公平", "公开"], ["公正", ""]), ("T-5a", "B", ""),
        ("T-1", "C", "B"), ("T-1", "D", "BC"),
    ],
)  # fmt: skip
def test_a_new_key_fits_its_question_and_changes_something(county: County, question: str, given, wrong):
    exam, _ = marked(county, 1)
    maker, _ = admins(county)
    with pytest.raises(NotAKey):
        drafted(county, exam, maker, question=question, given=wrong)
    assert drafted(county, exam, maker, question=question, given=given).answer is not None


def test_nothing_but_void_questions_is_no_paper(county: County):
    exam = county.exam(drawn=[q for q in questions() if q.code == "T-1"])
    maker, _ = admins(county)
    with pytest.raises(NotAKey, match="Nothing of the paper"):
        drafted(county, exam, maker, change=ChangeOfKey.VOID_OUT)


def test_reason_and_source_are_needed_and_one_change_is_under_way_at_a_time(county: County):
    exam, _ = marked(county, 1)
    maker, _ = admins(county)
    given = {"question": "T-1", "change": ChangeOfKey.KEY, "given": "C", "flips": Flips.HOLD, "account": maker}
    for reason, source in (("", "第一条"), ("错", " ")):
        with pytest.raises(operations.Unfounded):
            operations.draft(county.session, exam, reason=reason, source=source, now=NOON, **given)
    drafted(county, exam, maker)
    with pytest.raises(operations.AnotherOpen):
        drafted(county, exam, maker, question="T-3", given="F")


def test_whoever_proposes_does_not_approve_nor_does_anybody_who_sat_it(county: County):
    exam, _ = marked(county, 1)
    maker, second = admins(county)
    regrade = drafted(county, exam, maker)
    with pytest.raises(operations.NotNow):
        operations.propose(county.session, regrade, exam, account=maker, now=NOON)
    worked_off()
    county.session.refresh(regrade)
    with pytest.raises(operations.NotNow, match="drew the change up"):
        operations.propose(county.session, regrade, exam, account=second, now=NOON)
    operations.propose(county.session, regrade, exam, account=maker, now=NOON)
    assert not operations.may_approve(county.session, regrade, exam, maker)
    with pytest.raises(SamePerson):
        operations.approve(county.session, regrade, exam, account=maker, now=NOON)
    sitter = county.staff(Role.EXAM_ADMIN, county.province, born=NOON.date().replace(year=1972))
    county.attempt(sitter, exam, at=exam.opens_at)
    assert not operations.may_approve(county.session, regrade, exam, sitter)
    with pytest.raises(SamePerson, match="own case"):
        operations.approve(county.session, regrade, exam, account=sitter, now=NOON)
    assert operations.may_approve(county.session, regrade, exam, second)
    operations.approve(county.session, regrade, exam, account=second, now=NOON)
    assert regrade.state == RegradeState.APPROVED


def _refused(county: County, sentence: str, statement: str, **values: object) -> None:
    nested = county.session.begin_nested()
    with pytest.raises(DBAPIError, match=sentence):
        county.session.execute(text(statement), values)
    nested.rollback()


def test_the_database_asks_for_two_people_and_keeps_what_was_looked_at(county: County):
    exam, papers = marked(county, 1)
    maker, second = admins(county)
    regrade = drafted(county, exam, maker)
    worked_off()
    county.session.refresh(regrade)
    here = {"id": regrade.id, "maker": maker.id, "second": second.id}
    key = queries.current_key(county.session, exam.forms[0].id)
    forge = (
        "INSERT INTO form_key (form_id, number, body, created_at, reason, regrade_id)"
        " SELECT form_id, number + 1, body, created_at, 'x', :id FROM form_key WHERE id = :key"
    )
    _refused(county, "approved regrade", forge, id=regrade.id, key=key.id)
    _refused(county, "approved regrade", forge, id=None, key=key.id)
    approve = "UPDATE regrade SET state = 'approved', decided_by_id = :second WHERE id = :id"
    _refused(county, "another approves", approve, **here)
    operations.propose(county.session, regrade, exam, account=maker, now=NOON)
    _refused(county, "another approves", approve, **here)
    _refused(county, "made anew", "UPDATE regrade SET reason = 'x' WHERE id = :id", **here)
    _refused(county, "made anew", "UPDATE regrade SET answer = '\"D\"' WHERE id = :id", **here)
    _refused(county, "end is final", "UPDATE regrade SET state = 'applied' WHERE id = :id", **here)
    operations.approve(county.session, regrade, exam, account=second, now=NOON)
    _refused(county, "end is final", "UPDATE regrade SET state = 'withdrawn' WHERE id = :id", **here)
    again = (
        "INSERT INTO result (attempt_id, number, key_id, mark, points, full_points, passed, items, marked_at)"
        " SELECT attempt_id, 2, key_id, 10000, 1, 1, passed, items, marked_at FROM result"
    )
    _refused(county, "newer key", again)
    _refused(county, "begins as a draft", "INSERT INTO regrade (exam_id, state, question, code, forms, change, reason,"
             " source, flips, made_at, made_by_id, look, seen, forms_done, last_attempt_id, applied_counts)"
             " SELECT exam_id, 'applied', question, code, forms, change, reason, source, flips, made_at, made_by_id,"
             " look, seen, forms_done, last_attempt_id, applied_counts FROM regrade")  # fmt: skip
    assert papers[0].state == "handed_in"


def test_a_result_is_marked_by_a_key_of_its_own_form(county: County):
    (paper,) = attempts(county, county.exam(), 1)
    other = queries.current_key(county.session, county.exam().forms[0].id)
    forge = (
        "INSERT INTO result (attempt_id, number, key_id, mark, points, full_points, passed, items, marked_at)"
        " SELECT :attempt, 1, :key, 10000, 1, 1, 1 = 1, '[]', started_at FROM attempt WHERE id = :attempt"
    )
    _refused(county, "its own form", forge, key=other.id, attempt=paper.id)


def test_refused_with_a_reason_or_taken_back_it_changes_nothing(county: County):
    exam, papers = marked(county, 1)
    maker, second = admins(county)
    regrade = drafted(county, exam, maker)
    worked_off()
    county.session.refresh(regrade)
    operations.propose(county.session, regrade, exam, account=maker, now=NOON)
    with pytest.raises(operations.Unfounded):
        operations.refuse(county.session, regrade, exam, said=" ", account=second, now=NOON)
    with pytest.raises(SamePerson):
        operations.refuse(county.session, regrade, exam, said="理由", account=maker, now=NOON)
    operations.refuse(county.session, regrade, exam, said="原答案正确", account=second, now=NOON)
    with pytest.raises(operations.NotNow):
        operations.withdraw(county.session, regrade, exam, said="", account=maker, now=NOON)
    county.session.commit()
    again = drafted(county, exam, maker)
    operations.withdraw(county.session, again, exam, said="", account=maker, now=NOON)
    county.session.commit()
    worked_off()
    assert [r.state for r in regrading.regrades(county.session, exam.id)] == ["withdrawn", "refused"]
    assert newest(county.session, papers[0]).number == 1


def test_a_passed_person_who_now_fails_is_under_recheck_to_the_credential(county: County):
    officer, application, checker = county.ready()
    county.decided(application, checker)
    general = select(Attempt).join(Exam).where(Exam.subject == "general_law")
    attempt = county.session.scalars(general.where(Attempt.person_id == officer.person_id)).one()
    exam = attempt.exam
    assert newest(county.session, attempt).passed
    county.session.commit()
    for question, given in (("T-1", "A"), ("T-2", "AB"), ("T-3", "F")):
        applied(county, exam, question=question, given=given)
        standing = [e for e, _ in credentials.eligibilities_of(county.session, officer.person_id)]
        waiting = county.session.scalar(select(func.count(FactChange.id)).where(FactChange.drained_at.is_(None)))
        assert waiting == 1, "from the moment the new result stands, the standing is under re-check"
        county.session.commit()
        rounds.recheck_changed(NOON)
    assert (newest(county.session, attempt).mark, newest(county.session, attempt).passed) == (5000, False)
    events = credentials.standing_events(county.session, standing[0].id)
    assert [event.kind for event in events] == ["suspended"]
    assert "general_pass" in events[0].reason
    assert "result_regraded" in county.session.scalars(select(AuditLine.act)).all()


def test_published_results_go_out_again_and_flips_can_be_held(county: County):
    for flips, expected in ((Flips.RELEASE, (True, True)), (Flips.HOLD, (False, True))):
        exam, papers = marked(county, 2, (BARELY, RIGHT))
        published(county, papers)
        applied(county, exam, flips=flips)
        rows = [newest(county.session, paper) for paper in papers]
        assert [(row.number, row.passed) for row in rows] == [(2, False), (2, True)]
        assert tuple(queries.released(county.session, row.id) for row in rows) == expected
        said = regrading.told(county.session, papers[0])
        assert [(t.item, t.before.mark, t.after.mark) for t in said] == [(1, 6666, 5000)]


def test_two_persons_stand_behind_a_result_of_a_qualification_that_goes_out_again(county: County):
    exam, papers = marked(county, 1)
    published(county, papers)
    regrade = applied(county, exam)
    row = newest(county.session, papers[0])
    events = {e.kind: e.account_id for e in county.session.scalars(select(ResultEvent).filter_by(result_id=row.id))}
    assert events == {"reviewed": regrade.made_by_id, "released": regrade.decided_by_id}


def test_what_was_not_published_is_provisional_and_what_was_voided_stays_voided(county: County):
    exam, papers = marked(county, 2)
    exams.void(county.session, newest(county.session, papers[0]), reason="替考", now=NOON, account_id=None)
    county.session.commit()
    regrade = applied(county, exam)
    assert (newest(county.session, papers[0]).number, newest(county.session, papers[1]).number) == (1, 2)
    assert not queries.released(county.session, newest(county.session, papers[1]).id)
    assert (regrade.applied_counts["voided"], regrade.applied_counts["papers"]) == (1, 1)
    assert regrade.seen == regrade.applied_counts
    assert in_order(county, exam)


def test_voiding_meets_the_newest_result_whichever_was_looked_at(county: County):
    exam, papers = marked(county, 1)
    old = newest(county.session, papers[0])
    applied(county, exam)
    exams.void(county.session, county.session.get_one(Result, old.id), reason="替考", now=NOON, account_id=None)
    assert queries.results_of(county.session, papers[0].person_id)[0][2].number == 2
    voided = select(ResultEvent.result_id).where(ResultEvent.kind == "voided")
    assert county.session.scalars(voided).all() == [newest(county.session, papers[0]).id]


def test_papers_handed_in_later_are_marked_by_the_newest_key_and_counted_as_new(county: County):
    exam, papers = marked(county, 2)
    running = attempts(county, exam, 3, [CLOSE])
    regrade = approved(county, exam)
    hand_in(county.session, running[:1])
    county.session.commit()
    worked_off()
    hand_in(county.session, running[1:])
    county.session.commit()
    mark_waiting(NOON)
    county.session.expire_all()
    key = queries.current_key(county.session, exam.forms[0].id)
    assert key.regrade_id == regrade.id
    assert {newest(county.session, paper).key_id for paper in (*papers, *running)} == {key.id}
    assert {newest(county.session, paper).number for paper in running} == {1}
    assert in_order(county, exam)


def test_counting_again_sees_what_came_in_meanwhile(county: County):
    exam, _ = marked(county, 2)
    maker, _ = admins(county)
    regrade = drafted(county, exam, maker)
    worked_off()
    late = attempts(county, exam, 1, [CLOSE])
    hand_in(county.session, late)
    mark_attempt(county.session, late[0], now=NOON + timedelta(minutes=1))
    county.session.commit()
    county.session.refresh(regrade)
    assert regrading.marked_since(county.session, regrade) == 1
    operations.count_again(county.session, regrade, now=NOON)
    with pytest.raises(operations.NotNow):
        operations.count_again(county.session, regrade, now=NOON)
    county.session.commit()
    worked_off()
    county.session.refresh(regrade)
    assert (regrade.look, regrade.seen["papers"], regrading.effect(county.session, regrade)[1]) == (2, 3, 3)


def test_another_worker_in_between_does_no_portion_twice(county: County, monkeypatch: pytest.MonkeyPatch):
    exam, papers = marked(county, 120)
    regrade = approved(county, exam)
    judge = tasks.portions.judge

    def overtaken(*args, **named):
        monkeypatch.setattr(tasks.portions, "judge", judge)
        worked_off()
        return judge(*args, **named)

    monkeypatch.setattr(tasks.portions, "judge", overtaken)
    worked_off()
    county.session.expire_all()
    done = county.session.get_one(Regrade, regrade.id)
    assert (done.applied_counts["papers"], done.last_attempt_id) == (120, papers[-1].id)
    assert county.session.scalar(select(func.count(Result.id))) == 240


def test_the_banks_figures_follow(county: County):
    exam, _ = marked(county, 1)
    applied(county, exam)
    job = county.session.scalars(select(Job).where(Job.kind == COUNT, Job.subject == str(exam.id))).one()
    assert job.done_at is None


def test_an_edit_in_the_bank_changes_no_paper_and_no_key_of_an_exam(county: County):
    exam, papers = marked(county, 1, kind=ExamKind.MONTHLY)
    before = queries.current_key(county.session, exam.forms[0].id)
    bank = create_bank(county.session, "T", "题库", county.bureau, now=NOON)
    for question in questions():
        add_version(county.session, bank, question, status=QuestionStatus.APPROVED, now=NOON)
    assert queries.current_key(county.session, exam.forms[0].id).id == before.id
    assert in_order(county, exam)
    assert papers[0].form.paper_sha256
