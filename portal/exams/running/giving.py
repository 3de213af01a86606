"""Time given to those an incident touched: by two people, in sets, under the lock of every attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from portal.exams.delivery.standing import hold_exam
from portal.exams.models import Attempt, AttemptState, Exam
from portal.exams.running.models import Incident, IncidentKind, TimeGrant
from portal.exams.running.rules import NO_TIME, Interval, lost, moved, whole_seconds
from portal.exams.sittings.models import Sitting
from portal.exams.sittings.queries import hall_terms
from portal.ground import audit
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.duties.operations import SamePerson, check_step, take_step
from portal.people.duties.rules import DutyWord
from portal.people.identity import same_person, same_person_ids
from portal.people.models import Account, Body
from portal.people.queries import permissions_of
from portal.people.rules import Permission

OBJECT = "incident"


class NotNow(Refused):
    """The incident or the attempt is not in the state this step needs."""

    code = "not_now"


class TooMuchTime(Refused):
    """More than the bound for one person; the level above decides."""

    status = 403
    code = "too_much_time"


@dataclass(frozen=True)
class Given:
    """How many got time, how many of those touched had ended before, and the longest time of one."""

    attempts: int
    ended: int
    longest: timedelta


def is_touched(incident: Incident) -> tuple[Any, ...]:
    """Conditions on Attempt: the incident touches it."""
    conditions = [Attempt.exam_id == incident.exam_id]
    for column, value in (
        (Attempt.id, incident.attempt_id),
        (Attempt.room_id, incident.room_id),
        (Attempt.sitting_id, incident.sitting_id),
    ):
        if value is not None:
            conditions.append(column == value)
    return tuple(conditions)


def held(session: Session, incident: Incident) -> Sequence[Row[Any]]:
    """The running attempts it touches, kept until the commit, in one order; one statement."""
    session.flush()
    found = select(
        Attempt.id, Attempt.person_id, Attempt.started_at, Attempt.deadline_at, Attempt.paused_at
    ).where(*is_touched(incident), Attempt.state == AttemptState.IN_PROGRESS)
    return session.execute(found.order_by(Attempt.id).with_for_update()).all()


def expire_attempts(session: Session) -> None:
    """Whoever holds an attempt in this session reads it anew."""
    for one in list(session.identity_map.values()):
        if isinstance(one, Attempt):
            session.expire(one)


def manages(account: Account) -> bool:
    return Permission.MANAGE_EXAMS in permissions_of(account)


def step_for(incident: Incident, account: Account) -> DutyWord:
    """The step by which this account would decide: a pause is also ended by another invigilator."""
    return DutyWord.APPROVE if manages(account) or incident.kind != IncidentKind.PAUSE else DutyWord.CONFIRM


def check_other(session: Session, incident: Incident, account: Account) -> None:
    """Raises SamePerson when he reported it, stands in for who did, or is himself among those it touches."""
    exam = session.get_one(Exam, incident.exam_id)
    check_step(
        session, step_for(incident, account), OBJECT, incident.id, account=account,
        at=session.get_one(Body, exam.body_id), field=exam.field,
    )  # fmt: skip
    reporter = session.get_one(Account, incident.reported_by_id)  # a page that stopped itself left no step behind
    if reporter.person_id in same_person_ids(session, account.person_id):
        raise SamePerson(N_("One person does not take both of these steps; somebody else has to."))
    own = select(Attempt.id).where(*is_touched(incident), Attempt.person_id.in_(same_person(account.person_id)))
    if session.scalar(own.limit(1)) is not None:
        raise SamePerson(N_("Nobody takes a step in his own case."))


def give(session: Session, incident: Incident, *, above: bool, account: Account, now: datetime) -> Given:
    """Approve the incident and move the deadlines of all it touches who still work; a pause ends with it.

    `above`: the account's scope reaches one level above, which may give more than the bound.
    Raises NotNow, SamePerson, TooMuchTime.
    """
    session.flush()
    if incident.kind == IncidentKind.PAUSE:
        hold_exam(session, incident.exam_id)
    session.execute(
        select(Incident).where(Incident.id == incident.id).with_for_update().execution_options(populate_existing=True)
    ).one()
    _check_ready(incident)
    check_other(session, incident, account)
    exam = session.get_one(Exam, incident.exam_id)
    take_step(
        session, step_for(incident, account), OBJECT, incident.id, account=account,
        at=session.get_one(Body, exam.body_id), field=exam.field, now=now,
    )  # fmt: skip
    rows = held(session, incident)
    incident.approved_by_id, incident.approved_at = account.id, now
    if incident.kind == IncidentKind.PAUSE:
        incident.restored_at = now
    session.flush()
    terms = hall_terms(session, incident.reported_at)
    grants = _grants(session, incident, rows, terms.least_left, now)
    most = _most_given(session, incident, grants)
    if most > terms.most_given and not above:
        raise TooMuchTime(
            N_("Somebody would have %(n)s minutes in all; above %(most)s the body one level higher approves."),
            n=most // timedelta(minutes=1), most=terms.most_given_minutes,
        )  # fmt: skip
    _move(session, incident, grants)
    if incident.kind == IncidentKind.PAUSE:
        _start_clocks(session, incident)
    _move_sittings(session, incident, now)
    expire_attempts(session)
    longest = max((g["deadline_after"] - g["deadline_before"] for g in grants), default=NO_TIME)
    given = Given(len(grants), ended_count(session, incident), longest)
    audit.record(
        session, "time_given", OBJECT, incident.id, now=now, account_id=account.id, body_id=exam.body_id,
        person_id=rows[0].person_id if incident.attempt_id and rows else None, kind=incident.kind, exam=exam.id,
        attempts=given.attempts, longest=round(longest.total_seconds()), above=above,
    )  # fmt: skip
    return given


def _check_ready(incident: Incident) -> None:
    if incident.approved_by_id is not None or incident.refused_because is not None:
        raise NotNow(N_("This incident is decided already."))
    if incident.kind == IncidentKind.OUTAGE and incident.restored_at is None:
        raise NotNow(N_("First say since when the work goes on again."))
    if incident.kind == IncidentKind.ENDED:
        raise NotNow(N_("This incident waits for no decision."))


def _grants(
    session: Session, incident: Incident, rows: Sequence[Row[Any]], least_left: timedelta, now: datetime
) -> list[dict[str, Any]]:
    """The rows of TimeGrant to add; nobody gets a second twice."""
    back = _undone(session, incident)
    earlier = _earlier(session, incident)
    others = _still_paused(session, incident) if incident.kind == IncidentKind.PAUSE else set()
    made = []
    for row in rows:
        by = _due(incident, row, earlier.get(row.id, []), back, now)
        if row.id in others:
            by = NO_TIME
        after = moved(row.deadline_at, by, now, least_left=least_left)
        if after != row.deadline_at:
            made.append({
                "incident_id": incident.id, "attempt_id": row.id, "seconds": whole_seconds(after - row.deadline_at),
                "deadline_before": row.deadline_at, "deadline_after": after, "at": now,
            })  # fmt: skip
    return made


def _due(
    incident: Incident, row: Row[Any], earlier: Sequence[Interval], back: dict[int, timedelta], now: datetime
) -> timedelta:
    if incident.undoes_id is not None:
        return back.get(row.id, NO_TIME)
    if incident.kind == IncidentKind.EXTENSION:
        return timedelta(seconds=incident.seconds or 0)
    if incident.kind == IncidentKind.PAUSE:
        return now - row.paused_at if row.paused_at is not None else NO_TIME
    # what lies within a pause is given when the clock goes on
    end = incident.restored_at if row.paused_at is None else min(incident.restored_at, row.paused_at)
    return lost(max(incident.reported_at, row.started_at), end, earlier)


def _undone(session: Session, incident: Incident) -> dict[int, timedelta]:
    """Attempt id → what is taken from it, where the incident takes an earlier one back."""
    if incident.undoes_id is None:
        return {}
    rows = session.execute(
        select(TimeGrant.attempt_id, TimeGrant.deadline_before, TimeGrant.deadline_after).where(
            TimeGrant.incident_id == incident.undoes_id
        )
    )
    return {attempt_id: before - after for attempt_id, before, after in rows}


def _earlier(session: Session, incident: Incident) -> dict[int, list[Interval]]:
    """Attempt id → the intervals for which time was given already and not taken back."""
    undo = aliased(Incident)
    taken_back = exists().where(undo.undoes_id == Incident.id, undo.approved_by_id.is_not(None))
    rows = session.execute(
        select(
            TimeGrant.attempt_id, TimeGrant.deadline_before, TimeGrant.deadline_after, TimeGrant.at, Incident.kind,
            Incident.reported_at, Incident.restored_at,
        )
        .join(Incident, Incident.id == TimeGrant.incident_id)
        .join(Attempt, Attempt.id == TimeGrant.attempt_id)
        .where(*is_touched(incident), Incident.kind.in_((IncidentKind.PAUSE, IncidentKind.OUTAGE)), ~taken_back)
    )
    found: dict[int, list[Interval]] = {}
    for attempt_id, before, after, at, kind, reported_at, restored_at in rows:
        within = (at - (after - before), at) if kind == IncidentKind.PAUSE else (reported_at, restored_at)
        found.setdefault(attempt_id, []).append(within)
    return found


def _covered_elsewhere(incident: Incident) -> Any:
    """A condition on Attempt: another pause that is not over touches it too."""
    other = aliased(Incident)
    return exists().where(
        other.kind == IncidentKind.PAUSE, other.restored_at.is_(None), other.id != incident.id,
        other.exam_id == Attempt.exam_id,
        or_(other.attempt_id.is_(None), other.attempt_id == Attempt.id),
        or_(other.room_id.is_(None), other.room_id == Attempt.room_id),
        or_(other.sitting_id.is_(None), other.sitting_id == Attempt.sitting_id),
    )  # fmt: skip


def _still_paused(session: Session, incident: Incident) -> set[int]:
    return set(session.scalars(select(Attempt.id).where(*is_touched(incident), _covered_elsewhere(incident))))


def _most_given(session: Session, incident: Incident, grants: Sequence[dict[str, Any]]) -> timedelta:
    """The most that one of them would have got in all."""
    if not grants:
        return NO_TIME
    rows = session.execute(
        select(TimeGrant.attempt_id, func.sum(TimeGrant.seconds))
        .join(Attempt, Attempt.id == TimeGrant.attempt_id)
        .where(*is_touched(incident))
        .group_by(TimeGrant.attempt_id)
    )
    had = {attempt_id: int(seconds) for attempt_id, seconds in rows}
    return timedelta(seconds=max(had.get(g["attempt_id"], 0) + g["seconds"] for g in grants))


def _move(session: Session, incident: Incident, grants: list[dict[str, Any]]) -> None:
    if not grants:
        return
    session.execute(insert(TimeGrant), grants)
    follow = (
        update(Attempt)
        .where(TimeGrant.incident_id == incident.id, TimeGrant.attempt_id == Attempt.id)
        .values(deadline_at=TimeGrant.deadline_after)
    )
    session.execute(follow.execution_options(synchronize_session=False))


def _start_clocks(session: Session, incident: Incident) -> None:
    go_on = update(Attempt).where(
        *is_touched(incident), Attempt.state == AttemptState.IN_PROGRESS, ~_covered_elsewhere(incident)
    )
    session.execute(go_on.values(paused_at=None).execution_options(synchronize_session=False))


def _move_sittings(session: Session, incident: Incident, now: datetime) -> None:
    """What everybody of a sitting is given moves its end too; the rooms of others are not looked at."""
    if incident.attempt_id is not None or incident.room_id is not None or incident.undoes_id is not None:
        return
    ended = incident.restored_at or now
    wanted = select(Sitting).where(
        Sitting.exam_id == incident.exam_id, Sitting.cancelled_at.is_(None), Sitting.opens_at < ended,
        Sitting.closes_at > incident.reported_at,
    )  # fmt: skip
    if incident.sitting_id is not None:
        wanted = wanted.where(Sitting.id == incident.sitting_id)
    for sitting in session.scalars(wanted.with_for_update().execution_options(populate_existing=True)):
        by = timedelta(seconds=incident.seconds or 0)
        if incident.kind != IncidentKind.EXTENSION:
            by = lost(max(incident.reported_at, sitting.opens_at), ended, _of_sitting(session, incident, sitting))
        if by > NO_TIME:
            sitting.closes_at, sitting.changed_at = sitting.closes_at + by, now
    session.flush()


def _of_sitting(session: Session, incident: Incident, sitting: Sitting) -> list[Interval]:
    rows = session.execute(
        select(Incident.reported_at, Incident.restored_at).where(
            Incident.exam_id == incident.exam_id, Incident.id != incident.id, Incident.attempt_id.is_(None),
            Incident.room_id.is_(None), or_(Incident.sitting_id.is_(None), Incident.sitting_id == sitting.id),
            Incident.approved_by_id.is_not(None), Incident.restored_at.is_not(None),
        )  # fmt: skip
    )
    return [(began, ended) for began, ended in rows]


def ended_count(session: Session, incident: Incident) -> int:
    """How many it touched had handed in: nothing of theirs changes."""
    found = select(func.count()).select_from(Attempt).where(*is_ended_by(incident))
    return session.scalar(found) or 0


def is_ended_by(incident: Incident) -> tuple[Any, ...]:
    """Conditions on Attempt: it was touched, and was handed in after the hand went up and before time was given."""
    conditions = [*is_touched(incident), Attempt.state == AttemptState.HANDED_IN]
    conditions.append(Attempt.handed_in_at >= incident.reported_at)
    if incident.approved_at is not None:
        conditions.append(Attempt.handed_in_at <= incident.approved_at)
    return tuple(conditions)
