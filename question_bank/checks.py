"""Everything that can be wrong with a question, each with its column and remedy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from question_bank.questions import BLANK, COGNITIVE_LEVELS, LETTERS, N_, SEVERAL, Kind, Question

LEAST_OPTIONS = 2
MOST_MATCHES = 12
OPEN_IN_A_DRAFT = frozenset({"rationale", "law", "topic"})  # columns that may wait until approval
WEIGH = N_("Give it a whole number from 1 up, or remove the criterion.")
PICTURE_UNSAID = N_("A picture has no description.")


@dataclass(frozen=True)
class Problem:
    """What is wrong, in which column, and what to do; texts are gettext ids filled by `values`.

    `item` is the place of a case set's question, -1 for the question itself; `row` that of a criterion.
    """

    column: str
    message: str
    remedy: str
    values: tuple[tuple[str, str], ...] = ()
    item: int = -1
    row: int = -1


def stops_draft(problem: Problem) -> bool:
    """Whether not even a draft can stand like this; what else is missing only stops approval."""
    return problem.column not in OPEN_IN_A_DRAFT and problem.message != PICTURE_UNSAID


def problems(question: Question, *, inside: bool = False) -> Iterator[Problem]:
    """Everything that stops this question from being used, so its author mends it in one go."""
    if not question.stem.strip():
        yield Problem("stem", N_("The stem is empty."), N_("Write the question."))
    if not inside and not question.topic:
        yield Problem("topic", N_("The topic is empty."), N_("Name one topic; papers are drawn by topic."))
    if not 1 <= question.difficulty <= 5:
        yield Problem(
            "difficulty", N_("The difficulty is not a number from 1 to 5."), N_("Write 1 (easy) to 5 (hard).")
        )
    if question.cognitive_level not in COGNITIVE_LEVELS:
        yield Problem("cognitive_level", N_("The cognitive level is not known."), N_("Write 识记, 理解, 应用 or 分析."))
    yield from _picture_problems(question)
    yield from _validity_problems(question)
    if question.kind is Kind.CASE_SET:
        yield from _case_problems(question)
        return
    if not question.rationale.strip():
        yield Problem("rationale", N_("The rationale is empty."), N_("Say in a sentence why the key is right."))
    if not question.citations:
        yield Problem("law", N_("No article is cited."), N_("Name law, version and article."))
    elif not all(c.law and c.label and c.article for c in question.citations):
        yield Problem("law", N_("A citation lacks law, version or article."), N_("Name law, version and article."))
    yield from _key_problems(question)


def _case_problems(question: Question) -> Iterator[Problem]:
    if len(question.items) < 2:
        yield Problem("case", N_("A case set needs at least two questions."), N_("Add rows that name this case."))
    for place, item in enumerate(question.items):
        if item.kind is Kind.CASE_SET:
            yield Problem(
                "kind", N_("A case set stands inside another."), N_("Make it a case of its own."),
                (("item", item.code),), place,
            )  # fmt: skip
            continue
        for problem in problems(item, inside=True):
            yield replace(problem, values=(*problem.values, ("item", item.code)), item=place)


def _picture_problems(question: Question) -> Iterator[Problem]:
    named = {"stem": (question.stem,), "A": (*question.options, *question.matches), "rationale": (question.rationale,)}
    for column, texts in named.items():
        own = Question("", question.kind, "\n".join(texts))
        if any(not alt.strip() for alt, _key in own.pictures()):
            yield Problem(
                column, PICTURE_UNSAID,
                N_("Say in words what it shows, for people who cannot see it."),
            )  # fmt: skip


def _validity_problems(question: Question) -> Iterator[Problem]:
    days = []
    for text in (question.valid_from, question.valid_until):
        try:
            days.append(date.fromisoformat(text) if text else None)
        except ValueError:
            yield Problem("validity", N_("%(day)s is not a day."), N_("Write a day as 2026-11-23."), (("day", text),))
            return
    if days[0] and days[1] and days[1] < days[0]:
        yield Problem("validity", N_("It ends before it begins."), N_("Correct one of the two days."))


def _key_problems(question: Question) -> Iterator[Problem]:
    match question.kind:
        case Kind.SINGLE | Kind.MULTIPLE | Kind.INDEFINITE:
            yield from _choice_problems(question)
        case Kind.TRUE_FALSE:
            if question.key not in ("T", "F"):
                yield Problem("key", N_("The key of a true/false question is 对 or 错."), N_("Write 对 or 错."))
        case Kind.FILL_BLANK:
            yield from _blank_problems(question)
        case Kind.ORDERING:
            yield from _ordering_problems(question)
        case Kind.MATCHING:
            yield from _matching_problems(question)
        case Kind.SHORT_ANSWER:
            if len(question.key) < 2 or not all(isinstance(part, str) and part.strip() for part in question.key):
                yield Problem("key", N_("The reference answer or its marking points are missing."), N_("Write both."))
        case Kind.DRAFTING:
            yield from _rubric_problems(question)


def _blank_problems(question: Question) -> Iterator[Problem]:
    blanks = question.stem.count(BLANK)
    if not blanks:
        yield Problem("stem", N_("There is no blank in the stem."), N_("Mark each blank with four underscores."))
    elif len(question.key) != blanks or not all(variants and all(variants) for variants in question.key):
        yield Problem(
            "key",
            N_("The stem has %(blanks)s blanks and the key %(keys)s."),
            N_("Separate blanks by a semicolon, variants by a slash."),
            (("blanks", str(blanks)), ("keys", str(len(question.key)))),
        )


def _options_problem(question: Question) -> Problem | None:
    options = question.options
    if len(options) < LEAST_OPTIONS or not all(o.strip() for o in options):
        return Problem("A", N_("A question with options needs at least two without gaps."), N_("Fill A, B, C, …"))
    if len(options) > len(LETTERS):
        return Problem("A", N_("There are more than eight options."), N_("Keep eight of them, or split the question."))
    if len(set(options)) < len(options):
        return Problem("A", N_("Two options say the same."), N_("Change or remove one of them."))
    return None


def _ordering_problems(question: Question) -> Iterator[Problem]:
    if problem := _options_problem(question):
        yield problem
    elif not isinstance(question.key, str) or sorted(question.key) != list(LETTERS[: len(question.options)]):
        yield Problem(
            "key", N_("The key does not name every step once."), N_("Write the letters in the right order, as BDAC.")
        )


def _matching_problems(question: Question) -> Iterator[Problem]:
    if problem := _options_problem(question):
        yield problem
        return
    matches = question.matches
    if not 2 <= len(matches) <= MOST_MATCHES or not all(m.strip() for m in matches) or len(set(matches)) < len(matches):
        yield Problem(
            "matches", N_("The right side of the matching has gaps, doubles, or fewer than two entries."),
            N_("Write two to twelve different entries."),
        )  # fmt: skip
        return
    numbers = [str(number) for number in range(1, len(matches) + 1)]
    if len(question.key) != len(question.options) or any(number not in numbers for number in question.key):
        yield Problem(
            "key", N_("The key does not give every entry of the left side one of the right side."),
            N_("Write the pairs as A2 B1 C3."),
        )  # fmt: skip


def _rubric_problems(question: Question) -> Iterator[Problem]:
    key = question.key
    if not isinstance(key, tuple) or not key or not isinstance(key[0], str):
        yield Problem(
            "key", N_("The reference document or its rubric is missing."),
            N_("Write the document, then each criterion with its points."),
        )  # fmt: skip
        return
    if not key[0].strip():
        yield Problem("key", N_("The reference document is missing."), N_("Write the document."))
    if not key[1:]:
        yield Problem("key", N_("The rubric has no criterion yet."), N_("Write each criterion with its points."))
    for at, row in enumerate(key[1:]):
        values = (("n", str(at + 1)),)
        if not isinstance(row, tuple) or len(row) != 2 or not str(row[0]).strip():
            yield Problem("key", N_("Criterion %(n)s says nothing."), N_("Write it, or remove it."), values, row=at)
        elif not isinstance(row[1], int) or row[1] < 1:
            yield Problem(
                "key", N_("The weight of criterion %(n)s is 0 or not written."), WEIGH, values, row=at
            )  # fmt: skip


def _choice_problems(question: Question) -> Iterator[Problem]:
    if problem := _options_problem(question):
        yield problem
        return
    key = question.key
    unknown = [k for k in key if k not in LETTERS[: len(question.options)]]
    if not key:
        yield Problem("key", N_("The key is empty."), N_("Write the letter of the right option."))
    elif unknown:
        yield Problem(
            "key",
            N_("The key names option %(letter)s, which is not there."),
            N_("Write letters of options that exist."),
            (("letter", str(unknown[0])),),
        )
    elif len(set(key)) < len(key) or (question.kind in SEVERAL and list(key) != sorted(key)):
        yield Problem("key", N_("The key names an option twice."), N_("Write each letter once, in order."))
    elif question.kind is Kind.SINGLE and len(key) != 1:
        yield Problem(
            "key", N_("A single-choice question has exactly one key."), N_("Write one letter, or change the kind.")
        )
    elif question.kind is Kind.MULTIPLE and len(key) < 2:
        yield Problem(
            "key", N_("A multiple-choice question has at least two keys."), N_("Add letters, or change the kind.")
        )
