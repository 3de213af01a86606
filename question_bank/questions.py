"""A question as a value, and everything that can be wrong with one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


def N_(message: str) -> str:
    """Mark a message for translation; whoever shows it translates it."""
    return message


LETTERS = "ABCDEFGH"
BLANK = "____"


class Kind(StrEnum):
    SINGLE = "single_choice"
    MULTIPLE = "multiple_choice"
    TRUE_FALSE = "true_false"
    FILL_BLANK = "fill_blank"
    SHORT_ANSWER = "short_answer"
    CASE_SET = "case_set"


CHOICES = (Kind.SINGLE, Kind.MULTIPLE)
MACHINE_MARKED = (Kind.SINGLE, Kind.MULTIPLE, Kind.TRUE_FALSE, Kind.FILL_BLANK)
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
    """One question.

    `key` by kind: option letters ("B", "ACD"); "T" or "F"; for fill_blank a tuple with one tuple
    of accepted variants per blank; for short_answer a tuple of marking points, the reference
    answer first; empty for a case set, whose `items` carry their own.
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

    def plain(self) -> dict[str, Any]:
        """JSON-ready values; `from_plain` gives the same question back."""
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
        }

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
        )

    def leaves(self) -> tuple[Question, ...]:
        """The questions a candidate answers: itself, or a case set's items."""
        return self.items if self.kind is Kind.CASE_SET else (self,)

    def all_citations(self) -> tuple[Citation, ...]:
        """Every article cited here or in an item, each once, in order."""
        cited = [*self.citations, *(c for item in self.items for c in item.citations)]
        return tuple({(c.law, c.label, c.article): c for c in cited}.values())


def _lists(value: Any) -> Any:
    return [_lists(v) for v in value] if isinstance(value, tuple) else value


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


@dataclass(frozen=True)
class Problem:
    """What is wrong, in which column, and what to do; texts are gettext ids filled by `values`."""

    column: str
    message: str
    remedy: str
    values: tuple[tuple[str, str], ...] = ()


def problems(question: Question, *, inside: bool = False) -> Iterator[Problem]:
    """Everything that stops this question from being used, so its author mends it in one go."""
    if not question.stem.strip():
        yield Problem("stem", N_("The stem is empty."), N_("Write the question."))
    if not inside and not question.topic:
        yield Problem("topic", N_("The topic is empty."), N_("Name one topic; papers are drawn by topic."))
    if not 1 <= question.difficulty <= 5:
        yield Problem(
            "difficulty", N_("The difficulty is not a number from 1 to 5."), N_("Write 1 (easy) to 5 (hard).")
        )
    if question.cognitive_level not in COGNITIVE_LEVELS:
        yield Problem("cognitive_level", N_("The cognitive level is not known."), N_("Write 识记, 理解, 应用 or 分析."))
    if question.kind is Kind.CASE_SET:
        if len(question.items) < 2:
            yield Problem("case", N_("A case set needs at least two questions."), N_("Add rows that name this case."))
        for item in question.items:
            for problem in problems(item, inside=True):
                yield replace(problem, values=(*problem.values, ("item", item.code)))
        return
    if not question.rationale.strip():
        yield Problem("rationale", N_("The rationale is empty."), N_("Say in a sentence why the key is right."))
    if not question.citations:
        yield Problem("law", N_("No article is cited."), N_("Name law, version and article."))
    yield from _key_problems(question)


def _key_problems(question: Question) -> Iterator[Problem]:
    match question.kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            yield from _choice_problems(question)
        case Kind.TRUE_FALSE:
            if question.key not in ("T", "F"):
                yield Problem("key", N_("The key of a true/false question is 对 or 错."), N_("Write 对 or 错."))
        case Kind.FILL_BLANK:
            blanks = question.stem.count(BLANK)
            if not blanks:
                yield Problem(
                    "stem", N_("There is no blank in the stem."), N_("Mark each blank with four underscores.")
                )
            elif len(question.key) != blanks or not all(question.key):
                yield Problem(
                    "key",
                    N_("The stem has %(blanks)s blanks and the key %(keys)s."),
                    N_("Separate blanks by a semicolon, variants by a slash."),
                    (("blanks", str(blanks)), ("keys", str(len(question.key)))),
                )
        case Kind.SHORT_ANSWER:
            if len(question.key) < 2:
                yield Problem("key", N_("The reference answer or its marking points are missing."), N_("Write both."))


def _choice_problems(question: Question) -> Iterator[Problem]:
    options = question.options
    if len(options) < 3 or not all(o.strip() for o in options):
        yield Problem("A", N_("A choice question needs at least three options without gaps."), N_("Fill A, B, C, …"))
        return
    if len(set(options)) < len(options):
        yield Problem("A", N_("Two options say the same."), N_("Change or remove one of them."))
    key = question.key
    unknown = [k for k in key if k not in LETTERS[: len(options)]]
    if not key:
        yield Problem("key", N_("The key is empty."), N_("Write the letter of the right option."))
    elif unknown:
        yield Problem(
            "key",
            N_("The key names option %(letter)s, which is not there."),
            N_("Write letters of options that exist."),
            (("letter", str(unknown[0])),),
        )
    elif question.kind is Kind.SINGLE and len(key) != 1:
        yield Problem(
            "key", N_("A single-choice question has exactly one key."), N_("Write one letter, or change the kind.")
        )
    elif question.kind is Kind.MULTIPLE and len(key) < 2:
        yield Problem(
            "key", N_("A multiple-choice question has at least two keys."), N_("Add letters, or change the kind.")
        )
