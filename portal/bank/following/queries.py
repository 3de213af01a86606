"""Reading what became of a question: figures in words, uses, who saw it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.bank.following.models import QuestionStatistics, QuestionUse, QuestionView
from portal.bank.following.statistics import in_words
from portal.bank.models import Question, QuestionVersion
from portal.ground.i18n import gettext
from portal.ground.rules import N_
from portal.people.models import Account, Person
from question_bank.analysis import Said
from question_bank.questions import CHOICES, LETTERS, Kind
from question_bank.questions import Question as Value

TEMPTING = 25  # percent of the strongest third that take a wrong option


@dataclass(frozen=True)
class Use:
    """One paper that holds a version."""

    version: int
    title: str
    opens_at: datetime | None
    closes_at: datetime | None
    at: datetime

    def live(self, now: datetime) -> bool:
        return self.opens_at is not None and self.opens_at <= now and (self.closes_at is None or now <= self.closes_at)


@dataclass(frozen=True)
class Uses:
    """Where a question is used: how many papers, how many run now, the newest version among them."""

    rows: Sequence[Use]
    now: datetime

    @property
    def papers(self) -> int:
        return len(self.rows)

    @property
    def running(self) -> int:
        return sum(use.live(self.now) for use in self.rows)

    def sentence(self) -> str:
        if not self.rows:
            return gettext(N_("Not used in any paper yet."))
        newest = max(use.version for use in self.rows)
        if self.running:
            told = N_("Version %(n)s is used in %(papers)s papers, %(live)s of them running now.")
            return gettext(told, n=newest, papers=self.papers, live=self.running)
        told = N_("Version %(n)s is used in %(papers)s papers, none running now.")
        return gettext(told, n=newest, papers=self.papers)


def uses(session: Session, row: Question, now: datetime) -> Uses:
    found = session.execute(
        select(
            QuestionVersion.number, QuestionUse.title, QuestionUse.opens_at, QuestionUse.closes_at, QuestionUse.at
        )
        .join(QuestionVersion, QuestionVersion.id == QuestionUse.version_id)
        .where(QuestionUse.question_id == row.id)
        .order_by(QuestionUse.at.desc(), QuestionUse.id.desc())
    )
    return Uses([Use(*one) for one in found], now)


@dataclass(frozen=True)
class Seen:
    """One person who was shown a sealed question: how often, how, and when last."""

    name: str
    times: int
    via: tuple[str, ...]
    last: datetime


def seen_by(session: Session, row: Question) -> list[Seen]:
    """Who was shown any version of a question, the latest first."""
    found = session.execute(
        select(Person.name, QuestionView.account_id, QuestionView.via, func.count(), func.max(QuestionView.at))
        .join(QuestionVersion, QuestionVersion.id == QuestionView.version_id)
        .join(Account, Account.id == QuestionView.account_id)
        .join(Person, Person.id == Account.person_id)
        .where(QuestionVersion.question_id == row.id)
        .group_by(Person.name, QuestionView.account_id, QuestionView.via)
    ).all()
    people: dict[int, list] = {}
    for one in found:
        people.setdefault(one.account_id, []).append(one)
    seen = [
        Seen(
            ways[0].name, sum(w[3] for w in ways), tuple(sorted(w.via for w in ways)), max(w[4] for w in ways)
        )
        for ways in people.values()
    ]  # fmt: skip
    return sorted(seen, key=lambda one: one.last, reverse=True)


@dataclass(frozen=True)
class Pick:
    """How often one option was taken, in whole percent of the strongest and of the weakest third."""

    option: str
    right: bool
    strong: int
    weak: int

    @property
    def high(self) -> bool:
        return not self.right and self.strong >= TEMPTING and self.strong >= self.weak


@dataclass(frozen=True)
class Figures:
    """How a version was answered: sentences of the wing, and picks of options by thirds for each part of it."""

    number: int
    answered: int
    right: int  # whole percent of the points
    sentences: tuple[str, ...]
    tables: tuple[tuple[int, tuple[Pick, ...]], ...]


def figures(session: Session, row: Question) -> Figures | None:
    """Of the newest version that has been answered; None while none has."""
    found = session.execute(
        select(QuestionStatistics, QuestionVersion)
        .join(QuestionVersion, QuestionVersion.id == QuestionStatistics.version_id)
        .where(QuestionVersion.question_id == row.id, QuestionStatistics.answered > 0)
        .order_by(QuestionVersion.number.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    counted, version = found
    question = Value.from_plain(version.body)
    sentences = tuple(_told(said) for said in in_words(counted, question))
    tables = tuple(
        (at + 1, picks) for at, leaf in enumerate(question.leaves()) if (picks := _picks(counted, at, leaf))
    )
    return Figures(version.number, counted.answered, (counted.facility + 50) // 100, sentences, tables)


def _told(said: Said) -> str:
    sentence = gettext(said.message, **said.values)
    return sentence if said.leaf is None else gettext(N_("Part %(n)s: %(sentence)s"), n=said.leaf, sentence=sentence)


def _picks(counted: QuestionStatistics, at: int, leaf: Value) -> tuple[Pick, ...]:
    counts = counted.choices.get(str(at), {})
    strong, weak = counts.get("n", (0, 0))
    letters = "TF" if leaf.kind is Kind.TRUE_FALSE else LETTERS[: len(leaf.options)]
    if not strong or not weak or leaf.kind not in (*CHOICES, Kind.TRUE_FALSE):
        return ()
    taken = {letter: counts.get(letter, (0, 0)) for letter in letters}
    return tuple(
        Pick(letter, letter in leaf.key, 100 * taken[letter][0] // strong, 100 * taken[letter][1] // weak)
        for letter in letters
    )
