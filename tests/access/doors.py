"""People at the door: a browser of one kind, at one address, that signs in, saves and looks around."""

from __future__ import annotations

import json

from flask import Flask
from werkzeug.test import TestResponse

from portal.exams.models import Attempt
from portal.people.models import Account
from tests.factories import PASSWORD

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"
NEWER = CHROME.replace("120", "121")
PHONE = "Mozilla/5.0 (Linux; Android 12; HLK-AL00) AppleWebKit/537.36 Chrome/99 Mobile Safari/537.36 MicroMessenger/8"


class Browser:
    """One browser with its own cookies."""

    def __init__(self, app: Flask, address: str = "10.0.0.1", agent: str = CHROME) -> None:
        self.app, self.client = app, app.test_client()
        self.client.environ_base.update(REMOTE_ADDR=address, HTTP_USER_AGENT=agent)

    def sign_in(self, who: Account | str, password: str = PASSWORD, *, shared: bool = False, **more) -> TestResponse:
        name = who if isinstance(who, str) else who.username
        form = {"username": name, "password": password, **({"shared": "y"} if shared else {})}
        return self.client.post("/sign-in", data=form, **more)

    def is_in(self) -> bool:
        return self.client.get("/me").status_code == 200

    def english(self) -> Browser:
        """Read the pages by their message ids."""
        self.client.set_cookie("mingfa_lang", "en")
        return self

    def cookie(self, name: str = "mingfa") -> str:
        found = self.client.get_cookie(name)
        return found.value if found else ""

    def take(self, cookie: str) -> Browser:
        """Carry somebody else's session cookie."""
        self.client.set_cookie("mingfa", cookie)
        return self

    def open_paper(self, attempt: Attempt) -> str:
        """The attempt's token, as the exam page gets it."""
        answer = self.client.post(f"/exams/attempts/{attempt.public_id}/open")
        assert answer.status_code == 200, answer.text
        return answer.json["token"]

    def hand_in(self, attempt: Attempt, token: str) -> TestResponse:
        return self.client.post(
            f"/exams/attempts/{attempt.id}/hand-in", json={}, headers={"X-Attempt-Token": token}
        )

    def save(self, attempt: Attempt, token: str, number: int) -> TestResponse:
        return self.client.post(
            f"/exams/attempts/{attempt.id}/answers",
            data=json.dumps({"changes": [[number, 1, "ABCD"[number % 4]]]}),
            headers={"X-Attempt-Token": token, "Content-Type": "application/json"},
        )
