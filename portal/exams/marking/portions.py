"""Many papers marked together: read and judged beside the writer, stored in a few statements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session

from portal.exams.delivery.receipts import answers_of_many
from portal.exams.marking import counting
from portal.exams.models import Attempt, AttemptState, Exam, ExamForm, FormKey, Result, ResultEvent, ResultEventKind
from portal.ground.crypto import digest
from portal.ground.models import LedgerLeaf
from question_bank.marking import ReadyKey, mark_of


@dataclass(frozen=True)
class Terms:
    """What an exam says about marks."""

    pass_mark: int
    rules: dict[str, Any]
    at_once: bool


@dataclass(frozen=True)
class Marked:
    """What one attempt comes to under one key; not stored yet. Units as in Result."""

    attempt_id: int
    exam_id: int
    form_id: int
    key_id: int
    mark: int
    points: int
    full_points: int
    passed: bool
    items: list[dict[str, Any]]
    at_once: bool


@dataclass(frozen=True)
class Last:
    """The newest result of an attempt."""

    id: int
    number: int
    key_id: int
    mark: int
    passed: bool
    voided: bool


class Keyring:
    """Keys and terms as one worker's round has read them; a key never changes."""

    def __init__(self) -> None:
        self._keys: dict[int, ReadyKey] = {}
        self._terms: dict[int, Terms] = {}

    def terms(self, session: Session, exam_ids: Collection[int]) -> dict[int, Terms]:
        if missing := set(exam_ids) - set(self._terms):
            wanted = select(Exam.id, Exam.pass_mark, Exam.marking_rules, Exam.shows_at_once)
            for exam_id, pass_mark, rules, at_once in session.execute(wanted.where(Exam.id.in_(missing))):
                self._terms[exam_id] = Terms(pass_mark, rules, at_once)
        return self._terms

    def put(self, key_id: int, key: ReadyKey) -> None:
        """Hang up a key that is not stored, under a number that no stored key has."""
        self._keys[key_id] = key

    def has(self, key_id: int) -> bool:
        return key_id in self._keys

    def keys(self, session: Session, exam_of: dict[int, int]) -> dict[int, ReadyKey]:
        """The keys of these ids, each ready under its exam's rules; `exam_of`: key id → exam id."""
        terms = self.terms(session, set(exam_of.values()))
        if missing := set(exam_of) - set(self._keys):
            rows = session.execute(select(FormKey.id, FormKey.body).where(FormKey.id.in_(missing)))
            for key_id, body in rows:
                self._keys[key_id] = ReadyKey(body, terms[exam_of[key_id]].rules)
        return self._keys


def newest_keys(session: Session, form_ids: Collection[int]) -> dict[int, int]:
    """Form id → id of its newest key."""
    rows = session.execute(
        select(FormKey.form_id, FormKey.id).where(FormKey.form_id.in_(form_ids)).order_by(FormKey.number)
    )
    return dict(rows.all())


def judge(
    session: Session, ring: Keyring, attempt_ids: Sequence[int], keys: dict[int, int] | None = None
) -> list[Marked]:
    """Mark those of them that are handed in, with their forms' newest keys or `keys` (form → key); reads only."""
    rows = session.execute(
        select(Attempt.id, Attempt.exam_id, Attempt.form_id, Attempt.drawn).where(
            Attempt.id.in_(attempt_ids), Attempt.state == AttemptState.HANDED_IN
        )
    ).all()
    by_form = keys or newest_keys(session, {row.form_id for row in rows})
    ready = ring.keys(session, {by_form[row.form_id]: row.exam_id for row in rows})
    terms = ring.terms(session, {row.exam_id for row in rows})
    answers = answers_of_many(session, [row.id for row in rows])
    found = []
    for row in rows:
        term, key_id = terms[row.exam_id], by_form[row.form_id]
        marks, points, full = ready[key_id].mark(answers[row.id], row.drawn)
        items = [{"item": m.item, "given": m.given, "points": m.points, "full": m.full} for m in marks]
        mark = mark_of(points, full)
        found.append(
            Marked(
                row.id, row.exam_id, row.form_id, key_id, mark, points, full, mark >= term.pass_mark, items,
                term.at_once,
            )
        )  # fmt: skip
    return found


