"""Numbers in full: only for a purpose, only so often, never without a line."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.ground import audit_personal, clock
from portal.ground.db import db
from portal.ground.models import AuditLine
from portal.people.models import SignIn
from portal.people.records import operations
from portal.people.records.models import PersonReveal
from tests.conftest import NOON
from tests.records.conftest import Office

ASKED = {"fact": "id_number", "purpose": "card_check", "why": "核对申领材料"}


def looks() -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(PersonReveal))


def test_the_number_is_shown_once_for_a_purpose_and_written_down(web_office: Office, enter):
    client, path = enter(web_office.keeper), f"/people/{web_office.person.id}/numbers"
    full = web_office.person.id_number()
    assert full not in client.get(path).text
    answer = client.post(path, data=ASKED)
    assert answer.status_code == 200 and full in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert full not in client.get(path).text and full not in client.get(f"/people/{web_office.person.id}").text
    with db.reading() as session:
        line = session.scalars(select(AuditLine).where(AuditLine.act == "person_revealed")).one()
        said = audit_personal.read(session, line)
    assert (line.person_id, line.codes["purpose"], said["reason"]) == (
        web_office.person.id, "card_check", "核对申领材料",
    )  # fmt: skip


@pytest.mark.parametrize("missing", ["purpose", "why"])
def test_without_a_purpose_there_is_no_number(web_office: Office, enter, missing: str):
    path = f"/people/{web_office.person.id}/numbers"
    answer = enter(web_office.keeper).post(path, data={**ASKED, missing: " "})
    assert answer.status_code == 422 and web_office.person.id_number() not in answer.text
    assert looks() == 0


def test_there_is_a_limit_for_each_day_and_account(web_office: Office, enter, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(operations, "REVEALS_A_DAY", 2)
    client, path = enter(web_office.keeper), f"/people/{web_office.person.id}/numbers"
    assert [client.post(path, data=ASKED).status_code for _ in range(3)] == [200, 200, 429]
    assert looks() == 2
    assert enter(web_office.second).post(path, data=ASKED).status_code == 200, "another account has its own"
    clock.set_source(lambda: NOON + timedelta(hours=13))  # the next day in Jilin
    assert enter(web_office.keeper).post(path, data=ASKED).status_code == 200


def test_without_a_fresh_proof_there_is_no_number(web_office: Office, enter):
    client, path = enter(web_office.keeper), f"/people/{web_office.person.id}/numbers"
    with db.writing() as session:
        for row in session.scalars(select(SignIn)):
            row.proved_at = NOON - timedelta(minutes=11)
        session.commit()
    answer = client.post(path, data=ASKED)
    assert web_office.person.id_number() not in answer.text and looks() == 0


@pytest.mark.parametrize("who", ["stranger", "officer"])
def test_others_see_no_number(web_office: Office, enter, who: str):
    client = enter(getattr(web_office, who))
    answer = client.post(f"/people/{web_office.person.id}/numbers", data=ASKED)
    assert answer.status_code in (403, 404) and looks() == 0


def test_a_phone_is_seen_the_same_way(web_office: Office, enter):
    operations.set_phone(web_office.person, "13844500009")
    web_office.county.session.commit()
    path = f"/people/{web_office.person.id}/numbers"
    assert "13844500009" in enter(web_office.keeper).post(path, data={**ASKED, "fact": "phone"}).text
