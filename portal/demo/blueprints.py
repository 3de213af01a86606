"""Blueprints computed from what a bank holds: kinds by shares, topics in proportion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.library.queries import versions_for
from question_bank.marking import FULL
from question_bank.questions import MACHINE_MARKED, Kind, Question

SHARES = {Kind.SINGLE: 52, Kind.MULTIPLE: 24, Kind.TRUE_FALSE: 17, Kind.FILL_BLANK: 7}
CASE_SHARE = 15  # percent of the questions to answer that may belong to cases
USED_AT_MOST = 75  # percent of a topic's questions of one kind, so that two forms differ


class PoolTooSmall(Refused):
    """The bank has too few questions for such a paper."""

    code = "pool_too_small"


def in_force(session: Session, pool: Sequence[Question], day: date) -> list[Question]:
    """The questions of those topics in which every citation is in force on the day."""
    known = versions_for(session, [vars(c) for q in pool for c in q.all_citations()], day)
    ended = {
        q.topic for q in pool for c in q.all_citations()
        if (c.law, c.label) not in known or not known[c.law, c.label].in_force
    }
    return [q for q in pool if q.topic not in ended]


def compute(pool: Sequence[Question], leaves: int, *, cases: bool = True) -> list[dict[str, Any]]:
    """A blueprint of exactly `leaves` questions to answer, worth 100 points together. Raises PoolTooSmall."""
    points = FULL // leaves
    usable = [q for q in pool if all(leaf.kind in MACHINE_MARKED for leaf in q.leaves())]
    there: dict[Kind, Counter[str]] = {kind: Counter() for kind in (*SHARES, Kind.CASE_SET)}
    for question in usable:
        there[question.kind][question.topic] += 1
    cells = _case_cells(usable, leaves * CASE_SHARE // 100) if cases else {}
    left = leaves - sum(length for _, length in cells.values())
    wanted = _spread(SHARES, left, {kind: _limit(there[kind]).total() for kind in SHARES})
    made = [
        {"topic": topic, "kind": str(kind), "count": count, "points": points}
        for kind in SHARES
        for topic, count in _spread(there[kind], wanted[kind], _limit(there[kind])).items()
        if count
    ]
    made += [{"topic": t, "kind": str(Kind.CASE_SET), "count": n, "points": points} for t, (n, _) in cells.items()]
    return made


def _limit(there: Counter[str]) -> Counter[str]:
    return Counter({topic: max(1, count * USED_AT_MOST // 100) for topic, count in there.items()})


def _case_cells(pool: Sequence[Question], room: int) -> dict[str, tuple[int, int]]:
    """Topic -> (one case, its items), from topics whose cases are all of one length, until the room is full."""
    lengths: dict[str, set[int]] = {}
    for question in pool:
        if question.kind is Kind.CASE_SET:
            lengths.setdefault(question.topic, set()).add(len(question.items))
    chosen: dict[str, tuple[int, int]] = {}
    for topic, found in lengths.items():
        length = min(found)
        if len(found) == 1 and length <= room:
            chosen[topic] = (1, length)
            room -= length
    return chosen


def _spread(weights: Mapping[Any, int], total: int, limits: Mapping[Any, int]) -> dict[Any, int]:
    """Whole shares of a total in proportion to weights, none over its limit. Raises PoolTooSmall."""
    if sum(limits.values()) < total:
        raise PoolTooSmall(N_("The questions that may be drawn are fewer than the paper needs."))
    shares = dict.fromkeys(weights, 0)
    for _ in range(total):
        free = [key for key in weights if shares[key] < limits[key]]
        # the key that is furthest behind its weight
        shares[min(free, key=lambda key: (shares[key] + 1) / weights[key])] += 1
    return shares
