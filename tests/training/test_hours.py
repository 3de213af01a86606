"""Courses that credit once, and a ledger that is only added to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import NoResultFound

from courses.outline import Course, Unreadable, read_course
from portal.ground.models import FactChange
from portal.training import operations, queries
from tests.conftest import NOON
from tests.factories import County

TEXT = """code: C-1
title: 程序
summary: 一门课
hours: legal

# 第一章
## 第一课 {a 40 min}
正文
## 第二课 {b 20 min}
正文
"""


def test_a_course_is_read_from_its_text_and_survives_its_plain_form():
    course = read_course(TEXT)
    assert (course.minutes, course.lesson_codes()) == (60, ("a", "b"))
    assert Course.from_plain(course.plain()) == course


@pytest.mark.parametrize(
    ("spoiled", "line"), [(TEXT.replace("{b 20 min}", ""), "line 9"), (TEXT.replace("code: C-1\n", ""), "line 1")]
)
def test_a_spoiled_text_is_refused_with_its_line(spoiled: str, line: str):
    with pytest.raises(Unreadable, match=line):
        read_course(spoiled)


def test_the_last_lesson_credits_the_course_once(county: County):
    row = operations.publish_course(county.session, read_course(TEXT), now=NOON)
    person_id = county.officer().person_id
    later = NOON + timedelta(minutes=15)
    assert not operations.finish_lesson(county.session, row, person_id, "a", now=NOON)
    assert operations.finish_lesson(county.session, row, person_id, "b", now=later)
    assert operations.finish_lesson(county.session, row, person_id, "b", now=later)
    assert queries.minutes_by_kind(county.session, person_id, "transport") == {"legal": 60}


def test_nobody_reads_two_lessons_in_the_same_minute(county: County):
    row = operations.publish_course(county.session, read_course(TEXT), now=NOON)
    person_id = county.officer().person_id
    operations.finish_lesson(county.session, row, person_id, "a", now=NOON)
    with pytest.raises(operations.TooFast):
        operations.finish_lesson(county.session, row, person_id, "b", now=NOON + timedelta(minutes=1))
    assert queries.minutes_by_kind(county.session, person_id, "transport") == {}


def test_a_course_of_another_field_is_not_there(county: County):
    course = read_course(TEXT.replace("hours: legal", "hours: professional\nfield: market"))
    operations.publish_course(county.session, course, now=NOON)
    with pytest.raises(NoResultFound):
        queries.course(county.session, "C-1", "transport")


def test_a_lesson_that_is_not_there_is_refused(county: County):
    row = operations.publish_course(county.session, read_course(TEXT), now=NOON)
    with pytest.raises(operations.NoSuchLesson):
        operations.finish_lesson(county.session, row, county.officer().person_id, "z", now=NOON)


def test_hours_of_another_field_are_not_counted_and_a_reversal_takes_back_once(county: County):
    officer = county.officer()
    county.hours(officer, legal=600, professional=300)
    assert queries.minutes_by_kind(county.session, officer.person_id, "market") == {"legal": 600}
    entry = queries.entries(county.session, officer.person_id, NOON.year)[0]
    operations.reverse_hours(county.session, entry, reason="重复", account_id=officer.id, now=NOON)
    assert queries.year_minutes(county.session, officer.person_id, NOON.year)["reversal"] == -entry.minutes
    assert county.session.query(FactChange).count() == 1
    with pytest.raises(operations.AlreadyReversed):
        operations.reverse_hours(county.session, entry, reason="又一次", account_id=officer.id, now=NOON)
