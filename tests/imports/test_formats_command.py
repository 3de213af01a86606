"""mingfa import questions: every form, the place of each problem, exit codes; a dry run leaves no trace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from portal import cli
from portal.bank import operations as bank
from portal.bank.models import Question, QuestionStatus
from portal.ground.db import db
from portal.tables import metadata
from tests.conftest import NOON
from tests.factories import County
from tests.imports.test_formats_in import GIFT, TEXT, with_picture


@pytest.fixture
def run(sqlite_url: str, tmp_path: Path, noon):
    """Import this content with these options: (exit code, report, what the error stream says)."""
    db.open(sqlite_url)
    with db.writing() as session:
        bank.create_bank(session, "JL-T", "测试题库", County(session, NOON).city, now=NOON)
        session.commit()
    environ = {
        "MINGFA_DATABASE_URL": sqlite_url, "MINGFA_SECRET_KEY": "s" * 48, "MINGFA_DATA_KEY": "11" * 32,
        "MINGFA_INDEX_KEY": "22" * 32, "MINGFA_AUDIT_KEY": "33" * 32, "MINGFA_FILES_DIR": str(tmp_path / "files"),
    }  # fmt: skip

    def call(content: str | bytes, name: str, *options: str):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        words = ["import", "questions", str(path), "--bank", "JL-T", "--json", *options]
        answer = CliRunner().invoke(cli.main, words, env=environ)
        return answer.exit_code, json.loads(answer.stdout) if answer.stdout.startswith("{") else None, answer.stderr

    call.undo = lambda batch: CliRunner().invoke(cli.main, ["import", "undo", str(batch)], env=environ)  # type: ignore[attr-defined]
    yield call
    db.engine.dispose()


def rows_of_every_table() -> dict[str, int]:
    with db.reading() as session:
        return {table.name: session.scalar(select(func.count()).select_from(table)) for table in metadata.sorted_tables}


def test_what_waits_is_named_by_its_line(run) -> None:
    code, report, _said = run(GIFT, "题.txt")
    assert (code, report["created"], report["parked"]) == (1, 2, 1)
    (problem,) = [p for p in report["problems"] if not p["warning"]]
    assert (problem["line"], problem["row"], problem["column"]) == (5, None, "答案")
    assert "这题没有答案" in problem["text"] and problem["remedy"]


def test_a_good_file_ends_with_nought_and_one_that_cannot_be_read_with_two(run) -> None:
    assert run(TEXT, "题.txt")[0] == 0
    old = b"\xd0\xcf\x11\xe0" + b"\0" * 600
    for content, name in ((old, "题.doc"), ("开会通知", "通知.txt"), (b"\0\1\2", "题.docx")):
        code, report, said = run(content, name)
        assert (code, report) == (2, None) and said


@pytest.mark.parametrize("content", [GIFT, with_picture()], ids=["gift", "pictures"])
def test_a_dry_run_changes_no_table_and_leaves_no_file(run, tmp_path, content) -> None:
    before = rows_of_every_table()
    code, report, _said = run(content, "题.xml" if isinstance(content, bytes) else "题.txt", "--dry-run")
    assert report["created"] > 0 and report["batch"] is None
    assert rows_of_every_table() == before
    assert list((tmp_path / "files" / "imports").iterdir()) == []


def test_the_form_may_be_given(run) -> None:
    code, report, _said = run("一加一？\nA. 一\nB. 二\nANSWER: B\n", "题.txt", "--format", "aiken")
    assert (code, report["created"]) == (0, 1)
    assert run(TEXT, "题.txt", "--format", "moodle")[0] == 2


def test_a_batch_of_any_form_is_taken_back(run) -> None:
    batch = run(TEXT, "题.txt")[1]["batch"]
    assert run.undo(batch).exit_code == 0
    with db.reading() as session:
        assert set(session.scalars(select(Question.status))) == {QuestionStatus.RETIRED}
    assert run(TEXT, "题.txt")[1]["created"] == 2
