"""The pages of sites, sittings, entry, seats and prints, as people walk through them."""

from __future__ import annotations

import re
import zipfile
from datetime import date, timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import func, select

from portal.exams import operations as exams
from portal.exams.models import Entry, Exam
from portal.exams.sittings.models import Sitting, TestRoom
from portal.ground import clock
from portal.ground.clock import local
from portal.ground.db import db
from portal.ground.models import AuditLine
from portal.ground.sheets import read_workbook
from portal.people.models import Account, Role
from tests.factories import PASSWORD, County


def signed_in(app: Flask, account: Account) -> FlaskClient:
    client = app.test_client()
    client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
    return client


def text_of(answer) -> str:
    assert answer.mimetype == "application/pdf", answer.text[:300]
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)


class Hall:
    """A province's exam in twenty days, an administrator, a unit of six officers."""

    def __init__(self, app: Flask, county: County) -> None:
        self.app, self.county = app, county
        self.keeper = county.staff(Role.EXAM_ADMIN, county.province, born=date(1981, 1, 1))
        self.unit = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
        self.officers = [county.officer(f"周雅{c}", born=date(1990, 1, 1) + timedelta(days=n))
                         for n, c in enumerate("琴棋书画诗茶")]  # fmt: skip
        self.number = self.officers[0].person.id_number()
        self.exam: Exam = county.exam(opens_at=county.now + timedelta(days=20))
        county.session.commit()
        self.base = f"/exams/manage/{self.exam.id}"
        self.staff, self.clerk = signed_in(app, self.keeper), signed_in(app, self.unit)

    def planned(self) -> Sitting:
        sitting = self.county.sitting(self.exam, minutes=120)
        self.county.session.commit()
        return sitting

    def entered(self) -> list[Entry]:
        exams.enter(self.county.session, self.exam, [o.person_id for o in self.officers])
        found = self.county.session.scalars(select(Entry).order_by(Entry.id)).all()
        for entry in found:
            entry.body_id = self.county.transport.id
        self.county.session.commit()
        return list(found)

    def seated(self) -> Sitting:
        sitting = self.planned()
        self.entered()
        page = self.staff.get(f"{self.base}/seats").text
        digest = re.search(r'name="digest" value="(\w+)"', page)[1]
        assert self.staff.post(f"{self.base}/seats", data={"plan": "1", "digest": digest}).status_code == 303
        return sitting


@pytest.fixture
def hall(app: Flask, web_county: County) -> Hall:
    return Hall(app, web_county)


def read(what) -> list:
    with db.reading() as session:
        return list(session.scalars(what))


def count(table: type) -> int:
    return read(select(func.count()).select_from(table))[0]


def test_a_site_with_rooms_and_four_sittings_a_day_from_one_form(hall: Hall):
    made = hall.staff.post("/exams/sites", data={"name": "职教中心", "address": "学府路8号",
                                                 "body_id": hall.county.city.id})  # fmt: skip
    site = made.headers["Location"]
    assert hall.staff.post(f"{site}/rooms", data={"name": "101", "seats": "30"}).status_code == 303
    assert "101" in hall.staff.get(site).text
    room, first = read(select(TestRoom.id))[0], local(hall.exam.opens_at).date()
    form = {"first": first.isoformat(), "days": "1", "hours": "13:00 15:00 17:00", "minutes": "90",
            "working_days_only": "y", "rooms": str(room)}  # fmt: skip
    shown = hall.staff.post(f"{hall.base}/sittings", data=form | {"do": "look"})
    assert shown.status_code == 200 and "3" in shown.text and count(Sitting) == 0
    assert hall.staff.post(f"{hall.base}/sittings", data=form | {"do": "add"}).status_code == 303
    assert count(Sitting) == 3
    again = hall.staff.post(f"{hall.base}/sittings", data=form | {"do": "add"})
    assert again.status_code == 422 and count(Sitting) == 3  # the room is taken


def test_a_sitting_outside_the_window_is_shown_and_not_made(hall: Hall):
    room = hall.county.room()
    hall.county.session.commit()
    form = {"first": "2026-11-25", "days": "1", "hours": "09:00", "minutes": "90", "rooms": str(room.id)}
    page = hall.staff.post(f"{hall.base}/sittings", data=form | {"do": "look"})
    assert 'value="add"' not in page.text
    assert hall.staff.post(f"{hall.base}/sittings", data=form | {"do": "add"}).status_code == 422
    assert count(Sitting) == 0


def test_a_unit_pastes_numbers_looks_and_enters(hall: Hall):
    bad = hall.county.officer("合同工", born=date(1988, 8, 8), staffing_type="contract")
    hall.county.session.commit()
    numbers = "\n".join([*(o.username for o in hall.officers), bad.username, "T99999"])
    page = hall.clerk.post(f"{hall.base}/enter/look", data={"numbers": numbers}).text
    assert "T99999" in page and page.count('name="person"') == 6 and "合同工" in page
    assert count(Entry) == 0
    chosen = [str(o.person_id) for o in [*hall.officers, bad]]
    assert hall.clerk.post(f"{hall.base}/enter", data={"person": chosen}).status_code == 303
    assert count(Entry) == 6
    listed = hall.clerk.get(f"{hall.base}/entries").text
    assert "周雅琴" in listed and "合同工" not in listed


def test_a_unit_cannot_enter_the_people_of_another(hall: Hall):
    other = hall.county.officer("孔远", born=date(1985, 5, 5), body_id=hall.county.other_bureau.id)
    hall.county.session.commit()
    hall.clerk.post(f"{hall.base}/enter", data={"person": [str(other.person_id)]})
    assert count(Entry) == 0
    assert "孔远" not in hall.clerk.get(f"{hall.base}/enter?state=all").text


