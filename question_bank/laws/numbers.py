"""Numbers as laws write them: 第一百零三条之一 and back."""

from __future__ import annotations

import re

DIGITS = "零一二三四五六七八九"
UNITS = {"十": 10, "百": 100, "千": 1000}
NUMERALS = "〇零一二两三四五六七八九十百千0-9０-９"
_VALUES = {char: value for value, char in enumerate(DIGITS)} | {"〇": 0, "两": 2}
_WRITTEN = re.compile(rf"\s*第([{NUMERALS}]{{1,9}})条(?:之([{NUMERALS}]{{1,5}}))?")


def number_of(written: str) -> int | None:
    """1242 of 一千二百四十二, of 1242 and of １２４２; None for what is no number."""
    if not written:
        return None
    if written.isdecimal():
        return int(written)
    if all(char in _VALUES for char in written):  # 一二四二, as some write it
        return int("".join(str(_VALUES[char]) for char in written))
    total, digit = 0, None
    for char in written:
        if char in UNITS:
            total += (1 if digit is None or (digit == 0 and char == "十") else digit) * UNITS[char]
            digit = None
        elif char in _VALUES and (digit is None or digit == 0):
            digit = _VALUES[char]
        else:
            return None
    return total + (digit or 0)


def written(number: int) -> str:
    """一千二百四十二 of 1242; raises ValueError outside 1 to 9999."""
    if not 0 < number < 10_000:
        raise ValueError(number)
    text, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if gap and text else "") + DIGITS[digit] + name
            gap = False
        else:
            gap = bool(text)
    return text.removeprefix("一") if text.startswith("一十") else text


def label_of(number: int, suffix: int = 0) -> str:
    """第五十一条 or 第五十一条之一."""
    return f"第{written(number)}条" + (f"之{written(suffix)}" if suffix else "")


def article_of(label: str) -> tuple[int, int] | None:
    """(51, 0) of 第五十一条, and of 第五十一条第一款, whose paragraph is left aside; None when no article is named."""
    if not (found := _WRITTEN.match(label)):
        return None
    number = number_of(found[1])
    return (number, number_of(found[2]) or 0 if found[2] else 0) if number else None
