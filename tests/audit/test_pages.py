"""The audit trail's pages: inside the reader's bodies, sealed parts only for a purpose, exports on record."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from portal.ground import audit, guards
from portal.ground.db import db
from portal.ground.limits import TooOften
from portal.ground.models import AuditLine, AuditSeal
from portal.people.access.operations import disable
from portal.people.models import Account, BodyField, Person, Post, Role
from portal.people.records.models import Purpose, RevealedFact
from portal.people.records.operations import reveal
from portal.people.records.rules import REVEALS_A_DAY
from portal.reports.trail import operations as trail
from tests.conftest import NOON
from tests.factories import PASSWORD, County


def client_of(app, account):
    client = app.test_client()
    answer = client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    return client


@pytest.fixture
def world(app, web_county: County):
    """Lines in the county's transport body, in the province, and of nobody in particular."""
    county, session = web_county, web_county.session
    officer = county.officer()
    audit.record(
        session, "person_edited", "person", officer.person_id, now=NOON, account_id=officer.id,
        person_id=officer.person_id, body_id=county.transport.id, before={"phone": "13844500001"},
        after={"phone": "=1+1"}, reason="本人来电申请", version=2,
    )  # fmt: skip
    audit.record(session, "exam_published", "exam", 9, now=NOON - timedelta(days=2), body_id=county.province.id)
    audit.record(session, "demo_begun", "demo", "province", now=NOON)
    session.commit()
    return county


def reader(world: County, role: Role, body) -> object:
    born = date(1979, 3, 3) + timedelta(days=world._people)  # every number once
    account = world.staff(role, body, born=born)
    world.session.commit()
    return account


def number_of(act: str) -> int:
    with db.reading() as session:
        found = select(AuditSeal.number).join(AuditLine, AuditLine.id == AuditSeal.line_id).where(AuditLine.act == act)
        return session.scalars(found.order_by(AuditSeal.number.desc())).first()


def test_a_reader_sees_the_lines_of_his_bodies_only(app, world: County):
    client = client_of(app, reader(world, Role.AUDITOR, world.transport))
    rows = client.get("/audit/").text.split("<tbody>")[1]
    shown = [int(link.split('"')[0]) for link in rows.split('href="/audit/')[1:]]
    assert number_of("person_edited") in shown
    assert not {number_of("exam_published"), number_of("demo_begun")} & set(shown)


def test_acts_that_name_no_body_are_seen_where_the_actor_has_his_post(app, world: County):
    with db.writing() as session:
        officer = session.scalars(select(Account).join(Post, Post.person_id == Account.person_id)).first()
        audit.record(session, "own_data_exported", "person", officer.person_id, now=NOON, account_id=officer.id)
        session.commit()
    near = client_of(app, reader(world, Role.AUDITOR, world.transport))
    assert "<tbody>" in near.get("/audit/?act=own_data_exported").text
    far = client_of(app, reader(world, Role.SUPERVISOR, world.other_city))
    assert "<tbody>" not in far.get("/audit/?act=own_data_exported").text


def test_the_province_sees_every_line_and_those_of_no_body(app, world: County):
    client = client_of(app, reader(world, Role.AUDITOR, world.province))
    for act in ("person_edited", "exam_published", "demo_begun"):
        page = client.get(f"/audit/?act={act}").text
        assert page.split("<tbody>")[1].count("<tr>") == 1, act


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.AUDITOR, Role.SUPERVISOR)])
def test_other_roles_do_not_see_the_trail(app, world: County, role: Role):
    answer = client_of(app, reader(world, role, world.province)).get("/audit/")
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "search, found",
    [("since=2026-11-22&until=2026-11-23&act=exam_published", 0),
     ("since=2026-11-21&until=2026-11-21&act=exam_published", 1),
     ("kind=exam&id=9", 1), ("kind=exam&id=10", 0), ("actor=nobody", 0), ("since=nonsense&act=demo_begun", 1)],
)  # fmt: skip
def test_lines_are_found_by_act_thing_actor_and_day(app, world: County, search: str, found: int):
    page = client_of(app, reader(world, Role.SUPERVISOR, world.province)).get(f"/audit/?{search}").text
    assert (page.split("<tbody>")[1].count("<tr>") if "<tbody>" in page else 0) == found


