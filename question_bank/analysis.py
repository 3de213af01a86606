"""What the answers of many say about a question: how hard it is, whom it separates, which options deceive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from question_bank.questions import CHOICES, N_, SEVERAL, Kind

LEAST_ANSWERS = 30  # a working floor; fewer answers say nothing
HARDLY = 20  # hundredths of r: below it a question hardly separates
FEW_RIGHT, NEARLY_ALL_RIGHT = 2_500, 9_500  # hundredths of a percent
WHOLE = 10_000
NONE = "-"  # the pick of whoever left it empty
STRONG, WEAK = 0, 1  # places in a pair of counts
Picks = dict[str, dict[str, list[int]]]  # leaf -> option -> [strongest third, weakest third]


@dataclass(frozen=True)
class Answer:
    """One sitting's answer to one question: points of it and of the rest of the paper, in hundredths.

    `third` is STRONG, WEAK or None for the middle; `picked` the letters by leaf, "-" for none.
    """

    points: int
    full: int
    rest: int
    rest_full: int
    third: int | None
    picked: Mapping[str, str]


@dataclass(frozen=True)
class Figures:
    """What a tally comes to; see the columns of the same names in the portal.

    `facility` in hundredths of a percent of the points, `discrimination` in hundredths of Pearson's r,
    None below LEAST_ANSWERS or where one side is constant; `choices` as Picks, with the number of
    sittings in each third under "n".
    """

    answered: int
    facility: int
    discrimination: int | None
    choices: Mapping[str, Mapping[str, Sequence[int]]]


@dataclass
class Tally:
    """Sums over the answers to one question; tallies of several exams add up."""

    sums: list[int] = field(default_factory=lambda: [0] * 6)  # n, x, y, xx, yy, xy
    choices: Picks = field(default_factory=dict)

    def take(self, answer: Answer) -> None:
        """Add one answer; x and y are shares in hundredths of a percent, never below nought."""
        x = max(0, answer.points) * WHOLE // answer.full if answer.full else 0
        y = max(0, answer.rest) * WHOLE // answer.rest_full if answer.rest_full else 0
        for place, value in enumerate((1, x, y, x * x, y * y, x * y)):
            self.sums[place] += value
        if answer.third is None:
            return
        for leaf, picked in answer.picked.items():
            options = self.choices.setdefault(leaf, {})
            for option in ("n", *(picked or NONE)):
                options.setdefault(option, [0, 0])[answer.third] += 1

    def __add__(self, other: Tally) -> Tally:
        total = Tally([a + b for a, b in zip(self.sums, other.sums, strict=True)])
        for part in (self, other):
            for leaf, options in part.choices.items():
                for option, counts in options.items():
                    held = total.choices.setdefault(leaf, {}).setdefault(option, [0, 0])
                    held[STRONG] += counts[STRONG]
                    held[WEAK] += counts[WEAK]
        return total

    def plain(self) -> dict[str, Any]:
        """JSON-ready; from_plain gives the same tally back."""
        return {"sums": self.sums, "choices": self.choices}

    @classmethod
    def from_plain(cls, body: Mapping[str, Any]) -> Tally:
        return cls(list(body["sums"]), {leaf: dict(options) for leaf, options in body["choices"].items()})

    def figures(self) -> Figures:
        n, x = self.sums[:2]
        return Figures(n, x // n if n else 0, discrimination(self.sums), self.choices)


def discrimination(sums: Sequence[int]) -> int | None:
    """Correlate a question with the rest of the paper.

    Args:
        sums: n, Σx, Σy, Σx², Σy², Σxy over the sittings; x the question's share, y the share of all
            other questions, so that the question is not correlated with itself.

    Returns:
        Pearson's r in hundredths, -100 to 100; None when n < LEAST_ANSWERS or a side is constant.

    Source: Guilford (1953), Educ. Psychol. Meas. 13, 87-93: item against the rest.
    """
    n, x, y, xx, yy, xy = sums
    spread = (n * xx - x * x) * (n * yy - y * y)
    if n < LEAST_ANSWERS or not spread:
        return None
    return round(100 * (n * xy - x * y) / sqrt(spread))


def cuts(marks: Sequence[int]) -> tuple[int, int] | None:
    """The mark up to which a sitting belongs to the weakest third, and that from which to the strongest.

    None where the two would meet, so that nobody stands in both.
    """
    ordered, third = sorted(marks), len(marks) // 3
    if not third or ordered[third - 1] >= ordered[-third]:
        return None
    return ordered[third - 1], ordered[-third]


def third_of(mark: int, between: tuple[int, int] | None) -> int | None:
    """STRONG, WEAK, or None for the middle."""
    if between is None:
        return None
    return WEAK if mark <= between[0] else STRONG if mark >= between[1] else None


@dataclass(frozen=True)
class Said:
    """A sentence as a message id with its values; `warns` where somebody should look; `leaf` in a case, from 1."""

    message: str
    values: Mapping[str, object]
    warns: bool = False
    leaf: int | None = None


@dataclass(frozen=True)
class Leaf:
    """What the sentences need of a question to be answered: kind, key and option letters."""

    kind: Kind
    key: Any
    letters: str


def words_for(figures: Figures, leaves: Sequence[Leaf]) -> list[Said]:
    """The figures in sentences, for the one who wrote the question."""
    if figures.answered < LEAST_ANSWERS:
        return [
            Said(
                N_("Too few answers yet (%(n)s of %(least)s)."),
                {"n": figures.answered, "least": LEAST_ANSWERS},
            )
        ]
    said = [*_facility(figures), *_separation(figures)]
    for place, leaf in enumerate(leaves):
        counts = figures.choices.get(str(place))
        if counts and (leaf.kind in CHOICES or leaf.kind is Kind.TRUE_FALSE):
            number = place + 1 if len(leaves) > 1 else None
            said += [Said(message, values, warns, number) for message, values, warns in _picks(counts, leaf)]
    return said


def _facility(figures: Figures) -> Iterator[Said]:
    values = {"n": (figures.facility + 50) // 100}
    yield Said(N_("%(n)s %% right"), values)
    if figures.facility >= NEARLY_ALL_RIGHT:
        yield Said(N_("Nearly everybody is right: it tells nobody apart."), {}, True)
    elif figures.facility <= FEW_RIGHT:
        yield Said(N_("Few are right: check key and wording."), {}, True)


def _separation(figures: Figures) -> Iterator[Said]:
    r = figures.discrimination
    if r is None:
        return
    values = {"r": f"{'-' if r < 0 else ''}{abs(r) // 100}.{abs(r) % 100:02d}"}
    if r < 0:
        yield Said(N_("The weaker do better here than the stronger (%(r)s): check the key."), values, True)
    elif r < HARDLY:
        yield Said(N_("It hardly tells stronger from weaker (%(r)s)."), values, True)
    else:
        yield Said(N_("It tells stronger from weaker (%(r)s)."), values)


def _picks(counts: Mapping[str, Sequence[int]], leaf: Leaf) -> Iterator[tuple[str, dict[str, object], bool]]:
    """What the strongest third prefers against the key, and what nobody takes."""
    strongest = counts.get("n", (0, 0))[STRONG]

    def taken(option: str) -> int:
        return counts.get(option, (0, 0))[STRONG]

    if leaf.kind in SEVERAL:
        wrongly = [o for o in leaf.letters if o not in leaf.key and 2 * taken(o) > strongest]
        missed = [o for o in leaf.key if 2 * taken(o) < strongest]
    else:
        wrongly = [o for o in leaf.letters if o != leaf.key and taken(o) > taken(leaf.key)]
        missed = []
    if wrongly:
        preferred = max(wrongly, key=taken)
        yield N_("The strongest third prefers %(option)s: check the key."), {"option": preferred}, True
    if missed:
        yield N_("The strongest third leaves out %(option)s: check the key."), {"option": "、".join(missed)}, True
    idle = [o for o in leaf.letters if o not in leaf.key and not any(counts.get(o, (0, 0)))]
    if idle:
        yield N_("Nobody of either third takes %(options)s."), {"options": "、".join(idle)}, False
