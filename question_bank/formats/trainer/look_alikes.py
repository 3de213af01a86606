"""Letters that look like others, and signs nobody sees: lines as a reader of the page sees them."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace

from question_bank.formats.found import Fault
from question_bank.formats.trainer.lines import Line
from question_bank.questions import N_

UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202c\u2061-\u2069\u3164\ufeff\uffa0]"
    "|[\u200c\u200d](?=[\u0000-\u007f\uff00-\uffef]|$)|(?<=[\u0000-\u007f])[\u200c\u200d]"
)
BACKWARDS = re.compile("[\u202d\u202e]")  # what follows is shown in another order than it is written
CYRILLIC_GREEK = "\u0370-\u03ff\u0400-\u04ff"
LIKE = str.maketrans("АВСЕНаесΑΒΕΗ", "ABCEHaecABEH")
ALIKE = re.compile(
    rf"(?:(?<=[案选为是])|(?<![{CYRILLIC_GREEK}\u4e00-\u9fff]))[АВСЕНаесΑΒΕΗ]+(?=[.．、:：)）】,，。；;A-H\s]|$)"
)  # where the letter of an option or a key stands
TURNED = N_("A hidden sign turns the direction of this text, so that it reads otherwise than it is written.")
READ_AS_LATIN = N_("Letters of another alphabet that look like A, B, C were read as these.")


def as_seen(line: Line) -> Line:
    """The line without unseen signs and with look-alikes as the letters they look like; what turns text is a fault."""
    rows = tuple(tuple(map(_seen, row)) for row in line.rows)
    if line.text.isascii() and rows == line.rows:
        return line
    text, faults = _seen(line.text), line.faults
    if ALIKE.search(line.raw):
        told = Fault("", READ_AS_LATIN, N_("Look at the question and correct it."), {}, line.raw[:200], warning=True)
        faults = (*faults, told)
    if BACKWARDS.search(line.raw):
        faults = (*faults, Fault("", TURNED, N_("Write this line again, without copying it."), {}, line.raw[:200]))
    return replace(line, text=text, rows=rows, spans=_moved(line), faults=faults)


def _seen(text: str) -> str:
    return ALIKE.sub(lambda found: found[0].translate(LIKE), UNSEEN.sub("", text))


def _moved(line: Line) -> tuple[tuple[int, int, str], ...]:
    """The spans, when unseen signs before their ends are gone."""
    gone = [found.start() for found in UNSEEN.finditer(line.text)]
    if not gone:
        return line.spans
    return tuple((a - bisect_left(gone, a), b - bisect_left(gone, b), mark) for a, b, mark in line.spans)
