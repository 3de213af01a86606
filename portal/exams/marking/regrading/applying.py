"""A regrade portion by portion: first its effect is counted, once approved it is applied; each may be stopped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.exams.marking import counting, portions
from portal.exams.marking.portions import Keyring, Last, Marked
from portal.exams.marking.regrading import queries, rules
from portal.exams.marking.regrading.models import Flips, Regrade, RegradeEffect, RegradeState
from portal.exams.models import Attempt, Exam, ExamForm, FormKey
from portal.ground import audit
from portal.people.queries import hold_people
from question_bank.marking import ReadyKey

FORMS = 5  # keys stored in one transaction


def hang_up(session: Session, ring: Keyring, regrade: Regrade) -> None:
    """The keys as they would be, each under its form's number below nought; reads only."""
    exam = session.get_one(Exam, regrade.exam_id)
    for key in queries.keys_with(session, exam.id, regrade.question):
        body = rules.changed(key.body, regrade.question, regrade.change, regrade.answer)
        ring.put(-key.form_id, ReadyKey(body, exam.marking_rules))


def held(session: Session, regrade_id: int) -> Regrade:
    """The regrade, ours until the transaction ends."""
    return session.get_one(Regrade, regrade_id, with_for_update=True, populate_existing=True)


def note_effect(
    session: Session, regrade: Regrade, papers: Sequence[Marked], lasts: dict[int, Last], out: set[int]
) -> None:
    """Add what a portion would come to."""
    pairs = [(paper, lasts[paper.attempt_id]) for paper in papers if paper.attempt_id in lasts]
    rows = [
        {
            "regrade_id": regrade.id, "look": regrade.look, "attempt_id": paper.attempt_id, "mark_before": last.mark,
            "mark_after": paper.mark, "passed_before": last.passed, "passed_after": paper.passed,
            "released": last.id in out, "flips": last.passed != paper.passed,
        }
        for paper, last in pairs
        if not last.voided and (last.mark, last.passed) != (paper.mark, paper.passed)
    ]  # fmt: skip
    if rows:
        session.execute(insert(RegradeEffect.__table__), rows)  # type: ignore[arg-type]
    regrade.seen = rules.add(regrade.seen, pairs, out)
    regrade.last_attempt_id = max(paper.attempt_id for paper in papers)


def make_keys(session: Session, regrade: Regrade, *, now: datetime) -> None:
    """The next few forms get their new key; nobody marks by the old one while they do."""
    forms = regrade.forms[regrade.forms_done : regrade.forms_done + FORMS]
    held_forms = select(ExamForm.id).where(ExamForm.id.in_(forms)).order_by(ExamForm.id)
    session.execute(held_forms.with_for_update(key_share=True))
    newest = portions.newest_keys(session, forms)
    for key in session.scalars(select(FormKey).where(FormKey.id.in_(newest.values())).order_by(FormKey.id)).all():
        body = rules.changed(key.body, regrade.question, regrade.change, regrade.answer)
        session.add(
            FormKey(
                form_id=key.form_id, number=key.number + 1, body=body, created_at=now, reason=regrade.reason[:200],
                regrade_id=regrade.id,
            )
        )  # fmt: skip
    regrade.forms_done += len(forms)
    session.flush()


def apply_portion(session: Session, regrade: Regrade, papers: Sequence[Marked], *, now: datetime) -> None:
    """New versions of a portion's results; what rested on published ones is re-checked from this moment.

    The candidates' rows are held, so that voiding a result and marking it anew come one after the other.
    """
    person_of = _persons(session, papers)
    hold_people(session, person_of.values())
    valid = portions.still_newest(session, papers)
    lasts = portions.last_results(session, [paper.attempt_id for paper in valid])
    stored = [p for p in portions.store(session, valid, lasts, now=now) if p.attempt_id in lasts]
    out = queries.published(session, [last.id for last in lasts.values()])
    portions.let_out(
        session, [p for p in stored if lasts[p.attempt_id].id in out and _goes_out(regrade, p, lasts[p.attempt_id])],
        reviewer_id=regrade.made_by_id, publisher_id=regrade.decided_by_id, reason=regrade.reason[:300], now=now,
    )  # fmt: skip
    exam = session.get_one(Exam, regrade.exam_id)
    for paper in stored:
        last = lasts[paper.attempt_id]
        if last.id in out and (paper.passed != last.passed or paper.mark < last.mark):
            _say(session, regrade, exam, paper, last, person_of[paper.attempt_id], now)
    done = {paper.attempt_id for paper in stored}
    voided = {attempt_id for attempt_id, last in lasts.items() if last.voided}
    pairs = [(p, lasts[p.attempt_id]) for p in valid if p.attempt_id in done | voided]
    regrade.applied_counts = rules.add(regrade.applied_counts, pairs, out)
    regrade.last_attempt_id = max(paper.attempt_id for paper in papers)
    session.flush()


def _persons(session: Session, papers: Sequence[Marked]) -> dict[int, int]:
    rows = session.execute(
        select(Attempt.id, Attempt.person_id).where(Attempt.id.in_([paper.attempt_id for paper in papers]))
    )
    return dict(rows.all())


def _goes_out(regrade: Regrade, paper: Marked, last: Last) -> bool:
    return regrade.flips == Flips.RELEASE or paper.passed == last.passed


def _say(
    session: Session, regrade: Regrade, exam: Exam, paper: Marked, last: Last, person_id: int, now: datetime
) -> None:
    """A published result has changed: standing is under re-check, and the trail says what it was."""
    audit.fact_changed(session, person_id, "result", last.id, now=now)
    if paper.passed != last.passed:
        audit.record(
            session, "result_regraded", "attempt", paper.attempt_id, now=now, account_id=regrade.decided_by_id,
            person_id=person_id, body_id=exam.body_id, before={"mark": last.mark, "passed": last.passed},
            after={"mark": paper.mark, "passed": paper.passed}, regrade=regrade.id,
        )  # fmt: skip


def finish_look(session: Session, regrade: Regrade, *, now: datetime) -> None:
    """The effect is known."""
    regrade.looked_at = now
    regrade.seen = rules.add(regrade.seen, [], set())
    session.flush()


def finish(session: Session, regrade: Regrade, *, now: datetime) -> None:
    """Everything is marked by the new keys; the bank's figures follow."""
    regrade.state, regrade.applied_at = RegradeState.APPLIED, now
    regrade.applied_counts = rules.add(regrade.applied_counts, [], set())
    session.flush()
    exam = session.get_one(Exam, regrade.exam_id)
    counting.plan(session, exam)
    audit.record(
        session, "regrade_applied", "regrade", regrade.id, now=now, account_id=regrade.decided_by_id,
        body_id=exam.body_id, exam=exam.id, **regrade.applied_counts,
    )  # fmt: skip
