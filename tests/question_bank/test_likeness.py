"""Questions that say nearly the same are found, and only those."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from question_bank.likeness import BITS, Compared, Crowd, bit_map, jaccard, outline, pairs
from question_bank.questions import Kind, Question
from tests.benchmarks.bank_questions import edited, questions

STEM = "县交通运输局对未取得道路运输经营许可擅自从事货运的个体户于某作出罚款决定，于某应当在几日内缴纳罚款？"
ASKED = Question("Q-1", Kind.SINGLE, STEM, ("七日", "十日", "十五日", "三十日"), "C")


def like(one: Question, other: Question):
    return Compared(outline(one)).with_(outline(other))


def test_a_question_is_like_itself():
    assert like(ASKED, ASKED).share == 100
    assert not like(ASKED, ASKED).other_key


def test_punctuation_width_and_emphasis_make_no_difference():
    other = replace(ASKED, stem=STEM.replace("，", " , ").replace("几日", "**几日**").replace("？", "（　　）"))
    assert like(ASKED, other).share == 100


def test_a_few_other_characters_leave_it_alike():
    assert like(ASKED, replace(ASKED, stem=STEM.replace("于某", "姜某"))).share >= 70


def test_another_question_is_not_alike():
    assert like(ASKED, replace(ASKED, stem="行政复议机关收到申请后，应当在几日内审查并决定是否受理？")) is None


def test_options_in_another_order_are_the_same_options():
    other = replace(ASKED, options=("十五日", "三十日", "七日", "十日"), key="A")
    assert like(ASKED, other).share == 100
    assert not like(ASKED, other).other_key


def test_the_same_question_with_another_key_is_told_as_more_serious():
    assert like(ASKED, replace(ASKED, key="B")).other_key
    true = Question("T-1", Kind.TRUE_FALSE, "当场收缴的罚款应当自收缴之日起二日内交至行政机关。", (), "T")
    assert like(true, replace(true, key="F")).other_key
    stem = "当事人应当自收到处罚决定书之日起____内缴纳罚款。"
    blank = Question("B-1", Kind.FILL_BLANK, stem, (), (("十五日", "15日"),))
    assert not like(blank, replace(blank, key=(("15日",),))).other_key
    assert like(blank, replace(blank, key=(("十日",),))).other_key


def test_a_general_stem_with_other_options_is_another_question():
    one = Question("G-1", Kind.SINGLE, "下列说法正确的是（　　）", ("听证应当公开举行", "听证费用由当事人承担"), "A")
    other = replace(one, options=("复议期间停止执行", "复议不收取费用"), key="B")
    assert like(one, other) is None


def test_while_the_options_are_not_written_the_stem_is_enough():
    assert like(replace(ASKED, options=(), key=""), ASKED).share == 100


def test_different_bits_are_never_more_than_different_pairs():
    chance = Random(5)
    for question in questions(100, seed=8):
        one, other = pairs(question.stem), pairs(edited(chance, question).stem)
        assert (bit_map(one) ^ bit_map(other)).bit_count() <= len(one ^ other)
        assert bit_map(one).bit_length() <= BITS


@pytest.fixture(scope="module")
def batch() -> tuple[list[Question], list[Question], dict[int, int]]:
    """Known questions, a batch, and which of the batch was made of which known one by small edits."""
    chance, known, fresh = Random(3), list(questions(1500)), list(questions(600, first=1501, seed=5))
    origin = {place: chance.randrange(1500) for place in range(0, 600, 2)}
    for place, of in origin.items():
        fresh[place] = edited(chance, known[of])
    return known, fresh, origin


def test_of_a_batch_everything_alike_is_found(batch):
    known, fresh, origin = batch
    outlines = [outline(question) for question in fresh]
    found = {(one, other): share for one, other, share in Crowd(map(outline, known), outlines).alike()}
    should = {
        (1500 + place, of) for place, of in origin.items() if Compared(outlines[place]).with_(outline(known[of]))
    }
    assert len(should) > 280
    assert should <= found.keys()


def test_nothing_is_missed_and_nothing_is_told_that_one_by_one_would_not_be(batch):
    known, fresh, _ = batch
    some, others = [outline(q) for q in known[:300]], [outline(q) for q in fresh[:200]]
    told = {(one, other): share for one, other, share in Crowd(some, others).alike()}
    for place, one in enumerate(others):
        compared = Compared(one)
        for there, other in enumerate([*some, *others[:place]]):
            assert told.get((300 + place, there)) == compared.with_(other)


def test_doubles_within_a_batch_are_told_once_under_the_later():
    other = Question("Q-2", Kind.TRUE_FALSE, "先行登记保存的证据应当在七日内及时作出处理决定。", (), "T")
    found = list(Crowd([], map(outline, [ASKED, other, replace(ASKED, code="Q-3")])).alike())
    assert [(one, two, told.share) for one, two, told in found] == [(2, 0, 100)]


def test_the_share_is_that_of_common_pairs():
    assert jaccard(frozenset({"ab", "bc"}), frozenset({"bc", "cd"})) == 33
    assert jaccard(frozenset(), frozenset()) == 0
