"""A question as a value: what it says, its key, and the articles it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


def N_(message: str) -> str:
    """Mark a message for translation; whoever shows it translates it."""
    return message


LETTERS = "ABCDEFGH"
BLANK = "____"
PICTURE = re.compile(r"!\[([^\]]{0,1000})\]\(picture:([0-9a-f]{16,64})\)")  # alt text, SHA-256 of the picture's bytes


class Kind(StrEnum):
    SINGLE = "single_choice"
    MULTIPLE = "multiple_choice"
    INDEFINITE = "indefinite_choice"
    TRUE_FALSE = "true_false"
    FILL_BLANK = "fill_blank"
    ORDERING = "ordering"
    MATCHING = "matching"
    SHORT_ANSWER = "short_answer"
    DRAFTING = "document_drafting"
    CASE_SET = "case_set"


CHOICES = (Kind.SINGLE, Kind.MULTIPLE, Kind.INDEFINITE)
SEVERAL = (Kind.MULTIPLE, Kind.INDEFINITE)  # choices of which more than one may be ticked
WITH_OPTIONS = (*CHOICES, Kind.ORDERING, Kind.MATCHING)
MACHINE_MARKED = (*WITH_OPTIONS, Kind.TRUE_FALSE, Kind.FILL_BLANK)
COGNITIVE_LEVELS = ("remember", "understand", "apply", "analyse")


@dataclass(frozen=True)
class Citation:
    """The article a key follows from; `summary` is one sentence of ours about it."""

    law: str
    label: str
    article: str
    summary: str = ""


@dataclass(frozen=True)
class Question:
    """One question; `stem`, `options`, `matches` and `rationale` are Markdown.

    `options` are the choices, the steps to be ordered, or the left side of a matching, whose right
    side is `matches` (it may hold more than is needed). `key` by kind: option letters ("B", "ACD");
    "T" or "F"; for fill_blank a tuple with one tuple of accepted variants per blank; for ordering the
    letters in the right order ("BDAC"); for matching one number of `matches` per option, counted from
    1 (("2", "1", "3")); for short_answer the reference answer followed by marking points; for
    document_drafting the reference followed by (criterion, weight) pairs with whole weights above
    nought; empty for a case set, whose `items` carry their own.

    `field` is an enforcement field, "" that of the bank; `valid_from` and `valid_until` (its last
    day) are ISO days or "".
    """

    code: str
    kind: Kind
    stem: str
    options: tuple[str, ...] = ()
    key: str | tuple[Any, ...] = ""
    rationale: str = ""
    citations: tuple[Citation, ...] = ()
    topic: str = ""
    difficulty: int = 3
    cognitive_level: str = "understand"
    items: tuple[Question, ...] = ()
    matches: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    source: str = ""
    field: str = ""
    valid_from: str = ""
    valid_until: str = ""

    def plain(self) -> dict[str, Any]:
        """JSON-ready values; `from_plain` gives the same question back. What is rare stands only where it is."""
        rare = {
            "matches": list(self.matches), "tags": list(self.tags), "source": self.source, "field": self.field,
            "valid_from": self.valid_from, "valid_until": self.valid_until,
        }  # fmt: skip
        return {
            "code": self.code,
            "kind": self.kind.value,
            "stem": self.stem,
            "options": list(self.options),
            "key": self.key if isinstance(self.key, str) else _lists(self.key),
            "rationale": self.rationale,
            "citations": [vars(c).copy() for c in self.citations],
            "topic": self.topic,
            "difficulty": self.difficulty,
            "cognitive_level": self.cognitive_level,
            "items": [item.plain() for item in self.items],
        } | {name: value for name, value in rare.items() if value}

    @classmethod
    def from_plain(cls, body: dict[str, Any]) -> Question:
        return cls(
            code=body["code"],
            kind=Kind(body["kind"]),
            stem=body["stem"],
            options=tuple(body["options"]),
            key=body["key"] if isinstance(body["key"], str) else _tuples(body["key"]),
            rationale=body["rationale"],
            citations=tuple(Citation(**c) for c in body["citations"]),
            topic=body["topic"],
            difficulty=body["difficulty"],
            cognitive_level=body["cognitive_level"],
            items=tuple(cls.from_plain(item) for item in body["items"]),
            matches=tuple(body.get("matches", ())),
            tags=tuple(body.get("tags", ())),
            source=body.get("source", ""),
            field=body.get("field", ""),
            valid_from=body.get("valid_from", ""),
            valid_until=body.get("valid_until", ""),
        )

    def leaves(self) -> tuple[Question, ...]:
        """The questions a candidate answers: itself, or a case set's items."""
        return self.items if self.kind is Kind.CASE_SET else (self,)

    def all_citations(self) -> tuple[Citation, ...]:
        """Every article cited here or in an item, each once, in order."""
        cited = [*self.citations, *(c for item in self.items for c in item.citations)]
        return tuple({(c.law, c.label, c.article): c for c in cited}.values())

    def texts(self) -> Iterator[str]:
        """Everything a person reads in it: stem, options, matches and rationale, items included."""
        yield from (self.stem, *self.options, *self.matches, self.rationale)
        for item in self.items:
            yield from item.texts()

    def pictures(self) -> tuple[tuple[str, str], ...]:
        """(alternative text, key) of every picture in its texts, in order."""
        return tuple((alt, key) for text in self.texts() for alt, key in PICTURE.findall(text))


def _lists(value: Any) -> Any:
    return [_lists(v) for v in value] if isinstance(value, tuple) else value


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value
