"""Two versions, article by article: the kinds of change, and the characters that changed."""

from __future__ import annotations

from dataclasses import replace

from question_bank.laws.comparing import compare, pieces
from question_bank.laws.likeness import bare
from question_bank.laws.texts import LawArticle, Source, read_law
from tests.library.texts import BRIDGES_2020, BRIDGES_2024


def articles(text: str):
    return read_law([Source("law.md", text)]).articles


def said(old, new) -> list[tuple[str, int, int]]:
    return [(str(c.kind), c.old.number if c.old else 0, c.new.number if c.new else 0) for c in compare(old, new)]


def test_every_kind_of_change_is_told():
    assert said(articles(BRIDGES_2020), articles(BRIDGES_2024)) == [
        ("same", 1, 1), ("changed", 2, 2), ("gone", 3, 0), ("moved", 4, 3), ("new", 0, 3), ("moved_changed", 5, 4),
        ("moved_changed", 6, 5),
    ]  # fmt: skip


def test_punctuation_and_spaces_alone_are_no_change():
    assert bare("为了安全，制定“本法”。 ") == bare("为了安全,制定「本法」.")
    assert bare("百分之五") != bare("百分之六")
    assert bare("处5%的罚款") != bare("处5‰的罚款")


def test_an_article_put_in_moves_all_behind_it_without_changing_them():
    lines = [f"第{n}号事项由第{n * 7 % 13}科室按照{chr(0x4E00 + n * 37)}字规程办理。" for n in range(1, 60)]
    old = [LawArticle(n, 0, (), (line,)) for n, line in enumerate(lines, 1)]
    new = [LawArticle(1, 0, (), ("全新的一条，谈的是别的事情。",)), *(replace(a, number=a.number + 1) for a in old)]
    kinds = [kind for kind, *_ in said(old, new)]
    assert kinds == ["new", *["moved"] * 59]


def test_renumbered_references_are_told_as_such():
    old = [LawArticle(1, 0, (), ("依照本法第五条的规定处罚当事人。",))]
    new = [LawArticle(1, 0, (), ("依照本法第六条的规定处罚当事人。",))]
    change = compare(old, new)[0]
    assert (change.kind, change.references_only) == ("changed", True)


def test_parts_of_a_gone_article_are_found_where_they_stand_now():
    old = articles(BRIDGES_2020)
    more = "灯油费的标准由示例物价站每年秋天公布一次，守桥人不得多收。" * 3
    new = [LawArticle(9, 0, (), (old[2].text + more,)), *old[:2], *old[3:]]
    change = next(c for c in compare(old, new) if c.old is old[2])
    assert change.kind in ("moved_changed", "gone")
    assert new[0] in (change.new, *change.near)


def test_pieces_give_both_texts_back():
    old, new = "桥梁每年检查一次，由管理站负责。", "桥梁每半年检查一次，由管理站和守桥人负责。"
    steps = pieces(old, new)
    assert "".join(text for kind, text in steps if kind != "new") == old
    assert "".join(text for kind, text in steps if kind != "gone") == new
    assert ("new", "半") in steps
    long = "甲" * 7_000
    assert pieces(long, long + "乙")[-1] == ("new", long + "乙")


def test_a_thousand_articles_are_compared_in_seconds():
    lines = [chr(0x4E00 + n) * 3 + f"第{n}项" + chr(0x5E00 + n * 3 % 3000) * 40 for n in range(1, 1243)]
    old = [LawArticle(n, 0, (), (line,)) for n, line in enumerate(lines, 1)]
    new = [replace(a, number=a.number + 1, paragraphs=(a.text + "改。",)) for a in old]
    assert {kind for kind, *_ in said(old, new)} == {"moved_changed"}
