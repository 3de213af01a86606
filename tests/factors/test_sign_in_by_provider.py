"""Signing in through a provider that really runs: the right way in, and every crooked one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.app import create_app
from portal.ground import clock
from portal.ground.db import db
from portal.people.factors.models import OidcLink
from portal.people.models import Account, Role, SignIn
from tests.conftest import NOON, settings
from tests.factories import PASSWORD, County
from tests.factors.conftest import count, enrol, move_clock, password_typed
from tests.factors.provider import CLIENT, SECRET, OpenIdProvider, running_provider


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def app(sqlite_url: str, tmp_path, provider: OpenIdProvider) -> Iterator[Flask]:
    """A site that knows the provider."""
    application = create_app(
        settings(
            sqlite_url, tmp_path, oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET,
            oidc_label="统一认证", oidc_claim="employee_number",
        )
    )  # fmt: skip
    application.config["WTF_CSRF_ENABLED"] = False
    yield application
    db.engine.dispose()


@pytest.fixture
def officer(app: Flask) -> Account:
    with db.writing() as session:
        account = County(session, NOON).officer()
        session.commit()
        return account


def there(client: FlaskClient, **form: str) -> str:
    """Press the button; returns the provider's address the browser is sent to."""
    page = client.post("/sign-in/provider", data=form).text
    return unescape(re.search(r'href="([^"]*/authorize\?[^"]*)"', page)[1])


def back(client: FlaskClient, query: str):
    """The provider's redirect, and the form of the page it leads to."""
    page = client.get(f"/sign-in/provider/back?{query}").text
    fields = dict(re.findall(r'name="(code|state|iss)" value="([^"]*)"', page))
    return client.post("/sign-in/provider/back", data={name: unescape(value) for name, value in fields.items()})


def arrive(app: Flask, provider: OpenIdProvider, subject: str = "sub-1"):
    """The whole way; returns the browser and the last answer."""
    client = app.test_client()
    return client, back(client, provider.authorize(there(client), subject))


def known(provider: OpenIdProvider, officer: Account) -> None:
    provider.claims["employee_number"] = officer.username


def opened() -> int:
    return count(SignIn)


def test_the_sign_in_page_offers_the_provider_by_its_name(app: Flask):
    assert "统一认证" in app.test_client().get("/sign-in").text


def test_the_personnel_number_binds_the_account_at_the_first_time_and_the_subject_opens_it_after(
    app: Flask, provider: OpenIdProvider, officer: Account
):
    known(provider, officer)
    client, answer = arrive(app, provider)
    assert (answer.status_code, opened()) == (302, 1)
    assert client.get("/exams/").status_code == 200
    provider.claims.clear()
    assert arrive(app, provider)[1].status_code == 302
    assert (opened(), count(OidcLink)) == (2, 1)


def test_it_goes_where_the_person_was_going(app: Flask, provider: OpenIdProvider, officer: Account):
    known(provider, officer)
    client = app.test_client()
    assert back(client, provider.authorize(there(client, next="/exams/"), "sub-1")).location == "/exams/"


def test_another_subject_with_the_same_number_does_not_open_a_bound_account(
    app: Flask, provider: OpenIdProvider, officer: Account
):
    known(provider, officer)
    arrive(app, provider)
    assert arrive(app, provider, "somebody-else")[1].status_code == 403
    assert opened() == 1


