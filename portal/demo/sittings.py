"""Past attempts: started, answered, handed in, marked and confirmed through the portal's own operations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from portal.bank.queries import approved_questions
from portal.demo import candidates
from portal.demo.cast import CASES
from portal.demo.exam_plan import Plan, at
from portal.exams import operations, queries
from portal.exams.delivery.operations import hand_in, note_focus_loss, open_on_device
from portal.exams.marking.operations import mark_attempt
from portal.exams.models import AnswerChange, Attempt, Entry, Exam, ExamForm, HandInCause, Result
from portal.ground.clock import local
from portal.ground.models import Job
from portal.people.models import Person

CHUNK = 40  # attempts in one transaction
SHOW_UP = {"past": 0.93, "open": 0.12, "month": 0.45, "months": 0.86}
NEVER_SAT = {"banned"}  # of the named cases: barred from what is open now
SECOND_THOUGHTS = 0.05
CHECKED_BY = "考场签到表与身份证件比对记录 第{page}页"


@dataclass
class Room:
    """One exam while its candidates are put through it."""

    plan: Plan
    exam: Exam
    seed: int
    now: datetime
    checker_id: int
    items: dict[int, list[candidates.Item]] = field(default_factory=dict)  # by form

    def chance(self, entry: Entry) -> Random:
        return Random(f"{self.seed}-{self.plan.code}-{entry.person_id}")


@dataclass(frozen=True)
class Seat:
    """A candidate who comes: when the attempt starts and how long it takes."""

    entry: Entry
    case: str | None
    starts_at: datetime
    takes: timedelta


def prepare(session: Session, plan: Plan, *, seed: int, now: datetime, checker_id: int) -> Room:
    """The exam with the items of every form."""
    exam = session.scalars(select(Exam).where(Exam.code == plan.code)).one()
    difficulties = {
        leaf.code: leaf.difficulty for q in approved_questions(session, [plan.bank]) for leaf in q.leaves()
    }
    room = Room(plan, exam, seed, now, checker_id)
    for form in session.scalars(select(ExamForm).where(ExamForm.exam_id == exam.id)):
        room.items[form.id] = candidates.items_of(form.paper, queries.current_key(session, form.id).body, difficulties)
    return room


def seats(session: Session, room: Room) -> Iterator[list[Seat]]:
    """Everybody who comes, in the order of their starts, in portions for short transactions."""
    cases = {case.number: case.key for case in CASES}
    rows = session.execute(
        select(Entry, Person.personnel_number)
        .join(Person, Person.id == Entry.person_id)
        .where(Entry.exam_id == room.exam.id)
        .order_by(Entry.id)
    )
    coming = []
    for entry, number in rows:
        seat = _seat(room, entry, cases.get(number))
        if seat is not None:
            coming.append(seat)
    coming.sort(key=lambda seat: seat.starts_at)
    for first in range(0, len(coming), CHUNK):
        yield coming[first : first + CHUNK]


def _seat(room: Room, entry: Entry, case: str | None) -> Seat | None:
    plan, chance = room.plan, room.chance(entry)
    over = plan.over(room.now)
    share = SHOW_UP[("months" if over else "month") if plan.monthly else "past" if over else "open"]
    if case is None:
        comes = chance.random() < share
    else:
        comes = over or (plan.monthly and case not in NEVER_SAT)
    takes = timedelta(minutes=plan.minutes) * min(chance.betavariate(5, 3) + 0.12, 1.0)
    last = min(plan.closes_at, room.now) - timedelta(minutes=plan.minutes + 10)
    if not comes or last <= plan.opens_at:
        return None
    day = local(plan.opens_at + (last - plan.opens_at) * chance.random()).date()
    starts_at = at(day, 8, 32) + timedelta(minutes=chance.randrange(8 * 60))
    return Seat(entry, case, min(max(starts_at, plan.opens_at + timedelta(minutes=1)), last), takes)


def sit(session: Session, room: Room, portion: Sequence[Seat]) -> int:
    """Put a portion of candidates through the exam, up to their marks; returns how many sat."""
    started = [(seat, operations.start(session, room.exam, seat.entry, now=seat.starts_at)) for seat in portion]
    changes: list[dict[str, Any]] = []
    for seat, attempt in started:
        open_on_device(session, attempt)
        changes += _journal(room, seat, attempt)
    session.execute(insert(AnswerChange), changes)
    for number, (seat, attempt) in enumerate(started):
        _finish(session, room, seat, attempt, number)
    session.execute(update(Job).where(Job.kind == "mark_attempt", Job.done_at.is_(None)).values(done_at=room.now))
    return len(started)


def _journal(room: Room, seat: Seat, attempt: Attempt) -> list[dict[str, Any]]:
    """The saved changes of an attempt: every answer in its turn, some of them after a second thought."""
    chance, items = room.chance(seat.entry), room.items[attempt.form_id]
    if seat.case is None:
        given = candidates.answers(items, candidates.ability(seat.entry.person_id, room.seed), chance)
    else:
        misses = 0.0 if room.plan.monthly and seat.case == "monthly_only" else candidates.SURE_MISSES
        given = candidates.sure_answers(items, chance, misses)
    steps: list[tuple[int, str]] = []
    for item in items:
        if item.number in given:
            if chance.random() < SECOND_THOUGHTS:
                steps.append((item.number, candidates.wrong(item, chance)))
            steps.append((item.number, given[item.number]))
    pace = seat.takes / (len(steps) + 1)
    return [
        {
            "attempt_id": attempt.id,
            "epoch": attempt.epoch,
            "sequence": number,
            "item": item,
            "answer": answer,
            "saved_at": seat.starts_at + pace * number,
        }
        for number, (item, answer) in enumerate(steps, 1)
    ]


def _finish(session: Session, room: Room, seat: Seat, attempt: Attempt, number: int) -> None:
    chance = room.chance(seat.entry)
    ended = seat.starts_at + seat.takes
    if not room.plan.monthly and chance.random() < 0.06:
        note_focus_loss(session, attempt.id, seconds=chance.randrange(4, 70), now=seat.starts_at + seat.takes / 2)
    hand_in(session, attempt, cause=HandInCause.CANDIDATE, now=ended)
    mark_attempt(session, attempt, now=ended + timedelta(minutes=1))
    if not room.plan.monthly and room.plan.over(room.now):
        operations.confirm_identity(
            session, attempt, reference=CHECKED_BY.format(page=number // 15 + 1), account_id=room.checker_id,
            now=ended + timedelta(hours=1),
        )  # fmt: skip


def to_release(session: Session, room: Room) -> Iterator[list[Result]]:
    """The marked results of a past exam in portions, except the case whose result stays provisional."""
    provisional = next(case.number for case in CASES if case.key == "provisional_result")
    keep = session.scalar(select(Person.id).where(Person.personnel_number == provisional))
    general = room.plan.field is None
    results = [r for r in queries.unreleased(session, room.exam) if not (general and r.attempt.person_id == keep)]
    for first in range(0, len(results), 100):
        yield results[first : first + 100]
