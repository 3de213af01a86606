"""Ways in from a terminal: codes instead of passwords."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfReader
from sqlalchemy import select

from portal import cli
from portal.ground import clock
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.people.access.models import OneTimeCode
from portal.people.models import Account
from tests.conftest import AUDIT_KEY, DATA_KEY, INDEX_KEY, NOON
from tests.factories import County

CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


@pytest.fixture
def run(sqlite_url: str, tmp_path: Path):
    environ = {
        "MINGFA_DATABASE_URL": sqlite_url, "MINGFA_SECRET_KEY": "t" * 40, "MINGFA_DATA_KEY": DATA_KEY,
        "MINGFA_INDEX_KEY": INDEX_KEY, "MINGFA_AUDIT_KEY": AUDIT_KEY, "MINGFA_FILES_DIR": str(tmp_path),
        "MINGFA_CONFIG": "",
    }  # fmt: skip
    db.open(sqlite_url)
    with db.writing() as session:
        county = County(session, NOON)
        for number in range(3):
            county.post(county.person("陈绍文", born=date(1980, 1, 1 + number)))
        session.commit()
    keys.open(DATA_KEY, INDEX_KEY)
    clock.set_source(lambda: NOON)
    yield lambda *words: CliRunner().invoke(cli.main, ["user", *words], env=environ)
    db.engine.dispose()


def accounts() -> list[Account]:
    with db.reading() as session:
        return list(session.scalars(select(Account)))


def test_adding_a_user_prints_a_code_and_sets_no_password(run):
    answer = run("add", "T00001")
    assert answer.exit_code == 0, answer.output
    assert CODE.search(answer.output)
    assert [account.password_hash for account in accounts()] == [""]
    assert run("add", "T00001").exit_code == 1


def test_no_command_takes_a_password(run):
    for name, command in cli.user.commands.items():
        assert "password" not in {parameter.name for parameter in command.params}, name


def test_a_new_code_makes_the_old_one_void(run):
    first, second = (CODE.search(run(word, "T00001").output)[0] for word in ("add", "code"))
    assert first != second
    with db.reading() as session:
        rows = session.scalars(select(OneTimeCode).order_by(OneTimeCode.id)).all()
    assert [row.voided_at is None for row in rows] == [False, True]


def test_a_unit_s_slips_are_written_to_a_file_only_its_owner_reads(run, tmp_path: Path):
    file = tmp_path / "slips.pdf"
    answer = run("slips", "梅河口市交通运输综合行政执法大队", str(file))
    assert answer.exit_code == 0, answer.output
    assert file.stat().st_mode & 0o077 == 0
    assert len(set(CODE.findall(PdfReader(BytesIO(file.read_bytes())).pages[0].extract_text()))) == 3
    assert len(accounts()) == 3


def test_somebody_who_is_not_on_the_roster_is_a_sentence(run):
    answer = run("add", "NOBODY")
    assert answer.exit_code == 1
    assert "no such thing" in answer.output
