"""The tree of topics: words stay findable, whoever keeps it, and what questions use."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from portal.bank import operations as banks
from portal.bank.finding import queries as finding
from portal.bank.shelf import queries as shelf
from portal.ground.models import AuditLine
from portal.library.topics import operations, queries
from portal.library.topics.models import Topic, TopicAlias
from portal.people.models import Account, Role
from tests.conftest import NOON
from tests.factories import PASSWORD, County, questions

_born = count()


def editor(county: County, body=None, field: str | None = None) -> Account:
    born = date(1961, 1, 1) + timedelta(days=next(_born))
    account = county.staff(Role.LAW_EDITOR, body or county.province, born=born, field=field)
    county.session.refresh(account, ["grants"])
    return account


def topic(county: County, title: str = "处罚的种类", field: str = "", **more: object) -> Topic:
    return operations.add_topic(county.session, title, field, account=None, now=NOON, **more)


def a_question_on(county: County, title: str, code: str = "T-1"):
    bank = shelf.select(shelf.QuestionBank).where(shelf.QuestionBank.code == "B")
    bank = county.session.scalar(bank) or banks.create_bank(county.session, "B", "题库", county.province, now=NOON)
    question = replace(questions(title)[0], code=code)
    return banks.add_version(county.session, bank, question, now=NOON)


def test_a_topic_is_found_by_its_title_its_pinyin_and_its_initials(county: County):
    topic(county, "听证程序")
    for typed in ("听证", "tingzheng", "tzcx"):
        assert [t.title for t in queries.pick(county.session, typed)] == ["听证程序"]
    assert queries.pick(county.session, "强制") == []


def test_a_picker_for_a_field_offers_that_field_and_general_law(county: County):
    topic(county, "客运经营", "transport"), topic(county, "食品安全", "market"), topic(county, "处罚适用")
    assert {t.title for t in queries.pick(county.session, "", "transport")} == {"客运经营", "处罚适用"}


def test_a_renamed_topic_goes_on_finding_its_old_word(county: County):
    row = topic(county, "旧词")
    operations.change_topic(county.session, row, title="新词", parent=None, seen=1, account=None, now=NOON)
    assert queries.same_topic(county.session, "新词") == {"新词", "旧词"} == queries.same_topic(county.session, "旧词")
    assert queries.present_titles(county.session)["", "旧词"] == "新词"


def test_renaming_leaves_a_line_with_both_words(county: County):
    row = topic(county, "旧词")
    operations.change_topic(county.session, row, title="新词", parent=None, seen=1, account=None, now=NOON)
    assert county.session.scalar(select(AuditLine).where(AuditLine.act == "topic_renamed")).object_id == str(row.id)
    assert [a.title for a in queries.history(county.session, row.id)] == ["旧词"]


def test_merging_hands_words_and_children_over(county: County):
    gone, stays = topic(county, "处罚程序"), topic(county, "行政处罚程序")
    child = topic(county, "简易程序", parent=gone)
    operations.merge_topic(county.session, gone, stays, seen=1, account=None, now=NOON)
    assert queries.same_topic(county.session, "行政处罚程序") == {"行政处罚程序", "处罚程序"}
    assert child.parent_id == stays.id
    assert [t.title for t in queries.pick(county.session, "处罚程序")] == ["行政处罚程序"]


def test_questions_are_found_under_the_old_and_the_new_word_of_their_topic(county: County):
    row = topic(county, "旧词")
    a_question_on(county, "旧词", "T-1")
    operations.change_topic(county.session, row, title="新词", parent=None, seen=1, account=None, now=NOON)
    last = a_question_on(county, "新词", "T-2")
    a_question_on(county, "另一词", "T-3")
    for asked in ("旧词", "新词"):
        page = finding.listed(county.session, [last.question.bank_id], finding.Filters(topic=asked), page=1, size=9)
        assert [each.row.code for each in page.rows] == ["T-1", "T-2"]


def test_a_title_that_is_or_was_anothers_is_refused(county: County):
    row = topic(county, "旧词")
    operations.change_topic(county.session, row, title="新词", parent=None, seen=1, account=None, now=NOON)
    for taken in ("新词", "旧词"):
        with pytest.raises(operations.TitleTaken):
            topic(county, taken)
    topic(county, "旧词", "market")  # another field has words of its own


def test_a_topic_is_not_put_under_its_own(county: County):
    top = topic(county, "上")
    below = topic(county, "下", parent=top)
    with pytest.raises(operations.NotThere):
        operations.change_topic(county.session, top, title="上", parent=below, seen=1, account=None, now=NOON)
    with pytest.raises(operations.NotThere):
        operations.merge_topic(county.session, top, below, seen=1, account=None, now=NOON)


def test_whoever_saw_an_older_version_changes_nothing(county: County):
    row = topic(county)
    operations.change_topic(county.session, row, title="新词", parent=None, seen=1, account=None, now=NOON)
    with pytest.raises(operations.ChangedMeanwhile):
        operations.retire_topic(county.session, row, seen=1, account=None, now=NOON)


def test_only_an_editor_of_the_province_keeps_the_tree(county: County):
    add = operations.add_topic
    add(county.session, "一", "", account=editor(county), now=NOON)
    with pytest.raises(operations.NotKept):
        add(county.session, "二", "", account=editor(county, county.city), now=NOON)
    of_transport = editor(county, field="transport")
    add(county.session, "三", "transport", account=of_transport, now=NOON)
    with pytest.raises(operations.NotKept):
        add(county.session, "四", "", account=of_transport, now=NOON)


def test_words_in_use_that_no_topic_has_are_proposed_and_taken_in(county: County):
    a_question_on(county, "野词")
    tree = shelf.tree(county.session)
    assert [(u.title, u.tally) for u in tree.unlisted] == [("野词", {"draft": 1})]
    topic(county, "野词")
    tree = shelf.tree(county.session)
    assert tree.unlisted == [] and tree.leaves[0].tally == {"draft": 1}


def test_questions_under_an_old_word_are_counted_with_the_new_one(county: County):
    row = topic(county, "旧词")
    a_question_on(county, "旧词")
    operations.change_topic(county.session, row, title="新词", parent=None, seen=1, account=None, now=NOON)
    a_question_on(county, "新词", "T-2")
    assert shelf.tree(county.session).leaves[0].tally == {"draft": 2}
    words = sorted(queries.words(county.session)[row.id])
    assert [(title, tally) for _, title, tally in shelf.by_bank(county.session, words, "")] == [
        ("新词", {"draft": 1}), ("旧词", {"draft": 1}),
    ]  # fmt: skip


def test_the_database_keeps_topics_and_their_old_words(county: County):
    row = topic(county)
    county.session.add(TopicAlias(topic_id=row.id, field="", title="旧", account_id=None, at=NOON))
    county.session.flush()
    for act in ("DELETE FROM topic", "UPDATE topic_alias SET title = 'x'", "DELETE FROM topic_alias"):
        with pytest.raises(DBAPIError, match="guard"), county.session.begin_nested():
            county.session.connection().exec_driver_sql(act)


def signed_in(app, account: Account):
    client = app.test_client()
    client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
    return client


def test_through_the_door_an_editor_adds_renames_and_merges(app, web_county: County):
    client = signed_in(app, (account := editor(web_county)) and _committed(web_county, account))
    client.post("/library/topics/new", data={"title": "处罚适用", "field": "", "code": "GP-1"})
    client.post("/library/topics/new", data={"title": "处罚的适用", "field": "", "code": "GP-2"})
    assert client.get("/library/topics.json?q=cfsy").json["topics"][0]["title"] == "处罚适用"
    client.post("/library/topics/GP-2/change", data={"title": "适用处罚", "parent": "", "version": "1"})
    missed = client.post("/library/topics/GP-2/merge", data={"into": "GP-9", "version": "2"})
    assert missed.headers["Location"] == "/library/topics/GP-2"
    client.post("/library/topics/GP-2/merge", data={"into": "GP-1", "version": "2"})
    page = client.get("/library/topics/GP-1").text
    assert "处罚的适用" in page and "适用处罚" in page
    for address in ("/library/topics", "/library/topics?field=market", "/library/fields", "/library/topics/new"):
        assert client.get(address).status_code == 200
    assert client.post("/library/topics/new", data={"title": "处罚适用", "field": ""}).status_code == 422
    assert client.get("/library/topics/none").status_code == 404


def _committed(county: County, account: Account) -> Account:
    county.session.commit()
    return account


def test_the_tree_costs_few_statements(app, web_county: County, statements):
    account, session = editor(web_county), web_county.session
    for number in range(30):
        topic(web_county, f"词{number}")
    session.commit()
    client = signed_in(app, account)
    statements.clear()
    assert client.get("/library/topics").status_code == 200
    assert len(statements) <= 10


def test_an_officer_reads_the_picker_and_not_the_tree(app, web_county: County):
    client = signed_in(app, _committed(web_county, web_county.officer()))
    assert client.get("/library/topics.json").status_code == 200
    assert client.get("/library/topics").status_code == 403


