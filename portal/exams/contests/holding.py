"""Holding a contest: starting it, closing a round and opening it again, withdrawing, publishing the ranking."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.exams.contests import figures, queries
from portal.exams.contests.models import (
    Contest,
    ContestParty,
    ContestRanking,
    ContestRound,
    ContestStanding,
    ContestState,
    RoundKind,
)
from portal.exams.contests.operations import NotPossible, draft_only, exam_is_ready, line
from portal.exams.contests.rules import Gap, Plan, gaps, going_on
from portal.exams.models import Exam
from portal.exams.queries import unreleased
from portal.exams.sittings.entering.operations import Desk, Judged, enter_people
from portal.ground.crypto import digest
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.duties.operations import SamePerson, take_step
from portal.people.duties.rules import DutyWord
from portal.people.models import Account

OBJECT = "contest"


class Incomplete(Refused):
    """The contest or the round lacks something."""

    code = "incomplete"


class NotNow(Refused):
    """The contest or the round is not in the state this step needs."""

    code = "not_now"


def missing(session: Session, contest: Contest) -> list[Gap]:
    """What a draft lacks before it can start."""
    exams = queries.exams_of(session, contest)
    plans = [
        Plan(
            row.number, row.kind, row.weight, row.advance, row.abilities, row.questions,
            exam_is_ready(exams.get(row.exam_id or 0)), sum(judge.relieved_at is None for judge in row.judges),
        )
        for row in contest.rounds
    ]  # fmt: skip
    parties = {party.said: len(party.members) for party in contest.parties}
    return gaps(contest.kind, contest.team_size, parties, plans, contest.tie_rounds)


def start(session: Session, contest: Contest, *, account: Account, now: datetime) -> None:
    """From here on everything declared stays. Raises Fixed, Incomplete."""
    draft_only(contest)
    if missing(session, contest):
        raise Incomplete(N_("The contest lacks something; its page says what."))
    contest.state, contest.started_at, contest.started_by_id = ContestState.STARTED, now, account.id
    session.flush()
    line(session, "contest_started", contest, account, now, rounds=len(contest.rounds), parties=len(contest.parties))


def put_on_list(
    session: Session, contest: Contest, row: ContestRound, *, account: Account, now: datetime
) -> tuple[int, list[Judged]]:
    """Enter everybody of a written round for its exam; how many were, and who was not with the findings.

    Raises NotNow and what entering raises.
    """
    if contest.state != ContestState.STARTED or row.kind != RoundKind.WRITTEN or row is not current(contest):
        raise NotNow(N_("This round is not the one that is held now."))
    parties = [party.id for party in figures.on_stage(session, contest, row)]
    units = queries.unlisted(session, row.exam_id or 0, parties)
    if not units:
        return 0, []
    exam = session.get_one(Exam, row.exam_id)
    entered, refused = enter_people(session, exam, units, sitting=None, desk=Desk(account, True, contest.name), now=now)
    line(session, "contest_entered", contest, account, now, exam=exam.id, count=len(entered))
    return len(entered), refused


def current(contest: Contest) -> ContestRound | None:
    """The round that is judged now; None before the start and after the last."""
    return figures.current_round(contest) if contest.state == ContestState.STARTED else None


def withdraw(
    session: Session, contest: Contest, party: ContestParty, *, reason: str, account: Account, now: datetime
) -> None:
    """A party leaves a contest that runs. Raises NotNow, NotPossible."""
    if contest.state != ContestState.STARTED or party.withdrawn_at is not None:
        raise NotNow(N_("Only who takes part in a contest that runs can withdraw."))
    if not reason.strip():
        raise NotPossible(N_("Give the reason."))
    party.withdrawn_at, party.withdrawn_because = now, reason.strip()[:200]
    session.flush()
    line(session, "contest_withdrawn", contest, account, now, reason=reason.strip()[:200], party=party.id)


# ---------- rounds ----------
def close_round(session: Session, contest: Contest, row: ContestRound, *, account: Account, now: datetime) -> None:
    """Write down how everybody stands and who goes on; nothing is scored here any more. Raises NotNow, Incomplete."""
    if row is not current(contest):
        raise NotNow(N_("This round is not the one that is held now."))
    _complete(session, contest, row, now)
    rows = {each.party_id: each for each in figures.table(session, contest, upto=row.number)}
    own = figures.scored(session, contest, row, figures.on_stage(session, contest, row))
    on = going_on(list(rows.values()), row.number, row.advance, row.advance_by)
    row.edition, row.closed_at, row.closed_by_id = row.edition + 1, now, account.id
    session.flush()  # the database takes standings of a closed round only
    session.add_all(
        ContestStanding(
            round_id=row.id, edition=row.edition, party_id=party_id, score=each.score, total=rows[party_id].total,
            rank=rows[party_id].rank, advances=party_id in on, details=each.details(),
        )
        for party_id, each in own.items()
    )  # fmt: skip
    session.flush()
    if row is contest.rounds[-1]:
        # whoever settles the outcome does not publish it as well
        take_step(
            session, DutyWord.PROPOSE, OBJECT, queries.of_version(session, contest.id), account=account,
            at=contest.body, field=contest.field, now=now,
        )  # fmt: skip
    line(session, "contest_round_closed", contest, account, now, round=row.number, edition=row.edition, on=sorted(on))


def _complete(session: Session, contest: Contest, row: ContestRound, now: datetime) -> None:
    """Raises Incomplete while something of the round is still to come."""
    if row.kind == RoundKind.WRITTEN:
        exam = session.get_one(Exam, row.exam_id)
        if now < exam.closes_at or figures.still_sat(session, exam):
            raise Incomplete(N_("The exam of this round is still open."))
        if unreleased(session, exam):
            raise Incomplete(N_("The results of this round's exam are not all published yet."))
    elif row.kind == RoundKind.PRACTICAL:
        found = figures.scored(session, contest, row, figures.on_stage(session, contest, row))
        if lacking := sum(each.missing for each in found.values()):
            raise Incomplete(N_("%(n)s marks of judges are still missing."), n=lacking)


def reopen_round(
    session: Session, contest: Contest, row: ContestRound, *, reason: str, account: Account, now: datetime
) -> None:
    """Open a closed round again, and with it all that followed from it; nothing published changes.

    Raises NotNow, NotPossible.
    """
    if contest.state != ContestState.STARTED or row.closed_at is None:
        raise NotNow(N_("This round is open."))
    if not reason.strip():
        raise NotPossible(N_("Give the reason."))
    for each in contest.rounds:
        if each.number >= row.number:
            each.closed_at = each.closed_by_id = None
    session.flush()
    line(session, "contest_round_reopened", contest, account, now, reason=reason.strip()[:300], round=row.number)


# ---------- the ranking ----------
def publish(session: Session, contest: Contest, *, reason: str, account: Account, now: datetime) -> ContestRanking:
    """The ranking as it stands, as the next version; whoever scored, closed or took part does not publish it.

    Raises NotNow, NotPossible, SamePerson.
    """
    if contest.state != ContestState.STARTED or current(contest) is not None:
        raise NotNow(N_("Every round is closed before the ranking is published."))
    versions = queries.rankings(session, contest.id)
    if versions and not reason.strip():
        raise NotPossible(N_("A further version corrects the published one; say why."))
    if queries.scored_by(session, contest.id, account.person_id):
        raise SamePerson(N_("Whoever entered scores does not publish the ranking."))
    if queries.is_member(session, contest.id, account.person_id):
        raise SamePerson(N_("Nobody takes a step in his own case."))
    take_step(
        session, DutyWord.APPROVE, OBJECT, queries.of_version(session, contest.id), account=account, at=contest.body,
        field=contest.field, now=now,
    )  # fmt: skip
    body = [row.plain() for row in figures.table(session, contest)]
    if versions and versions[0].body == body:
        raise NotPossible(N_("Nothing differs from the published version."))
    ranking = ContestRanking(
        contest_id=contest.id, number=versions[0].number + 1 if versions else 1, at=now, account_id=account.id,
        reason=reason.strip()[:300] or None if versions else None, body=body, sha256=digest(body),
    )  # fmt: skip
    session.add(ranking)
    session.flush()
    line(session, "contest_published", contest, account, now, reason=ranking.reason, version=ranking.number,
         sha256=ranking.sha256)  # fmt: skip
    return ranking

