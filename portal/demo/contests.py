"""Two contests of Meihekou's towns: one over, with its ranking; one in its quick-answer round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.demo.cast import COUNTY, TOWN_1, TOWN_2, TOWN_3
from portal.exams.contests import holding, operations, queries, scoring
from portal.exams.contests.models import Contest, ContestRound, RoundKind
from portal.exams.contests.operations import Declared
from portal.ground.clock import local
from portal.people.models import Account, Body, Person, Post

TOWNS = (TOWN_1, TOWN_2, TOWN_3)
ABILITIES = {"case_handling": 4000, "evidence_fixing": 2500, "document_drafting": 2000, "file_archiving": 1500}
SEED = "contests"


def load(session: Session, bodies: Mapping[str, Body], staff: Mapping[str, Account], *, now: datetime) -> int:
    """Returns how many contests there are."""
    chance = Random(SEED)
    over = _contest(session, bodies, staff, "梅河口市乡镇行政执法岗位大比武", now - timedelta(days=40))
    practical, quick = over.rounds
    _judge_practical(session, over, practical, staff, chance, now - timedelta(days=32))
    _close(session, over, practical, staff["testadmin"], now - timedelta(days=32))
    _answer(session, over, quick, staff["trainer"], range(1, 13), chance, now - timedelta(days=31))
    _close(session, over, quick, staff["testadmin"], now - timedelta(days=30, hours=12))
    holding.publish(session, over, reason="", account=staff["testadmin2"], now=now - timedelta(days=30))
    running = _contest(session, bodies, staff, "梅河口市乡镇行政执法岗位大练兵", now - timedelta(days=3))
    practical, quick = running.rounds
    _judge_practical(session, running, practical, staff, chance, now - timedelta(days=2))
    _close(session, running, practical, staff["testadmin"], now - timedelta(days=2))
    _answer(session, running, quick, staff["trainer"], range(1, 5), chance, now - timedelta(hours=1))
    return 2


def _contest(
    session: Session, bodies: Mapping[str, Body], staff: Mapping[str, Account], name: str, now: datetime
) -> Contest:
    """Begun: a team of three from each town, a practical round of two judges and a quick-answer round."""
    admin, today = staff["testadmin"], local(now).date()
    by = {"account": admin, "now": now}
    contest = operations.make_contest(
        session, bodies[f"GOV-{COUNTY}"], name=name, document="比武工作方案（示例）", kind="team", field=None,
        starts_on=today, ends_on=today + timedelta(days=20), team_size=3, **by,
    )  # fmt: skip
    contest.tie_rounds = [1]
    practical = Declared(RoundKind.PRACTICAL, "实操比武", 60, abilities=ABILITIES, drops_extremes=True)
    quick = Declared(RoundKind.QUICK, "现场抢答", 40, questions=20, base_points=5000)
    for declared, judges in ((practical, ("trainer", "invigilator")), (quick, ("trainer",))):
        row = operations.add_round(session, contest, declared, **by)
        for judge in judges:
            operations.name_judge(session, contest, row, judge, **by)
    for code in TOWNS:
        operations.add_team(session, contest, bodies[code], _numbers(session, bodies[code]), **by)
    session.expire_all()
    holding.start(session, contest, **by)
    return queries.contest_in_scope(session, admin, contest.id)


def _numbers(session: Session, body: Body) -> Sequence[str]:
    """Three officers of the body."""
    found = select(Person.personnel_number).join(Post, Post.person_id == Person.id)
    found = found.where(Post.body_id == body.id, Post.ended_on.is_(None)).order_by(Person.personnel_number.desc())
    return session.scalars(found.limit(3)).all()


def _judge_practical(
    session: Session, contest: Contest, row: ContestRound, staff: Mapping[str, Account], chance: Random, now: datetime
) -> None:
    for judge in row.judges:
        account = next(one for one in staff.values() if one.id == judge.account_id)
        for party in contest.parties:
            marks = {name: full * chance.randint(74, 98) // 10_000 * 100 for name, full in row.abilities.items()}
            scoring.give_marks(
                session, judge, party.id, marks, save_key=f"demo{party.id}", account=account, now=now
            )


def _answer(
    session: Session, contest: Contest, row: ContestRound, account: Account, questions: range, chance: Random,
    now: datetime,
) -> None:  # fmt: skip
    """Somebody answers each question; one in five is wrong."""
    for question in questions:
        party, points = chance.choice(contest.parties), -500 if chance.randrange(5) == 0 else 1000
        scoring.give_points(
            session, row.judges[0], party.id, question, points, save_key=f"demo{question}", account=account,
            now=now + timedelta(minutes=question),
        )  # fmt: skip


def _close(session: Session, contest: Contest, row: ContestRound, account: Account, now: datetime) -> None:
    holding.close_round(session, contest, row, account=account, now=now)
