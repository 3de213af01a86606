"""Our own words beside a foreign form: a question's plain values and the hash of the text they belong to.

A reader takes them whole while the text is as it was written, and only what the form has no place for
once somebody has changed the text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import Element

from question_bank.formats.found import Fault
from question_bank.formats.xml_text import UNFIT
from question_bank.questions import CHOICES, N_, Kind, Question
from question_bank.sheet_format import CODE_FORM

MOST = 1_000_000  # characters
LONGEST = 100_000  # characters of one text
MARK = "mingfa"
STRINGS = ("code", "kind", "stem", "rationale", "topic", "cognitive_level")
RARE = ("source", "field", "valid_from", "valid_until")
EDITED = N_("The text was changed since it was written here; what the form cannot say was taken from before.")


@dataclass(frozen=True)
class Companion:
    """What stood beside a question: `sha256` of the text it was written with, `case` the number of its case set."""

    sha256: str
    question: Question
    case: str = ""

    def settle(self, read: Question | None, text: str) -> tuple[Question | None, tuple[Fault, ...]]:
        """The question as it was written, or as the changed `text` was `read`, filled up from before."""
        if sha256(text) == self.sha256:
            return self.question, ()
        if read is None:
            return None, ()
        if read.kind is Kind.SHORT_ANSWER and not read.key:  # an essay: the form had no word for the kind
            old = self.question
            read = replace(read, kind=old.kind, options=old.options, matches=old.matches, key=old.key)
        kind = self.question.kind if {read.kind, self.question.kind} <= set(CHOICES) else read.kind
        if kind is Kind.SINGLE and len(read.key) != 1:
            kind = Kind.MULTIPLE
        old = self.question
        filled = replace(
            read, code=old.code, kind=kind, rationale=read.rationale or old.rationale,
            citations=read.citations or old.citations, topic=read.topic or old.topic, difficulty=old.difficulty,
            cognitive_level=old.cognitive_level, tags=old.tags, source=old.source, field=old.field,
            valid_from=old.valid_from, valid_until=old.valid_until,
        )  # fmt: skip
        return filled, (Fault("code", EDITED, "", {}, old.code, True),)


def written(question: Question, text: str, case: str = "") -> str:
    """One line of JSON for a question written as `text`; a case set is written without its items."""
    body = {"sha256": sha256(text), "case": case, "question": replace(question, items=()).plain()}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).replace("\u2028", "\\u2028")


def read(line: str) -> Companion | None:
    """What `written` wrote; None for anything else."""
    try:
        body = json.loads(line) if len(line) <= MOST else None
        question = question_of(body["question"]) if isinstance(body, dict) else None
        if question is None or any(UNFIT.search(text) for text in (*question.texts(), question.topic, *question.tags)):
            return None
        return Companion(str(body.get("sha256", "")), question, str(body.get("case", "")))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def question_of(body: Any) -> Question | None:
    """A question from a stranger's JSON, None when it has not the shape of one."""
    if not isinstance(body, dict) or not _shaped(body):
        return None
    question = Question.from_plain(body)
    code = question.code if CODE_FORM.fullmatch(question.code) else ""
    return replace(question, code=code, items=())


def _shaped(body: dict[str, Any]) -> bool:
    lists = {name: body.get(name, []) for name in ("options", "matches", "tags")}
    citations = body.get("citations")
    return (
        all(isinstance(body.get(name), str) and len(body[name]) <= LONGEST for name in STRINGS)
        and all(isinstance(body.get(name, ""), str) and len(body.get(name, "")) <= LONGEST for name in RARE)
        and all(isinstance(one, list) and all(map(_text, one)) for one in lists.values())
        and type(body.get("difficulty")) is int
        and isinstance(citations, list)
        and all(isinstance(c, dict) and all(map(_text, c.values())) for c in citations)
        and body.get("items") == []
        and _key_shaped(body["kind"], body.get("key"))
    )


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST


def _key_shaped(kind: str, key: Any) -> bool:
    match kind:
        case Kind.MATCHING | Kind.SHORT_ANSWER:
            return isinstance(key, list) and all(map(_text, key))
        case Kind.FILL_BLANK:
            return isinstance(key, list) and all(isinstance(one, list) and all(map(_text, one)) for one in key)
        case Kind.DRAFTING:
            rubric = key[1:] if isinstance(key, list) else ()
            return isinstance(key, list) and all(map(_text, key[:1])) and all(map(_criterion, rubric))
    return _text(key)


def _criterion(row: Any) -> bool:
    return isinstance(row, list) and len(row) == 2 and _text(row[0]) and type(row[1]) is int


def sha256(text: str) -> str:
    """Equal for texts that differ only in line ends and blanks before them."""
    lines = (line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def element_text(element: Element) -> str:
    """Everything an element says except our own words, for `sha256`."""
    return "\n".join(_spoken(element))


def _spoken(element: Element) -> Iterator[str]:
    skipped = {id(own) for mark in element.iter(MARK) for own in mark.iter()}
    for part in element.iter():
        if id(part) not in skipped:
            yield f"{part.tag} {sorted(part.attrib.items())} {(part.text or '').strip()} {(part.tail or '').strip()}"
