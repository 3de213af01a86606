"""Markdown as elements of XHTML, for forms that show HTML; raw HTML in it stays text."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError, fromstring

from markdown_it import MarkdownIt

from question_bank.formats.picture_bytes import file_name
from question_bank.formats.xml_text import clean

_parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "xhtmlOut": True}).enable("table")


def elements(text: str, pictures: Mapping[str, bytes], folder: str) -> list[Element]:
    """The blocks of the text; known pictures point into `folder`, of others only the description stays."""
    root = _tree(clean(text))
    for element in root.iter():
        element.attrib.pop("style", None)
        if element.tag == "img":
            _point(element, pictures, folder)
    return list(root) or [Element("p")]


def _tree(text: str) -> Element:
    try:
        return fromstring(f"<div>{_parser.render(text)}</div>")
    except ParseError:  # what Markdown cannot say in XML is shown as it stands
        root = Element("div")
        paragraph = Element("p")
        paragraph.text = text
        root.append(paragraph)
        return root


def _point(image: Element, pictures: Mapping[str, bytes], folder: str) -> None:
    key = (image.get("src") or "").removeprefix("picture:")
    alt, tail = image.get("alt") or "", image.tail
    image.clear()
    image.tail = tail
    if key in pictures:
        image.attrib = {"src": folder + file_name(key, pictures[key]), "alt": alt}
    else:
        image.tag, image.text = "span", f"[{alt}]"
