"""Publishing: forms assembled, frozen with their keys and sealed, portion by portion or in one go."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.bank.following.uses import approved_versions, note_use
from portal.bank.models import QuestionVersion
from portal.bank.writing.models import QuestionPicture
from portal.exams.delivery.sealing import LARGEST, prepare_form
from portal.exams.making import pool, queries
from portal.exams.making.models import ExamMaking
from portal.exams.marking import counting
from portal.exams.models import Delivery, Exam, ExamForm, ExamState, FormKey
from portal.ground import audit, jobs
from portal.ground.crypto import digest
from portal.ground.errors import Refused
from portal.ground.rules import N_
from question_bank.assembling import Form, assemble
from question_bank.papers import BlueprintUnmet, Cell, freeze
from question_bank.pools import PointsDiffer, pool_for
from question_bank.questions import Question

JOB = "publish_exam"
PORTION = 5  # forms stored in one transaction
Plan = list[list[list[int]]]  # form → [version id, points of each item]


class NotReady(Refused):
    """The exam cannot be published as it stands."""

    code = "not_ready"


def begin(session: Session, exam: Exam, *, account_id: int, now: datetime) -> None:
    """Queue the publication of a draft, or of an exam a second person has approved. Raises NotReady."""
    making = queries.making_of(session, exam.id)
    if making is None or exam.state not in (ExamState.DRAFT, ExamState.PROPOSED):
        raise NotReady(N_("This exam is published already, or is being published."))
    exam.state = ExamState.PUBLISHING
    making.asked_at, making.asked_by_id, making.seed = now, account_id, secrets.randbits(48)
    making.plan, making.forms_done, making.fault = None, 0, None
    session.flush()
    jobs.enqueue(session, JOB, str(exam.id), now=now)
    audit.record(
        session, "exam_publishing", "exam", exam.id, now=now, account_id=account_id, body_id=exam.body_id,
        forms=forms_of(exam),
    )  # fmt: skip


def forms_of(exam: Exam) -> int:
    """How many forms the exam gets: one that holds the whole pool where papers are drawn per person."""
    return 1 if exam.delivery == Delivery.DRAWN else exam.forms_wanted


def plan_forms(session: Session, exam: Exam, seed: int) -> Plan:
    """The forms as versions and points; reads only. Raises NotReady when a cell cannot be filled."""
    ready = pool.pool_of(session, exam)
    blueprint = [Cell.from_plain(row) for row in exam.blueprint]
    try:
        drawn = exam.delivery == Delivery.DRAWN
        forms = [pool_for(ready, blueprint)] if drawn else assemble(ready, blueprint, forms_of(exam), seed)
    except PointsDiffer as differ:
        raise NotReady(
            N_("Where a paper is drawn for each person, rows of one topic and kind give the same points.")
        ) from differ
    except BlueprintUnmet as gap:
        raise NotReady(
            N_("The blueprint asks for %(count)s questions of kind %(kind)s on %(topic)s; %(found)s are approved."),
            count=gap.cell.count, kind=gap.cell.kind.value, topic=gap.cell.topic, found=gap.found,
        ) from gap  # fmt: skip
    _fit_a_line(session, forms)
    versions = approved_versions(session, {question.code for form in forms for question, _ in form})
    return [[[versions[question.code], points] for question, points in form] for form in forms]


def _fit_a_line(session: Session, forms: Sequence[Form]) -> None:
    """Before anything is stored: no form too large to be fetched, pictures and all. Raises NotReady."""
    shown = {question.code: {key for _, key in question.pictures()} for form in forms for question, _ in form}
    wanted = set().union(*shown.values()) if shown else set()
    if not wanted:
        return
    length = func.max(func.length(QuestionPicture.content))
    known = select(QuestionPicture.sha256, length).where(QuestionPicture.sha256.in_(wanted))
    sizes = dict(session.execute(known.group_by(QuestionPicture.sha256)).all())
    for number, form in enumerate(forms, 1):
        pictures = set().union(*(shown[question.code] for question, _ in form))
        size = sum(sizes.get(key, 0) for key in pictures) * 3 // 2  # as text, and the texts beside them
        if size > LARGEST:
            raise NotReady(
                N_("Form %(number)s would be %(size)s MB with its pictures; %(most)s MB is the most."), number=number,
                size=-(-size // 1024**2), most=LARGEST // 1024**2,
            )  # fmt: skip


@dataclass(frozen=True)
class Frozen:
    """A form made ready to be stored."""

    paper: dict[str, Any]
    key: dict[str, Any]
    sha256: str


def freeze_forms(session: Session, exam: Exam, plan: Plan) -> list[Frozen]:
    """The planned forms as candidates see them, each with its key apart; reads only.

    The topic in a key is the blueprint's word for it.
    """
    wanted = {version for form in plan for version, _ in form}
    rows = session.execute(select(QuestionVersion.id, QuestionVersion.body).where(QuestionVersion.id.in_(wanted))).all()
    bodies = {version: Question.from_plain(body) for version, body in rows}
    renamed = pool.under_its_words(session, exam.blueprint, list(bodies.values()))
    questions = dict(zip(bodies, renamed, strict=True))
    versions = {question.code: version for version, question in questions.items()}
    made = []
    for form in plan:
        paper, key = freeze([(questions[version], points) for version, points in form], versions)
        made.append(Frozen(paper, key, digest(paper)))
    return made


def store_forms(session: Session, exam: Exam, forms: Sequence[Frozen], first: int, *, now: datetime) -> None:
    """Write frozen forms with their keys, numbered from `first`, and seal each."""
    for number, frozen in enumerate(forms, first):
        form = ExamForm(exam_id=exam.id, number=number, paper=frozen.paper, paper_sha256=frozen.sha256)
        session.add(form)
        session.flush()
        session.add(FormKey(form_id=form.id, number=1, body=frozen.key, created_at=now, reason="publication"))
        prepare_form(session, exam, form, now)
    session.flush()


def finish(session: Session, exam: Exam, plan: Plan, *, account_id: int | None, now: datetime) -> None:
    """From here on nothing of the exam changes; its versions are written down as used, its count is queued."""
    exam.state, exam.published_at = ExamState.PUBLISHED, now
    note_use(
        session, {version for form in plan for version, _ in form}, kind="exam", object_id=exam.id, title=exam.title,
        opens_at=exam.opens_at, closes_at=exam.closes_at, account_id=account_id, now=now,
    )  # fmt: skip
    counting.plan(session, exam)
    session.flush()
    audit.record(
        session, "exam_published", "exam", exam.id, now=now, account_id=account_id, body_id=exam.body_id,
        forms=len(plan),
    )  # fmt: skip


def fail(session: Session, exam: Exam, making: ExamMaking, refusal: Refused, *, now: datetime) -> None:
    """The exam is a draft again and says what stood in the way."""
    exam.state = ExamState.DRAFT
    making.plan, making.forms_done = None, 0
    making.fault = {"message": refusal.message, "values": {k: str(v) for k, v in refusal.values.items()}}
    session.flush()
    audit.record(session, "exam_publication_failed", "exam", exam.id, now=now, body_id=exam.body_id)


def publish_at_once(session: Session, exam: Exam, *, account_id: int | None = None, now: datetime) -> None:
    """All of it in the caller's transaction, for few forms. Raises NotReady."""
    if exam.state == ExamState.PUBLISHED:
        raise NotReady(N_("This exam is published already."))
    plan = plan_forms(session, exam, secrets.randbits(48))
    store_forms(session, exam, freeze_forms(session, exam, plan), 1, now=now)
    finish(session, exam, plan, account_id=account_id, now=now)
