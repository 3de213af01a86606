"""Safe Exam Browser demanded: what a request must show to enter, open, begin and go on, and what happens without."""

from __future__ import annotations

import gzip
import plistlib
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal.exams import queries as exams
from portal.exams.models import Attempt, Exam
from portal.exams.running.models import Incident
from portal.exams.seb import operations, queries
from portal.exams.seb.keys import config_key, url_hash
from portal.exams.seb.models import ExamSeb
from portal.ground import clock
from portal.ground.db import db
from portal.people.models import Account
from tests.conftest import NOON
from tests.exams.making import admin
from tests.exams.sitter import Sitter
from tests.factories import County

SITE = "http://localhost"
OWN_KEY, OTHER_KEY = "ab" * 32, "cd" * 32


def locked(county: County, *, browser_keys: tuple[str, ...] = (), **changed: Any) -> Exam:
    """A published exam that demands the browser."""
    keeper = admin(county, "郑海波", day=21)

    def demand(exam: Exam) -> None:
        operations.switch_on(
            county.session, exam, base_url=SITE, quit_password="stiller Saal", account=keeper, now=NOON
        )
        operations.set_browser_keys(county.session, exam, browser_keys, account=keeper, now=NOON)

    exam = county.exam(opens_at=NOON, drafted=demand, **changed)
    county.session.commit()
    return exam


class Locked(Sitter):
    """A candidate whose browser shows its keys, unless told otherwise."""

    def __init__(self, app: Flask, county: County, exam: Exam, account: Account | None = None) -> None:
        super().__init__(app, county, exam, account)
        with db.reading() as session:
            self.key = session.get_one(ExamSeb, exam.id).config_key
        self.exam_id = exam.id
        county.session.commit()  # the doors write, too

    def ask(self, method: str, path: str, *, key: str | None = None, own: str | None = None, at: str = "", **more: Any):
        address = (at or SITE) + path
        headers = {"Accept": "application/json", **more.pop("headers", {})}
        if key != "":
            headers["X-SafeExamBrowser-ConfigKeyHash"] = url_hash(address, key or self.key)
        if own:
            headers["X-SafeExamBrowser-RequestHash"] = url_hash(address, own)
        answer = self.client.open(path, method=method, headers=headers, **more)
        return answer

    def enter(self, **how: Any):
        answer = self.ask("POST", f"/exams/{self.exam_id}/start", data={"identity": "1"}, **how)
        if answer.status_code == 303:
            self.public_id = answer.headers["Location"].rsplit("/", 1)[-1]
        return answer

    def look(self, **how: Any):
        answer = self.ask("POST", f"/exams/attempts/{self.public_id}/open", **how)
        if answer.status_code == 200:
            self.page = answer.json
        return answer

    def begin(self, **how: Any):
        path = f"/exams/check-ins/{self.page['check_in']}/start"
        answer = self.ask("POST", path, headers=self.headers(), **how)
        if answer.status_code == 200:
            self.page = {**self.page, **answer.json}
        return answer

    def pulse(self, query: str = "unsent=0", **how: Any):
        path = f"/exams/attempts/{self.page['attempt']}/pulse" + (f"?{query}" if query else "")
        return self.ask("GET", path, headers=self.headers(), **how)

    def running(self) -> Locked:
        assert [self.enter().status_code, self.look().status_code, self.begin().status_code] == [303, 200, 200]
        return self

    def attempt(self) -> Attempt:
        with db.reading() as session:
            return session.scalars(select(Attempt).where(Attempt.public_id == self.public_id)).one()


@pytest.fixture
def her(app: Flask, web_county: County) -> Locked:
    return Locked(app, web_county, locked(web_county))


def incidents() -> list[tuple[str, str]]:
    with db.reading() as session:
        return [(row.kind, row.cause) for row in session.scalars(select(Incident))]


def test_with_its_keys_the_exam_goes_from_the_door_to_the_pulse(her: Locked):
    her.running()
    assert her.page["seb"] is True
    pulse = her.pulse().json
    assert (pulse["paused"], pulse["seb_missing"]) == (False, False)


def test_without_them_nobody_enters_opens_or_begins(her: Locked):
    assert her.enter(key="").status_code == 403
    assert her.enter(key=OTHER_KEY).json["error"] == "seb_needed"
    her.enter()
    assert her.look(key="").json["error"] == "seb_needed"
    her.look()
    assert her.begin(key="").json["error"] == "seb_needed"
    assert her.begin().status_code == 200


