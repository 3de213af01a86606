"""mingfa audit on the terminal: verify, head, cut, and settings that are refused."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal import cli
from portal.ground import audit, guards
from portal.ground.db import db
from tests.conftest import AUDIT_KEY, DATA_KEY, INDEX_KEY, NOON


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    db.open(sqlite_url)
    with db.writing() as session:
        for number in range(6):
            at = NOON - timedelta(days=1200) if number < 4 else NOON
            audit.record(session, "tried", "thing", number, now=at, reason="why")
        session.commit()
    return {
        "MINGFA_DATABASE_URL": sqlite_url, "MINGFA_SECRET_KEY": "s" * 48, "MINGFA_DATA_KEY": DATA_KEY,
        "MINGFA_INDEX_KEY": INDEX_KEY, "MINGFA_AUDIT_KEY": AUDIT_KEY, "MINGFA_FILES_DIR": str(tmp_path / "files"),
        "MINGFA_CONFIG": "",
    }  # fmt: skip


def run(settings: dict[str, str], *words: str, **changed: str):
    return CliRunner().invoke(cli.main, ["audit", *words], env={**settings, **changed})


def test_a_whole_trail_is_told_with_its_head(settings):
    head = run(settings, "head").output.strip()
    answer = run(settings, "verify", "--head", head)
    assert answer.exit_code == 0 and f"whole: 6 lines, head {head}" in answer.output and head.startswith("6:")


def test_a_broken_trail_ends_with_1_and_names_the_number(settings):
    with db.engine.begin() as connection:
        guards.remove(connection)
        connection.exec_driver_sql("UPDATE audit_line SET act = 'other' WHERE object_id = '2'")
    answer = run(settings, "verify")
    assert answer.exit_code == 1 and "BROKEN at 3: the line was changed" in answer.output


@pytest.mark.parametrize("head", ["6", "x:y", "6:abc"])
def test_a_head_that_is_none_is_a_sentence(settings, head: str):
    answer = run(settings, "verify", "--head", head)
    assert answer.exit_code == 1 and "NUMBER:HASH" in answer.output and "Traceback" not in answer.output


def test_a_cut_takes_what_is_old_and_leaves_a_whole_trail(settings, tmp_path: Path):
    head = run(settings, "head").output.strip()
    answer = run(settings, "cut", str(tmp_path / "old.jsonl"))
    assert answer.exit_code == 0 and "4 lines up to number 4" in answer.output, answer.output
    assert len((tmp_path / "old.jsonl").read_text().splitlines()) == 4
    assert run(settings, "verify", "--head", head).exit_code == 0
    again = run(settings, "cut", str(tmp_path / "more.jsonl"))
    assert again.exit_code == 1 and not (tmp_path / "more.jsonl").exists()


def test_another_audit_key_does_not_trust_the_cut_unless_the_old_public_half_is_named(settings, tmp_path: Path):
    public = run(settings, "key").output.strip()
    run(settings, "cut", str(tmp_path / "old.jsonl"))
    assert run(settings, "verify", MINGFA_AUDIT_KEY="44" * 32).exit_code == 1
    assert run(settings, "verify", MINGFA_AUDIT_KEY="44" * 32, MINGFA_AUDIT_KEYS_OLD=public).exit_code == 0


@pytest.mark.parametrize("years", ["0.4", "0", "never"])
def test_less_than_six_months_is_refused(settings, tmp_path: Path, years: str):
    answer = run(settings, "cut", str(tmp_path / "old.jsonl"), MINGFA_AUDIT_YEARS=years)
    assert answer.exit_code == 1 and "six months" in answer.output


def test_a_broken_trail_is_not_cut(settings, tmp_path: Path):
    with db.engine.begin() as connection:
        guards.remove(connection)
        connection.exec_driver_sql("UPDATE audit_line SET act = 'other' WHERE object_id = '5'")
    assert run(settings, "cut", str(tmp_path / "old.jsonl")).exit_code == 1
    assert not (tmp_path / "old.jsonl").exists()
