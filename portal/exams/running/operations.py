"""What happened in the hall: reported, paused at once, restored, refused; a paper ended by an administrator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.exams.delivery.operations import hand_in
from portal.exams.delivery.standing import hold_exam
from portal.exams.models import Attempt, AttemptState, Exam, HandInCause
from portal.exams.running.giving import NotNow, expire_attempts, held, is_touched, manages
from portal.exams.running.models import Cause, Incident, IncidentKind, TimeGrant
from portal.exams.sittings.queries import hall_terms
from portal.exams.sittings.rules import HallTerms
from portal.ground import audit
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.duties.operations import first_step
from portal.people.duties.rules import DutyWord
from portal.people.models import Account, Body

OBJECT = "incident"


class NotAReport(Refused):
    """The report is incomplete, or its times are not possible."""

    status = 422
    code = "not_a_report"


@dataclass(frozen=True)
class Where:
    """Whom an incident touches: one attempt, a room of a sitting, a sitting, or with nothing named everybody."""

    sitting_id: int | None = None
    room_id: int | None = None
    attempt_id: int | None = None


@dataclass(frozen=True)
class Report:
    """What was reported: `minutes` of an extension; when the hand went up, and when the work went on if it does."""

    kind: IncidentKind
    cause: Cause
    note: str
    reported_at: datetime | None = None
    restored_at: datetime | None = None
    minutes: int | None = None


def report(session: Session, exam: Exam, where: Where, told: Report, *, account: Account, now: datetime) -> Incident:
    """Write down what happened; a pause stops the clock of everybody it touches at this very moment.

    Raises NotAReport.
    """
    told = _checked(told, hall_terms(session, now), now)
    if told.kind == IncidentKind.PAUSE:
        hold_exam(session, exam.id)
    made = Incident(
        exam_id=exam.id, sitting_id=where.sitting_id, room_id=where.room_id, attempt_id=where.attempt_id,
        kind=told.kind, cause=told.cause, note=told.note.strip(), reported_at=told.reported_at,
        restored_at=told.restored_at, reported_by_id=account.id,
        seconds=told.minutes * 60 if told.minutes is not None else None,
    )  # fmt: skip
    return _add(session, exam, made, account=account, now=now)


def _add(session: Session, exam: Exam, made: Incident, *, account: Account, now: datetime) -> Incident:
    session.add(made)
    session.flush()
    first_step(
        session, DutyWord.PROPOSE if manages(account) else DutyWord.ENTER, OBJECT, made.id, account=account,
        at=session.get_one(Body, exam.body_id), field=exam.field, now=now,
    )  # fmt: skip
    stopped = _stop_clocks(session, made, now) if made.kind == IncidentKind.PAUSE else None
    audit.record(
        session, "incident_reported", OBJECT, made.id, now=now, account_id=account.id, reason=made.note,
        person_id=person_of(session, made), body_id=exam.body_id, kind=made.kind, cause=made.cause, exam=exam.id,
        attempt=made.attempt_id, room=made.room_id, sitting=made.sitting_id, seconds=made.seconds, stopped=stopped,
    )  # fmt: skip
    return made


def _checked(told: Report, terms: HallTerms, now: datetime) -> Report:
    if not told.note.strip():
        raise NotAReport(N_("Say what happened, in a sentence."))
    if told.kind == IncidentKind.EXTENSION:
        if told.minutes is None or not 0 < told.minutes <= terms.most_asked_minutes:
            raise NotAReport(N_("An extension is 1 to %(most)s minutes."), most=terms.most_asked_minutes)
        return Report(told.kind, told.cause, told.note, now, None, told.minutes)
    if told.kind == IncidentKind.PAUSE:
        return Report(told.kind, told.cause, told.note, now)
    began, ended = told.reported_at or now, told.restored_at
    if began > now or (ended is not None and not began < ended <= now):
        raise NotAReport(N_("The hand goes up first, then the work is restored, and neither lies ahead."))
    if began < now - terms.longest_ago:
        back = N_("This lies more than %(n)s hours back; offer a resit instead.")
        raise NotAReport(back, n=terms.longest_ago_hours)
    return Report(told.kind, told.cause, told.note, began, ended)


def _stop_clocks(session: Session, incident: Incident, now: datetime) -> int:
    """Returns for how many the clock stands now that it ran before. Raises NotNow when there is nobody."""
    running = [a.id for a in held(session, incident) if a.paused_at is None and a.deadline_at > now]
    if not running:
        raise NotNow(N_("Nobody's clock is running here."))
    stopped = update(Attempt).where(
        *is_touched(incident), Attempt.state == AttemptState.IN_PROGRESS, Attempt.paused_at.is_(None),
        Attempt.deadline_at > now,
    )  # fmt: skip
    session.execute(stopped.values(paused_at=now).execution_options(synchronize_session=False))
    expire_attempts(session)
    return len(running)


def person_of(session: Session, incident: Incident) -> int | None:
    """Whose case it is, where it touches one attempt only."""
    if incident.attempt_id is None:
        return None
    return session.scalar(select(Attempt.person_id).where(Attempt.id == incident.attempt_id))


def restore(session: Session, incident: Incident, *, at: datetime, account: Account, now: datetime) -> None:
    """The work goes on again since `at`; the time given back ends there. Raises NotNow, NotAReport."""
    hold(session, incident)
    if incident.kind != IncidentKind.OUTAGE or incident.restored_at is not None or incident.refused_because:
        raise NotNow(N_("This incident is not waiting for its restoration."))
    if not incident.reported_at < at <= now:
        raise NotAReport(N_("The hand goes up first, then the work is restored, and neither lies ahead."))
    incident.restored_at = at
    session.flush()
    audit.record(
        session, "incident_restored", OBJECT, incident.id, now=now, account_id=account.id, exam=incident.exam_id,
        person_id=person_of(session, incident), body_id=_body_id(session, incident),
    )  # fmt: skip


def refuse(session: Session, incident: Incident, because: str, *, account: Account, now: datetime) -> None:
    """No time is given for it; whoever reported it may take his report back in the same way. Raises NotNow."""
    hold(session, incident)
    if incident.kind not in (IncidentKind.OUTAGE, IncidentKind.EXTENSION) or is_decided(incident):
        raise NotNow(N_("This incident waits for no decision."))
    if not because.strip():
        raise NotAReport(N_("Give the reason."))
    incident.refused_because, incident.refused_by_id = because.strip()[:200], account.id
    session.flush()
    audit.record(
        session, "incident_refused", OBJECT, incident.id, now=now, account_id=account.id, reason=because,
        person_id=person_of(session, incident), body_id=_body_id(session, incident), exam=incident.exam_id,
    )  # fmt: skip


def is_decided(incident: Incident) -> bool:
    return incident.approved_by_id is not None or incident.refused_because is not None


def ask_back(session: Session, incident: Incident, note: str, *, account: Account, now: datetime) -> Incident:
    """Report that time was given wrongly: a new incident with its seconds below 0. Raises NotNow, NotAReport."""
    hold(session, incident)
    if incident.kind not in (IncidentKind.OUTAGE, IncidentKind.EXTENSION) or incident.undoes_id is not None:
        raise NotNow(N_("Only time given for an outage or as an extension can be taken back."))
    again = select(Incident.id).where(Incident.undoes_id == incident.id, Incident.refused_because.is_(None))
    given = session.scalars(select(TimeGrant.seconds).where(TimeGrant.incident_id == incident.id)).all()
    if not given or session.scalar(again) is not None:
        raise NotNow(N_("There is nothing of it left to take back."))
    if not note.strip():
        raise NotAReport(N_("Give the reason."))
    made = Incident(
        exam_id=incident.exam_id, sitting_id=incident.sitting_id, room_id=incident.room_id,
        attempt_id=incident.attempt_id, kind=IncidentKind.EXTENSION, cause=incident.cause, note=note.strip()[:300],
        reported_at=now, reported_by_id=account.id, seconds=-max(given), undoes_id=incident.id,
    )  # fmt: skip
    return _add(session, session.get_one(Exam, incident.exam_id), made, account=account, now=now)


def end_attempt(session: Session, attempt: Attempt, because: str, *, account: Account, now: datetime) -> Incident:
    """Hand in one candidate's paper against his will; what he saved counts. Raises NotNow, NotAReport."""
    if not because.strip():
        raise NotAReport(N_("Give the reason."))
    if attempt.state != AttemptState.IN_PROGRESS:
        raise NotNow(N_("This paper is handed in already. Nothing decided is rewritten; a resit can be offered."))
    ended = hand_in(session, attempt, cause=HandInCause.ADMINISTRATOR, now=now)
    if ended.hand_in_cause != HandInCause.ADMINISTRATOR:
        raise NotNow(N_("This paper is handed in already. Nothing decided is rewritten; a resit can be offered."))
    exam = session.get_one(Exam, attempt.exam_id)
    made = Incident(
        exam_id=exam.id, sitting_id=attempt.sitting_id, room_id=attempt.room_id, attempt_id=attempt.id,
        kind=IncidentKind.ENDED, cause=Cause.OTHER, note=because.strip()[:300], reported_at=now, restored_at=now,
        reported_by_id=account.id,
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(
        session, "attempt_ended", "attempt", attempt.id, now=now, account_id=account.id, reason=because,
        person_id=attempt.person_id, body_id=exam.body_id, incident=made.id,
    )  # fmt: skip
    return made


def hold(session: Session, incident: Incident) -> None:
    """Keep the incident until the commit, as it stands now."""
    session.flush()
    session.execute(
        select(Incident).where(Incident.id == incident.id).with_for_update().execution_options(populate_existing=True)
    ).one()


def _body_id(session: Session, incident: Incident) -> int:
    return session.scalars(select(Exam.body_id).where(Exam.id == incident.exam_id)).one()
