"""Where passkeys can work they are offered; where they cannot, the page says why."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.app import create_app
from portal.ground.db import db
from portal.people.factors.models import PasskeyChallenge
from portal.people.factors.rules import passkey_obstacle
from portal.people.models import Account
from tests.conftest import NOON, settings
from tests.factories import County
from tests.factors.conftest import count, password_typed


@pytest.mark.parametrize(
    ("address", "works"),
    [
        ("https://mingfa.jl.gov.cn", True), ("http://localhost:8000", True), ("http://mingfa.jl.gov.cn", False),
        ("https://10.20.30.40", False), ("http://127.0.0.1:8000", False), ("https://[fd00::1]/", False),
    ],
)  # fmt: skip
def test_passkeys_need_a_host_name_and_encryption(address: str, works: bool):
    assert (passkey_obstacle(address) is None) is works


def test_at_a_bare_address_the_page_says_why_there_are_none(app: Flask, checker: Account):
    client, _ = password_typed(app, checker)
    page = client.get("/me/factors").text
    assert "以 IP 地址访问" in page
    assert "data-passkey=" not in page
    assert "data-passkey=" not in app.test_client().get("/sign-in").text
    answer = client.post("/me/factors/passkey/begin", json={})
    assert (answer.status_code, answer.json["error"]) == (403, "passkey_refused")
    assert count(PasskeyChallenge) == 0


def test_at_a_good_address_the_sign_in_page_offers_them(sqlite_url: str, tmp_path):
    app = create_app(settings(sqlite_url, tmp_path, base_url="https://mingfa.example"))
    page = app.test_client().get("/sign-in", base_url="https://mingfa.example").text
    assert 'data-passkey="get"' in page
    db.engine.dispose()


def test_what_is_no_answer_of_a_device_is_refused_and_uses_the_challenge_up(sqlite_url: str, tmp_path):
    app = create_app(settings(sqlite_url, tmp_path, base_url="http://localhost"))
    app.config["WTF_CSRF_ENABLED"] = False
    with db.writing() as session:
        County(session, NOON)
        session.commit()
    client = app.test_client()
    for sent in ({}, {"rawId": 7}, {"rawId": "AAAA", "response": []}, {"rawId": "AAAA", "response": {}}, [1], "x"):
        assert client.post("/sign-in/passkey/begin", json={}).status_code == 200
        assert client.post("/sign-in/passkey", json=sent).status_code in (400, 403)
        assert client.post("/sign-in/passkey", json={"rawId": "AAAA", "response": {}}).status_code == 403
    db.engine.dispose()


def test_asking_for_challenges_without_end_is_refused(sqlite_url: str, tmp_path):
    app = create_app(settings(sqlite_url, tmp_path, base_url="http://localhost"))
    app.config["WTF_CSRF_ENABLED"] = False
    far = {"REMOTE_ADDR": "192.0.2.77"}
    statuses = [
        app.test_client().post("/sign-in/passkey/begin", json={}, environ_overrides=far).status_code for _ in range(61)
    ]
    assert statuses[-1] == 429
    db.engine.dispose()
