"""Out and in again gives the same questions, in every form; and without our own words what the form can say."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from question_bank.formats.reading import detect, read
from question_bank.formats.writing import FORMATS, write
from question_bank.questions import Kind
from tests.question_bank.formats import fair
from tests.question_bank.made import any_question

FORMS = ("csv", "gift", "moodle", "qti")
several = st.lists(any_question, min_size=1, max_size=3, unique_by=lambda question: question.code)


def again(data: bytes):
    return [found.question for found in read(data, "再来")]


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions=several)
def test_any_questions_come_back_the_same(form, questions) -> None:
    written = write(questions, form, title="题库")
    assert detect(written.data, "x") == form
    assert again(written.data) == questions


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("question", fair.ALL, ids=lambda q: q.kind.value)
def test_every_kind_comes_back_with_nothing_to_say_about_it(form, question) -> None:
    (found,) = read(write([question], form, title="题库").data, "x")
    assert found.question == question and found.faults == () and not found.parked and found.raw


@pytest.mark.parametrize("form", FORMS)
def test_questions_keep_their_order_and_cases_their_items(form) -> None:
    assert again(write(fair.ALL, form, title="题库").data) == list(fair.ALL)


CARRIED = {
    "gift": (fair.SINGLE, fair.MULTIPLE, fair.TRUTH, fair.MATCH),
    "moodle": (fair.SINGLE, fair.MULTIPLE, fair.INDEFINITE, fair.TRUTH, fair.BLANKS, fair.ORDER, fair.MATCH, fair.SHORT,
               fair.DRAFT, fair.CASE),
    "qti": (fair.SINGLE, fair.MULTIPLE, fair.INDEFINITE, fair.TRUTH, fair.BLANKS, fair.ORDER, fair.MATCH, fair.SHORT,
            fair.DRAFT, fair.CASE),
}  # fmt: skip


@pytest.mark.parametrize(
    ("form", "question"), [(f, q) for f, qs in CARRIED.items() for q in qs], ids=lambda v: getattr(v, "code", v)
)
def test_the_form_itself_says_stem_options_and_key(form, question) -> None:
    (found,) = read(fair.without_own_words(write([question], form, title="题库").data), "x")
    assert fair.known(found.question) == fair.known(question)
    assert not [fault for fault in found.faults if not fault.warning]
    if question.kind is not Kind.CASE_SET:
        assert (found.question.rationale, found.question.citations) == (question.rationale, question.citations)


@pytest.mark.parametrize("form", ["moodle", "qti"])
def test_tags_that_other_programs_keep_carry_every_field(form) -> None:
    (found,) = read(fair.without_own_words(write([fair.MULTIPLE], form, title="题库").data), "x")
    assert found.question == fair.MULTIPLE


@pytest.mark.parametrize("form", ["gift", "moodle"])
def test_a_text_changed_elsewhere_is_read_as_it_now_stands(form) -> None:
    written = write([fair.SINGLE], form, title="题库").data.decode()
    head, mark, rest = written.rpartition("由哪个机关实施") if form == "gift" else written.partition("由哪个机关实施")
    (found,) = read(f"{head}应由哪个机关实施{rest}".encode(), "x")
    assert found.question == replace(fair.SINGLE, stem=fair.SINGLE.stem.replace("由哪个", "应由哪个"))
    assert [fault.warning for fault in found.faults] == [True] and mark


@pytest.mark.parametrize("question", [fair.ORDER, fair.SHORT, fair.DRAFT, fair.BLANKS], ids=lambda q: q.code)
def test_a_kind_gift_has_no_word_for_keeps_its_key_when_its_text_is_changed(question) -> None:
    head, mark, rest = write([question], "gift", title="").data.decode().rpartition("[markdown]")
    (found,) = read(f"{head}{mark}新：{rest}".encode(), "x", "gift")
    assert found.question == replace(question, stem=f"新：{question.stem}") and not found.parked


@pytest.mark.parametrize("form", ["moodle", "qti"])
@pytest.mark.parametrize("question", [fair.SINGLE, fair.CASE], ids=["single", "case"])
@pytest.mark.parametrize("own", [True, False])
def test_pictures_travel_in_the_file(form, question, own) -> None:
    key = hashlib.sha256(fair.PNG).hexdigest()
    shown = fair.with_picture(question, key)
    written = write([shown], form, pictures={key: fair.PNG}, title="题库")
    assert written.losses == () or [loss.what for loss in written.losses] == ["case"]
    (found,) = read(written.data if own else fair.without_own_words(written.data), "x")
    assert found.pictures == {key: fair.PNG} and found.question.stem == shown.stem


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_that_cannot_travel_is_named(form) -> None:
    written = write([fair.with_picture(fair.SINGLE, "a" * 64)], form, title="题库")
    assert [(loss.code, loss.what) for loss in written.losses] == [("K-1", "pictures")]


def test_kinds_that_gift_has_no_word_for_are_named() -> None:
    losses = write(fair.ALL, "gift", title="").losses
    assert {loss.code for loss in losses if loss.what == "kind"} == {"K-5", "K-6", "K-8", "K-9"}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_questions_give_the_same_file(form) -> None:
    assert write(fair.ALL, form, title="题库").data == write(fair.ALL, form, title="题库").data
    assert FORMATS[form].title


@pytest.mark.parametrize("form", FORMS)
def test_hostile_texts_stay_inside_their_field(form) -> None:
    texts = (
        "</script><script>alert(1)</script>",
        "]]></text></question>",
        "=HYPERLINK(1)",
        "}\n\n$CATEGORY: x\n\n{",
        "//",
    )
    hostile = replace(fair.SINGLE, stem="\n".join(texts), options=texts[:3], rationale="-->\n####=a")
    written = write([hostile, fair.TRUTH], form, title="</quiz>")
    assert again(written.data) == [hostile, fair.TRUTH]
    if form == "csv":
        assert ",'=HYPERLINK(1)" in written.data.decode("utf-8-sig")
