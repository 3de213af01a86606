"""How a paper's kinds of question are answered and marked, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.exams.models import Exam
from portal.ground.i18n import gettext
from portal.ground.rules import N_
from question_bank.marking import sentences
from question_bank.questions import Kind

PLAIN = (Kind.SINGLE, Kind.TRUE_FALSE)


def rules_of(paper: Mapping[str, Any], rules: Mapping[str, Any], *, in_full: bool = False) -> dict[str, str]:
    """Kind -> its rule in a line, for the kinds of a frozen paper in their order; `in_full` says what none earns."""
    kinds = dict.fromkeys(Kind(item["kind"]) for item in paper["items"])
    return {kind.value: _line(kind, rules, in_full) for kind in kinds}


def rules_said(exam: Exam) -> dict[str, str]:
    """The same for the kinds its blueprint names; what stands inside a case is said by the frozen paper."""
    kinds = dict.fromkeys(Kind(row["kind"]) for row in exam.blueprint)
    return {kind.value: _line(kind, exam.marking_rules, True) for kind in kinds if kind is not Kind.CASE_SET}


def _line(kind: Kind, rules: Mapping[str, Any], in_full: bool) -> str:
    told = sentences(kind, rules)
    if in_full and kind in PLAIN and len(told) == 1:
        told.append((N_("The right answer earns the points; a wrong one or none earns nothing and costs nothing."), {}))
    line = ""
    for sentence, values in told:
        said = gettext(sentence, **values)
        line = gettext(N_("%(a)s %(b)s"), a=line, b=said) if line else said
    return line
