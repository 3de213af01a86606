"""Questions as rows: out and in again gives the same question, and people's ways of writing are read."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given

from question_bank.questions import Citation, Kind, Question
from question_bank.sheet_format import TITLES, read_rows, to_rows
from tests.imports.workbooks import question
from tests.question_bank.made import any_question


@given(any_question)
def test_out_and_in_again_is_the_same_question(value: Question) -> None:
    (read,) = read_rows(to_rows(value))
    assert read.faults == ()
    assert read.question == value


def key_of(**changed):
    (read,) = read_rows([question(**changed)])
    assert not read.faults, read.faults
    return read.question.key


@pytest.mark.parametrize("typed", ["AC", "ac", "ＡＣ", "A,C", "A、C", "C A", "A；C", "a，c", "ACA"])
def test_letters_are_read_in_any_usual_writing(typed: str) -> None:
    assert key_of(题型="多选", 答案=typed) == "AC"


@pytest.mark.parametrize(
    ("typed", "key"),
    [(t, "T") for t in ("对", "√", "正确", "T", "t", "Ｔ", True)] + [(f, "F") for f in ("错", "×", "错误", "F", False)],
)
def test_true_and_false_are_read_in_any_usual_writing(typed, key) -> None:
    assert key_of(题型="判断", 答案=typed) == key


def test_the_options_spelt_out_beside_a_true_false_question_are_no_options() -> None:
    (read,) = read_rows([question(题型="判断题", A="对", B="错", C="", 答案="对")])
    assert read.question.options == () and not read.faults


def test_blanks_and_their_variants_are_told_apart() -> None:
    key = key_of(题型="填空", 题干="____和____", A="", B="", C="", 答案="公正/公平；公开; ".rstrip("; "))
    assert key == (("公正", "公平"), ("公开",))


def test_a_number_in_a_cell_is_read_as_it_is_shown() -> None:
    assert key_of(题型="填空", 题干="____日", A="", B="", C="", 答案=30) == (("30",),)


def test_one_law_may_stand_for_several_articles() -> None:
    (read,) = read_rows([question(条="第一条\n第二条")])
    assert [(c.law, c.label, c.article) for c in read.question.citations] == [
        ("测试法", "2020", "第一条"), ("测试法", "2020", "第二条"),
    ]  # fmt: skip


def test_an_empty_difficulty_and_level_are_the_middle() -> None:
    (read,) = read_rows([question(难度="", 认知层次="")])
    assert (read.question.difficulty, read.question.cognitive_level) == (3, "understand")


def test_the_sheet_has_a_column_for_everything_it_writes() -> None:
    value = Question("Q-1", Kind.MATCHING, "连线", ("甲", "乙"), ("2", "1"), matches=("一", "二"))
    assert set(to_rows(value)[0]) == set(TITLES)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("不定项选择题", Kind.INDEFINITE), ("不定项", Kind.INDEFINITE), ("单项选择题", Kind.SINGLE),
        ("多项选择", Kind.MULTIPLE), ("案例分析题", Kind.CASE_SET),
        ("配对题", Kind.MATCHING), ("问答题", Kind.SHORT_ANSWER),
    ],
)  # fmt: skip
def test_kinds_are_read_in_any_usual_word(word, kind) -> None:
    (read,) = read_rows([question(题型=word)])
    assert read.question.kind is kind


@pytest.mark.parametrize("typed", ["BAC", "B A C", "B→A→C", "B-A-C", "Ｂ，Ａ，Ｃ"])
def test_an_order_is_read_in_any_usual_writing(typed) -> None:
    assert key_of(题型="排序", 答案=typed) == "BAC"


@pytest.mark.parametrize("typed", ["A2 B1 C3", "A-2、B-1、C-3", "C3 a2 B1", "A2B1C3", "A：2；B：1；C：3"])
def test_pairs_are_read_in_any_usual_writing(typed) -> None:
    assert key_of(题型="连线", 配对项="一\n二\n三", 答案=typed) == ("2", "1", "3")


@pytest.mark.parametrize("typed", ["A2 B1", "A2 B1 C9", "A2 B1 C3 D1", "A2 A1 C3", "213"])
def test_pairs_that_do_not_go_together_are_a_fault_of_the_key(typed) -> None:
    (read,) = read_rows([question(题型="连线", 配对项="一\n二\n三", 答案=typed)], drafts=True)
    assert [fault.column for fault in read.faults] == ["答案"] and read.parked


def test_a_rubric_is_criteria_with_points() -> None:
    row = question(题型="文书", A="", B="", C="", 答案="处罚决定书正文", 给分点="写明事实|10\n引用条文｜５分")
    (read,) = read_rows([row])
    assert read.question.key == ("处罚决定书正文", ("写明事实", 10), ("引用条文", 5)) and not read.faults
    (read,) = read_rows([row | {"给分点": "写明事实"}])
    assert "给分点" in [fault.column for fault in read.faults]


def test_days_fields_and_tags_are_read_in_any_usual_writing() -> None:
    row = question(标签="新法，培训、新法", 执法领域="交通运输领域", 有效期起=date(2026, 1, 5), 有效期止="2027年1月4日")
    (read,) = read_rows([row])
    value = read.question
    assert value.tags == ("新法", "培训") and value.field == "transport" and not read.faults
    assert (value.valid_from, value.valid_until) == ("2026-01-05", "2027-01-04")


@pytest.mark.parametrize(
    ("changed", "column"),
    [({"执法领域": "太空"}, "执法领域"), ({"有效期起": "明年"}, "有效期起"), ({"配对项": "一"}, "配对项")],
)
def test_a_wrong_word_in_a_new_column_is_named(changed, column) -> None:
    (read,) = read_rows([question(**changed)], drafts=True)
    assert [fault.column for fault in read.faults] == [column] and read.parked


@pytest.mark.parametrize("missing", ["解析", "知识点", "版本", "条"])
def test_a_draft_may_lack_what_approval_needs(missing) -> None:
    (read,) = read_rows([question(**{missing: ""})], drafts=True)
    (fault,) = read.faults
    assert fault.warning and not read.parked and read.question
    (read,) = read_rows([question(**{missing: ""})])
    assert read.parked


def test_a_draft_keeps_the_law_that_is_named_without_its_version() -> None:
    rows = [question(版本="", 法律="测试法\n另一法", 条="第一条\n第二条")]
    (read,) = read_rows(rows, drafts=True)
    cited = (Citation("测试法", "", "第一条"), Citation("另一法", "", "第二条"))
    assert read.question.citations == cited
    (again,) = read_rows(to_rows(read.question), drafts=True)
    assert again.question == read.question


@pytest.mark.parametrize("missing", ["题干", "答案", "题型", "题号", "B"])
def test_not_even_a_draft_lacks_stem_key_or_options(missing) -> None:
    (read,) = read_rows([question(**{missing: ""})], drafts=True)
    assert read.parked
