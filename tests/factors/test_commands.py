"""Second factors from the terminal."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal import cli
from portal.ground.db import db
from portal.people.factors.models import TotpFactor
from portal.people.models import Role
from tests.conftest import AUDIT_KEY, DATA_KEY, INDEX_KEY, NOON
from tests.factories import County
from tests.factors.conftest import Enrolled, count, enrol


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "MINGFA_DATABASE_URL": sqlite_url, "MINGFA_SECRET_KEY": "s" * 48, "MINGFA_DATA_KEY": DATA_KEY,
        "MINGFA_INDEX_KEY": INDEX_KEY, "MINGFA_AUDIT_KEY": AUDIT_KEY, "MINGFA_FILES_DIR": str(tmp_path / "files"),
        "MINGFA_CONFIG": "",
    }  # fmt: skip


@pytest.fixture
def guard(settings: dict[str, str]) -> Enrolled:
    db.open(settings["MINGFA_DATABASE_URL"])
    with db.writing() as session:
        county = County(session, NOON)
        found = enrol(session, county.staff(Role.SECADMIN, county.province, born=date(1970, 1, 1)))
        session.commit()
    return found


def run(settings: dict[str, str], *words: str):
    return CliRunner().invoke(cli.main, list(words), env=settings)


def test_the_doctor_says_who_has_none_and_what_level_3_asks_for(settings, guard: Enrolled):
    assert "every staff account has one" in run(settings, "doctor").output
    with db.writing() as session:
        session.query(TotpFactor).delete()
        session.commit()
    told = run(settings, "doctor").output
    assert "1 staff accounts have none" in told
    assert "MINGFA_SECOND_FACTOR=required" in told
    assert "MINGFA_SECOND_FACTOR" not in run({**settings, "MINGFA_SECOND_FACTOR": "required"}, "doctor").output


def test_the_terminal_helps_the_last_security_administrator_with_a_reason(settings, guard: Enrolled):
    assert run(settings, "user", "drop-factors", guard.account.username).exit_code == 2
    answer = run(settings, "user", "drop-factors", guard.account.username, "--reason", "phone lost")
    assert answer.exit_code == 0, answer.output
    assert count(TotpFactor) == 0


def test_a_misspelt_policy_stops_the_start(settings):
    answer = run({**settings, "MINGFA_SECOND_FACTOR": "requird"}, "doctor")
    assert answer.exit_code == 1
    assert "offered or required" in answer.output
