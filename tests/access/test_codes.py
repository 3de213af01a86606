"""One-time codes: who issues them for whom, what they open, and the slips they are printed on."""

from __future__ import annotations

import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from reportlab.pdfbase import pdfmetrics
from sqlalchemy import select

from portal.ground import clock
from portal.ground.audit_personal import read
from portal.ground.db import db
from portal.ground.models import AuditLine
from portal.ground.pdf_fonts import register
from portal.people import operations as people
from portal.people.access.models import CodeKind, OneTimeCode
from portal.people.access.rules import CODE_LENGTH, LIVES, MOST_CODE_TRIES, SIGNS, new_code, normal_code
from portal.people.models import Account, BodyKind, Level, Role
from tests.access.doors import Browser
from tests.conftest import NOON
from tests.factories import PASSWORD, County

NEW = "Kx7-pine-Door-sits"


def helper(app: Flask, county: County, role: Role = Role.UNIT_ADMIN, body=None, address: str = "10.1.0.1") -> Browser:
    """A signed-in browser of somebody who helps in the county's government."""
    account = county.staff(role, body or county.city, born=date(1970 + len(address), 1, 2 + county._people))
    county.session.commit()
    browser = Browser(app, address).english()
    assert browser.sign_in(account).status_code == 302
    browser.account = account
    return browser


def issued(answer) -> str:
    """The code a page shows, once."""
    assert answer.status_code == 200, answer.text
    return re.search(r"ac-code[^>]*>([^<]+)<", answer.text)[1]


def issue(browser: Browser, person_id: int, reason: str = "came in person"):
    return browser.client.post(f"/people/{person_id}/access", data={"reason": reason})


def spend(browser: Browser, username: str, code: str, new: str = NEW):
    return browser.client.post("/activate", data={"username": username, "one_time": code, "new": new, "again": new})


def test_a_code_is_long_random_and_nothing_in_it_is_mistaken_for_another():
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    for code in codes:
        assert re.fullmatch(rf"[{SIGNS}]{{4}}-[{SIGNS}]{{4}}-[{SIGNS}]{{4}}", code)
    assert CODE_LENGTH >= 10
    assert not set("0O1IL") & set(SIGNS)
    assert normal_code(" ab2c-de3f ｇｈ4ｊ") == "AB2CDE3FGH4J"


def test_a_person_without_an_account_gets_one_with_a_code_and_sets_his_own_password(app: Flask, web_county: County):
    person = web_county.person("陈绍文")
    web_county.post(person)
    desk = helper(app, web_county)
    code = issued(issue(desk, person.id))
    own = Browser(app)
    assert own.sign_in(person.personnel_number, "").status_code == 422
    assert spend(own, person.personnel_number, code.lower()).status_code == 302
    assert own.sign_in(person.personnel_number, NEW).status_code == 302
    assert own.client.get("/exams/").status_code == 200  # the officer's role came with it


def test_only_a_digest_of_the_code_is_stored(app: Flask, web_county: County):
    officer = web_county.officer()
    code = issued(issue(helper(app, web_county), officer.person_id))
    with db.reading() as session:
        row = session.scalars(select(OneTimeCode)).one()
    assert len(row.digest) == 64
    assert normal_code(code) not in row.digest.upper()
    assert row.kind == CodeKind.RESET


def test_a_code_works_once_ends_every_device_and_leaves_the_audit_trail(app: Flask, web_county: County):
    officer = web_county.officer()
    desk = helper(app, web_county)
    own, other = Browser(app), Browser(app, "10.0.0.2")
    own.sign_in(officer)
    code = issued(issue(desk, officer.person_id, "forgot it, came to the office"))
    assert spend(other, officer.username, code).status_code == 302
    assert not own.is_in()
    assert spend(other, officer.username, code, "Another-pine-77-door").status_code == 401
    assert own.sign_in(officer, PASSWORD).status_code == 401
    assert own.sign_in(officer, NEW).status_code == 302
    with db.reading() as session:
        line = session.scalars(select(AuditLine).where(AuditLine.act == "one_time_code_issued")).one()
        assert (line.account_id, line.person_id) == (desk.account.id, officer.person_id)
        assert read(session, line)["reason"] == "forgot it, came to the office"
        assert session.scalars(select(AuditLine.act)).all().count("password_set") == 1


