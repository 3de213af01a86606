"""Publishing courses, finishing lessons, entering and reversing hours."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.outline import Course
from portal.ground import audit, clock
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.training import queries
from portal.training.models import CourseVersion, HoursEntry, HoursKind, LessonDone

LEAST_SHARE = 0.25  # of a lesson's minutes that must lie between two lessons marked as read


class NoSuchLesson(Refused):
    """The course has no lesson of this code."""

    status = 404
    code = "no_such_lesson"


class TooFast(Refused):
    """A lesson cannot have been read in that time."""

    code = "too_fast"


class AlreadyReversed(Refused):
    """An entry is reversed once."""

    code = "already_reversed"


def publish_course(session: Session, course: Course, *, now: datetime) -> CourseVersion:
    """Publish an outline; the same outline again changes nothing."""
    body = course.plain()
    last = session.scalar(
        select(CourseVersion).where(CourseVersion.code == course.code).order_by(CourseVersion.number.desc()).limit(1)
    )
    if last is not None and last.body == body:
        return last
    row = CourseVersion(
        code=course.code,
        number=last.number + 1 if last else 1,
        title=course.title,
        field=course.field,
        hours_kind=course.hours_kind,
        minutes=course.minutes,
        body=body,
        published_at=now,
    )
    session.add(row)
    session.flush()
    return row


def finish_lesson(session: Session, course: CourseVersion, person_id: int, lesson: str, *, now: datetime) -> bool:
    """Note a finished lesson; the last one credits the course's hours. True when the course is complete."""
    outline = Course.from_plain(course.body)
    if lesson not in outline.lesson_codes():
        raise NoSuchLesson(N_("This course has no such lesson."))
    done = queries.lessons_done(session, person_id).get(course.id, set())
    if lesson not in done:
        minutes = next(item.minutes for item in outline.lessons() if item.code == lesson)
        before = queries.last_lesson_at(session, person_id, now)
        if before is not None and now - before < timedelta(minutes=minutes) * LEAST_SHARE:
            earliest = clock.local(before + timedelta(minutes=minutes) * LEAST_SHARE)
            raise TooFast(
                N_("This lesson takes about %(minutes)s minutes; it can be marked as read from %(time)s on."),
                minutes=minutes,
                time=f"{earliest:%H:%M}",
            )
        session.add(LessonDone(person_id=person_id, course_version_id=course.id, lesson=lesson, at=now))
        session.flush()
        done.add(lesson)
    complete = outline.is_complete(done)
    if complete and not queries.credited_before(session, person_id, course.code):
        enter_hours(
            session,
            person_id,
            kind=HoursKind(course.hours_kind),
            field=course.field,
            minutes=course.minutes,
            earned_on=clock.local(now).date(),
            source_kind="course",
            source=course.code,
            note=course.title,
            now=now,
        )
    return complete


def enter_hours(
    session: Session,
    person_id: int,
    *,
    kind: HoursKind,
    field: str | None,
    minutes: int,
    earned_on: date,
    source_kind: str,
    source: str,
    note: str,
    now: datetime,
) -> HoursEntry:
    """Add minutes to the ledger; the same source for the same person is entered once."""
    entry = HoursEntry(
        person_id=person_id,
        kind=kind,
        field=field if kind == HoursKind.PROFESSIONAL else None,
        minutes=minutes,
        year=earned_on.year,
        earned_on=earned_on,
        source_kind=source_kind,
        source=source,
        note=note,
        recorded_at=now,
    )
    session.add(entry)
    session.flush()
    return entry


def reverse_hours(session: Session, entry: HoursEntry, *, reason: str, account_id: int, now: datetime) -> HoursEntry:
    """Take an entry back by an entry of the opposite minutes; what rested on it is re-checked."""
    if session.scalar(select(HoursEntry.id).where(HoursEntry.reverses_id == entry.id)) is not None:
        raise AlreadyReversed(N_("This entry is reversed already."))
    opposite = HoursEntry(
        person_id=entry.person_id,
        kind=entry.kind,
        field=entry.field,
        minutes=-entry.minutes,
        year=entry.year,
        earned_on=entry.earned_on,
        source_kind="reversal",
        source=f"reversal-{entry.id}",
        note=reason,
        recorded_at=now,
        reverses_id=entry.id,
    )
    session.add(opposite)
    session.flush()
    audit.record(
        session, "hours_reversed", "hours_entry", entry.id, now=now, account_id=account_id,
        person_id=entry.person_id, reason=reason,
    )  # fmt: skip
    audit.fact_changed(session, entry.person_id, "hours", entry.id, now=now)
    return opposite
