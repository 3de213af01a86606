"""The demo province, loaded once for all tests of this folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.credentials.models import Application
from portal.credentials.queries import case_for
from portal.credentials.rules import RULES
from portal.demo.accounts import by_username
from portal.demo.cast import CASE
from portal.demo.province import load
from portal.ground.crypto import keys
from portal.ground.db import Database
from portal.ground.rules import judge
from portal.people.models import Person
from tests.conftest import DATA_KEY, INDEX_KEY, NOON


@dataclass(frozen=True)
class Demo:
    """The loaded province: its database file, its folder, and what was said while loading."""

    path: Path
    folder: Path
    said: list[str]
    db: Database


@pytest.fixture(scope="session")
def demo(sqlite_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    path = folder / "demo.db"
    shutil.copy(sqlite_base, path)
    keys.open(DATA_KEY, INDEX_KEY)
    database = Database()
    database.open(f"sqlite:///{path}")
    said: list[str] = []
    load(database, now=NOON, files_dir=folder, say=said.append)
    yield Demo(path, folder / "demo", said, database)
    database.engine.dispose()


@pytest.fixture
def reading(demo: Demo) -> Iterator[Session]:
    with demo.db.reading() as session:
        yield session


@pytest.fixture
def application_of(reading: Session) -> Callable[[str], Application]:
    """The application of a named case."""

    def find(key: str) -> Application:
        found = select(Application).join(Person, Person.id == Application.person_id)
        return reading.scalars(found.where(Person.personnel_number == CASE[key].number)).one()

    return find


@pytest.fixture
def unmet(reading: Session, application_of: Callable[[str], Application]) -> Callable[[str], list[str]]:
    """The rules that a named case does not meet in the eyes of Meihekou's checker."""
    checker = by_username(reading)["bureau"].id

    def ask(key: str) -> list[str]:
        case, _ = case_for(reading, application_of(key), checker_account=checker, now=NOON + timedelta(minutes=5))
        return [finding.rule for finding in judge(case, RULES) if not finding.met]

    return ask
