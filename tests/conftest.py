"""Databases of both kinds, a fixed clock, an application, and the world of a small county."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.app import create_app, open_over
from portal.exams.delivery import kept
from portal.ground import clock
from portal.ground.config import Config
from portal.ground.crypto import keys
from portal.ground.db import db
from tests.databases import Postgres, lend, new_sqlite, sqlite_copy
from tests.factories import County

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Jilin
DATA_KEY, INDEX_KEY, AUDIT_KEY = "11" * 32, "22" * 32, "33" * 32
MEMORY = Path("/dev/shm")
ROOM_NEEDED = 4 * 1024**3  # bytes


# what is tried through the doors on PostgreSQL in every run: the gate, and saving; all others with `make test-long`
DOORS_ON_BOTH = ("tests/credentials/", *(f"tests/exams/test_{act}.py" for act in ("start", "save_answers", "hand_in")))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Thousands of small databases are written: into memory where there is room, so that no disk slows the suite."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_NEEDED:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Below the door, everything runs on both engines; what comes through it mostly on one, to stay in ten minutes."""
    for item in items:
        params = getattr(item, "callspec", None)
        on_postgres = params is not None and params.params.get("database_url") == "postgres"
        if on_postgres and "app" in item.fixturenames and not item.nodeid.startswith(DOORS_ON_BOTH):
            item.add_marker(pytest.mark.long)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """xdist's own groups are unknown to this pytest."""
    from tests.scheduling import ByNature

    return ByNature(config, log)


@pytest.fixture(scope="session")
def sqlite_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    return new_sqlite(tmp_path_factory.mktemp("sqlite") / "base.db")


@pytest.fixture(scope="session")
def postgres_base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    postgres = Postgres(tmp_path_factory.mktemp("pg"))
    yield postgres
    postgres.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh migrated database; the test runs once on each engine."""
    if request.param == "sqlite":
        yield sqlite_copy(request.getfixturevalue("sqlite_base"), tmp_path)
        return
    postgres: Postgres = request.getfixturevalue("postgres_base")
    url = postgres.lend()
    yield url
    postgres.take_back(url)


@pytest.fixture
def sqlite_url(sqlite_base: Path, tmp_path: Path) -> str:
    return sqlite_copy(sqlite_base, tmp_path)


def settings(url: str, folder: Path, **changed: object) -> Config:
    values = {
        "database_url": url, "secret_key": "s" * 48, "data_key": DATA_KEY, "index_key": INDEX_KEY,
        "audit_key": AUDIT_KEY,
        "base_url": "http://127.0.0.1:8000", "host": "127.0.0.1", "port": 8000, "threads": 4,
        "files_dir": folder / "files", "demo": False, "marking_inline": True, **changed,
    }  # fmt: skip
    return Config(**values)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """Time stands still at noon unless a test moves it."""
    clock.set_source(lambda: NOON)
    keys.open(DATA_KEY, INDEX_KEY)
    yield
    clock.set_source()


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A writing session on a fresh database, on each engine in turn."""
    db.open(database_url)
    lend(db, database_url)
    with db.writing() as opened:
        yield opened
    db.engine.dispose()


@pytest.fixture
def county(session: Session) -> County:
    """A county with its bureau, a town, a transport body, people and an exam; see factories."""
    return County(session, NOON)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory):
    """One application for the tests of a process: its doors and pages are made ready once."""
    folder = tmp_path_factory.mktemp("house")
    return create_app(settings(f"sqlite:///{folder / 'none.db'}", folder))


@pytest.fixture
def app(house, database_url: str, tmp_path: Path):
    """The whole application on a fresh database, on each engine in turn."""
    kept.forget()
    application, before = house, dict(house.config)
    open_over(application, settings(database_url, tmp_path))
    lend(db, database_url)
    application.config["WTF_CSRF_ENABLED"] = False
    yield application
    application.config.clear()
    application.config.update(before)
    journal = application.extensions.pop("mingfa_journal", None)
    if journal is not None:
        journal.close()
    db.engine.dispose()


@pytest.fixture
def web_county(app) -> Iterator[County]:
    """The county, committed, for tests that come through the door."""
    with db.writing() as opened:
        built = County(opened, NOON)
        opened.commit()
        yield built


@pytest.fixture
def statements(app) -> Iterator[list[str]]:
    """Every SQL statement SQLAlchemy sends while the test runs."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)
