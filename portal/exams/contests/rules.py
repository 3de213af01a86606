"""What a score, a total, a rank and an advance are: pure functions over whole hundredths of a point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from portal.exams.contests.models import Advance, ContestKind, RoundKind, TeamScore
from portal.ground.rules import N_

PANEL_TO_DROP = 5  # highest and lowest are dropped from as many judges on
FULL = 10_000  # hundredths: what the abilities of a practical round come to
MOST_POINTS = 100_000  # hundredths a judge gives or takes for one question


def half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes up."""
    return (value + Fraction(1, 2)).__floor__()


def panel_score(points: Sequence[int], *, drops_extremes: bool) -> Fraction:
    """The mean of the judges; without one highest and one lowest where that was declared and enough judged."""
    if not points:
        return Fraction(0)
    kept = sorted(points)
    if drops_extremes and len(kept) >= PANEL_TO_DROP:
        kept = kept[1:-1]
    return Fraction(sum(kept), len(kept))


def practical_score(
    given: Mapping[str, Sequence[int]], abilities: Iterable[str], *, drops_extremes: bool
) -> tuple[int, dict[str, int]]:
    """The round's score and what each ability came to; each ability is kept to the hundredth, then added."""
    by_ability = {
        ability: half_up(panel_score(given.get(ability, ()), drops_extremes=drops_extremes)) for ability in abilities
    }
    return sum(by_ability.values()), by_ability


def written_score(marks: Sequence[int | None], how: str) -> int:
    """What the members' results come to; who has none counts as 0."""
    total = sum(mark or 0 for mark in marks)
    return total if how == TeamScore.SUM or not marks else half_up(Fraction(total, len(marks)))


def weighted(scores: Mapping[int, int], weights: Mapping[int, int]) -> int:
    """The total: each round's score by its weight in percent, kept to the hundredth."""
    return half_up(Fraction(sum(scores[n] * weights[n] for n in scores), 100))


@dataclass(frozen=True)
class Row:
    """How a party stands: the scores of the rounds it was in, the total, and its rank."""

    party_id: int
    scores: dict[int, int]  # round number -> hundredths
    total: int
    reached: int = 0  # the last round it was in
    withdrawn: bool = False
    rank: int = 0  # 0: none
    abilities: dict[str, int] = field(default_factory=dict)
    members: dict[int, int | None] = field(default_factory=dict)  # person -> what his written rounds came to

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "party": self.party_id, "rank": self.rank, "total": self.total, "reached": self.reached,
            "withdrawn": self.withdrawn, "scores": {str(n): score for n, score in self.scores.items()},
            "abilities": self.abilities, "members": {str(one): mark for one, mark in self.members.items()},
        }  # fmt: skip

    @classmethod
    def from_plain(cls, kept: Mapping[str, Any]) -> Row:
        return cls(
            kept["party"], {int(n): score for n, score in kept["scores"].items()}, kept["total"], kept["reached"],
            kept["withdrawn"], kept["rank"], dict(kept["abilities"]),
            {int(one): mark for one, mark in kept["members"].items()},
        )  # fmt: skip


def ranked(rows: Iterable[Row], tie_rounds: Sequence[int]) -> list[Row]:
    """In order, with ranks: who got further stands higher, then the total, then the rounds named for ties, in order.

    Equal in all of that: the rank is shared and the next ones are left out. Who withdrew has none and stands last.
    """
    def key(row: Row) -> tuple[int, ...]:
        return (row.reached, row.total, *(row.scores.get(number, 0) for number in tie_rounds))

    every = list(rows)
    running = sorted((row for row in every if not row.withdrawn), key=lambda r: (*(-k for k in key(r)), r.party_id))
    found: list[Row] = []
    for place, row in enumerate(running, 1):
        shared = found[-1].rank if found and key(found[-1]) == key(row) else place
        found.append(_with_rank(row, shared))
    return found + sorted((_with_rank(r, 0) for r in every if r.withdrawn), key=lambda r: r.party_id)


def _with_rank(row: Row, rank: int) -> Row:
    return Row(**{**row.__dict__, "rank": rank})


def going_on(rows: Sequence[Row], number: int, advance: int | None, by: str) -> set[int]:
    """Which parties of a closed round go on; who is equal to the last of them goes on too."""
    there = [row for row in rows if row.reached == number and not row.withdrawn]
    if advance is None or len(there) <= advance:
        return {row.party_id for row in there}
    def worth(row: Row) -> int:
        return row.scores.get(number, 0) if by == Advance.ROUND else row.total

    limit = sorted((worth(row) for row in there), reverse=True)[advance - 1]
    return {row.party_id for row in there if worth(row) >= limit}


# ---------- what a draft lacks ----------
@dataclass(frozen=True)
class Plan:
    """One round as it is declared, and what is known of its exam and judges."""

    number: int
    kind: str
    weight: int
    advance: int | None
    abilities: Mapping[str, int]
    questions: int | None
    exam_ready: bool
    judges: int


@dataclass(frozen=True)
class Gap:
    """Something the contest lacks before it can start: a gettext id and its values."""

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


def gaps(
    kind: str, team_size: int, parties: Mapping[str, int], rounds: Sequence[Plan], ties: Sequence[int]
) -> list[Gap]:
    """What is missing; `parties` says how many members each has."""
    found = []
    if len(parties) < 2:
        found.append(Gap(N_("At least two take part.")))
    if kind == ContestKind.TEAM:
        found += [
            Gap(N_("%(name)s has %(n)s members; %(size)s are declared."), {"name": name, "n": n, "size": team_size})
            for name, n in parties.items() if n != team_size
        ]  # fmt: skip
    if not rounds:
        return [*found, Gap(N_("There is no round yet."))]
    if (sum_ := sum(plan.weight for plan in rounds)) != 100:
        found.append(Gap(N_("The weights of the rounds come to %(n)s; 100 is needed."), {"n": sum_}))
    if set(ties) - {plan.number for plan in rounds}:
        found.append(Gap(N_("The order for ties names a round that is not there.")))
    for plan in rounds:
        found += _round_gaps(plan, len(parties), last=plan is rounds[-1])
    return found


def _round_gaps(plan: Plan, parties: int, *, last: bool) -> Iterable[Gap]:
    values = {"n": plan.number}
    if plan.kind == RoundKind.WRITTEN and not plan.exam_ready:
        yield Gap(N_("Round %(n)s needs a published contest exam."), values)
    if plan.kind != RoundKind.WRITTEN and not plan.judges:
        yield Gap(N_("Round %(n)s has no judge."), values)
    if plan.kind == RoundKind.PRACTICAL and sum(plan.abilities.values()) != FULL:
        yield Gap(N_("The abilities of round %(n)s do not come to 100 points."), values)
    if last and plan.advance is not None:
        yield Gap(N_("Nobody goes on from the last round; leave its number empty."))
    if not last and plan.advance is not None and plan.advance > parties:
        yield Gap(N_("More go on from round %(n)s than take part."), values)
