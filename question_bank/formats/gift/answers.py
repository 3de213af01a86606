"""What stands in the braces of a GIFT question: choices, pairs, words, truth; the rest is named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from question_bank.formats.found import Fault
from question_bank.formats.gift import signs
from question_bank.formats.gift.signs import Answer, plain, split_at
from question_bank.formats.html_text import Texts
from question_bank.formats.pairing import paired
from question_bank.questions import LETTERS, N_, Kind

TRUTH = re.compile(r"\s*(T|TRUE|F|FALSE)\s*(?=#|$)", re.I)
NUMBER = re.compile(r"\s*=?\s*(?:%100%)?\s*(-?\d+(?:\.\d+)?)\s*(?::\s*0(?:\.0+)?)?\s*(?:#.*)?", re.S)
WEIGHTS = N_("The file weighs options or answers differently; the marking rule of the paper decides here.")
NUMERICAL = N_("Numerical questions with a tolerance or a range are not carried.")


class Unfit(Exception):
    """This block is no question of ours; `message` says why."""

    def __init__(self, message: str, **values: str) -> None:
        super().__init__(message)
        self.message, self.values = message, values


@dataclass(frozen=True)
class Answered:
    """What an answer block says; `remarks` are feedbacks to single answers."""

    kind: Kind
    options: tuple[str, ...] = ()
    key: str | tuple[Any, ...] = ""
    matches: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def answered(block: str, form: str, texts: Texts) -> Answered:
    """Raises Unfit."""
    if not block.strip():
        return Answered(Kind.SHORT_ANSWER)
    if found := TRUTH.match(block):
        return _truth(found[1], block[found.end() :], form, texts)
    if block.lstrip().startswith("#"):
        found = NUMBER.fullmatch(block.strip()[1:])
        if not found:
            raise Unfit(NUMERICAL)
        return Answered(Kind.FILL_BLANK, key=((found[1],),))
    entries = list(signs.answers(block))
    if not entries:
        raise Unfit(N_("What stands in the braces is no list of answers."))
    if any(entry.sign == "~" for entry in entries):
        return _choice(entries, form, texts)
    if all(split_at(entry.text, "->")[1] for entry in entries):
        return _matching(entries, form, texts)
    return _words(entries, form, texts)


def _said(text: str, form: str, texts: Texts, column: str) -> str:
    found = signs.FORMAT.match(text)
    text, form = (text[found.end() :], found[1]) if found else (text, form)
    return texts.loose(plain(text.strip()), column, form)


def _truth(word: str, rest: str, form: str, texts: Texts) -> Answered:
    right = word[0].upper() == "T"
    feedbacks = [_said(part, form, texts, "rationale") for part in re.split(r"(?<!\\)#", rest)[1:]]
    return Answered(Kind.TRUE_FALSE, key="T" if right else "F", remarks=tuple(filter(None, feedbacks)))


def _choice(entries: Sequence[Answer], form: str, texts: Texts) -> Answered:
    equals = any(entry.sign == "=" for entry in entries)
    weighted = [n for n, entry in enumerate(entries) if (entry.weight or 0) > 0]
    right = [n for n, entry in enumerate(entries) if entry.sign == "="] if equals else weighted
    if set(weighted) - set(right) or len({entries[n].weight for n in right}) > 1 or equals and len(right) > 1:
        texts.warn("key", WEIGHTS)
    single = len(right) == 1 and entries[right[0]].sign == "="
    kind = Kind.SINGLE if single or not right else Kind.MULTIPLE if len(right) > 1 else Kind.INDEFINITE
    return Answered(
        kind,
        options=tuple(_said(entry.text, form, texts, "A") for entry in entries),
        key="".join(LETTERS[n] for n in right if n < len(LETTERS)),
        remarks=_remarks(entries, form, texts),
    )


def _remarks(entries: Sequence[Answer], form: str, texts: Texts) -> tuple[str, ...]:
    said = [(n, _said(entry.feedback, form, texts, "rationale")) for n, entry in enumerate(entries) if entry.feedback]
    return tuple(f"{LETTERS[n]}：{text}" for n, text in said if text and n < len(LETTERS))


def _matching(entries: Sequence[Answer], form: str, texts: Texts) -> Answered:
    pairs = [split_at(entry.text, "->") for entry in entries]
    left_right = [(_said(left, form, texts, "A"), _said(right, form, texts, "A")) for left, right in pairs]
    options, matches, key = paired(left_right)
    return Answered(Kind.MATCHING, options, key, matches)


def _words(entries: Sequence[Answer], form: str, texts: Texts) -> Answered:
    whole = [entry for entry in entries if entry.weight is None or entry.weight == 100]
    if len(whole) < len(entries):
        texts.faults.append(Fault("key", WEIGHTS, "", {}, "", True))
    variants = (plain(entry.text).strip() for entry in whole)
    remarks = [_said(entry.feedback, form, texts, "rationale") for entry in whole if entry.feedback]
    return Answered(Kind.FILL_BLANK, key=(tuple(dict.fromkeys(filter(None, variants))),), remarks=tuple(remarks))
