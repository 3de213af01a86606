"""mingfa import law, and the round that holds questions on the day a law comes in force."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from portal import cli, rounds
from portal.bank.following.tasks import hold_changed
from portal.bank.models import Question
from portal.ground.db import db
from portal.library.models import Article, Law, LawVersion
from tests.conftest import AUDIT_KEY, DATA_KEY, INDEX_KEY
from tests.library.test_import_law import take_in
from tests.library.texts import BRIDGES_2020, BRIDGES_2024, citing


@pytest.fixture
def run(sqlite_url: str, tmp_path: Path):
    env = {
        "MINGFA_DATABASE_URL": sqlite_url, "MINGFA_SECRET_KEY": "the-secret-" * 4, "MINGFA_DATA_KEY": DATA_KEY,
        "MINGFA_INDEX_KEY": INDEX_KEY, "MINGFA_AUDIT_KEY": AUDIT_KEY, "MINGFA_CONFIG": "",
        "MINGFA_FILES_DIR": str(tmp_path / "files"),
    }  # fmt: skip
    for name, text in (("old", BRIDGES_2020), ("new", BRIDGES_2024)):
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")

    def told(*words: str):
        named = [str(tmp_path / word) if word.endswith(".md") else word for word in words]
        return CliRunner().invoke(cli.main, ["import", "law", *named], env=env)

    yield told
    db.engine.dispose()


def test_two_versions_come_in_and_are_compared(run):
    assert run("old.md").exit_code == 0
    report = json.loads(run("new.md", "--json").output)

    assert (report["law"], report["label"], report["articles"], report["stored"]) == (
        "示例桥梁管理条例", "2024 修订", 6, True,
    )  # fmt: skip
    assert {k: report["compared"][0][k] for k in ("same", "changed", "moved", "moved_changed", "new", "gone")} == {
        "same": 1, "changed": 1, "moved": 1, "moved_changed": 2, "new": 1, "gone": 1,
    }  # fmt: skip


def test_a_dry_run_stores_nothing(run):
    answer = run("old.md", "--dry-run")
    assert (answer.exit_code, "Nothing was stored." in answer.output) == (0, True)
    with db.reading() as session:
        assert not session.scalars(select(Article.id)).all()


def test_given_facts_stand_before_those_of_the_text(run):
    report = json.loads(run("old.md", "--label", "初版", "--in-force-from", "2020-08-01", "--json").output)
    assert (report["label"], report["in_force_from"]) == ("初版", "2020-08-01")


def test_a_faulty_file_ends_with_two_and_names_its_line(run, tmp_path):
    (tmp_path / "bad.md").write_text(BRIDGES_2020.replace("第二条 ", "第九条 "), encoding="utf-8")
    answer = run("bad.md")
    assert (answer.exit_code, "bad.md:11:" in answer.output) == (2, True)


def test_the_round_holds_questions_on_the_day_the_law_comes_in_force(app, web_county):
    with db.writing() as session:
        take_in(session, BRIDGES_2020)
        session.commit()
    citing(web_county, "第二条")
    web_county.session.commit()
    with db.writing() as session:
        take_in(session, BRIDGES_2024)
        session.commit()

    before, after = (datetime(2024, 2, 29, 15, tzinfo=UTC), datetime(2024, 2, 29, 17, tzinfo=UTC))  # 23:00 and 01:00
    assert hold_changed(before) == 0
    assert rounds.follow_the_law(after) == 1
    assert rounds.follow_the_law(after) == 0
    with db.reading() as session:
        assert session.scalars(select(Question.held)).all() == [True]
        assert len(session.scalars(select(LawVersion.id)).all()) == 3


def test_the_same_version_once_more_ends_with_two_and_says_why_as_json(run):
    run("old.md")
    answer = run("old.md", "--json")
    assert (answer.exit_code, "2020" in json.loads(answer.output)["error"]) == (2, True)


def test_a_version_that_waits_for_its_text_is_told_and_joined_by_its_name(run):
    run("new.md", "--dry-run")  # opens the database
    with db.writing() as session:
        session.add(Law(title="示例桥梁管理条例", versions=[LawVersion(label="现行", in_force_from=date(2020, 9, 1))]))
        session.commit()
    assert "--label '现行'" in run("old.md", "--dry-run").output
    report = json.loads(run("old.md", "--label", "现行", "--json").output)
    assert (report["joins"], report["without_text"]) == (True, [])
