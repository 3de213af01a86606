"""A contest of two or more teams or contestants, for the tests of contests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count

from portal.exams.contests import holding, operations, queries, scoring
from portal.exams.contests.models import Contest, ContestJudge, ContestKind, ContestParty, ContestRound, RoundKind
from portal.exams.contests.operations import Declared
from portal.people.models import Account, Body, Role
from tests.conftest import NOON
from tests.factories import County

ABILITIES = {"case_handling": 4000, "evidence_fixing": 3000, "document_drafting": 2000, "file_archiving": 1000}
_keys, _days = count(), count()


def born() -> date:
    """Another birthday for everybody: numbers on ID cards are made of it."""
    return date(1961, 1, 1) + timedelta(days=next(_days) % 3000)


class Ring:
    """A contest of the city, its administrators, judges and whoever takes part."""

    def __init__(self, county: County, kind: str = ContestKind.INDIVIDUAL, *, size: int = 1, score: str = "average"):
        self.county, self.session = county, county.session
        self.admin, self.second = self.staff(Role.EXAM_ADMIN), self.staff(Role.EXAM_ADMIN)
        self.contest = operations.make_contest(
            self.session, county.city, name="梅河口市行政执法岗位练兵比武", document="梅法发〔2026〕12号", kind=kind,
            field="transport", starts_on=NOON.date(), ends_on=NOON.date() + timedelta(days=30), team_size=size,
            team_score=score, account=self.admin, now=NOON,
        )  # fmt: skip

    def staff(self, role: Role, body: Body | None = None) -> Account:
        account = self.county.staff(role, body or self.county.city, born=born())
        self.session.refresh(account, ["grants"])
        return account

    def officer(self, body: Body | None = None) -> Account:
        day = born()
        return self.county.officer(f"选手{day:%m%d}", born=day, body=body or self.county.transport)

    def contestants(self, n: int) -> list[ContestParty]:
        numbers = [self.officer().person.personnel_number for _ in range(n)]
        return operations.add_contestants(self.session, self.contest, numbers, account=self.admin, now=NOON)

    def team(self, members: Sequence[Account], *, body: Body | None = None, name: str = "") -> ContestParty:
        numbers = [member.person.personnel_number for member in members]
        return operations.add_team(
            self.session, self.contest, body or self.county.transport, numbers, name=name, account=self.admin, now=NOON
        )

    def round(self, kind: str, *, judges: int = 1, **declared: object) -> ContestRound:
        """A round with so many judges of its own."""
        usual: dict[str, object] = {
            RoundKind.QUICK: {"questions": 10, "base_points": 10_000},
            RoundKind.PRACTICAL: {"abilities": ABILITIES, "drops_extremes": True},
        }.get(kind, {})
        row = operations.add_round(
            self.session, self.contest, Declared(kind, "一轮", **{"weight": 100, **usual, **declared}),
            account=self.admin, now=NOON,
        )  # fmt: skip
        for _ in range(0 if kind == RoundKind.WRITTEN else judges):
            self.judge(row)
        return row

    def judge(self, row: ContestRound) -> ContestJudge:
        number = self.staff(Role.TRAINER).person.personnel_number
        return operations.name_judge(self.session, self.contest, row, number, account=self.admin, now=NOON)

    def start(self) -> None:
        self.session.expire_all()
        holding.start(self.session, self.contest, account=self.admin, now=NOON)

    def points(self, row: ContestRound, party: ContestParty, question: int, points: int, *, key: str = ""):
        judge = row.judges[0]
        return scoring.give_points(
            self.session, judge, party.id, question, points, save_key=key or f"k{next(_keys)}",
            account=self.account(judge), now=NOON,
        )  # fmt: skip

    def undo(self, row: ContestRound, line):
        judge = row.judges[0]
        return scoring.undo_points(
            self.session, judge, line.id, save_key=f"k{next(_keys)}", account=self.account(judge), now=NOON
        )

    def marks(self, row: ContestRound, party: ContestParty, *each: Sequence[int]) -> None:
        """The marks of every judge in turn, in the order of the round's abilities."""
        for judge, given in zip(row.judges, each, strict=True):
            scoring.give_marks(
                self.session, judge, party.id, dict(zip(row.abilities, given, strict=True)),
                save_key=f"k{next(_keys)}", account=self.account(judge), now=NOON,
            )  # fmt: skip

    def account(self, judge: ContestJudge) -> Account:
        return self.session.get_one(Account, judge.account_id)

    def close(self, row: ContestRound, *, by: Account | None = None) -> None:
        holding.close_round(self.session, self.held(), row, account=by or self.admin, now=NOON)

    def publish(self, *, by: Account | None = None, reason: str = ""):
        return holding.publish(self.session, self.held(), reason=reason, account=by or self.second, now=NOON)

    def held(self) -> Contest:
        self.session.flush()
        return queries.contest_in_scope(self.session, self.admin, self.contest.id, hold=True)


def finished(ring: Ring, *marks: int) -> tuple[list[ContestParty], ContestRound]:
    """A contest of one practical round with one judge, closed; each party's marks are for its first ability."""
    parties = ring.contestants(len(marks))
    row = ring.round("practical")
    ring.start()
    for party, mark in zip(parties, marks, strict=True):
        ring.marks(row, party, (mark, 0, 0, 0))
    ring.close(row)
    return parties, row
