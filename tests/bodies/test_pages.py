"""The tree, a body's page and its forms, through the door."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from portal.ground.db import db
from portal.people.models import Account, Body, Role
from tests.bodies.world import Bodies, fresh
from tests.factories import PASSWORD, County

DOCUMENT = "机构编制文件2号"


def signed_in(app: Flask, account: Account):
    client = app.test_client()
    client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
    client.post("/privacy/new", data={"number": "1"})
    return client


@pytest.fixture
def web(app: Flask, web_county: County) -> Bodies:
    built = Bodies(web_county)
    web_county.officer("曾敏")
    web_county.session.commit()
    return built


def form(bodies: Bodies, body: Body, **more: str) -> dict[str, str]:
    return {"version": str(body.version), "reference": DOCUMENT, "effective_on": bodies.today.isoformat(), **more}


def stored(body: Body) -> Body:
    with db.reading() as session:
        return fresh(session, body)


def test_the_tree_shows_one_level_with_how_much_lies_under_each(app: Flask, web: Bodies):
    page = signed_in(app, web.admin).get("/bodies").text
    assert web.county.city.name in page and web.team.name not in page
    page = signed_in(app, web.admin).get(f"/bodies?at={web.county.city.id}").text
    assert web.county.transport.name in page and web.county.other_city.name not in page


@pytest.mark.parametrize("words", ["山城镇执法", "shancheng", "sczzfd"])
def test_a_body_is_found_by_name_pinyin_and_initials(app: Flask, web: Bodies, words: str):
    assert web.team.name in signed_in(app, web.admin).get(f"/bodies?q={words}").text


def test_a_former_name_still_finds_it(app: Flask, web: Bodies):
    client = signed_in(app, web.admin)
    done = client.post(f"/bodies/{web.team.id}/change/renamed", data=form(web, web.team, name="山城镇综合行政执法队"))
    assert done.status_code == 302
    assert "山城镇综合行政执法队" in client.get("/bodies?q=山城镇执法队").text


def test_every_page_takes_at_most_ten_statements(app: Flask, web: Bodies, statements: list[str]):
    client = signed_in(app, web.admin)
    city, day = web.county.city.id, (web.today - timedelta(days=9)).isoformat()
    for path in (
        "/bodies", f"/bodies?at={city}", "/bodies?q=city", f"/bodies?at={city}&on={day}", f"/bodies/{city}",
        f"/bodies/{city}?on={day}", f"/bodies/{city}/people?on={day}", f"/bodies/{city}/change/moved",
        "/bodies/export.xlsx",
    ):  # fmt: skip
        client.get(path)
        statements.clear()
        assert client.get(path).status_code == 200, path
        assert len([s for s in statements if s != "BEGIN"]) <= 10, path


def test_the_form_shows_what_a_change_touches_before_it_is_made(app: Flask, web: Bodies):
    page = signed_in(app, web.admin).get(f"/bodies/{web.county.city.id}/change/moved").text
    assert page.count("<dd>1</dd>") >= 1 and "<dd>4</dd>" in page  # one officer under it; bureau, transport, town, team


def test_a_change_needs_its_document_and_a_known_body(app: Flask, web: Bodies):
    client, path = signed_in(app, web.admin), f"/bodies/{web.town.id}/change/moved"
    unsigned = form(web, web.town, other=web.county.other_city.name, reference="")
    assert client.post(path, data=unsigned).status_code == 422
    assert client.post(path, data=form(web, web.town, other="没有的单位")).status_code == 422
    assert stored(web.town).parent_id == web.county.city.id
    assert client.post(path, data=form(web, web.town, other=web.county.other_city.code)).status_code == 302
    assert stored(web.town).parent_id == web.county.other_city.id


def test_the_second_of_two_administrators_sees_what_changed(app: Flask, web: Bodies):
    one, two = signed_in(app, web.admin), signed_in(app, web.admin)
    path = f"/bodies/{web.town.id}/change/renamed"
    seen = form(web, web.town, name="山城街道办事处")
    assert one.post(path, data=seen).status_code == 302
    answer = two.post(path, data=seen | {"name": "山城新镇人民政府"})
    assert answer.status_code == 409
    assert "山城街道办事处" in answer.text and DOCUMENT in answer.text  # what the first did, and by which document
    assert stored(web.town).name == "山城街道办事处"


def test_day_fields_show_who_managed_whom(app: Flask, web: Bodies):
    client = signed_in(app, web.admin)
    change = form(web, web.team, other=web.other_town.name, effective_on=(web.today - timedelta(days=5)).isoformat())
    assert client.post(f"/bodies/{web.team.id}/change/moved", data=change).status_code == 302
    before = client.get(f"/bodies?at={web.town.id}&on={web.today - timedelta(days=6)}").text
    after = client.get(f"/bodies?at={web.town.id}&on={web.today - timedelta(days=5)}").text
    assert web.team.name in before and web.team.name not in after


def test_merger_by_the_form_carries_people_along(app: Flask, web: Bodies):
    client, county = signed_in(app, web.admin), web.county
    path = f"/bodies/{county.transport.id}/change/merged"
    assert client.post(path, data=form(web, county.transport, other=county.bureau.name)).status_code == 302
    assert "曾敏" in client.get(f"/roster?under={county.bureau.id}").text
    assert stored(county.transport).abolished_on == web.today


def test_a_body_outside_the_reach_does_not_exist_and_editing_needs_its_role(app: Flask, web: Bodies):
    county = web.county
    supervisor = county.staff(Role.SUPERVISOR, county.city, born=date(1971, 1, 1))
    county.session.commit()
    client = signed_in(app, supervisor)
    assert client.get(f"/bodies/{web.town.id}").status_code == 200
    assert client.get(f"/bodies/{web.other_town.id}").status_code == 404
    assert client.get(f"/bodies/{web.other_town.id}/people").status_code == 404
    assert client.get(f"/bodies?at={web.other_town.id}").status_code == 404
    assert web.other_town.name not in client.get("/bodies?q=青石").text
    assert client.get(f"/bodies/{web.town.id}/change/renamed").status_code == 403
    assert client.post(f"/bodies/{web.town.id}/change/renamed", data=form(web, web.town, name="x")).status_code == 403


def test_managed_by_one_and_coded_under_another_are_both_shown(app: Flask, web: Bodies):
    county = web.county
    with db.writing() as session:
        session.get_one(Body, county.city.id).division_code = "220581"
        session.get_one(Body, county.other_city.id).division_code = "220500"
        session.commit()
    page = signed_in(app, web.admin).get(f"/bodies/{county.city.id}").text
    assert "220581" in page and county.other_city.name in page and county.province.name in page


def test_the_tree_is_taken_away_as_a_workbook_without_formulas(app: Flask, web: Bodies):
    with db.writing() as session:
        session.get_one(Body, web.team.id).name = "=HYPERLINK(1)"
        session.commit()
    rows = CalamineWorkbook.from_filelike(
        BytesIO(signed_in(app, web.admin).get("/bodies/export.xlsx").data)
    ).get_sheet_by_index(0).to_python()  # fmt: skip
    assert len(rows) == 10 and any(row[1] == "'=HYPERLINK(1)" for row in rows)


def test_a_new_body_stands_where_it_was_founded_and_takes_facts_that_fit(app: Flask, web: Bodies):
    client, path = signed_in(app, web.admin), f"/bodies/{web.town.id}/change/founded"
    office = form(
        web, web.town, name="山城司法所", code="SFS-1", kind="judicial_office", level="town",
        has_supervision_station="y",
    )  # fmt: skip
    assert client.post(path, data=office | {"level": "province"}).status_code == 422
    answer = client.post(path, data=office)
    assert answer.status_code == 302
    page = client.get(answer.headers["Location"]).text
    assert "山城司法所" in page and web.town.name in page
    assert client.post(path, data=office | {"name": "另一个"}).status_code == 409  # the code is taken