def test_whom_nobody_here_knows_is_told_so(app: Flask, provider: OpenIdProvider, officer: Account):
    provider.claims["employee_number"] = "T99999"
    assert arrive(app, provider)[1].status_code == 403
    provider.claims["employee_number"] = ""
    assert arrive(app, provider)[1].status_code == 403
    assert opened() == 0


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another-site"}, {"aud": "another-site", "azp": CLIENT},
        {"aud": [CLIENT, "another-site"]},
        {"iss": "http://127.0.0.1:1"}, {"exp": int(NOON.timestamp()) - 61}, {"iat": int(NOON.timestamp()) + 120},
        {"sub": ""}, {"sub": 7}, {"exp": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_claim_that_is_not_right_opens_nothing(app: Flask, provider: OpenIdProvider, officer: Account, lie: dict):
    known(provider, officer)
    provider.claims.update(lie)
    assert arrive(app, provider)[1].status_code == 403
    assert (opened(), count(OidcLink)) == (0, 0)


@pytest.mark.parametrize("signed", ["none", "hs256", "stranger"])
def test_a_token_the_provider_did_not_sign_opens_nothing(
    app: Flask, provider: OpenIdProvider, officer: Account, signed: str
):
    known(provider, officer)
    provider.signed = signed
    assert arrive(app, provider)[1].status_code == 403
    assert opened() == 0


def test_a_way_back_is_good_once(app: Flask, provider: OpenIdProvider, officer: Account):
    known(provider, officer)
    client = app.test_client()
    address = there(client)
    query = provider.authorize(address, "sub-1")
    with client.session_transaction() as kept:
        state = kept["trip"]
    assert back(client, query).status_code == 302
    again = provider.authorize(address, "sub-1")  # a new code for the same state
    with client.session_transaction() as kept:
        kept["trip"] = state
    assert back(client, again).status_code == 403
    assert opened() == 1


def test_a_code_that_was_used_opens_nothing(app: Flask, provider: OpenIdProvider, officer: Account):
    known(provider, officer)
    client = app.test_client()
    query = provider.authorize(there(client), "sub-1")
    code = re.search(r"code=([^&]+)", query)[1]
    assert back(client, query).status_code == 302
    thief = app.test_client()
    state = re.search(r"state=([^&]+)", there(thief))[1]
    assert back(thief, f"code={code}&state={state}").status_code == 403
    assert opened() == 1


def test_another_browser_s_way_back_is_refused(app: Flask, provider: OpenIdProvider, officer: Account):
    known(provider, officer)
    lure = provider.authorize(there(app.test_client()), "the-attacker")
    assert back(app.test_client(), lure).status_code == 403
    assert opened() == 0


def test_a_way_back_after_ten_minutes_is_refused(app: Flask, provider: OpenIdProvider, officer: Account):
    known(provider, officer)
    client = app.test_client()
    query = provider.authorize(there(client), "sub-1")
    move_clock(minutes=10)
    assert back(client, query).status_code == 403


def test_a_provider_that_is_down_is_a_sentence_and_the_password_still_opens(
    app: Flask, provider: OpenIdProvider, officer: Account
):
    provider.server.shutdown()
    provider.server.server_close()
    answer = app.test_client().post("/sign-in/provider")
    assert answer.status_code == 503
    assert "密码" in answer.text
    assert password_typed(app, officer)[1].status_code == 302
    assert opened() == 1


def test_a_disabled_account_stays_shut(app: Flask, provider: OpenIdProvider, officer: Account):
    known(provider, officer)
    with db.writing() as session:
        session.get_one(Account, officer.id).disabled_at = NOON
        session.commit()
    assert arrive(app, provider)[1].status_code == 403
    assert (opened(), count(OidcLink)) == (0, 0)


def test_the_provider_replaces_the_password_and_not_the_second_factor(app: Flask, provider: OpenIdProvider):
    with db.writing() as session:
        county = County(session, NOON)
        enrolled = enrol(session, county.staff(Role.BUREAU_CHECKER, county.city, born=date(1981, 1, 1)))
        session.commit()
    known(provider, enrolled.account)
    client, answer = arrive(app, provider)
    assert answer.location == "/sign-in/second"
    assert opened() == 0
    assert client.post("/sign-in/second", data={"code": enrolled.code(clock.now())}).status_code == 303


def test_a_sign_in_at_the_provider_is_no_fresh_proof(app: Flask, provider: OpenIdProvider):
    with db.writing() as session:
        county = County(session, NOON)
        checker = county.staff(Role.BUREAU_CHECKER, county.city, born=date(1981, 1, 1))
        session.commit()
    known(provider, checker)
    client, _ = arrive(app, provider)
    assert client.post("/me/factors/totp").status_code == 403
    client.post("/confirm", data={"password": PASSWORD})
    assert client.post("/me/factors/totp").status_code == 303


def test_who_is_signed_in_links_his_account_by_hand(app: Flask, provider: OpenIdProvider, officer: Account):
    client, _ = password_typed(app, officer)
    page = client.post("/me/factors/provider").text
    address = unescape(re.search(r'href="([^"]*/authorize\?[^"]*)"', page)[1])
    assert back(client, provider.authorize(address, "sub-9")).location == "/me/factors"
    assert arrive(app, provider, "sub-9")[1].status_code == 302
    assert count(OidcLink) == 1


def test_no_transaction_is_open_while_the_provider_is_asked(app: Flask, provider: OpenIdProvider, officer: Account):
    known(provider, officer)
    free: list[bool] = []
    tokens = provider.tokens

    def look(asked: dict[str, str]) -> dict[str, str]:
        with db.writing() as session:  # waits, and fails, while the request holds the write lock
            session.query(SignIn).count()
            free.append(True)
        return tokens(asked)

    provider.tokens = look
    assert arrive(app, provider)[1].status_code == 302
    assert free == [True]
