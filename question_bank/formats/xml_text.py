"""XML of questions: bytes of any usual encoding in, elements and bytes out."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from question_bank.formats.archives import parse_xml
from question_bank.formats.decoding import text_of

DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no XML may hold these


def root_of(data: bytes) -> Element:
    """The root element, whatever encoding was declared. Raises Unreadable."""
    text = text_of(data if data[:2] in (b"\xff\xfe", b"\xfe\xff") else data.replace(b"\0", b""))
    return parse_xml(UNFIT.sub("", DECLARATION.sub("", text)).encode("utf-8"))


def name_of(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def clean(text: str) -> str:
    return UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    element = SubElement(parent, tag, {name: clean(value) for name, value in attributes.items()})
    element.text = clean(text) or None
    return element


def bytes_of(root: Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8") + b"\n"
