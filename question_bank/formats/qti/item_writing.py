"""One question as a QTI 3.0 item, one case as a stimulus."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement

from question_bank.formats.citation_lines import with_lines
from question_bank.formats.markdown_xhtml import elements
from question_bank.formats.reference_text import reference_text
from question_bank.formats.xml_text import add, clean
from question_bank.questions import BLANK, LETTERS, Kind, Question

ASI = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
SCHEMA = {
    "xmlns": ASI,
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": f"{ASI} https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0p1_v1p0.xsd",
    "xml:lang": "zh-CN",
}
TEMPLATES = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/"
IMAGES = "../images/"
HERE = "\ue5a7"  # stands for a blank while Markdown is rendered
TRUTHS = (("T", "对"), ("F", "错"))


def item_of(question: Question, name: str, pictures: Mapping[str, bytes], stimulus: str = "") -> Element:
    """An assessment item; `stimulus` is the identifier of the case it belongs to."""
    return _Item(question, name, pictures, stimulus).root


def stimulus_of(question: Question, name: str, pictures: Mapping[str, bytes]) -> Element:
    root = Element("qti-assessment-stimulus", SCHEMA | {"identifier": name, "title": clean(question.code or name)})
    SubElement(root, "qti-stimulus-body").extend(elements(question.stem, pictures, IMAGES))
    return root


class _Item:
    """Builds the item in the order of the schema: declarations, outcomes, stimulus, body, processing, feedback."""

    def __init__(self, question: Question, name: str, pictures: Mapping[str, bytes], stimulus: str) -> None:
        self.question, self.pictures = question, pictures
        self.root = Element(
            "qti-assessment-item",
            SCHEMA | {
                "identifier": name, "title": clean(question.code or name), "adaptive": "false",
                "time-dependent": "false",
            },
        )  # fmt: skip
        self._declare()
        self._outcomes()
        if stimulus:
            add(self.root, "qti-assessment-stimulus-ref", identifier=stimulus, href=f"../stimuli/{stimulus}.xml")
        self.body = SubElement(self.root, "qti-item-body")
        self._fill_body()
        self._process()
        if reason := with_lines(question.rationale, question.citations):
            feedback = add(
                self.root, "qti-modal-feedback", identifier="RATIONALE", **{"outcome-identifier": "FEEDBACK"},
                **{"show-hide": "show"},
            )  # fmt: skip
            SubElement(feedback, "qti-content-body").extend(elements(reason, pictures, IMAGES))

    def _declare(self) -> None:
        question, key = self.question, self.question.key
        match question.kind:
            case Kind.SINGLE | Kind.TRUE_FALSE:
                self._response("single", "identifier", key)
            case Kind.MULTIPLE | Kind.INDEFINITE:
                self._response("multiple", "identifier", key)
            case Kind.ORDERING:
                self._response("ordered", "identifier", key)
            case Kind.MATCHING:
                pairs = zip(LETTERS, key, strict=False)
                self._response("multiple", "directedPair", [f"{letter} M{number}" for letter, number in pairs])
            case Kind.FILL_BLANK:
                for number, variants in enumerate(key, start=1):
                    self._response("single", "string", variants[:1], f"RESPONSE{number}", variants)
            case _:
                self._response("single", "string", ())

    def _response(
        self, cardinality: str, base: str, right: Iterable[str], name: str = "RESPONSE", mapped: Sequence[str] = ()
    ) -> None:
        declaration = add(
            self.root, "qti-response-declaration", identifier=name, cardinality=cardinality, **{"base-type": base}
        )
        if right := list(right):
            correct = SubElement(declaration, "qti-correct-response")
            for value in right:
                add(correct, "qti-value", value)
        if mapped:
            mapping = SubElement(declaration, "qti-mapping", {"default-value": "0"})
            for value in mapped:
                add(mapping, "qti-map-entry", **{"map-key": value, "mapped-value": "1", "case-sensitive": "false"})

    def _outcomes(self) -> None:
        human = {"external-scored": "human"} if self.question.kind in (Kind.SHORT_ANSWER, Kind.DRAFTING) else {}
        add(self.root, "qti-outcome-declaration", identifier="SCORE", cardinality="single",
            **{"base-type": "float"}, **human)  # fmt: skip
        if self.question.rationale or self.question.citations:
            feedback = add(self.root, "qti-outcome-declaration", identifier="FEEDBACK", cardinality="single",
                           **{"base-type": "identifier"})  # fmt: skip
            add(SubElement(feedback, "qti-default-value"), "qti-value", "RATIONALE")

    def _fill_body(self) -> None:
        question = self.question
        if question.kind is Kind.FILL_BLANK:
            self.body.extend(elements(question.stem.replace(BLANK, HERE), self.pictures, IMAGES))
            _open_gaps(self.body)
            return
        self.body.extend(elements(question.stem, self.pictures, IMAGES))
        match question.kind:
            case Kind.SINGLE | Kind.MULTIPLE | Kind.INDEFINITE:
                most = "1" if question.kind is Kind.SINGLE else "0"
                self._choices(self._interaction("choice", **{"max-choices": most, "shuffle": "false"}))
            case Kind.TRUE_FALSE:
                interaction = self._interaction("choice", **{"max-choices": "1", "shuffle": "false"})
                for letter, word in TRUTHS:
                    add(interaction, "qti-simple-choice", word, identifier=letter)
            case Kind.ORDERING:
                self._choices(self._interaction("order", shuffle="false"))
            case Kind.MATCHING:
                self._sides()
            case _:
                self._interaction("extended-text", **{"expected-lines": "8"})
                block = SubElement(self.body, "qti-rubric-block", view="scorer", use="scoring")
                inner = SubElement(block, "qti-content-body")
                inner.extend(elements(reference_text(question), self.pictures, IMAGES))

    def _interaction(self, name: str, **attributes: str) -> Element:
        return add(self.body, f"qti-{name}-interaction", **{"response-identifier": "RESPONSE", **attributes})

    def _choices(self, interaction: Element) -> None:
        for letter, option in zip(LETTERS, self.question.options, strict=False):
            choice = SubElement(interaction, "qti-simple-choice", identifier=letter)
            choice.extend(elements(option, self.pictures, IMAGES))

    def _sides(self) -> None:
        question = self.question
        interaction = self._interaction("match", shuffle="false", **{"max-associations": str(len(question.options))})
        numbered = [(f"M{number}", text) for number, text in enumerate(question.matches, start=1)]
        sides = ((zip(LETTERS, question.options, strict=False), 1), (numbered, len(question.options)))
        for side, most in sides:
            group = SubElement(interaction, "qti-simple-match-set")
            for name, text in side:
                choice = SubElement(
                    group, "qti-simple-associable-choice", {"identifier": name, "match-max": str(most)}
                )
                choice.extend(elements(text, self.pictures, IMAGES))

    def _process(self) -> None:
        kind = self.question.kind
        if kind is Kind.FILL_BLANK:
            processing = SubElement(self.root, "qti-response-processing")
            total = SubElement(SubElement(processing, "qti-set-outcome-value", identifier="SCORE"), "qti-sum")
            for number in range(1, len(self.question.key) + 1):
                SubElement(total, "qti-map-response", identifier=f"RESPONSE{number}")
        elif kind not in (Kind.SHORT_ANSWER, Kind.DRAFTING):
            SubElement(self.root, "qti-response-processing", template=f"{TEMPLATES}match_correct.xml")


def _open_gaps(body: Element) -> None:
    """Put a text entry where a blank stands, numbered in the order of the text."""
    for parent in list(body.iter()):
        for child in list(parent):
            if HERE in (child.tail or ""):
                child.tail, *rest = str(child.tail).split(HERE)
                at = list(parent).index(child) + 1
                parent[at:at] = map(_gap, rest)
        if HERE in (parent.text or ""):
            parent.text, *rest = str(parent.text).split(HERE)
            parent[0:0] = map(_gap, rest)
    for number, gap in enumerate(body.iter("qti-text-entry-interaction"), start=1):
        gap.set("response-identifier", f"RESPONSE{number}")


def _gap(tail: str) -> Element:
    gap = Element("qti-text-entry-interaction", {"response-identifier": "", "expected-length": "20"})
    gap.tail = tail
    return gap
