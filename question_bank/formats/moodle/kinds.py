"""One Moodle question of each type as a question of ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element

from question_bank.formats.found import Fault
from question_bank.formats.gift.answers import NUMERICAL, WEIGHTS
from question_bank.formats.html_text import Texts
from question_bank.formats.moodle.cloze import Unfit, blanks_of
from question_bank.formats.pairing import mixed, paired
from question_bank.formats.reference_text import reference_key
from question_bank.questions import BLANK, LETTERS, N_, Kind, Question

__all__ = ["KINDS", "Unfit", "field_text"]

FORMATS = {"markdown": "markdown", "plain_text": "plain", "html": "html"}


def field_text(parent: Element, path: str, texts: Texts, column: str = "stem") -> str:
    element = parent.find(path)
    return "" if element is None else text_of(element, texts, column)


def text_of(element: Element, texts: Texts, column: str) -> str:
    """What an element with a `text` child says, as Markdown."""
    said = element.findtext("text")
    said = (element.text or "") if said is None else said
    return texts.loose(said, column, FORMATS.get(element.get("format") or "", ""))


def _fraction(answer: Element) -> float:
    try:
        return float(answer.get("fraction") or 0)
    except ValueError:
        return 0.0


def _with_remarks(question: Question, answers: Sequence[Element], texts: Texts) -> Question:
    """Feedback to single answers joins the rationale."""
    said = [(n, field_text(answer, "feedback", texts, "rationale")) for n, answer in enumerate(answers)]
    lettered = question.kind in (Kind.SINGLE, Kind.MULTIPLE, Kind.INDEFINITE)
    remarks = [f"{LETTERS[n]}：{text}" if lettered else text for n, text in said if text and n < len(LETTERS)]
    return replace(question, rationale="\n\n".join(filter(None, (question.rationale, *remarks))))


def _choice(element: Element, basis: Question, texts: Texts) -> Question:
    answers = element.findall("answer")
    right = [n for n, answer in enumerate(answers) if _fraction(answer) > 0]
    single = (element.findtext("single") or "true").strip().lower() in ("true", "1")
    if single:
        whole = [n for n in right if _fraction(answers[n]) == 100]
        right = whole or right
    if len({_fraction(answers[n]) for n in right}) > 1 or (single and len(right) > 1):
        texts.warn("key", WEIGHTS)
    kind = Kind.MULTIPLE if len(right) > 1 else Kind.SINGLE if single or not right else Kind.INDEFINITE
    made = replace(
        basis, kind=kind, options=tuple(text_of(answer, texts, "A") for answer in answers),
        key="".join(LETTERS[n] for n in right if n < len(LETTERS)),
    )  # fmt: skip
    return _with_remarks(made, answers, texts)


def _truth(element: Element, basis: Question, texts: Texts) -> Question:
    answers = element.findall("answer")
    key = ""
    for answer in answers:
        if _fraction(answer) > 0:
            key = (answer.findtext("text") or "").strip()[:1].upper()
    return _with_remarks(replace(basis, kind=Kind.TRUE_FALSE, key=key), answers, texts)


def _word(element: Element, basis: Question, texts: Texts) -> Question:
    answers = element.findall("answer")
    whole = [answer for answer in answers if _fraction(answer) == 100]
    words = [(answer.findtext("text") or answer.text or "").strip() for answer in whole]
    kept = [word for word in words if word and "*" not in word]
    if len(kept) < len(answers):
        texts.faults.append(Fault("key", WEIGHTS, "", {}, "", True))
    return _with_remarks(_one_blank(basis, kept), answers, texts)


def _one_blank(basis: Question, variants: Sequence[str]) -> Question:
    stem = basis.stem if basis.stem.count(BLANK) == 1 else f"{basis.stem} {BLANK}".strip()
    return replace(basis, kind=Kind.FILL_BLANK, stem=stem, key=(tuple(dict.fromkeys(variants)),))


def _number(element: Element, basis: Question, texts: Texts) -> Question:
    answers = [answer for answer in element.findall("answer") if _fraction(answer) == 100]
    exact = [answer for answer in answers if float_or_none(answer.findtext("tolerance")) in (None, 0.0)]
    if not exact or len(exact) < len(answers):
        raise Unfit(NUMERICAL)
    return _one_blank(basis, [(answer.findtext("text") or "").strip() for answer in exact])


def float_or_none(text: str | None) -> float | None:
    try:
        return float(text or 0)
    except ValueError:
        return None


def _essay(element: Element, basis: Question, texts: Texts) -> Question:
    kind, key, faults = reference_key(field_text(element, "graderinfo", texts, "key"))
    texts.faults += faults
    return replace(basis, kind=kind, key=key)


def _pairs(element: Element, basis: Question, texts: Texts) -> Question:
    pairs = []
    for part in element.findall("subquestion"):
        answer = part.find("answer")
        pairs.append((text_of(part, texts, "A"), "" if answer is None else text_of(answer, texts, "A")))
    options, matches, key = paired(pairs)
    return replace(basis, kind=Kind.MATCHING, options=options, matches=matches, key=key)


def _order(element: Element, basis: Question, texts: Texts) -> Question:
    options, key = mixed([text_of(answer, texts, "A") for answer in element.findall("answer")])
    return replace(basis, kind=Kind.ORDERING, options=options, key=key)


def _cloze(element: Element, basis: Question, texts: Texts) -> Question:
    stem, key, remarks = blanks_of(basis.stem, texts)
    if not key:
        raise Unfit(N_("There is no gap in the text."))
    rationale = "\n\n".join(filter(None, (basis.rationale, *remarks)))
    return replace(basis, kind=Kind.FILL_BLANK, stem=re.sub(" {2,}", " ", stem), key=key, rationale=rationale)


KINDS: dict[str, Callable[[Element, Question, Texts], Question]] = {
    "multichoice": _choice, "multichoiceset": _choice, "truefalse": _truth, "shortanswer": _word,
    "numerical": _number, "essay": _essay, "matching": _pairs, "ddmatch": _pairs, "ordering": _order,
    "cloze": _cloze, "multianswer": _cloze,
}  # fmt: skip
