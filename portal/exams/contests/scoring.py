"""A named judge enters points for questions and marks for abilities; lines are added, never changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.exams.contests import figures, queries
from portal.exams.contests.models import (
    Contest,
    ContestJudge,
    ContestParty,
    ContestRound,
    ContestScore,
    RoundKind,
)
from portal.exams.contests.operations import NotPossible, line
from portal.exams.contests.rules import MOST_POINTS
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.duties.models import DutyStep
from portal.people.duties.operations import take_step
from portal.people.duties.rules import DutyWord
from portal.people.models import Account


class NotJudged(Refused):
    """Nothing is scored here now."""

    code = "not_judged"


def give_points(
    session: Session, judge: ContestJudge, party_id: int, question: int, points: int, *, save_key: str,
    account: Account, now: datetime,
) -> ContestScore:  # fmt: skip
    """Points, plus or minus, for one question; the same save_key is kept once. Raises NotJudged, NotPossible."""
    row, party = _stage(session, judge, party_id, RoundKind.QUICK)
    if known := _known(session, judge, save_key):
        return known
    if not 1 <= question <= (row.questions or 0):
        raise NotPossible(N_("This round has %(n)s questions."), n=row.questions)
    if not points or abs(points) > MOST_POINTS:
        raise NotPossible(N_("Enter points other than 0, at most %(n)s."), n=MOST_POINTS // 100)
    so_far = select(func.sum(ContestScore.points)).where(
        ContestScore.round_id == row.id, ContestScore.party_id == party.id, ContestScore.question == question
    )
    if session.scalar(so_far):
        raise NotPossible(N_("There are points for this question already; undo them first."))
    made = ContestScore(
        round_id=row.id, party_id=party.id, judge_id=judge.id, question=question, points=points, save_key=save_key,
        at=now,
    )  # fmt: skip
    return _keep(session, row, made, account, now)


def undo_points(
    session: Session, judge: ContestJudge, score_id: int, *, save_key: str, account: Account, now: datetime
) -> ContestScore:
    """Take one line back by the opposite one. Raises NotJudged, NotPossible; NoResultFound for another round's."""
    wrong = session.scalars(
        select(ContestScore).where(ContestScore.id == score_id, ContestScore.round_id == judge.round_id)
    ).one()
    row, _ = _stage(session, judge, wrong.party_id, RoundKind.QUICK)
    if known := _known(session, judge, save_key):
        return known
    undone = session.scalar(select(ContestScore.id).where(ContestScore.undoes_id == wrong.id))
    if wrong.undoes_id is not None or undone is not None:
        raise NotPossible(N_("This line is undone already."))
    made = ContestScore(
        round_id=row.id, party_id=wrong.party_id, judge_id=judge.id, question=wrong.question, points=-wrong.points,
        undoes_id=wrong.id, save_key=save_key, at=now,
    )  # fmt: skip
    return _keep(session, row, made, account, now)


def give_marks(
    session: Session, judge: ContestJudge, party_id: int, marks: Mapping[str, int], *, save_key: str,
    account: Account, now: datetime,
) -> list[ContestScore]:  # fmt: skip
    """This judge's marks for a party, one per ability; only what differs from his newest is added.

    Raises NotJudged, NotPossible.
    """
    row, party = _stage(session, judge, party_id, RoundKind.PRACTICAL)
    if set(marks) != set(row.abilities):
        raise NotPossible(N_("Mark every ability of this round."))
    for ability, points in marks.items():
        if not 0 <= points <= row.abilities[ability]:
            raise NotPossible(N_("A mark lies between 0 and the full mark of its ability."))
    given = figures.marks_given(session, row)
    kept = []
    for ability, points in marks.items():
        key = f"{save_key[:16]}.{ability}"
        if given.get((party.id, ability), {}).get(judge.id) == points or _known(session, judge, key):
            continue
        made = ContestScore(
            round_id=row.id, party_id=party.id, judge_id=judge.id, ability=ability, points=points,
            save_key=key, at=now,
        )  # fmt: skip
        kept.append(_keep(session, row, made, account, now))
    return kept


def _stage(session: Session, judge: ContestJudge, party_id: int, kind: str) -> tuple[ContestRound, ContestParty]:
    """The round, held until the commit, and a party that is in it. Raises NotJudged."""
    row = session.scalars(
        select(ContestRound)
        .where(ContestRound.id == judge.round_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    contest = session.get_one(Contest, row.contest_id)
    if row is not figures.current_round(contest) or row.kind != kind:
        raise NotJudged(N_("This round is not the one that is held now."))
    found = next((party for party in figures.on_stage(session, contest, row) if party.id == party_id), None)
    if found is None:
        raise NotJudged(N_("This team or contestant is not in the round."))
    return row, found


def _known(session: Session, judge: ContestJudge, save_key: str) -> ContestScore | None:
    found = select(ContestScore).where(ContestScore.judge_id == judge.id, ContestScore.save_key == save_key)
    return session.scalar(found)


def _keep(
    session: Session, row: ContestRound, made: ContestScore, account: Account, now: datetime
) -> ContestScore:
    _on_duty(session, row, account, now)
    session.add(made)
    session.flush()
    line(
        session, "contest_scored", row.contest, account, now, round=row.number, party=made.party_id, score=made.id,
        points=made.points, question=made.question, ability=made.ability, undoes=made.undoes_id,
    )  # fmt: skip
    return made


def _on_duty(session: Session, row: ContestRound, account: Account, now: datetime) -> None:
    """Write down once that this account enters scores: it does not publish the ranking they come to."""
    about = queries.of_version(session, row.contest_id)
    taken = select(DutyStep.id).where(
        DutyStep.step == DutyWord.ENTER, DutyStep.object_kind == "contest", DutyStep.object_id == about,
        DutyStep.account_id == account.id,
    )  # fmt: skip
    if session.scalar(taken.limit(1)) is None:
        take_step(session, DutyWord.ENTER, "contest", about, account=account, now=now)


def lines_of(session: Session, row: ContestRound, party_ids: Collection[int]) -> list[ContestScore]:
    """The points of a quick-answer round, the newest first."""
    found = select(ContestScore).where(ContestScore.round_id == row.id, ContestScore.party_id.in_(list(party_ids)))
    return list(session.scalars(found.order_by(ContestScore.id.desc()).limit(500)))
