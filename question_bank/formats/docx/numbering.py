"""Word's automatic numbers, which stand in no text: computed as Word shows them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from question_bank.formats.docx.package import child, children, name_of, value_of
from question_bank.laws.numbers import written

LEVELS = 9
ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
         (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip


def _letters(number: int) -> str:
    return chr(ord("A") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _roman(number: int) -> str:
    text = ""
    for value, sign in ROMAN:
        text += sign * (number // value)
        number %= value
    return text


def _circled(number: int) -> str:
    return chr(ord("①") + number - 1) if 1 <= number <= 20 else str(number)


def _chinese(number: int) -> str:
    return written(number) if 0 < number < 10_000 else str(number)


FORMATS: dict[str, Callable[[int], str]] = {
    "upperLetter": _letters,
    "lowerLetter": lambda number: _letters(number).lower(),
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "decimalZero": lambda number: f"{number:02}",
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedParen": lambda number: f"({number})",
    "decimalEnclosedFullstop": lambda number: f"{number}.",
    "bullet": lambda number: "",
    "none": lambda number: "",
} | dict.fromkeys(
    (
        "chineseCounting", "chineseCountingThousand", "japaneseCounting", "japaneseDigitalTenThousand",
        "taiwaneseCounting", "taiwaneseCountingThousand", "ideographDigital", "chineseLegalSimplified",
    ),
    _chinese,
)  # fmt: skip


@dataclass
class Level:
    """One level of a list: `text` holds %1, %2 … for the numbers of the levels."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    restart: int | None = None
    style: str = ""


@dataclass
class Numbers:
    """Every list of a document with where it stands; `next` counts on."""

    lists: dict[str, dict[int, Level]] = field(default_factory=dict)  # by abstract list
    abstract: dict[str, str] = field(default_factory=dict)  # abstract list of each list
    overrides: dict[str, dict[int, Level | int]] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    begun: set[tuple[str, int]] = field(default_factory=set)

    def next(self, num: str, depth: int) -> str:
        """The text of the next number of a list at a depth from 0; "" for bullets and unknown lists."""
        abstract = self.abstract.get(num)
        if abstract is None or not 0 <= depth < LEVELS:
            return ""
        levels, counts = self.lists.get(abstract, {}), self.counts.setdefault(abstract, {})
        override = self.overrides.get(num, {}).get(depth)
        level = override if isinstance(override, Level) else levels.get(depth, Level(text=f"%{depth + 1}."))
        if override is not None and (num, depth) not in self.begun:
            self.begun.add((num, depth))
            counts[depth] = override if isinstance(override, int) else level.start
        else:
            counts[depth] = counts[depth] + 1 if depth in counts else level.start
        for deeper in range(depth + 1, LEVELS):
            if levels.get(deeper, Level()).restart != 0:
                counts.pop(deeper, None)
        return self._shown(level, levels, counts)

    @staticmethod
    def _shown(level: Level, levels: dict[int, Level], counts: dict[int, int]) -> str:
        if level.form in ("bullet", "none"):
            return level.text if level.form == "none" and "%" not in level.text else ""

        def one(found: re.Match[str]) -> str:
            place = int(found[1]) - 1
            own = level if f"%{place + 1}" in level.text and levels.get(place) is None else levels.get(place, level)
            form = level.form if own is level or place == max(counts) else own.form
            return FORMATS.get(form, str)(counts.get(place, own.start))

        return re.sub(r"%([1-9])", one, level.text)


def numbers_of(numbering: Element | None, style_lists: dict[str, tuple[str, int]]) -> Numbers:
    """The lists of numbering.xml; `style_lists` are the lists that styles name, for lists that point to a style."""
    numbers = Numbers()
    links: dict[str, str] = {}
    for element in numbering if numbering is not None else ():
        if name_of(element) == "abstractNum":
            key = value_of(element, "abstractNumId") or ""
            numbers.lists[key] = {_whole(value_of(lvl, "ilvl")): _level(lvl) for lvl in children(element, "lvl")}
            if (link := child(element, "numStyleLink")) is not None:
                links[key] = value_of(link, "val") or ""
        elif name_of(element) == "num":
            key, target = value_of(element, "numId") or "", child(element, "abstractNumId")
            numbers.abstract[key] = (value_of(target, "val") or "") if target is not None else ""
            numbers.overrides[key] = _overrides(element)
    for num, abstract in list(numbers.abstract.items()):
        if abstract in links and not numbers.lists.get(abstract) and links[abstract] in style_lists:
            numbers.abstract[num] = numbers.abstract.get(style_lists[links[abstract]][0], abstract)
    return numbers


def _overrides(num: Element) -> dict[int, Level | int]:
    found: dict[int, Level | int] = {}
    for override in children(num, "lvlOverride"):
        depth = _whole(value_of(override, "ilvl"))
        if (lvl := child(override, "lvl")) is not None:
            found[depth] = _level(lvl)
        elif (start := child(override, "startOverride")) is not None:
            found[depth] = _whole(value_of(start, "val"), 1)
    return found


def _level(element: Element) -> Level:
    values = {name_of(c): value_of(c, "val") for c in element}
    form = values.get("numFmt") or "decimal"
    restart = values.get("lvlRestart")
    return Level(
        _whole(values.get("start"), 1), form, values.get("lvlText") or "", _whole(restart) if restart else None,
        values.get("pStyle") or "",
    )  # fmt: skip


def _whole(text: str | None, otherwise: int = 0) -> int:
    return int(text) if text and re.fullmatch(r"\d{1,6}", text) else otherwise
