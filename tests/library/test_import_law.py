"""A version of a law comes into the library: articles, days, changes, what it ends; and goes again."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from portal.library import articles, operations, queries
from portal.library.fates import FateKind, fates
from portal.library.models import Article, ArticleChange, Law, LawEnding, LawVersion
from question_bank.laws.comparing import ChangeKind
from question_bank.laws.texts import read_law
from tests.conftest import NOON
from tests.library.texts import BRIDGES_2020, BRIDGES_2024, ROADS, citing, source

TODAY = date(2026, 11, 23)


def take_in(session, text: str, **settled) -> LawVersion:
    files = [source(text)]
    law = read_law(files)
    facts = operations.settle(law, **settled)
    beside = operations.compared(session, law, facts)
    return operations.import_version(session, law, facts, beside, sources=files, account_id=None, now=NOON)


def test_a_version_comes_in_with_its_articles_and_days(session):
    version = take_in(session, BRIDGES_2020)

    assert (version.law.title, version.label, version.in_force_from) == ("示例桥梁管理条例", "2020", date(2020, 7, 1))
    assert version.in_force_until is None
    rows = session.scalars(select(Article).where(Article.law_version_id == version.id).order_by(Article.place)).all()
    assert [row.label for row in rows][:2] == ["第一条", "第二条"]
    assert rows[0].heading == "第一章 总则"


def test_the_version_before_ends_the_day_before_and_every_article_is_compared(session):
    old, new = take_in(session, BRIDGES_2020), take_in(session, BRIDGES_2024)

    assert old.in_force_until == date(2024, 2, 29)
    kinds = session.scalars(select(ArticleChange.kind).where(ArticleChange.new_version_id == new.id)).all()
    assert sorted(kinds) == sorted(["same", "changed", "gone", "moved", "moved_changed", "new", "moved_changed"])


def test_an_older_version_brought_later_is_compared_with_the_one_behind_it(session):
    new, old = take_in(session, BRIDGES_2024), take_in(session, BRIDGES_2020)

    assert old.in_force_until == date(2024, 2, 29)
    assert new.in_force_until is None
    found = session.scalars(select(ArticleChange)).all()
    assert {(c.old_version_id, c.new_version_id) for c in found} == {(old.id, new.id)}


def test_a_law_that_another_one_ends_is_no_longer_in_force(session):
    bridges = take_in(session, BRIDGES_2024)
    code = take_in(session, ROADS)

    ended = session.execute(select(LawEnding.title, LawEnding.by_version_id)).all()
    assert sorted(ended) == [("示例桥梁管理条例", code.id), ("示例渡口法", code.id)]
    assert bridges.in_force_until == date(2026, 8, 14)


def test_what_the_first_version_ended_did_not_end_with_a_later_change_of_it(session):
    since = "2024年3月1日起施行。《旧桥办法》同时废止"
    take_in(session, BRIDGES_2024.replace("2024年3月1日起施行", since.replace("2024", "2019")))
    assert session.scalars(select(LawEnding.ended_on)).all() == [date(2019, 3, 1)]


def test_the_same_version_does_not_come_in_twice(session):
    take_in(session, BRIDGES_2020)
    with pytest.raises(operations.VersionExists):
        take_in(session, BRIDGES_2020)


def test_a_known_label_without_articles_gets_its_text(session):
    law = Law(title="示例桥梁管理条例")
    session.add(law)
    session.flush()
    session.add(LawVersion(law_id=law.id, label="2020", in_force_from=date(2020, 1, 1)))
    session.flush()

    version = take_in(session, BRIDGES_2020)

    assert session.scalars(select(LawVersion.id)).all() == [version.id]
    assert version.in_force_from == date(2020, 7, 1)


@pytest.mark.parametrize("label, day, taken", [
    ("2024 修订", date(2024, 6, 1), ("2024 修订", date(2024, 3, 1))),  # the text names its day
    ("现行", date(2024, 3, 1), ("现行", date(2024, 3, 1))),  # the day tells which version it is
    ("现行", date(2024, 6, 1), ("2024 修订", date(2024, 3, 1))),  # only a person can tell
])  # fmt: skip
def test_a_text_joins_the_version_that_is_cited_already(session, label, day, taken):
    session.add(Law(title="示例桥梁管理条例", versions=[LawVersion(label=label, in_force_from=day)]))
    session.flush()
    known = queries.untexted(session, "示例桥梁管理条例")
    facts = operations.settle(read_law([source(BRIDGES_2024)]), known=known)
    assert (facts.label, facts.in_force_from) == taken


def test_the_known_day_stands_where_the_text_names_an_older_one(session):
    session.add(Law(title="示例桥梁管理条例", versions=[LawVersion(label="2024 修订", in_force_from=date(2024, 7, 1))]))
    session.flush()
    text = read_law([source(BRIDGES_2024.replace("2024年3月1日起施行", "2020年7月1日起施行"))])
    facts = operations.settle(text, known=queries.untexted(session, "示例桥梁管理条例"))
    assert (facts.label, facts.in_force_from) == ("2024 修订", date(2024, 7, 1))


def test_a_version_does_not_come_in_a_second_time_under_another_name(session):
    session.add(Law(title="示例桥梁管理条例", versions=[LawVersion(label="现行", in_force_from=date(2024, 3, 1))]))
    session.flush()
    with pytest.raises(operations.FactsMissing, match="现行|knows"):
        take_in(session, BRIDGES_2024, label="2024 修订")


def test_a_text_with_a_gap_is_not_taken_in(session):
    with pytest.raises(operations.NotReadable):
        take_in(session, BRIDGES_2020.replace("第二条 ", "第九条 "))


def test_what_was_taken_in_can_be_taken_back(session):
    old = take_in(session, BRIDGES_2020)
    new = take_in(session, BRIDGES_2024)
    operations.take_back(session, new, cited=0, reason="误导入", account_id=None, now=NOON)

    assert session.scalars(select(LawVersion.label)).all() == ["2020"]
    assert not session.scalars(select(ArticleChange)).all()
    assert old.in_force_until is None


def test_a_cited_version_stays(session):
    version = take_in(session, BRIDGES_2020)
    with pytest.raises(operations.StillCited):
        operations.take_back(session, version, cited=1, reason="误导入", account_id=None, now=NOON)


def test_the_database_keeps_the_articles_of_a_cited_version(county, session):
    version = take_in(session, BRIDGES_2020)
    citing(county, "第二条")
    with pytest.raises(DBAPIError, match="law_article keeps its rows"):
        operations.take_back(session, version, cited=0, reason="误导入", account_id=None, now=NOON)


def test_articles_are_found_by_law_and_number_by_half_a_title_and_by_words(session):
    take_in(session, BRIDGES_2020)
    take_in(session, BRIDGES_2024)

    for words in ("示例桥梁管理条例 3", "桥梁管理 第三条", "《示例桥梁管理条例》第三条", "桥梁管理条例第3条"):
        found = articles.pick_articles(session, words, TODAY)
        assert [(f.label, f.article, f.in_force) for f in found] == [
            ("2024 修订", "第三条", True), ("2020", "第三条", False),
        ], words  # fmt: skip
    assert [f.article for f in articles.pick_articles(session, "夜间检查", TODAY)] == ["第三条", "第四条"]
    assert articles.pick_articles(session, "", TODAY) == []
    assert articles.pick_articles(session, "没有这样的话", TODAY) == []


def test_an_article_tells_its_course_through_the_versions(session):
    old, new = take_in(session, BRIDGES_2020), take_in(session, BRIDGES_2024)
    here = session.scalars(select(Article).where(Article.law_version_id == new.id, Article.label == "第三条")).one()

    steps = articles.history(session, here)

    assert [(s.version.id, s.article.label, s.change and s.change.kind) for s in steps] == [
        (old.id, "第四条", None), (new.id, "第三条", ChangeKind.MOVED),
    ]  # fmt: skip


@pytest.mark.parametrize(("article", "kind"), [
    ("第一条", None), ("第二条", FateKind.CHANGED), ("第三条", FateKind.GONE), ("第四条", FateKind.MOVED),
    ("第五条第一款", FateKind.MOVED_CHANGED), ("第九十九条", FateKind.UNCOMPARED),
])  # fmt: skip
def test_a_citation_meets_the_fate_of_its_article(session, article, kind):
    take_in(session, BRIDGES_2020)
    take_in(session, BRIDGES_2024)
    cited = ("示例桥梁管理条例", "2020", article)

    found = fates(session, [cited, ("不在库中的法", "2020", "第一条")], TODAY)

    assert (found[cited].kind if cited in found else None) == kind
    assert not fates(session, [cited], date(2024, 2, 29))


def test_a_citation_of_an_ended_law_is_found_out_from_that_day_on(session):
    take_in(session, BRIDGES_2024)
    code = take_in(session, ROADS)
    cited = ("示例桥梁管理条例", "2024 修订", "第一条")

    assert not fates(session, [cited], date(2026, 8, 14))
    fate = fates(session, [cited], date(2026, 8, 15))[cited]
    assert (fate.kind, fate.by_version_id, fate.since) == (FateKind.ENDED, code.id, date(2026, 8, 15))


@pytest.mark.parametrize(("title", "kind"), [
    ("行政处罚法", "law"), ("生态环境法典", "law"), ("道路运输条例", "regulation"), ("吉林省示例条例", "local"),
    ("吉林省示例办法", "local_rule"), ("示例管理办法", "rule"), ("示例通知", "other"),
])  # fmt: skip
def test_the_rank_is_guessed_by_the_name(title, kind):
    assert operations.guessed_kind(title, read_law([], title=title)) == kind
