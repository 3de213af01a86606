"""Lessons that name articles which have changed since the course was published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.law_mentions import articles_mentioned
from courses.outline import Course
from portal.ground.clock import local
from portal.training.models import CourseVersion
from question_bank.laws.numbers import article_of

Place = tuple[str, tuple[int, int]]  # law, number and suffix of an article


@dataclass(frozen=True)
class NamingLesson:
    """A lesson of a course's newest version."""

    course: str
    course_title: str
    lesson: str
    title: str


def lessons_naming(
    session: Session, places: Iterable[Place], laws: Iterable[str], since: date
) -> dict[Place, list[NamingLesson]]:
    """Article → lessons that name it, of courses published before the day.

    Of `laws`, which ended, every article counts.
    """
    wanted, ended = set(places), set(laws)
    newest = select(func.max(CourseVersion.id)).group_by(CourseVersion.code)
    found: dict[Place, list[NamingLesson]] = defaultdict(list)
    for row in session.scalars(select(CourseVersion).where(CourseVersion.id.in_(newest)).order_by(CourseVersion.code)):
        if local(row.published_at).date() >= since:
            continue
        for lesson in Course.from_plain(row.body).lessons():
            for law, label in articles_mentioned(lesson.text):
                place = (law, article_of(label) or (0, 0))
                if place in wanted or law in ended:
                    found[place].append(NamingLesson(row.code, row.title, lesson.code, lesson.title))
    return found
