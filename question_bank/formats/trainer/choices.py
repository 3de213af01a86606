"""Keys of choices and statements: written somewhere, or told by a mark on the options."""

from __future__ import annotations

import re
from collections.abc import Iterable

from question_bank.formats.trainer.doubts import doubt_choice, doubt_truth
from question_bank.formats.trainer.drafts import Draft
from question_bank.formats.trainer.key_texts import choice_key, numbered_parts, said_at_end, truth_key
from question_bank.formats.trainer.signs import truth_word
from question_bank.formats.trainer.work import EMPTY, LOOK, Making, conflict, more_rationale
from question_bank.questions import BLANK, LETTERS, N_, Kind

AT_END = re.compile(r"\s*[（(【\[][\s\u3000]*[)）】\]]\s*([。.？?！!]?)\s*$")
MARKS = ("red", "highlight", "colour", "underline", "bold")


def choice(work: Making) -> str:
    if not work.options:
        _circled_options(work)
    work.stem = re.sub(r"_{2,}", BLANK, re.sub(r"[（(][\s\u3000]*[)）]", EMPTY, work.stem))
    read = [(choice_key(key, work.options), key) for key in work.keys]
    for found, key in read:
        if found is None:
            work.wrong("key", N_("The key “%(key)s” cannot be read."), N_("Write letters, as B or ACD."), key=key[:60])
        elif found[1]:
            more_rationale(work, found[1])
    letters = {found[0] for found, _key in read if found}
    if len(letters) > 1:
        conflict(work, sorted(letters))
        return ""
    if letters:
        key = letters.pop()
        doubt_choice(work, key, marked(work, (work.kind,)))
        return key
    if work.keys:
        return ""
    if on := marked(work, (work.kind,)):
        doubt_choice(work, on, on)
        return on
    if said := said_at_end(work.fields["rationale"]):
        work.wrong(
            "key",
            N_("The key was taken from the end of the rationale."),
            LOOK,
            warning=True,
        )
        return "".join(sorted(set(said)))
    return ""


def _circled_options(work: Making) -> None:
    """Options counted ① ② ③, when the key is counted so too."""
    first, keys = work.stem.find("①"), ["".join(key.split()).strip("。") for key in work.keys]
    if first < 0 or not keys or not all(re.fullmatch("[①-⑧、,，]+", key) for key in keys):
        return
    steps = numbered_parts(work.stem[first:])
    work.options = tuple(step.rstrip("；;。 ") for step in steps)
    work.stem = work.stem[:first].strip()
    work.keys = ["".join(LETTERS[ord(sign) - ord("①")] for sign in re.sub("[、,，]", "", key)) for key in keys]


def marked(work: Making, kinds: tuple[Kind | None, ...]) -> str:
    """Letters of the options that stand out by a mark the others lack; "" when the marks disagree."""
    answers = set()
    for mark in MARKS:
        on = "".join(
            letter
            for letter, pieces in zip(LETTERS, work.draft.options, strict=False)
            if pieces and all(mark in piece.marks() for piece in pieces)
        )
        all_on = len(on) == len(work.options) and mark in work.draft.marks and mark not in _stem_marks(work.draft)
        if (0 < len(on) < len(work.options) or all_on) and not (len(on) > 1 and kinds == (Kind.SINGLE,)):
            answers.add(on)
    return answers.pop() if len(answers) == 1 else ""


def _stem_marks(draft: Draft) -> frozenset[str]:
    return frozenset.intersection(*(piece.marks() for piece in draft.stem)) if draft.stem else frozenset()


def telling_marks(drafts: Iterable[Draft]) -> frozenset[str]:
    """The marks that lie on some but not all options of a question: with them a document tells its keys."""
    found: set[str] = set()
    for draft in drafts:
        on = [frozenset.intersection(*(piece.marks() for piece in pieces)) for pieces in draft.options if pieces]
        found |= {mark for mark in MARKS if 0 < sum(mark in marks for marks in on) < len(on)}
    return frozenset(found)


def truth(work: Making) -> str:
    work.stem = AT_END.sub(lambda found: found[1], work.stem)
    work.stem = re.sub(r"^\s*[（(][\s\u3000]*[)）]\s*", "", work.stem).strip()
    read = [(truth_key(key, work.options), key) for key in work.keys]
    if not work.keys and (on := marked(work, (Kind.SINGLE,))):
        read = [(truth_key(on, work.options), on)]
    for found, key in read:
        if found is None:
            work.wrong("key", N_("The key “%(key)s” cannot be read."), N_("Write 对 or 错."), key=key[:60])
        elif found[1]:
            more_rationale(work, found[1])
    if work.options and not all(map(truth_word, work.options)):
        work.wrong("A", N_("Only choice questions have options."), N_("Empty the options, or change the kind."))
    else:
        work.options = ()
    words = {found[0] for found, _key in read if found}
    if len(words) > 1:
        conflict(work, ["对", "错"])
        return ""
    key = words.pop() if words else ""
    doubt_truth(work, key)
    return key
