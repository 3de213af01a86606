"""Roles through the doors: who reads, who gives, whose rows are there at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.ground import clock
from portal.ground.db import db
from portal.people.models import Account, Grant, Role
from tests.conftest import NOON
from tests.duties.conftest import staff
from tests.factories import County


def filled(body_id: int, **changed: object) -> dict[str, object]:
    today = NOON.date().isoformat()
    return {"role": "marker", "body_id": body_id, "field": "", "starts_on": today, "reason": "任命", **changed}


def live(account: Account) -> set[str]:
    with db.reading() as session:
        return set(
            session.scalars(select(Grant.role).where(Grant.account_id == account.id, Grant.revoked_at.is_(None)))
        )


@pytest.fixture
def security(web_county: County) -> Account:
    account = staff(web_county, Role.SECADMIN)
    web_county.session.commit()
    return account


def test_the_list_shows_who_holds_what_and_only_what_is_in_scope(web_county: County, signed_in, security):
    unit = staff(web_county, Role.UNIT_ADMIN)
    stranger = staff(web_county, Role.UNIT_ADMIN, web_county.other_city)
    unit.person.name, stranger.person.name = "秦望舟", "白鹿鸣"
    web_county.session.commit()
    page = signed_in(security).get("/roles").text
    assert "秦望舟" in page
    assert "白鹿鸣" not in page
    found = signed_in(security).post("/roles", data={"q": "秦望", "role": "unit_admin"}, follow_redirects=True)
    assert "秦望舟" in found.text and "role=unit_admin" in found.request.query_string.decode()
    assert "秦望舟" not in signed_in(security).get("/roles?state=ended").text


def test_a_long_list_costs_no_more_statements(web_county: County, signed_in, security, statements):
    client, counts = signed_in(security), []
    for more in (1, 30):
        for _ in range(more):
            staff(web_county, Role.UNIT_ADMIN)
        web_county.session.commit()
        statements.clear()
        assert client.get("/roles").status_code == 200
        counts.append(len(statements))
    assert counts[1] <= counts[0] <= 10


def test_a_role_given_opens_at_the_next_step_and_ended_closes_at_the_next(web_county: County, signed_in, security):
    officer = web_county.officer()
    web_county.session.commit()
    client, theirs = signed_in(security), signed_in(officer)
    assert theirs.get("/roster").status_code == 403
    path = f"/roles/accounts/{officer.id}"
    answer = client.post(f"{path}/grant", data=filled(web_county.city.id, role="unit_admin"))
    assert answer.status_code == 303
    assert theirs.get("/roster").status_code == 200
    with db.reading() as session:
        row = session.scalars(select(Grant).where(Grant.account_id == officer.id, Grant.role == "unit_admin")).one()
    assert client.post(f"/roles/grants/{row.id}/revoke", data={"reason": "调离"}).status_code == 303
    assert theirs.get("/roster").status_code == 403
    assert client.get(path).text.count("dt-role--over") == 1


def test_both_ends_lie_in_the_giver_s_scope(web_county: County, signed_in, security):
    inside, stranger = web_county.officer(), staff(web_county, Role.LEADER, web_county.other_city)
    grant_id = stranger.grants[0].id
    web_county.session.commit()
    client = signed_in(security)
    for account, body in ((stranger, web_county.city), (inside, web_county.other_city), (inside, web_county.province)):
        answer = client.post(f"/roles/accounts/{account.id}/grant", data=filled(body.id))
        assert answer.status_code == 404
    assert live(inside) == {"officer"}
    assert client.get(f"/roles/accounts/{stranger.id}").status_code == 404
    assert client.post(f"/roles/grants/{grant_id}/revoke", data={"reason": "x"}).status_code == 404
    assert live(stranger) == {"leader"}


def test_nobody_gives_himself_anything(web_county: County, signed_in, security):
    answer = signed_in(security).post(f"/roles/accounts/{security.id}/grant", data=filled(web_county.city.id))
    assert answer.status_code == 403
    assert live(security) == {"secadmin"}


def test_an_old_proof_gives_and_ends_nothing(web_county: County, signed_in, security):
    officer = web_county.officer()
    grant_id = officer.grants[0].id
    web_county.session.commit()
    client = signed_in(security)
    clock.set_source(lambda: NOON + timedelta(minutes=11))
    client.post(f"/roles/accounts/{officer.id}/grant", data=filled(web_county.city.id))
    client.post(f"/roles/grants/{grant_id}/revoke", data={"reason": "x"})
    assert live(officer) == {"officer"}


def test_the_auditor_reads_and_gives_nothing(web_county: County, signed_in):
    auditor, officer = staff(web_county, Role.AUDITOR), web_county.officer()
    grant_id = officer.grants[0].id
    web_county.session.commit()
    client = signed_in(auditor)
    for page in ("/roles", f"/roles/accounts/{officer.id}", "/roles/conflicts", "/roles/gaps"):
        assert client.get(page).status_code == 200
    assert client.post(f"/roles/accounts/{officer.id}/grant", data=filled(web_county.city.id)).status_code == 403
    assert client.post(f"/roles/grants/{grant_id}/revoke", data={"reason": "x"}).status_code == 403


def test_what_is_missing_is_said_and_the_rest_is_kept(web_county: County, signed_in, security):
    officer = web_county.officer()
    web_county.session.commit()
    path = f"/roles/accounts/{officer.id}/grant"
    answer = signed_in(security).post(path, data=filled(web_county.city.id, reason="", ends_on="2027-01-01"))
    assert answer.status_code == 422
    assert "2027-01-01" in answer.text
    wrong = signed_in(security).post(path, data=filled(web_county.city.id, starts_on="2020-01-01"))
    assert wrong.status_code == 422
    assert 'class="mf-errsum"' in wrong.text


def test_who_sees_a_person_and_a_body_is_told_to_the_auditor(web_county: County, signed_in):
    county = web_county
    officer = county.officer()
    shown = {"秦望舟": staff(county, Role.UNIT_ADMIN), "顾云舒": staff(county, Role.SUPERVISOR, county.province),
             "江一帆": staff(county, Role.SUPERVISOR, county.province, "transport")}  # fmt: skip
    hidden = {"白鹿鸣": staff(county, Role.UNIT_ADMIN, county.other_city), "罗嘉树": staff(county, Role.MARKER),
              "田雨桐": staff(county, Role.SUPERVISOR, county.province, "market")}  # fmt: skip
    for name, account in (shown | hidden).items():
        account.person.name = name
    auditor = staff(county, Role.AUDITOR)
    county.session.commit()
    client = signed_in(auditor)
    for page in (f"/roles/access/person/{officer.person_id}", f"/roles/access/body/{county.transport.id}"):
        text = client.get(page).text
        assert [name for name in shown if name not in text] == []
        assert [name for name in hidden if name in text] == []
    assert client.get(f"/roles/access/body/{county.other_city.id}").status_code == 404
    stranger = hidden["白鹿鸣"]
    assert client.get(f"/roles/access/person/{stranger.person_id}").status_code == 404


def test_an_absent_person_names_his_deputy_and_takes_him_back(web_county: County, signed_in):
    absent, deputy = staff(web_county, Role.UNIT_ADMIN), staff(web_county, Role.LEADER)
    name, grant_id, username = absent.person.name, absent.grants[0].id, deputy.username
    web_county.session.commit()
    mine, theirs = signed_in(absent), signed_in(deputy)
    assert theirs.get("/roster").status_code == 403
    path = f"/roles/grants/{grant_id}/stand-in"
    assert mine.get(path).status_code == 200
    days = {"starts_on": "2026-11-23", "ends_on": "2026-11-30", "reason": "休假"}
    assert mine.post(path, data={"username": "nobody", **days}).status_code == 422
    assert mine.post(path, data={"username": username, **days}).status_code == 303
    assert theirs.get("/roster").status_code == 200
    assert name in theirs.get("/roles/deputies").text
    with db.reading() as session:
        row = session.scalars(select(Grant).where(Grant.on_behalf_of_id == absent.id)).one()
    assert theirs.post(f"/roles/deputies/{row.id}/revoke").status_code == 404
    assert theirs.get(f"/roles/grants/{row.id}/stand-in").status_code == 404
    assert mine.post(f"/roles/deputies/{row.id}/revoke").status_code == 303
    assert theirs.get("/roster").status_code == 403


def test_another_s_role_is_not_there_to_be_lent(web_county: County, signed_in):
    absent, other = staff(web_county, Role.UNIT_ADMIN), staff(web_county, Role.BUREAU_CHECKER)
    grant_id = absent.grants[0].id
    web_county.session.commit()
    assert signed_in(other).get(f"/roles/grants/{grant_id}/stand-in").status_code == 404


@pytest.mark.parametrize("field", ["", "urban", "nonsense"])
def test_a_field_that_was_not_offered_is_refused_and_never_becomes_all(web_county: County, signed_in, field: str):
    security = staff(web_county, Role.SECADMIN, field="transport")
    holder = staff(web_county, Role.MARKER, web_county.transport, field="transport")
    web_county.session.commit()
    answer = signed_in(security).post(
        f"/roles/accounts/{holder.id}/grant", data=filled(web_county.transport.id, role="reviewer", field=field)
    )
    assert answer.status_code == 422 and live(holder) == {"marker"}
