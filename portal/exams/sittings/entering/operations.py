"""Putting people on the list of an exam, taking them off, and extra time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from portal.exams.models import Attempt, AttemptState, Entry, Exam, ExamState
from portal.exams.sittings import queries as planned
from portal.exams.sittings.entering import queries
from portal.exams.sittings.entering.cases import entry_cases
from portal.exams.sittings.models import Accommodation, EntryCheck, ExamPolicy, Sitting
from portal.exams.sittings.operations import moment_after, not_frozen
from portal.exams.sittings.rules import RULES, SET_ASIDE, EntryTerms, stands
from portal.ground import audit
from portal.ground.clock import local
from portal.ground.errors import Refused
from portal.ground.rules import N_, Finding, judge
from portal.people.models import Account, Person
from portal.people.records import sealing

GROUNDS = ("sight", "movement", "pregnancy", "illness", "language", "other")


class EntryClosed(Refused):
    """Units enter nobody any more."""

    code = "entry_closed"


class SittingFull(Refused):
    """The rooms of the sitting have no seat left."""

    code = "sitting_full"


class ReasonNeeded(Refused):
    """What is done beside the rules is done with a reason."""

    status = 422
    code = "reason_needed"


class HasStarted(Refused):
    """He has sat, or sits, this exam."""

    code = "has_started"


@dataclass(frozen=True)
class Judged:
    """One person before the rules of entry."""

    person_id: int
    findings: list[Finding]
    listed: bool

    def may_enter(self, set_aside: frozenset[str] = frozenset()) -> bool:
        return not self.listed and stands(self.findings, set_aside)


@dataclass(frozen=True)
class Desk:
    """Who enters, whether he holds the exam, and what he says beside the rules."""

    account: Account
    manages: bool
    reason: str = ""
    set_aside: frozenset[str] = frozenset()


def terms_for(session: Session, exam: Exam, sitting: Sitting | None) -> tuple[ExamPolicy, EntryTerms]:
    """The rules in force on the day of the exam."""
    return planned.policy_on(session, local((sitting or exam).opens_at).date())


def judge_people(
    session: Session, exam: Exam, person_ids: Collection[int], *, sitting: Sitting | None = None
) -> dict[int, Judged]:
    """Person id → the findings about him; nothing is written."""
    _, terms = terms_for(session, exam, sitting)
    cases = entry_cases(session, exam, terms, person_ids, sitting=sitting)
    listed = _on_the_list(session, exam)
    return {
        person_id: Judged(person_id, judge(case, RULES), person_id in listed) for person_id, case in cases.items()
    }


def _on_the_list(session: Session, exam: Exam) -> set[int]:
    """Every record of everybody on the list."""
    standing = (
        select(func.coalesce(Person.merged_into_id, Person.id))
        .join(Entry, Entry.person_id == Person.id)
        .where(Entry.exam_id == exam.id, Entry.withdrawn_at.is_(None))
        .subquery()
    )
    found = select(Person.id).where(func.coalesce(Person.merged_into_id, Person.id).in_(select(standing)))
    return set(session.scalars(found))


def enter_people(
    session: Session, exam: Exam, units: dict[int, int], *, sitting: Sitting | None, desk: Desk, now: datetime
) -> tuple[list[int], list[Judged]]:
    """Put on the list whoever meets every rule; `units` says of each person the body of his post.

    Returns the ids of those entered, and those who were not with their findings; people on the list stay as
    they are. Raises EntryClosed, SittingFull, Frozen, ReasonNeeded.
    """
    session.scalars(select(Exam.id).where(Exam.id == exam.id).with_for_update()).one()
    policy, terms = terms_for(session, exam, sitting)
    _entry_is_open(session, exam, terms, sitting, desk, now)
    if desk.set_aside and not desk.reason.strip():
        raise ReasonNeeded(N_("Say why the rule is set aside; it stays on record."))
    judged = judge_people(session, exam, list(units), sitting=sitting)
    aside = desk.set_aside & SET_ASIDE if desk.manages else frozenset()
    good = [one for one in judged.values() if one.may_enter(aside)]
    if sitting is not None and len(good) > planned.loads(session, [sitting])[sitting.id].free:
        raise SittingFull(
            N_("Sitting %(n)s has %(free)s seats left, for %(wanted)s people."),
            n=sitting.number, free=max(planned.loads(session, [sitting])[sitting.id].free, 0), wanted=len(good),
        )  # fmt: skip
    ids = _write_entries(session, exam, [one.person_id for one in good], units, sitting, desk.account, now)
    checks = [_check(ids[one.person_id], one.findings, aside, policy, desk, now) for one in good]
    for start in range(0, len(checks), 500):
        session.execute(insert(EntryCheck), checks[start : start + 500])
    _entered_line(session, exam, good, sitting, aside, desk, now)
    return list(ids), [one for one in judged.values() if one.person_id not in ids]


def check_open(session: Session, exam: Exam, sitting: Sitting | None, desk: Desk, now: datetime) -> None:
    """Whether this desk may enter people now. Raises EntryClosed, Frozen, and ReasonNeeded where one has to be said."""
    _, terms = terms_for(session, exam, sitting)
    _entry_is_open(session, exam, terms, sitting, desk, now)


def _entry_is_open(
    session: Session, exam: Exam, terms: EntryTerms, sitting: Sitting | None, desk: Desk, now: datetime
) -> None:
    if exam.state != ExamState.PUBLISHED or now >= (sitting or exam).closes_at:
        raise EntryClosed(N_("Nobody is entered for this exam now."))
    if sitting is not None:
        not_frozen(sitting, now)
    last = queries.entry_closes_on(session, exam, terms, sitting)
    if local(now).date() <= last:
        return
    if not desk.manages:
        raise EntryClosed(
            N_("Units could enter people until %(day)s. The exam administrator enters later ones, with a reason."),
            day=last.isoformat(),
        )
    if not desk.reason.strip():
        raise ReasonNeeded(N_("Entry by units closed on %(day)s. Say why somebody comes later."), day=last.isoformat())


def admission_number(exam: Exam, number: int) -> str:
    """Year and month of the exam, the exam, the place on its list."""
    return f"{exam.opens_at:%y%m}-{exam.id:02d}{number:05d}"


def _write_entries(
    session: Session, exam: Exam, person_ids: Sequence[int], units: dict[int, int], sitting: Sitting | None,
    account: Account, now: datetime,
) -> dict[int, int]:  # fmt: skip
    """Person id → entry id. Whoever was withdrawn comes back to his entry and keeps his number."""
    back = select(Entry).where(Entry.exam_id == exam.id, Entry.withdrawn_at.is_not(None))
    withdrawn = {e.person_id: e for e in session.scalars(back) if e.person_id in units}
    last = session.scalar(select(func.count()).select_from(Entry).where(Entry.exam_id == exam.id)) or 0
    fresh = [person_id for person_id in person_ids if person_id not in withdrawn]
    place = sitting.id if sitting else None
    rows = [
        {
            "exam_id": exam.id, "person_id": person_id, "admission_number": admission_number(exam, last + number),
            "sitting_id": place, "body_id": units[person_id], "entered_at": now, "entered_by_id": account.id,
            "changed_at": now,
        }
        for number, person_id in enumerate(fresh, 1)
    ]  # fmt: skip
    for start in range(0, len(rows), 500):
        session.execute(insert(Entry), rows[start : start + 500])
    for person_id in person_ids:
        if (entry := withdrawn.get(person_id)) is not None:
            _take_back(entry, place, units[person_id], account, now)
    session.flush()
    made = select(Entry.person_id, Entry.id).where(Entry.exam_id == exam.id, Entry.withdrawn_at.is_(None))
    wanted = set(person_ids)
    return {person_id: entry_id for person_id, entry_id in session.execute(made) if person_id in wanted}


def _take_back(entry: Entry, sitting_id: int | None, unit_id: int, account: Account, now: datetime) -> None:
    entry.withdrawn_at, entry.withdrawn_by_id, entry.withdrawn_because = None, None, None
    entry.sitting_id, entry.room_id, entry.seat = sitting_id, None, None
    entry.body_id, entry.entered_at, entry.entered_by_id = unit_id, now, account.id
    entry.changed_at = moment_after(entry.changed_at, now)


def _check(
    entry_id: int, findings: list[Finding], aside: frozenset[str], policy: ExamPolicy, desk: Desk, now: datetime
) -> dict[str, Any]:
    told = []
    for finding in findings:
        row: dict[str, Any] = {
            "rule": finding.rule, "state": str(finding.state), "because": finding.because,
            "values": dict(finding.values), "remedy": finding.remedy, "source": finding.source,
        }  # as Finding.plain, which copies deeply: too slow for ten thousand
        if not finding.met and finding.rule in aside:
            row |= {"set_aside": True, "reason": desk.reason.strip()[:300]}
        told.append(row)
    return {
        "entry_id": entry_id, "at": now, "account_id": desk.account.id, "policy_id": policy.id, "findings": told,
    }  # fmt: skip


def _entered_line(
    session: Session, exam: Exam, good: Sequence[Judged], sitting: Sitting | None, aside: frozenset[str], desk: Desk,
    now: datetime,
) -> None:  # fmt: skip
    if not good:
        return
    audit.record(
        session, "people_entered", "exam", exam.id, now=now, account_id=desk.account.id, body_id=exam.body_id,
        count=len(good), sitting=sitting.id if sitting else None,
    )  # fmt: skip
    for one in good if desk.reason.strip() else ():
        audit.record(
            session, "entered_beside_rules", "exam", exam.id, now=now, account_id=desk.account.id,
            body_id=exam.body_id, person_id=one.person_id, reason=desk.reason.strip()[:300],
            rules=sorted(f.rule for f in one.findings if not f.met and f.rule in aside),
        )  # fmt: skip


def withdraw(session: Session, exam: Exam, entry: Entry, *, reason: str, desk: Desk, now: datetime) -> None:
    """Take somebody off the list; his entry stays. His seat becomes free unless the sitting is frozen.

    Raises ReasonNeeded, HasStarted, EntryClosed when a unit comes too late.
    """
    if entry.withdrawn_at is not None:
        return
    if not reason.strip():
        raise ReasonNeeded(N_("Say why he is withdrawn."))
    if queries.has_started(session, entry):
        raise HasStarted(N_("He has started this exam already."))
    sitting = session.get(Sitting, entry.sitting_id) if entry.sitting_id else None
    if not desk.manages:
        _, terms = terms_for(session, exam, sitting)
        _entry_is_open(session, exam, terms, sitting, desk, now)
    entry.withdrawn_at, entry.withdrawn_by_id = now, desk.account.id
    entry.withdrawn_because = reason.strip()[:200]
    if sitting is None or now < sitting.frozen_from:
        entry.room_id, entry.seat, entry.changed_at = None, None, moment_after(entry.changed_at, now)
    session.flush()
    audit.record(
        session, "entry_withdrawn", "entry", entry.id, now=now, account_id=desk.account.id, body_id=exam.body_id,
        person_id=entry.person_id, reason=reason.strip()[:200],
    )  # fmt: skip


def give_extra_time(
    session: Session, exam: Exam, entry: Entry, *, minutes: int, ground: str, evidence: str, account: Account,
    now: datetime,
) -> Accommodation:  # fmt: skip
    """So many minutes more than the others, 0 to take them back. Raises ReasonNeeded, HasStarted."""
    most = planned.hall_terms(session, exam.opens_at).most_extra_minutes
    if not 0 <= minutes <= most or ground not in GROUNDS:
        raise ReasonNeeded(N_("Extra time is from 0 to %(most)s minutes, with a ground."), most=most)
    if not evidence.strip():
        raise ReasonNeeded(N_("Name the document or the decision that the extra time rests on."))
    running = select(Attempt.id).where(
        Attempt.exam_id == exam.id, Attempt.person_id == entry.person_id, Attempt.state == AttemptState.IN_PROGRESS
    )
    if session.scalar(running):
        raise HasStarted(N_("He is at his paper. Extend it on the live board."))
    last = session.scalar(select(func.max(Accommodation.at)).where(Accommodation.entry_id == entry.id))
    row = Accommodation(
        entry_id=entry.id, minutes=minutes, ground=ground, at=moment_after(last, now), account_id=account.id, sealed=b""
    )
    told = {"evidence": evidence.strip()[:500]}
    row.sealed = sealing.seal(session, entry.person_id, told, row.bound_to)
    session.add(row)
    session.flush()
    entry.extra_minutes = minutes
    session.flush()
    audit.record(
        session, "extra_time_given", "entry", entry.id, now=now, account_id=account.id, body_id=exam.body_id,
        person_id=entry.person_id, minutes=minutes, ground=ground,
    )  # fmt: skip
    return row
