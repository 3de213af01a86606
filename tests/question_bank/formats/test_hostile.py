"""Files made to do harm: one bad item never stops the rest, and nothing of them reaches a page as markup."""

from __future__ import annotations

import json

import pytest

from question_bank.formats import companion
from question_bank.formats.found import RAW, Unreadable
from question_bank.formats.reading import read
from question_bank.formats.writing import write
from tests.question_bank.formats import fair
from tests.question_bank.formats.limited_reading import read_limited
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


LONG = [
    "甲{" * 40_000, "甲{" + "~" * 100_000 + "}", "甲{" + "=a" * 100_000 + "}", "<b>" * 100_000 + "{T}", "\\" * 199_999,
    "// mingfa: " + "[" * 200_000, "::" * 100_000, "![" * 100_000 + "{T}", "&amp;" * 100_000 + "{T}",
    "<!-- " * 100_000, "<a href='" * 60_000, "![" * 18_000 + "{T}", "&#" * 100_000, "<b " * 100_000,
]  # fmt: skip
EMPTY = ["\n" * 199_999, "甲\n\n" * 30_000, "A. 甲\n" * 100_000, "{ \n" * 100_000, " " * 400_000]
GAPS = ["{1:SA:" + "\\" * 10_001, "{1:SA:" * 6_000, "{1:SA:=" + "~" * 18_000 + "}", "{1:SA:" * 199_999]


def test_long_repetitions_are_read_within_the_limit() -> None:
    told = read_limited([(f"{text}\n\n好的？{{T}}", "gift") for text in LONG])
    assert [last for _found, _parked, last, _kept in told] == [0] * len(LONG)
    assert max(kept for _found, _parked, _last, kept in told) <= RAW


@pytest.mark.parametrize("form", ["auto", "aiken", "gift"])
def test_empty_lines_without_end_are_told_apart_within_the_limit(form) -> None:
    assert len(read_limited([(f"{text}\nANSWER: A", form) for text in EMPTY])) == len(EMPTY)


def test_a_gap_of_many_backslashes_is_read_within_the_limit() -> None:
    ((found, parked, _last, _kept),) = read_limited([(quiz(*(question("cloze", g) for g in GAPS)).decode(), "moodle")])
    assert found == parked == len(GAPS)


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