def test_a_unit_opens_neither_sittings_nor_seats_nor_extra_time(hall: Hall):
    entry = hall.entered()[0]
    for path in ("sittings", "seats"):
        assert hall.clerk.get(f"{hall.base}/{path}").status_code == 403
    assert hall.clerk.post(f"{hall.base}/entries/{entry.id}/extra-time").status_code == 403
    assert hall.clerk.post(f"{hall.base}/print/door").status_code == 403


def test_names_stand_in_no_address(hall: Hall):
    for path in ("enter/find", "entries/find"):
        answer = hall.clerk.post(f"{hall.base}/{path}", data={"q": "周雅琴"})
        assert "周" not in answer.headers["Location"] and "%E5" not in answer.headers["Location"]
        assert "周雅琴" in hall.clerk.get(answer.headers["Location"]).text


def test_the_roster_of_a_room_is_printed_and_written_down(hall: Hall):
    sitting = hall.seated()
    room = read(select(TestRoom.id))[0]
    sent = {"sitting": sitting.id, "room": room}
    roster = text_of(hall.staff.post(f"{hall.base}/print/room", data=sent | {"what": "roster"}))
    for word in ("考场签到表", "签名", "照片", "测试考试", "第一考场", "周雅琴", "220581********", "监考员签名"):
        assert word in roster
    assert hall.number not in roster
    labels = text_of(hall.staff.post(f"{hall.base}/print/room", data=sent | {"what": "labels"}))
    assert "周雅茶" in labels
    door = text_of(hall.staff.post(f"{hall.base}/print/door", data={"sitting": sitting.id}))
    places = [door.index(n) for n in sorted(read(select(Entry.admission_number)))]
    assert places == sorted(places)
    acts = read(select(AuditLine.codes).where(AuditLine.act == "sitting_printed").order_by(AuditLine.id))
    assert [codes["what"] for codes in acts] == ["roster", "labels", "door"]


def test_a_rare_character_keeps_no_room_from_its_list(hall: Hall):
    sitting = hall.seated()
    person = hall.officers[0].person
    person = hall.county.session.merge(person)
    person.name = "周\U000323af琴"
    hall.county.session.commit()
    room = read(select(TestRoom.id))[0]
    sent = {"sitting": sitting.id, "room": room, "what": "roster"}
    assert "生僻字" in text_of(hall.staff.post(f"{hall.base}/print/room", data=sent))


def test_slips_for_the_unit_and_for_oneself(hall: Hall):
    hall.seated()
    three = hall.clerk.post(f"{hall.base}/print/slips", data={})
    assert len(PdfReader(BytesIO(three.data)).pages) == 2
    assert text_of(three).count("准考证号") == 6
    each = hall.clerk.post(f"{hall.base}/print/slips", data={"each": "1"})
    assert len(PdfReader(BytesIO(each.data)).pages) == 6
    own = text_of(signed_in(hall.app, hall.officers[0]).get(f"/exams/{hall.exam.id}/slip.pdf"))
    assert "周雅琴" in own and "周雅棋" not in own and "人民大街1号" in own and "号座位" in own


def test_an_officer_reads_hour_site_room_and_seat(hall: Hall):
    hall.seated()
    client = signed_in(hall.app, hall.officers[0])
    for page in ("/exams/", f"/exams/{hall.exam.id}"):
        text = client.get(page).text
        assert "第一考场" in text and "人民大街1号" in text and "slip.pdf" in text


def test_who_has_no_sitting_yet_does_not_check_in(hall: Hall):
    hall.planned()
    hall.entered()
    clock.set_source(lambda: hall.exam.opens_at)
    client = signed_in(hall.app, hall.officers[0])
    assert client.post(f"/exams/{hall.exam.id}/start", data={"identity": "1"}).status_code == 409


def test_the_list_goes_out_as_a_workbook_without_formulas(hall: Hall):
    hall.seated()
    officer = hall.county.session.merge(hall.officers[0].person)
    officer.name = "=1+1"
    hall.county.session.commit()
    book = hall.staff.post(f"{hall.base}/entries/export").data
    rows = read_workbook(book)[0].rows
    assert len(rows) == 7
    written = zipfile.ZipFile(BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert "'=1+1" in written and "<f>" not in written
    assert "220581********" in str(rows[1].cells)


def test_extra_time_is_shown_on_the_notice(hall: Hall):
    entry = hall.entered()[0]
    form = {"minutes": "25", "ground": "sight", "evidence": "残疾证第12号"}
    assert hall.staff.post(f"{hall.base}/entries/{entry.id}/extra-time", data=form).status_code == 303
    assert "残疾证第12号" in hall.staff.get(f"{hall.base}/entries/{entry.id}").text
    assert "残疾证第12号" not in hall.clerk.get(f"{hall.base}/entries/{entry.id}").text
    assert "25" in signed_in(hall.app, hall.officers[0]).get(f"/exams/{hall.exam.id}").text


@pytest.mark.parametrize("path", ["enter?state=all", "entries", "seats", "sittings"])
def test_lists_take_few_statements_whatever_their_length(hall: Hall, statements: list[str], path: str):
    hall.seated()
    for n in range(30):
        hall.county.officer(f"众{n}", born=date(1970, 1, 1) + timedelta(days=n))
    exams.enter(hall.county.session, hall.exam, [a.person_id for a in hall.officers])
    hall.county.session.commit()
    hall.staff.get(f"{hall.base}/{path}")
    statements.clear()
    assert hall.staff.get(f"{hall.base}/{path}").status_code == 200
    told = [s for s in statements if not s.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]
    assert len(told) <= 20, "\n".join(told)


def test_the_rules_of_entry_are_read_by_everybody_who_enters(hall: Hall):
    assert "吉林省报考规则" in hall.clerk.get("/exams/policies").text
