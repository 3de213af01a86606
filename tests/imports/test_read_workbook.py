"""Reading a workbook trusts nothing in it; writing one never makes a formula."""

from __future__ import annotations

import stat
import zipfile
from datetime import date
from io import BytesIO

import pytest

from portal.ground import sheets
from portal.ground.sheet_reader import HEADS
from portal.ground.sheets import (
    NotAWorkbook,
    Page,
    UnsafeWorkbook,
    WorkbookTooBig,
    neutralise,
    read_workbook,
    restore,
    write_workbook,
)
from tests.imports.workbooks import repacked, workbook_of

SMALL = workbook_of({"甲": [["姓名"], ["安丽华"]]})


def refused(content: bytes, refusal: type) -> str:
    with pytest.raises(refusal) as caught:
        read_workbook(content)
    return str(caught.value)


def test_cells_keep_their_kind_and_rows_their_number() -> None:
    lines = [["a"], [], ["text", 12, 1.5, True, date(2024, 3, 1)]]
    (sheet,) = read_workbook(workbook_of({"甲": lines}))
    assert [row.number for row in sheet.rows] == [1, 3]
    assert sheet.rows[1].cells == ("text", 12, 1.5, True, date(2024, 3, 1))
    assert isinstance(sheet.rows[1].cells[3], bool)


def test_merged_ranges_are_named_as_the_spreadsheet_names_them() -> None:
    (sheet,) = read_workbook(workbook_of({"甲": [["a", "b"], ["x"], ["y"]]}, merge="A2:B3"))
    assert [area.name for area in sheet.merged] == ["A2:B3"]


def test_an_old_workbook_is_told_to_become_a_new_one() -> None:
    assert ".xls" in refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, NotAWorkbook)


def test_text_is_told_to_become_a_workbook() -> None:
    assert ".csv" in refused("姓名,身份证号\n".encode("gb18030"), NotAWorkbook)


def test_a_word_document_is_told_apart() -> None:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert "Word" in refused(target.getvalue(), NotAWorkbook)


def test_another_archive_is_refused() -> None:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "archive" in refused(target.getvalue(), NotAWorkbook)


def test_macros_are_refused() -> None:
    assert "macros" in refused(repacked(SMALL, add={"xl/vbaProject.bin": b"x"}), NotAWorkbook)


def test_a_cut_file_is_damaged() -> None:
    assert "damaged" in refused(SMALL[: len(SMALL) // 2], NotAWorkbook)


def test_a_broken_sheet_is_damaged() -> None:
    broken = repacked(SMALL, change=lambda n, d: (n, d[: len(d) // 2] if n.endswith("sheet1.xml") else d))
    assert "damaged" in refused(broken, NotAWorkbook)


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/evil.xml", "xl\\..\\..\\evil.xml", "c:/evil.xml"])
def test_a_part_that_points_outside_is_refused(name: str) -> None:
    assert "outside" in refused(repacked(SMALL, add={name: b"x"}), UnsafeWorkbook)


def test_a_link_is_refused() -> None:
    target = BytesIO(SMALL)
    with zipfile.ZipFile(target, "a") as archive:
        link = zipfile.ZipInfo("xl/link.xml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert "outside" in refused(target.getvalue(), UnsafeWorkbook)


@pytest.mark.parametrize(
    "declared",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>',
        b"<?xml version='1.0'?><!-- " + b"-" * 3_000_000 + b" --><!DOCTYPE x><x/>",
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><x/>'.encode("utf-16"),
    ],
)
def test_a_document_type_is_refused_wherever_it_hides(declared: bytes) -> None:
    content = repacked(SMALL, change=lambda n, d: (n, declared if n == "xl/sharedStrings.xml" else d))
    message = "200 times" if len(declared) > 1_000_000 else "document types"
    assert message in refused(content, WorkbookTooBig if len(declared) > 1_000_000 else UnsafeWorkbook)


def test_a_document_type_split_over_two_reads_is_found(monkeypatch) -> None:
    from portal.ground import sheet_reader

    monkeypatch.setattr(sheet_reader, "CHUNK", 7)
    packed = repacked(SMALL, change=lambda n, d: (n, b"<a/>   <!DOCTYPE x>" if n.endswith("styles.xml") else d))
    assert sheet_reader.declares_type(BytesIO(packed))
    assert not sheet_reader.declares_type(BytesIO(SMALL))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    assert "200 times" in refused(repacked(SMALL, add={"xl/bomb.xml": b"0" * 60_000_000}), WorkbookTooBig)


def test_a_workbook_that_unpacks_to_more_than_200_mb_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(sheets, "MAX_RATIO", 10_000)
    with pytest.raises(WorkbookTooBig) as caught:
        read_workbook(repacked(SMALL, add={"xl/a.xml": b"0" * (201 * 1024 * 1024)}))
    assert "200 MB" in caught.value.message


def test_a_bomb_that_lies_about_its_size_does_no_harm() -> None:
    content = bytearray(repacked(SMALL, add={"xl/bomb.xml": b"0" * 50_000_000}))
    true_size, told = (50_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert content.count(true_size) == 2
    with pytest.raises((UnsafeWorkbook, NotAWorkbook, WorkbookTooBig)):
        read_workbook(bytes(content.replace(true_size, told)))


def test_too_many_parts_are_refused() -> None:
    many = {f"xl/p{n}.xml": b"<a/>" for n in range(2001)}
    assert "parts" in refused(repacked(SMALL, add=many), WorkbookTooBig)


def test_a_cell_at_the_far_corner_does_not_take_the_machine_down() -> None:
    far = workbook_of({"甲": [["a"]]})
    moved = repacked(far, change=lambda n, d: (n, _far(d) if n.endswith("sheet1.xml") else d))
    assert "5,000 rows" in refused(moved, WorkbookTooBig)


def _far(sheet: bytes) -> bytes:
    row = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return sheet.replace(b"</sheetData>", row)


def test_more_rows_than_allowed_are_refused() -> None:
    assert "5,000 rows" in refused(workbook_of({"甲": [["x"]] * (5_001 + HEADS)}), WorkbookTooBig)


def test_one_long_text_in_very_many_cells_is_refused() -> None:
    assert "5,000 rows" in refused(workbook_of({"甲": [["x" * 30_000]] * 1000}), WorkbookTooBig)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "＋1", "－1", "＠x", "'=1", "''-1"])
def test_what_a_spreadsheet_might_run_goes_out_harmless_and_comes_back_the_same(text: str) -> None:
    assert neutralise(text) == "'" + text
    assert restore(neutralise(text)) == text


@pytest.mark.parametrize("text", ["", "张三", "'quoted'", "1-2", "a=b"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert neutralise(text) == text == restore(text)


def test_nothing_written_is_a_formula() -> None:
    rows = [["=HYPERLINK(1)", "{=1}", "http://x.cn", "007"], [1, True, date(2024, 3, 1)]]
    content = write_workbook([Page("甲", rows)])
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
        assert not any("rels" in name and "sheet1" in name for name in archive.namelist())
    (sheet,) = read_workbook(content)
    assert sheet.rows[0].cells == ("=HYPERLINK(1)", "{=1}", "http://x.cn", "007")
    assert sheet.rows[1].cells[:3] == (1, True, date(2024, 3, 1))
