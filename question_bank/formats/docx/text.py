"""The text of one Word paragraph with its marks, pictures and what hangs on it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from question_bank.formats.docx.package import Package, child, name_of, value_of
from question_bank.formats.docx.styles import Style, run_marks
from question_bank.formats.found import Fault
from question_bank.questions import BLANK, N_

SEEN = ("red", "colour", "highlight", "bold", "underline")
RAISED = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")
LOWERED = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
SYMBOLS = {
    "wingdings": {0xFC: "√", 0xFB: "×", 0xFE: "√", 0xFD: "×", 0x9F: "•", 0xA8: "□", 0x6F: "□"},
    "wingdings 2": {0x50: "√", 0x4F: "×", 0x52: "√", 0x51: "×", 0xA3: "□"},
    "symbol": {0xD6: "√", 0xB4: "×", 0xB3: "≥", 0xA3: "≤", 0xB1: "±"},
}
SKIPPED = {
    "del",
    "moveFrom",
    "delText",
    "instrText",
    "delInstrText",
    "pPr",
    "rPr",
    "rt",
    "proofErr",
    "sdtPr",
    "sdtEndPr",
}
SIMPLE = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
SHOWN = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")
NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}


@dataclass
class Text:
    """What a paragraph says; `marks` holds for each character the marks on it."""

    chars: list[str] = field(default_factory=list)
    marks: list[frozenset[str]] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)  # text boxes, read after the paragraph

    def add(self, text: str, marks: frozenset[str] = frozenset()) -> None:
        self.chars.extend(text)
        self.marks.extend([marks] * len(text))

    def warn(self, message: str, **values: str) -> None:
        self.faults.append(Fault("", message, N_("Look at the question and correct it."), values, "", True))


class Paragraphs:
    """Reads paragraphs of one document; counts its pictures."""

    def __init__(self, package: Package, styles: Mapping[str, Style]) -> None:
        self.package, self.styles = package, styles
        self.pictures = 0

    def read(self, paragraph: Element, style: Style) -> Text:
        text = Text()
        self._children(paragraph, text, dict(style.marks))
        return _with_blanks(text)

    def _children(self, element: Element, text: Text, lent: dict[str, bool]) -> None:
        for part in element:
            name = name_of(part)
            if name == "r":
                self._run(part, text, lent)
            elif name in ("oMath", "oMathPara"):
                text.add("".join(t.text or "" for t in part.iter() if name_of(t) == "t"))
                text.warn(N_("A formula was read as plain text."))
            elif name == "AlternateContent":
                self._children(_alternative(part), text, lent)
            elif name not in SKIPPED:
                self._children(part, text, lent)

    def _run(self, run: Element, text: Text, lent: dict[str, bool]) -> None:
        if part := next((c for c in run if name_of(c) == "t" and c.tag.rpartition("}")[0].endswith("/math")), None):
            text.add(part.text or "")
            return
        properties = child(run, "rPr")
        said = lent | self._styled(properties) | run_marks(properties)
        marks = frozenset(mark for mark in SEEN if said.get(mark))
        for part in run:
            name = name_of(part)
            if name == "t":
                text.add(_placed(part.text or "", said), marks)
            elif name in SIMPLE:
                text.add(SIMPLE[name], marks)
            elif name == "sym":
                text.add(_symbol(part), marks)
            elif name in NOTES:
                self._note(NOTES[name], value_of(part, "id") or "", text)
            elif name in ("drawing", "pict", "object"):
                self._drawing(part, text)
            elif name == "AlternateContent":
                self._drawing(_alternative(part), text)
            elif name == "ruby":
                self._children(child(part, "rubyBase") or part, text, lent)

    def _styled(self, properties: Element | None) -> dict[str, bool]:
        named = child(properties, "rStyle")
        style = self.styles.get(value_of(named, "val") or "") if named is not None else None
        return dict(style.marks) if style else {}

    def _note(self, kind: str, key: str, text: Text) -> None:
        for note in self.package.parts.get(kind, ()):
            if value_of(note, "id") == key:
                said = "".join(t.text or "" for t in note.iter() if name_of(t) == "t").strip()
                text.warn(N_("A footnote stands here; it is not part of the question: %(text)s"), text=said[:300])

    # pictures --------------------------------------------------------------------------------------------------

    def _drawing(self, drawing: Element, text: Text) -> None:
        for box in _outermost(drawing, "txbxContent"):
            text.boxes.append(box)
        inside = {id(e) for box in text.boxes for e in box.iter()}
        said = next((e for e in drawing.iter() if name_of(e) == "docPr"), None)
        alt = (value_of(said, "descr") or value_of(said, "title") or "") if said is not None else ""
        for element in drawing.iter():
            if id(element) in inside or name_of(element) not in ("blip", "imagedata"):
                continue
            key = value_of(element, "embed") or value_of(element, "id") or value_of(element, "link") or ""
            self._picture(key, alt or value_of(element, "title") or "", text)

    def _picture(self, key: str, alt: str, text: Text) -> None:
        self.pictures += 1
        relation = self.package.relations.get(key)
        data = self.package.members.get(relation.target) if relation and not relation.outside else None
        if data is None:
            text.warn(N_("A picture is not in the file; only a link to it is."))
            return
        alt = re.sub(r"[\[\]\s]+", " ", alt).strip()
        if not alt or re.fullmatch(r"(?:图片|picture|image|img)?[\s_-]*\d*(?:\.\w{3,4})?", alt, re.I):
            alt = f"图{self.pictures}"
            text.warn(N_("A picture has no description; %(alt)s was written."), alt=alt)
        if not data.startswith(SHOWN):
            text.warn(N_("%(alt)s is in a form that browsers do not show; save it as PNG."), alt=alt)
        digest = hashlib.sha256(data).hexdigest()
        text.pictures[digest] = data
        text.add(f"![{alt}](picture:{digest})")


def _outermost(element: Element, name: str) -> Iterator[Element]:
    for part in element:
        if name_of(part) == name:
            yield part
        elif name_of(part) == "AlternateContent":
            yield from _outermost(_alternative(part), name)
        else:
            yield from _outermost(part, name)


def _alternative(element: Element) -> Element:
    """The choice of an AlternateContent that holds text or a picture, else its fallback."""
    ways = [part for part in element if name_of(part) in ("Choice", "Fallback")]
    telling = {"txbxContent", "blip", "imagedata", "t"}
    return next((w for w in ways if any(name_of(e) in telling for e in w.iter())), ways[0] if ways else element)


def _placed(text: str, said: dict[str, bool]) -> str:
    """Raised and lowered digits as letters of their own."""
    if said.get("superscript") and all(ord(sign) in RAISED for sign in text):
        return text.translate(RAISED)
    if said.get("subscript") and all(ord(sign) in LOWERED for sign in text):
        return text.translate(LOWERED)
    return text


def _symbol(element: Element) -> str:
    font, char = (value_of(element, "font") or "").lower(), value_of(element, "char") or ""
    code = int(char, 16) if re.fullmatch("[0-9A-Fa-f]{1,4}", char) else 0
    known = SYMBOLS.get(font, {}).get(code & 0xFF)
    return known or (chr(code) if 0x20 <= code < 0xD800 else "□")


def _with_blanks(text: Text) -> Text:
    """Underlined spaces become four underscores."""
    chars, marks = text.chars, text.marks
    if not any("underline" in mark for mark in marks):
        return text
    made = Text(pictures=text.pictures, faults=text.faults, boxes=text.boxes)
    place = 0
    while place < len(chars):
        end = place
        while end < len(chars) and "underline" in marks[end] and chars[end] in " \t\u00a0\u3000_":
            end += 1
        whole = not _underlined_word(chars, marks, place - 1) and not _underlined_word(chars, marks, end)
        if end - place >= 2 and whole or (end - place == 1 and chars[place] in "\t\u3000" and whole):
            made.add(BLANK)
            place = end
        else:
            made.add(chars[place], marks[place])
            place += 1
    return made


def _underlined_word(chars: list[str], marks: list[frozenset[str]], place: int) -> bool:
    return 0 <= place < len(chars) and "underline" in marks[place] and not chars[place].isspace()
