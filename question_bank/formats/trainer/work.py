"""A draft on its way to a question, and what is said of it on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from question_bank.formats.found import Fault
from question_bank.formats.trainer.drafts import Draft
from question_bank.questions import N_, Kind

EMPTY = "（　）"
LOOK = N_("Look at the question and correct it.")


@dataclass
class Making:
    """One draft on its way: texts so far, the fields behind labels, and the faults."""

    draft: Draft
    stem: str
    options: tuple[str, ...]
    fields: dict[str, Any]
    faults: list[Fault]
    keys: list[str] = field(default_factory=list)  # every key that was written somewhere
    kind: Kind | None = None
    matches: tuple[str, ...] = ()

    def wrong(self, column: str, message: str, remedy: str, *, warning: bool = False, **values: str) -> None:
        self.faults.append(Fault(column, message, remedy, values, self.draft.line.raw[:200], warning))


def no_options(work: Making) -> None:
    if work.options:
        work.wrong("A", N_("Only choice questions have options."), N_("Empty the options, or change the kind."))


def more_rationale(work: Making, text: str) -> None:
    work.fields["rationale"] = "\n".join(filter(None, (text, work.fields["rationale"])))


def conflict(work: Making, keys: list[str]) -> None:
    work.wrong(
        "key", N_("Two different keys are given: %(keys)s."), N_("Keep the right one."), keys="、".join(keys)
    )  # fmt: skip
