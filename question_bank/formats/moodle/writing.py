"""Questions as Moodle XML; what Moodle has no field for travels as tags and in an element of our own."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement

from question_bank.formats import companion, picture_bytes, tag_words
from question_bank.formats.citation_lines import with_lines
from question_bank.formats.found import Loss, Written
from question_bank.formats.moodle.cloze import gap_of
from question_bank.formats.pairing import in_right_order, pairs_of
from question_bank.formats.reference_text import reference_text
from question_bank.formats.xml_text import add, bytes_of
from question_bank.questions import BLANK, LETTERS, N_, Kind, Question

TYPES = {
    Kind.SINGLE: "multichoice", Kind.MULTIPLE: "multichoice", Kind.INDEFINITE: "multichoice",
    Kind.TRUE_FALSE: "truefalse", Kind.FILL_BLANK: "cloze", Kind.ORDERING: "ordering", Kind.MATCHING: "matching",
    Kind.SHORT_ANSWER: "essay", Kind.DRAFTING: "essay", Kind.CASE_SET: "description",
}  # fmt: skip
ORDERING = {
    "layouttype": "VERTICAL", "selecttype": "ALL", "selectcount": "0", "gradingtype": "ABSOLUTE_POSITION",
    "showgrading": "SHOW", "numberingstyle": "none",
}  # fmt: skip
APART = N_("Moodle shows the case and its questions as single entries one after another.")
PICTURE_GONE = N_("The picture %(name)s was not given and is left out.")


def write(questions: Sequence[Question], pictures: Mapping[str, bytes], title: str) -> Written:
    """One XML file; categories are topics below the title."""
    root = Element("quiz")
    losses: list[Loss] = []
    topic = None
    for question in questions:
        if question.topic != topic:
            topic = question.topic
            names = ("$course$", "top", title, topic)
            path = "/".join(" ".join(name.split()).replace("/", "//") for name in names if name)
            category = SubElement(SubElement(root, "question", type="category"), "category")
            add(category, "text", path)
        _add(root, question, pictures)
        losses += _losses(question, pictures)
    return Written(bytes_of(root), "xml", "application/xml", tuple(losses))


def _losses(question: Question, pictures: Mapping[str, bytes]) -> Iterator[Loss]:
    for name in picture_bytes.missing_from(question, pictures):
        yield Loss(question.code, "pictures", PICTURE_GONE, {"name": name})
    if question.kind is Kind.CASE_SET:
        yield Loss(question.code, "case", APART)


class _Moodle:
    """Adds texts below one question and, to the first that shows it, the bytes of each picture."""

    def __init__(self, pictures: Mapping[str, bytes]) -> None:
        self.pictures = pictures

    def text(self, parent: Element, tag: str, text: str, **attributes: str) -> Element:
        element = add(parent, tag, format="markdown", **attributes)
        add(element, "text", picture_bytes.pointed_at(text, self.pictures, "@@PLUGINFILE@@/"))
        for _alt, key in dict.fromkeys(Question("", Kind.SINGLE, text).pictures()):
            if data := self.pictures.get(key):
                name = picture_bytes.file_name(key, data)
                inner = base64.b64encode(data).decode()
                add(element, "file", inner, name=name, path="/", encoding="base64")
        return element


def _add(root: Element, question: Question, pictures: Mapping[str, bytes], case: str = "") -> None:
    moodle = _Moodle(pictures)
    element = SubElement(root, "question", type=TYPES[question.kind])
    add(add(element, "name"), "text", question.code)
    moodle.text(element, "questiontext", _stem(question))
    moodle.text(element, "generalfeedback", with_lines(question.rationale, question.citations))
    add(element, "defaultgrade", "1.0")
    add(element, "penalty", "0")
    add(element, "hidden", "0")
    add(element, "idnumber", question.code)
    _answers(element, question, moodle)
    tags = SubElement(element, "tags")
    for tag in tag_words.tags_of(question, case):
        add(SubElement(tags, "tag"), "text", tag)
    add(element, companion.MARK, companion.written(question, companion.element_text(element), case))
    for item in question.items:
        _add(root, item, pictures, question.code)


def _stem(question: Question) -> str:
    if question.kind is not Kind.FILL_BLANK:
        return question.stem
    parts = question.stem.split(BLANK)
    gaps = [*map(gap_of, question.key), *[BLANK] * len(parts)][: len(parts) - 1]
    return "".join(text + gap for text, gap in zip(parts, [*gaps, ""], strict=True))


def _answers(element: Element, question: Question, moodle: _Moodle) -> None:
    match question.kind:
        case Kind.SINGLE | Kind.MULTIPLE | Kind.INDEFINITE:
            _options(element, question, moodle)
        case Kind.TRUE_FALSE:
            for word, letter in (("true", "T"), ("false", "F")):
                share = "100" if question.key == letter else "0"
                add(add(element, "answer", fraction=share, format="moodle_auto_format"), "text", word)
        case Kind.ORDERING:
            for tag, value in ORDERING.items():
                add(element, tag, value)
            for number, text in enumerate(in_right_order(question), start=1):
                moodle.text(element, "answer", text, fraction=f"{number}.0000000")
        case Kind.MATCHING:
            add(element, "shuffleanswers", "true")
            for left, right in pairs_of(question):
                add(add(moodle.text(element, "subquestion", left), "answer"), "text", right)
        case Kind.SHORT_ANSWER | Kind.DRAFTING:
            add(element, "responseformat", "editor")
            add(element, "responserequired", "1")
            moodle.text(element, "graderinfo", reference_text(question))


def _options(element: Element, question: Question, moodle: _Moodle) -> None:
    single = question.kind is Kind.SINGLE
    right = "100" if single else f"{100 / max(len(question.key), 1):.5f}".rstrip("0").rstrip(".")
    add(element, "single", "true" if single else "false")
    add(element, "shuffleanswers", "true")
    add(element, "answernumbering", "ABCD")
    for letter, option in zip(LETTERS, question.options, strict=False):
        wrong = "0" if single else "-100"
        moodle.text(element, "answer", option, fraction=right if letter in question.key else wrong)
