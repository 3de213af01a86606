"""Files made to do harm: one bad item never stops the rest, and nothing of them reaches a page as markup."""

from __future__ import annotations

import json
import time

import pytest

from question_bank.formats import companion
from question_bank.formats.found import RAW, Unreadable
from question_bank.formats.reading import detect, read
from question_bank.formats.writing import write
from tests.question_bank.formats import fair
from tests.question_bank.formats.test_moodle_xml import question, quiz


@pytest.mark.parametrize("form", ["gift", "aiken", "moodle", "qti", "csv"])
@pytest.mark.parametrize(
    "data", [b"", b"\0" * 50, b"\xff\xfe\xff", b"\x81" * 99, b"{" * 9_999, b"<" * 9_999, b"'\"\n" * 999]
)
def test_rubbish_is_refused_or_waits_but_never_raises_anything_else(form, data) -> None:
    try:
        assert all(found.parked for found in read(data, "x", form))
    except Unreadable as refused:
        assert refused.message


@pytest.mark.parametrize(
    "text",
    ["甲{" * 20_000, "甲{" + "~" * 50_000 + "}", "甲{" + "=a" * 50_000 + "}", "<b>" * 50_000 + "{T}", "\\" * 99_999,
     "// mingfa: " + "[" * 100_000, "::" * 50_000, "![" * 50_000 + "{T}", "&amp;" * 50_000 + "{T}",
     "<!-- " * 50_000, "<a href='" * 30_000, "![" * 9_000 + "{T}", "&#" * 50_000, "<b " * 50_000],
)  # fmt: skip
def test_long_repetitions_are_read_in_little_time(text) -> None:
    begin = time.process_time()
    found = list(read(f"{text}\n\n好的？{{T}}".encode(), "x", "gift"))
    assert time.process_time() - begin < 5
    assert not found[-1].parked and len(found[0].raw) <= RAW


@pytest.mark.parametrize("text", ["\n" * 99_999, "甲\n\n" * 15_000, "A. 甲\n" * 50_000, "{ \n" * 50_000, " " * 200_000])
def test_empty_lines_without_end_are_told_apart_in_little_time(text) -> None:
    begin = time.process_time()
    for form in ("auto", "aiken", "gift"):
        list(read(f"{text}\nANSWER: A".encode(), "x", form if form != "auto" else detect(text.encode(), "x.gift")))
    assert time.process_time() - begin < 8


def test_a_gap_of_many_backslashes_is_read_in_little_time() -> None:
    begin = time.process_time()
    stems = ("{1:SA:" + "\\" * 5_001, "{1:SA:" * 3_000, "{1:SA:=" + "~" * 9_000 + "}", "{1:SA:" * 99_999)
    results = list(read(quiz(*(question("cloze", stem) for stem in stems)), "x"))
    assert time.process_time() - begin < 5 and all(found.parked for found in results)


def test_a_text_of_enormous_length_waits() -> None:
    (found,) = read(f"{'甲' * 30_000}{{T}}".encode(), "x", "gift")
    assert found.parked and "longer" in found.faults[0].message


@pytest.mark.parametrize(
    "change",
    [
        {"code": "x" * 999}, {"code": "a b"}, {"kind": "no_kind"}, {"options": "AB"}, {"options": [1]},
        {"key": {"a": 1}},
        {"key": ["A"]}, {"difficulty": "3"}, {"difficulty": True}, {"citations": [{"law": "x"}]},
        {"citations": [{"x": "y"}]},
        {"items": [{}]}, {"stem": None}, {"tags": "x"}, {"field": 3}, {"rationale": "x" * 200_000},
    ],
)  # fmt: skip
def test_own_words_of_a_wrong_shape_are_not_believed(change) -> None:
    body = json.loads(companion.written(fair.SINGLE, "甲{T}"))
    body["question"] |= change
    (found,) = read(f"// mingfa: {json.dumps(body)}\n甲{{T}}".encode(), "x", "gift")
    assert found.question.code == "" and (found.question.stem == "甲" or "code" in change)


def test_one_number_twice_in_a_file_waits() -> None:
    data = write([fair.SINGLE], "gift", title="").data
    first, second = read(data + b"\n" + data, "x", "gift")
    assert not first.parked and [fault.column for fault in second.faults] == ["code"]


def test_the_item_of_a_case_that_was_lost_stands_alone() -> None:
    data = write([fair.CASE], "gift", title="").data.decode()
    blocks = data.split("\n\n")
    results = list(read("\n\n".join(blocks[2:]).encode(), "x", "gift"))
    assert [found.question.code for found in results] == ["K-10-1", "K-10-2", "K-10-3"]