def test_lines_are_found_by_the_person_they_are_about_and_by_unit(app, world: County):
    client = client_of(app, reader(world, Role.SUPERVISOR, world.province))
    number = world.session.scalars(select(AuditLine).where(AuditLine.act == "person_edited")).one().person_id
    person = world.session.get_one(Person, number)
    page = client.get(f"/audit/?person={person.personnel_number}&act=person_edited").text
    assert page.split("<tbody>")[1].count("<tr>") == 1
    page = client.get("/audit/", query_string={"body": world.transport.name, "act": "person_edited"}).text
    assert page.split("<tbody>")[1].count("<tr>") == 1


def test_a_line_outside_is_not_there(app, world: County):
    client = client_of(app, reader(world, Role.AUDITOR, world.transport))
    assert client.get(f"/audit/{number_of('exam_published')}").status_code == 404
    outside = client.post(f"/audit/{number_of('exam_published')}/personal", data={"purpose": "inquiry", "note": "x"})
    assert outside.status_code == 404


def test_one_line_shows_its_place_and_nothing_that_is_sealed(app, world: County):
    client = client_of(app, reader(world, Role.AUDITOR, world.transport))
    page = client.get(f"/audit/{number_of('person_edited')}").text
    assert "13844500001" not in page and "本人来电申请" not in page
    assert page.count("mf-badge--ok") == 1


def test_what_is_sealed_is_shown_for_a_purpose_and_that_is_on_record(app, world: County):
    client = client_of(app, reader(world, Role.AUDITOR, world.transport))
    number = number_of("person_edited")
    assert client.post(f"/audit/{number}/personal", data={"purpose": "inquiry", "note": ""}).status_code == 422
    assert client.post(f"/audit/{number}/personal", data={"purpose": "fun", "note": "x"}).status_code == 422
    world.session.rollback()
    assert number_of("audit_revealed") is None
    page = client.post(f"/audit/{number}/personal", data={"purpose": "inquiry", "note": "信访 12 号"}).text
    assert "13844500001" in page and "本人来电申请" in page
    world.session.rollback()
    line = world.session.scalars(select(AuditLine).where(AuditLine.act == "audit_revealed")).one()
    assert line.codes == {"purpose": "inquiry"} and line.body_id == world.transport.id and line.account_id
    assert "信访" not in str([line.codes, line.object_id])


def test_a_line_that_was_changed_says_so(app, world: County):
    number = number_of("person_edited")
    guards.remove(world.session.connection())
    world.session.connection().exec_driver_sql("UPDATE audit_line SET object_id = '777' WHERE act = 'person_edited'")
    world.session.commit()
    page = client_of(app, reader(world, Role.AUDITOR, world.transport)).get(f"/audit/{number}").text
    assert "mf-badge--bad" in page


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_an_export_holds_the_lines_in_scope_and_is_itself_a_line(app, world: County, kind: str):
    client = client_of(app, reader(world, Role.AUDITOR, world.transport))
    answer = client.post("/audit/export", data={"format": kind, "kind": "person"})
    assert answer.status_code == 200
    if kind == "xlsx":
        rows = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    else:
        rows = [line.split(",") for line in answer.data.decode("utf-8-sig").splitlines()]
    assert len(rows) == 2 and "person_edited" in rows[1]
    world.session.rollback()
    line = world.session.scalars(select(AuditLine).where(AuditLine.act == "audit_exported")).one()
    assert line.codes == {"count": 1, "filters": ["kind"], "format": kind}
    assert b"13844500001" not in answer.data


def test_no_cell_of_the_csv_is_a_formula(app, world: County):
    world.session.get_one(type(world.transport), world.transport.id).name = "=HYPERLINK(1)"
    world.session.commit()
    client = client_of(app, reader(world, Role.AUDITOR, world.transport))
    assert "'=HYPERLINK" in client.post("/audit/export", data={"format": "csv", "kind": "person"}).text


