"""Word documents: what is refused, and what is said of pictures, notes and formulas."""

from __future__ import annotations

import pytest

from question_bank.formats.docx import reading as docx_reading
from question_bank.formats.found import Found, Unreadable
from question_bank.formats.reading import detect, read
from tests.question_bank.formats.docx_files import (
    W,
    abstract,
    document,
    num,
    package,
    paragraph,
    picture,
    png,
    run,
    table,
)  # fmt: skip
from tests.question_bank.formats.habits import HABITS

OPTIONS = ("A. 一", "B. 二", "答案：A")


def found_in(data: bytes) -> list[Found]:
    return list(docx_reading.read(data, "x.docx"))


def warned(found: Found) -> list[str]:
    return [fault.message for fault in found.faults if fault.warning]


@pytest.mark.parametrize("start", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf1\\ansi"])
@pytest.mark.parametrize("name", ["题库.doc", "题库.wps", "题库.docx"])
def test_doc_and_wps_are_refused_with_what_to_do(start: bytes, name: str):
    with pytest.raises(Unreadable) as refused:
        found_in(start + b"\0" * 600)
    assert refused.value.remedy == "Save it as .docx without a password and import that."
    assert detect(b"\xd0\xcf\x11\xe0" + b"\0" * 600, name) == "docx"


def test_other_archives_and_texts_are_refused():
    for data in (
        b"hello",
        package({"word/document.xml": "<x/>"}, []),
        package({"word/document.xml": f'<w:document xmlns:w="{W}"/>'}, []),
    ):
        with pytest.raises(Unreadable):
            found_in(data)


def test_a_doctype_in_any_part_is_refused():
    text = f'<!DOCTYPE w [<!ENTITY a "b">]><w:document xmlns:w="{W}"><w:body/></w:document>'
    with pytest.raises(Unreadable, match="declares"):
        found_in(package({"word/document.xml": text}, []))


def test_the_registry_reads_a_document():
    data, expected = HABITS["one_paragraph_an_option"]()
    assert len(list(read(data, "x.docx"))) == len(expected)


def test_a_picture_without_description_gets_a_number_and_a_warning():
    data = document(paragraph(run("1. 看图（　）"), picture("rId1")), *OPTIONS, media={"rId1": png()})
    (found,) = found_in(data)
    assert found.question and "![图1](picture:" in found.question.stem
    assert list(found.pictures.values()) == [png()]
    assert "A picture has no description; %(alt)s was written." in warned(found)
    assert not found.parked


def test_a_picture_that_is_only_linked_is_said():
    (found,) = found_in(document(paragraph(run("1. 看图（　）"), picture("rId7")), *OPTIONS))
    assert "A picture is not in the file; only a link to it is." in warned(found)


def test_a_footnote_and_a_formula_are_said():
    note = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    formula = '<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:r><m:t>x+1</m:t></m:r></m:oMath>'
    notes = '<w:footnote w:id="2"><w:p><w:r><w:t>见教材第3页</w:t></w:r></w:p></w:footnote>'
    (found,) = found_in(document(paragraph(run("1. 求"), formula, run("（　）"), note), *OPTIONS, footnotes=notes))
    assert found.question and found.question.stem == "求x+1（　）"
    assert "A formula was read as plain text." in warned(found)
    assert [f.values["text"] for f in found.faults if "footnote" in f.message] == ["见教材第3页"]


def test_letters_that_go_on_are_read_as_a_b_c_with_a_warning():
    data, _expected = HABITS["letters_that_nobody_restarted"]()
    first, second = found_in(data)
    message = "The automatic letters go on from the question before; they were read as A, B, C."
    assert message not in warned(first) and message in warned(second)


def test_numbers_are_those_word_shows():
    lists = (
        abstract(0, [("chineseCounting", "第%1题、"), ("decimal", "（%1.%2）")]) + num(1, 0) + num(2, 0, restart=True)
    )
    blocks = [
        paragraph("甲", num=(1, 0)),
        paragraph("乙", num=(1, 1)),
        paragraph("丙", num=(1, 0)),
        paragraph("丁", num=(2, 0)),
    ]
    lines = docx_reading.lines_of_document(docx_reading.open_document(document(*blocks, numbering=lists)))
    assert [line.text for line in lines] == ["第一题、 甲", "（一.1） 乙", "第二题、 丙", "第一题、 丁"]


def test_the_paragraph_counts_as_word_counts_it():
    data = document("标题", "<blank/>", table([["A", "B"]]), "1. 甲（　）", *OPTIONS)
    found = [one for one in found_in(data) if one.question]
    assert (found[0].place.unit, found[0].place.number) == ("paragraph", 5)


def test_a_table_that_belongs_to_nothing_is_shown():
    found = found_in(document(table([["单位", "人数"], ["甲局", "12"]]), "1. 甲（　）", *OPTIONS))
    assert found[0].question is None and found[0].raw == "单位\t人数\n甲局\t12"


def test_marks_that_disagree_are_no_key():
    data = document("1. 甲（　）", paragraph(run("A. 一", color="FF0000")), paragraph(run("B. 二", bold=True)))
    (found,) = found_in(data)
    assert found.parked and "The key is empty." in [f.message for f in found.faults]


def test_a_written_key_is_stronger_than_a_mark():
    data = document("1. 甲（　）", paragraph(run("A. 一", bold=True)), "B. 二", "答案：B")
    (found,) = found_in(data)
    assert found.question and found.question.key == "B" and not found.parked


def test_raised_digits_stay_raised():
    data = document(paragraph(run("1. 面积500m"), run("2", raised=True), run("的是（　）")), *OPTIONS)
    assert found_in(data)[0].question.stem == "面积500m²的是（　）"
