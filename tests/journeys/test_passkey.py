"""Passkeys with the browser's own virtual authenticator: set up, sign in, second step, confirm, and misuse."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from portal.ground.db import db
from portal.people.factors.models import Passkey
from portal.people.models import Account, Role
from tests.conftest import AUDIT_KEY, DATA_KEY, INDEX_KEY
from tests.factories import PASSWORD, County
from tests.journeys.conftest import DESKTOP, ROOT, Site, answering, free_port, wait_until

pytestmark = pytest.mark.journey
HOME, QUEUE = re.compile(r"/$"), re.compile(r"\d/eligibility$")


@pytest.fixture
def named_site(sqlite_url: str, tmp_path: Path) -> Iterator[Site]:
    """The portal under a host name that browsers trust without https."""
    db.open(sqlite_url)
    port = free_port()
    settings = {
        "DATABASE_URL": sqlite_url, "SECRET_KEY": "j" * 48, "DATA_KEY": DATA_KEY, "INDEX_KEY": INDEX_KEY,
        "AUDIT_KEY": AUDIT_KEY, "BASE_URL": f"http://localhost:{port}", "FILES_DIR": str(tmp_path / "files"),
    }  # fmt: skip
    environ = {**os.environ, **{f"MINGFA_{name}": value for name, value in settings.items()}, "PYTHONPATH": str(ROOT)}
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "4",
        "--host", "127.0.0.1", "--port", str(port), "--no-ws", "--log-level", "warning", "wsgi:app",
    ]  # fmt: skip
    server = subprocess.Popen(command, cwd=ROOT, env=environ)
    try:
        with db.writing() as session:
            county = County(session, datetime.now(UTC))
            session.commit()
            wait_until(lambda: answering(f"http://127.0.0.1:{port}"), 30)
            yield Site(settings["BASE_URL"], county)
    finally:
        server.terminate()
        server.wait(10)
        db.engine.dispose()


class Person:
    """A staff member at a computer whose chip holds passkeys."""

    def __init__(self, site: Site, chromium: Any, account: Account) -> None:
        self.site, self.account = site, account
        self.context = chromium.new_context(viewport=DESKTOP, locale="zh-CN")
        self.page = self.context.new_page()
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.chip = self.context.new_cdp_session(self.page)
        self.chip.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        self.key = self.chip.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def go(self, path: str) -> None:
        self.page.goto(self.site.address + path)

    def type_password(self) -> None:
        self.go("/sign-in")
        self.page.fill("[name=username]", self.account.username)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("form[novalidate] button")

    def use_passkey(self) -> None:
        self.page.click("button[data-passkey=get]")

    def sign_out(self) -> None:
        self.context.clear_cookies()

    def told(self) -> str:
        note = self.page.locator("[data-passkey-says]:not([hidden])")
        note.wait_for(timeout=10_000)
        return note.inner_text()

    def credential(self) -> dict[str, Any]:
        (found,) = self.chip.send("WebAuthn.getCredentials", {"authenticatorId": self.key})["credentials"]
        return found


@pytest.fixture
def checker(named_site: Site, chromium: Any) -> Iterator[Person]:
    """Signed in by password, with one passkey set up."""
    county = named_site.county
    account = county.staff(Role.BUREAU_CHECKER, county.city, born=date(1981, 1, 1))
    county.session.commit()
    person = Person(named_site, chromium, account)
    person.type_password()
    person.page.wait_for_url(HOME)
    person.go("/me/factors")
    person.page.fill("[data-passkey-name]", "办公室电脑")
    person.page.click("button[data-passkey=create]")
    person.page.wait_for_selector("text=办公室电脑")
    yield person
    person.context.close()
    assert person.troubles == []


def test_a_passkey_is_set_up_and_signs_in_without_a_password(checker: Person):
    assert checker.credential()["isResidentCredential"]
    checker.sign_out()
    checker.go("/sign-in?next=/eligibility")
    checker.use_passkey()
    checker.page.wait_for_url(QUEUE)
    assert checker.account.person.name in checker.page.inner_text("header")


def test_after_the_password_it_is_the_second_step(checker: Person):
    checker.sign_out()
    checker.type_password()
    checker.page.wait_for_url("**/sign-in/second")
    checker.go("/eligibility")
    assert "/sign-in" in checker.page.url
    checker.type_password()
    checker.page.wait_for_url("**/sign-in/second")
    checker.use_passkey()
    checker.page.wait_for_url(HOME)


def test_it_confirms_before_a_grave_act(checker: Person):
    checker.go("/confirm?next=/eligibility")
    assert checker.page.locator("[name=password]").count() == 0
    checker.use_passkey()
    checker.page.wait_for_url(QUEUE)


def test_a_device_that_does_not_check_its_owner_opens_nothing(checker: Person):
    checker.sign_out()
    checker.chip.send("WebAuthn.setUserVerified", {"authenticatorId": checker.key, "isUserVerified": False})
    checker.go("/sign-in")
    checker.use_passkey()
    assert checker.told()
    assert "/sign-in" in checker.page.url


def test_a_copied_key_with_an_older_count_opens_nothing(checker: Person):
    checker.sign_out()
    old = checker.credential()
    checker.go("/sign-in")
    checker.use_passkey()
    checker.page.wait_for_url(HOME)
    checker.sign_out()
    checker.chip.send("WebAuthn.clearCredentials", {"authenticatorId": checker.key})
    checker.chip.send("WebAuthn.addCredential", {"authenticatorId": checker.key, "credential": old})
    checker.go("/sign-in")
    checker.use_passkey()
    assert "通行密钥" in checker.told()
    assert "/sign-in" in checker.page.url


def test_an_answer_sent_again_opens_nothing(checker: Person):
    checker.sign_out()
    checker.go("/sign-in")
    csrf = checker.page.get_attribute('meta[name="csrf-token"]', "content")
    with checker.page.expect_request("**/sign-in/passkey") as sent:
        checker.page.route("**/sign-in/passkey", lambda route: route.abort())
        checker.use_passkey()
        checker.told()
    answer, body = sent.value, sent.value.post_data
    headers = {"X-CSRFToken": csrf, "Content-Type": "application/json"}
    first = checker.context.request.post(answer.url, data=body, headers=headers)
    assert first.status == 200
    checker.sign_out()
    checker.go("/sign-in")
    csrf = checker.page.get_attribute('meta[name="csrf-token"]', "content")
    again = checker.context.request.post(answer.url, data=body, headers={**headers, "X-CSRFToken": csrf})
    assert again.status == 403


def test_an_unknown_passkey_is_told_so(checker: Person):
    checker.sign_out()
    with db.writing() as session:
        session.query(Passkey).delete()
        session.commit()
    checker.go("/sign-in")
    checker.use_passkey()
    assert "没有登记" in checker.told()
