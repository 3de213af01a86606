"""Moodle's gaps inside a text, {1:SHORTANSWER:=word~=other}, as blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from question_bank.formats.found import Fault
from question_bank.formats.gathering import LONGEST, TOO_LONG
from question_bank.formats.gift.answers import NUMERICAL, WEIGHTS, Unfit
from question_bank.formats.html_text import Texts
from question_bank.questions import BLANK, N_

GAP = re.compile(r"\{\d*:([A-Z_]{2,20}):((?:\\.|[^}\\]){0,2000})\}", re.S)
WORDS = {"SHORTANSWER", "SA", "MW", "SHORTANSWER_C", "SAC", "MWC"}
NUMBERS = {"NUMERICAL", "NM"}
CHOICE = re.compile("MULTICHOICE|MULTIRESPONSE|MC|MR")
WEIGHT = re.compile(r"\s*(?:=|%(-?\d{1,3}(?:\.\d+)?)%)")
CHOICES_LOST = N_("The file offers words to choose from in its gaps; here the right one is written.")


def blanks_of(text: str, texts: Texts) -> tuple[str, tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """The text with blanks, the words each accepts, and the feedback to them. Raises Unfit."""
    if len(text) > LONGEST:
        raise Unfit(TOO_LONG, most=str(LONGEST))
    text = text.replace("\\\\}", "\\}")  # HTML's backslashes are doubled in Markdown
    key: list[tuple[str, ...]] = []
    remarks: list[str] = []

    def blank(found: re.Match[str]) -> str:
        words, said = _gap(found[1], _plain(found[2]), texts)
        key.append(words)
        remarks.extend(said)
        return BLANK

    return GAP.sub(blank, text), tuple(key), tuple(remarks)


def _plain(text: str) -> str:
    """Without the backslashes that our Markdown has put before stars and such."""
    return re.sub(r"\\([\\*`\]])", r"\1", text)


def _gap(kind: str, body: str, texts: Texts) -> tuple[tuple[str, ...], list[str]]:
    if kind not in WORDS | NUMBERS and not CHOICE.match(kind):
        raise Unfit(N_("The gap %(type)s has no kind here."), type=kind)
    right = list(_right(body))
    if kind in NUMBERS and any(":" in word and not re.search(r":0(\.0+)?$", word) for word, _said in right):
        raise Unfit(NUMERICAL)
    words = [word.split(":")[0] if kind in NUMBERS else word for word, _said in right]
    if CHOICE.match(kind):
        texts.warn("key", CHOICES_LOST)
    elif len(right) < len(_entries(body)):
        texts.faults.append(Fault("key", WEIGHTS, "", {}, body[:200], True))
    return tuple(dict.fromkeys(filter(None, words))), [said for _word, said in right if said]


def _entries(body: str) -> list[str]:
    return [entry for entry in re.split(r"(?<!\\)~", body) if entry.strip()]


def _right(body: str) -> Iterator[tuple[str, str]]:
    """The fully right words of a gap with their feedback."""
    for entry in _entries(body):
        found = WEIGHT.match(entry)
        if found and (found[1] is None or float(found[1]) == 100):
            word, _sign, said = re.sub(r"\\#", "\0", entry[found.end() :]).partition("#")
            yield _bare(word), _bare(said)


def _bare(text: str) -> str:
    return re.sub(r"\\([~#}/\"\\])", r"\1", text.replace("\0", "#")).strip()


def gap_of(variants: tuple[str, ...]) -> str:
    said = "~".join("=" + re.sub(r"([~#}/\"\\])", r"\\\1", variant) for variant in variants)
    return f"{{1:SHORTANSWER:{said}}}"
