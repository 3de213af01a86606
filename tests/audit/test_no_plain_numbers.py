"""A thousand ID numbers and phones go through the system; not one byte of them lies in the file, its log or ours."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.app import create_app
from portal.ground import audit
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.people.access.queries import account_for_sign_in
from portal.people.models import Person, Role
from tests.audit.test_pages import client_of
from tests.conftest import NOON, settings
from tests.factories import County

COUNT = 1000


def test_no_number_of_a_person_lies_anywhere_in_plain(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    app = create_app(settings(sqlite_url, tmp_path))
    app.config["WTF_CSRF_ENABLED"] = False
    with db.writing() as session:
        county = County(session, NOON)
        numbers, phones = zip(*(entered(county, n) for n in range(COUNT)), strict=True)
        officer = county.staff(Role.SUPERVISOR, county.province, born=date(1960, 1, 1))
        session.commit()
        assert session.scalar(select(Person.id).where(Person.phone_index == keys.blind(phones[0], "person|phone")))
        account_for_sign_in(session, numbers[0])
    for typed in (numbers[1], phones[1]):  # a number typed at the door is kept for counting only
        app.test_client().post("/sign-in", data={"username": typed, "password": "wrong"})
    client = client_of(app, officer)
    client.get("/audit/")
    client.get("/roster")
    places = {
        "database": b"".join(p.read_bytes() for p in sorted(tmp_path.glob("test.db*"))),
        "log": "\n".join(record.getMessage() for record in caplog.records).encode(),
        "files": b"".join(p.read_bytes() for p in tmp_path.rglob("files/**/*") if p.is_file()),
    }
    found = {
        place: [text for text in (*numbers, *phones) if text.encode() in content] for place, content in places.items()
    }
    assert found == {"database": [], "log": [], "files": []}
    assert b"person_edited" in places["database"]  # the search does find what is there
    db.engine.dispose()


def entered(county: County, n: int) -> tuple[str, str]:
    """A person with ID number and phone, and an audit line about a change of both."""
    person = county.person("张三", born=date(1970, 1, 1) + timedelta(days=n))
    phone, number = f"138{n:08d}", person.id_number()
    person.phone_sealed = keys.seal(phone, f"person|phone|{person.public_id}")
    person.phone_index = keys.blind(phone, "person|phone")
    audit.record(
        county.session, "person_edited", "person", person.id, now=NOON, person_id=person.id,
        before={"id_number": number}, after={"phone": phone}, reason=f"{number} {phone}",
    )  # fmt: skip
    return number, phone
