"""Contests, their rounds, teams and members, judges, scores, and rankings as they were published."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.db import Base
from portal.people.models import Body, Person


class ContestState(StrEnum):
    DRAFT = "draft"
    STARTED = "started"  # from here on its rules, teams and rounds stay as they are
    DISCARDED = "discarded"


class ContestKind(StrEnum):
    TEAM = "team"
    INDIVIDUAL = "individual"


class TeamScore(StrEnum):
    """What a team's written round comes to from its members' results."""

    AVERAGE = "average"
    SUM = "sum"


class RoundKind(StrEnum):
    WRITTEN = "written"  # a contest exam, sat and marked like any other
    QUICK = "quick"  # 抢答: points per question, plus and minus
    PRACTICAL = "practical"  # judges' scores per ability


class Advance(StrEnum):
    """By what the first N of a round go on."""

    ROUND = "round"  # this round's own score
    TOTAL = "total"  # the weighted total so far


class Ability(StrEnum):
    CASE_HANDLING = "case_handling"
    EVIDENCE_FIXING = "evidence_fixing"
    DOCUMENT_DRAFTING = "document_drafting"
    FILE_ARCHIVING = "file_archiving"


class Contest(Base):
    """One contest of a body: who may take part, by what it is ranked. Fixed from its start."""

    __tablename__ = "contest"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="ends_after_start"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    document: Mapped[str] = mapped_column(String(120))  # by which document it is held
    kind: Mapped[str] = mapped_column(String(12))
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), index=True)  # holds it; who is below it takes part
    field: Mapped[str | None] = mapped_column(String(20))  # None: officers of every field
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    team_size: Mapped[int] = mapped_column(default=1)
    team_score: Mapped[str] = mapped_column(String(8), default=TeamScore.AVERAGE)
    tie_rounds: Mapped[list[int]] = mapped_column(JSON, default=list)  # equal totals: these rounds decide, in order
    state: Mapped[str] = mapped_column(String(12), default=ContestState.DRAFT)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    started_at: Mapped[datetime | None]

    body: Mapped[Body] = relationship()
    rounds: Mapped[list[ContestRound]] = relationship(back_populates="contest", order_by="ContestRound.number")
    parties: Mapped[list[ContestParty]] = relationship(back_populates="contest", order_by="ContestParty.number")


class ContestRound(Base):
    """One round. What is declared here stays from the start; a round is closed, and opened again with a reason."""

    __tablename__ = "contest_round"
    __table_args__ = (UniqueConstraint("contest_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contest_id: Mapped[int] = mapped_column(ForeignKey("contest.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(80))
    weight: Mapped[int]  # percent of the total
    advance: Mapped[int | None]  # the first so many go on; None: everybody
    advance_by: Mapped[str] = mapped_column(String(8), default=Advance.ROUND)
    exam_id: Mapped[int | None] = mapped_column(ForeignKey("exam.id"), index=True)  # of a written round
    questions: Mapped[int | None]  # of a quick-answer round
    base_points: Mapped[int] = mapped_column(default=0)  # hundredths; with what a quick-answer round begins
    abilities: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # ability -> full mark, hundredths
    drops_extremes: Mapped[bool] = mapped_column(default=False, server_default=false())
    edition: Mapped[int] = mapped_column(default=0)  # how many times it was closed
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    contest: Mapped[Contest] = relationship(back_populates="rounds")
    judges: Mapped[list[ContestJudge]] = relationship(back_populates="round", order_by="ContestJudge.id")


class ContestParty(Base):
    """A team, or one contestant: then its name is his. It withdraws, it is never taken away once it began."""

    __tablename__ = "contest_party"
    __table_args__ = (UniqueConstraint("contest_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contest_id: Mapped[int] = mapped_column(ForeignKey("contest.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(120), default="")  # empty: the contestant's own
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), index=True)  # whose team, or his unit when entered
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str | None] = mapped_column(String(200))

    contest: Mapped[Contest] = relationship(back_populates="parties")
    body: Mapped[Body] = relationship()
    members: Mapped[list[ContestMember]] = relationship(order_by="ContestMember.id")

    @property
    def said(self) -> str:
        """What it is called."""
        return self.name or "、".join(member.person.name for member in self.members)


class ContestMember(Base):
    """An officer in a team, or the contestant himself; in one contest once."""

    __tablename__ = "contest_member"
    __table_args__ = (UniqueConstraint("contest_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contest_id: Mapped[int] = mapped_column(ForeignKey("contest.id"))
    party_id: Mapped[int] = mapped_column(ForeignKey("contest_party.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    person: Mapped[Person] = relationship()


class ContestJudge(Base):
    """Somebody named to score one round, until he is relieved."""

    __tablename__ = "contest_judge"
    __table_args__ = (UniqueConstraint("round_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("contest_round.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    named_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    named_at: Mapped[datetime]
    relieved_at: Mapped[datetime | None]

    round: Mapped[ContestRound] = relationship(back_populates="judges")


class ContestScore(Base):
    """One line of one judge: points for a question, or his score for an ability. Added, never changed.

    Of an ability the judge's newest line counts; of questions all lines add up, and a wrong one is
    undone by a line with the opposite points.
    """

    __tablename__ = "contest_score"
    __table_args__ = (UniqueConstraint("judge_id", "save_key"), UniqueConstraint("undoes_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("contest_round.id"))
    party_id: Mapped[int] = mapped_column(ForeignKey("contest_party.id"), index=True)
    judge_id: Mapped[int] = mapped_column(ForeignKey("contest_judge.id"))
    question: Mapped[int | None]
    ability: Mapped[str | None] = mapped_column(String(20))
    points: Mapped[int]  # hundredths of a point
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("contest_score.id"))
    save_key: Mapped[str] = mapped_column(String(40))  # made with the page, so that a retry is kept once
    at: Mapped[datetime]


class ContestStanding(Base):
    """How a party stood when a round was closed, and whether it went on. Added, never changed."""

    __tablename__ = "contest_standing"
    __table_args__ = (UniqueConstraint("round_id", "edition", "party_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("contest_round.id"))
    edition: Mapped[int]
    party_id: Mapped[int] = mapped_column(ForeignKey("contest_party.id"), index=True)
    score: Mapped[int]  # hundredths, of this round
    total: Mapped[int]  # hundredths, weighted, of the rounds so far
    rank: Mapped[int]
    advances: Mapped[bool]
    details: Mapped[dict[str, Any]] = mapped_column(JSON)  # what the score was made of


class ContestRanking(Base):
    """A ranking as it was published. Added, never changed: a correction is the next version, with its reason."""

    __tablename__ = "contest_ranking"
    __table_args__ = (UniqueConstraint("contest_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contest_id: Mapped[int] = mapped_column(ForeignKey("contest.id"))
    number: Mapped[int]
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(300))
    body: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # rules.Row.plain(), in order
    sha256: Mapped[str] = mapped_column(String(64))