def test_a_hash_made_for_another_address_is_none(her: Locked):
    for wrong in ("https://localhost", "http://localhost:8443", "http://elsewhere.example"):
        assert her.enter(at=wrong).status_code == 403
    path = f"/exams/{her.exam_id}/start"
    for shown in (url_hash(SITE + path + "?x=1", her.key), url_hash(SITE + path + "/", her.key), her.key, "", "吉"):
        headers = {"X-SafeExamBrowser-ConfigKeyHash": shown.encode().decode("latin-1")}
        assert her.client.post(path, data={"identity": "1"}, headers=headers).status_code == 403


def test_the_query_counts_byte_for_byte(her: Locked):
    her.running()
    assert her.pulse("unsent=1&x=%E4%b8%AD+%20").json["seb_missing"] is False
    assert her.pulse("").json["seb_missing"] is False


def test_forged_forwarding_changes_nothing(her: Locked):
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-Port": "444"}
    path = f"/exams/{her.exam_id}/start"
    for address in ("https://localhost", "https://evil.example", "http://evil.example", "https://evil.example:444"):
        sent = {**forged, "X-SafeExamBrowser-ConfigKeyHash": url_hash(address + path, her.key)}
        assert her.client.post(path, data={"identity": "1"}, headers=sent).status_code == 403
    assert her.ask("POST", path, data={"identity": "1"}, headers=forged).status_code == 303


def test_the_page_itself_may_show_them(her: Locked):
    """Modern WebKit sends no headers: the page reads the hashes and sends them with its own address."""
    notice = f"{SITE}/exams/{her.exam_id}"
    fields = {"identity": "1", "seb_page": notice, "seb_config_key": url_hash(notice, her.key)}
    answer = her.client.post(f"/exams/{her.exam_id}/start", data=fields)
    her.public_id = answer.headers["Location"].rsplit("/", 1)[-1]
    page = f"{SITE}/exams/attempts/{her.public_id}"
    shown = {"X-Seb-Page": page + "#q2", "X-Seb-Config-Key": url_hash(page, her.key)}
    her.page = her.ask("POST", f"/exams/attempts/{her.public_id}/open", key="", headers=shown).json
    begun = her.ask("POST", f"/exams/check-ins/{her.page['check_in']}/start", key="", headers=her.headers() | shown)
    her.page |= begun.json
    pulse = her.ask("GET", f"/exams/attempts/{her.page['attempt']}/pulse", key="", headers=her.headers() | shown)
    assert (pulse.json["paused"], pulse.json["seb_missing"]) == (False, False)


def test_a_hash_of_another_page_of_ours_is_none(her: Locked):
    her.enter()
    for page in (f"{SITE}/exams/{her.exam_id}", "http://evil.example/exams/attempts/" + her.public_id):
        shown = {"X-Seb-Page": page, "X-Seb-Config-Key": url_hash(page, her.key)}
        assert her.look(key="", headers=shown).status_code == 403


def test_where_keys_are_listed_one_of_them_must_be_shown(app: Flask, web_county: County):
    her = Locked(app, web_county, locked(web_county, browser_keys=(OWN_KEY, "ef" * 32)))
    assert her.enter().status_code == 403
    assert her.enter(own=OTHER_KEY).status_code == 403
    assert her.enter(own=OWN_KEY, key=OTHER_KEY).status_code == 403
    assert her.enter(own=OWN_KEY).status_code == 303


def test_a_page_that_stops_showing_them_is_stopped_and_keeps_what_is_saved(her: Locked):
    her.running()
    saved = {"changes": [[1, 1, "B"]]}
    path = f"/exams/attempts/{her.page['attempt']}/answers"
    assert her.client.post(path, json=saved, headers=her.headers()).status_code == 200
    clock.set_source(lambda: NOON + timedelta(minutes=2))
    pulse = her.pulse(key="").json
    assert (pulse["paused"], pulse["seb_missing"]) == (True, True)
    assert her.pulse(key="").json["paused"] is True
    assert her.pulse().json["paused"] is True, "showing them again is not enough"
    assert incidents() == [("pause", "software")]
    assert her.attempt().paused_at == NOON + timedelta(minutes=2)
    clock.set_source(lambda: NOON + timedelta(minutes=9))
    late = her.client.post(path, json={"changes": [[2, 2, "A"]]}, headers=her.headers())
    assert late.json["error"] == "paused"
    with db.reading() as session:
        assert exams.answers_of(session, her.page["attempt"]) == {1: "B"}


def test_opening_a_running_paper_elsewhere_stops_it_and_takes_nothing_over(her: Locked):
    her.running()
    before = her.attempt().epoch
    assert her.look(key="").json["error"] == "seb_needed"
    assert (her.attempt().epoch, her.attempt().paused_at) == (before, NOON)
    assert incidents() == [("pause", "software")]


def test_what_is_handed_in_is_not_stopped(her: Locked):
    her.running()
    her.client.post(f"/exams/attempts/{her.page['attempt']}/hand-in", json={}, headers=her.headers())
    her.pulse(key="")
    assert incidents() == []
    assert her.look(key="").json["state"] == "handed_in", "what came late is sent from any browser"


