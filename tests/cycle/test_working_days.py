"""Results are due in working days: weekends, holidays and make-up days of the State Council's notice."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from portal.cycle import operations
from portal.cycle.queries import exceptions
from portal.cycle.rules import after_working_days, works_on
from portal.people.models import Role
from tests.conftest import NOON
from tests.exams.making import admin, signed_in
from tests.factories import County


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        (date(2026, 11, 23), 5, date(2026, 11, 30)),  # over a weekend
        (date(2026, 2, 13), 3, date(2026, 2, 25)),  # Saturday the 14th is worked, then the Spring Festival
        (date(2026, 9, 30), 2, date(2026, 10, 9)),
        (date(2026, 10, 9), 1, date(2026, 10, 10)),  # a Saturday that is worked
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
    ],
)
def test_so_many_working_days_after(session: Session, day: date, count: int, due: date):
    assert after_working_days(day, count, exceptions(session)) == due


def test_the_notice_of_2026_is_there(session: Session):
    off = exceptions(session)
    assert len(off) == 25
    assert sum(off.values()) == 6
    assert not works_on(date(2026, 10, 1), off)
    assert works_on(date(2026, 2, 28), off)


def test_a_day_that_is_so_already_is_not_entered(session: Session):
    for day, works in ((date(2027, 1, 4), True), (date(2027, 1, 2), False)):
        with pytest.raises(operations.NoException):
            operations.set_day(session, day, works=works, label="元旦", account_id=None, now=NOON)


def test_a_day_is_entered_and_taken_out(county: County):
    keeper = admin(county)
    operations.set_day(county.session, date(2027, 1, 1), works=False, label="元旦", account_id=keeper.id, now=NOON)
    assert exceptions(county.session)[date(2027, 1, 1)] is False
    operations.forget_day(county.session, date(2027, 1, 1), account_id=keeper.id, now=NOON)
    assert date(2027, 1, 1) not in exceptions(county.session)


def test_the_calendar_is_kept_by_the_province_and_read_by_every_exam_administrator(app, web_county: County):
    top, below = admin(web_county), admin(web_county, "市局", body=web_county.city, day=2)
    officer = web_county.officer()
    web_county.session.commit()
    new_year = {"day": "2027-01-01", "works": "0", "label": "元旦"}
    assert signed_in(app, officer).get("/working-days/").status_code == 403
    client = signed_in(app, below)
    assert client.get("/working-days/?year=2026").status_code == 200
    assert client.post("/working-days/", data=new_year).status_code == 403
    assert client.post("/working-days/2026-01-01/forget").status_code == 403
    client = signed_in(app, top)
    assert client.post("/working-days/", data={**new_year, "day": "x"}).status_code == 422
    assert client.post("/working-days/", data={**new_year, "works": "1"}).status_code == 422
    assert client.post("/working-days/", data=new_year).status_code == 303
    assert "元旦" in client.get("/working-days/?year=2027").text
    assert client.post("/working-days/2027-01-01/forget").status_code == 303
    keeper = web_county.staff(Role.SYSADMIN, web_county.province, born=date(1971, 1, 1))
    web_county.session.commit()
    assert signed_in(app, keeper).get("/working-days/").status_code in (200, 403)  # 403: the second factor first
