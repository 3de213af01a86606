"""Drawing up a contest: its settings, rounds, parties and judges; all of it fixed once it starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.exams.contests import queries
from portal.exams.contests.models import (
    Contest,
    ContestJudge,
    ContestKind,
    ContestMember,
    ContestParty,
    ContestRound,
    ContestState,
    RoundKind,
)
from portal.exams.models import Exam
from portal.ground import audit
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.models import Account, Body
from portal.people.queries import permissions_of
from portal.people.rules import Permission

JUDGES = frozenset({Permission.MANAGE_BANK, Permission.WATCH_SITTING})
MOST_PARTIES = 400
MOST_ROUNDS = 12


class Fixed(Refused):
    """The contest has begun: what was declared stays."""

    code = "contest_fixed"


class NotPossible(Refused):
    """What is asked for does not fit the contest."""

    status = 422
    code = "not_possible"


@dataclass(frozen=True)
class Declared:
    """A round as it is declared; points in hundredths."""

    kind: str
    title: str
    weight: int
    advance: int | None = None
    advance_by: str = "round"
    exam_id: int | None = None
    questions: int | None = None
    base_points: int = 0
    abilities: Mapping[str, int] = field(default_factory=dict)
    drops_extremes: bool = False


def make_contest(
    session: Session, body: Body, *, name: str, document: str, kind: str, field: str | None, starts_on: date,
    ends_on: date, team_size: int = 1, team_score: str = "average", account: Account, now: datetime,
) -> Contest:  # fmt: skip
    """A draft held by the body. Raises NotPossible."""
    if ends_on < starts_on:
        raise NotPossible(N_("The last day lies before the first."))
    contest = Contest(
        name=" ".join(name.split()), document=" ".join(document.split()), kind=ContestKind(kind), body_id=body.id,
        field=field, starts_on=starts_on, ends_on=ends_on, team_score=team_score,
        team_size=team_size if kind == ContestKind.TEAM else 1, made_by_id=account.id, made_at=now, tie_rounds=[],
    )  # fmt: skip
    session.add(contest)
    session.flush()
    line(session, "contest_drafted", contest, account, now, kind=contest.kind)
    return contest


def change_contest(
    session: Session, contest: Contest, values: Mapping[str, Any], *, account: Account, now: datetime
) -> None:
    """Name, document, days, team size and score, the order for ties. Raises Fixed, NotPossible."""
    draft_only(contest)
    if values["ends_on"] < values["starts_on"]:
        raise NotPossible(N_("The last day lies before the first."))
    for name in ("name", "document", "starts_on", "ends_on", "team_score", "tie_rounds"):
        setattr(contest, name, values[name])
    contest.team_size = values["team_size"] if contest.kind == ContestKind.TEAM else 1
    session.flush()
    line(session, "contest_changed", contest, account, now)


def draft_only(contest: Contest) -> None:
    """Raises Fixed once it has begun or is put away."""
    if contest.state != ContestState.DRAFT:
        raise Fixed(N_("The contest has begun: its rounds, teams and rules stay as they were declared."))


def put_away(session: Session, contest: Contest, *, account: Account, now: datetime) -> None:
    """Raises Fixed."""
    draft_only(contest)
    contest.state = ContestState.DISCARDED
    session.flush()
    line(session, "contest_discarded", contest, account, now)


# ---------- rounds ----------
def add_round(
    session: Session, contest: Contest, declared: Declared, *, account: Account, now: datetime
) -> ContestRound:
    """The next round. Raises Fixed, NotPossible."""
    draft_only(contest)
    if len(contest.rounds) >= MOST_ROUNDS:
        raise NotPossible(N_("A contest has at most %(n)s rounds."), n=MOST_ROUNDS)
    allowed = {exam.id for exam in queries.exams_for(session, account, contest)}
    if declared.kind == RoundKind.WRITTEN:
        if declared.exam_id not in allowed:
            raise NotPossible(N_("A written round is a published contest exam of yours."))
        if declared.exam_id in {row.exam_id for row in contest.rounds}:
            raise NotPossible(N_("This exam is a round of the contest already."))
    if declared.kind == RoundKind.QUICK and not declared.questions:
        raise NotPossible(N_("Say how many questions the quick-answer round has."))
    if declared.kind == RoundKind.PRACTICAL and not declared.abilities:
        raise NotPossible(N_("Give at least one ability its full mark."))
    row = ContestRound(
        contest_id=contest.id, number=max((each.number for each in contest.rounds), default=0) + 1,
        **_of_kind(declared),
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.expire(contest, ["rounds"])
    line(session, "contest_round_added", contest, account, now, round=row.number, kind=row.kind)
    return row


def _of_kind(declared: Declared) -> dict[str, Any]:
    """What is kept of a declaration: nothing that belongs to another kind of round."""
    written, quick = declared.kind == RoundKind.WRITTEN, declared.kind == RoundKind.QUICK
    practical = declared.kind == RoundKind.PRACTICAL
    return {
        "kind": RoundKind(declared.kind), "title": " ".join(declared.title.split()), "weight": declared.weight,
        "advance": declared.advance, "advance_by": declared.advance_by,
        "exam_id": declared.exam_id if written else None, "questions": declared.questions if quick else None,
        "base_points": declared.base_points if quick else 0,
        "abilities": dict(declared.abilities) if practical else {},
        "drops_extremes": declared.drops_extremes if practical else False,
    }  # fmt: skip


def remove_round(session: Session, contest: Contest, row: ContestRound, *, account: Account, now: datetime) -> None:
    """Take a round out of a draft; the later ones move up. Raises Fixed."""
    draft_only(contest)
    number = row.number
    session.execute(delete(ContestJudge).where(ContestJudge.round_id == row.id))
    session.expire(row, ["judges"])
    session.delete(row)
    session.flush()
    later = select(ContestRound).where(ContestRound.contest_id == contest.id, ContestRound.number > number)
    for each in session.scalars(later.order_by(ContestRound.number)).all():
        each.number -= 1
        session.flush()
    contest.tie_rounds = [n - (n > number) for n in contest.tie_rounds if n != number]
    session.flush()
    session.expire(contest, ["rounds"])
    line(session, "contest_round_removed", contest, account, now, round=number)


# ---------- who takes part ----------
def add_team(
    session: Session, contest: Contest, body: Body, numbers: Sequence[str], *, name: str = "", account: Account,
    now: datetime,
) -> ContestParty:  # fmt: skip
    """A body's team of these officers; a second team of a body has a name of its own. Raises Fixed, NotPossible."""
    draft_only(contest)
    name = " ".join(name.split()) or body.name
    if name in {party.name for party in contest.parties}:
        raise NotPossible(N_("%(name)s has a team already; give a further one a name of its own."), name=name)
    found = _officers(session, contest, body, numbers)
    return _party(session, contest, name, body.id, [person for person, _ in found], account, now)


