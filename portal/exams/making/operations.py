"""Making an exam: a draft, its changes, proposing it, returning it, putting it away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exams.making import queries
from portal.exams.making.models import ExamMaking
from portal.exams.making.rules import PREFIXES, beginning, needs_two
from portal.exams.models import Exam, ExamKind, ExamState, Subject
from portal.ground import audit
from portal.ground.clock import local
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.duties.models import DutyStep
from portal.people.duties.operations import check_step, first_step, take_step
from portal.people.duties.queries import holder_of_step, steps_about
from portal.people.duties.rules import DutyWord
from portal.people.models import Account, Body
from portal.people.rules import Permission

OBJECT = "exam"


class NotADraft(Refused):
    """What was published, or waits for it, is not edited."""

    code = "not_a_draft"


class ChangedMeanwhile(Refused):
    """Somebody else saved the draft after the form was opened."""

    code = "changed_meanwhile"


class Incomplete(Refused):
    """The draft lacks something; the page of the exam says what."""

    code = "incomplete"


def make_draft(
    session: Session, kind: str, body: Body, *, field: str | None, title: str, theme: str, day: date,
    account: Account, now: datetime,
) -> Exam:  # fmt: skip
    """An exam with the settings its kind usually has, held on a day or in its month."""
    exam = Exam(
        code="", kind=kind, title=title, theme=theme, field=field, body_id=body.id, made_by_id=account.id,
        subject=Subject.PROFESSIONAL if field else Subject.GENERAL, blueprint=[], notice="", bank_codes=[],
        **beginning(kind, day),
    )  # fmt: skip
    return keep_new(session, exam, body, account=account, now=now)


def keep_new(session: Session, exam: Exam, body: Body, *, account: Account, now: datetime) -> Exam:
    """Store an exam that has just been put together, as a draft of this account."""
    exam.state = ExamState.DRAFT
    exam.code = _free_code(session, exam)
    exam.month = local(exam.opens_at).date().replace(day=1) if exam.kind == ExamKind.MONTHLY else None
    session.add(exam)
    session.flush()
    session.add(ExamMaking(exam_id=exam.id, changed_at=now, changed_by_id=account.id))
    first_step(session, DutyWord.ENTER, OBJECT, exam.id, account=account, at=body, field=exam.field, now=now)
    audit.record(
        session, "exam_drafted", "exam", exam.id, now=now, account_id=account.id, body_id=exam.body_id, kind=exam.kind,
        origin=exam.resit_of_id,
    )  # fmt: skip
    return exam


def _free_code(session: Session, exam: Exam) -> str:
    """Kind, month and body, with a number where these are taken."""
    stem = f"{PREFIXES[exam.kind]}-{local(exam.opens_at):%Y%m}-{exam.body_id}"
    number = 1
    while queries.code_taken(session, code := stem if number == 1 else f"{stem}-{number}"):
        number += 1
    return code


def change_draft(
    session: Session, exam: Exam, values: Mapping[str, Any], *, seen: int, account: Account, now: datetime
) -> None:
    """Save what the form says. Raises NotADraft, ChangedMeanwhile; SamePerson for who approved it before."""
    making = _making(session, exam)
    if exam.state != ExamState.DRAFT:
        raise NotADraft(N_("Only a draft is edited; what is published stays as it is."))
    if making.version != seen:
        raise ChangedMeanwhile(N_("Somebody saved this draft meanwhile. Load the page again; copy your text before."))
    _has_a_hand_in_it(session, exam, account, now)
    for name, value in values.items():
        setattr(exam, name, value)
    if exam.kind == ExamKind.MONTHLY:
        exam.month = local(exam.opens_at).date().replace(day=1)
    making.version, making.changed_at, making.changed_by_id = making.version + 1, now, account.id
    making.fault = None
    session.flush()
    audit.record(
        session, "exam_changed", "exam", exam.id, now=now, account_id=account.id, body_id=exam.body_id,
        version=making.version,
    )  # fmt: skip


def _has_a_hand_in_it(session: Session, exam: Exam, account: Account, now: datetime) -> None:
    """Whoever edits has entered it, and so does not approve it."""
    taken = select(DutyStep.id).where(
        DutyStep.object_kind == OBJECT, DutyStep.object_id == str(exam.id), DutyStep.step == DutyWord.ENTER,
        DutyStep.account_id == account.id,
    )  # fmt: skip
    if session.scalar(taken.limit(1)) is None:
        body = session.get_one(Body, exam.body_id)
        take_step(session, DutyWord.ENTER, OBJECT, exam.id, account=account, at=body, field=exam.field, now=now)


def _making(session: Session, exam: Exam) -> ExamMaking:
    making = queries.making_of(session, exam.id)
    if making is None:
        raise NotADraft(N_("This exam did not come from the desk and is not edited here."))
    return making


def check_ready(session: Session, exam: Exam, now: datetime) -> None:
    """Raises Incomplete with the first thing that is missing."""
    missing = queries.readiness(session, exam, now).gaps
    if missing:
        raise Incomplete(missing[0].message, **missing[0].values)


def propose(session: Session, exam: Exam, *, account: Account, now: datetime) -> None:
    """Ask a second person to publish a qualification exam. Raises NotADraft, Incomplete, SamePerson."""
    making = _making(session, exam)
    if exam.state != ExamState.DRAFT or not needs_two(exam.kind):
        raise NotADraft(N_("This exam is not one that is proposed."))
    check_ready(session, exam, now)
    body, raised = desk_for_approval(session, exam, {account.person_id})
    take_step(
        session, DutyWord.PROPOSE, OBJECT, exam.id, account=account, at=session.get_one(Body, exam.body_id),
        field=exam.field, now=now,
    )  # fmt: skip
    exam.state, making.proposed_at, making.proposed_by_id = ExamState.PROPOSED, now, account.id
    making.returned_because = making.fault = None
    session.flush()
    audit.record(
        session, "exam_proposed", "exam", exam.id, now=now, account_id=account.id, body_id=exam.body_id,
        desk=body.id, raised=raised,
    )  # fmt: skip


def approve(session: Session, exam: Exam, *, account: Account, now: datetime) -> None:
    """Take the second step of publishing a qualification exam. Raises NotADraft, Incomplete, SamePerson."""
    if exam.state != ExamState.PROPOSED:
        raise NotADraft(N_("This exam is not proposed for publication."))
    check_ready(session, exam, now)
    body, raised = desk_for_approval(session, exam)
    take_step(
        session, DutyWord.APPROVE, OBJECT, exam.id, account=account, at=body, field=exam.field, raised=raised, now=now
    )
    audit.record(
        session, "exam_approved", "exam", exam.id, now=now, account_id=account.id, body_id=exam.body_id, raised=raised
    )


def desk_for_approval(session: Session, exam: Exam, also: frozenset[int] | set[int] = frozenset()) -> tuple[Body, bool]:
    """The body whose exam administrators approve, and whether the step was handed up to it (上提办理)."""
    steps = steps_about(session, OBJECT, exam.id)
    had = {person for s in steps if s.step in ("enter", "propose") for person in (s.person_id, s.on_behalf_of_id)}
    body = session.get_one(Body, exam.body_id)
    return holder_of_step(session, Permission.MANAGE_EXAMS, body, exam.field, (had | set(also)) - {None})


def return_draft(session: Session, exam: Exam, *, reason: str, account: Account, now: datetime) -> None:
    """A proposed exam becomes a draft again: taken back by its proposer, or returned by another with a reason."""
    making = _making(session, exam)
    if exam.state != ExamState.PROPOSED:
        raise NotADraft(N_("This exam is not proposed for publication."))
    reason = " ".join(reason.split())[:300]
    if making.proposed_by_id != account.id and not reason:
        raise Incomplete(N_("Say why it goes back; the one who made it has to know what to mend."))
    exam.state, making.returned_because = ExamState.DRAFT, reason or None
    making.proposed_at = making.proposed_by_id = None
    session.flush()
    audit.record(
        session, "exam_returned", "exam", exam.id, now=now, account_id=account.id, body_id=exam.body_id,
        reason=reason or None,
    )  # fmt: skip


def put_away(session: Session, exam: Exam, *, account: Account, now: datetime) -> None:
    """A draft that was never published leaves the list; nothing of it is lost. Raises NotADraft."""
    if exam.state != ExamState.DRAFT:
        raise NotADraft(N_("Only a draft can be put away."))
    exam.state = ExamState.DISCARDED
    session.flush()
    audit.record(
        session, "exam_discarded", "exam", exam.id, now=now, account_id=account.id, body_id=exam.body_id
    )


def bring_back(session: Session, exam: Exam, *, account: Account, now: datetime) -> None:
    """A draft that was put away is a draft again. Raises NotADraft."""
    if exam.state != ExamState.DISCARDED:
        raise NotADraft(N_("This exam is not put away."))
    exam.state = ExamState.DRAFT
    session.flush()
    audit.record(session, "exam_restored", "exam", exam.id, now=now, account_id=account.id, body_id=exam.body_id)


def may_approve(session: Session, exam: Exam, account: Account) -> bool:
    """Whether the second step is this person's to take."""
    try:
        check_step(
            session, DutyWord.APPROVE, OBJECT, exam.id, account=account, at=session.get_one(Body, exam.body_id),
            field=exam.field,
        )  # fmt: skip
    except Refused:
        return False
    return True
