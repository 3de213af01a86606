"""What readers of foreign forms have in common: parts of a file become questions, items join their case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from question_bank.formats.found import RAW, Fault, Found, Place, judged
from question_bank.formats.sheet_cells import read_truth
from question_bank.questions import N_, Kind, Question

LONGEST = 20_000  # characters of one text
TWICE = N_("Another question of this file has the same number.")
TOO_LONG = N_("A text of the question is longer than %(most)s characters.")
NO_QUESTION = N_("There is no question here that can be read.")
LOOK = N_("Look at the text and correct it in the file, or write the question by hand.")


@dataclass(frozen=True)
class Part:
    """One piece of a file as a reader understood it; `case` names the case set it belongs to, `opens` the one it is."""

    place: Place
    question: Question | None
    faults: tuple[Fault, ...] = ()
    raw: str = ""
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    case: str = ""
    opens: str = ""


def unread(place: Place, raw: str, message: str = NO_QUESTION, remedy: str = LOOK, **values: str) -> Part:
    """A piece that waits, with its reason."""
    return Part(place, None, (Fault("stem", message, remedy, values, raw[:200]),), raw)


def as_truth(question: Question) -> Question:
    """A choice between the words for right and wrong is a true/false question."""
    truths = [read_truth(option) for option in question.options]
    if question.kind is not Kind.SINGLE or sorted(truths) != ["F", "T"] or question.key not in ("A", "B"):
        return question
    return replace(question, kind=Kind.TRUE_FALSE, options=(), key=truths["AB".index(question.key)])


def gather(parts: Iterable[Part]) -> Iterator[Found]:
    """Every question of the parts in their order, a case set with the items that follow it."""
    codes: set[str] = set()
    case: list[Part] = []
    for part in parts:
        if case and part.case and part.case == case[0].opens:
            case.append(part)
            continue
        if case:
            yield _settled(case, codes)
            case = []
        if part.opens:
            case = [part]
        else:
            yield _settled([part], codes)
    if case:
        yield _settled(case, codes)


def _settled(parts: Sequence[Part], codes: set[str]) -> Found:
    head = parts[0]
    question = head.question
    if question and len(parts) > 1:
        items = tuple(part.question for part in parts[1:] if part.question)
        question = replace(question, items=items) if len(items) == len(parts) - 1 else None
    raw = "\n\n".join(part.raw for part in parts)[:RAW]
    faults = [fault for part in parts for fault in part.faults]
    if question:
        if any(len(text) > LONGEST for text in question.texts()):
            faults.append(Fault("stem", TOO_LONG, N_("Shorten it."), {"most": str(LONGEST)}))
        else:
            named = {fault.column for fault in faults if not fault.warning}
            faults += [fault for fault in judged(question) if fault.column not in named]
        if question.code and question.code in codes:
            faults.append(Fault("code", TWICE, N_("Give one of them another number."), {}, question.code))
        codes.add(question.code)
    pictures = {key: data for part in parts for key, data in part.pictures.items()}
    return Found(head.place, question, tuple(faults), raw, pictures)
