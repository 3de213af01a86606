"""What a draft lacks before it can be published, and what its kind begins with."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from portal.exams.models import Delivery, Exam, ExamKind, Keeps, Timing
from portal.ground.clock import SHANGHAI, local
from portal.ground.rules import N_
from question_bank.assembling import Stock
from question_bank.marking import MultipleRule, OrderingRule
from question_bank.questions import Kind

MOST_FORMS = 200
MOST_ROWS = 120
DRAWN_KINDS = (ExamKind.MONTHLY, ExamKind.MOCK)
MADE_HERE = (ExamKind.QUALIFICATION, ExamKind.MONTHLY, ExamKind.MOCK, ExamKind.CONTEST)
PREFIXES = {"qualification": "ZG", "monthly": "YK", "mock": "MN", "contest": "JS", "rehearsal": "YL"}
MONTH_IN_TITLE = re.compile(r"(\d{4})(\s*年\s*)(\d{1,2})(\s*月)")


@dataclass(frozen=True)
class Gap:
    """Something that keeps a draft from being published; `place` is the section of the form."""

    place: str
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Weight:
    """What a blueprint comes to: rows' questions, items to answer, hundredths of a point."""

    questions: int
    items: int
    points: int


def needs_two(kind: str) -> bool:
    """Whether one person proposes what another approves."""
    return kind == ExamKind.QUALIFICATION


def weigh(blueprint: Sequence[Mapping[str, Any]], stock: Stock) -> Weight:
    """The sums of a blueprint; a case counts as many items as the cases that fit have."""
    questions = items = points = 0
    for row in blueprint:
        leaves = stock.get((row["topic"], Kind(row["kind"])), (0, 1))[1]
        questions += row["count"]
        items += row["count"] * leaves
        points += row["count"] * leaves * row["points"]
    return Weight(questions, items, points)


def gaps(exam: Exam, stock: Stock, now: datetime) -> list[Gap]:
    """Everything that is missing, in the order of the form."""
    return [*_of_time(exam, now), *_of_way(exam), *_of_paper(exam, stock)]


def _of_time(exam: Exam, now: datetime) -> Iterator[Gap]:
    if exam.opens_at <= now and exam.kind == ExamKind.QUALIFICATION:
        yield Gap("when", N_("The exam would have opened before it is published; choose a later opening."))
    if exam.closes_at <= now:
        yield Gap("when", N_("The exam would be closed before it is published; choose a later end."))
    if exam.timing == Timing.FIXED and exam.closes_at - exam.opens_at < timedelta(minutes=exam.minutes):
        yield Gap("when", N_("Between the hour and the end there is less time than the paper takes."))


def _of_way(exam: Exam) -> Iterator[Gap]:
    if exam.delivery == Delivery.DRAWN and exam.kind not in DRAWN_KINDS:
        yield Gap("how", N_("Only monthly and mock exams draw a paper for each person; choose fixed forms."))
    if not exam.notice.strip():
        yield Gap("notice", N_("Write the notice that candidates read before the start."))


def _of_paper(exam: Exam, stock: Stock) -> Iterator[Gap]:
    if not exam.bank_codes:
        yield Gap("paper", N_("Choose at least one question bank."))
        return
    if not exam.blueprint:
        yield Gap("paper", N_("The blueprint has no row yet."))
    for number, row in enumerate(exam.blueprint, 1):
        found = stock.get((row["topic"], Kind(row["kind"])), (0, 1))[0]
        if found < row["count"]:
            told = {"row": number, "count": row["count"], "topic": row["topic"], "found": found, "kind": row["kind"]}
            yield Gap("paper", N_("Row %(row)s asks for %(count)s questions on %(topic)s; %(found)s fit."), told)


def beginning(kind: str, day: date) -> dict[str, Any]:
    """The settings a kind of exam usually has, held on a day or in its month."""
    rules = {"multiple": MultipleRule.PARTIAL_HALF.value, "ordering": OrderingRule.ALL_OR_NOTHING.value}
    common = {"pass_mark": 6000, "marking_rules": rules, "keeps": Keeps.BEST.value, "forms_wanted": 4}
    if kind == ExamKind.MONTHLY:
        first, last = month_of(day)
        return common | _window(at(first, 0), at(last, 23, 59), 30, attempts=3, at_once=True)
    if kind == ExamKind.MOCK:
        return common | _window(at(day, 0), at(day + timedelta(days=6), 23, 59), 60, attempts=10, at_once=True)
    fixed = _window(at(day, 9), at(day, 12), 90, attempts=1, at_once=False) | {"timing": Timing.FIXED.value}
    return common | fixed | {"forms_wanted": 20}


def _window(opens: datetime, closes: datetime, minutes: int, *, attempts: int, at_once: bool) -> dict[str, Any]:
    return {
        "opens_at": opens, "closes_at": closes, "minutes": minutes, "attempts_allowed": attempts,
        "release_at_once": at_once, "timing": Timing.WINDOW.value, "delivery": Delivery.SEALED.value,
    }  # fmt: skip


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment by the clock in Jilin."""
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def month_of(day: date) -> tuple[date, date]:
    """Its first and last day."""
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def next_month(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def moved_to(moment: datetime, month: date) -> datetime:
    """The same day and time of another month; the last day of a month stays the last day."""
    here = local(moment)
    last = month_of(month)[1].day
    day = last if here.date() == month_of(here.date())[1] else min(here.day, last)
    return datetime.combine(month.replace(day=day), here.timetz())


def retitled(title: str, opens_at: datetime) -> str:
    """The title with the year and month it names made those of another opening."""
    here = local(opens_at)
    return MONTH_IN_TITLE.sub(lambda m: f"{here.year}{m[2]}{here.month}{m[4]}", title)


def weeks_on(opens_at: datetime, now: datetime) -> timedelta:
    """Whole weeks, four at least, that bring an opening into the future."""
    gone = max(timedelta(0), now - opens_at)
    return timedelta(weeks=max(4, gone.days // 7 + 2))
