"""Aiken: a question, options A. or A), and a line ANSWER: B."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from question_bank.formats.decoding import text_of
from question_bank.formats.found import Fault, Found, Place, Unreadable
from question_bank.formats.gathering import Part, as_truth, gather, unread
from question_bank.formats.html_text import Texts
from question_bank.questions import LETTERS, N_, Kind, Question

OPTION = re.compile(r"\s*([A-Za-zＡ-Ｚ])\s*[.)．）、]\s*(.*)")
ANSWER = re.compile(r"\s*ANSWERS?\s*[:：]\s*(.*)", re.I)
REASON = re.compile(r"\s*(?:FEEDBACK|EXPLANATION|解析)\s*[:：]\s*(.*)", re.I)
NUMBER = re.compile(r"\s*\d{1,4}\s*[.、．)）]\s*(?=\S)")
TOGETHER = N_("Two questions run together: an ANSWER line or an empty line is missing between them.")


def read(data: bytes, name: str) -> Iterator[Found]:
    """Every question up to its ANSWER line; a rationale may follow as 解析: or FEEDBACK:. Raises Unreadable."""
    text = text_of(data)
    if not re.search(r"^[ \t]*ANSWERS?[ \t]*[:：]", text, re.M | re.I):
        raise Unreadable(N_("No line of the file begins with ANSWER:."), N_("Choose another form, or add the lines."))
    yield from gather(_part(start, lines) for start, lines in _blocks(text))


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines of each question with the number of its first, counting from 1."""
    block: list[str] = []
    start, answered, gap, choosing = 1, False, False, False
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            gap = True
            continue
        anew = gap and choosing and not OPTION.match(line) and not ANSWER.match(line)
        if (answered or anew) and not REASON.match(line):
            yield start, block
            block, answered, choosing = [], False, False
        gap = False
        if not block:
            start = number
        block.append(line)
        answered = answered or bool(ANSWER.match(line))
        choosing = choosing or bool(OPTION.match(line))
    if block:
        yield start, block


def _part(start: int, lines: list[str]) -> Part:
    place, raw = Place("", "line", start), "\n".join(lines)
    stem: list[str] = []
    options: list[tuple[str, str]] = []
    key, reasons = "", []
    for line in lines:
        if found := ANSWER.match(line):
            key = _letters(found[1])
        elif found := REASON.match(line):
            reasons.append(found[1].strip())
        elif (found := OPTION.match(line)) and _next(found[1]) == len(options):
            options.append((found[1], found[2].strip()))
        elif found and options and _next(found[1]) == 0:
            return unread(place, raw, TOGETHER)
        elif options:
            options[-1] = (options[-1][0], f"{options[-1][1]}\n{line.strip()}")
        else:
            stem.append(line.strip())
    if not stem or not options and not key:
        return unread(place, raw)
    texts = Texts()
    question = Question(
        code="",
        kind=Kind.SINGLE if len(set(key)) <= 1 else Kind.MULTIPLE,
        stem=texts.loose(NUMBER.sub("", "\n".join(stem), count=1)),
        options=tuple(texts.loose(option, "A") for _letter, option in options),
        key="".join(sorted(set(key))),
        rationale=texts.loose("\n".join(reasons), "rationale"),
    )
    question = as_truth(question)
    return Part(place, question, (*texts.faults, *_unanswered(lines)), raw)


def _letters(text: str) -> str:
    """The letters of an ANSWER line, "" when anything else stands there."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    return "".join(re.findall("[A-Z]", plain)) if re.fullmatch(r"[A-Z](?:[\s,;、/&+]*[A-Z])*[.。;]?", plain) else ""


def _unanswered(lines: list[str]) -> Iterator[Fault]:
    if not any(ANSWER.match(line) for line in lines):
        yield Fault("key", N_("The key is empty."), N_("Add a line such as ANSWER: B."), {}, lines[-1])


def _next(letter: str) -> int:
    return (LETTERS + "IJKLMNOPQRSTUVWXYZ").find(unicodedata.normalize("NFKC", letter).upper())
