"""GIFT, Moodle's text form: blocks between empty lines, answers in braces, categories, feedback, our own comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from question_bank.formats import companion
from question_bank.formats.citation_lines import told_apart
from question_bank.formats.decoding import text_of
from question_bank.formats.found import Fault, Found, Place
from question_bank.formats.gathering import Part, as_truth, gather, unread
from question_bank.formats.gift import signs
from question_bank.formats.gift.answers import Unfit, answered
from question_bank.formats.html_text import Texts
from question_bank.questions import BLANK, N_, Kind, Question

CATEGORY = re.compile(r"\s*\$CATEGORY:\s*(.*)")
OWN = re.compile(rf"\s*//\s*{companion.MARK}:\s*(.*)")
GOES_ON = ("=", "~", "}", "#", "-")  # an empty line inside braces is followed by one of these
NOTHING_SAID = {"$course$", "$cat1$", "$module$", "$system$", "top", "上层", "顶部", "顶级"}


def read(data: bytes, name: str) -> Iterator[Found]:
    """Every block of the text. Raises Unreadable when it is no text."""
    yield from gather(_parts(text_of(data)))


def topic_of(category: str) -> str:
    """The last name of a category's path that says something."""
    names = [name.strip().replace("//", "/") for name in re.split(r"(?<!/)/(?!/)", category)]
    told = [n for n in names if n and n.lower() not in NOTHING_SAID and not re.match(r"(?i)default for|默认", n)]
    return told[-1][:60] if told else ""


def _parts(text: str) -> Iterator[Part]:
    topic = ""
    for start, lines in _blocks(text):
        own = None
        kept: list[str] = []
        for line in lines:
            if found := OWN.match(line):
                own = companion.read(found[1])
            elif found := CATEGORY.match(line):
                topic = topic_of(found[1])
            elif not line.lstrip().startswith("//"):
                kept.append(line)
        if kept:
            yield _part(Place("", "line", start), "\n".join(kept), topic, own)


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines between empty lines with the number of the first, counting from 1; braces hold a block together."""
    lines = text.split("\n")
    block: list[str] = []
    start, depth = 1, 0
    for number, line in enumerate(lines, start=1):
        if line.strip():
            if not block:
                start = number
            block.append(line)
            depth = 0 if line.lstrip().startswith("//") else _open(line, depth)
            continue
        after = next((later.strip() for later in lines[number : number + 20] if later.strip()), "")
        if block and not (depth and after.startswith(GOES_ON)):
            yield start, block
            block, depth = [], 0
    if block:
        yield start, block


def _open(line: str, depth: int) -> int:
    place = signs.find(line, "{}")
    while place >= 0:
        depth = 1 if line[place] == "{" else 0
        place = signs.find(line, "{}", place + 1)
    return depth


def _part(place: Place, text: str, topic: str, own: companion.Companion | None) -> Part:
    texts = Texts()
    try:
        read_as, reason, values = _question(text, topic, texts), "", {}
    except Unfit as unfit:
        read_as, reason, values = None, unfit.message, unfit.values
    case = own.case if own else ""
    if own:
        question, faults = own.settle(read_as, text)
        if question is not None:
            opens = question.code if question.kind is Kind.CASE_SET else ""
            named = tuple(fault for fault in texts.faults if fault.warning or not question.key)
            return Part(place, question, (*named, *faults) if faults else (), text, case=case, opens=opens)
    if read_as is None:
        part = unread(place, text, reason, **values)
        return Part(place, None, part.faults, text, case=case)
    return Part(place, read_as, tuple(texts.faults), text, case=case)


def _question(text: str, topic: str, texts: Texts) -> Question:
    """Raises Unfit."""
    stem, block, after = _cut(text)
    formed = signs.FORMAT.match(stem)
    form = formed[1] if formed else ""
    block, general = signs.split_at(block, "####")
    made = answered(block, form, texts)
    stem = _said(stem[formed.end() :] if formed else stem, form, texts)
    tail = _said(after, form, texts)
    if made.kind is Kind.FILL_BLANK:
        if tail or BLANK not in stem:
            stem = f"{stem}{BLANK}{tail}" if tail else f"{stem} {BLANK}"
    elif tail:
        stem = f"{stem}（　）{tail}"
    rationale, citations = told_apart(_said(general, form, texts, "rationale"))
    question = Question(
        code="", kind=made.kind, stem=stem, options=made.options, matches=made.matches, topic=topic,
        key=made.key if made.kind is not Kind.SHORT_ANSWER else (),
        rationale="\n\n".join(filter(None, (rationale, *made.remarks))), citations=citations,
    )  # fmt: skip
    if made.kind is Kind.SHORT_ANSWER:  # an essay has no key here
        texts.faults.append(Fault("key", N_("The file holds no reference answer for this question."), N_("Write it.")))
    return as_truth(question)


def _said(text: str, form: str, texts: Texts, column: str = "stem") -> str:
    return texts.loose(signs.plain(text.strip()), column, form)


def _cut(text: str) -> tuple[str, str, str]:
    """The stem, what stands in its braces, and the text after them. Raises Unfit."""
    text = text.strip()
    if text.startswith("::"):
        _title, end = signs.split_at(text[2:], "::")
        text = end.strip() if end else text
    begin = signs.find(text, "{")
    if begin < 0:
        raise Unfit(N_("This is a text without a question; it was left out."))
    end = signs.find(text, "}", begin)
    if end < 0:
        raise Unfit(N_("The brace { of the answers is not closed."))
    if signs.find(text, "{", end) >= 0:
        raise Unfit(N_("There is more than one block of answers in braces."))
    return text[:begin], text[begin + 1 : end], text[end + 1 :].strip()
