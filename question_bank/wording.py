"""What became of the words between two texts, and of the fields between two questions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from question_bank.questions import LETTERS, Kind, Question

SAME, GONE, NEW = "same", "gone", "new"
WORD = re.compile(r"[A-Za-z0-9.,%]+|\s+|.", re.DOTALL)  # a number or a Latin word, else one character
LONGEST = 20_000  # pieces compared one by one; beyond, the whole text is gone and new
ISLAND = 2  # characters that stay the same between two changes and are not worth showing as such


@dataclass(frozen=True)
class Piece:
    """A run of text that stayed, went or came."""

    kind: str
    text: str


@dataclass(frozen=True)
class Difference:
    """One field of a question that is not the same: its place ("items/2/stem"), and how its text changed."""

    place: str
    pieces: tuple[Piece, ...]

    @property
    def old(self) -> str:
        return "".join(p.text for p in self.pieces if p.kind != NEW)

    @property
    def new(self) -> str:
        return "".join(p.text for p in self.pieces if p.kind != GONE)


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """The runs that lead from one text to the other, a number counted as one, Chinese by the character."""
    before, after = WORD.findall(old), WORD.findall(new)
    if len(before) + len(after) > LONGEST:
        return tuple(p for p in (Piece(GONE, old), Piece(NEW, new)) if p.text)
    found: list[Piece] = []
    for act, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if act == "equal":
            found.append(Piece(SAME, "".join(before[a:b])))
            continue
        found += [Piece(GONE, "".join(before[a:b]))] if b > a else []
        found += [Piece(NEW, "".join(after[c:d]))] if d > c else []
    return tuple(_gathered(found))


def _gathered(found: list[Piece]) -> Iterator[Piece]:
    """Small islands between two changes are drowned, and neighbouring changes become one gone and one new."""
    gone = new = ""
    for place, piece in enumerate(found):
        inside = 0 < place < len(found) - 1 and (gone or new) and len(piece.text) <= ISLAND
        if piece.kind == SAME and not inside:
            yield from _change(gone, new)
            gone = new = ""
            yield piece
            continue
        gone += piece.text if piece.kind != NEW else ""
        new += piece.text if piece.kind != GONE else ""
    yield from _change(gone, new)


def _change(gone: str, new: str) -> Iterator[Piece]:
    if gone:
        yield Piece(GONE, gone)
    if new:
        yield Piece(NEW, new)


def fields(question: Question, before: str = "") -> dict[str, str]:
    """Every field of a question as text, by its place; a case set's questions under items/0, items/1 …"""
    found = {"kind": question.kind.value, "stem": question.stem}
    found |= {f"options/{at}": text for at, text in enumerate(question.options)}
    found |= {f"matches/{at}": text for at, text in enumerate(question.matches)}
    found |= {"key": key_text(question), "rationale": question.rationale}
    found["citations"] = "\n".join(f"{c.law} {c.article}（{c.label}）" for c in question.citations)
    found |= {name: str(getattr(question, name)) for name in ("topic", "field", "cognitive_level", "difficulty")}
    found |= {"tags": "、".join(question.tags), "source": question.source}
    found |= {"valid_from": question.valid_from, "valid_until": question.valid_until}
    named = {f"{before}{place}": text for place, text in found.items()}
    for at, item in enumerate(question.items):
        named |= fields(item, f"{before}items/{at}/")
    return named


def key_text(question: Question) -> str:
    """The key on one line or several, as people write it."""
    key = question.key
    match question.kind:
        case Kind.FILL_BLANK:
            return "；".join("/".join(variants) for variants in key)
        case Kind.MATCHING:
            return " ".join(f"{letter}{number}" for letter, number in zip(LETTERS, key, strict=False))
        case Kind.SHORT_ANSWER:
            return "\n".join(key)
        case Kind.DRAFTING:
            return "\n".join(part if isinstance(part, str) else f"{part[0]}：{part[1]}" for part in key)
    return key if isinstance(key, str) else ""


def differences(old: Question, new: Question) -> list[Difference]:
    """The fields whose text is not the same, in the order they are written in."""
    before, after = fields(old), fields(new)
    places = [*after, *(place for place in before if place not in after)]
    return [
        Difference(place, pieces(before.get(place, ""), after.get(place, "")))
        for place in places
        if before.get(place, "") != after.get(place, "")
    ]
