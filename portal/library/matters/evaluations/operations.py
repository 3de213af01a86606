"""Opening a round of evaluation, noting what it finds, closing it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.ground import audit
from portal.ground.clock import local
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.library.matters.evaluations import queries
from portal.library.matters.evaluations.models import ListEvaluation, MatterFinding, Proposal
from portal.library.matters.lists.models import ListState, TownList, TownListEntry
from portal.people.models import Account


class NotOpen(Refused):
    """The round is closed, or cannot be opened."""

    code = "not_open"


class NotComplete(Refused):
    """Matters without a finding are left."""

    status = 422
    code = "not_complete"


def open_round(
    session: Session, row: TownList, *, period_from: date, period_until: date, account: Account, now: datetime
) -> ListEvaluation:
    """A round over a period that has passed. Raises NotOpen."""
    if row.state != ListState.PUBLISHED:
        raise NotOpen(N_("Only a list that was laid down is evaluated."))
    if not period_from <= period_until <= local(now).date():
        raise NotOpen(N_("The period ends today at the latest, and after it begins."))
    waiting = select(ListEvaluation.id).where(ListEvaluation.list_id == row.id, ListEvaluation.closed_at.is_(None))
    if session.scalar(waiting.limit(1)) is not None:
        raise NotOpen(N_("A round of this list is open already; close it first."))
    number = session.scalar(select(func.max(ListEvaluation.number)).where(ListEvaluation.list_id == row.id)) or 0
    made = ListEvaluation(
        list_id=row.id, number=number + 1, period_from=period_from, period_until=period_until,
        started_by_id=account.id, started_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _note(session, "evaluation_opened", made, row.body_id, account, now)
    return made


def note_finding(
    session: Session, row: ListEvaluation, entry: TownListEntry, *, times_used: int, capable: bool,
    proposal: Proposal, remark: str, account: Account, now: datetime,
) -> MatterFinding | None:  # fmt: skip
    """What the round finds about a matter; None when it says so already. Raises NotOpen, NotComplete."""
    if row.closed_at is not None:
        raise NotOpen(N_("This round is closed and stays as it is."))
    if times_used < 0 or times_used > 1_000_000:
        raise NotComplete(N_("Write how many times the matter was used, 0 or more."))
    if proposal == Proposal.RETURN and not remark.strip():
        raise NotComplete(N_("Say why a matter should be returned."))
    said = queries.newest_findings(session, [row.id]).get((row.id, entry.id))
    fresh = (times_used, capable, str(proposal), remark.strip()[:300])
    if said is not None and (said.times_used, said.capable, said.proposal, said.remark) == fresh:
        return None
    made = MatterFinding(
        evaluation_id=row.id, entry_id=entry.id, times_used=times_used, capable=capable, proposal=str(proposal),
        remark=remark.strip()[:300], account_id=account.id, at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def close_round(session: Session, row: ListEvaluation, conclusion: str, *, account: Account, now: datetime) -> None:
    """The round's end; every matter has a finding. Raises NotOpen, NotComplete."""
    if row.closed_at is not None:
        raise NotOpen(N_("This round is closed and stays as it is."))
    figures = queries.tally(session, row)
    if figures.found < figures.entries:
        raise NotComplete(N_("%(n)s matters have no finding yet."), n=figures.entries - figures.found)
    if not conclusion.strip():
        raise NotComplete(N_("Write what the evaluation concludes."))
    row.conclusion, row.closed_by_id, row.closed_at = conclusion.strip()[:1000], account.id, now
    session.flush()
    _note(
        session, "evaluation_closed", row, queries.town_of(session, row).id, account, now, returned=figures.returned
    )


def _note(
    session: Session, act: str, row: ListEvaluation, body_id: int, account: Account, now: datetime, **codes: object
) -> None:
    audit.record(
        session, act, "list_evaluation", row.id, now=now, account_id=account.id, body_id=body_id, **codes
    )
