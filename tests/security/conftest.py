"""A site with everything switched on, people whose roles open every door, and an address for every rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from portal.app import create_app
from portal.credentials.models import Notice
from portal.ground.db import db
from portal.people import operations as people
from portal.people.models import Account, Role
from tests.conftest import NOON, settings
from tests.factories import PASSWORD, County

SITE = "https://mingfa.example"
ALONE = (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR)  # the three administrators exclude each other


@dataclass
class Site:
    """The served site, who together may do everything in it, and what its addresses are made of."""

    app: Flask
    mighty: list[Account]
    parts: dict[str, object]

    def path(self, rule: Rule) -> str:
        """An address of the rule: a real thing where we have one, else one that is not there."""
        parts = {
            name: self.parts.get(name, 1 if type(converter).__name__ == "IntegerConverter" else "x")
            for name, converter in rule._converters.items()
        }
        if rule.endpoint == "static":
            parts["filename"] = "page.js"
        with self.app.test_request_context(base_url=SITE):
            return self.app.url_map.bind("mingfa.example").build(rule.endpoint, parts)

    def visitor(self) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["wsgi.url_scheme"] = "https"
        client.environ_base["HTTP_HOST"] = "mingfa.example"
        return client

    def insider(self, account: Account | None = None) -> FlaskClient:
        """Signed in, by a form without its token: only here."""
        client, account = self.visitor(), account or self.mighty[0]
        self.app.config["WTF_CSRF_ENABLED"] = False
        client.post("/sign-in", data={"username": account.username, "password": PASSWORD}, base_url=SITE)
        self.app.config["WTF_CSRF_ENABLED"] = True
        return client

    def insiders(self) -> list[FlaskClient]:
        return [self.insider(account) for account in self.mighty]


@pytest.fixture
def site(sqlite_url: str, tmp_path) -> Iterator[Site]:
    app = create_app(settings(sqlite_url, tmp_path, base_url=SITE))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with db.writing() as session:
        county = County(session, NOON)
        officer, application, checker = county.ready()
        mighty = [county.staff(role, county.province, born=date(1969, 1, 1 + n)) for n, role in enumerate(ALONE)]
        county.post(mighty[0].person, county.transport)
        for role in set(Role) - set(ALONE):
            people.grant(session, mighty[0], role, county.province, now=NOON)
        county.decided(application, checker)
        session.commit()
        notice = session.query(Notice).one()
        exam = county.exam()
        session.commit()
        parts = {
            "application_id": application.id, "person_id": officer.person_id, "exam_id": exam.id,
            "token": notice.token, "code": "JL-GENERAL",
        }  # fmt: skip
    yield Site(app, mighty, parts)
    db.engine.dispose()


def doors(app: Flask, method: str) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if method in rule.methods]
