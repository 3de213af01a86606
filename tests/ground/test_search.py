"""Search by pairs of characters: what is found, what is not, and nothing typed is ever syntax."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from portal.ground import search


def found(session: Session, words: str, kind: str = "question") -> set[int]:
    return set(session.scalars(search.matches(kind, words)))


@pytest.fixture
def indexed(session: Session) -> Session:
    search.index_many(session, "question", [
        (1, "行政机关实施行政处罚应当公开。"),
        (2, "依据行政处罚法第51条，罚款２００元以下。"),
        (3, "听证的费用由谁承担？JL-GEN-0042 xzcf"),
        (4, "行政，处罚"),
    ])  # fmt: skip
    return session


def test_two_characters_are_enough_and_more_must_follow_each_other(indexed):
    assert found(indexed, "处罚") == {1, 2, 4}
    assert found(indexed, "行政处罚") == {1, 2}
    assert found(indexed, "处罚法") == {2}
    assert found(indexed, "政机处罚") == set()


def test_one_character_is_found_wherever_it_stands(indexed):
    assert found(indexed, "罚") == {1, 2, 4}
    assert found(indexed, "开") == {1}
    assert found(indexed, "听") == {3}


def test_every_word_must_occur(indexed):
    assert found(indexed, "处罚 公开") == {1}
    assert found(indexed, "处罚　听证") == set()


def test_width_and_case_make_no_difference(indexed):
    assert found(indexed, "罚款200元") == {2}
    assert found(indexed, "ｊｌ－gen") == {3}
    assert found(indexed, "处罚法第５１条") == {2}


def test_latin_words_and_numbers_are_found_by_their_beginning(indexed):
    assert found(indexed, "jl-gen-00") == {3}
    assert found(indexed, "xzc") == {3}
    assert found(indexed, "zcf") == set()


SYNTAX = (
    '"', "'", "处罚\"'", "处罚 OR 听证", "AND", "NEAR(处 罚)", "*", "处罚*", "-处罚", "a:*", "& | !", "处罚')--",
    "\x00处罚", "\\", "{grams}: 处罚", "^处罚", "%", "_", "",
)  # fmt: skip


@pytest.mark.parametrize("typed", SYNTAX)
def test_nothing_typed_is_syntax(indexed, typed):
    assert found(indexed, typed) <= {1, 2, 4}


def test_a_new_text_takes_the_place_of_the_old(indexed):
    search.index(indexed, "question", 1, "复议机关")
    assert found(indexed, "公开") == set()
    assert found(indexed, "复议") == {1}
    search.unindex(indexed, "question", [1, 2])
    assert found(indexed, "复议") == set()
    assert found(indexed, "处罚") == {4}


def test_kinds_are_apart(indexed):
    search.index(indexed, "article", 9, "行政处罚")
    assert found(indexed, "行政处罚", "article") == {9}
    assert found(indexed, "行政处罚") == {1, 2}


def test_rare_characters_are_found(session):
    search.index(session, "law", 1, "𠅤家湾镇䶮龙村")
    assert found(session, "𠅤家", "law") == {1}
    assert found(session, "䶮龙", "law") == {1}


def test_an_index_that_says_something_else_is_found_out(indexed):
    texts = {1: "行政机关实施行政处罚应当公开。", 2: "依据行政处罚法第51条，罚款２００元以下。",
             3: "听证的费用由谁承担？JL-GEN-0042 xzcf", 4: "行政，处罚"}  # fmt: skip
    tokens = {number: search.grams(words) for number, words in texts.items()}
    assert search.differing(indexed, "question", tokens.items()) == (set(), set())
    search.index(indexed, "question", 2, "另外的话")
    search.unindex(indexed, "question", [3])
    del tokens[4]
    assert search.differing(indexed, "question", tokens.items()) == ({2, 3}, {4})


def test_a_selection_is_reused_with_other_words(indexed):
    assert found(indexed, "听证") == {3}
    assert found(indexed, "公开") == {1}
