"""Reading courses, progress and hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.people.identity import same_person
from portal.training.models import CourseVersion, HoursEntry, HoursKind, LessonDone

YEAR_TARGET = {2026: 60 * 60}  # minutes; the plan that asked for 60 hours ended, so each year is named


def year_target(year: int) -> int:
    """The year's target in minutes; the latest known one where a year has none of its own."""
    return YEAR_TARGET.get(year, YEAR_TARGET[max(YEAR_TARGET)])


def counted(person_id: int) -> ColumnElement[bool]:
    """A condition on HoursEntry: a person's entries, those of merged records too, one source never twice."""
    twin, taken_back = aliased(HoursEntry), aliased(HoursEntry)
    same = same_person(person_id)

    def again(entry: type[HoursEntry]) -> ColumnElement[bool]:
        return exists().where(
            twin.person_id.in_(same),
            twin.source_kind == entry.source_kind,
            twin.source == entry.source,
            twin.id < entry.id,
        )

    of_another = exists().where(taken_back.id == HoursEntry.reverses_id, again(taken_back))
    return and_(HoursEntry.person_id.in_(same), ~again(HoursEntry), ~of_another)


def minutes_by_kind(session: Session, person_id: int, field: str) -> dict[str, int]:
    """Minutes ever credited by kind; professional ones only of this field."""
    rows = session.execute(
        select(HoursEntry.kind, func.sum(HoursEntry.minutes))
        .where(
            counted(person_id),
            or_(HoursEntry.kind != HoursKind.PROFESSIONAL, HoursEntry.field == field),
        )
        .group_by(HoursEntry.kind)
    )
    return {kind: int(minutes) for kind, minutes in rows}


def entries(session: Session, person_id: int, year: int) -> Sequence[HoursEntry]:
    return session.scalars(
        select(HoursEntry)
        .where(counted(person_id), HoursEntry.year == year)
        .order_by(HoursEntry.earned_on.desc(), HoursEntry.id.desc())
    ).all()


def year_minutes(session: Session, person_id: int, year: int) -> dict[str, int]:
    """Minutes of a year by where they came from, political ones apart under their own word."""
    rows = session.execute(
        select(HoursEntry.source_kind, func.sum(HoursEntry.minutes))
        .where(
            counted(person_id),
            HoursEntry.year == year,
            HoursEntry.kind != HoursKind.POLITICAL,
        )
        .group_by(HoursEntry.source_kind)
    )
    return {kind: int(minutes) for kind, minutes in rows}


def courses(session: Session, field: str | None) -> Sequence[CourseVersion]:
    """The newest version of each course that is open to a field."""
    newest = (
        select(CourseVersion.code, func.max(CourseVersion.number).label("number"))
        .group_by(CourseVersion.code)
        .subquery()
    )
    return session.scalars(
        select(CourseVersion)
        .join(newest, (newest.c.code == CourseVersion.code) & (newest.c.number == CourseVersion.number))
        .where(or_(CourseVersion.field.is_(None), CourseVersion.field == field))
        .order_by(CourseVersion.id)
    ).all()


def course(session: Session, code: str, field: str | None) -> CourseVersion:
    """The newest version of a course that is open to a field; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(CourseVersion)
        .where(CourseVersion.code == code, or_(CourseVersion.field.is_(None), CourseVersion.field == field))
        .order_by(CourseVersion.number.desc())
        .limit(1)
    ).one()


def lessons_done(session: Session, person_id: int) -> dict[int, set[str]]:
    """Course version id -> codes of finished lessons."""
    found: dict[int, set[str]] = {}
    for row in session.scalars(select(LessonDone).where(LessonDone.person_id.in_(same_person(person_id)))):
        found.setdefault(row.course_version_id, set()).add(row.lesson)
    return found


def last_lesson_at(session: Session, person_id: int, before: datetime) -> datetime | None:
    """When a person last marked a lesson as read, at or before a moment."""
    return session.scalar(
        select(func.max(LessonDone.at)).where(LessonDone.person_id.in_(same_person(person_id)), LessonDone.at <= before)
    )


def credited_before(session: Session, person_id: int, source: str) -> bool:
    found = select(HoursEntry.id).where(HoursEntry.person_id.in_(same_person(person_id)), HoursEntry.source == source)
    return session.scalar(found.limit(1)) is not None
