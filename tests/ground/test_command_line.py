"""The command line: sentences instead of tracebacks, secrets never printed."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections import namedtuple
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from portal import cli
from portal.bank.models import Question
from portal.bank.operations import add_version, create_bank
from portal.demo import commands
from portal.ground.db import db
from tests.conftest import AUDIT_KEY, DATA_KEY, INDEX_KEY, NOON
from tests.factories import County, questions

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "MINGFA_DATABASE_URL": sqlite_url, "MINGFA_SECRET_KEY": "the-secret-" * 4, "MINGFA_DATA_KEY": DATA_KEY,
        "MINGFA_INDEX_KEY": INDEX_KEY, "MINGFA_AUDIT_KEY": AUDIT_KEY,
        "MINGFA_FILES_DIR": str(tmp_path / "files"), "MINGFA_CONFIG": "",
    }  # fmt: skip


def run(*words: str, env: dict[str, str]):
    return CliRunner().invoke(cli.main, list(words), env=env)


def test_help_names_every_command(settings):
    answer = run("--help", env=settings).output
    for name in ("demo", "serve", "init", "user", "import", "export", "check", "worker", "config", "doctor"):
        assert f"\n  {name} " in answer


def test_every_setting_is_documented_and_no_secret_is_printed(settings):
    answer = run("config", "show", env=settings).output
    assert "MINGFA_PORT" in answer
    for secret in ("the-secret", DATA_KEY, INDEX_KEY):
        assert secret not in answer


@pytest.mark.parametrize("command", ["serve", "init", "worker", "doctor"])
def test_a_missing_secret_stops_the_start_with_a_sentence(settings, command):
    answer = run(command, env={**settings, "MINGFA_SECRET_KEY": ""})
    assert answer.exit_code == 1
    assert "MINGFA_SECRET_KEY is not set." in answer.output
    assert "Traceback" not in answer.output


def test_the_doctor_finds_a_guard_that_was_removed(settings):
    assert run("doctor", env=settings).exit_code == 0
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER eligibility_needs_decision")
    answer = run("doctor", env=settings)
    assert answer.exit_code == 1
    assert "eligibility_needs_decision" in answer.output
    assert run("init", env=settings).exit_code == 0
    db.open(settings["MINGFA_DATABASE_URL"])


def test_a_bank_goes_out_and_comes_in_again_unchanged(settings, tmp_path: Path):
    db.open(settings["MINGFA_DATABASE_URL"])
    with db.writing() as session:
        county = County(session, NOON)
        bank = create_bank(session, "T", "测试题库", county.province, now=NOON)
        for question in questions():
            add_version(session, bank, question, account_id=None, now=NOON)
        session.commit()
    sheet = str(tmp_path / "bank.xlsx")
    assert run("export", "questions", "--out", sheet, "--bank", "T", env=settings).exit_code == 0
    answer = run("import", "questions", sheet, "--bank", "T", "--json", env=settings)
    report = json.loads(answer.output)
    assert (answer.exit_code, report["created"], report["parked"]) == (0, 0, 0)
    assert report["unchanged"] >= 5
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Question)) == 5


def test_a_taken_port_is_a_sentence(settings, tmp_path: Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        answer = run("demo", "serve", "--port", port, env={**settings, "MINGFA_DEMO_DIR": str(tmp_path / "demo")})
    assert answer.exit_code == 1
    assert f"Port {port} is taken" in answer.output


def test_a_full_disk_is_a_sentence(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(commands.shutil, "disk_usage", lambda _path: usage(1, 1, 0))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    answer = run("demo", "serve", "--port", port, env={**settings, "MINGFA_DEMO_DIR": str(tmp_path / "demo")})
    assert answer.exit_code == 1
    assert "nearly full" in answer.output


def test_an_old_python_is_a_sentence(tmp_path: Path):
    old = tmp_path / "python-old"
    real = shutil.which("python3")
    old.write_text(
        f"#!/bin/sh\nexec {real} -c \"import sys; sys.version_info = (3, 9, 0); exec(sys.argv[2])\" \"$@\"\n",
        encoding="utf-8",
    )
    old.chmod(0o755)
    answer = subprocess.run(
        ["make", "-C", str(ROOT), "demo", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode != 0
    assert "Mingfa needs Python 3.11 or newer; this one is 3.9" in answer.stderr
