"""The roster as a list: found by name, pinyin, initials, number and ID number; paged, masked, taken away."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from urllib.parse import unquote

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from portal.ground.db import db
from portal.ground.models import AuditLine
from portal.people.models import Account, EstablishmentCheck, PostField, Role
from portal.people.roster.queries import Filters, listed
from tests.factories import PASSWORD, County

LONG = "阿拉坦其其格·孛尔只斤·乌兰图雅·格日勒其木格·额尔德尼·巴特尔·苏布德·娜仁高娃·敖登·高力套·乌日娜·哈斯图雅"
ASTRAL = "𠅤㛃䶮·𬴊𠮷"


def signed_in(app: Flask, account: Account):
    client = app.test_client()
    client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
    client.post("/privacy/new", data={"number": "1"})
    return client


def table(content: bytes) -> list[list]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()


@pytest.fixture
def people(county: County):
    """Names that programs stumble over, in the transport body; and who may see them."""
    for number, name in enumerate(("曾晓明", "单国强", "查海生", "那拉·成荫", "王乐", LONG, ASTRAL), 1):
        county.post(county.person(name, born=date(1980, 1, number)))
    return county, county.staff(Role.SYSADMIN, county.province, born=date(1970, 1, 1))


def names(county: County, account: Account, **asked: object) -> list[str]:
    return [p.person.name for p in listed(county.session, account, Filters(**asked), page=1, size=50).posts]


@pytest.mark.parametrize(
    "words, name",
    [
        ("晓明", "曾晓明"), ("zengxiaom", "曾晓明"), ("cengxiao", "曾晓明"), ("ZXM", "曾晓明"), ("shan guo", "单国强"),
        ("zhahaisheng", "查海生"), ("nalacheng", "那拉·成荫"), ("chengyin", "那拉·成荫"), ("wangyue", "王乐"),
        ("wangle", "王乐"), ("𠅤", ASTRAL), ("xijieyan", ASTRAL), ("T00001", "曾晓明"), ("格日勒", LONG),
    ],
)  # fmt: skip
def test_a_person_is_found_by_whatever_somebody_types(people, words: str, name: str):
    assert names(*people, words=words) == [name]


def test_a_unit_s_name_finds_its_people_and_a_stranger_s_reading_nobody(people):
    county, admin = people
    assert len(names(county, admin, words="交通运输综合")) == 7
    assert names(county, admin, words="enguo") == []  # not from the middle of a name
    assert names(county, admin, words="%") == names(county, admin, words="_") == []


def test_filters_narrow_and_join(people):
    county, admin = people
    aside = county.post(county.person("甲", born=date(1990, 1, 1)), staffing_type="contract", in_post=False)
    market = county.post(county.person("乙", born=date(1991, 1, 1)), field="market")
    county.session.add(PostField(post_id=aside.id, field="market"))
    county.session.add(EstablishmentCheck(post_id=market.id, checked_on=county.today, agrees=True, reference="核编"))
    county.session.flush()
    assert names(county, admin, staffing="contract") == names(county, admin, in_post="no") == ["甲"]
    assert set(names(county, admin, field="market")) == {"甲", "乙"}
    assert "乙" not in names(county, admin, unchecked=True) and "甲" in names(county, admin, unchecked=True)
    assert names(county, admin, field="market", in_post="yes") == ["乙"]
    assert names(county, admin, under=county.other_city.id) == []
    assert len(names(county, admin, under=county.city.id)) == 9


@pytest.mark.parametrize("sort", ["unit", "name", "number", "newest"])
def test_pages_in_every_order_show_everybody_once(people, sort: str):
    county, admin = people
    for number in range(5):
        county.post(county.person(born=date(1985, 1, 1 + number)), county.bureau)
    pages = [listed(county.session, admin, Filters(sort=sort), page=n, size=5) for n in (1, 2, 3, 4)]
    assert [len(page.posts) for page in pages] == [5, 5, 2, 0] and {page.total for page in pages} == {12}
    assert len({post.id for page in pages for post in page.posts}) == 12


def test_a_county_and_a_field_see_their_own(people):
    county, _ = people
    county.post(county.person(born=date(1990, 1, 1)), field="market")
    for body, field, seen in ((county.city, None, 8), (county.other_city, None, 0), (county.province, "market", 1)):
        account = county.staff(Role.UNIT_ADMIN, body, born=date(1971, 1, 1 + seen), field=field)
        assert len(names(county, account)) == seen


@pytest.fixture
def web_people(web_county: County):
    web_county.post(web_county.person("=cmd|' /C calc'!A0"))
    for number in range(60):
        born = date(1980, 1 + number % 12, 1 + number % 28)
        web_county.post(web_county.person(LONG if number else ASTRAL, born=born), web_county.bureau)
    admin = web_county.staff(Role.SYSADMIN, web_county.province, born=date(1970, 1, 1))
    stranger = web_county.staff(Role.UNIT_ADMIN, web_county.other_city, born=date(1971, 1, 1))
    web_county.session.commit()
    return web_county, admin, stranger


def test_every_list_takes_at_most_ten_statements(app: Flask, web_people, statements):
    county, admin, _ = web_people
    client = signed_in(app, admin)
    under = f"?under={county.city.id}&unchecked=1"
    for query in ("", "?page=2", "?sort=name", under, "?sort=number", "?q=T00001"):
        client.get(f"/roster{query}")
        statements.clear()
        assert client.get(f"/roster{query}").status_code == 200
        assert len([s for s in statements if s != "BEGIN"]) <= 10, query


def test_the_page_shows_long_and_rare_names_whole_and_masks_id_numbers(app: Flask, web_people):
    _, admin, _ = web_people
    page = signed_in(app, admin).get("/roster").text
    assert ASTRAL in page and LONG in page
    assert "220581********" in page and "2205811980" not in page


def test_an_id_number_is_searched_for_in_the_body_of_the_request_only(app: Flask, web_people):
    _, admin, stranger = web_people
    with db.reading() as session:
        again = session.get_one(Account, admin.id)
        wanted = listed(session, again, Filters(), page=1, size=50).posts[0].person
    number = wanted.id_number()
    client = signed_in(app, admin)
    answer = client.post("/roster/find", data={"id_number": number.lower()})
    assert answer.status_code == 302 and number[6:] not in answer.headers["Location"]
    assert wanted.name in client.get(answer.headers["Location"]).text
    assert client.post("/roster/find", data={"id_number": number[:-1] + "?"}).status_code == 422
    nobody = signed_in(app, stranger).post("/roster/find", data={"id_number": number})
    assert "person=" not in nobody.headers["Location"]
    assert signed_in(app, stranger).get(f"/roster?person={wanted.id}").text.count(wanted.personnel_number) == 0
    with db.reading() as session:
        lines = session.scalars(select(AuditLine).where(AuditLine.act == "id_number_searched")).all()
    assert [line.person_id for line in lines] == [wanted.id, None]


def test_the_workbook_holds_the_filtered_list_masked_and_without_formulas(app: Flask, web_people):
    _, admin, stranger = web_people
    answer = signed_in(app, admin).post("/roster/export", data={"staffing": "civil"})
    rows = table(answer.data)[1:]
    assert len(rows) == 61
    shown = {row[1] for row in rows}
    assert {ASTRAL, LONG} <= shown and any(name.startswith("'=cmd") for name in shown)
    assert all("********" in row[3] for row in rows)
    with db.reading() as session:
        assert session.scalars(select(AuditLine).where(AuditLine.act == "roster_exported")).one().account_id == admin.id
    assert len(table(signed_in(app, stranger).post("/roster/export").data)) == 1
    assert signed_in(app, stranger).get("/roster/export").status_code == 405


@pytest.mark.parametrize("words", ["单国强", "shanguoqiang", "220581198001010006", "13844500001"])
@pytest.mark.parametrize("path, target", [("/roster/find", "/roster"), ("/roles", "/roles")])
def test_what_is_searched_for_stands_in_no_address(app: Flask, web_people, words: str, path: str, target: str):
    county, admin, _ = web_people
    if path == "/roles":
        admin = county.staff(Role.SECADMIN, county.province, born=date(1972, 1, 1))
        county.session.commit()
    client = signed_in(app, admin)
    answer = client.post(path, data={"q": words, "sort": "name"})
    assert answer.status_code == 303 and answer.location.startswith(f"{target}?")
    assert words not in unquote(answer.location)
    assert f'value="{words}"' in client.get(answer.location).text
    assert f'id="q" name="q" value="{words}"' not in client.get(f"{target}?q={words}").text
    assert f'value="{words}"' not in signed_in(app, admin).get(answer.location).text


def test_pages_filters_and_the_export_keep_the_words(app: Flask, web_people):
    county, admin, _ = web_people
    client = signed_in(app, admin)
    found = client.post("/roster/find", data={"q": "阿拉坦", "field": "transport"}, follow_redirects=True)
    following = re.search(r'href="([^"]+)" rel="next"', found.text).group(1).replace("&amp;", "&")
    assert "field=transport" in following and LONG in client.get(following).text
    key = re.search(r"[?&]s=([^&]+)", following).group(1)
    rows = table(client.post("/roster/export", data={"s": key, "field": "transport"}).data)
    assert len(rows) == 60
    number = client.post("/roster/find", data={"q": "T00001"})
    assert "q=T00001" in number.location and client.get(number.location).status_code == 200
