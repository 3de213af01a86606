"""Questions as rows: out and in again gives the same question, and people's ways of writing are read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.questions import LETTERS, Citation, Kind, Question
from question_bank.sheet_format import read_rows, to_rows
from tests.imports.workbooks import question

text = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
citations = st.lists(st.builds(Citation, text, text, text, st.one_of(st.just(""), text)), min_size=1, max_size=3)
common = {
    "code": st.from_regex(r"[A-Z]{1,3}-[0-9]{1,4}", fullmatch=True),
    "stem": text,
    "rationale": text,
    "citations": citations.map(tuple),
    "topic": text,
    "difficulty": st.integers(1, 5),
    "cognitive_level": st.sampled_from(["remember", "understand", "apply", "analyse"]),
}


@st.composite
def choice(draw):
    options = tuple(draw(st.lists(text, min_size=3, max_size=8, unique=True)))
    letters = draw(st.sets(st.sampled_from(LETTERS[: len(options)]), min_size=1))
    kind = Kind.SINGLE if len(letters) == 1 else Kind.MULTIPLE
    fixed = {"kind": st.just(kind), "options": st.just(options), "key": st.just("".join(sorted(letters)))}
    return draw(st.builds(Question, **fixed, **common))


true_false = st.builds(Question, kind=st.just(Kind.TRUE_FALSE), key=st.sampled_from("TF"), **common)
variants = st.lists(st.lists(text, min_size=1, max_size=3).map(tuple), min_size=1, max_size=4)
blank = variants.flatmap(
    lambda key: st.builds(
        Question,
        kind=st.just(Kind.FILL_BLANK),
        key=st.just(tuple(key)),
        **(common | {"stem": st.just("____" + "和____" * (len(key) - 1))}),
    )  # fmt: skip
)
short = st.builds(
    Question, kind=st.just(Kind.SHORT_ANSWER), key=st.lists(text, min_size=2, max_size=5).map(tuple), **common
)
leaf = st.one_of(choice(), true_false, blank, short)
case = st.builds(
    Question, kind=st.just(Kind.CASE_SET),
    items=st.lists(leaf, min_size=2, max_size=4, unique_by=lambda q: q.code).map(tuple), **common,
).filter(lambda q: q.code not in {item.code for item in q.items})  # fmt: skip


@given(st.one_of(leaf, case))
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
