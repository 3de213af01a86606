"""What a careful colleague would say about a question before it is reviewed: suggestions, never refusals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from question_bank.blanks import normal_blank
from question_bank.likeness import pairs, plain_letters
from question_bank.questions import CHOICES, LETTERS, N_, WITH_OPTIONS, Citation, Kind, Question

InForce = Callable[[Citation], bool | None]

ALL_OR_NONE = re.compile(
    r"(以上|上述|前述|前面)(各?[三四五]?项|选项|答案|说法|情形)?(都|均|皆|全)?(都?不?(正确|对|错|错误|是|属于|可以|成立|符合))"
    r"|^(全部|都|均)(不?(正确|对|错误|是))$|^[A-H]([、和与及]?[A-H])+(都|均)?(不?(正确|对|是))?$"
)
ASKED_WRONG = re.compile(
    r"(?<!有)(不正确|不准确|不恰当|不妥|不符合|不属于|不包括|不适用|不成立|不合法|不应当?|不需要?|不能|不得|不可以|不是|错误|有误"
    r"|没有|除.{1,20}?(?:之外|外)(?!还|，还|也)|无权)"
)
NOT_NEGATIVE = re.compile(r"有没有|是不是|能不能|可不可以|应不应当|正确与错误|是否[^，。]{0,12}")
ASIDE = re.compile(r"[（(][^）)]*[）)]")
EMPHASISED = re.compile(r"\*\*.+?\*\*|__(?!_).+?(?<!_)__(?!_)|<u>.+?</u>")
CLAUSES = re.compile(r"[。！？；：，,;:!?\n]")
ABSOLUTE = re.compile(r"一律|绝不|绝对|永远|从不|概不|无论如何|任何情况下|无论何种|必须全部|所有情形|任何时候")
ABSOLUTE_MILD = re.compile(r"必须|所有|任何|全部|完全|只能")
ENDING = re.compile(r"[。．.；;！!，,]$")
AMOUNT = re.compile(r"^[0-9０-９一二三四五六七八九十百千万半两]+(?P<unit>[^\W\d_]{0,4})$")
LETTER_NAMED = re.compile(
    r"(?<![A-Za-z0-9])([A-H](?:[、，,和与及]?[A-H])*)(?=\s*(?:项|选项|两项|三项|正确|错误|对|错|不|是|符合|属于))"
)
ELSEWHERE = re.compile(r"上一?题|前一?题|上述问题|第[一二三四五六七八0-9]{1,2}[小问]?题的?(?:答案|结论|结果)")
LONGER, BY = 1.5, 8  # times, characters
GIVEN_AWAY = 8  # characters of the right option that stand in the stem


@dataclass(frozen=True)
class Suggestion:
    """What might be better, and where: `place` is a path into the question's plain form, such as "options/2"
    or "items/1/key", counted from nought; `message` a gettext id filled by `values`.
    """

    place: str
    message: str
    values: Mapping[str, str] = field(default_factory=dict)
    rule: str = ""


def lint(question: Question, *, in_force: InForce | None = None) -> Iterator[Suggestion]:
    """Everything worth a second look; `in_force` says of an article whether its text holds, None when unknown."""
    for rule in RULES:
        for found in rule(question):
            yield replace(found, rule=rule.__name__.removeprefix("_"))
    for at, citation in enumerate(question.citations if in_force else ()):
        if in_force and in_force(citation) is False:
            yield Suggestion(
                f"citations/{at}", N_("%(law)s %(article)s (%(label)s) is no longer in force."),
                {"law": citation.law, "article": citation.article, "label": citation.label}, "article_not_in_force",
            )  # fmt: skip
    for at, item in enumerate(question.items):
        for found in lint(item, in_force=in_force):
            yield replace(found, place=f"items/{at}/{found.place}")


def _right(question: Question) -> list[int]:
    return [LETTERS.index(k) for k in question.key if k in LETTERS[: len(question.options)]]


def _choice(question: Question) -> tuple[list[int], list[int]] | None:
    """Places of right and of wrong options; None when the question has no such."""
    if question.kind not in CHOICES:
        return None
    right = _right(question)
    wrong = [at for at in range(len(question.options)) if at not in right]
    return (right, wrong) if right and wrong else None


def _no_key(question: Question) -> Iterator[Suggestion]:
    if question.kind is not Kind.CASE_SET and not any(question.key):
        yield Suggestion("key", N_("No key is chosen yet."))


def _equal_options(question: Question) -> Iterator[Suggestion]:
    seen: dict[str, int] = {}
    for at, option in enumerate(question.options):
        said = plain_letters(option)
        if said and (first := seen.setdefault(said, at)) != at:
            values = {"letter": LETTERS[at], "other": LETTERS[first]}
            yield Suggestion(f"options/{at}", N_("Options %(other)s and %(letter)s say the same."), values)


def _all_of_the_above(question: Question) -> Iterator[Suggestion]:
    for at, option in enumerate(question.options if question.kind in CHOICES else ()):
        if ALL_OR_NONE.search(re.sub(r"[\s。．.]", "", option)):
            yield Suggestion(
                f"options/{at}", N_("“All” or “none of the above” rewards guessing; write an option of its own."),
                {"letter": LETTERS[at]},
            )  # fmt: skip


def _longest_is_right(question: Question) -> Iterator[Suggestion]:
    parted = _choice(question)
    if not parted or len(parted[0]) != 1:
        return
    right, others = len(question.options[parted[0][0]]), [len(question.options[at]) for at in parted[1]]
    if right >= max(others) * LONGER and right - max(others) >= BY:
        yield Suggestion(
            f"options/{parted[0][0]}",
            N_("The right option is clearly the longest; shorten it or lengthen the others."),
        )  # fmt: skip


def _negative_not_emphasised(question: Question) -> Iterator[Suggestion]:
    if question.kind not in CHOICES:
        return
    clauses = [part for part in CLAUSES.split(ASIDE.sub("", question.stem)) if part.strip()]
    asked = NOT_NEGATIVE.sub("", clauses[-1]) if clauses else ""
    if found := ASKED_WRONG.search(EMPHASISED.sub("", asked)):
        values = {"word": found[0]}
        yield Suggestion("stem", N_("“%(word)s” turns the question round; set it in bold: **%(word)s**."), values)


def _absolute_words(question: Question) -> Iterator[Suggestion]:
    """Only where they tell the wrong options from the right ones; laws say 必须 themselves."""
    if not (parted := _choice(question)):
        return
    for words, least in ((ABSOLUTE, 1), (ABSOLUTE_MILD, 2)):
        if any(words.search(question.options[at]) for at in parted[0]):
            continue
        found = [(at, hit[0]) for at in parted[1] if (hit := words.search(question.options[at]))]
        if len(found) >= least:
            letters, word = "、".join(LETTERS[at] for at, _ in found), found[0][1]
            yield Suggestion(
                f"options/{found[0][0]}",
                N_("Only wrong options are absolute (%(letters)s: %(word)s); that gives them away."),
                {"letters": letters, "word": word},
            )  # fmt: skip
            return


def _not_parallel(question: Question) -> Iterator[Suggestion]:
    options = [option.strip() for option in question.options] if question.kind in WITH_OPTIONS else []
    ended = [bool(ENDING.search(option)) for option in options]
    if any(ended) and not all(ended):
        at = ended.index(sum(ended) * 2 <= len(ended))
        yield Suggestion(f"options/{at}", N_("Some options end with a full stop and some do not."))
    amounts = [AMOUNT.match(option) for option in options]
    if len(options) > 1 and all(amounts):
        units = [amount["unit"] for amount in amounts if amount]
        if "" in units and any(units):
            yield Suggestion(f"options/{units.index('')}", N_("Some options have a unit and some have none."))


def _given_away(question: Question) -> Iterator[Suggestion]:
    stem = plain_letters(question.stem)
    if question.kind is Kind.FILL_BLANK:
        for at, variants in enumerate(question.key):
            word = next((v for v in variants if len(plain_letters(v)) >= 3 and plain_letters(v) in stem), None)
            if word:
                yield Suggestion(f"key/{at}", N_("The stem says “%(word)s” itself."), {"word": word})
        return
    parted = _choice(question)
    if not parted or len(parted[0]) != 1:
        return
    right = plain_letters(question.options[parted[0][0]])
    shared = _longest_in(right, stem)
    others = [_longest_in(plain_letters(question.options[at]), stem) for at in parted[1]]
    if len(shared) >= GIVEN_AWAY and len(shared) * 2 >= len(right) and max(map(len, others)) * 2 <= len(shared):
        yield Suggestion(
            f"options/{parted[0][0]}",
            N_("The stem says “%(word)s”, and so does the right option alone."),
            {"word": shared},
        )


def _longest_in(option: str, stem: str) -> str:
    """The longest run of an option that stands in the stem too."""
    best = ""
    for start in range(len(option)):
        while option[start : start + len(best) + 1] in stem and start + len(best) < len(option):
            best = option[start : start + len(best) + 1]
    return best


def _rationale_elsewhere(question: Question) -> Iterator[Suggestion]:
    parted, said = _choice(question), question.rationale
    if not parted or not said.strip():
        return
    named = {letter for run in LETTER_NAMED.findall(said) for letter in run if letter in LETTERS}
    key = {LETTERS[at] for at in parted[0]}
    if named and not named & key and len(named) < len(parted[1]):
        yield Suggestion("rationale", N_("The rationale names options %(named)s, but not the key %(key)s."),
                         {"named": "、".join(sorted(named)), "key": "".join(sorted(key))})  # fmt: skip
    elif not named:
        told = pairs(plain_letters("".join((said, question.stem, *(c.summary for c in question.citations)))))
        said_of = [pairs(plain_letters(question.options[at])) for at in parted[0]]
        if all(len(of_one) >= 5 and not of_one & told for of_one in said_of):
            values = {"letters": "、".join(LETTERS[at] for at in parted[0])}
            yield Suggestion("rationale", N_("The rationale says nothing about the right option %(letters)s."), values)


def _equal_variants(question: Question) -> Iterator[Suggestion]:
    for at, variants in enumerate(question.key if question.kind is Kind.FILL_BLANK else ()):
        seen: dict[str, str] = {}
        for variant in variants:
            if (first := seen.setdefault(normal_blank(variant), variant)) is not variant:
                yield Suggestion(
                    f"key/{at}", N_("“%(one)s” and “%(other)s” count as the same answer; one of them is enough."),
                    {"one": first, "other": variant},
                )  # fmt: skip


def _items_depend(question: Question) -> Iterator[Suggestion]:
    stems = [plain_letters(item.stem) for item in question.items]
    for at, item in enumerate(question.items):
        if found := ELSEWHERE.search(item.stem):
            yield Suggestion(
                f"items/{at}/stem", N_("“%(word)s”: who misses one question misses two; let each stand alone."),
                {"word": found[0]},
            )  # fmt: skip
        for answer in _answers(item):
            if len(answer) >= GIVEN_AWAY and (other := _says(stems, answer, at)) is not None:
                yield Suggestion(
                    f"items/{other}/stem", N_("The stem gives away the answer to question %(number)s."),
                    {"number": str(at + 1)},
                )  # fmt: skip


def _answers(item: Question) -> list[str]:
    if item.kind in CHOICES:
        return [plain_letters(item.options[at]) for at in _right(item)]
    return [plain_letters(v) for variants in item.key for v in variants] if item.kind is Kind.FILL_BLANK else []


def _says(stems: Sequence[str], answer: str, but: int) -> int | None:
    return next((at for at, stem in enumerate(stems) if at != but and answer in stem), None)


RULES = (
    _no_key, _equal_options, _all_of_the_above, _longest_is_right, _negative_not_emphasised, _absolute_words,
    _not_parallel, _given_away, _rationale_elsewhere, _equal_variants, _items_depend,
)  # fmt: skip
