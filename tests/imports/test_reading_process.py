"""The process that reads strangers' files: what it may take, what it knows, and what its end means."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from portal.bank.intake.files import look
from portal.ground.sheets import ROOT, SheetStart, Source, UnreadableFile, WorkbookTooBig, read_apart
from question_bank.formats import companion
from tests.question_bank.formats import fair
from tests.question_bank.formats.docx_files import document

GREEDY, READER = "tests.imports.greedy_reader", "portal.bank.intake.reader"
DOCUMENT = document("1. 下列属于处罚的是（　）。", "A. 警告", "B. 表扬", "答案：A")


@pytest.mark.parametrize("what", ["time", "memory", "disk", "death"])
def test_a_reader_that_takes_too_much_is_ended_and_the_file_refused(what, tmp_path) -> None:
    with pytest.raises(WorkbookTooBig):
        list(read_apart(Source(str(tmp_path / "x"), form=what), 10, GREEDY))
    assert not (Path(ROOT) / "greedy.txt").exists() or not (Path(ROOT) / "greedy.txt").stat().st_size
    (Path(ROOT) / "greedy.txt").unlink(missing_ok=True)


def test_it_is_the_kernel_that_ends_it() -> None:
    """A signal and no word of the process's own, so that no reader can talk itself out of it."""
    words = [sys.executable, "-m", GREEDY, "x", "10", "time", ""]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, env={"PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode < 0


def test_the_reader_knows_none_of_our_secrets(monkeypatch, tmp_path) -> None:
    for name in ("MINGFA_SECRET_KEY", "MINGFA_DATA_KEY", "MINGFA_DATABASE_URL", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "geheim" * 8)
    _start, rows = read_apart(Source(str(tmp_path / "x"), form="environment"), 10, GREEDY)
    environ = json.loads(rows[0].cells[0])
    assert "geheim" not in json.dumps(environ)
    assert set(environ) <= {"PYTHONPATH", "PYTHONUTF8", "LC_CTYPE"}


def repacked(change=None, more=()) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(DOCUMENT)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry.filename, change(entry.filename, data) if change else data)
        for name, data in more:
            new.writestr(name, data)
    return target.getvalue()


def rows_of(data: bytes, name: str, tmp_path):
    path = tmp_path / name
    path.write_bytes(data)
    with path.open("rb") as file:
        look(file, name)
    parts = read_apart(Source(str(path), path.suffix), 1000, READER)
    return [row for part in parts if isinstance(part, list) and not isinstance(part, SheetStart) for row in part]


@pytest.mark.parametrize("part", zipfile.ZipFile(BytesIO(DOCUMENT)).namelist())
def test_a_document_type_in_any_part_of_a_document_is_refused(part, tmp_path) -> None:
    declared = b'?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    data = repacked(lambda name, old: old.replace(b"?>", declared, 1) if name == part else old)
    with pytest.raises(UnreadableFile, match="declares"):
        rows_of(data, "a.docx", tmp_path)


@pytest.mark.parametrize(
    "more",
    [("../../etc/x.xml", b""), ("word/document.xml", b"<a/>"), ("word/x.xml", b" " * 9_000_000)],
    ids=["path", "twice", "bomb"],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_document_is_not_called_a_workbook_when_it_is_refused(more, tmp_path) -> None:
    with pytest.raises(UnreadableFile) as refused:
        rows_of(repacked(more=[more]), "a.docx", tmp_path)
    assert "workbook" not in refused.value.message + refused.value.remedy and "file" in refused.value.message


@pytest.mark.parametrize("declared", [b"GBK", b"UTF-7", b"ISO-8859-1"])
def test_a_document_is_read_as_it_is_and_not_as_it_says(declared, tmp_path) -> None:
    (row,) = rows_of(repacked(lambda _name, old: old.replace(b"UTF-8", declared, 1)), "a.docx", tmp_path)
    assert "下列属于处罚的是（　）。" in row.cells


def test_what_no_database_can_hold_stops_no_file(tmp_path) -> None:
    """Half a character pair in our own words, where a stranger wrote them."""
    body = json.loads(companion.written(fair.SINGLE, "甲{T}"))
    body["question"]["topic"] = "\ud800"
    data = f"// mingfa: {json.dumps(body)}\n甲{{T}}\n\n乙{{T}}\n".encode()
    assert len(rows_of(data, "a.gift", tmp_path)) == 2


def test_one_wrong_number_in_a_table_stops_no_document(tmp_path) -> None:
    odd = '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="viele"/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>'
    assert rows_of(document("1. 谁（　）", "A. 甲", "B. 乙", "答案：A", odd), "a.docx", tmp_path)


def test_moodle_in_big5_is_read_as_it_declares(tmp_path) -> None:
    text = (
        '<?xml version="1.0" encoding="Big5"?><quiz><question type="truefalse"><questiontext><text>警告是處罰</text>'
        '</questiontext><answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text>'
        "</answer></question></quiz>"
    )
    (row,) = rows_of(text.encode("big5"), "a.xml", tmp_path)
    assert "警告是處罰" in row.cells
