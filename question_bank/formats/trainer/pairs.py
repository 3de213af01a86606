"""The two sides of a matching question, from lines, options or a table."""

from __future__ import annotations

import re

from question_bank.formats.trainer.drafts import text_of
from question_bank.formats.trainer.key_texts import pair_key
from question_bank.formats.trainer.lines import Rows
from question_bank.formats.trainer.work import Making
from question_bank.questions import LETTERS, N_

ENTRY = re.compile(
    r"(?:^|(?<=[\s\t\u3000]))(?:[（(]\s*(\d{1,2}|[A-L])\s*[)）]|(\d{1,2}|[A-L])\s*[.．、:：)）]|([①-⑳]))\s*"
)


def pairs(work: Making) -> tuple[str, ...]:
    """The right side's number for each entry of the left; both sides are set on the way."""
    text = "\n".join(filter(None, (_below(work), work.draft.note("options"))))
    sides = _from_tables(work) or _sides(text)
    work.options = ()
    if not sides:
        work.wrong(
            "matches", N_("The two sides of the matching cannot be told."),
            N_("Write 1. 2. 3. on the left and A. B. C. on the right."),
        )  # fmt: skip
        return ()
    work.stem, left, right = sides
    work.options, work.matches = tuple(text for _sign, text in left), tuple(text for _sign, text in right)
    if not work.keys:
        return ()
    key = pair_key("；".join(work.keys), [sign for sign, _text in left], [sign for sign, _text in right])
    if key is None:
        work.wrong(
            "key", N_("The key “%(key)s” cannot be read."), N_("Write the pairs as 1-B 2-A 3-C."), key=work.keys[0][:60]
        )
    return key or ()


def _below(work: Making) -> str:
    lines = [work.stem]
    for letter, pieces in zip(LETTERS, work.draft.options, strict=False):
        lines.append(f"{letter}. {text_of(pieces)}")
    return "\n".join(lines)


def _from_tables(work: Making) -> tuple[str, list[tuple[str, str]], list[tuple[str, str]]] | None:
    """A table of two columns: left beside right, each with its sign or counted."""
    tables: list[Rows] = [piece.line.rows for piece in work.draft.stem if piece.line.rows]
    if len(tables) != 1 or any(len(row) != 2 for row in tables[0]):
        return None
    stem = text_of([piece for piece in work.draft.stem if not piece.line.rows])
    rows = [row for row in tables[0] if any(ENTRY.match(cell) for cell in row)] or list(tables[0])
    left = [_signed(row[0], str(n)) for n, row in enumerate(rows, 1) if row[0].strip()]
    right = [_signed(row[1], LETTERS[n] if n < len(LETTERS) else "") for n, row in enumerate(rows) if row[1].strip()]
    return stem, left, right


def _signed(text: str, otherwise: str) -> tuple[str, str]:
    found = ENTRY.match(text.strip())
    return (_sign(found), text.strip()[found.end() :].strip()) if found else (otherwise, text.strip())


def _sign(found: re.Match[str]) -> str:
    return found[1] or found[2] or str(ord(found[3]) - ord("①") + 1)


def _sides(text: str) -> tuple[str, list[tuple[str, str]], list[tuple[str, str]]] | None:
    """Entries with numbers on one side and with letters on the other, wherever they stand."""
    hits = list(ENTRY.finditer(text))
    chains: dict[bool, list[tuple[str, int, int]]] = {True: [], False: []}
    for found in hits:
        sign = _sign(found)
        chain = chains[sign.isdecimal()]
        expected = str(len(chain) + 1) if sign.isdecimal() else chr(ord("A") + len(chain))
        if sign == expected:
            chain.append((sign, found.start(), found.end()))
    taken = sorted([*chains[True], *chains[False]], key=lambda one: one[1])
    if len(chains[True]) < 2 or len(chains[False]) < 2:
        return None
    ends = [one[1] for one in taken[1:]] + [len(text)]
    texts = {
        one[0]: re.sub(r"\s*(?:左栏|右栏|左列|右列|左边|右边)\s*[:：]?\s*$", "", text[one[2] : end]).strip(
            " \t\n\u3000；;—-"
        )
        for one, end in zip(taken, ends, strict=True)
    }
    first_is_number = taken[0][0].isdecimal()
    left = [(sign, texts[sign]) for sign, _a, _b in chains[first_is_number]]
    right = [(sign, texts[sign]) for sign, _a, _b in chains[not first_is_number]]
    stem = re.sub(r"\s*(?:左栏|右栏|左列|右列|左边|右边)\s*[:：]?\s*$", "", text[: taken[0][1]]).strip()
    return stem, left, right
