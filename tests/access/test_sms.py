"""A forgotten password by text message, through a gateway that really listens."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from flask import Flask

from portal.people.access import sms, views
from portal.people.access.operations import SMS_A_DAY
from portal.people.models import Account
from tests.access.doors import Browser
from tests.access.test_codes import NEW, helper, issue, issued, spend
from tests.access.test_sign_in import give_phone
from tests.factories import County

KEY = "gateway-key"


class Gateway(BaseHTTPRequestHandler):
    """Takes texts and keeps them."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.taken.append((self.headers["Authorization"], body))
        self.send_response(self.server.answer)
        if self.server.answer == 302:
            self.send_header("Location", self.server.elsewhere)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def gateway() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Gateway)
    server.taken, server.answer = [], 200
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def with_sms(app: Flask, gateway: HTTPServer) -> Flask:
    views.sms_requests._asked.clear()
    url = f"http://127.0.0.1:{gateway.server_port}/send"
    app.config["MINGFA"] = replace(app.config["MINGFA"], sms_url=url, sms_key=KEY)
    return app


@pytest.fixture
def officer(web_county: County) -> Account:
    made = web_county.officer()
    give_phone(web_county, made, "13904351234")
    return made


def ask(app: Flask, number: str):
    return Browser(app, "10.0.0.4").english().client.post("/forgotten", data={"username": number})


def texts(gateway: HTTPServer, count: int) -> list:
    end = time.monotonic() + 10
    while len(gateway.taken) < count and time.monotonic() < end:
        time.sleep(0.02)
    return gateway.taken


def test_a_code_goes_to_the_phone_on_record_and_opens_the_way(with_sms: Flask, gateway, officer: Account):
    assert "on its way" in ask(with_sms, officer.username).text
    authorization, body = texts(gateway, 1)[0]
    assert authorization == f"Bearer {KEY}"
    assert body["phone"] == "13904351234"
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", body["text"])[0]
    assert spend(Browser(with_sms), officer.username, code).status_code == 302
    assert Browser(with_sms).sign_in(officer, NEW).status_code == 302


def test_a_stranger_s_number_is_answered_alike_and_nothing_is_sent(with_sms: Flask, gateway, web_county, officer):
    without = web_county.officer("陈绍文", born=web_county.today.replace(year=1985))
    web_county.session.commit()

    def plain(answer) -> tuple[int, str]:
        return answer.status_code, re.sub(r'(value|content)="[^"]*"', "", answer.text)

    shown = {plain(ask(with_sms, number)) for number in ("NOBODY", without.username, officer.username)}
    assert len(shown) == 1
    assert len(texts(gateway, 1)) == 1


def test_three_a_day_are_enough(with_sms: Flask, gateway, officer: Account):
    for _ in range(SMS_A_DAY + 2):
        ask(with_sms, officer.username)
    texts(gateway, SMS_A_DAY)
    time.sleep(0.2)
    assert len(gateway.taken) == SMS_A_DAY


def test_a_code_somebody_issued_by_hand_stays_good_when_a_stranger_asks_for_texts(
    with_sms: Flask, gateway, web_county: County, officer: Account
):
    code = issued(issue(helper(with_sms, web_county), officer.person_id))
    ask(with_sms, officer.username)
    texts(gateway, 1)
    assert spend(Browser(with_sms), officer.username, code).status_code == 302


def test_without_a_gateway_the_way_is_not_offered(app: Flask, officer: Account):
    page = Browser(app).english().client.get("/forgotten").text
    assert "text message" not in page
    assert ask(app, officer.username).status_code == 422


def test_a_gateway_that_points_elsewhere_or_is_gone_takes_nothing(gateway):
    url = f"http://127.0.0.1:{gateway.server_port}/send"
    gateway.answer, gateway.elsewhere = 302, f"http://127.0.0.1:{gateway.server_port}/other"
    assert not sms.post(url, KEY, "13904351234", "x")
    assert len(gateway.taken) == 1
    gateway.answer = 500
    assert not sms.post(url, KEY, "13904351234", "x")
    assert not sms.post("http://127.0.0.1:9/", KEY, "13904351234", "x")
