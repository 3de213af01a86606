"""A password that was right a moment ago: what is changed meanwhile keeps the old one out."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.ground.db import db
from portal.people.access import entry, operations
from portal.people.access.hashing import pool
from portal.people.factors import operations as factors
from portal.people.factors import queries
from portal.people.factors.models import PendingSignIn
from portal.people.models import Account, Role, SignIn
from tests.access.doors import Browser
from tests.access.test_codes import NEW, helper
from tests.conftest import NOON
from tests.factories import PASSWORD, County
from tests.factors.conftest import enrol, password_typed

OTHER = "$argon2id$another"


def change_while(monkeypatch: pytest.MonkeyPatch, holder: object, name: str, account_id: int, **to: object) -> None:
    """Somebody else changes the account, once, right before this step of the sign-in."""
    step, left = getattr(holder, name), [to]

    def between(*args, **kwargs):
        while left:
            with db.writing() as session:
                session.execute(update(Account).where(Account.id == account_id).values(**left.pop()))
                session.commit()
        return step(*args, **kwargs)

    monkeypatch.setattr(holder, name, between)


def sign_ins(account: Account) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(SignIn).where(SignIn.account_id == account.id))


@pytest.mark.parametrize("to", [{"password_hash": OTHER}, {"disabled_at": NOON}])
@pytest.mark.parametrize("step", ["first", "last"])
def test_an_old_password_opens_nothing_once_it_is_changed(
    app: Flask, web_county: County, monkeypatch: pytest.MonkeyPatch, step: str, to: dict
):
    officer = web_county.officer()
    web_county.session.commit()
    holder, name = {"first": (queries, "open_account"), "last": (entry, "has_grown_old")}[step]
    change_while(monkeypatch, holder, name, officer.id, **to)
    assert Browser(app).sign_in(officer).status_code == 403
    assert sign_ins(officer) == 0


def test_nor_does_it_lead_to_the_second_page(app: Flask, web_county: County, monkeypatch: pytest.MonkeyPatch):
    account = helper(app, web_county, Role.BUREAU_CHECKER).account
    enrol(web_county.session, account)
    web_county.session.commit()
    web_county.session.close()
    real = factors.hold_open
    told = []

    def changed(session, account_id, password_hash):
        told.append(password_hash)
        return real(session, account_id, OTHER)

    monkeypatch.setattr(factors, "hold_open", changed)
    _, answer = password_typed(app, account)
    assert (answer.status_code, len(told)) == (403, 1)


def test_a_new_password_ends_what_waits_for_a_second_factor(county: County):
    account, other = county.officer(), county.staff(Role.MARKER, county.city, born=NOON.date().replace(year=1980))
    for each in (account, other):
        factors.pend(county.session, each, shared=False, now=NOON)
    operations.set_password(county.session, account, OTHER, keep=None, now=NOON)
    open_ones = select(PendingSignIn.account_id).where(PendingSignIn.used_at.is_(None))
    assert county.session.scalars(open_ones).all() == [other.id]


def test_two_who_change_a_password_at_once_do_not_both(
    app: Flask, web_county: County, monkeypatch: pytest.MonkeyPatch
):
    officer = web_county.officer()
    web_county.session.commit()
    own = Browser(app)
    own.sign_in(officer)
    change_while(monkeypatch, pool, "hash", officer.id, password_hash=OTHER)
    answer = own.client.post("/me/password", data={"current": PASSWORD, "new": NEW, "again": NEW})
    assert answer.status_code == 403
    with db.reading() as session:
        assert session.get_one(Account, officer.id).password_hash == OTHER
