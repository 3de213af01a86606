"""A county whose roster two people keep, and a place for photos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.ground import clock
from portal.ground.db import db
from portal.ground.models import FactChange
from portal.people.models import Account, Person, Role, SignIn
from tests.factories import PASSWORD, County

KEEPER_BORN, SECOND_BORN = date(1980, 1, 1), date(1981, 2, 2)


@dataclass
class Office:
    """An officer, the two who keep the roster he stands on, and one who keeps another city's."""

    county: County
    officer: Account
    keeper: Account
    second: Account
    stranger: Account

    @property
    def person(self) -> Person:
        return self.officer.person


def office_of(county: County) -> Office:
    officer = county.officer()
    keeper = county.staff(Role.UNIT_ADMIN, county.transport, born=KEEPER_BORN)
    second = county.staff(Role.UNIT_ADMIN, county.city, born=SECOND_BORN)
    stranger = county.staff(Role.UNIT_ADMIN, county.other_city, born=date(1982, 3, 3))
    keeper.person.name, second.person.name = "管理甲", "管理乙"
    county.session.flush()
    # read while a transaction is open: a later look must not open another
    assert officer.person.posts and second.person and stranger.person
    return Office(county, officer, keeper, second, stranger)


@pytest.fixture
def office(county: County) -> Office:
    return office_of(county)


@pytest.fixture
def web_office(web_county: County) -> Office:
    built = office_of(web_county)
    web_county.session.commit()
    return built


@pytest.fixture
def enter(app: Flask) -> Callable[[Account], FlaskClient]:
    """Sign in, and prove who it is a moment ago."""

    def entered(account: Account) -> FlaskClient:
        client = app.test_client()
        client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
        with db.writing() as session:
            for row in session.scalars(select(SignIn).where(SignIn.account_id == account.id)):
                row.proved_at = clock.now()
            session.commit()
        return client

    return entered


@pytest.fixture
def files(app: Flask) -> Path:
    return app.config["MINGFA"].files_dir


def waits_for_recheck(session, person_id: int) -> set[str]:
    """The changed facts that put a person under re-check."""
    found = select(FactChange.fact).where(FactChange.person_id == person_id, FactChange.drained_at.is_(None))
    return set(session.scalars(found))


def stored(person_id: int) -> Person:
    with db.reading() as session:
        return session.get_one(Person, person_id)