def test_pages_follow_each_other_by_number_in_few_statements(app, world: County, statements: list[str]):
    for number in range(60):
        audit.record(world.session, "exam_published", "exam", number, now=NOON, body_id=world.transport.id)
    world.session.commit()
    client = client_of(app, reader(world, Role.AUDITOR, world.transport))
    statements.clear()
    page = client.get("/audit/").text
    assert len(statements) <= 10, statements
    assert page.split("<tbody>")[1].count("<tr>") == 50
    page = client.get("/audit/?act=exam_published").text
    older = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert client.get(older).text.split("<tbody>")[1].count("<tr>") == 10
    statements.clear()
    client.get(f"/audit/{number_of('exam_published')}")
    assert len(statements) <= 11


def test_in_a_request_who_and_from_where_are_known(app, world: County):
    account = reader(world, Role.AUDITOR, world.transport)
    client = client_of(app, account)
    client.post("/audit/export", data={}, environ_base={"REMOTE_ADDR": "10.1.2.3"})
    world.session.rollback()
    line = world.session.scalars(select(AuditLine).where(AuditLine.act == "audit_exported")).one()
    assert (line.account_id, line.address) == (account.id, "10.1.2.3") and json.dumps(line.codes)


def test_a_reader_for_one_field_reads_no_line_about_people_of_another(app, world: County):
    """The body enforces in both fields; the officer does so in one."""
    session, body = world.session, world.transport
    session.add(BodyField(body_id=body.id, field="agriculture"))
    other = world.officer("田野", born=date(1991, 1, 1), field="agriculture")
    officer = world.officer("何平", born=date(1991, 2, 2))
    reading = world.staff(Role.SUPERVISOR, body, born=date(1971, 3, 3), field="transport")
    for number, person_id in enumerate((other.person_id, officer.person_id, None)):
        audit.record(session, "ban_set", "ban", number, now=NOON, person_id=person_id, body_id=body.id, reason="事由")
    session.commit()
    client = client_of(app, reading)
    page = client.get("/audit/?act=ban_set").text.split("<tbody>")[1]
    assert page.count("<tr>") == 2
    with db.reading() as fresh:
        found = select(AuditSeal.number).join(AuditLine, AuditLine.id == AuditSeal.line_id)
        hidden = fresh.scalars(found.where(AuditLine.act == "ban_set", AuditLine.object_id == "0")).one()
    assert client.get(f"/audit/{hidden}").status_code == 404


def test_acts_about_a_person_lie_in_the_scope_of_his_body(world: County):
    session, officer = world.session, world.officer(born=date(1991, 1, 1))
    keeper = reader(world, Role.UNIT_ADMIN, world.province)
    disable(session, officer, by=keeper, reason="离岗", now=NOON)
    number, card_check = RevealedFact.ID_NUMBER, Purpose.CARD_CHECK
    reveal(session, officer.person, number, purpose=card_check, why="核对", account=keeper, now=NOON)
    session.flush()
    wanted = select(AuditLine.body_id).where(AuditLine.act.in_(("account_disabled", "person_revealed")))
    assert session.scalars(wanted).all() == [world.transport.id] * 2


def test_looking_behind_seals_counts_against_the_same_daily_limit(world: County):
    session, looks = world.session, reader(world, Role.AUDITOR, world.transport)
    line = session.scalars(select(AuditLine).where(AuditLine.act == "person_edited")).one()
    for _ in range(REVEALS_A_DAY):
        trail.reveal(session, line, purpose="check", note="核对", account_id=looks.id, now=NOON)
        session.flush()
    with pytest.raises(TooOften):
        trail.reveal(session, line, purpose="check", note="核对", account_id=looks.id, now=NOON)
    trail.reveal(session, line, purpose="check", note="核对", account_id=looks.id, now=NOON + timedelta(days=1))
