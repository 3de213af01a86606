"""From a draft to a question: its kind, its key from wherever it stands, and what stays doubtful."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from question_bank.formats.found import Fault
from question_bank.formats.trainer.choices import choice, marked, truth
from question_bank.formats.trainer.drafts import Draft, text_of
from question_bank.formats.trainer.key_texts import choice_key, numbered_parts, order_key, said_at_end, truth_key
from question_bank.formats.trainer.notes import notes_of
from question_bank.formats.trainer.pairs import pairs
from question_bank.formats.trainer.sight import BRACKET
from question_bank.formats.trainer.signs import (
    CHOICE,
    KIND_MARK,
    KIND_START,
    SCORE,
    Said,
    key_word,
    kind_said,
    truth_word,
)  # fmt: skip
from question_bank.formats.trainer.work import EMPTY, Making
from question_bank.formats.trainer.written import blanks, document, order, written
from question_bank.questions import BLANK, N_, Kind, Question

SPELT = re.compile(r"[（(【\[]\s*(?:参考|正确|标准)?答案\s*[:：]?\s*([^（()）【】\[\]]{1,30}?)\s*[)）】\]]")
TRUTH_OPTIONS = 2
KEYS: dict[Kind, Callable[[Making], Any]] = {
    Kind.SINGLE: choice, Kind.MULTIPLE: choice, Kind.INDEFINITE: choice, Kind.TRUE_FALSE: truth,
    Kind.FILL_BLANK: blanks, Kind.ORDERING: order, Kind.MATCHING: pairs, Kind.SHORT_ANSWER: written,
    Kind.DRAFTING: document,
}  # fmt: skip


def made(draft: Draft) -> tuple[Question | None, list[Fault]]:
    """The question a draft makes, with its faults; None where its kind cannot be told."""
    fields, faults = notes_of(draft)
    work = Making(draft, text_of(draft.stem), tuple(map(text_of, draft.options)), fields, [*draft.faults, *faults])
    _strip_marks(work)
    if draft.items:
        return _case(work)
    _from_bracket(work)
    work.keys += [key for key in (draft.note("key"), *draft.given) if key.strip()]
    work.kind = _kind(work)
    if work.kind is None:
        work.wrong(
            "kind", N_("It cannot be told what kind of question this is."), N_("Write the key, or the kind above it.")
        )
        return None, work.faults
    key = KEYS[work.kind](work)
    question = Question("", work.kind, work.stem.strip(), work.options, key, matches=work.matches)
    return replace(question, **work.fields), work.faults


def _strip_marks(work: Making) -> None:
    """Take the kind and the points off the stem; both stand in brackets at its ends."""
    for found in (KIND_MARK.match(work.stem), *list(KIND_MARK.finditer(work.stem))[-1:]):
        if found and (found.start() == 0 or not work.stem[found.end() :].strip("。 ")):
            work.draft.kind = kind_said(found["kind"])
            work.stem = (work.stem[: found.start()] + work.stem[found.end() :]).strip()
            break
    if found := KIND_START.match(work.stem):
        work.draft.kind, work.stem = kind_said(found["kind"]), work.stem[found.end() :]
    if said := work.draft.note("kind"):
        work.draft.kind = kind_said(said) or work.draft.kind
    found = next(iter([*SCORE.finditer(work.stem)][-1:]), None)
    if found and (found.start() == 0 or not work.stem[found.end() :].strip("。 ")):
        work.stem = (work.stem[: found.start()] + work.stem[found.end() :]).strip()
        work.wrong(
            "points", N_("Points are set on the paper; those given here are not kept."),
            N_("Set the points on the paper."), warning=True,
        )  # fmt: skip


def _from_bracket(work: Making) -> None:
    """A key in the brackets of the stem, or before its number, is taken out of the text."""
    if work.draft.lead:
        work.keys.append(work.draft.lead)
    if found := SPELT.search(work.stem):
        work.keys.append(found[1])
        work.stem = (work.stem[: found.start()] + work.stem[found.end() :]).strip()
    if work.draft.kind in (Kind.FILL_BLANK, Kind.SHORT_ANSWER, Kind.DRAFTING):
        return
    hits = [found for found in BRACKET.finditer(work.stem) if key_word(found[1])]
    hits = [
        found for found in hits if (key_word(found[1]) in ("T", "F")) == (not work.options) or _letters(found[1], work)
    ]
    if len({key_word(found[1]) for found in hits}) != 1:
        return
    others = [key_word(key) for key in (work.draft.note("key"), *work.draft.given) if key]
    if others and key_word(hits[0][1]) not in others and not _blankish(work.stem, hits[0]):
        work.wrong(
            "key", N_("The key says %(key)s, a bracket of the stem %(said)s."), N_("Keep the right one."), warning=True,
            key="、".join(others), said=hits[0][1],
        )  # fmt: skip
        return
    work.keys.append(hits[0][1])
    for found in reversed(hits):
        work.stem = work.stem[: found.start()] + EMPTY + work.stem[found.end() :]


def _letters(text: str, work: Making) -> bool:
    return bool(work.options) and key_word(text) not in ("T", "F")


def _blankish(stem: str, found: re.Match[str]) -> bool:
    """A bracket where a key usually stands: padded with blanks, or at the end of the stem."""
    return found[0][1:-1] != found[1] or not stem[found.end() :].strip("。.？?！!：: ")


def _kind(work: Making) -> Kind | None:
    said: Said = work.draft.kind
    said_key = work.keys[0] if work.keys else ""
    truths = len(work.options) == TRUTH_OPTIONS and all(truth_word(option) for option in work.options)
    if isinstance(said, Kind) and said is not Kind.CASE_SET:
        return said
    if work.options:
        if truths and said != CHOICE:
            return Kind.TRUE_FALSE
        if re.search("排序|顺序|先后", work.stem) and (found_order := order_key(said_key, len(work.options))):
            if len(found_order) > 2 and list(found_order) != sorted(found_order):
                return Kind.ORDERING
        found = choice_key(said_key, work.options) if said_key else None
        letters = (
            found[0] if found else marked(work, (Kind.SINGLE, Kind.MULTIPLE)) or said_at_end(work.fields["rationale"])
        )
        return Kind.MULTIPLE if len(letters) > 1 else Kind.SINGLE
    if said == CHOICE:
        return Kind.SINGLE
    if said_key and truth_key(said_key, ()) and (truth_word(said_key) or not said):
        return Kind.TRUE_FALSE
    if key_word(said_key):
        return Kind.SINGLE  # letters without options: the checks say what is missing
    if said_key and (BLANK[:2] in work.stem or re.search(r"[（(][\s\u3000]*[)）]", work.stem)):
        return Kind.FILL_BLANK
    if said_key:
        if said is Kind.CASE_SET:
            work.wrong(
                "case", N_("This case has no questions of its own; it was read as a short answer."),
                N_("Number its questions, or leave it so."), warning=True,
            )  # fmt: skip
        return Kind.SHORT_ANSWER
    return None


# keys by kind -------------------------------------------------------------------------------------------------------


def _case(work: Making) -> tuple[Question | None, list[Fault]]:
    items = work.draft.items
    _share_out(items)
    if len(items) == 1:
        return _single_item(work, items[0])
    questions = []
    for number, item in enumerate(items, 1):
        question, faults = made(item)
        work.faults += [replace(fault, values={**fault.values, "item": str(number)}) for fault in faults]
        questions.append(replace(question, code=str(number)) if question and not question.code else question)
    if not all(questions):
        return None, work.faults
    case = Question("", Kind.CASE_SET, work.stem.strip(), items=tuple(q for q in questions if q))
    return replace(case, **work.fields), work.faults


def _single_item(work: Making, item: Draft) -> tuple[Question | None, list[Fault]]:
    """A case with one question is that question, with the story before it."""
    item.stem = [*work.draft.stem, *item.stem]
    item.notes = [*work.draft.notes, *item.notes]
    item.faults = [*work.faults, *item.faults]
    if (
        item.kind is None
        and not item.options
        and any(not truth_word(key) for key in (item.note("key"), *item.given) if key)
    ):
        item.kind = Kind.SHORT_ANSWER
    return made(item)


def _share_out(items: list[Draft]) -> None:
    """One answer below the last question that counts 1, 2, 3 is parted among all of them."""
    last = items[-1]
    if any(item.has("key") or item.given for item in items[:-1]):
        return
    for label in ("key", "rationale"):
        text = "\n".join(filter(None, (last.note(label), *(last.given if label == "key" else ()))))
        parts = numbered_parts(text)
        if len(parts) != len(items):
            continue
        last.notes = [(name, pieces) for name, pieces in last.notes if name != label]
        last.told = [(name, told) for name, told in last.told if name != label]
        if label == "key":
            last.given = []
        for item, part in zip(items, parts, strict=True):
            part = part.rstrip("；; \n")
            if label == "key":
                item.given.append(part)
            else:
                item.told.append((label, part))
