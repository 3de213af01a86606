"""Taking factors away: who may, for whom, and what goes with them; programs' tokens and required factors."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.app import create_app
from portal.ground import clock
from portal.ground.db import db
from portal.ground.models import AuditLine
from portal.people import operations as people
from portal.people.access import operations as access
from portal.people.access.operations import NotHim
from portal.people.factors import operations, queries
from portal.people.factors.models import OidcLink, TotpFactor
from portal.people.models import Account, ApiToken, Role
from tests.access.doors import Browser
from tests.conftest import NOON, settings
from tests.factories import County
from tests.factors.conftest import count, enrol, password_typed


def staff(county: County, role: Role, body=None) -> Account:
    return county.staff(role, body or county.city, born=date(1960 + county._people, 3, 4))


def take(county: County, account: Account, by: Account) -> None:
    operations.take_factors_away(county.session, account, by=by, reason="phone lost", address="-", now=NOON)


def test_a_county_does_not_take_the_factors_of_whoever_answers_for_the_province(app: Flask, web_county: County):
    above, guard = staff(web_county, Role.SECADMIN, web_county.province), staff(web_county, Role.SECADMIN)
    web_county.post(above.person, web_county.transport)
    enrol(web_county.session, above)
    web_county.session.commit()
    client, _ = password_typed(app, guard)
    path = f"/people/{above.person_id}/factors"
    assert web_county.province.name in client.get(path).text
    assert client.post(path, data={"reason": "phone lost"}).status_code == 403
    assert count(TotpFactor) == 1


def test_one_role_above_is_enough_to_refuse(county: County):
    account, guard = staff(county, Role.MARKER), staff(county, Role.SECADMIN)
    people.grant(county.session, account, Role.EXAM_ADMIN, county.province, now=NOON)
    county.session.refresh(account)
    with pytest.raises(NotHim):
        take(county, account, guard)
    take(county, account, staff(county, Role.SECADMIN, county.province))


def test_staff_without_a_post_are_found_by_their_role(county: County):
    account = staff(county, Role.BUREAU_CHECKER)
    assert queries.account_in_scope(county.session, staff(county, Role.SECADMIN), account.person_id) is account


def live_tokens(session, account: Account) -> int:
    rows = select(ApiToken).where(ApiToken.account_id == account.id, ApiToken.revoked_at.is_(None))
    return len(session.scalars(rows).all())


def acts(session) -> list[str]:
    return list(session.scalars(select(AuditLine.act)))


def test_the_provider_s_account_and_the_tokens_go_with_the_factors(county: County):
    account, other = staff(county, Role.MARKER), staff(county, Role.MARKER)
    for each in (account, other):
        people.create_api_token(county.session, each, now=NOON)
        county.session.add(OidcLink(account_id=each.id, issuer="x", subject=each.username, linked_at=NOON))
    county.session.flush()
    take(county, account, staff(county, Role.SECADMIN))
    county.session.flush()
    assert (live_tokens(county.session, account), live_tokens(county.session, other)) == (0, 1)
    assert county.session.scalars(select(OidcLink.account_id)).all() == [other.id]
    assert {"provider_unlinked", "api_tokens_revoked"} <= set(acts(county.session))


def test_a_closed_account_s_tokens_stay_closed_when_it_is_opened_again(county: County):
    account, guard = county.officer(), staff(county, Role.SECADMIN)
    people.create_api_token(county.session, account, now=NOON)
    access.disable(county.session, account, by=guard, reason="left", now=NOON)
    access.enable(county.session, account, by=guard, reason="came back", now=NOON)
    assert live_tokens(county.session, account) == 0
    assert "api_tokens_revoked" in acts(county.session)


def test_a_new_password_leaves_the_tokens(county: County):
    account = county.officer()
    people.create_api_token(county.session, account, now=NOON)
    access.set_password(county.session, account, "another", keep=None, now=NOON)
    assert live_tokens(county.session, account) == 1


@pytest.fixture
def strict(database_url: str, tmp_path):
    app = create_app(settings(database_url, tmp_path, second_factor="required"))
    yield app
    db.engine.dispose()


@pytest.mark.parametrize("required", [True, False])
def test_the_token_of_an_account_that_must_enrol_opens_nothing(strict: Flask, required: bool):
    if not required:
        strict.config["MINGFA"] = settings("-", strict.config["MINGFA"].files_dir)
    with db.writing() as session:
        county = County(session, NOON)
        bare, full = staff(county, Role.BUREAU_CHECKER), staff(county, Role.BUREAU_CHECKER)
        bare.must_enrol = not required
        enrol(session, full)
        tokens = [people.create_api_token(session, each, now=NOON) for each in (bare, full)]
        session.commit()
    answers = [
        strict.test_client().get("/api/v1/applications/1/findings", headers={"Authorization": f"Bearer {token}"})
        for token in tokens
    ]
    assert [(a.status_code, a.json["error"]) for a in answers] == [
        (403, "second_factor_needed"), (404, "http_404"),
    ]  # fmt: skip


def test_with_a_password_grown_old_nobody_helps_others_in(app: Flask, web_county: County):
    desk, officer = staff(web_county, Role.SYSADMIN), web_county.officer()
    web_county.session.commit()
    clock.set_source(lambda: NOON + timedelta(days=91))
    browser = Browser(app)
    browser.sign_in(desk)
    for method, path in (
        ("get", f"/people/{officer.person_id}/access"), ("post", f"/people/{officer.person_id}/access"),
        ("post", f"/people/{officer.person_id}/access/slip"), ("get", "/roster/slips"),
        ("post", f"/roster/slips/{web_county.transport.id}"), ("get", f"/people/{officer.person_id}/account"),
        ("post", f"/people/{officer.person_id}/account/disable"),
        ("post", f"/people/{officer.person_id}/account/enable"),
    ):  # fmt: skip
        answer = getattr(browser.client, method)(path, data={"reason": "came in person"})
        assert (answer.status_code, answer.headers.get("Location")) == (303, "/me/password"), path
    assert browser.client.get("/me").status_code == 200
    assert browser.client.get("/me/password").status_code == 200
