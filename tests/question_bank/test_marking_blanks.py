"""A blank is read as two fair readers would: every writing of a number is one, two numbers are never one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.blanks import OUTER, normal_blank
from question_bank.marking import share
from question_bank.questions import Kind

SAME = [
    ("五日", "5日"), ("５日", "五日"), ("二十", "20"), ("十五日", "１５ 日"), ("第五十一条", "第51条"),
    ("第一百零五条", "第105条"), ("第一〇五条", "第105条"), ("一万零五", "10005"), ("一千零五十", "1050"),
    ("一百十五", "115"), ("一百五", "150"), ("两万五", "25000"), ("两名", "2名"), ("两名", "二名"), ("两", "2"),
    ("百分之五", "5%"), ("5％", "百分之五"), ("百分之零点五", "0.5%"), ("百分之百", "100%"), ("千分之三", "3‰"),
    ("三分之二", "2/3"), ("3分之2", "⅔"), ("三点五", "3.5"), ("零点五", ".5"), ("5.00元", "5元"),
    ("5万元", "50000元"), ("五万元", "50,000元"), ("五万元", "50 000元"), ("五万元", "伍万元整"), ("5万圆", "五万元"),
    ("1.5万元", "一万五千元"), ("1万5千元", "15000元"), ("1万5000元", "15000元"), ("一点五万元", "15000元"),
    ("千元", "1000元"), ("百万元", "1000000元"), ("壹佰贰拾叁元", "123元"), ("一亿二千万", "120000000"),
    ("二〇二一年", "2021年"), ("二零二一年七月十五日", "2021年07月15日"), ("五日至十日", "5日-10日"),
    ("5～10日", "5至10日"), ("《行政处罚法》", "行政处罚法"), ("“公正”", "公正"), ("公正、公开", "公正，公开"),
    ("公正、公开", "公正,公开"), ("公 正", "公正。"), ("ABC", "ａｂｃ"), ("八点五分", "8点5分"),
]  # fmt: skip
OTHER = [
    ("十五", "五十"), ("十五日", "五十日"), ("三五日", "35日"), ("一二", "12"), ("一二", "十二"), ("5日", "5月"),
    ("1.5", "15"), (".5", "5"), ("10²", "102"), ("5½", "51/2"), ("①③", "十三"), ("①③", "13"), ("1 2", "12"),
    ("1,2", "12"), ("5%", "5"), ("百分之五", "5"), ("百分之五", "千分之五"), ("三分之二", "二分之三"),
    ("一百五", "一百零五"), ("105", "150"), ("第51条", "第五十条"), ("5万", "5"), ("5千元", "5万元"), ("5", "五百"),
    ("两级", "二级"), ("两审", "二审"), ("二两", "二二"), ("队伍", "队5"), ("大陆", "大6"), ("甲、乙", "甲乙"),
    ("001", "1"), ("2021年", "二〇一二年"), ("5-10日", "510日"), ("1.1.10", "1.1.1"), ("2020.10", "202010"),
    ("3/4", "34"), ("3:4", "34"), ("-5", "5"), ("1e5", "100000"), ("以上", "以下"), ("不得", "得"), ("零", ""),
    ("十百", "1000"), ("五十十", "510"), ("一零", "一"), ("第5条", "5条"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "key"), SAME)
def test_writings_that_mean_the_same_earn_the_same(written: str, key: str):
    assert normal_blank(written) == normal_blank(key)
    assert share(Kind.FILL_BLANK, [[key]], f'["{written}"]') == 1


@pytest.mark.parametrize(("written", "key"), OTHER)
def test_writings_that_mean_something_else_earn_nothing(written: str, key: str):
    assert normal_blank(written) != normal_blank(key)
    assert share(Kind.FILL_BLANK, [[key]], f'["{written}"]') == 0


def chinese(number: int, digits: str = "零一二三四五六七八九", units: str = "十百千万亿") -> str:
    """A number as an official text writes it."""
    if number == 0:
        return digits[0]
    sections, text = [], ""
    while number:
        sections.append(number % 10_000)
        number //= 10_000
    for place in reversed(range(len(sections))):
        section = sections[place]
        if not section:
            continue
        if text and (section < 1000 or not sections[place + 1]):
            text += digits[0]
        text += _section(section, digits, units) + ("", units[3], units[4])[place]
    return text


def _section(section: int, digits: str, units: str) -> str:
    text, gap = "", False
    for place in (3, 2, 1, 0):
        figure = section // 10**place % 10
        if figure:
            text += (digits[0] if gap and text else "") + digits[figure] + (("", *units)[place])
        gap = not figure
    return text


NUMBERS = st.one_of(st.integers(0, 999), st.integers(0, 10**12 - 1))


@given(NUMBERS)
def test_a_number_in_words_is_the_number_in_figures(number: int):
    figures = normal_blank(str(number))
    assert figures == str(number)
    assert normal_blank(chinese(number)) == figures
    assert normal_blank(chinese(number).replace("零", "〇")) == figures
    assert normal_blank(f"{number:,}") == figures
    assert normal_blank(f"第{chinese(number)}条") == normal_blank(f"第{number}条")
    assert normal_blank(f"百分之{chinese(number)}") == normal_blank(f"{number}%")


@given(st.integers(1, 10**12 - 1))
def test_a_number_in_formal_figures_is_the_same_number(number: int):
    formal = chinese(number, "零壹贰叁肆伍陆柒捌玖", "拾佰仟万亿")
    assert normal_blank(f"{formal}元整") == normal_blank(f"{number}元")


@given(st.integers(10, 19), st.integers(0, 9999))
def test_ten_may_stand_without_its_one(number: int, thousands: int):
    assert normal_blank(chinese(number).removeprefix("一")) == str(number)
    if thousands:
        whole = thousands * 10_000 + number
        assert normal_blank(chinese(whole)) == str(whole)


@given(NUMBERS, NUMBERS)
def test_two_numbers_are_never_one(one: int, other: int):
    if one != other:
        for write in (str, chinese, lambda n: f"{chinese(n)}日", lambda n: f"百分之{chinese(n)}"):
            assert normal_blank(write(one)) != normal_blank(write(other))
            assert normal_blank(str(one)) != normal_blank(write(other))


@given(st.integers(1, 99_999), st.integers(0, 4))
def test_ten_thousands_with_a_point_are_the_yuan_they_come_to(tenths: int, places: int):
    text = f"{tenths / 10**places:.{places}f}"
    assert normal_blank(f"{text}万元") == normal_blank(f"{tenths * 10 ** (4 - places)}元")


def as_before(text: str) -> str:
    """The rule before numerals were read."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if not c.isspace()).strip("。.,，;；:：、“”\"'《》()")


TERMS = st.text("公正听证机关五日甲乙 ，。、《》（）Ａab", max_size=10)


@given(TERMS, TERMS)
def test_whatever_was_right_before_still_is(one: str, other: str):
    for written in (other, f"（{one}）", one.replace("公", "公 ")):
        if as_before(one) == as_before(written):
            assert normal_blank(one) == normal_blank(written)


@given(st.text(max_size=200))
def test_any_text_is_read_without_trouble(text: str):
    assert not set(normal_blank(text)[:1]) & (set(OUTER) - {"."})
