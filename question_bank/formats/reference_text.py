"""A reference answer with its marking points or rubric as one text, for programs that have one field for both."""

from __future__ import annotations

import re
from typing import Any

from question_bank.formats.found import Fault
from question_bank.questions import N_, Kind, Question

HEAD = re.compile(r"^\s*(?:\*\*)?(?:给分点|评分点|评分标准|评分要点)(?:\*\*)?\s*[:：]?\s*$", re.M)
CRITERION = re.compile(r"(.*?)\s*[（(]\s*(\d{1,3})\s*分\s*[）)]\s*$")
SENTENCE = re.compile(r"(?<=[。；;！？!?])")
FROM_REFERENCE = N_("The file gives no marking points; they were taken from the lines of the reference answer.")
CHECK = N_("Check them.")


def reference_text(question: Question) -> str:
    key = question.key
    if question.kind is Kind.DRAFTING:
        lines = [f"- {_line(criterion)}（{points} 分）" for criterion, points in key[1:]]
        return f"{key[0]}\n\n评分标准：\n\n" + "\n".join(lines) if key else ""
    return f"{key[0]}\n\n给分点：\n\n" + "\n".join(f"- {_line(point)}" for point in key[1:]) if key else ""


def _line(text: str) -> str:
    return " ".join(text.split())


def reference_key(text: str) -> tuple[Kind, tuple[Any, ...], tuple[Fault, ...]]:
    """The kind and key such a text means, a reference answer alone becoming its own marking points."""
    parts = HEAD.split(text)
    reference = HEAD.sub("", "\n".join(parts[:-1])).strip() if len(parts) > 1 else text.strip()
    lines = [re.sub(r"^\s*[-*•]\s*", "", line).strip() for line in parts[-1].split("\n")] if len(parts) > 1 else []
    points = [line for line in lines if line]
    rubric = [CRITERION.match(point) for point in points]
    if not reference:
        return Kind.SHORT_ANSWER, (), ()
    if points and all(rubric):
        return Kind.DRAFTING, (reference, *((found[1], int(found[2])) for found in rubric if found)), ()
    if points:
        return Kind.SHORT_ANSWER, (reference, *points), ()
    made = [line.strip() for line in reference.split("\n") if line.strip()]
    made = made if len(made) > 1 else [part.strip() for part in SENTENCE.split(reference) if part.strip()]
    return Kind.SHORT_ANSWER, (reference, *made), (Fault("key", FROM_REFERENCE, CHECK, {}, reference[:200], True),)