def test_a_newer_code_makes_the_older_void_and_none_outlives_its_day(app: Flask, web_county: County):
    officer, guest = web_county.officer(), Browser(app)
    desk = helper(app, web_county)
    first, second = issued(issue(desk, officer.person_id)), issued(issue(desk, officer.person_id))
    assert spend(guest, officer.username, first).status_code == 401
    clock.set_source(lambda: NOON + LIVES["reset"] + timedelta(seconds=1))
    assert spend(guest, officer.username, second).status_code == 401


def test_guessing_codes_is_slowed_like_passwords_and_does_not_hold_up_the_password(app: Flask, web_county: County):
    officer = web_county.officer()
    helper_browser = helper(app, web_county)
    issued(issue(helper_browser, officer.person_id))
    guesser = Browser(app, "10.66.0.1")
    statuses = [spend(guesser, officer.username, "2222-3333-4444").status_code for _ in range(7)]
    assert statuses[:5] == [401] * 5
    assert statuses[-1] == 429
    assert Browser(app, "10.66.0.1").sign_in(officer).status_code == 302


def test_a_code_that_was_guessed_at_too_often_is_void(app: Flask, web_county: County):
    officer = web_county.officer()
    code = issued(issue(helper(app, web_county), officer.person_id))
    with db.writing() as session:
        session.scalars(select(OneTimeCode)).one().tries = MOST_CODE_TRIES - 1
        session.commit()
    spend(Browser(app, "10.66.0.1"), officer.username, "2222-3333-4444")
    assert spend(Browser(app), officer.username, code).status_code == 401


def test_a_refused_password_leaves_the_code_good(app: Flask, web_county: County):
    officer = web_county.officer()
    code = issued(issue(helper(app, web_county), officer.person_id))
    guest = Browser(app)
    assert spend(guest, officer.username, code, "Password2026").status_code == 422
    assert spend(guest, officer.username, code).status_code == 302


def test_a_code_needs_a_reason(app: Flask, web_county: County):
    officer = web_county.officer()
    desk = helper(app, web_county)
    assert issue(desk, officer.person_id, "").status_code == 422
    with db.reading() as session:
        assert session.scalars(select(OneTimeCode)).all() == []


def test_a_stranger_s_person_is_not_there(app: Flask, web_county: County):
    officer = web_county.officer()
    stranger = helper(app, web_county, body=web_county.other_city)
    for method, path in (("get", ""), ("post", ""), ("post", "/slip")):
        answer = getattr(stranger.client, method)(f"/people/{officer.person_id}/access{path}", data={"reason": "x y"})
        assert answer.status_code == 404


def test_nobody_helps_himself_and_only_the_level_above_helps_a_helper(app: Flask, web_county: County):
    first = helper(app, web_county)
    second = helper(app, web_county, address="10.1.0.2")
    above = helper(app, web_county, body=web_county.province, address="10.1.0.33")
    own_person = first.account.person_id
    assert issue(first, own_person).status_code == 403
    assert issue(second, own_person).status_code == 403  # beside him, not above
    assert "the level above" in second.client.get(f"/people/{own_person}/access").text
    assert issue(above, own_person).status_code == 200


def test_whoever_has_a_role_beyond_the_helper_s_reach_is_helped_from_above(app: Flask, web_county: County):
    """An officer of the county who also writes questions for the province: his county must not take that over."""
    officer = web_county.officer()
    people.grant(web_county.session, officer, Role.TRAINER, web_county.province, now=NOON)
    desk = helper(app, web_county)
    assert issue(desk, officer.person_id).status_code == 403
    above = helper(app, web_county, body=web_county.province, address="10.1.0.33")
    assert issue(above, officer.person_id).status_code == 200


def test_a_disabled_account_gets_no_code(app: Flask, web_county: County):
    officer = web_county.officer()
    officer.disabled_at = NOON
    desk = helper(app, web_county)
    assert issue(desk, officer.person_id).status_code == 409


