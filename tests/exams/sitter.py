"""A candidate who comes through the real doors: signs in, checks in, opens the page, begins."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.exams.delivery.sealing import open_sealed
from portal.exams.models import Entry, Exam
from portal.ground.db import db
from portal.people.models import Account
from tests.conftest import NOON
from tests.factories import PASSWORD, County


def exam_at_noon(county: County, *, timing: str = "window", **changed: Any) -> Exam:
    """A published exam that opens at noon."""
    given = {"opens_at": NOON, **{name: changed.pop(name) for name in list(changed) if name in FACTORY}}
    exam = county.exam(**given, before={"timing": timing, **changed})
    county.session.commit()
    return exam


FACTORY = (
    "kind", "subject", "field", "opens_at", "minutes", "days", "attempts_allowed", "drawn", "rules", "forms",
    "versions", "release_at_once",
)  # fmt: skip


class Sitter:
    """One officer, entered for an exam, in a browser of his own."""

    def __init__(self, app: Flask, county: County, exam: Exam, account: Account | None = None) -> None:
        self.app, self.county, self.exam = app, county, exam
        self.account = account or county.officer()
        county.enter(exam, self.account)  # whoever has a seat is on the list already
        county.session.commit()
        self.client = self.signed_in()
        self.public_id = ""
        self.page: dict[str, Any] = {}

    def signed_in(self) -> Any:
        client = self.app.test_client()
        client.post("/sign-in", data={"username": self.account.username, "password": PASSWORD})
        return client

    @property
    def entry(self) -> Entry:
        found = select(Entry).where(Entry.exam_id == self.exam.id, Entry.person_id == self.account.person_id)
        return self.county.session.scalars(found).one()

    def check_in(self) -> TestResponse:
        answer = self.client.post(
            f"/exams/{self.exam.id}/start", data={"identity": "1"}, headers={"Accept": "application/json"}
        )
        if answer.status_code == 303:
            self.public_id = answer.headers["Location"].rsplit("/", 1)[-1]
        return answer

    def withdrawn(self, moment: datetime) -> None:
        """The unit takes the entry back."""
        entry = self.entry
        entry.withdrawn_at, entry.withdrawn_because, entry.changed_at = moment, "调离岗位", moment
        self.county.session.commit()

    def open(self, client: Any = None) -> dict[str, Any]:
        """Another page, by default in the same browser, takes it over."""
        answer = (client or self.client).post(f"/exams/attempts/{self.public_id}/open")
        assert answer.status_code == 200, answer.text
        self.page = answer.json
        return self.page

    def ready(self) -> Sitter:
        """Checked in, and the page waits."""
        assert self.check_in().status_code == 303
        self.open()
        return self

    def start(self, *, token: str | None = None, check_in: int | None = None) -> TestResponse:
        return self.app.test_client().post(
            f"/exams/check-ins/{check_in or self.page['check_in']}/start",
            headers=self.headers(token),
        )

    def form(self, *, token: str | None = None, address: str | None = None) -> TestResponse:
        return self.app.test_client().get(address or self.page["form"]["address"], headers=self.headers(token))

    def headers(self, token: str | None = None) -> dict[str, str]:
        return {"X-Attempt-Token": self.page["token"] if token is None else token, "Accept": "application/json"}

    def unsealed(self, key: str) -> dict[str, Any]:
        """The form as the page opens it."""
        return open_sealed(base64.b64decode(key), self.page["form"]["id"], self.form().data)


def crowd(county: County, exam: Exam, count: int) -> None:
    """So many more entries, of people without accounts."""
    first = len(county.session.scalars(select(Entry.id)).all())
    people = [county.person(f"考生{n}", born=NOON.date() - timedelta(days=9000 + first + n)) for n in range(count)]
    county.session.flush()
    county.session.add_all(
        Entry(exam_id=exam.id, person_id=person.id, admission_number=f"C{first + n:06d}")
        for n, person in enumerate(people)
    )
    county.session.commit()


def rows_of(model: Any) -> int:
    with db.reading() as session:
        return len(session.scalars(select(model)).all())