def test_other_exams_ask_for_nothing(app: Flask, web_county: County):
    exam = web_county.exam(opens_at=NOON)
    web_county.session.commit()
    other = Sitter(app, web_county, exam)
    assert other.check_in().status_code == 303
    assert other.open()["seb"] is False


def test_a_lifted_demand_lets_everybody_in_and_stays_on_record(her: Locked, web_county: County):
    her.enter()
    keeper, exam = admin(web_county, "毕文强", day=3), web_county.session.get_one(Exam, her.exam_id)
    operations.lift(web_county.session, exam, reason="浏览器无法启动", account=keeper, now=NOON)
    web_county.session.commit()
    assert her.look(key="").json["seb"] is False
    for statement in ("UPDATE exam_seb SET lifted_at = NULL", "DELETE FROM exam_seb"):
        with pytest.raises(DBAPIError, match="guard"), web_county.session.begin_nested():
            web_county.session.execute(text(statement))


def test_the_candidate_fetches_the_file_of_his_own_exam(her: Locked, app: Flask, web_county: County):
    answer = her.client.get(f"/exams/{her.exam_id}/seb/exam.seb")
    settings = plistlib.loads(gzip.decompress(gzip.decompress(answer.data)[4:]))
    assert answer.mimetype == "application/seb"
    assert config_key(settings) == her.key
    assert settings["startURL"] == f"{SITE}/exams/{her.exam_id}"
    assert her.client.get(settings["quitURL"]).status_code == 200
    other = web_county.exam(opens_at=NOON)
    stranger = Sitter(app, web_county, other, web_county.officer("祁书航", born=NOON.date().replace(year=1991)))
    for path in (f"/exams/{her.exam_id}/seb/exam.seb", f"/exams/{other.id}/seb/exam.seb"):
        assert stranger.client.get(path).status_code == 404


def test_the_notice_says_that_the_exam_needs_it(her: Locked):
    page = her.client.get(f"/exams/{her.exam_id}").text
    assert f"/exams/{her.exam_id}/seb/exam.seb" in page
    assert 'id="seb-shown" hidden' in page
    assert 'id="seb-absent" hidden' in her.ask("GET", f"/exams/{her.exam_id}").text


# ---- the desk ----


def test_it_is_switched_on_in_the_draft_and_stays_afterwards(county: County):
    exam, keeper = locked(county), admin(county, "毕文强", day=3)
    plain = county.exam(opens_at=NOON)
    for one in (exam, plain):
        with pytest.raises(operations.Settled):
            operations.switch_on(county.session, one, base_url=SITE, quit_password="", account=keeper, now=NOON)
        with pytest.raises(operations.Settled):
            operations.switch_off(county.session, one, account=keeper, now=NOON)
    values = "true, '', '', '', '[]', opens_at, 1, NULL, NULL, NULL"
    for statement in (
        "UPDATE exam_seb SET switched_on = false",
        "UPDATE exam_seb SET config_key = 'x'",
        "UPDATE exam_seb SET settings = ''",
        f"INSERT INTO exam_seb SELECT id, {values} FROM exam WHERE id = {plain.id}",
    ):
        with pytest.raises(DBAPIError, match="guard"), county.session.begin_nested():
            county.session.execute(text(statement))


def test_browser_keys_are_edited_until_the_exam_is_sat(county: County):
    exam, keeper = locked(county), admin(county, "毕文强", day=3)
    session, before = county.session, NOON - timedelta(minutes=1)
    operations.set_browser_keys(session, exam, [OWN_KEY.upper(), OWN_KEY, " "], account=keeper, now=before)
    assert queries.seb_of(session, exam.id).browser_keys == [OWN_KEY]
    with pytest.raises(operations.BadKey):
        operations.set_browser_keys(session, exam, ["xyz"], account=keeper, now=before)
    with pytest.raises(operations.Frozen):
        operations.set_browser_keys(session, exam, [OTHER_KEY], account=keeper, now=NOON)
    with pytest.raises(DBAPIError, match="guard"), session.begin_nested():
        row = queries.seb_of(session, exam.id)
        row.browser_keys, row.changed_at = [OTHER_KEY], NOON
        session.flush()


def test_a_short_password_or_reason_is_none(county: County):
    keeper = admin(county)

    def too_short(exam: Exam) -> None:
        with pytest.raises(operations.TooShort):
            operations.switch_on(county.session, exam, base_url=SITE, quit_password="kurz", account=keeper, now=NOON)

    county.exam(opens_at=NOON, drafted=too_short)
    exam = locked(county)
    with pytest.raises(operations.TooShort):
        operations.lift(county.session, exam, reason=" ", account=keeper, now=NOON)
