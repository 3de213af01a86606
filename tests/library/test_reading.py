"""Pages of the law library: the list, a version, an article, two versions side by side."""

from __future__ import annotations

import pytest

from portal.ground.db import db
from portal.people.models import Role
from tests.factories import PASSWORD
from tests.library.test_import_law import take_in
from tests.library.texts import BRIDGES_2020, BRIDGES_2024


@pytest.fixture
def reader(app, web_county):
    """Somebody signed in who holds no role but marking; two versions of a law are in the library."""
    with db.writing() as session:
        versions = take_in(session, BRIDGES_2020).id, take_in(session, BRIDGES_2024).id
        session.commit()
    account = web_county.account(web_county.person("桥小雨"), Role.MARKER, web_county.city)
    web_county.session.commit()
    client = app.test_client()
    assert client.post("/sign-in", data={"username": account.username, "password": PASSWORD}).status_code == 302
    return client, versions


def page(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.get_data(as_text=True)


def test_the_list_names_laws_versions_and_whether_they_are_in_force(reader):
    client, _ = reader
    shown = page(client, "/library/laws")
    assert "示例桥梁管理条例" in shown
    assert "2024 修订" in shown
    assert "测试法" not in page(client, "/library/laws?q=桥梁")


def test_words_find_articles(reader):
    client, _ = reader
    assert "#art-第三条之一" in page(client, "/library/laws?q=传感器")


def test_a_version_is_read_with_contents_and_anchors(reader):
    client, (old, new) = reader
    shown = page(client, f"/library/laws/{new}")
    assert 'id="art-第三条之一"' in shown and 'id="art-3-1"' in shown
    assert "第一章 总则" in shown
    assert f"/library/laws/{old}/with/{new}" in shown
    assert client.get("/library/laws/99999").status_code == 404


def test_an_article_opens_alone_as_a_part_and_by_its_citation(reader):
    client, _ = reader
    found = client.get("/library/articles.json?q=桥梁管理条例 3").get_json()
    assert [(f["label"], f["article"]) for f in found] == [("2024 修订", "第三条"), ("2020", "第三条")]
    part = page(client, f"/library/articles/{found[0]['article_id']}?part=1")
    assert "夜间检查" in part and "<html" not in part
    cited = page(client, "/library/cited?law=示例桥梁管理条例&label=2020&article=第四条第一款&part=1")
    assert "夜间检查" in cited
    assert "没有" in page(client, "/library/cited?law=没有&label=1&article=第一条")


def test_the_panel_beside_a_page_gets_plain_values(reader):
    client, _ = reader
    asked = {"headers": {"Accept": "application/json"}}
    address = "/library/cited?law=示例桥梁管理条例&label=2020&article=第四条"
    told = client.get(address, **asked).get_json()
    assert told["title"] == "示例桥梁管理条例 第四条"
    assert told["paragraphs"] == ["夜间检查应当有两名以上检查人员参加，并且出示证件。"]
    assert [link["text"][:11] for link in told["others"]["links"]] == ["2024 修订 第三条"]
    unknown = client.get(address.replace("2020", "1999"), **asked).get_json()
    assert unknown["title"] == "示例桥梁管理条例 第四条" and len(unknown["paragraphs"]) == 1


def test_two_versions_stand_side_by_side_with_what_changed_marked(reader):
    client, (old, new) = reader
    shown = page(client, f"/library/laws/{old}/with/{new}")
    assert "<del" in shown and "<ins" in shown
    assert "过桥的马车" in shown
    assert "夜间检查" not in page(client, f"/library/laws/{old}/with/{new}?kind=new")
    assert client.get(f"/library/laws/{new}/with/{old}").status_code == 404


def test_a_law_of_a_thousand_articles_is_a_few_statements(reader, statements):
    client, (_old, new) = reader
    page(client, f"/library/laws/{new}")
    statements.clear()
    page(client, f"/library/laws/{new}")
    assert len(statements) <= 14


def test_nobody_reads_without_signing_in(app, web_county):
    assert app.test_client().get("/library/laws").status_code == 302


def test_the_picker_offers_a_version_known_without_its_text_by_its_number(reader, web_county):
    client, _ = reader
    [found] = client.get("/library/articles.json?q=测试法 12").get_json()
    assert (found["law"], found["label"], found["article"], found["article_id"]) == ("测试法", "2020", "第十二条", 0)
    assert client.get("/library/articles.json?q=测试法").get_json() == []
