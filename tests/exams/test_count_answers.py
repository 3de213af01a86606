"""Uses written down at publication, and figures by question counted after the end: right, repeatable, cheap."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import event, func, select

from portal import rounds
from portal.bank.following import statistics
from portal.bank.following.models import QuestionStatistics, QuestionUse
from portal.bank.models import Change, QuestionStatus, QuestionVersion
from portal.bank.operations import add_version, create_bank
from portal.exams import operations as exams
from portal.exams import queries, uses
from portal.exams.delivery import operations as delivery
from portal.exams.marking import counting
from portal.exams.marking.count_tasks import count_exam, count_one
from portal.exams.marking.models import ItemTally
from portal.exams.marking.operations import mark_attempt
from portal.exams.models import Exam, ExamForm, FormKey, HandInCause, Result
from portal.ground.db import db
from portal.ground.models import Job
from portal.library.topics.operations import add_topic, change_topic
from question_bank.questions import Kind, Question
from tests.conftest import NOON
from tests.factories import RIGHT, County, questions

BLUEPRINT = [
    {"topic": "总则", "kind": kind, "count": 1, "points": 200}
    for kind in ("single_choice", "multiple_choice", "true_false", "fill_blank", "case_set")
]


def published(county: County, *, bank: bool = True, **changed) -> Exam:
    """An exam drawn from a real bank of the five questions."""
    if bank:
        made = create_bank(county.session, "T", "题库", county.bureau, now=NOON - timedelta(days=30))
        for question in questions():
            add_version(
                county.session, made, question, status=QuestionStatus.APPROVED, now=NOON - timedelta(days=30)
            )
    exam = Exam(
        code=f"E{county.session.scalar(select(func.count()).select_from(Exam))}", title="测试考试", theme="总则",
        kind="monthly", subject="general_law", body_id=county.province.id, opens_at=NOON - timedelta(hours=2),
        closes_at=NOON - timedelta(hours=1), minutes=60, pass_mark=6000, marking_rules={},
        blueprint=changed.pop("blueprint", BLUEPRINT),
        notice="", **changed,
    )  # fmt: skip
    county.session.add(exam)
    county.session.flush()
    exams.publish(county.session, exam, forms=1, bank_codes=["T"], now=NOON - timedelta(days=1))
    return exam


def test_a_renamed_topic_still_fills_the_blueprint(county: County):
    topic = add_topic(county.session, "总则", "", account=None, now=NOON)
    change_topic(county.session, topic, title="一般规定", parent=None, seen=1, account=None, now=NOON)
    exam = published(county, blueprint=[row | {"topic": "一般规定"} for row in BLUEPRINT])
    key = county.session.scalar(select(FormKey.body).join(ExamForm).where(ExamForm.exam_id == exam.id))
    assert {entry["topic"] for entry in key.values()} == {"一般规定"}


def sit(county: County, exam: Exam, wrong: dict[int, str] | None = None) -> Result:
    officer = county.officer(born=date(1960, 1, 1) + timedelta(days=county._people))
    attempt = county.attempt(officer, exam, at=exam.opens_at)
    county.answer(attempt, {**RIGHT, **(wrong or {})}, at=exam.opens_at)
    delivery.hand_in(county.session, attempt, cause=HandInCause.CANDIDATE, now=exam.opens_at + timedelta(minutes=9))
    return mark_attempt(county.session, attempt, now=exam.opens_at + timedelta(minutes=10))


def figures(session, code: str, number: int = 1) -> QuestionStatistics | None:
    version = session.scalars(
        select(QuestionVersion).where(QuestionVersion.number == number, QuestionVersion.question.has(code=code))
    ).one()
    return session.get(QuestionStatistics, version.id, populate_existing=True)


def count(county: County, exam: Exam) -> None:
    exam_id = exam.id
    county.session.commit()
    count_exam(exam_id, None, NOON)
    county.session.expire_all()


def test_publishing_writes_down_every_version_used_and_the_key_names_it(county: County):
    exam = published(county)
    used = county.session.scalars(select(QuestionUse)).all()
    assert {(u.kind, u.object_id, u.title) for u in used} == {("exam", exam.id, "测试考试")}
    assert {(u.opens_at, u.closes_at) for u in used} == {(exam.opens_at, exam.closes_at)}
    key = queries.current_key(county.session, exam.forms[0].id).body
    assert {entry["version"] for entry in key.values()} == {u.version_id for u in used}
    assert len(used) == 5
    assert [entry["leaf"] for entry in key.values()] == [0, 0, 0, 0, 0, 1]


def test_a_use_is_written_down_once(county: County):
    exam = published(county)
    assert uses.unnoted(county.session) == []
    assert uses.note_again(county.session, exam, now=NOON) == (0, 0)
    assert county.session.scalar(select(func.count()).select_from(QuestionUse)) == 5


def test_a_question_not_valid_on_every_day_of_the_exam_is_not_drawn(county: County):
    bank = create_bank(county.session, "T", "题库", county.bureau, now=NOON)
    body = questions()[0].plain() | {"valid_until": (NOON - timedelta(days=1)).date().isoformat()}
    for question in (Question.from_plain(body), *questions()[1:]):
        add_version(county.session, bank, question, status=QuestionStatus.APPROVED, now=NOON)
    with pytest.raises(exams.NotReady, match="0 are approved"):
        published(county, bank=False)


def test_the_figures_follow_from_the_answers(county: County):
    exam = published(county)
    for n in range(40):
        strong = n % 2
        sit(county, exam, {} if strong else {1: "C", 2: "AC", 4: '["公正", "x"]', 5: "B"})
    count(county, exam)
    single, multiple, blank, case = (figures(county.session, code) for code in ("T-1", "T-2", "T-4", "T-5"))
    assert (single.answered, single.facility, single.discrimination) == (40, 5000, 100)
    assert single.choices == {"0": {"n": [20, 20], "B": [20, 0], "C": [0, 20]}}
    assert multiple.choices["0"]["A"] == [20, 20]
    assert multiple.choices["0"]["D"] == [20, 0]
    assert blank.facility == 7500
    assert (blank.choices, case.facility) == ({}, 7500)
    assert case.choices["0"]["B"] == [0, 20]
    assert case.choices["1"]["F"] == [20, 20]
    said = [s.message % s.values for s in statistics.in_words(single, questions()[0])]
    assert said[0] == "50 % right"


def test_counting_twice_changes_nothing_and_what_was_voided_goes_out(county: County):
    exam = published(county)
    results = [sit(county, exam, {1: "C"}) for _ in range(3)]
    count(county, exam)
    count(county, exam)
    assert (figures(county.session, "T-1").answered, figures(county.session, "T-1").facility) == (3, 0)
    exams.void(county.session, results[0], reason="替考", now=NOON, account_id=None)
    count(county, exam)
    assert figures(county.session, "T-1").answered == 2


def test_two_exams_add_up(county: County):
    first = published(county)
    second = published(county, bank=False)
    for exam, wrong in ((first, {}), (first, {1: "C"}), (second, {1: "C"}), (second, {1: "C"})):
        sit(county, exam, wrong)
    count(county, first)
    count(county, second)
    assert (figures(county.session, "T-1").answered, figures(county.session, "T-1").facility) == (4, 2500)


def reword(county: County, change: Change, stem: str) -> None:
    row = county.session.scalars(select(QuestionVersion).where(QuestionVersion.question.has(code="T-1"))).first()
    body = Question.from_plain({**row.body, "stem": stem})
    bank = row.question.bank
    add_version(county.session, bank, body, status=QuestionStatus.APPROVED, change=change, now=NOON)


def test_a_new_wording_goes_on_with_the_figures_and_a_new_substance_does_not(county: County):
    first = published(county)
    sit(county, first)
    reword(county, Change.WORDING, "哪一项是正确的？")
    count(county, first)
    reword(county, Change.WORDING, "哪一项是对的？")
    assert figures(county.session, "T-1", 3).answered == 1  # from the moment it is written
    second = published(county, bank=False)
    sit(county, second, {1: "C"})
    reword(county, Change.SUBSTANCE, "哪一项错误？")
    third = published(county, bank=False)
    sit(county, third, {1: "C"})
    for exam in (first, second, third):
        count(county, exam)
    assert [figures(county.session, "T-1", n).answered for n in (1, 2, 3, 4)] == [2, 2, 2, 1]
    assert [figures(county.session, "T-1", n).facility for n in (1, 2, 3, 4)] == [5000, 5000, 5000, 0]


def test_a_paper_whose_key_names_no_version_is_counted_by_its_codes(county: County):
    both = published(county), county.exam()
    keys = [counting.begin(county.session, exam.id).keys for exam in both]
    named, unnamed = ({item: place for item, (place, _) in key.items()} for one in keys for key in one.values())
    assert named == unnamed
    assert unnamed[6][1] == 1  # the second question of the case


def test_the_job_waits_for_the_end_and_for_every_paper(app, web_county: County):
    county = web_county
    exam = published(county)
    sit(county, exam)
    open_still = county.attempt(county.officer(), exam, at=exam.opens_at)
    county.session.commit()
    assert not count_one(exam.closes_at + timedelta(minutes=59))
    settled = exam.closes_at + counting.SETTLED
    assert count_one(settled)
    with db.reading() as session:
        job = session.scalars(select(Job).where(Job.kind == counting.JOB)).one()
        assert (job.done_at, job.run_after) == (None, settled + counting.SETTLED)
        assert figures(session, "T-1").answered == 1
    rounds.one_round(open_still.deadline_at + timedelta(hours=3))
    rounds.one_round(open_still.deadline_at + timedelta(hours=3))
    assert count_one(settled + counting.SETTLED)
    assert not count_one(settled + timedelta(days=1))
    with db.reading() as session:
        assert figures(session, "T-1").answered == 2
        assert session.scalars(select(Job.done_at).where(Job.kind == counting.JOB)).one() is not None


def test_the_answers_are_read_in_portions_and_none_of_it_while_writing(app, web_county: County, monkeypatch):
    county = web_county
    exam = published(county)
    for n in range(7):
        sit(county, exam, {1: "C"} if n % 2 else {})
    county.session.commit()
    monkeypatch.setattr(counting, "PORTION", 3)
    sent: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _cur, sql, *_rest: sent.append(sql))
    count_exam(exam.id, None, NOON)
    reading = [n for n, sql in enumerate(sent) if "result.items" in sql]
    writing = [n for n, sql in enumerate(sent) if not sql.lstrip().startswith(("SELECT", "PRAGMA", "BEGIN"))]
    assert len(reading) == 3
    assert max(reading) < min(writing)
    assert len(writing) <= 4 + 2  # tallies out and in, figures; however many sat
    with db.reading() as session:
        assert figures(session, "T-1").answered == 7
        assert session.scalar(select(func.count()).select_from(ItemTally)) == 5


def test_a_failed_count_is_noted_and_tried_again(app, web_county: County, monkeypatch):
    exam = published(web_county)
    web_county.session.commit()
    settled = exam.closes_at + counting.SETTLED
    monkeypatch.setattr(counting, "begin", lambda *_: 1 / 0)
    assert count_one(settled)
    with db.reading() as session:
        job = session.scalars(select(Job).where(Job.kind == counting.JOB)).one()
        assert job.tries == 1
        assert job.run_after > settled
        assert "ZeroDivision" in job.error


def test_a_kind_that_nobody_picks_letters_in_has_no_picks(county: County):
    assert Kind.ORDERING not in counting.WITH_PICKS
    assert Kind.INDEFINITE in counting.WITH_PICKS
