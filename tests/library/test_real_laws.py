"""The real texts in the library, where MINGFA_LAW_TEXTS names their folder: what leaves the draw, from which day."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.bank.following.holding import cited_articles, hold_for
from portal.bank.following.models import QuestionHold
from portal.bank.models import Question
from portal.bank.queries import approved_questions
from portal.library import operations
from portal.library.fates import fates
from portal.library.models import Article, LawVersion
from question_bank.laws.texts import decoded, read_law
from tests.conftest import NOON
from tests.library.texts import citing

FOLDER = Path(os.environ.get("MINGFA_LAW_TEXTS", "/nowhere"))
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="MINGFA_LAW_TEXTS names no folder")
CODE_IN_FORCE = date(2026, 8, 15)


def bring(session, pattern: str, *, title: str = "", **settled) -> LawVersion:
    files = [decoded(path.read_bytes(), path.name) for path in FOLDER.glob(pattern)]
    text = read_law(files, title=title)
    facts = operations.settle(text, **settled)
    beside = operations.compared(session, text, facts)
    return operations.import_version(session, text, facts, beside, sources=files, account_id=None, now=NOON)


def held(session, on: date) -> dict[str, str]:
    hold_for(session, fates(session, cited_articles(session), on), NOON)
    rows = select(Question.code, QuestionHold.change).join(QuestionHold, QuestionHold.question_id == Question.id)
    return dict(session.execute(rows).all())


def test_citations_of_the_environment_law_are_found_out_from_the_day_the_code_is_in_force(county, session):
    old = bring(session, "just-laws/environment-protection.md")
    citing(county, "第四十二条", code="E-1", law="环境保护法", label=old.label)
    citing(county, "第五十九条第一款", code="E-2", law="环境保护法", label=old.label)
    code = bring(session, "just-laws/ecological-environment-code-0*.md", title="中华人民共和国生态环境法典")
    citing(county, "第五十一条", code="E-3", law="生态环境法典", label=code.label)

    assert len(session.scalars(select(Article.id).where(Article.law_version_id == code.id)).all()) == 1242
    assert old.in_force_until == CODE_IN_FORCE - timedelta(days=1)
    assert held(session, CODE_IN_FORCE - timedelta(days=1)) == {}
    assert held(session, CODE_IN_FORCE) == {"E-1": "ended", "E-2": "ended"}
    assert [q.code for q in approved_questions(session, ["BRIDGES"])] == ["E-3"]


def test_questions_on_the_road_transport_regulation_leave_or_stay_by_article(county, session):
    bring(session, "lawrefbook/道路运输条例(2022*", label="2022 修订")
    kinds = {62: None, 63: "changed", 64: None, 65: "changed", 68: "gone", 69: "moved_changed", 70: "moved",
             71: "moved_changed", 75: "moved_changed", 83: "moved"}  # fmt: skip
    for number in kinds:
        citing(county, f"第{number}条", code=f"R-{number}", law="道路运输条例", label="2022 修订")
    bring(session, "lawrefbook/道路运输条例(2023*", label="2023 修订")

    assert held(session, date(2023, 7, 19)) == {}
    assert held(session, date(2023, 7, 20)) == {f"R-{n}": kind for n, kind in kinds.items() if kind}


def test_questions_on_the_reconsideration_law_all_leave_on_new_year_2024(county, session):
    bring(session, "lawrefbook/行政复议法(2017*", label="2017 修正", in_force_from=date(2018, 1, 1))
    for number in (1, 9, 18, 41):
        citing(county, f"第{number}条", code=f"F-{number:02}", law="行政复议法", label="2017 修正")
    bring(session, "lawrefbook/行政复议法(2023*")

    assert held(session, date(2023, 12, 31)) == {}
    assert held(session, date(2024, 1, 1)) == {
        "F-01": "changed", "F-09": "moved_changed", "F-18": "gone", "F-41": "moved",
    }  # fmt: skip
