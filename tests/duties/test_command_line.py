"""The terminal gives and ends roles by the same operations, and names the units short of people."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.cli import main
from portal.ground.db import db
from portal.people.models import Account, Role
from tests.conftest import DATA_KEY, INDEX_KEY, NOON
from tests.duties.conftest import staff
from tests.factories import County


@pytest.fixture
def told(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A county in the configured database; the username of its leader and the name of its government."""
    file = tmp_path / "mingfa.toml"
    lines = {"database_url": sqlite_url, "secret_key": "s" * 48, "data_key": DATA_KEY, "index_key": INDEX_KEY,
             "audit_key": "33" * 32}  # fmt: skip
    file.write_text("".join(f'{name} = "{value}"\n' for name, value in lines.items()), encoding="utf-8")
    monkeypatch.setenv("MINGFA_CONFIG", str(file))
    db.open(sqlite_url)
    with db.writing() as session:
        county = County(session, NOON)
        account = staff(county, Role.LEADER)
        session.commit()
        return account.username, county.city.name


def roles_of(username: str) -> set[str]:
    with db.reading() as session:
        account = session.query(Account).filter_by(username=username).one()
        return {grant.role for grant in account.grants if grant.revoked_at is None}


def test_a_role_is_given_and_ended(told):
    username, body = told
    given = CliRunner().invoke(main, ["user", "grant", username, "sysadmin", body, "--until", "2026-12-31"])
    assert given.exit_code == 0, given.output
    assert roles_of(username) == {"leader", "sysadmin"}
    refused = CliRunner().invoke(main, ["user", "grant", username, "auditor", body])
    assert refused.exit_code == 1
    assert roles_of(username) == {"leader", "sysadmin"}
    ended = CliRunner().invoke(main, ["user", "revoke", username, "sysadmin", body])
    assert ended.exit_code == 0, ended.output
    assert roles_of(username) == {"leader"}


def test_units_short_of_people_are_listed(told):
    listed = CliRunner().invoke(main, ["doctor", "duties"])
    assert listed.exit_code == 0, listed.output
    assert "梅河口市司法局" in listed.output
