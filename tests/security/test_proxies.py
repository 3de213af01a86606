"""Where a request came from: the socket says so, unless one of our own proxies stands before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from portal.app import create_app
from portal.ground.db import db
from portal.ground.models import AuditLine
from portal.people.models import Account, FailedSignIn, SignIn
from tests.conftest import NOON, settings
from tests.factories import PASSWORD, County

FORGED = {
    "X-Forwarded-For": "203.0.113.9, 198.51.100.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/evil", "X-Real-IP": "203.0.113.9", "Forwarded": "for=203.0.113.9;host=evil.example",
}  # fmt: skip


@contextmanager
def behind(url: str, folder, hops: int) -> Iterator[tuple[Flask, Account]]:
    app = create_app(settings(url, folder, trusted_proxies=hops))
    app.config["WTF_CSRF_ENABLED"] = False
    with db.writing() as session:
        officer = County(session, NOON).officer()
        session.commit()
    yield app, officer
    db.engine.dispose()


def sign_in(app: Flask, officer: Account, password: str = PASSWORD):
    data = {"username": officer.username, "password": password}
    return app.test_client().post("/sign-in", data=data, headers=FORGED, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})


def seen() -> set[str]:
    with db.reading() as session:
        return {line.address for line in session.query(AuditLine).filter(AuditLine.act == "sign_in")}


def test_by_default_forged_headers_change_nothing(sqlite_url: str, tmp_path):
    with behind(sqlite_url, tmp_path, 0) as (app, officer):
        answer = sign_in(app, officer)
        sign_in(app, officer, "wrong")
        assert seen() == {"192.0.2.1"}
        with db.reading() as session:
            assert {row.address for row in session.query(FailedSignIn)} <= {"192.0.2.1"}
            assert {row.address for row in session.query(SignIn)} <= {"192.0.2.1", "-"}
        assert answer.location == "/"


def test_a_forged_address_does_not_escape_the_limit(sqlite_url: str, tmp_path):
    with behind(sqlite_url, tmp_path, 0) as (app, _):
        statuses = []
        for n in range(31):
            answer = app.test_client().get(
                f"/verify?number=X{n}&name=无", headers={"X-Forwarded-For": f"203.0.113.{n}"},
                environ_overrides={"REMOTE_ADDR": "192.0.2.1"},
            )  # fmt: skip
            statuses.append(answer.status_code)
        assert statuses[-1] == 429


@pytest.mark.parametrize(("hops", "address"), [(1, "198.51.100.7"), (2, "203.0.113.9")])
def test_as_many_hops_are_believed_as_we_have_proxies(sqlite_url: str, tmp_path, hops: int, address: str):
    with behind(sqlite_url, tmp_path, hops) as (app, officer):
        sign_in(app, officer)
        assert seen() == {address}


def test_a_proxy_never_names_our_host(sqlite_url: str, tmp_path):
    with behind(sqlite_url, tmp_path, 1) as (app, _):
        answer = app.test_client().get("/exams", headers=FORGED)
        assert "evil" not in answer.headers.get("Location", "")
