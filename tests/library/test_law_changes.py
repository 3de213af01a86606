"""A change of law reaches questions, papers, lessons and officers, and people answer for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from courses.outline import Chapter, Course, Lesson
from portal.bank import operations as banks
from portal.bank.following import confirming, hits
from portal.bank.following.holding import cited_articles, hold_for, lift, open_holds
from portal.bank.following.models import QuestionHold
from portal.bank.models import Question, QuestionStatus
from portal.bank.queries import approved_questions
from portal.library import operations
from portal.library.fates import fates
from portal.library.guides import operations as guides
from portal.library.matters.rules import Basis
from portal.people.models import Role
from portal.people.queries import permissions_of
from portal.reports.law_changes import queries
from portal.training import operations as training
from question_bank.laws.texts import read_law
from question_bank.questions import Citation
from question_bank.questions import Question as Value
from tests.conftest import NOON
from tests.library.shelf_world import a_matter
from tests.library.shelf_world import editor as law_editor
from tests.library.test_guides import a_guide, said
from tests.library.test_import_law import take_in
from tests.library.texts import BRIDGES_2020, BRIDGES_2024, ROADS, citing, source

TODAY = date(2026, 11, 23)
OLD = ("示例桥梁管理条例", "2020")
NEW = ("示例桥梁管理条例", "2024 修订")


def hold(session, on: date = TODAY) -> int:
    return hold_for(session, fates(session, cited_articles(session), on), NOON)


@pytest.fixture
def questions(county, session) -> dict[str, Question]:
    """One approved question on each old article, and the two versions."""
    take_in(session, BRIDGES_2020)
    found = {
        name: citing(county, article, code=f"B-{name}")
        for name, article in (
            ("same", "第一条"),
            ("changed", "第二条"),
            ("gone", "第三条"),
            ("moved", "第四条第一款"),
            ("both", "第五条"),
        )
    }
    take_in(session, BRIDGES_2024)
    return found


def test_questions_on_what_changed_moved_or_went_leave_the_draw(session, questions):
    assert hold(session) == 4

    drawn = {q.code for q in approved_questions(session, ["BRIDGES"])}
    assert drawn == {"B-same"}
    kinds = dict(session.execute(select(Question.code, QuestionHold.change).join(
        QuestionHold, QuestionHold.question_id == Question.id)).all())  # fmt: skip
    assert kinds == {"B-changed": "changed", "B-gone": "gone", "B-moved": "moved", "B-both": "moved_changed"}


def test_holding_twice_holds_once(session, questions):
    hold(session)
    assert hold(session) == 0
    assert len(session.scalars(select(QuestionHold)).all()) == 4


def test_nothing_is_held_before_the_day_in_force(session, questions):
    assert hold(session, date(2024, 2, 29)) == 0
    assert len(approved_questions(session, ["BRIDGES"])) == 5


def test_confirming_cites_the_new_article_and_asks_a_second_person(county, session, questions):
    hold(session)
    row, trainer = questions["moved"], county.account(county.person("题一"), Role.TRAINER, county.city)
    before = row.current_version_id

    moves = {(*OLD, "第四条第一款"): Citation(*NEW, "第三条")}
    version = confirming.confirm(session, row, moves, version_id=before, account_id=trainer.id, now=NOON)

    assert [(c.label, c.article) for c in version.citations] == [("2024 修订", "第三条")]
    assert (version.change, row.status, row.held) == ("wording", QuestionStatus.REVIEW, False)
    outcomes = session.scalars(select(QuestionHold.outcome).where(QuestionHold.question_id == row.id))
    assert outcomes.all() == ["confirmed"]
    assert hold(session) == 0


def test_a_confirmed_question_is_drawn_once_a_second_person_approved_it(county, session, questions):
    hold(session)
    row, trainer = questions["moved"], county.account(county.person("题一"), Role.TRAINER, county.city)
    reviewer = county.account(county.person("审一", born=date(1979, 2, 1)), Role.REVIEWER, county.city)
    moves = {(*OLD, "第四条第一款"): Citation(*NEW, "第三条")}
    confirming.confirm(session, row, moves, version_id=row.current_version_id, account_id=trainer.id, now=NOON)

    assert "B-moved" not in {q.code for q in approved_questions(session, ["BRIDGES"])}
    with pytest.raises(banks.OwnQuestion):
        banks.approve(session, row, account_id=trainer.id, now=NOON)
    banks.approve(session, row, account_id=reviewer.id, now=NOON)

    drawn = {q.code: q for q in approved_questions(session, ["BRIDGES"])}
    assert [(c.label, c.article) for c in drawn["B-moved"].citations] == [("2024 修订", "第三条")]


def test_confirming_needs_an_article_that_stands_today(county, session, questions):
    hold(session)
    row, trainer = questions["gone"], county.account(county.person("题一"), Role.TRAINER, county.city)
    for moves in ({}, {(*OLD, "第三条"): Citation(*OLD, "第三条")}, {(*OLD, "第三条"): Citation(*OLD, "第五条")}):
        with pytest.raises(confirming.NewArticleMissing):
            confirming.confirm(
                session, row, moves, version_id=row.current_version_id, account_id=trainer.id, now=NOON
            )
    assert row.held


def test_the_second_of_two_answers_is_refused(county, session, questions):
    hold(session)
    row, trainer = questions["moved"], county.account(county.person("题一"), Role.TRAINER, county.city)
    seen = row.current_version_id
    confirming.retire(session, row, version_id=seen, account_id=trainer.id, now=NOON)
    with pytest.raises(confirming.NotHeld):
        confirming.retire(session, row, version_id=seen, account_id=trainer.id, now=NOON)


def test_a_rewritten_question_is_looked_at_anew(county, session, questions):
    hold(session)
    row = citing(county, "第二条", code="B-gone")  # now it cites an article that changed

    assert not row.held
    assert hold(session) == 1
    assert row.current_version_id in {h.version_id for h in open_holds(session, row.id)}


def test_what_an_undone_import_held_is_free_again_and_can_be_held_again(session, questions):
    hold(session)
    cause = session.scalars(select(QuestionHold.raised_by)).first()

    assert lift(session, cause, NOON) == 4
    assert len(approved_questions(session, ["BRIDGES"])) == 5
    assert hold(session) == 4


def test_citations_of_an_ended_law_are_found_out(county, session, questions):
    take_in(session, ROADS)
    assert hold(session) == 5
    assert set(session.scalars(select(QuestionHold.change))) == {"ended"}
    reader = allowed(county.account(county.person("题一"), Role.TRAINER, county.city))
    touched = queries.cause(session, reader, cause_of(session), TODAY).touched
    assert len(touched) == 5 and all(hit.old_id for hit in touched)


def test_a_trainer_sees_and_counts_only_what_is_his(county, session, questions):
    hold(session)
    own = county.account(county.person("题一"), Role.TRAINER, county.city)
    other = county.account(county.person("题二", born=date(1991, 1, 1)), Role.TRAINER, county.other_city)

    assert hits.waiting_count(session, own) == 4
    rows, holds, total = hits.waiting(session, own, limit=2)
    assert (len(rows), len(holds), total) == (2, 2, 4)
    assert hits.waiting_count(session, other) == 0


def value_of(row: Question):
    return Value.from_plain(row.current.body)


def test_the_page_above_counts_questions_papers_lessons_and_officers(county, session, questions):
    lesson = Lesson("L1", "桥", 10, "按《示例桥梁管理条例》第二条、第五条，每年检查。")
    course = Course("BRIDGE", "桥梁课", "简介", None, "legal", (Chapter("一", (lesson,)),))
    training.publish_course(session, course, now=NOON.replace(year=2023))
    old = county.exam(opens_at=NOON - timedelta(days=30), drawn=[value_of(questions["changed"])])
    county.result(county.officer("周一"), old, {1: "A"})
    county.result(county.officer("周二", born=date(1991, 2, 3)), old, {1: "B"})
    hold(session)
    trainer = allowed(county.account(county.person("题一", born=date(1980, 2, 1)), Role.TRAINER, county.province))
    watcher = allowed(county.account(county.person("看一", born=date(1980, 2, 2)), Role.SUPERVISOR, county.city))
    version_id = cause_of(session)

    cause = queries.cause(session, trainer, version_id, TODAY)

    assert [cause.total(what) for what in ("questions", "papers", "lessons", "officers")] == [4, 1, 1, 0]
    named = {hit.article: (len(hit.questions), len(hit.papers), len(hit.lessons)) for hit in cause.touched}
    assert named == {"第二条": (1, 1, 1), "第三条": (1, 0, 0), "第四条": (1, 0, 0), "第五条": (1, 0, 1)}
    seen = queries.cause(session, watcher, version_id, TODAY)
    assert seen.total("officers") == 2
    hit = next(h for h in seen.touched if h.article == "第二条")
    assert [o.name for o in queries.officers_of(session, watcher, hit, 1, 10)] == ["周一", "周二"]


def test_whoever_was_tested_on_the_new_text_since_is_not_listed(county, session, questions):
    moved = replace(value_of(questions["changed"]), code="N-1", citations=(Citation(*NEW, "第二条"),))
    officer = county.officer("周一")
    old = county.exam(opens_at=NOON - timedelta(days=30), drawn=[value_of(questions["changed"])])
    county.result(officer, old, {1: "A"})
    watcher = allowed(county.account(county.person("看一", born=date(1980, 2, 2)), Role.SUPERVISOR, county.city))
    hold(session)
    assert queries.cause(session, watcher, cause_of(session), TODAY).total("officers") == 1

    county.result(officer, county.exam(opens_at=NOON - timedelta(days=5), drawn=[moved]), {1: "A"})

    assert queries.cause(session, watcher, cause_of(session), TODAY).total("officers") == 0


def test_what_is_coming_is_counted_before_it_is_taken_in(county, session):
    take_in(session, BRIDGES_2020)
    citing(county, "第二条")
    citing(county, "第一条", code="B-2")
    text = read_law([source(BRIDGES_2024)])
    facts = operations.settle(text)
    keeper = allowed(county.account(county.person("法一", born=date(1980, 2, 3)), Role.LAW_EDITOR, county.province))

    cause = queries.coming(session, keeper, facts, operations.compared(session, text, facts), TODAY)

    assert cause.total("questions") == 1
    assert not session.new


def allowed(account):
    """As at the door, where an account brings what it may do."""
    account.permissions = permissions_of(account)
    return account


def cause_of(session) -> int:
    return int(session.scalars(select(QuestionHold.raised_by)).first().split(":")[1])


def test_matters_and_guides_on_the_old_text_stand_beside_the_questions(county, session, questions):
    old, new = Basis(*OLD, "第二条第一款"), Basis(*NEW, "第二条")
    a_matter(county, "FQ-1", bases=(old,))
    a_matter(county, "FQ-2", bases=(new,))
    a_matter(county, "FQ-3", bases=(Basis("示例桥梁管理条例", "", "第一条"),))
    writer = allowed(law_editor(county))
    guide = a_guide(county, title="案卷指引")
    draft = guides.write_version(session, guide, said(citations=(old,)), account=writer, now=NOON)
    hold(session)

    assert queries.cause(session, writer, cause_of(session), TODAY).total("guides") == 0
    guides.publish(session, guide, draft, account=law_editor(county), now=NOON)
    cause = queries.cause(session, writer, cause_of(session), TODAY)

    assert [m.matter.code for hit in cause.touched for m in hit.matters] == ["FQ-1"]
    assert [(hit.article, g.guide.title) for hit in cause.touched for g in hit.guides] == [("第二条", "案卷指引")]
    stranger = allowed(county.account(county.person("题二", born=date(1991, 1, 1)), Role.TRAINER, county.other_city))
    assert queries.cause(session, stranger, cause_of(session), TODAY).total("guides") == 0