def test_no_door_sets_another_person_s_password(app: Flask, web_county: County):
    """ASVS 6.4.6: whatever an administrator posts, the hash of the other stays."""
    officer = web_county.officer()
    desk = helper(app, web_county, Role.SYSADMIN, web_county.province)
    more = {"reason": "x y", "password": NEW, "new": NEW, "again": NEW, "password_hash": NEW}
    for rule in app.url_map.iter_rules():
        if "POST" in rule.methods and rule.endpoint.startswith("people_access.") and "person_id" in rule.arguments:
            desk.client.post(f"{rule.rule.replace('<int:person_id>', str(officer.person_id))}", data=more)
    with db.reading() as session:
        assert session.get_one(Account, officer.id).password_hash == officer.password_hash


# ---------- paper ----------
def words(body: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(body)).pages)


def test_the_slip_says_who_where_until_when_and_its_address_holds_no_code(app: Flask, web_county: County):
    officer = web_county.officer()
    desk = helper(app, web_county)
    code = issued(issue(desk, officer.person_id))
    answer = desk.client.post(f"/people/{officer.person_id}/access/slip", data={"code": code})
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert "attachment" not in answer.headers.get("Content-Disposition", "")
    printed = words(answer.data)
    for part in ("周雅琴", "梅河口市交通运输综合行政执法大队", officer.username, code, "http://127.0.0.1:8000/activate"):
        assert part in printed
    assert code not in "".join(line for line in printed.split() if line.startswith("http"))


def test_a_slip_is_drawn_only_for_the_open_code_the_asker_issued(app: Flask, web_county: County):
    officer = web_county.officer()
    desk, other = helper(app, web_county), helper(app, web_county, address="10.1.0.2")
    code = issued(issue(desk, officer.person_id))
    for browser, typed in ((desk, "2222-3333-4444"), (other, code)):
        assert browser.client.post(f"/people/{officer.person_id}/access/slip", data={"code": typed}).status_code == 409


def test_a_unit_s_sheet_holds_everybody_without_a_password_eight_to_a_page(app: Flask, web_county: County):
    people = [web_county.person("陈绍文", born=date(1980, 1, 1 + n)) for n in range(9)]
    for person in people:
        web_county.post(person)
    web_county.officer()  # has a password
    desk = helper(app, web_county)
    answer = desk.client.post(f"/roster/slips/{web_county.transport.id}")
    assert answer.status_code == 200
    assert len(PdfReader(BytesIO(answer.data)).pages) == 2
    codes = re.findall(rf"[{SIGNS}]{{4}}-[{SIGNS}]{{4}}-[{SIGNS}]{{4}}", words(answer.data))
    assert len(set(codes)) == 9
    assert spend(Browser(app), people[0].personnel_number, codes[0]).status_code == 302
    again = desk.client.post(f"/roster/slips/{web_county.transport.id}")  # the older codes are void
    assert spend(Browser(app), people[1].personnel_number, codes[1]).status_code == 401
    assert "陈绍文" in words(again.data)


def test_a_rare_name_does_not_keep_a_unit_from_its_slips(app: Flask, web_county: County):
    person = web_county.person("王\U0002b8b8")
    web_county.post(person)
    desk = helper(app, web_county)
    answer = desk.client.post(f"/roster/slips/{web_county.transport.id}")
    assert answer.status_code == 200
    assert person.personnel_number in words(answer.data)


def test_a_second_document_of_the_same_server_has_all_its_characters():
    """The subset of one document must not be taken for that of another."""
    for name in ("周雅琴", "蔡夔霖"):
        font = pdfmetrics.getFont(register("sans", [name]))
        assert {*map(ord, name)} <= set(font.face.charToGlyph)


def test_the_list_of_units_costs_the_same_however_many(app: Flask, web_county: County, statements: list[str]):
    for number in range(30):
        web_county.body(f"执法大队{number}", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, web_county.city)
    desk = helper(app, web_county)
    statements.clear()
    page = desk.client.get("/roster/slips")
    assert page.status_code == 200
    assert len([s for s in statements if s.startswith("SELECT")]) <= 10


@pytest.mark.parametrize("path", ["/people/{0}/access", "/roster/slips"])
def test_an_officer_is_not_let_to_the_desk(app: Flask, web_county: County, path: str):
    officer = web_county.officer()
    web_county.session.commit()
    own = Browser(app)
    own.sign_in(officer)
    assert own.client.get(path.format(officer.person_id)).status_code == 403
