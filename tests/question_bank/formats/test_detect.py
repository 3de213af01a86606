"""What a file is, is seen from what it holds."""

from __future__ import annotations

import pytest

from question_bank.formats.found import Unreadable
from question_bank.formats.reading import FORMATS, detect, read
from tests.question_bank.formats.fair import package


@pytest.mark.parametrize(
    ("data", "name", "form"),
    [
        (package(word__document_xml="<a/>"), "x.zip", "docx"), (package(xl__workbook_xml="<a/>"), "x.zip", "xlsx"),
        (package(imsmanifest_xml="<a/>"), "x.docx", "qti"), (package(sub__imsmanifest_xml="<a/>"), "x", "qti"),
        (b"\xd0\xcf\x11\xe0old word", "x.doc", "docx"),
        (b"<?xml version='1.0'?>\n<quiz>", "x.txt", "moodle"), (b"\xef\xbb\xbf<quiz >", "x", "moodle"),
        ("<?xml version='1.0'?><quiz>".encode("utf-16"), "x", "moodle"),
        (b"<assessmentItem xmlns='http://www.imsglobal.org/xsd/imsqti_v2p1'>", "x.txt", "qti"),
        (b"<qti-assessment-item>", "x", "qti"),
        ("甲？\nA. 一\nB. 二\nANSWER: B".encode(), "x.gift", "aiken"),
        ("甲？{=一 ~二}".encode(), "x.txt", "gift"), ("甲？{\n~%50%一".encode(), "x", "gift"),
        ("::题::甲？{T}".encode("gb18030"), "x", "gift"),
        ("题号,题型,题干\n1,单选,甲".encode("gb18030"), "x.txt", "csv"),
        ("题号;题型;题干".encode("utf-8-sig"), "x", "csv"),
        ("1. 甲（B）\nA. 一\nB. 二\n答案：B".encode(), "x.txt", "text"), (b"", "x.csv", "csv"), (b"", "x", "text"),
    ],
)  # fmt: skip
def test_by_content_first_and_by_name_last(data, name, form) -> None:
    assert detect(data, name) == form


def test_a_broken_archive_and_an_unknown_form_are_refused() -> None:
    for data, form in ((b"PK\x03\x04", "auto"), (b"x", "doc")):
        with pytest.raises(Unreadable):
            list(read(data, "x", form))


def test_every_form_has_a_title_and_a_module_of_its_own() -> None:
    assert len({form.module for form in FORMATS.values()}) == len(FORMATS) and all(f.title for f in FORMATS.values())
