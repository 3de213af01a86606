"""The demo's online courses: read from their texts, published, and finished by some officers."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy.orm import Session

from courses.outline import Course, read_course
from portal.demo.facts import people
from portal.training.models import CourseVersion
from portal.training.operations import finish_lesson, publish_course

COURSES = Path(__file__).parent / "courses"
FINISH, BEGIN = 0.08, 0.22  # share of the officers


def publish(session: Session, *, now: datetime, source: Path = COURSES) -> list[CourseVersion]:
    """Publish every course text there is."""
    texts = sorted(source.glob("*.md"))
    return [publish_course(session, read_course(path.read_text(encoding="utf-8")), now=now) for path in texts]


def learn(session: Session, course: CourseVersion, *, seed: int, now: datetime) -> int:
    """Some officers finish the course, some are half through; named cases leave it to the visitor."""
    lessons = Course.from_plain(course.body).lesson_codes()
    learners = 0
    apart = timedelta(days=1 if course.field else 0)  # nobody reads two lessons at once
    for person, post, case in people(session):
        chance = Random(f"{seed}-{course.code}-{person.id}")
        luck = chance.random()
        if case is not None or luck > BEGIN or course.field not in (None, post.field):
            continue
        learners += 1
        done = lessons if luck < FINISH else lessons[: len(lessons) // 2]
        for number, lesson in enumerate(done):
            finish_lesson(session, course, person.id, lesson, now=now + apart + timedelta(days=2 * number))
    return learners
