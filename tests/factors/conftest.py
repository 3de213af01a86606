"""A staff member with an authenticator app, and hands that type its codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.ground import clock
from portal.ground.db import db
from portal.people.factors import operations
from portal.people.models import Account, Role
from tests.conftest import NOON
from tests.factories import PASSWORD, County


@dataclass
class Enrolled:
    """An account, the secret its phone holds, and its recovery codes."""

    account: Account
    secret: str
    recovery: list[str]

    def code(self, moment: datetime) -> str:
        return pyotp.TOTP(self.secret).at(moment)


def enrol(session: Session, account: Account, now: datetime = NOON) -> Enrolled:
    """Set up ten minutes ago, so that no code of today is used up."""
    before = now - timedelta(minutes=10)
    secret = operations.start_totp(session, account, now=before).secret()
    assert operations.confirm_totp(session, account, pyotp.TOTP(secret).at(before), address="-", now=before)
    return Enrolled(account, secret, operations.new_recovery_codes(session, account, address="-", now=before))


def password_typed(app: Flask, account: Account, next_page: str = "", password: str = PASSWORD):
    """A browser after the first page of signing in, and the answer to it."""
    client = app.test_client()
    answer = client.post(f"/sign-in?next={next_page}", data={"username": account.username, "password": password})
    return client, answer


def signed_in(app: Flask, enrolled: Enrolled) -> FlaskClient:
    client, _ = password_typed(app, enrolled.account)
    client.post("/sign-in/second", data={"code": enrolled.code(clock.now())})
    return client


def move_clock(**by: float) -> None:
    later = clock.now() + timedelta(**by)
    clock.set_source(lambda: later)


@pytest.fixture
def checker(web_county: County) -> Account:
    account = web_county.staff(Role.BUREAU_CHECKER, web_county.city, born=date(1981, 1, 1))
    web_county.session.commit()
    return account


@pytest.fixture
def enrolled(web_county: County, checker: Account) -> Enrolled:
    found = enrol(web_county.session, checker)
    web_county.session.commit()
    return found


def count(table, *where) -> int:
    with db.reading() as session:
        return session.query(table).filter(*where).count()
