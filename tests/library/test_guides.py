"""Guides: written by one, published by another, read below; charts, files, comparisons."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, NoResultFound

from portal.bank import operations as banks
from portal.bank.shelf import queries as shelf
from portal.ground.sheets import Page, write_workbook
from portal.library.guides import files, operations, queries
from portal.library.guides.models import Guide, GuideKind, GuideVersion
from portal.library.guides.rules import GuideText, Step, compare, steps_as_text, steps_in
from portal.library.matters.rules import Basis
from portal.people.duties.operations import SamePerson
from portal.people.models import Account, Body, Role
from tests.conftest import NOON
from tests.factories import County, questions
from tests.library.shelf_world import editor, signed_in

TODAY = NOON.date()
SINCE = date(2026, 1, 1)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
CHART = "(发现线索 | 执法人员\n? 当场能够查清 | | | 行政处罚法 第五十一条 | 转普通程序\n告知权利\n= 当场交付决定书"


def said(text: str = "先亮证，再检查。", **changed: object) -> GuideText:
    return replace(GuideText(text, (), (), SINCE, None, ""), **changed)


def a_guide(county: County, body: Body | None = None, title: str = "检查指引", **more: str) -> Guide:
    kind, field = more.get("kind", GuideKind.WORK_GUIDE), more.get("field", "")
    return operations.new_guide(county.session, kind, title, body or county.city, field, now=NOON)


def published(county: County, guide: Guide, version: GuideText | None = None) -> GuideVersion:
    row = operations.write_version(county.session, guide, version or said(), account=editor(county), now=NOON)
    operations.publish(county.session, guide, row, account=editor(county), now=NOON)
    return row


def reads(county: County, account: Account, **asked: str) -> list[str]:
    county.session.refresh(account, ["grants"])
    account.permissions = frozenset()
    return [each.guide.title for each in queries.guides(county.session, account, TODAY, **asked)[0]]


def test_readers_have_the_newest_published_version(county: County):
    guide = a_guide(county)
    first = published(county, guide)
    operations.write_version(county.session, guide, said("新文"), account=editor(county), now=NOON)
    assert queries.readable_versions(county.session, [guide.id])[guide.id].id == first.id
    assert [v.number for v in queries.versions(county.session, guide.id, drafts=False)] == [1]


def test_whoever_wrote_a_part_of_it_does_not_publish_what_another_wrote_on(county: County):
    guide, first, second = a_guide(county), editor(county), editor(county)
    operations.write_version(county.session, guide, said(), account=first, now=NOON)
    row = operations.write_version(county.session, guide, said("先亮证，再检查，再记录。"), account=second, now=NOON)
    with pytest.raises(SamePerson):
        operations.publish(county.session, guide, row, account=first, now=NOON)
    operations.publish(county.session, guide, row, account=editor(county), now=NOON)


def test_whoever_wrote_a_version_does_not_publish_it(county: County):
    guide, writer = a_guide(county), editor(county)
    row = operations.write_version(county.session, guide, said(), account=writer, now=NOON)
    with pytest.raises(SamePerson):
        operations.publish(county.session, guide, row, account=writer, now=NOON)
    operations.publish(county.session, guide, row, account=editor(county), now=NOON)
    with pytest.raises(operations.Published):
        operations.publish(county.session, guide, row, account=editor(county), now=NOON)


def test_a_guide_is_read_at_its_body_and_below_and_nowhere_else(county: County):
    for body, title in ((county.province, "省"), (county.city, "市"), (county.other_city, "外市")):
        published(county, a_guide(county, body, title))
    a_guide(county, county.city, "未发布")
    assert set(reads(county, county.officer())) == {"省", "市"}


def test_words_find_titles_texts_and_laws(county: County):
    officer = county.officer()
    published(county, a_guide(county, title="听证指引"), said("听证主持人"))
    published(county, a_guide(county, title="裁量", field="market"), said(citations=(Basis("测试法", "", "第一条"),)))
    assert reads(county, officer, words="主持") == ["听证指引"] == reads(county, officer, words="听证")
    assert reads(county, officer, words="测试法") == ["裁量"] == reads(county, officer, field="market", words="裁")
    assert [v.guide.title for v in queries.citing(county.session, [("测试法", "第一条第一款")])] == ["裁量"]


def test_a_guide_of_one_field_is_kept_by_its_editor(county: County):
    market, urban = a_guide(county, field="market"), a_guide(county, title="别的", field="urban")
    account = editor(county, field="market")
    assert queries.guide(county.session, account, market.id, TODAY, keep=True) == market
    with pytest.raises(NoResultFound):
        queries.guide(county.session, account, urban.id, TODAY, keep=True)


@pytest.mark.parametrize("lacking", [said(""), said(in_force_until=date(2025, 1, 1)), said("字" * 40_001),
                                     said(steps=(Step("step", "字" * 201),))])  # fmt: skip
def test_an_unsound_version_is_refused(county: County, lacking: GuideText):
    with pytest.raises(operations.NotSound):
        operations.write_version(county.session, a_guide(county), lacking, account=editor(county), now=NOON)


def test_a_flow_chart_has_steps(county: County):
    chart = a_guide(county, kind=GuideKind.FLOW_CHART)
    with pytest.raises(operations.NotSound):
        operations.write_version(county.session, chart, said(), account=editor(county), now=NOON)


def test_whoever_saw_an_older_version_writes_nothing(county: County):
    guide = a_guide(county)
    published(county, guide)
    with pytest.raises(operations.ChangedMeanwhile):
        operations.write_version(county.session, guide, said("二"), seen=0, account=editor(county), now=NOON)


def test_steps_are_typed_as_lines_and_come_back_as_typed():
    steps = steps_in(CHART)
    assert [s.shape for s in steps] == ["start", "ask", "step", "end"]
    assert (steps[1].text, steps[1].article, steps[1].other) == ("当场能够查清", "行政处罚法 第五十一条", "转普通程序")
    assert steps_in(steps_as_text(steps)) == steps


def test_a_comparison_names_what_went_and_came():
    before = "\n".join(f"第{n}行" for n in range(20))
    lines = compare(before, before.replace("第10行", "第十行"))
    assert [(line.sign, line.text) for line in lines if line.sign != " "] == [("-", "第10行"), ("+", "第十行")]
    assert lines[0].text == "…" and len(lines) < 10 and compare(before, before) == []


def test_a_file_is_known_by_what_is_inside():
    assert files.type_of(PDF) == "pdf"
    assert files.type_of(write_workbook([Page("表", [["一"]])])) == "xlsx"
    for wrong in (b"<svg onload=alert(1)>", b"MZ\x90", b"%PDF-1.7 cut off", _packed({"readme.txt": b"x"}),
                  _packed({"[Content_Types].xml": b"", "xl/workbook.xml": b"", "xl/vbaProject.bin": b""})):  # fmt: skip
        with pytest.raises(files.WrongFile):
            files.type_of(wrong)
    assert files.shown_name("..\\..\\案卷\r\n.exe", "pdf") == "案卷.pdf"


def _packed(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def test_a_file_lies_sealed_and_opens_again(tmp_path: Path):
    kept = files.keep(tmp_path, PDF)
    assert PDF not in (tmp_path / "guides" / kept.place).read_bytes()
    assert files.read(tmp_path, kept.place, kept.sealed_key) == PDF


def test_the_database_keeps_versions_and_publications(county: County):
    row = published(county, a_guide(county))
    unread = operations.write_version(county.session, row.guide, said("二"), account=editor(county), now=NOON)
    for act in (
        "UPDATE guide_version SET text = 'x'", "DELETE FROM guide_version", "DELETE FROM guide",
        "DELETE FROM guide_publication",
        f"INSERT INTO guide_publication (version_id, account_id, at) VALUES ({unread.id}, 1, '2026-11-23 04:00+00')",
    ):  # fmt: skip
        with pytest.raises(DBAPIError, match="guard"), county.session.begin_nested():
            county.session.connection().exec_driver_sql(act)


def test_questions_that_name_a_guide_are_found_in_ones_own_banks(county: County):
    bank = banks.create_bank(county.session, "B", "题库", county.city, now=NOON)
    for code, source in (("T-1", "检查指引"), ("T-2", "别处")):
        question = replace(questions()[0], code=code, source=source)
        banks.add_version(county.session, bank, question, now=NOON)
    trainer = county.staff(Role.TRAINER, county.city, born=date(1971, 1, 1))
    stranger = county.staff(Role.TRAINER, county.other_city, born=date(1971, 1, 2))
    for account in (trainer, stranger):
        county.session.refresh(account, ["grants"])
    found, total = shelf.naming(county.session, trainer, "检查指引", page=1, size=10)
    assert ([q.code for q in found], total) == (["T-1"], 1)
    assert shelf.naming(county.session, stranger, "检查指引", page=1, size=10)[1] == 0


def test_through_the_door_a_chart_with_a_file_reaches_its_readers(app, web_county: County):
    writer, second = editor(web_county, web_county.city), editor(web_county, web_county.city)
    officer = web_county.officer()
    far = web_county.staff(Role.UNIT_ADMIN, web_county.other_city, born=date(1972, 1, 1))
    web_county.session.commit()
    client, reader = signed_in(app, writer), signed_in(app, officer)
    form = {
        "kind": "flow_chart", "title": "简易程序", "body": web_county.city.name, "field": "", "steps": CHART,
        "text": "**注意**<script>", "citations": "测试法（2020） 第一条", "in_force_from": "2026-01-01", "seen": "0",
    }  # fmt: skip
    sent = form | {"file": (io.BytesIO(PDF), "流程图.pdf")}
    made = client.post("/library/guides/new", data=sent, content_type="multipart/form-data")
    assert made.status_code == 303
    at = made.headers["Location"].split("?")[0]
    assert reader.get(at).status_code == 404  # nobody reads what is not published
    assert client.post(f"{at}/1/publish").status_code == 403
    assert signed_in(app, second).post(f"{at}/1/publish").status_code == 303
    page = reader.get(at).text
    assert "当场能够查清" in page and "<strong>注意</strong>" in page and "<script>" not in page.split("<main")[1]
    got = reader.get(f"{at}/1/file")
    assert got.data == PDF and got.headers["Content-Disposition"].startswith("attachment")
    assert (got.headers["X-Content-Type-Options"], got.headers["Content-Security-Policy"][:7]) == ("nosniff", "sandbox")
    assert signed_in(app, far).get(f"{at}/1/file").status_code == 404
    again = {**form, "steps": CHART.replace("告知权利", "告知陈述申辩权"), "seen": "1", "carry": "y"}
    assert client.post(f"{at}/write", data=again).status_code == 303
    assert "告知陈述申辩权" in client.get(f"{at}/2/compare").text
    assert reader.get(f"{at}/2/compare").status_code == 404
    signed_in(app, second).post(f"{at}/2/publish")
    assert reader.get(f"{at}/2/file").data == PDF
    assert reader.get("/library/guides.json?q=简易").json["guides"][0]["title"] == "简易程序"
    assert "简易程序" in reader.get("/library/guides?kind=flow_chart").text
    wrong = form | {"title": "另一张", "file": (io.BytesIO(b"<svg/>"), "图.svg")}
    assert client.post("/library/guides/new", data=wrong, content_type="multipart/form-data").status_code == 422
    assert client.get("/library/guides/new").status_code == client.get(f"{at}/write").status_code == 200


def test_the_list_of_guides_costs_few_statements(app, web_county: County, statements):
    for number in range(8):
        published(web_county, a_guide(web_county, title=f"指引{number}"))
    officer = web_county.officer()
    web_county.session.commit()
    client = signed_in(app, officer)
    statements.clear()
    assert client.get("/library/guides").status_code == 200
    assert len(statements) <= 10
