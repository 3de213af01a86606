"""Questions whose articles read the same cite the newer version at once, through a second person's review."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from portal.bank import operations as banks
from portal.bank.following import reciting
from portal.bank.following.holding import cited_articles, hold_for, open_holds
from portal.bank.following.models import QuestionHold
from portal.bank.models import Question, QuestionStatus
from portal.bank.queries import approved_questions
from portal.library.fates import fates, same_today
from portal.library.models import LawVersion
from portal.people.models import Role
from portal.people.queries import permissions_of
from question_bank.questions import Citation
from question_bank.questions import Question as Value
from tests.conftest import NOON
from tests.library.test_import_law import take_in
from tests.library.test_import_pages import signed_in
from tests.library.texts import BRIDGES_2020, BRIDGES_2024, ROADS, citing

TITLE, LABEL = "示例桥梁管理条例", "2024 修订"
TODAY = date(2026, 11, 23)


def hold(session) -> None:
    hold_for(session, fates(session, cited_articles(session), TODAY), NOON)


def trainer_of(county):
    account = county.account(county.person("题一"), Role.TRAINER, county.city)
    account.permissions = permissions_of(account)
    return account


def shelf_in(county) -> dict[str, Question]:
    session = county.session
    take_in(session, BRIDGES_2020)
    articles = {"same": "第一条", "changed": "第二条", "gone": "第三条", "moved": "第四条第一款", "both": "第五条"}
    found = {name: citing(county, article, code=f"B-{name}") for name, article in articles.items()}
    take_in(session, BRIDGES_2024)
    hold(session)
    return found


def newest(session) -> LawVersion:
    return session.scalars(select(LawVersion).where(LawVersion.label == LABEL)).one()


@pytest.fixture
def shelf(county) -> dict[str, Question]:
    return shelf_in(county)


def test_what_reads_the_same_stands_under_its_number_of_today(session, shelf):
    cited = [(TITLE, "2020", article) for article in ("第一条", "第二条", "第三条", "第四条第一款", "第五条")]
    found = same_today(session, cited, TODAY)
    assert {key[2]: (to.article, to.label, to.moved) for key, to in found.items()} == {
        "第一条": ("第一条", LABEL, False), "第四条第一款": ("第三条第一款", LABEL, True),
    }  # fmt: skip
    assert same_today(session, cited, date(2024, 2, 29)) == {}
    take_in(session, ROADS)
    assert same_today(session, cited, TODAY) == {}


def test_only_unchanged_and_moved_questions_of_one_s_own_are_offered(county, session, shelf):
    offered = reciting.recitable(session, trainer_of(county), newest(session), NOON)
    assert [one.row.code for one in offered] == ["B-moved", "B-same"]
    stranger = county.account(county.person("题二", born=date(1991, 1, 1)), Role.TRAINER, county.other_city)
    assert reciting.recitable(session, stranger, newest(session), NOON) == []
    older = session.scalars(select(LawVersion).where(LawVersion.label == "2020", LawVersion.imported_at.is_not(None)))
    assert reciting.recitable(session, trainer2(county), older.one(), NOON) == []


def test_a_question_held_for_one_article_is_not_offered_for_another(county, session, shelf):
    both = (Citation(TITLE, "2020", "第一条"), Citation(TITLE, "2020", "第二条"))
    said = replace(Value.from_plain(shelf["same"].current.body), code="B-two", citations=both)
    row = banks.add_version(session, shelf["same"].bank, said, status=QuestionStatus.APPROVED, now=NOON).question
    hold(session)
    trainer = trainer_of(county)
    assert row.held and "B-two" not in {o.row.code for o in reciting.recitable(session, trainer, newest(session), NOON)}
    with pytest.raises(reciting.AnswerSingly):
        reciting.recite(session, row, newest(session), account_id=trainer.id, now=NOON)


def trainer2(county):
    return county.account(county.person("题三", born=date(1992, 1, 1)), Role.TRAINER, county.city)


def test_citing_anew_changes_the_citation_alone_and_asks_a_second_person(county, session, shelf):
    trainer, row = trainer_of(county), shelf["same"]
    drawn, said = row.approved_version_id, row.current.body
    assert reciting.recite(session, row, newest(session), account_id=trainer.id, now=NOON)

    assert [(c.label, c.article) for c in row.current.citations] == [(LABEL, "第一条")]
    assert {k for k in said if row.current.body[k] != said[k]} == {"citations"}
    assert (row.current.change, row.status, row.approved_version_id) == ("wording", QuestionStatus.REVIEW, drawn)
    with pytest.raises(banks.OwnQuestion):
        banks.approve(session, row, account_id=trainer.id, now=NOON)
    with pytest.raises(reciting.UnderReview):
        reciting.recite(session, row, newest(session), account_id=trainer.id, now=NOON)


def test_a_moved_article_ends_its_hold_and_waits_for_approval(county, session, shelf):
    trainer, row = trainer_of(county), shelf["moved"]
    reciting.recite(session, row, newest(session), account_id=trainer.id, now=NOON)
    assert [c.article for c in row.current.citations] == ["第三条第一款"]
    assert not row.held and "B-moved" not in {q.code for q in approved_questions(session, ["BRIDGES"])}
    assert set(session.scalars(select(QuestionHold.outcome).where(QuestionHold.question_id == row.id))) == {"confirmed"}


@pytest.mark.parametrize("name", ["changed", "gone", "both"])
def test_what_does_not_read_the_same_is_answered_singly(county, session, shelf, name):
    with pytest.raises(reciting.AnswerSingly):
        reciting.recite(session, shelf[name], newest(session), account_id=trainer_of(county).id, now=NOON)
    assert shelf[name].held


def test_a_hold_whose_articles_turn_out_the_same_is_offered_too(county, session):
    version = take_in(session, BRIDGES_2020)
    row, other = citing(county, "第一条", code="B-1"), citing(county, "第二条", code="B-2")
    bare = LawVersion(law_id=version.law_id, label=LABEL, in_force_from=date(2024, 3, 1))
    session.add(bare)
    session.flush()
    session.expire_all()
    hold(session)
    assert row.held and other.held  # nobody could compare
    take_in(session, BRIDGES_2024, known=[bare])
    hold(session)

    trainer = trainer_of(county)
    offered = reciting.recitable(session, trainer, newest(session), NOON)
    assert [(one.row.code, one.row.held) for one in offered] == [("B-1", True)]
    reciting.recite(session, row, newest(session), account_id=trainer.id, now=NOON)
    assert not row.held and not open_holds(session, row.id)
    assert [(c.label, c.article) for c in row.current.citations] == [(LABEL, "第一条")]


def test_the_page_counts_and_the_act_tells_of_every_question(app, web_county):
    shelf_in(web_county)
    web_county.session.commit()
    client = signed_in(app, web_county, Role.TRAINER, web_county.city, "题甲")
    version_id = newest(web_county.session).id
    web_county.session.rollback()
    assert f'href="/law-changes/{version_id}/same"' in client.get(f"/law-changes/{version_id}").text
    page = client.get(f"/law-changes/{version_id}/same").text
    assert "B-same" in page and "B-moved" in page and "B-changed" not in page and "第三条第一款" in page
    form = {name: re.search(f'name="{name}" value="([^"]*)"', page)[1] for name in ("act", "value", "ids", "next")}

    web_county.session.scalars(select(Question).where(Question.code == "B-same")).one().status = QuestionStatus.REVIEW
    web_county.session.commit()
    done = client.post("/banks/questions/many/do", data=form).text
    listed = dict(re.findall(r'questions/(B-\w+)">.*?mf-badge( mf-badge--ok)?"', done))
    assert listed == {"B-moved": " mf-badge--ok", "B-same": ""}
    assert done.count("B-same") >= 2  # and why
    web_county.session.expire_all()
    rows = {row.code: row for row in web_county.session.scalars(select(Question))}
    assert (rows["B-moved"].status, rows["B-moved"].held) == (QuestionStatus.REVIEW, False)
    assert rows["B-same"].current.number == 1