def add_contestants(
    session: Session, contest: Contest, numbers: Sequence[str], *, account: Account, now: datetime
) -> list[ContestParty]:
    """Officers on their own. Raises Fixed, NotPossible."""
    draft_only(contest)
    if contest.kind != ContestKind.INDIVIDUAL:
        raise NotPossible(N_("In this contest teams take part."))
    found = _officers(session, contest, contest.body, numbers)
    return [_party(session, contest, "", unit, [person], account, now) for person, unit in found]


def _officers(session: Session, contest: Contest, top: Body, numbers: Sequence[str]) -> list[tuple[int, int]]:
    """(person, body of his post) in the order typed. Raises NotPossible, naming who is not found."""
    wanted = list(dict.fromkeys(numbers))
    if not wanted:
        raise NotPossible(N_("Enter at least one personnel number."))
    found = queries.officers_by_number(session, contest, top, wanted)
    if missing := [number for number in wanted if number not in found]:
        raise NotPossible(
            N_("Not in a present post of this field at %(body)s: %(numbers)s."),
            body=top.name, numbers="、".join(missing[:10]),
        )  # fmt: skip
    for number in wanted:
        if queries.is_member(session, contest.id, found[number][0]):
            raise NotPossible(N_("%(number)s takes part already."), number=number)
        if queries.judges_in(session, contest.id, found[number][0]):
            raise NotPossible(N_("%(number)s is a judge of this contest."), number=number)
    return [found[number] for number in wanted]


