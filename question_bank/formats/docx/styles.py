"""What Word's styles lend to paragraphs and runs: marks, headings, lists."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from question_bank.formats.docx.package import child, children, value_of

Marks = frozenset[str]
HEADING = re.compile(r"heading \d|title|subtitle|标题|副标题", re.I)
DEEPEST = 12  # styles based on each other
BLACK = 0x50  # each of a colour's three parts at most this: read as black


@dataclass(frozen=True)
class Style:
    """One style with what it has from those it is based on; `marks` True sets and False takes away."""

    marks: tuple[tuple[str, bool], ...] = ()
    heading: bool = False
    list: tuple[str, int] | None = None


def styles_of(root: Element | None) -> dict[str, Style]:
    raw = {value_of(s, "styleId") or "": s for s in children(root, "style")}
    return {key: _style(raw, key, DEEPEST) for key in raw}


def _style(raw: dict[str, Element], key: str, depth: int) -> Style:
    element = raw.get(key)
    if element is None or not depth:
        return Style()
    based = child(element, "basedOn")
    style = _style(raw, value_of(based, "val") or "", depth - 1) if based is not None else Style()
    name = child(element, "name")
    said = dict(style.marks) | run_marks(child(element, "rPr"))
    properties = child(element, "pPr")
    heading = bool(HEADING.match(value_of(name, "val") or "")) if name is not None else False
    heading = heading or is_outlined(properties)
    return replace(
        style, marks=tuple(said.items()), heading=heading or style.heading,
        list=list_of(properties, style.list) or style.list,
    )  # fmt: skip


def is_outlined(properties: Element | None) -> bool:
    level = child(properties, "outlineLvl")
    return level is not None and (value_of(level, "val") or "9") in "012345678"


def list_of(properties: Element | None, otherwise: tuple[str, int] | None = None) -> tuple[str, int] | None:
    """(list, depth) that a paragraph or style names; list "0" takes numbers away."""
    numbering = child(properties, "numPr")
    if numbering is None:
        return None
    num, depth = child(numbering, "numId"), child(numbering, "ilvl")
    level = (value_of(depth, "val") or "0") if depth is not None else None
    key = value_of(num, "val") if num is not None else (otherwise[0] if otherwise else None)
    if key is None:
        return None
    return key, int(level) if level and level.isdecimal() else (otherwise[1] if otherwise and num is None else 0)


def run_marks(properties: Element | None) -> dict[str, bool]:
    """The marks a run or style sets or takes away."""
    said: dict[str, bool] = {}
    for element in properties if properties is not None else ():
        name, value = element.tag.rpartition("}")[2], value_of(element, "val") or ""
        if name == "b":
            said["bold"] = value.lower() not in ("0", "false", "off")
        elif name == "u":
            said["underline"] = value.lower() not in ("none", "0")
        elif name == "highlight":
            said["highlight"] = value != "none"
        elif name == "shd":
            said["highlight"] = (value_of(element, "fill") or "auto").lower() not in ("auto", "ffffff")
        elif name == "color":
            said |= _colour(value)
        elif name == "vertAlign":
            said["superscript"], said["subscript"] = value == "superscript", value == "subscript"
    return said


def _colour(value: str) -> dict[str, bool]:
    if not re.fullmatch("[0-9A-Fa-f]{6}", value):
        return {"red": False, "colour": False}
    red, green, blue = (int(value[place : place + 2], 16) for place in (0, 2, 4))
    is_red = red >= 0xA0 and green <= 0x60 and blue <= 0x60
    grey = max(red, green, blue) - min(red, green, blue) < 0x18
    return {"red": is_red, "colour": not is_red and not grey and max(red, green, blue) > BLACK}
