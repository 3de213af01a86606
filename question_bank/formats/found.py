"""What a reader finds in a file and what a writer makes of questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from question_bank.checks import problems, stops_draft
from question_bank.questions import Question

RAW = 2_000  # characters of the file kept beside a question


@dataclass(frozen=True)
class Place:
    """Where something stands: `part` is a sheet or member of the file ("" the file itself), `number` from 1."""

    part: str
    unit: Literal["row", "line", "item", "paragraph"]
    number: int


@dataclass(frozen=True)
class Fault:
    """What is wrong and what to do: gettext ids filled by `values`; `text` is the spot in the file.

    `column` is named as in `checks.Problem`, or is the title of a sheet's column. A warning lets the
    question in as a draft.
    """

    column: str
    message: str
    remedy: str
    values: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    warning: bool = False


@dataclass(frozen=True)
class Found:
    """One question of a file, or what stands in its place; parked when `question` is None or a fault is no warning.

    `question.code` is "" when the file gives no number; `pictures` are bytes by SHA-256, as the texts name them.
    """

    place: Place
    question: Question | None
    faults: tuple[Fault, ...] = ()
    raw: str = ""
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def parked(self) -> bool:
        return self.question is None or any(not fault.warning for fault in self.faults)


class Unreadable(Exception):
    """The whole file cannot be read; `message` and `remedy` are gettext ids filled by `values`."""

    def __init__(self, message: str, remedy: str = "", **values: str) -> None:
        super().__init__(message)
        self.message, self.remedy, self.values = message, remedy, values


@dataclass(frozen=True)
class Loss:
    """What a format cannot carry of one question: `what` is a word such as "pictures", `message` a gettext id."""

    code: str
    what: str
    message: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """A file as it is handed out; `file_name_extension` without a dot."""

    data: bytes
    file_name_extension: str
    media_type: str
    losses: tuple[Loss, ...] = ()


def judged(question: Question, *, text: str = "", but: frozenset[str] = frozenset()) -> Iterator[Fault]:
    """The question's own problems: what stops a draft as faults, the rest as warnings; columns in `but` left out."""
    for problem in problems(question):
        if problem.column not in but:
            values, warning = dict(problem.values), not stops_draft(problem)
            yield Fault(problem.column, problem.message, problem.remedy, values, text, warning)
