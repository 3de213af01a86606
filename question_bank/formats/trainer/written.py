"""Keys that are written out: blanks, orders, answers with their points, documents with their rubric."""

from __future__ import annotations

import re
from typing import Any

from question_bank.formats.trainer.key_texts import (
    blank_keys,
    filled,
    numbered_parts,
    order_key,
    parted_otherwise,
    points_of,
    rubric_of,
)
from question_bank.formats.trainer.work import LOOK, Making, conflict, no_options
from question_bank.questions import BLANK, N_

IN_BRACKETS = re.compile(r"[（(]([^（()）]{1,15})[)）]")


def blanks(work: Making) -> tuple[tuple[str, ...], ...]:
    no_options(work)
    if not work.keys:
        return _underlined(work)
    work.stem = filled(work.stem)
    readings = {blank_keys(key, work.stem.count(BLANK)) for key in work.keys}
    if len(readings) > 1:
        conflict(work, [key[:30] for key in work.keys])
        return ()
    if any(parted_otherwise(key, work.stem.count(BLANK)) for key in work.keys):
        work.wrong(
            "key", N_("The answers of the blanks can be parted in two ways."), N_("Separate blanks by a semicolon."),
            warning=True,
        )  # fmt: skip
    _answers_shown(work)
    return readings.pop()


def _answers_shown(work: Making) -> None:
    """A bracket at the end of the stem that holds an answer for each blank would tell them."""
    found, count = re.search(r"[（(]([^（()）]{3,80})[)）][。.]?\s*$", work.stem), work.stem.count(BLANK)
    if found and count > 1 and len(re.split("[;；、，,]", found[1])) == count:
        work.wrong(
            "stem", N_("The bracket at the end of the stem may hold the answers."), LOOK, warning=True
        )  # fmt: skip


def _underlined(work: Making) -> tuple[tuple[str, ...], ...]:
    """Answers that stand underlined in the stem, where nothing else gives a key."""
    parts, keys = [], []
    for piece in work.draft.stem:
        place = piece.start
        for start, end, _mark in sorted(span for span in piece.line.spans if span[2] == "underline"):
            answer = piece.line.text[max(start, piece.start) : min(end, piece.end)].strip(" \u3000_")
            if not answer or start < place:
                continue
            parts.append(piece.line.text[place:start] + BLANK)
            keys.append((answer,))
            place = end
        parts.append(piece.line.text[place : piece.end] + "\n" if not piece.line.rows else piece.text)
    if not keys:
        return _bracketed(work)
    work.stem = "".join(parts).strip()
    return tuple(keys)


def _bracketed(work: Making) -> tuple[tuple[str, ...], ...]:
    """Answers that stand in brackets of the stem, where there is neither a blank nor a key."""
    stem = filled(work.stem)
    answers = [found[1].strip() for found in IN_BRACKETS.finditer(stem)]
    if BLANK in stem or not answers:
        work.stem = stem
        return ()
    work.stem = IN_BRACKETS.sub(BLANK, stem)
    work.wrong(
        "key", N_("The words in brackets were taken as the answers."), LOOK,
        warning=True,
    )  # fmt: skip
    return tuple((answer,) for answer in answers)


def order(work: Making) -> str:
    if not work.options:
        steps = numbered_parts(work.stem)
        if steps and (first := re.search(r"[（(]?(?:①|1[)）.、．])", work.stem)):
            work.options = tuple(step.rstrip("；;。 ") for step in steps)
            work.stem = work.stem[: first.start()].strip()
    readings = {order_key(key, len(work.options)) for key in work.keys}
    if "" in readings or len(readings) > 1:
        work.wrong(
            "key",
            N_("The key “%(key)s” cannot be read."),
            N_("Write the letters in the right order, as BDAC."),
            key=work.keys[0][:60],
        )
        return ""
    return readings.pop() if readings else ""


def written(work: Making) -> tuple[str, ...]:
    no_options(work)
    reference = "\n".join(work.keys)
    if not reference:
        return ()
    points, told = points_of(reference, work.draft.note("points"))
    if not told:
        work.wrong(
            "key",
            N_("The whole answer was taken as one marking point."),
            N_("Write its points one by one."),
            warning=True,
        )
    return (reference, *points)


def document(work: Making) -> tuple[Any, ...]:
    no_options(work)
    reference, told = "\n".join(work.keys), work.draft.note("points")
    rubric = rubric_of(told) if told else None
    if told and rubric is None:
        work.wrong(
            "key", N_("A criterion has no points."), N_("Write each criterion with its points, as 格式规范（10分）.")
        )
    return (reference, *(rubric or ())) if reference else ()
