"""Options on one line or on several, found by their letters in order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from question_bank.formats.trainer.signs import FILLED, MARK, WEAK
from question_bank.questions import LETTERS

LOWER = re.compile(r"(?:^|(?<=[\s\u3000]))([a-h])\s*([.．、)）])\s*")
MOST_MARKS = 120  # letters of a line that are weighed
BEFORE = re.compile(r"[\s）)。？?：:；;，,_】\]》”\"]")


@dataclass(frozen=True)
class Marker:
    """A letter that may begin an option."""

    letter: str
    start: int
    end: int
    sign: str
    free: bool  # the line begins here, or a blank stands before it
    strong: bool = True


def markers(text: str, start: int = 0, end: int | None = None) -> list[Marker]:
    """Every letter with a sign behind it, and letters that a blank sets apart."""
    return list(_markers(text, start, len(text) if end is None else end))


@lru_cache(1024)  # a line is looked at from several sides
def _markers(text: str, start: int, end: int) -> tuple[Marker, ...]:
    found = []
    for hit in MARK.finditer(text, start, end):
        letter = (hit[1] or hit[2]).translate(FILLED)
        free = not text[start : hit.start()].strip() or text[hit.start() - 1].isspace()
        found.append(Marker(letter, hit.start(), hit.end(), hit[3] or "(", free))
    if not found and (lower := list(LOWER.finditer(text, start, end))):
        found = [Marker(hit[1].upper(), hit.start(), hit.end(), hit[2], True) for hit in lower]
    taken = {mark.start for mark in found}
    for hit in WEAK.finditer(text, start, end):
        if hit.start(1) not in taken and hit.start() not in taken:
            found.append(Marker(hit[1].translate(FILLED), hit.start(1), hit.end(), "", True, strong=False))
    return tuple(sorted(found, key=lambda mark: mark.start))


def run_of(marks: list[Marker], first: str) -> list[Marker]:
    """The longest chain of letters in order beginning with `first`; equal signs and free places are preferred."""
    best: list[Marker] = []
    marks = marks[:MOST_MARKS]
    for place, mark in enumerate(marks):
        if mark.letter != first:
            continue
        chain = [mark]
        for letter in LETTERS[LETTERS.index(first) + 1 :]:
            rest = [m for m in marks[place + 1 :] if m.letter == letter and m.start >= chain[-1].end]
            rest = [m for m in rest if m.strong == mark.strong] or rest
            if not rest:
                break
            chain.append(min(rest, key=lambda m: (m.sign != mark.sign, not m.free, m.start)))
        if _worth(chain) > _worth(best):
            best = chain
    return best


def _worth(chain: list[Marker]) -> tuple[int, int, int]:
    """Longer chains first, then those whose letters look alike, then those that stand free."""
    return len(chain), sum(mark.sign == chain[0].sign for mark in chain), sum(mark.free for mark in chain)


def opens(text: str, start: int = 0) -> Marker | None:
    """The letter A with which options begin on this line, if they do."""
    marks = markers(text, start)
    chain = run_of(marks, "A")
    if not chain:
        return None
    first = chain[0]
    at_start = not text[start : first.start].strip()
    if at_start and (first.strong or len(chain) > 1):
        return first
    if len(chain) > 1 and first.strong and (first.free or BEFORE.match(text[first.start - 1])):
        return first
    return None
