"""Counting an exam's answers by question, in portions, outside every request and every writing transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from portal.bank.following.statistics import series_of, store_statistics
from portal.bank.following.uses import Place, versions_then
from portal.exams import queries
from portal.exams.marking.models import ItemTally
from portal.exams.models import Attempt, AttemptState, Exam, ExamForm, FormKey, Result
from portal.ground import jobs
from portal.ground.models import Job
from question_bank.analysis import Answer, Tally, cuts, third_of
from question_bank.questions import CHOICES, Kind

JOB = "count_answers"
SETTLED = timedelta(hours=1)  # after the exam closes: its papers are handed in and marked
PORTION = 500  # results read at once
WITH_PICKS = (*CHOICES, Kind.TRUE_FALSE)


@dataclass
class Count:
    """An exam being counted: its keys with the place of each item, the cuts of the thirds, the tallies so far."""

    exam_id: int
    keys: Mapping[int, Mapping[int, tuple[Place, Mapping[str, Any]]]]  # key id -> item -> place and entry
    between: tuple[int, int] | None
    results: Sequence[int]  # ids of those that count
    read: int = 0  # how many of them are in the tallies
    tallies: dict[int, Tally] = field(default_factory=dict)


def plan(session: Session, exam: Exam) -> None:
    """Queue the count for when the exam is over and settled; asked again it waits as before or counts anew."""
    jobs.enqueue(session, JOB, str(exam.id), now=exam.closes_at + SETTLED)


def begin(session: Session, exam_id: int) -> Count:
    """Read what every portion needs: keys, places of questions in the bank, the marks' thirds.

    Of each attempt its newest result counts, unless that was voided.
    """
    exam = session.get_one(Exam, exam_id)
    forms = select(ExamForm.id).where(ExamForm.exam_id == exam_id)
    keys = session.scalars(select(FormKey).where(FormKey.form_id.in_(forms))).all()
    places = places_of(session, [key.body for key in keys], exam.published_at)
    known = {
        key.id: {int(item): (place, entry) for item, entry in key.body.items() if (place := places(entry))}
        for key in keys
    }
    attempts = select(Attempt.id).where(Attempt.exam_id == exam_id)
    counted = Result.attempt_id.in_(attempts), queries.is_newest(), ~queries.is_voided()
    marks = session.execute(select(Result.id, Result.mark).where(*counted).order_by(Result.id)).all()
    return Count(exam_id, known, cuts([mark for _, mark in marks]), [result_id for result_id, _ in marks])


def places_of(session: Session, bodies: Sequence[Mapping[str, Any]], published_at: datetime | None) -> Any:
    """A function from a key's entry to its version and leaf, None where the bank does not know it."""
    unnamed = {entry["code"] for body in bodies for entry in body.values() if "version" not in entry}
    then = versions_then(session, unnamed, published_at) if unnamed and published_at else {}

    def place(entry: Mapping[str, Any]) -> Place | None:
        return (entry["version"], entry["leaf"]) if "version" in entry else then.get(entry["code"])

    return place


def count_portion(session: Session, count: Count) -> bool:
    """Add the next results to the tallies; False when there were none left."""
    portion = count.results[count.read : count.read + PORTION]
    rows = select(Result.key_id, Result.mark, Result.items).where(Result.id.in_(portion))
    for key_id, mark, items in session.execute(rows):
        third = third_of(mark, count.between)
        for version_id, answer in _answers(items, count.keys.get(key_id, {}), third):
            count.tallies.setdefault(version_id, Tally()).take(answer)
    count.read += len(portion)
    return count.read < len(count.results)


def _answers(
    items: Sequence[Mapping[str, Any]], key: Mapping[int, tuple[Place, Mapping[str, Any]]], third: int | None
) -> Iterator[tuple[int, Answer]]:
    """One sitting's answers by version: the questions of a case are one."""
    points, full = sum(item["points"] for item in items), sum(item["full"] for item in items)
    sums: dict[int, list[int]] = {}
    picked: dict[int, dict[str, str]] = {}
    for item in items:
        if item["item"] not in key or key[item["item"]][1].get("void"):
            continue  # nobody was held to it
        (version_id, leaf), entry = key[item["item"]]
        held = sums.setdefault(version_id, [0, 0])
        held[0] += item["points"]
        held[1] += item["full"]
        if entry["kind"] in WITH_PICKS:
            picked.setdefault(version_id, {})[str(leaf)] = item["given"]
    for version_id, (own, own_full) in sums.items():
        picks = picked.get(version_id, {})
        yield version_id, Answer(own, own_full, points - own, full - own_full, third, picks)


def store(session: Session, count: Count, *, now: datetime) -> None:
    """Put the exam's tallies in place of the old ones, and renew the figures of every version they touch."""
    own = ItemTally.exam_id == count.exam_id
    touched = set(session.scalars(select(ItemTally.version_id).where(own))) | set(count.tallies)
    session.execute(delete(ItemTally).where(own))
    session.add_all(
        ItemTally(exam_id=count.exam_id, version_id=version_id, body=tally.plain(), counted_at=now)
        for version_id, tally in count.tallies.items()
    )
    session.flush()
    series = series_of(session, touched)
    sums = _sums(session, [version_id for run in series for version_id in run])
    figures = {}
    for run in series:
        total = sum((sums[version_id] for version_id in run if version_id in sums), Tally())
        figures |= dict.fromkeys(run, total.figures())
    store_statistics(session, figures, now=now)


def _sums(session: Session, version_ids: Sequence[int]) -> dict[int, Tally]:
    """Version -> the tallies of all exams together."""
    found: dict[int, Tally] = {}
    for first in range(0, len(version_ids), PORTION):
        rows = select(ItemTally.version_id, ItemTally.body).where(
            ItemTally.version_id.in_(version_ids[first : first + PORTION])
        )
        for version_id, body in session.execute(rows):
            found[version_id] = found.get(version_id, Tally()) + Tally.from_plain(body)
    return found


def is_settled(session: Session, exam_id: int) -> bool:
    """Whether every attempt is handed in and marked, so that nothing more will come by itself."""
    unmarked = ~exists().where(Result.attempt_id == Attempt.id)
    open_still = select(func.count()).where(
        Attempt.exam_id == exam_id, (Attempt.state == AttemptState.IN_PROGRESS) | unmarked
    )
    return not session.scalar(open_still)


def hurry(session: Session, exam: Exam, *, now: datetime) -> None:
    """Count now what is marked so far, before the exam is over."""
    plan(session, exam)
    job = session.scalars(select(Job).where(Job.kind == JOB, Job.subject == str(exam.id))).one()
    job.run_after = min(job.run_after, now)
    session.flush()
