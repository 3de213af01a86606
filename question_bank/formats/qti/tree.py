"""QTI of any version as one tree: names without namespace, in the hyphened form of 3.0 without its `qti-`."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, tostring

from question_bank.formats.html_text import Texts
from question_bank.formats.xml_text import root_of
from question_bank.questions import BLANK

HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")
GAPS = ("text-entry-interaction", "inline-choice-interaction")
UNSEEN = {
    "feedback-inline", "feedback-block", "template-block", "template-inline", "modal-feedback", "stylesheet",
    "end-attempt-interaction", "catalog-info", "title",
}  # fmt: skip


def tree_of(data: bytes) -> Element:
    """Raises Unreadable."""
    root = root_of(data)
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = _named(element.tag)
            element.attrib = {_named(name): value for name, value in element.attrib.items()}
    return root


def _named(name: str) -> str:
    bare = name.rsplit("}", 1)[-1].removeprefix("qti-")
    return HUMP.sub(lambda found: f"-{found[1].lower()}", bare[:1].lower() + bare[1:])


def interactions(body: Element) -> list[Element]:
    return [e for e in body.iter() if isinstance(e.tag, str) and e.tag.endswith("-interaction")]


def seen_by(element: Element) -> set[str]:
    return set((element.get("view") or "candidate").split())


def said(element: Element | None, texts: Texts, column: str = "stem") -> str:
    """What a candidate reads inside an element, as Markdown: prompts in place, gaps as blanks, no choices."""
    if element is None:
        return ""
    shown = copy.deepcopy(element)
    shown.tail = None
    for part in list(shown.iter()):
        if part is not shown:
            _reduce(part)
    shown.tag, shown.attrib = "div", {}
    return texts.html(tostring(shown, encoding="unicode"), column)


def _reduce(part: Element) -> None:
    """Turn a part in place into what remains of it; its tail stays."""
    tag = part.tag if isinstance(part.tag, str) else "span"
    hidden = tag == "rubric-block" and "candidate" not in seen_by(part)
    if tag in GAPS:
        _emptied(part, BLANK)
    elif tag.endswith("-interaction"):
        prompt = part.find("prompt")
        _emptied(part, "", "div")
        if prompt is not None:
            prompt.tag, prompt.attrib = "p" if not len(prompt) else "div", {}
            part.append(prompt)
    elif tag in UNSEEN or hidden or not isinstance(part.tag, str):
        _emptied(part, "")
    elif tag in ("rubric-block", "content-body", "prompt", "stimulus-body", "item-body"):
        part.tag, part.attrib = "div", {}


def _emptied(part: Element, text: str, tag: str = "span") -> None:
    tail = part.tail
    part.clear()
    part.tag, part.text, part.tail = tag, text, tail


def values(declaration: Element | None) -> list[str]:
    if declaration is None:
        return []
    return [" ".join((value.text or "").split()) for value in declaration.findall("correct-response/value")]


def mapped(declaration: Element | None) -> dict[str, float]:
    """What an answer earns by its key."""
    return dict(_entries(declaration)) if declaration is not None else {}


def _entries(declaration: Element) -> Iterator[tuple[str, float]]:
    for entry in declaration.findall("mapping/map-entry"):
        try:
            yield " ".join((entry.get("map-key") or "").split()), float(entry.get("mapped-value") or 0)
        except ValueError:
            continue
