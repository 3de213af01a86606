"""The self-check of a question in words: what stops it, what is advised, what is in order, and where in the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from portal.bank.writing.remedies import remedy
from portal.ground.i18n import gettext
from portal.ground.rules import N_
from question_bank.checks import Problem, problems
from question_bank.linting import lint
from question_bank.questions import Citation, Kind, Question

COLUMNS = {"law": "citations", "A": "options", "case": "items", "validity": "valid_from", "kind": "stem"}
MUST = ("equal_options",)  # advice that a reviewer would return the question for
SAID_ALREADY = ("no_key", "equal_options")
BY_OPTIONS = ("options", "key", "matches")


@dataclass(frozen=True)
class Line:
    """One line of the self-check: bad or due, where in the form it leads, and the sentence."""

    tone: str
    anchor: str
    sentence: str
    remedy: str = ""


@dataclass(frozen=True)
class Check:
    lines: list[Line] = field(default_factory=list)
    passed: str = ""

    @property
    def bad(self) -> int:
        return sum(line.tone == "bad" for line in self.lines)

    @property
    def counted(self) -> str:
        due = len(self.lines) - self.bad
        return gettext(N_("%(bad)s to mend, %(due)s advised"), bad=self.bad, due=due) if self.lines else ""

    @property
    def step(self) -> str:
        if not self.bad:
            return gettext(N_("Self-check, in order"))
        return gettext(N_("Self-check, %(n)s left"), n=self.bad)

    @property
    def faults(self) -> dict[str, str]:
        """Anchor → the first sentence of what stops the question there."""
        found: dict[str, str] = {}
        for line in self.lines:
            if line.tone == "bad":
                found.setdefault(line.anchor, line.sentence)
        return found


def anchor(place: str) -> str:
    """The id of the field for a place such as "stem", "options/2" or "items/1/key"."""
    parts = place.split("/")
    before = ""
    if parts[0] == "items" and len(parts) > 2:
        before, parts = f"i{parts[1]}-", parts[2:]
    name = COLUMNS.get(parts[0], parts[0])
    return before + ("options" if name in BY_OPTIONS else name)


def _line(question: Question, problem: Problem) -> Line:
    values = dict(problem.values)
    leaf = question if problem.item < 0 else question.items[problem.item]
    place = problem.column if problem.item < 0 else f"items/{problem.item}/{problem.column}"
    sentence = gettext(problem.message, **values)
    if problem.item >= 0:
        sentence = gettext(N_("Part %(n)s: %(sentence)s"), n=problem.item + 1, sentence=sentence)
    told = remedy(leaf.kind, problem.column, problem.remedy)
    at = anchor(place)
    if problem.row >= 0:  # beside the criterion itself
        at = f"{at.removesuffix('options')}criterion-{problem.row + 1}"
    return Line("bad", at, sentence, gettext(told, **values))


def topic_advice(title: str, near: Sequence[str] | None) -> str:
    """What is said of a topic outside the tree, with the nearest ones in it; "" when `near` is None: it is in."""
    if near is None:
        return ""
    if not near:
        return gettext(N_("The topic “%(topic)s” is not in the topic tree. Choose one of the tree, or let it stand."),
                       topic=title)  # fmt: skip
    told = N_("The topic “%(topic)s” is not in the topic tree. Near to it: %(near)s. Choose one, or let it stand.")
    return gettext(told, topic=title, near="、".join(near))


def _version_to_cite(labels: Sequence[str]) -> str:
    if not labels:
        return gettext(N_("Cite a version it has."))
    return gettext(N_("The library has: %(labels)s."), labels="、".join(labels))


def check(
    question: Question, in_force: Callable[[Citation], bool | None], near: Sequence[str] | None = None,
    labels: Mapping[str, Sequence[str]] | None = None,
) -> Check:  # fmt: skip
    """Everything about a question that can be said without the bank; `in_force` None: the library has no such text.

    `near` are the topics nearest to one that the tree does not have; None: it has it. `labels`: a law's title → the
    versions the library has of it.
    """
    lines = [_line(question, problem) for problem in problems(question)]
    for citation in question.all_citations():
        if in_force(citation) is None:
            told = gettext(N_("The library does not know %(law)s (%(label)s)."), law=citation.law, label=citation.label)
            lines.append(Line("bad", "citations", told, _version_to_cite((labels or {}).get(citation.law, ()))))
    lines += _advice(question, {line.anchor for line in lines}, in_force)
    if told := topic_advice(question.topic, near):
        lines.append(Line("due", "topic", told))
    lines.sort(key=lambda line: line.tone != "bad")
    return Check(lines, _passed(question, lines, in_force))


def _advice(
    question: Question, stopped: set[str], in_force: Callable[[Citation], bool | None]
) -> list[Line]:  # fmt: skip
    """What a careful colleague would say, but not about a field that is wrong anyhow."""
    found = []
    for suggestion in lint(question, in_force=in_force):
        place, values = anchor(suggestion.place), suggestion.values
        if place in stopped and suggestion.rule in SAID_ALREADY:
            continue
        sentence = gettext(suggestion.message, **values)
        if suggestion.place.startswith("items/"):
            number = int(suggestion.place.split("/")[1]) + 1
            sentence = gettext(N_("Part %(n)s: %(sentence)s"), n=number, sentence=sentence)
        found.append(Line("bad" if suggestion.rule in MUST else "due", place, sentence))
    return found


def _passed(question: Question, lines: list[Line], in_force: Callable[[Citation], bool | None]) -> str:
    """What is in order, in one line."""
    wrong = {part for line in lines for part in line.anchor.split("-")}
    said = []
    if not wrong & {"options", "criterion"} and (question.key or question.kind is Kind.CASE_SET):
        said.append(gettext(N_("The key is complete.")))
    cited = question.all_citations()
    if cited and all(in_force(citation) for citation in cited):
        said.append(gettext(N_("The articles cited are in force.")))
    if question.stem.strip() and "stem" not in wrong:
        said.append(gettext(N_("Nothing to say about the stem.")))
    return " ".join(said)
