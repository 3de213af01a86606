"""mingfa import: the same cockpit from a terminal, with exit codes that a script can rely on."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from portal import cli
from portal.ground import clock
from portal.ground.db import db
from portal.ground.import_models import ImportPortion
from portal.ground.models import ImportBatch, Job
from portal.people.models import Person, Role
from tests.factories import County
from tests.imports.workbooks import id_number, officer, workbook


@pytest.fixture
def place(sqlite_url: str, tmp_path: Path, noon):
    db.open(sqlite_url)
    environ = {
        "MINGFA_DATABASE_URL": sqlite_url, "MINGFA_SECRET_KEY": "s" * 48, "MINGFA_DATA_KEY": "11" * 32,
        "MINGFA_INDEX_KEY": "22" * 32, "MINGFA_AUDIT_KEY": "33" * 32, "MINGFA_FILES_DIR": str(tmp_path / "files"),
    }  # fmt: skip
    yield environ
    db.open(sqlite_url)
    db.engine.dispose()


@pytest.fixture
def county(place):
    with db.writing() as session:
        made = County(session, clock.now())
        made.names = {
            "own": made.staff(Role.UNIT_ADMIN, made.city, born=date(1980, 1, 1)).username,
            "other": made.staff(Role.UNIT_ADMIN, made.other_city, born=date(1981, 1, 1)).username,
        }
        session.commit()
    return made


@pytest.fixture
def run(place, county, tmp_path: Path):
    """Import rows (or bytes) with these options: (exit code, report, what the error stream says)."""

    def call(content, *options: str, name: str = "名册.xlsx"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else workbook(content))
        answer = CliRunner().invoke(cli.main, ["import", "officers", str(path), "--json", *options], env=place)
        report = json.loads(answer.stdout) if answer.stdout.startswith("{") else None
        return answer.exit_code, report, answer.stderr

    return call


def count(table) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_all_good_is_nought_and_some_parked_is_one(run) -> None:
    assert run([officer()])[0] == 0
    code, report, _said = run([officer(), officer(身份证号=id_number(2), 编制类型="?")])
    assert code == 1
    assert {k: report[k] for k in ("created", "changed", "unchanged", "parked")} == {
        "created": 0, "changed": 0, "unchanged": 1, "parked": 1,
    }  # fmt: skip
    (problem,) = report["problems"]
    assert (problem["sheet"], problem["row"], problem["column"], problem["text"]) == ("人员", 3, "编制类型", "?")
    assert problem["message"] and problem["remedy"] and problem["line"] is None


def test_a_file_that_cannot_be_read_is_two_and_leaves_nothing(run, tmp_path: Path) -> None:
    for content in (b"\x89PNG\r\n\x1a\n\0", workbook([officer()], ["姓名", "身份证号", "学历"])):
        code, report, said = run(content)
        assert (code, report) == (2, None) and said
    assert (count(ImportBatch), count(ImportPortion), count(Job)) == (0, 0, 0)
    assert list((tmp_path / "files" / "imports").iterdir()) == []


def test_a_dry_run_tells_the_same_and_keeps_nothing(run) -> None:
    before = count(Person)
    code, report, _said = run([officer()], "--dry-run")
    assert (code, report["created"], report["batch"]) == (0, 1, None)
    assert (count(Person), count(ImportBatch), count(ImportPortion)) == (before, 0, 0)


def test_with_an_account_only_its_reach_counts(run, county) -> None:
    code, report, _said = run([officer()], "--as", county.names["other"])
    assert (code, report["parked"]) == (1, 1)
    assert run([officer()], "--as", county.names["own"])[0] == 0


def test_a_text_file_names_the_line(run) -> None:
    row = officer(编制类型="?")
    content = "\n".join([",".join(row), ",".join(str(v) for v in row.values())]).encode("gb18030")
    code, report, _said = run(content, name="名册.csv")
    assert (code, report["problems"][0]["line"]) == (1, 2)


def test_a_batch_is_taken_back_and_says_why_it_is_not(run, place) -> None:
    batch = run([officer()])[1]["batch"]
    later = run([officer(学历="硕士")])[1]["batch"]

    def undo(number: int):
        return CliRunner().invoke(cli.main, ["import", "undo", str(number)], env=place)

    assert undo(batch).exit_code == 1 and "安丽华" in undo(batch).output
    assert undo(later).exit_code == 0
