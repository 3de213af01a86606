"""Loading: once, never over other data, never on top of half a load; and everybody finds a first screen."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.app import create_app
from portal.demo import province
from portal.demo.banks import QuestionsMissing
from portal.demo.cast import CASES, PASSWORD, STAFF
from portal.ground import audit
from portal.ground.db import Database, db
from portal.ground.models import AuditLine
from portal.people.models import Body
from tests.conftest import NOON, settings
from tests.demo.conftest import Demo


@pytest.fixture
def empty(sqlite_url: str):
    database = Database()
    database.open(sqlite_url)
    yield database
    database.engine.dispose()


def test_a_second_load_does_nothing(demo: Demo):
    with demo.db.reading() as session:
        before = session.scalar(select(func.count()).select_from(AuditLine))
    said: list[str] = []
    assert province.load(demo.db, now=NOON, files_dir=demo.folder.parent, say=said.append) is False
    with demo.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(AuditLine)) == before
    assert len(said) == 1


def test_an_interrupted_load_is_reported(empty: Database, tmp_path: Path):
    with empty.writing() as session:
        audit.record(session, province.BEGUN, "demo", "province", now=NOON)
        session.commit()
    with pytest.raises(province.HalfLoaded):
        province.load(empty, now=NOON, files_dir=tmp_path, say=print)


def test_other_data_is_left_alone(empty: Database, tmp_path: Path):
    with empty.writing() as session:
        session.add(Body(code="X", name="某市人民政府", kind="government", level="county", path="/1/"))
        session.commit()
    with pytest.raises(province.NotEmpty):
        province.load(empty, now=NOON, files_dir=tmp_path, say=print)


def test_missing_question_sheets_stop_it_before_anything_is_written(empty: Database, tmp_path: Path):
    with pytest.raises(QuestionsMissing):
        province.load(empty, now=NOON, files_dir=tmp_path, say=print, questions=tmp_path)
    with empty.reading() as session:
        assert session.scalar(select(func.count()).select_from(AuditLine)) == 0


@pytest.fixture
def demo_app(demo: Demo, tmp_path: Path):
    with demo.db.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(demo.path, tmp_path / "copy.db")
    address = f"sqlite:///{tmp_path / 'copy.db'}"
    application = create_app(settings(address, tmp_path, demo=True, password_profile="nist"))
    application.config["WTF_CSRF_ENABLED"] = False
    yield application
    journal = application.extensions.pop("mingfa_journal", None)
    if journal is not None:
        journal.close()
    db.engine.dispose()


@pytest.mark.parametrize("username", [*(member.number for member in STAFF), CASES[0].number, CASES[1].number])
def test_every_demo_account_signs_in_and_sees_its_first_screen(demo_app, username: str):
    visitor = demo_app.test_client()
    answer = visitor.post("/sign-in", data={"username": username, "password": PASSWORD})
    assert answer.status_code == 302
    assert visitor.get("/").status_code == 200
