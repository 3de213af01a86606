"""Numbers in Chinese text, however they are written: 五万, 5万, 50,000 and 伍万 are one."""

from __future__ import annotations

import re
from fractions import Fraction

DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0}
SMALL = {"十": 10, "百": 100, "千": 1000}
LARGE = {"万": 10**4, "亿": 10**8}
FORMAL = str.maketrans("壹贰貳弍叁參叄肆伍陆陸柒捌玖拾佰仟萬億", "一二二二三三三四五六六七八九十百千万亿")

_SIGN = "一二三四五六七八九零〇○十百千万亿"
_GROUPED = r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9]|,[0-9])"
_ARABIC = rf"(?:{_GROUPED}|[0-9]+)(?:\.[0-9]+)?(?!\.?[0-9])"
_TOKEN = re.compile(f"{_ARABIC}|[{_SIGN}]")
_RUN = re.compile(rf"(?:(?<![0-9.]){_ARABIC}|[{_SIGN}])(?:{_ARABIC}|[{_SIGN}])*")
_DIGITS_OF_FORMAL, _UNITS_OF_FORMAL = "壹贰貳弍叁參叄肆伍陆陸柒捌玖", "拾佰仟萬億万亿"
_FORMAL = re.compile(
    f"[{_DIGITS_OF_FORMAL}][{_UNITS_OF_FORMAL}元圆][{_DIGITS_OF_FORMAL}{_UNITS_OF_FORMAL}零]*"
)  # not 队伍, 大陆, 拾得
_COUNTED = "名人个次年月周日天倍种类项份件位只条张家户处台辆艘所公里米吨元万千百亿小分组方部批期届遍步点段成套"
_TWO = re.compile(rf"(?<![0-9{_SIGN}半])两(?=[{_COUNTED}]|$)")
_POINT = re.compile(r"([一二三四五六七八九零〇○十百千]+)点([一二三四五六七八九零〇○]+)(?![十百千0-9分刻半])")
_OF = re.compile(r"(百|千|万|[0-9]+)分之([0-9]+(?:\.[0-9]+)?)")
_SIGN_OF = {"百": "%", "千": "‰", "万": "‱"}


def arabic(text: str) -> str:
    """The text with every number in it written in Arabic digits, in one way only.

    Wants half-width digits. What is no well-formed number (三五, 十百, 千方百计) stays as it stands,
    and so does 两 where it counts nothing (两级, 两审).
    """
    text = _FORMAL.sub(lambda found: found[0].translate(FORMAL), text)
    text = _TWO.sub("二", text).replace("分之百", "分之一百")
    text = _POINT.sub(_pointed, text)
    text = _RUN.sub(_one, text)
    text = re.sub("(?<=[0-9])圆", "元", text)
    text = re.sub("(?<=[0-9]元)[整正]", "", text)
    return _OF.sub(lambda found: found[2] + _SIGN_OF.get(found[1], "/" + found[1]), text)


def _pointed(found: re.Match[str]) -> str:
    """三点五 as 3.5; where the first part is no number, as it stands."""
    whole = number(found[1])
    return found[0] if whole is None else f"{whole}.{''.join(str(DIGITS[sign]) for sign in found[2])}"


def _one(found: re.Match[str]) -> str:
    run, following = found[0], found.string[found.end() : found.end() + 1]
    if all(sign in DIGITS for sign in run) and (len(run) == 1 or len(run) > 3 or set(run) & set("零〇○")):
        run = "".join(str(DIGITS[sign]) for sign in run)  # 二〇二六, 一〇五: place by place
    code = re.fullmatch("0[0-9]+", run)
    if code and not (len(run) == 2 and following and following in "年月日时分点:"):
        return run
    value = number(run, money=following in ("元", "圆"))
    return found[0] if value is None else _written(value)


def _written(value: Fraction) -> str:
    places = 0
    while value.denominator != 1:
        value, places = value * 10, places + 1
    digits = str(value.numerator).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


def number(run: str, *, money: bool = False) -> Fraction | None:
    """What a run of digits and units comes to; None when it is no well-formed number.

    `money` reads a bare 百 or 千 as a hundred or a thousand, as 千元以下 means.
    """
    tokens = _TOKEN.findall(run)
    if "".join(tokens) != run:
        return None
    if len(tokens) == 1 and tokens[0] not in SMALL and tokens[0] not in LARGE:
        return _worth(tokens[0])
    if tokens[0] in ("百", "千") and (tokens[1] in LARGE if len(tokens) > 1 else money):
        tokens.insert(0, "一")  # 百万, 千元
    if not any(token in SMALL or token in LARGE for token in tokens):
        return None
    reading = _Reading()
    return reading.total() if all(reading.take(token) for token in tokens) else None


def _worth(token: str) -> Fraction:
    return Fraction(DIGITS[token]) if token in DIGITS else Fraction(token.replace(",", ""))


class _Reading:
    """A number with units while it is read from left to right: sections of 亿, 万 and ones."""

    def __init__(self) -> None:
        self.before, self.section = Fraction(0), Fraction(0)  # whole sections; the one being read
        self.figure: Fraction | None = None  # a digit whose unit has not come yet
        self.large, self.small = 10**12, 10**4  # the units must fall
        self.last = 0  # the unit just read, 0 after anything else
        self.nought = self.short = False

    def take(self, token: str) -> bool:
        """Read one token; False when it does not fit."""
        if token in SMALL:
            return self._small(SMALL[token])
        if token in LARGE:
            return self._large(LARGE[token])
        if self.figure is not None:
            return False
        if token in "零〇○":
            fits = bool(self.before or self.section) and not self.nought and self.small > 10
            self.nought, self.last = True, 0
            return fits
        self.figure = _worth(token)
        self.short = len(token) == 1
        return True

    def _small(self, unit: int) -> bool:
        if self.figure is None and unit == 10:
            self.figure = Fraction(1)  # 十五, 一百十五
        if self.figure is None or not 0 < self.figure < 10 or unit >= self.small:
            return False
        self.section += self.figure * unit
        self.figure, self.small, self.last, self.nought = None, unit, unit, False
        return True

    def _large(self, unit: int) -> bool:
        self.section += self.figure or 0
        if unit == LARGE["亿"] and self.large == LARGE["万"] and not self.section:  # 五万亿
            self.before *= unit
        elif not self.section or unit >= self.large:
            return False
        else:
            self.before += self.section * unit
        self.section, self.figure = Fraction(0), None
        self.large, self.small, self.last, self.nought = unit, 10**4, unit, False
        return True

    def total(self) -> Fraction | None:
        """None when it ends on a nought, or what comes last is too great for its place."""
        whole = self.before + self.section
        if self.figure is None:
            return None if self.nought else whole
        if self.last > 10 and self.short and not self.nought:  # 一百五 is 150, 两万五 is 25000
            return whole + self.figure * self.last / 10
        floor = self.small if self.section else self.large
        return whole + self.figure if 0 < self.figure < floor else None