def _party(
    session: Session, contest: Contest, name: str, body_id: int, people: Sequence[int], account: Account, now: datetime
) -> ContestParty:
    if len(contest.parties) >= MOST_PARTIES:
        raise NotPossible(N_("At most %(n)s take part."), n=MOST_PARTIES)
    number = max((each.number for each in contest.parties), default=0) + 1
    party = ContestParty(contest_id=contest.id, number=number, name=name, body_id=body_id)
    session.add(party)
    session.flush()
    session.add_all(ContestMember(contest_id=contest.id, party_id=party.id, person_id=one) for one in people)
    session.flush()
    session.expire(contest, ["parties"])
    line(session, "contest_party_added", contest, account, now, party=party.id, people=sorted(people))
    return party


def remove_party(session: Session, contest: Contest, party: ContestParty, *, account: Account, now: datetime) -> None:
    """Take a party out of a draft. Raises Fixed."""
    draft_only(contest)
    session.execute(delete(ContestMember).where(ContestMember.party_id == party.id))
    session.expire(party, ["members"])
    session.delete(party)
    session.flush()
    session.expire(contest, ["parties"])
    line(session, "contest_party_removed", contest, account, now, party=party.id)


# ---------- judges ----------
def name_judge(
    session: Session, contest: Contest, row: ContestRound, number: str, *, account: Account, now: datetime
) -> ContestJudge:
    """Name the trainer or invigilator of this personnel number, or name him again. Raises NotPossible."""
    if contest.state == ContestState.DISCARDED or row.closed_at is not None:
        raise Fixed(N_("This round is closed."))
    if row.kind == RoundKind.WRITTEN:
        raise NotPossible(N_("A written round is marked by its exam; it has no judges."))
    try:
        judge = queries.judging_account(session, number)
    except NoResultFound:
        raise NotPossible(N_("There is no account of the number %(number)s."), number=number) from None
    if JUDGES.isdisjoint(permissions_of(judge)):
        raise NotPossible(N_("%(number)s is neither a trainer nor an invigilator."), number=number)
    if queries.is_member(session, contest.id, judge.person_id):
        raise NotPossible(N_("%(number)s takes part already."), number=number)
    kept = session.scalar(select(ContestJudge).where(
        ContestJudge.round_id == row.id, ContestJudge.account_id == judge.id))  # fmt: skip
    if kept is None:
        kept = ContestJudge(round_id=row.id, account_id=judge.id, named_by_id=account.id, named_at=now)
        session.add(kept)
    kept.relieved_at = None
    session.flush()
    line(session, "contest_judge_named", contest, account, now, round=row.number, judge=judge.id)
    return kept


def relieve_judge(
    session: Session, contest: Contest, judge: ContestJudge, *, reason: str, account: Account, now: datetime
) -> None:
    """His marks for abilities count no more; points for questions stay. Raises Fixed, NotPossible."""
    if judge.round.closed_at is not None or judge.relieved_at is not None:
        raise Fixed(N_("This round is closed."))
    if contest.state == ContestState.STARTED and not reason.strip():
        raise NotPossible(N_("Give the reason."))
    judge.relieved_at = now
    session.flush()
    line(session, "contest_judge_relieved", contest, account, now, reason=reason.strip()[:300] or None,
         round=judge.round.number, judge=judge.account_id)  # fmt: skip


def exam_is_ready(exam: Exam | None) -> bool:
    """Whether a written round can rest on it."""
    return exam is not None and exam.kind == "contest" and exam.state == "published"


def line(
    session: Session, act: str, contest: Contest, account: Account, now: datetime, *, reason: str | None = None,
    **codes: Any,
) -> None:  # fmt: skip
    """One line of the audit trail about a contest."""
    audit.record(
        session, act, "contest", contest.id, now=now, account_id=account.id, body_id=contest.body_id, reason=reason,
        **codes,
    )  # fmt: skip
