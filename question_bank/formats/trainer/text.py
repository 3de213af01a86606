"""Questions out of plain text in the habits of Chinese trainers, and out of any lines a document has."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Literal

from question_bank.formats.decoding import text_of
from question_bank.formats.found import RAW, Fault, Found, Place, Unreadable, judged
from question_bank.formats.trainer.assign import assign
from question_bank.formats.trainer.choices import telling_marks
from question_bank.formats.trainer.doubts import doubt_places
from question_bank.formats.trainer.drafts import Draft
from question_bank.formats.trainer.lines import GUARD, Line, lines_of
from question_bank.formats.trainer.look_alikes import as_seen
from question_bank.formats.trainer.making import made
from question_bank.formats.trainer.walk import Walk
from question_bank.questions import N_, Question

MOST_LINES = 200_000
LONGEST = 20_000  # characters of a line that is looked at
Unit = Literal["line", "paragraph"]


def read(data: bytes, name: str) -> Iterator[Found]:
    """Every question of a text file or of pasted text; lines are counted from 1. Raises Unreadable."""
    lines = list(lines_of(text_of(data)))
    if not lines:
        raise Unreadable(N_("There is no text in the file."), N_("Choose another file."))
    return read_lines(lines, "line")


def read_lines(lines: list[Line], unit: Unit, part: str = "") -> Iterator[Found]:
    """Every question the lines hold, in their order, and every line that belongs to none; titles are passed over.

    Raises Unreadable when there are more than 200,000 lines.
    """
    if len(lines) > MOST_LINES:
        raise Unreadable(N_("The file has too many lines."), N_("Split it into smaller files."))
    endless = [line for line in lines if len(line.text) > LONGEST]
    lines = [as_seen(line) for line in lines if len(line.text) <= LONGEST]
    lines = [line for line in lines if line.text.strip() or line.rows or line.pictures]
    walked = Walk(lines).run()
    walked.loose += endless
    astray = assign(walked)
    leaves = [leaf for section in walked.sections for draft in section.drafts for leaf in draft.leaves()]
    doubt_places(leaves, walked.loose)
    marks = telling_marks(leaves)
    for leaf in leaves:
        leaf.marks = marks
    founds = [(draft.line.number, _found(draft, unit, part)) for section in walked.sections for draft in section.drafts]
    founds += [(line.number, _alone(line, (_unowned(line), *line.faults), unit, part)) for line in walked.loose]
    founds += _strays(astray, unit, part)
    founds += [(line.number, _alone(line, line.faults, unit, part)) for line in walked.passed if line.faults]
    for _number, found in sorted(founds, key=lambda pair: pair[0]):
        yield found


def _found(draft: Draft, unit: Unit, part: str) -> Found:
    question, faults = made(draft)
    raw = "\n".join(line.raw for line in draft.lines)
    if question and GUARD in raw:
        question = Question.from_plain(json.loads(json.dumps(question.plain(), ensure_ascii=False).replace(GUARD, "")))
    if question:
        named = {fault.column for fault in faults if not fault.warning or fault.column == "key"}
        faults += judged(question, text=draft.line.raw[:200], but=frozenset(named))
    pictures = {key: data for line in draft.lines for key, data in line.pictures.items()}
    if question:
        pictures = {key: data for key, data in pictures.items() if key in {k for _alt, k in question.pictures()}}
    return Found(Place(part, unit, draft.line.number), question, tuple(_once(faults)), raw[:RAW], pictures)


def _once(faults: Iterable[Fault]) -> Iterator[Fault]:
    seen: list[Fault] = []
    for fault in faults:
        if fault not in seen:
            seen.append(fault)
            yield fault


def _strays(astray: list[tuple[Line, Fault]], unit: Unit, part: str) -> Iterator[tuple[int, Found]]:
    """One finding a line, with all its faults."""
    by_line: dict[Line, list[Fault]] = {}
    for line, fault in astray:
        by_line.setdefault(line, []).append(fault)
    for line, faults in by_line.items():
        yield line.number, _alone(line, faults, unit, part)


def _alone(line: Line, faults: Iterable[Fault], unit: Unit, part: str) -> Found:
    return Found(Place(part, unit, line.number), None, tuple(faults), line.raw[:RAW], dict(line.pictures))


def _unowned(line: Line) -> Fault:
    return Fault(
        "", N_("This text belongs to no question."),
        N_("Write a number before it when it is a question, or leave it out."), {}, line.raw[:200],
    )  # fmt: skip
