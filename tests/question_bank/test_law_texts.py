"""Law texts in three forms become parts, chapters and articles; what is odd is named with its line."""

from __future__ import annotations

from datetime import date

import pytest

from question_bank.laws.numbers import article_of, label_of, number_of, written
from question_bank.laws.texts import MOST_CHARACTERS, Source, Unreadable, decoded, read_law
from tests.library.texts import BRIDGES_2020, BRIDGES_2024, ROADS

PLAIN = """中华人民共和国示例渡口法
（2001年2月3日示例大会第三次会议通过　根据2010年4月5日示例大会《关于修改〈示例渡口法〉的决定》修正）

目　录
第一章　总则
第二章　渡船

第一章　总则

第一条　为了渡口的秩序，制定本法。
第二条　渡船载客不得超过核定人数：
（一）大船三十人；
（二）小船十人。
第二章　渡船
第三条　本法自2001年5月1日起施行。1988年发布的《示例渡口条例》同时废止。
附件：
渡口名录
"""


def law(*texts: str, **given: str):
    return read_law([Source(f"{n}.md", text) for n, text in enumerate(texts, 1)], **given)


def test_numbers_go_both_ways():
    assert all(number_of(written(n)) == n for n in range(1, 10_000))
    read = {"一百零三": 103, "一千二百四十二": 1242, "二十": 20, "十": 10, "103": 103, "１２": 12, "一〇三": 103}
    assert {word: number_of(word) for word in read} == read
    assert number_of("") is None
    assert article_of("第五十一条之一第二款") == (51, 1)
    assert article_of("附件一") is None
    assert label_of(103, 2) == "第一百零三条之二"


def test_the_form_with_an_end_of_information_is_read():
    found = law(BRIDGES_2020)
    assert (found.title, found.label, found.adopted_on, found.in_force_on) == (
        "示例桥梁管理条例", "2020", date(2020, 5, 6), date(2020, 7, 1),
    )  # fmt: skip
    assert [a.label for a in found.articles] == ["第一条", "第二条", "第三条", "第四条", "第五条", "第六条"]
    assert found.articles[4].heading == ("第二章 责任和附则",)
    assert not found.faults


def test_the_form_with_bold_numbers_is_read_and_the_revision_is_its_name():
    found = law(BRIDGES_2024)
    assert (found.label, found.in_force_on) == ("2024 修订", date(2024, 3, 1))
    assert [(a.number, a.suffix) for a in found.articles][2:4] == [(3, 0), (3, 1)]
    assert not found.faults


def test_plain_text_is_read_with_its_bracket_of_history_and_list_of_chapters():
    found = law(PLAIN)
    assert (found.short_title, found.label) == ("示例渡口法", "2010 修正")
    assert [(e.kind, e.on) for e in found.history] == [
        ("adopted", date(2001, 2, 3)), ("amended", date(2010, 4, 5)),
    ]  # fmt: skip
    assert found.articles[1].paragraphs == ("渡船载客不得超过核定人数：", "（一）大船三十人；", "（二）小船十人。")
    assert [a.heading for a in found.articles] == [("第一章 总则",), ("第一章 总则",), ("第二章 渡船",)]
    assert found.appendix == ("附件：", "渡口名录")
    assert not [f for f in found.faults if not f.warning]


def test_a_day_in_force_older_than_the_last_change_is_only_what_is_stated():
    found = law(PLAIN)
    assert (found.in_force_stated, found.in_force_on) == (date(2001, 5, 1), date(2010, 4, 5))


def test_laws_that_end_are_named_without_the_state():
    assert law(ROADS).ends == ("示例桥梁管理条例", "示例渡口法")
    assert law(PLAIN).ends == ("示例渡口条例",)
    assert law(ROADS.replace("示例交通法典", "示例渡口法")).ends == ("示例桥梁管理条例",)


def test_several_files_are_one_law_in_the_order_of_their_articles():
    second = "# 第二编 渡口\n\n## 第一章 船\n\n第三条 船。\n\n第四条 本法自2026年1月1日起施行。\n"
    first = "# 第一编 总则\n\n第一条 为了。\n\n第二条 适用。\n"
    found = law(second, first, title="示例法典")
    assert [a.number for a in found.articles] == [1, 2, 3, 4]
    assert found.articles[2].heading == ("第二编 渡口", "第一章 船")
    assert (found.title, found.label) == ("示例法典", "2026")
    assert not found.faults


@pytest.mark.parametrize(("text", "line", "said"), [
    (BRIDGES_2020.replace("第三条 ", "第四条 "), 13, "Between"),
    (BRIDGES_2020.replace("第四条 ", "第三条 "), 15, "second time"),
    (BRIDGES_2020.replace("第三条 过桥的马车应当交纳灯油费，灯油费归守桥人。", "第三条 "), 13, "no text"),
    (BRIDGES_2020.replace("# 示例桥梁管理条例", "").replace("示例大会常务委员会通过", ""), 0, "no title"),
    ("# 示例法\n\n没有条文。\n", 0, "No article"),
    (BRIDGES_2020.replace("第三条 过桥", "第三条 " + "桥" * 30_000), 13, "longer"),
])  # fmt: skip
def test_what_is_odd_is_named_with_its_line(text, line, said):
    faults = [f for f in law(text).faults if not f.warning]
    assert (faults[0].line, said in faults[0].message) == (line, True)


def test_a_number_without_a_space_is_a_paragraph_and_is_told():
    found = law(BRIDGES_2020.replace("第三条 过", "第三条过"))
    assert [f.line for f in found.faults if f.warning] == [13]
    assert "第三条过桥的马车" in found.articles[1].text


def test_hostile_texts_are_refused_or_read_quickly():
    with pytest.raises(Unreadable):
        law("第一条 " + "字" * MOST_CHARACTERS)
    with pytest.raises(Unreadable):
        law("\n".join(f"第{written(n)}条 字。" for n in range(1, 5_003)))
    assert law("<!--" * 200_000).articles == ()
    assert law("# 法\n" + "**" * 400_000 + "\n第一条 字。").articles
    with pytest.raises(Unreadable):
        decoded(b"\x00\x01\x02", "a.md")
    with pytest.raises(Unreadable):
        decoded(b"\xff\xfe\xff\xff\xff", "a.md")
    assert decoded("第一条 字。".encode("gb18030"), "a.txt").text == "第一条 字。"
