"""The Config Key a second time, written another way: from the XML text itself, one string made by walking its tags."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from xml.etree import ElementTree


def config_key_of(xml: str) -> str:
    root = ElementTree.fromstring(xml)[0]
    return hashlib.sha256("".join(_written(root, top=True)).encode()).hexdigest()


def _written(element: ElementTree.Element, top: bool = False) -> Iterator[str]:
    text = element.text or ""
    match element.tag:
        case "dict":
            yield from _dictionary(element, top)
        case "array":
            yield "["
            comma = ""
            for child in element:
                if not _hollow(child):
                    yield comma
                    yield from _written(child)
                    comma = ","
            yield "]"
        case "true" | "false":
            yield element.tag
        case "integer":
            yield str(int(text))
        case "real":
            yield _number(text)
        case "date":
            moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
            yield '"' + moment.isoformat(timespec="seconds").replace("+00:00", "Z") + '"'
        case "data":
            yield '"' + re.sub(r"\s", "", text) + '"'
        case "string":
            yield '"'
            yield text
            yield '"'


def _dictionary(element: ElementTree.Element, top: bool) -> Iterator[str]:
    names, values = [child.text or "" for child in element[::2]], list(element[1::2])
    left = [pair for pair in zip(names, values, strict=True) if not (top and pair[0] == "originatorVersion")]
    yield "{"
    comma = ""
    while left:
        name, value = min(left, key=lambda pair: _rank(pair[0]))
        left.remove((name, value))
        if not _hollow(value):
            yield f'{comma}"{name}":'
            yield from _written(value)
            comma = ","
    yield "}"


def _rank(name: str) -> tuple[str, list[bool], str]:
    return name.lower(), [sign.isupper() for sign in name], name


def _hollow(element: ElementTree.Element) -> bool:
    return element.tag == "dict" and all(_hollow(child) for child in element[1::2])


def _number(text: str) -> str:
    number = float(text)
    if number == 0:
        return "0"
    exact = Decimal(repr(number)).normalize()  # the shortest digits, not the binary number's own
    sign, digits, power = exact.as_tuple()
    places = len(digits) + int(power)  # of the whole part
    if -6 < places <= 21:
        return format(exact, "f")
    first, rest = str(digits[0]), "".join(map(str, digits[1:]))
    return ("-" if sign else "") + first + ("." + rest if rest else "") + f"e{places - 1:+d}"
