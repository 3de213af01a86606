"""Where the key and what is said around it disagree: the question goes in, with a word about it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from question_bank.formats.found import Fault
from question_bank.formats.trainer.drafts import Draft
from question_bank.formats.trainer.gather import keyed
from question_bank.formats.trainer.key_texts import said_at_end
from question_bank.formats.trainer.lines import Line
from question_bank.formats.trainer.options import markers
from question_bank.formats.trainer.signs import FILLED, key_word, labels_in, truth_word
from question_bank.formats.trainer.work import LOOK, Making
from question_bank.questions import LETTERS, N_

KEEP = N_("Keep the right one.")
ONE = r"[A-H](?:[、,，和]?[A-H])*"
CHOSEN = re.compile(
    r"(?:(?<![不非误易错勿])(?<!不能)(?<!不应)(?<!不可)(?<!不得)(?<!错误)选择?|答案(?:应当|应|当)?改?(?:为|是|选|[:：]))\s*[:：]?\s*"
    rf"({ONE})(?![A-Za-z])(?!\s*项?(?:错误|不正确|不对|不选))"
)
JUDGED = re.compile(
    rf"(?<![A-Za-z])({ONE})\s*(?:[两三四]?项|选项)?(?:的?(?:说法|表述|内容|均|都|也|为|是)){{0,2}}"
    r"(不正确|错误|不对|不当选|不选|正确|当选|应选)"
)
STATED = re.compile(
    r"(?:故|因此|所以|因而|综上|本题|题干|说法|表述|命题|答案(?:应?为|是|[:：]))[^。；;\n]{0,8}?"
    r"(不正确|正确|错误|不对|错|对|√|×)(?=[。.，,；;\s）)]|$)"
)
TICKED = re.compile(r"[√✓✔☑]\s*[）)]?\s*$|^\s*[√✓✔☑]")
DENIED = re.compile(
    "不正确|错误|有误|不属于|不包括|不含|不是|不得|不能|不应|不需|无需|不可|不符合|不适用|不当|除外|没有|未"
)


def doubt_choice(work: Making, key: str, marked: str) -> None:
    """Warn where the rationale or the marks on the options tell other letters, or options may have run together."""
    said = _told(work, key)
    if said and said != key:
        work.wrong(
            "key", N_("The key says %(key)s, the rationale %(said)s."), KEEP, warning=True, key=key, said=said
        )  # fmt: skip
    if marked and marked != key:
        work.wrong(
            "key", N_("The key says %(key)s, but %(said)s is marked among the options."), KEEP, warning=True, key=key,
            said=marked,
        )  # fmt: skip
    ticked = "".join(a for a, option in zip(LETTERS, work.options, strict=False) if TICKED.search(option))
    if ticked and ticked != key and len(ticked) < len(work.options):
        work.wrong(
            "key", N_("The key says %(key)s, but %(said)s is marked among the options."), KEEP, warning=True, key=key,
            said=ticked,
        )  # fmt: skip
    for letter, option in zip(LETTERS, work.options, strict=False):
        later = [m for m in markers(option) if m.strong and m.free and m.start and m.letter > letter]
        if later:
            work.wrong(letter, N_("Option %(letter)s may hold another one."), LOOK, warning=True, letter=letter)


def _told(work: Making, key: str) -> str:
    """The letters the rationale gives instead of the key; "" when it agrees or says nothing."""
    text = work.fields["rationale"].translate(FILLED)
    if (last := "".join(sorted(set(said_at_end(text))))) and last != key:
        return last
    chosen = {letter for found in CHOSEN.findall(text) for letter in found if letter.isalpha()}
    if chosen - set(key):
        return "".join(sorted(chosen))
    right: set[str] = set()
    wrong: set[str] = set()
    sure: set[str] = set()
    for letters, word in JUDGED.findall(text):
        group = {letter for letter in letters if letter.isalpha()}
        if word in ("当选", "应选"):
            sure |= group
        elif word in ("不当选", "不选"):
            wrong |= group if not DENIED.search(work.stem) else set()
        else:
            (right if word == "正确" else wrong).update(group)
    if sure - set(key):
        return "".join(sorted(sure))
    if DENIED.search(work.stem):
        right, wrong = wrong, right
    clash = bool(right - set(key)) and bool(set(key) & wrong or len(key) == 1)
    return "".join(sorted(right)) if clash or (right and set(key) & wrong) else ""


def doubt_places(leaves: Sequence[Draft], loose: Sequence[Line]) -> None:
    """Park a key that may belong to several questions; warn of all when keys stand above their questions."""
    for place, leaf in enumerate(leaves):
        letters = key_word(leaf.note("key")) if leaf.has("key") and not leaf.given else ""
        if len(letters) < 2 or not place:
            continue
        before = leaves[max(0, place - min(2, len(letters) - 1)) : place]
        if leaf.options and all(one.options and not keyed(one) and not one.has("rationale") for one in before):
            leaf.faults.append(
                Fault(
                    "key", N_("These may be the keys of several questions, a letter for each."),
                    N_("Write its own key below each question."), {}, leaf.note("key")[:200],
                )
            )  # fmt: skip
    first = leaves[0].line.number if leaves else 0
    if any(line.number < first and any(label == "key" for label, _a, _e in labels_in(line.text)) for line in loose):
        for leaf in leaves:
            if leaf.has("key"):
                leaf.faults.append(
                    Fault(
                        "key", N_("An answer stands above the first question; each may belong to the question below."),
                        LOOK, {}, leaf.note("key")[:200], warning=True,
                    )
                )  # fmt: skip


def doubt_truth(work: Making, key: str) -> None:
    """Warn where the rationale ends on the other word."""
    found = STATED.findall(work.fields["rationale"])
    if found and key and truth_word(found[-1]) not in ("", key):
        word = {"T": "对", "F": "错"}[key]
        work.wrong(
            "key", N_("The key says %(key)s, the rationale %(said)s."), KEEP, warning=True, key=word, said=found[-1]
        )  # fmt: skip
