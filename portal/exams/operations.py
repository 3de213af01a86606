"""Making, publishing and entering exams; starting attempts; releasing results."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.bank import queries as bank
from portal.bank.following.uses import approved_versions, note_use
from portal.exams import queries
from portal.exams.marking import counting
from portal.exams.models import (
    Attempt,
    AttemptState,
    Entry,
    Exam,
    ExamForm,
    ExamState,
    FormKey,
    IdentityConfirmation,
    Result,
    ResultEvent,
    ResultEventKind,
)
from portal.exams.rules import RULES
from portal.ground import audit, clock
from portal.ground.crypto import digest
from portal.ground.errors import Refused
from portal.ground.rules import N_, Finding, judge
from portal.library.topics.queries import same_topic
from portal.people.queries import lock_person
from question_bank.papers import BlueprintUnmet, Cell, draw, freeze
from question_bank.questions import Question


class NotReady(Refused):
    """The exam cannot be published as it stands."""

    code = "not_ready"


class MayNotSit(Refused):
    """A rule bars this person from this exam now."""

    code = "may_not_sit"

    def __init__(self, findings: list[Finding]) -> None:
        failed = next(f for f in findings if not f.met)
        super().__init__(failed.because, **failed.values)
        self.findings = findings


class NotDeclared(Refused):
    """The candidate has not confirmed who he is."""

    status = 422
    code = "not_declared"


def publish(
    session: Session, exam: Exam, *, forms: int, bank_codes: Iterable[str], account_id: int | None = None, now: datetime
) -> None:
    """Draw and freeze the exam's forms and their keys; from here on nothing of it changes.

    The versions drawn are written down as used, and the count of the answers is queued for its end.
    Raises NotReady when a cell of the blueprint cannot be filled from approved questions that are
    valid from the exam's first day to its last.
    """
    if exam.state == ExamState.PUBLISHED:
        raise NotReady(N_("This exam is published already."))
    pool = _under_its_words(session, exam, bank.approved_questions(session, list(bank_codes)))
    versions = approved_versions(session, [question.code for question in pool])
    used: set[int] = set()
    for number in range(1, forms + 1):
        drawn = _draw(pool, exam)
        paper, key = freeze(drawn, versions)
        used |= {versions[question.code] for question, _ in drawn}
        form = ExamForm(exam_id=exam.id, number=number, paper=paper, paper_sha256=digest(paper))
        session.add(form)
        session.flush()
        session.add(FormKey(form_id=form.id, number=1, body=key, created_at=now, reason="publication"))
    exam.state, exam.published_at = ExamState.PUBLISHED, now
    note_use(
        session, used, kind="exam", object_id=exam.id, title=exam.title, opens_at=exam.opens_at,
        closes_at=exam.closes_at, account_id=account_id, now=now,
    )  # fmt: skip
    counting.plan(session, exam)
    session.flush()
    audit.record(session, "exam_published", "exam", exam.id, now=now, body_id=exam.body_id, forms=forms)


def _under_its_words(session: Session, exam: Exam, pool: Sequence[Question]) -> list[Question]:
    """The pool with its topics as the blueprint calls them: topics are renamed and merged, versions keep their word."""
    asked = {word: row["topic"] for row in exam.blueprint for word in same_topic(session, row["topic"])}
    return [replace(question, topic=asked.get(question.topic, question.topic)) for question in pool]


def _draw(pool: Sequence[Question], exam: Exam) -> list[tuple[Question, int]]:
    """One paper from questions valid on every day of the exam. Raises NotReady."""
    first, last = (clock.local(moment).date() for moment in (exam.opens_at, exam.closes_at - timedelta(seconds=1)))
    blueprint = [Cell.from_plain(row) for row in exam.blueprint]
    try:
        return draw(pool, blueprint, seed=secrets.randbits(48), on=first, until=last)
    except BlueprintUnmet as gap:
        raise NotReady(
            N_("The blueprint asks for %(count)s questions of kind %(kind)s on %(topic)s; %(found)s are approved."),
            count=gap.cell.count,
            kind=gap.cell.kind,
            topic=gap.cell.topic,
            found=gap.found,
        ) from gap


def enter(session: Session, exam: Exam, person_ids: Iterable[int], *, extra_minutes: int = 0) -> int:
    """Put people on the list; those on it already stay as they are. Returns how many were added."""
    listed = set(session.scalars(select(Entry.person_id).where(Entry.exam_id == exam.id)))
    last = session.scalar(select(func.count()).select_from(Entry).where(Entry.exam_id == exam.id)) or 0
    added = 0
    for person_id in person_ids:
        if person_id not in listed:
            listed.add(person_id)
            added += 1
            number = f"{exam.opens_at:%y%m}-{exam.id:02d}{last + added:05d}"
            session.add(
                Entry(exam_id=exam.id, person_id=person_id, admission_number=number, extra_minutes=extra_minutes)
            )
    session.flush()
    return added


def start(session: Session, exam: Exam, entry: Entry, *, declared: bool = True, now: datetime) -> Attempt:
    """Begin an attempt, or return the one that is running.

    `declared`: the candidate has said that he is the person named and sits himself.
    Raises MayNotSit, NotDeclared.
    """
    running = session.scalar(
        select(Attempt).where(
            Attempt.exam_id == exam.id,
            Attempt.person_id == entry.person_id,
            Attempt.state == AttemptState.IN_PROGRESS,
        )
    )
    if running is not None:
        return running
    if not declared:
        raise NotDeclared(N_("Confirm first that you are the person named and sit this exam yourself."))
    findings = judge(queries.sit_case(session, exam, entry.person_id, now=now), RULES)
    if not all(f.met for f in findings):
        raise MayNotSit(findings)
    used = len(queries.attempts_of(session, entry.person_id, [exam.id]))
    forms = session.scalars(select(ExamForm.id).where(ExamForm.exam_id == exam.id)).all()
    attempt = Attempt(
        public_id=secrets.token_urlsafe(16),
        exam_id=exam.id,
        person_id=entry.person_id,
        form_id=forms[(entry.id + used) % len(forms)],
        number=used + 1,
        seed=secrets.randbits(48),
        started_at=now,
        deadline_at=min(now + timedelta(minutes=exam.minutes), exam.closes_at) + timedelta(minutes=entry.extra_minutes),
    )
    session.add(attempt)
    session.flush()
    audit.record(
        session, "attempt_started", "attempt", attempt.id, now=now, person_id=entry.person_id, body_id=exam.body_id
    )
    return attempt


class StillOpen(Refused):
    """Others still sit the papers whose keys would go out."""

    code = "still_open"


def release_exam(
    session: Session, exam: Exam, *, early: bool, reason: str, account_id: int, now: datetime
) -> int:
    """Release every marked result of an exam that is not out yet; returns how many.

    Raises StillOpen before the window closes, unless `early` is said on purpose and with a reason.
    """
    if now < exam.closes_at and not (early and reason.strip()):
        raise StillOpen(N_("The exam is still open. Say that you release early, and why: the keys go out with it."))
    count = release(session, queries.unreleased(session, exam), now=now, account_id=account_id)
    audit.record(
        session, "results_released", "exam", exam.id, now=now, account_id=account_id, body_id=exam.body_id,
        reason=reason.strip()[:500] or None, count=count, early=now < exam.closes_at,
    )  # fmt: skip
    return count


def release(session: Session, results: Iterable[Result], *, now: datetime, account_id: int | None = None) -> int:
    """Make results final and visible. Returns how many were newly released."""
    count = 0
    for result in results:
        if not session.scalar(
            select(ResultEvent.id).where(
                ResultEvent.result_id == result.id, ResultEvent.kind == ResultEventKind.RELEASED
            )
        ):
            session.add(ResultEvent(result_id=result.id, kind=ResultEventKind.RELEASED, at=now, account_id=account_id))
            audit.to_ledger(
                session,
                "result",
                result.id,
                {"attempt": result.attempt_id, "key": result.key_id, "mark": result.mark},
                now=now,
            )
            count += 1
    session.flush()
    return count


def void(session: Session, result: Result, *, reason: str, now: datetime, account_id: int | None) -> None:
    """Take a result out of force; what rested on it is re-checked from this moment."""
    lock_person(session, result.attempt.person_id)
    session.add(
        ResultEvent(result_id=result.id, kind=ResultEventKind.VOIDED, at=now, account_id=account_id, reason=reason)
    )
    audit.record(
        session, "result_voided", "result", result.id, now=now, account_id=account_id,
        person_id=result.attempt.person_id, body_id=result.attempt.exam.body_id, reason=reason,
    )  # fmt: skip
    audit.fact_changed(session, result.attempt.person_id, "result", result.id, now=now)
    counting.plan(session, result.attempt.exam)


def confirm_identity(session: Session, attempt: Attempt, *, reference: str, account_id: int, now: datetime) -> None:
    """Record who confirmed that the candidate is the person. Raises NotReady without a reference."""
    if not reference.strip():
        raise NotReady(N_("Name the seat list, reader log or check that the confirmation rests on."))
    if attempt.state != AttemptState.HANDED_IN:
        raise NotReady(N_("The identity is confirmed when the paper is handed in."))
    if queries.account_of(session, attempt.person_id) == account_id:
        raise NotReady(N_("Nobody confirms his own identity."))
    if queries.identity_confirmed(session, attempt.id):
        return
    session.add(
        IdentityConfirmation(attempt_id=attempt.id, at=now, account_id=account_id, reference=reference.strip()[:120])
    )
    audit.record(
        session, "identity_confirmed", "attempt", attempt.id, now=now, account_id=account_id,
        person_id=attempt.person_id, body_id=attempt.exam.body_id,
    )  # fmt: skip
    session.flush()
