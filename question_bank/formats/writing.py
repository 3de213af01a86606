"""Every form in which questions go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

from question_bank.formats.found import Loss, Written
from question_bank.questions import N_, Question

__all__ = ["FORMATS", "Loss", "Target", "Written", "write"]


@dataclass(frozen=True)
class Target:
    """One form: its word on screen and the module whose `write(questions, pictures, title)` writes it."""

    code: str
    title: str
    module: str


FORMATS: dict[str, Target] = {
    form.code: form
    for form in (
        Target("docx", N_("Word document"), "question_bank.formats.docx.writing"),
        Target("csv", N_("Question sheet as CSV"), "question_bank.formats.sheet_csv"),
        Target("gift", N_("GIFT (Moodle text)"), "question_bank.formats.gift.writing"),
        Target("moodle", N_("Moodle XML"), "question_bank.formats.moodle.writing"),
        Target("qti", N_("QTI 3.0 package"), "question_bank.formats.qti.writing"),
    )
}


def write(
    questions: Sequence[Question], form: str, *, pictures: Mapping[str, bytes] | None = None, title: str = ""
) -> Written:
    """The questions as one file of a form in FORMATS; `pictures` are bytes by SHA-256. Raises KeyError."""
    return import_module(FORMATS[form].module).write(questions, pictures or {}, title)
