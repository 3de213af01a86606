"""Rounds of evaluation, always through whoever may read the town's list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal.library.matters.evaluations.models import ListEvaluation, MatterFinding, Proposal
from portal.library.matters.lists.models import TownList, TownListEntry
from portal.library.matters.lists.queries import kept_towns, seen_towns
from portal.people.models import Account, Body


@dataclass(frozen=True)
class Tally:
    """A round in figures."""

    entries: int
    found: int
    used: int  # matters used at least once
    times: int
    incapable: int
    returned: int


def evaluation(session: Session, account: Account, evaluation_id: int, *, keep: bool = False) -> ListEvaluation:
    """The round, if its town is one that is kept (or, unless `keep`, overlooked). Otherwise NoResultFound, a 404."""
    where = kept_towns(account) if keep else seen_towns(account)
    return session.scalars(
        select(ListEvaluation)
        .join(ListEvaluation.list)
        .join(TownList.body)
        .where(ListEvaluation.id == evaluation_id, where)
        .options(contains_eager(ListEvaluation.list).contains_eager(TownList.body))
    ).one()


def of_list(session: Session, list_id: int) -> Sequence[ListEvaluation]:
    """The rounds of a list, the newest first."""
    found = select(ListEvaluation).where(ListEvaluation.list_id == list_id)
    return session.scalars(found.order_by(ListEvaluation.number.desc())).all()


def newest_findings(session: Session, evaluation_ids: Sequence[int]) -> Mapping[tuple[int, int], MatterFinding]:
    """(round, entry) → the finding that counts."""
    newest = (
        select(func.max(MatterFinding.id))
        .where(MatterFinding.evaluation_id.in_(evaluation_ids))
        .group_by(MatterFinding.evaluation_id, MatterFinding.entry_id)
    )
    rows = session.scalars(select(MatterFinding).where(MatterFinding.id.in_(newest)))
    return {(row.evaluation_id, row.entry_id): row for row in rows}


def rounds(
    session: Session, account: Account, *, open_only: bool, page: int, size: int
) -> tuple[list[tuple[ListEvaluation, Tally]], int]:
    """One page of the rounds in what this account overlooks, the newest first, with their figures."""
    found = (
        select(ListEvaluation).join(ListEvaluation.list).join(TownList.body).where(seen_towns(account))
    )
    if open_only:
        found = found.where(ListEvaluation.closed_at.is_(None))
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = session.scalars(
        found.order_by(ListEvaluation.id.desc())
        .limit(size)
        .offset((page - 1) * size)
        .options(contains_eager(ListEvaluation.list).contains_eager(TownList.body))
    ).all()
    return [(row, tally) for row, tally in zip(rows, _tallies(session, rows), strict=True)], total


def _tallies(session: Session, rows: Sequence[ListEvaluation]) -> list[Tally]:
    counts = dict(
        session.execute(
            select(TownListEntry.list_id, func.count())
            .where(TownListEntry.list_id.in_([row.list_id for row in rows]))
            .group_by(TownListEntry.list_id)
        ).all()
    )
    findings = newest_findings(session, [row.id for row in rows])
    made = []
    for row in rows:
        mine = [f for (round_id, _), f in findings.items() if round_id == row.id]
        made.append(
            Tally(
                counts.get(row.list_id, 0), len(mine), sum(f.times_used > 0 for f in mine),
                sum(f.times_used for f in mine), sum(not f.capable for f in mine),
                sum(f.proposal == Proposal.RETURN for f in mine),
            )
        )  # fmt: skip
    return made


def tally(session: Session, row: ListEvaluation) -> Tally:
    return _tallies(session, [row])[0]


def entry(session: Session, row: ListEvaluation, entry_id: int) -> TownListEntry:
    """An entry of the round's own list; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(TownListEntry)
        .where(TownListEntry.id == entry_id, TownListEntry.list_id == row.list_id)
        .options(joinedload(TownListEntry.version))
    ).one()


def town_of(session: Session, row: ListEvaluation) -> Body:
    return session.get_one(Body, session.get_one(TownList, row.list_id).body_id)
