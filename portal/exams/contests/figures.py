"""What the scores of a contest come to: of one round as it stands, of all rounds so far."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from portal.exams.contests.models import (
    Contest,
    ContestJudge,
    ContestMember,
    ContestParty,
    ContestRound,
    ContestScore,
    ContestStanding,
    RoundKind,
)
from portal.exams.contests.queries import standing_id
from portal.exams.contests.rules import Row, practical_score, ranked, weighted, written_score
from portal.exams.making.results import has
from portal.exams.models import Attempt, Exam, Result, ResultEventKind
from portal.exams.queries import is_newest, is_voided
from portal.people.models import Person


@dataclass(frozen=True)
class Scored:
    """What a party has in one round, of what it is made, and how many marks of judges are still missing."""

    score: int
    abilities: dict[str, int] = field(default_factory=dict)
    members: dict[int, int | None] = field(default_factory=dict)
    missing: int = 0

    def details(self) -> dict[str, dict[str, int | None]]:
        """As JSON keeps it."""
        return {"abilities": dict(self.abilities), "members": {str(one): mark for one, mark in self.members.items()}}

    @classmethod
    def from_standing(cls, kept: ContestStanding) -> Scored:
        members = {int(one): mark for one, mark in kept.details["members"].items()}
        return cls(kept.score, dict(kept.details["abilities"]), members)


def current_round(contest: Contest) -> ContestRound | None:
    """The round that is judged now: the first that is not closed."""
    return next((row for row in contest.rounds if row.closed_at is None), None)


def on_stage(session: Session, contest: Contest, row: ContestRound) -> list[ContestParty]:
    """Who is in this round: everybody in the first, then those who went on; without who withdrew."""
    running = [party for party in contest.parties if party.withdrawn_at is None]
    before = [each for each in contest.rounds if each.number < row.number]
    if not before:
        return running
    went_on = {kept.party_id for kept in standings(session, before[-1]) if kept.advances}
    return [party for party in running if party.id in went_on]


def standings(session: Session, row: ContestRound) -> Sequence[ContestStanding]:
    """How it was closed last; nothing while it is open."""
    if row.closed_at is None:
        return []
    found = select(ContestStanding).where(ContestStanding.round_id == row.id, ContestStanding.edition == row.edition)
    return session.scalars(found.order_by(ContestStanding.rank, ContestStanding.party_id)).all()


def scored(
    session: Session, contest: Contest, row: ContestRound, parties: Collection[ContestParty]
) -> dict[int, Scored]:
    """Party -> what it has in this round at this moment."""
    if row.kind == RoundKind.WRITTEN:
        return _written(session, contest, row, parties)
    if row.kind == RoundKind.QUICK:
        return _quick(session, row, parties)
    return _practical(session, row, parties)


def best_marks(session: Session, exam_id: int, person_ids: Iterable[int]) -> dict[int, int]:
    """Person who stands for himself -> his best released mark in the exam, hundredths of a percent."""
    sat_as = aliased(Person)
    stands = func.coalesce(sat_as.merged_into_id, sat_as.id)
    rows = session.execute(
        select(stands, func.max(Result.mark))
        .join(Attempt, Attempt.person_id == sat_as.id)
        .join(Result, Result.attempt_id == Attempt.id)
        .where(Attempt.exam_id == exam_id, stands.in_(list(person_ids)))
        .where(is_newest(), ~is_voided(), has(ResultEventKind.RELEASED))
        .group_by(stands)
    )
    return dict(rows.all())


def _written(
    session: Session, contest: Contest, row: ContestRound, parties: Collection[ContestParty]
) -> dict[int, Scored]:
    ids = [party.id for party in parties]
    people = session.execute(
        select(ContestMember.party_id, ContestMember.person_id, standing_id())
        .join(Person, Person.id == ContestMember.person_id)
        .where(ContestMember.party_id.in_(ids))
        .order_by(ContestMember.id)
    ).all()
    marks = best_marks(session, row.exam_id or 0, {stands for _, _, stands in people})
    found = {}
    for party_id in ids:
        own = {person: marks.get(stands) for at, person, stands in people if at == party_id}
        found[party_id] = Scored(written_score(list(own.values()), contest.team_score), members=own)
    return found


def _quick(session: Session, row: ContestRound, parties: Collection[ContestParty]) -> dict[int, Scored]:
    sums = dict(
        session.execute(
            select(ContestScore.party_id, func.sum(ContestScore.points))
            .where(ContestScore.round_id == row.id)
            .group_by(ContestScore.party_id)
        ).all()
    )
    return {party.id: Scored(row.base_points + int(sums.get(party.id, 0))) for party in parties}


def panel(session: Session, row: ContestRound) -> Sequence[ContestJudge]:
    """The judges in force."""
    found = select(ContestJudge).where(ContestJudge.round_id == row.id, ContestJudge.relieved_at.is_(None))
    return session.scalars(found.order_by(ContestJudge.id)).all()


def marks_given(session: Session, row: ContestRound) -> dict[tuple[int, str], dict[int, int]]:
    """(party, ability) -> judge -> his newest mark; of judges in force only."""
    lines = session.execute(
        select(ContestScore.party_id, ContestScore.ability, ContestScore.judge_id, ContestScore.points)
        .join(ContestJudge, ContestJudge.id == ContestScore.judge_id)
        .where(ContestScore.round_id == row.id, ContestJudge.relieved_at.is_(None))
        .order_by(ContestScore.id)
    )
    found: dict[tuple[int, str], dict[int, int]] = {}
    for party_id, ability, judge_id, points in lines:
        found.setdefault((party_id, ability or ""), {})[judge_id] = points
    return found


def _practical(session: Session, row: ContestRound, parties: Collection[ContestParty]) -> dict[int, Scored]:
    given, judges = marks_given(session, row), len(panel(session, row))
    found = {}
    for party in parties:
        own = {ability: list(given.get((party.id, ability), {}).values()) for ability in row.abilities}
        score, by_ability = practical_score(own, row.abilities, drops_extremes=row.drops_extremes)
        missing = sum(judges - len(marks) for marks in own.values())
        found[party.id] = Scored(score, by_ability, missing=missing)
    return found


def table(session: Session, contest: Contest, *, upto: int | None = None) -> list[Row]:
    """Everybody as he stands after the rounds so far (or up to one), in the order of the ranking.

    Closed rounds count as they were closed; the round that is judged now counts as it stands.
    """
    weights = {row.number: row.weight for row in contest.rounds}
    scores: dict[int, dict[int, Scored]] = {party.id: {} for party in contest.parties}
    for row in contest.rounds:
        if upto is not None and row.number > upto:
            break
        if row.closed_at is not None:
            for kept in standings(session, row):
                scores[kept.party_id][row.number] = Scored.from_standing(kept)
            continue
        for party_id, each in scored(session, contest, row, on_stage(session, contest, row)).items():
            scores[party_id][row.number] = each
        break
    gone = {party.id for party in contest.parties if party.withdrawn_at is not None}
    rows = [_row(party_id, own, weights, withdrawn=party_id in gone) for party_id, own in scores.items()]
    return ranked(rows, contest.tie_rounds)


def changed_since(session: Session, contest: Contest) -> list[int]:
    """Numbers of written rounds whose exam has other results now than when the round was closed."""
    found = []
    for row in contest.rounds:
        if row.kind == RoundKind.WRITTEN and row.closed_at is not None:
            there = on_stage(session, contest, row)
            now = {party_id: each.score for party_id, each in scored(session, contest, row, there).items()}
            kept = {one.party_id: one.score for one in standings(session, row)}
            if any(kept.get(party_id) != score for party_id, score in now.items()):
                found.append(row.number)
    return found


def _row(party_id: int, own: dict[int, Scored], weights: dict[int, int], *, withdrawn: bool) -> Row:
    numbers = {number: each.score for number, each in own.items()}
    abilities: dict[str, int] = {}
    members: dict[int, int | None] = {}
    for each in own.values():
        for ability, points in each.abilities.items():
            abilities[ability] = abilities.get(ability, 0) + points
        for person_id, mark in each.members.items():
            known = members.get(person_id)
            members[person_id] = known if mark is None else mark + (known or 0)
    return Row(
        party_id, numbers, weighted(numbers, weights), max(numbers, default=0), withdrawn, abilities=abilities,
        members=members,
    )  # fmt: skip


def by_ability(rows: Iterable[Row]) -> dict[str, list[tuple[int, int, int]]]:
    """Ability -> (rank, party, points) in order; equal points share a rank."""
    found: dict[str, list[tuple[int, int, int]]] = {}
    for row in rows:
        for ability, points in row.abilities.items():
            if not row.withdrawn:
                found.setdefault(ability, []).append((0, row.party_id, points))
    return {ability: places(cells) for ability, cells in found.items()}


def by_contestant(rows: Iterable[Row]) -> list[tuple[int, int, int, int]]:
    """(rank, person, party, mark) over the written rounds, in order; who has no mark is left out."""
    cells = [
        (person_id, row.party_id, mark)
        for row in rows if not row.withdrawn
        for person_id, mark in row.members.items() if mark is not None
    ]  # fmt: skip
    party_of = {person_id: party_id for person_id, party_id, _ in cells}
    return [(rank, one, party_of[one], mark) for rank, one, mark in places([(0, one, m) for one, _, m in cells])]


def places(cells: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """(rank, id, points), the highest first; equal points share a rank and the next are left out."""
    found: list[tuple[int, int, int]] = []
    for place, (_, one, points) in enumerate(sorted(cells, key=lambda c: (-c[2], c[1])), 1):
        rank = found[-1][0] if found and found[-1][2] == points else place
        found.append((rank, one, points))
    return found


def still_sat(session: Session, exam: Exam) -> bool:
    """Whether somebody's paper of the exam is still open."""
    found = select(Attempt.id).where(Attempt.exam_id == exam.id, Attempt.state == "in_progress").limit(1)
    return session.scalar(found) is not None