def last_results(session: Session, attempt_ids: Collection[int]) -> dict[int, Last]:
    """Attempt id → its newest result, of those that have one."""
    voided = exists().where(ResultEvent.result_id == Result.id, ResultEvent.kind == ResultEventKind.VOIDED)
    rows = session.execute(
        select(
            Result.attempt_id, Result.id, Result.number, Result.key_id, Result.mark, Result.passed,
            voided.label("voided"),
        )
        .where(Result.attempt_id.in_(attempt_ids))
        .order_by(Result.attempt_id, Result.number)
    )  # fmt: skip
    return {attempt_id: Last(*rest) for attempt_id, *rest in rows}


def still_newest(session: Session, papers: Sequence[Marked]) -> list[Marked]:
    """Those whose key is its form's newest; until the transaction ends no form of theirs gets a newer one."""
    forms = sorted({paper.form_id for paper in papers})
    session.execute(select(ExamForm.id).where(ExamForm.id.in_(forms)).order_by(ExamForm.id).with_for_update(read=True))
    newest = newest_keys(session, forms)
    return [paper for paper in papers if newest[paper.form_id] == paper.key_id]


def store(session: Session, papers: Sequence[Marked], lasts: dict[int, Last], *, now: datetime) -> list[Marked]:
    """Write a result for each that has none by this key, in one statement; returns those that got one.

    An attempt whose newest result was voided keeps that one. The caller has made sure by `still_newest`
    that the keys are.
    """
    new = [paper for paper in papers if _wants_result(paper, lasts.get(paper.attempt_id))]
    if not new:
        return []
    rows = [
        {
            "attempt_id": paper.attempt_id, "key_id": paper.key_id, "mark": paper.mark, "points": paper.points,
            "number": lasts[paper.attempt_id].number + 1 if paper.attempt_id in lasts else 1,
            "full_points": paper.full_points, "passed": paper.passed, "items": paper.items, "marked_at": now,
        }
        for paper in new
    ]  # fmt: skip
    session.execute(insert(Result.__table__), rows)  # type: ignore[arg-type]
    for exam_id in sorted({paper.exam_id for paper in new if paper.attempt_id in lasts}):
        counting.plan(session, session.get_one(Exam, exam_id))
    return new


def _wants_result(paper: Marked, last: Last | None) -> bool:
    return last is None or (last.key_id < paper.key_id and not last.voided)


def result_ids(session: Session, papers: Collection[Marked]) -> dict[int, int]:
    """Attempt id → id of the result by its key."""
    keys = {paper.attempt_id: paper.key_id for paper in papers}
    rows = session.execute(
        select(Result.attempt_id, Result.id, Result.key_id).where(Result.attempt_id.in_(keys))
    )
    return {attempt_id: result_id for attempt_id, result_id, key_id in rows if keys[attempt_id] == key_id}


def let_out(
    session: Session, papers: Sequence[Marked], *, now: datetime, reviewer_id: int | None = None,
    publisher_id: int | None = None, reason: str | None = None,
) -> None:  # fmt: skip
    """Publish new results, with a leaf of the ledger each; `reviewer_id` where somebody else than the publisher did."""
    if not papers:
        return
    ids = result_ids(session, papers)
    kinds = [(ResultEventKind.RELEASED, publisher_id)]
    if reviewer_id is not None:
        kinds.insert(0, (ResultEventKind.REVIEWED, reviewer_id))
    for kind, account_id in kinds:
        session.execute(
            insert(ResultEvent.__table__),  # type: ignore[arg-type]
            [
                {"result_id": ids[p.attempt_id], "kind": kind, "at": now, "account_id": account_id, "reason": reason}
                for p in papers
            ],
        )
    leaves = [
        {
            "at": now, "kind": "result", "object_id": str(ids[p.attempt_id]),
            "content_sha256": digest({"attempt": p.attempt_id, "key": p.key_id, "mark": p.mark}),
        }
        for p in papers
    ]  # fmt: skip
    session.execute(insert(LedgerLeaf.__table__), leaves)  # type: ignore[arg-type]

