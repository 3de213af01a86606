"""Moodle XML: question types with a kind of ours, categories as topics, HTML as Markdown, files as pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element

from question_bank.formats import companion, picture_bytes, tag_words
from question_bank.formats.citation_lines import told_apart
from question_bank.formats.found import RAW, Found, Place, Unreadable
from question_bank.formats.gathering import Part, as_truth, gather, unread
from question_bank.formats.gift.reading import topic_of
from question_bank.formats.html_text import Texts
from question_bank.formats.moodle.kinds import KINDS, Unfit, field_text
from question_bank.formats.xml_text import root_of
from question_bank.questions import N_, Kind, Question
from question_bank.sheet_format import TOPIC

LEFT_OUT = N_("This is a text without a question; it was left out.")
HINTS_LEFT = N_("The hints for a second try stay behind.")
UNKNOWN = N_("Moodle's question type %(type)s has no kind here.")
POINTED = re.compile(r"\]\(\s*(@@PLUGINFILE@@/[^)\s]+|data:image/[^)\s]+)\s*\)")


def read(data: bytes, name: str) -> Iterator[Found]:
    """Every question of the quiz. Raises Unreadable."""
    root = root_of(data)
    if root.tag != "quiz":
        raise Unreadable(N_("This XML is no question file of Moodle."), N_("Export it from Moodle as Moodle XML."))
    yield from gather(_parts(root))


def _parts(root: Element) -> Iterator[Part]:
    topic = ""
    for number, element in enumerate(root.iter("question"), start=1):
        if element.get("type") == "category":
            topic = topic_of(element.findtext("category/text") or "")
        else:
            yield _part(Place("", "item", number), element, topic)


def _part(place: Place, element: Element, topic: str) -> Part:
    raw = _raw(element)
    files = _files(element)
    texts = Texts(lambda source: picture_bytes.of_source(source, files))
    told = tag_words.told(tag.strip() for tag in (t.text or "" for t in element.findall("tags/tag/text")))
    try:
        question = _question(element, told, topic, texts)
        waiting = None
    except Unfit as unfit:
        question = None
        waiting = unread(place, raw, unfit.message, **unfit.values)
    own = companion.read(element.findtext(companion.MARK) or "")
    faults = tuple(texts.faults)
    if own:
        question, more = own.settle(question, companion.element_text(element))
        named = tuple(fault for fault in faults if fault.warning or not (question and question.key))
        faults = (*named, *more) if more else ()
    if question is None:
        return replace(waiting or unread(place, raw), case=told.case)
    pictures = texts.pictures | picture_bytes.named_in(question, picture_bytes.by_key(files))
    opens = question.code if question.kind is Kind.CASE_SET else ""
    return Part(place, question, faults, raw, pictures, told.case, opens)


def _question(element: Element, told: tag_words.Told, topic: str, texts: Texts) -> Question:
    """Raises Unfit."""
    kind = element.get("type") or ""
    stem = _pointed(field_text(element, "questiontext", texts), texts)
    rationale, citations = told_apart(_pointed(field_text(element, "generalfeedback", texts, "rationale"), texts))
    basis = Question(
        kind=Kind.CASE_SET, stem=stem, rationale=rationale, citations=citations,
        topic=told.words.get(TOPIC, "") or topic, **told.fields(),
    )  # fmt: skip
    if any((hint.findtext("text") or "").strip() for hint in element.findall("hint")):
        texts.warn("rationale", HINTS_LEFT)
    if kind == "description":
        if told.kind is not Kind.CASE_SET:
            raise Unfit(LEFT_OUT)
        return basis
    if kind not in KINDS:
        raise Unfit(UNKNOWN, type=kind[:40])
    made = KINDS[kind](element, basis, texts)
    options = tuple(_pointed(option, texts, "A") for option in made.options)
    return as_truth(replace(made, options=options, kind=_meant(made, told)))


def _meant(made: Question, told: tag_words.Told) -> Kind:
    """A tag tells apart the kinds that are one type in Moodle."""
    several = (Kind.MULTIPLE, Kind.INDEFINITE)
    return told.kind if told.kind in several and made.kind in several else made.kind


def _pointed(text: str, texts: Texts, column: str = "stem") -> str:
    """Markdown's own pictures, which no tag names, as ours."""
    alts = re.compile(r"!\[([^\]\n]{0,1000})" + POINTED.pattern)
    return alts.sub(lambda m: texts.picture(m[2], m[1], column), text)


def _files(element: Element) -> dict[str, bytes]:
    files = {}
    for part in element.iter("file"):
        data = picture_bytes.of_base64(part.text or "")
        if data is not None:
            files[(part.get("path") or "/").lstrip("/") + (part.get("name") or "")] = data
    return files


def _raw(element: Element) -> str:
    said = [element.get("type") or ""]
    for path in ("name/text", "questiontext/text", "answer/text", "subquestion/text"):
        said += [found.text or "" for found in element.findall(path)]
    return "\n".join(part.strip() for part in said if part.strip())[:RAW]
