"""The catalogue of conferred matters: versions, articles, who writes, files in and out."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from portal import rounds
from portal.ground.import_now import import_file, undo_now
from portal.ground.imports import CannotTakeBack
from portal.ground.models import ImportBatch
from portal.ground.sheets import Page, read_workbook, write_workbook
from portal.library.matters import impact, operations, queries, sheet
from portal.library.matters.matter_import import Matters
from portal.library.matters.rules import Basis, bases_as_text, bases_in
from tests.conftest import NOON
from tests.factories import County
from tests.library.shelf_world import a_matter, a_town, editor, facts, laid_down, signed_in
from tests.library.test_import_law import take_in
from tests.library.texts import BRIDGES_2020, BRIDGES_2024

TODAY = NOON.date()


def test_a_change_is_the_next_version_and_the_one_before_stays(county: County):
    first = a_matter(county)
    second = a_matter(county, title="对擅自占用道路的处罚")
    assert (first.number, second.number) == (1, 2) and first.title == "对擅自占道的处罚"
    assert [v.title for v in queries.catalogue(county.session, TODAY)[0]] == ["对擅自占用道路的处罚"]


def test_the_same_once_more_writes_nothing(county: County):
    assert a_matter(county).id == a_matter(county).id


def test_a_matter_that_has_ended_stands_apart(county: County):
    a_matter(county, in_force_until=date(2025, 1, 1))
    assert queries.catalogue(county.session, TODAY)[1] == 0
    assert queries.catalogue(county.session, TODAY, ended=True)[1] == 1


def test_words_find_titles_numbers_laws_and_articles(county: County):
    a_matter(county), a_matter(county, "FQ-2", title="别的", bases=(Basis("另法", "", "第九条"),))
    for words, found in (("占道", "FQ-1"), ("FQ-2", "FQ-2"), ("另法", "FQ-2"), ("第九条", "FQ-2")):
        rows, _ = queries.catalogue(county.session, TODAY, words=words)
        assert [v.matter.code for v in rows] == [found]


def test_an_article_tells_its_matters_with_or_without_paragraph(county: County):
    a_matter(county, bases=(Basis("测试法", "2020", "第五十一条第一款第（二）项"),))
    a_matter(county, "FQ-2", bases=(Basis("测试法", "", "第五十二条"),))

    def citing(*changes):
        return [v.matter.code for v in queries.matters_citing(county.session, changes)]

    assert citing(("测试法", "第五十一条")) == ["FQ-1"]
    assert citing(("测试法", "第51条第三款"), ("测试法", "第五十二条")) == ["FQ-1", "FQ-2"]
    assert citing(("测试法", None)) == ["FQ-1", "FQ-2"]
    assert citing(("测试法", "第五条")) == citing() == []


def test_only_what_a_matter_rests_on_now_counts(county: County):
    a_matter(county)
    a_matter(county, bases=(Basis("新法", "", "第二条"),))
    assert queries.matters_citing(county.session, [("测试法", "第一条")]) == []


@pytest.mark.parametrize(
    "lacking", [{"title": ""}, {"bases": ()}, {"field": "moon"}, {"kind": "gift"}, {"in_force_from": None},
                {"bases": (Basis("法", "", "某处"),)}, {"in_force_until": date(2020, 1, 1)}],
)  # fmt: skip
def test_an_unsound_matter_is_refused(county: County, lacking: dict):
    with pytest.raises(operations.NotSound):
        operations.write_matter(county.session, replace(facts(), **lacking), account=None, now=NOON)


def test_only_an_editor_of_the_province_keeps_the_catalogue(county: County):
    write = operations.write_matter
    with pytest.raises(operations.NotKept):
        write(county.session, facts(), account=editor(county, county.city), now=NOON)
    with pytest.raises(operations.NotKept):
        write(county.session, facts(), account=editor(county, field="market"), now=NOON)
    of_urban = editor(county, field="urban")
    write(county.session, facts(), account=of_urban, now=NOON)
    with pytest.raises(operations.NotKept):  # nor does he carry a matter into another field
        write(county.session, facts(field="market"), account=of_urban, now=NOON)


def test_whoever_saw_an_older_version_writes_nothing(county: County):
    a_matter(county), a_matter(county, title="新")
    with pytest.raises(operations.ChangedMeanwhile):
        operations.write_matter(county.session, facts(title="更新"), seen=1, account=None, now=NOON)


def test_the_database_keeps_versions_and_their_articles(county: County):
    a_matter(county)
    for act in ("UPDATE matter_version SET title = 'x'", "DELETE FROM matter_version", "DELETE FROM matter",
                "UPDATE matter_basis SET article = 'x'"):  # fmt: skip
        with pytest.raises(DBAPIError, match="guard"), county.session.begin_nested():
            county.session.connection().exec_driver_sql(act)


def test_articles_are_typed_one_a_line():
    typed = "《行政处罚法》（2021 修订） 第五十一条\n道路运输条例 第六十三条第一款"
    bases = bases_in(typed)
    assert bases == (Basis("行政处罚法", "2021 修订", "第五十一条"), Basis("道路运输条例", "", "第六十三条第一款"))
    assert bases_in(bases_as_text(bases)) == bases


def _file(folder: Path, rows: list[list]) -> Path:
    path = folder / "matters.xlsx"
    path.write_bytes(write_workbook([Page("事项", [[c.title for c in sheet.COLUMNS], *rows])]))
    return path


def _row(code: str = "FQ-1", title: str = "对擅自占道的处罚", **changed: str) -> list:
    values = {
        sheet.CODE: code, sheet.TITLE: title, sheet.FIELD: "城市管理", sheet.KIND: "行政处罚", sheet.LAW: "测试法",
        sheet.LABEL: "2020", sheet.ARTICLE: "第一条", sheet.DOCUMENT: "赋权决定", sheet.FROM: "2024-03-01", **changed,
    }  # fmt: skip
    return [values.get(column.title, "") for column in sheet.COLUMNS]


def _in(county: County, path: Path, **more):
    kind = Matters()
    return import_file(county.session, lambda *_: kind, kind, path, account_id=None, dry_run=False, now=NOON, **more)


def _back(county: County, batch_id: int) -> int:
    kind = Matters()
    return undo_now(county.session, lambda *_: kind, county.session.get_one(ImportBatch, batch_id), now=NOON)


def test_a_sheet_brings_matters_and_says_what_it_cannot_read(county: County, tmp_path: Path):
    rows = [
        _row(), _row("FQ-2", **{sheet.ARTICLE: "第二条\n第三条"}), _row("FQ-3", **{sheet.FIELD: "航天"}),
        _row("FQ-1", "重号"), _row("FQ-5", **{sheet.FROM: "明天"}),
    ]  # fmt: skip
    report = _in(county, _file(tmp_path, rows))
    assert (report.created, report.parked) == (2, 3)
    assert {p.column for p in report.problems} >= {sheet.FIELD, sheet.CODE, sheet.FROM}
    two = queries.newest_by_code(county.session, ["FQ-2"])["FQ-2"]
    assert [(b.law, b.article) for b in two.bases] == [("测试法", "第二条"), ("测试法", "第三条")]


def test_the_same_sheet_once_more_changes_nothing_and_a_new_one_makes_versions(county: County, tmp_path: Path):
    _in(county, _file(tmp_path, [_row()]))
    assert _in(county, _file(tmp_path, [_row()])).unchanged == 1
    assert _in(county, _file(tmp_path, [_row(title="新名")])).changed == 1
    assert queries.newest_by_code(county.session, ["FQ-1"])["FQ-1"].number == 2


def test_what_goes_out_comes_in_as_the_same(county: County, tmp_path: Path):
    bases = (Basis("测试法", "2020", "第一条"), Basis("另法", "", "第三条第二款"))
    a_matter(county, bases=bases, document_number="某发〔2024〕1号", document_on=SINCE_DOCUMENT)
    path = tmp_path / "out.xlsx"
    path.write_bytes(write_workbook([Page("事项", sheet.rows(queries.all_current(county.session)))]))
    assert _in(county, path).unchanged == 1


SINCE_DOCUMENT = date(2024, 2, 20)


def test_an_import_is_taken_back_while_nothing_rests_on_it(county: County, tmp_path: Path):
    a_matter(county)
    report = _in(county, _file(tmp_path, [_row(title="改名"), _row("FQ-2")]))
    assert _back(county, report.batch_id) == 2
    assert [v.title for v in queries.catalogue(county.session, TODAY)[0]] == ["对擅自占道的处罚"]
    assert _in(county, _file(tmp_path, [_row("FQ-2")])).created == 1


def test_an_import_whose_matter_stands_on_a_list_stays(county: County, tmp_path: Path):
    report = _in(county, _file(tmp_path, [_row()]))
    laid_down(county, a_town(county), list(queries.all_current(county.session)))
    with pytest.raises(CannotTakeBack, match="FQ-1"):
        _back(county, report.batch_id)


def test_a_county_editor_brings_no_matters(county: County, tmp_path: Path):
    kind = Matters(editor(county, county.city))
    path = _file(tmp_path, [_row()])
    report = import_file(county.session, lambda *_: kind, kind, path, account_id=None, dry_run=False, now=NOON)
    assert (report.created, report.parked) == (0, 1)


def test_through_the_door_a_matter_is_written_read_and_exported(app, web_county: County):
    account, officer = editor(web_county), web_county.officer()
    web_county.session.commit()
    client = signed_in(app, account)
    form = {
        "seen": "0", "code": "FQ-9", "title": "对乱倒垃圾的处罚", "field": "urban", "kind": "penalty",
        "bases": "测试法（2020） 第一条", "document": "决定", "in_force_from": "2024-03-01",
    }  # fmt: skip
    assert client.post("/library/matters/write", data=form).status_code == 303
    again = client.post("/library/matters/write", data=form | {"title": "别的"})
    assert again.status_code == 409 and "FQ-9" in again.text
    assert client.post("/library/matters/write", data=form | {"seen": "1", "title": "对乱倒的处罚"}).status_code == 303
    reader = signed_in(app, officer)
    page = reader.get("/library/matters/FQ-9").text
    assert "对乱倒的处罚" in page and "对乱倒垃圾的处罚" in page
    assert "FQ-9" in reader.get("/library/matters?words=乱倒").text
    workbook = read_workbook(reader.get("/library/matters/export.xlsx").data)
    assert workbook[0].rows[1].cells[0] == "FQ-9"
    assert client.get("/library/matters/FQ-9/change").status_code == 200
    assert client.get("/library/matters/import/").status_code == 200
    assert reader.get("/library/matters/new").status_code == 403
    assert reader.get("/library/matters/none").status_code == 404


def test_the_catalogue_costs_few_statements(app, web_county: County, statements):
    account = editor(web_county)
    for number in range(20):
        a_matter(web_county, f"FQ-{number}")
    web_county.session.commit()
    client = signed_in(app, account)
    statements.clear()
    assert client.get("/library/matters").status_code == 200
    assert len(statements) <= 10


def test_a_file_through_the_cockpit(app, web_county: County, tmp_path: Path):
    account = editor(web_county)
    web_county.session.commit()
    client, path = signed_in(app, account), _file(tmp_path, [_row()])
    sent = client.post(
        "/library/matters/import/", data={"file": (io.BytesIO(path.read_bytes()), "事项.xlsx")},
        content_type="multipart/form-data",
    )  # fmt: skip
    rounds.run_imports()
    at = sent.headers["Location"]
    assert "对擅自占道的处罚" in client.get(f"{at}?show=created").text
    client.post(f"{at}/commit")
    rounds.run_imports()
    assert "FQ-1" in client.get("/library/matters").text


def test_a_changed_article_names_matters_towns_and_people(county: County):
    town = a_town(county)
    kept = a_matter(county, bases=(Basis("示例桥梁管理条例", "2020", "第一条"),))
    hit = a_matter(county, "FQ-2", bases=(Basis("示例桥梁管理条例", "2020", "第二条"),))
    laid_down(county, town, [kept, hit])
    county.post(county.person("柳依依", born=date(1993, 4, 5)), town, field="urban")
    take_in(county.session, BRIDGES_2020)
    here, elsewhere = editor(county, county.city), editor(county, county.other_city)
    assert impact.matters_on_changed_law(county.session, here, TODAY) == []
    take_in(county.session, BRIDGES_2024)
    (found,) = impact.matters_on_changed_law(county.session, here, TODAY)
    assert (found.version.matter.code, found.towns, found.officers) == ("FQ-2", [town], 1)
    (found,) = impact.matters_on_changed_law(county.session, elsewhere, TODAY)
    assert (found.towns, found.officers) == ([], 0)


def test_the_page_of_changed_law_opens(app, web_county: County):
    a_matter(web_county, bases=(Basis("示例桥梁管理条例", "2020", "第二条"),))
    account, officer = editor(web_county), web_county.officer()
    take_in(web_county.session, BRIDGES_2020), take_in(web_county.session, BRIDGES_2024)
    web_county.session.commit()
    assert "FQ-1" in signed_in(app, account).get("/library/matters/changed").text
    assert signed_in(app, officer).get("/library/matters/changed").status_code == 403
