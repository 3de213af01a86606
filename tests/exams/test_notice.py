"""What the notice says of time before anybody starts: latest entry, spread of the starts, grace."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from portal.exams.delivery.journal import GRACE
from portal.exams.hours import CROWD, LEEWAY, LONG_SPREAD, SHORT_SPREAD, Hours
from portal.exams.models import Exam
from portal.ground import clock, i18n
from tests.conftest import NOON
from tests.exams.sitter import Sitter, crowd, exam_at_noon
from tests.factories import County

FIXED = "%(moment)s; nobody begins later, and whoever comes late has that much less time"
WINDOW = "before %(moment)s; whoever begins late has only the time until then"
SPREAD = (
    "At the start the pages open one after the other within %(n)s seconds. Nobody loses time by it: whoever begins "
    "within them has every minute."
)
WIRE = (
    "What was sent before the end and arrives within %(n)s seconds after it still counts. What arrives later is kept "
    "as evidence and does not count by itself."
)


def notice(app: Flask, county: County, exam: Exam) -> str:
    """The page an hour before the exam opens."""
    clock.set_source(lambda: NOON - timedelta(hours=1))
    answer = Sitter(app, county, exam).client.get(f"/exams/{exam.id}")
    assert answer.status_code == 200
    return answer.text


def said(app: Flask, sentence: str, **values: object) -> str:
    with app.test_request_context():
        return i18n.gettext(sentence, **values)


def at(app: Flask, sentence: str, moment: datetime) -> str:
    with app.test_request_context():
        return i18n.gettext(sentence, moment=i18n.show_moment(moment))


def test_of_a_fixed_start_it_names_the_last_latecomers_minute(app: Flask, web_county: County):
    page = notice(app, web_county, exam_at_noon(web_county, timing="fixed", late_minutes=10))
    assert at(app, FIXED, NOON + timedelta(minutes=10)) in page


def test_where_nobody_may_be_late_it_names_the_minute_a_device_still_has(app: Flask, web_county: County):
    page = notice(app, web_county, exam_at_noon(web_county, timing="fixed", late_minutes=0))
    assert at(app, FIXED, NOON + LEEWAY) in page


def test_in_a_window_it_names_the_moment_it_closes(app: Flask, web_county: County):
    exam = exam_at_noon(web_county, minutes=60, days=0.1)
    assert at(app, WINDOW, exam.closes_at) in notice(app, web_county, exam)


def test_it_says_how_long_after_the_end_answers_still_count(app: Flask, web_county: County):
    page = notice(app, web_county, exam_at_noon(web_county))
    assert said(app, WIRE, n=int(GRACE.total_seconds())) in page


def test_a_hall_is_told_over_how_many_seconds_its_pages_open(app: Flask, web_county: County):
    few = notice(app, web_county, exam_at_noon(web_county, timing="fixed"))
    assert said(app, SPREAD, n=SHORT_SPREAD) in few
    full = exam_at_noon(web_county, timing="fixed")
    crowd(web_county, full, CROWD)
    other = web_county.officer(born=NOON.date().replace(year=1985))
    page = Sitter(app, web_county, full, other).client.get(f"/exams/{full.id}").text
    assert said(app, SPREAD, n=LONG_SPREAD) in page


def test_whoever_starts_alone_is_told_of_no_spread(app: Flask, web_county: County):
    page = notice(app, web_county, exam_at_noon(web_county))
    assert said(app, SPREAD, n=0) not in page and said(app, SPREAD, n=SHORT_SPREAD) not in page


@pytest.mark.parametrize(("timing", "late"), [("fixed", 10), ("fixed", 0), ("fixed", 600), ("window", 10)])
def test_what_it_says_is_what_the_start_goes_by(timing: str, late: int):
    hours = Hours(NOON, NOON + timedelta(hours=2), timing, 60, 0, late, 30, 1)
    tick = timedelta(milliseconds=1)
    assert not hours.over(hours.latest_entry - tick)
    assert hours.over(hours.latest_entry + tick)
