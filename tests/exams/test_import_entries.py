"""A unit's list of people to be entered, as a workbook through the cockpit: checked, shown, taken in, taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from portal import rounds
from portal.exams.models import CheckIn, Entry, Exam, ExamKind, Subject
from portal.exams.sittings.entering.imports import kind_of
from portal.exams.sittings.entering.list_import import COLUMNS, NAME, NUMBER, SITTING, EntryList
from portal.exams.sittings.models import EntryCheck, Sitting
from portal.ground.db import db
from portal.ground.import_now import import_file, undo_now
from portal.ground.imports import CannotTakeBack, Report
from portal.ground.models import ImportBatch
from portal.ground.sheets import Page, read_workbook, write_workbook
from portal.people.models import Account, Ban, Role
from tests.factories import PASSWORD, County

SOON = timedelta(days=20)
HEAD = [column.title for column in COLUMNS]
Take = Callable[..., Report]


@pytest.fixture
def unit(county: County) -> Account:
    return county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))


@pytest.fixture
def exam(county: County) -> Exam:
    return county.exam(subject=Subject.PROFESSIONAL, field="transport", opens_at=county.now + SOON)


def sheet(*rows: tuple[Any, ...]) -> bytes:
    return write_workbook([Page("名单", [HEAD, *[[*row, *[""] * (3 - len(row))] for row in rows]])])


@pytest.fixture
def take(county: County, unit: Account, exam: Exam, tmp_path: Path) -> Take:
    """Bring a list in, by default as the unit; the report of what became of its rows."""

    def run(*rows: tuple[Any, ...], by: Account | None = None, of: Exam | None = None, dry: bool = False) -> Report:
        file = tmp_path / "名单.xlsx"
        file.write_bytes(sheet(*rows))
        who = by or unit
        return import_file(
            county.session, kind_of, EntryList(of or exam, who), file, account_id=who.id, dry_run=dry, now=county.now
        )

    return run


def officers(county: County, count: int, **post: object) -> list[Account]:
    return [county.officer(f"人员{n}", born=date(1990, 1, 1) + timedelta(days=n), **post) for n in range(count)]


def listed(county: County) -> list[Entry]:
    return list(county.session.scalars(select(Entry).where(Entry.withdrawn_at.is_(None)).order_by(Entry.id)))


def told(report: Report) -> list[tuple[int, str, str]]:
    """Row, column and letter of each problem."""
    return [(one.row, one.column, one.letter) for one in report.problems]


# ---------- below the door ----------
def test_a_list_enters_its_people_with_their_findings_and_sittings(county: County, unit: Account, exam: Exam, take):
    one, two = officers(county, 2)
    first, second = county.sitting(exam, minutes=90), county.sitting(exam, minutes=90, number=2)
    report = take((one.username, "人员0", 1), (two.username, "", "2"))
    assert (report.created, report.parked, report.problems) == (2, 0, [])
    entries = listed(county)
    assert [entry.sitting_id for entry in entries] == [first.id, second.id]
    assert {(e.body_id, e.entered_by_id) for e in entries} == {(county.transport.id, unit.id)}
    assert len({entry.admission_number for entry in entries}) == 2
    assert len(county.session.scalars(select(EntryCheck)).all()) == 2
    again = take((one.username, "人员0", 1), (two.username, "", "2"))
    assert (again.created, again.unchanged) == (0, 2)


def test_a_dry_run_writes_nothing(county: County, take: Take):
    (one,) = officers(county, 1)
    assert take((one.username,), dry=True).created == 1
    assert listed(county) == []


def test_every_wrong_row_is_named_with_its_sheet_row_column_and_remedy(county: County, exam: Exam, take: Take):
    good, other = officers(county, 2)
    stranger = county.officer("孔远", born=date(1988, 8, 8), body_id=county.other_bureau.id)
    county.sitting(exam, minutes=90)
    report = take(
        (good.username,), ("没有此人",), (stranger.username,), (other.username, "别的名字"), (good.username,),
        (other.username, "人员1", 7),
    )  # fmt: skip
    assert (report.created, report.parked) == (1, 5)
    assert told(report) == [
        (3, NUMBER, "A"), (4, NUMBER, "A"), (5, NAME, "B"), (6, NUMBER, "A"), (7, NUMBER, "A"), (7, SITTING, "C"),
    ]  # fmt: skip
    assert {one.sheet for one in report.problems} == {"名单"}
    assert all(one.message and one.remedy for one in report.problems)
    assert report.problems[1].message == report.problems[0].message  # of strangers nothing is told, not even that


def test_a_rule_that_is_not_met_parks_its_row_in_the_words_of_the_rule(county: County, exam: Exam, take: Take):
    workman = county.officer("何工", born=date(1970, 1, 1), staffing_type="workman")
    barred, busy = officers(county, 2)
    county.session.add(
        Ban(person_id=barred.person_id, act="cheating", since=county.today, until=date(2027, 1, 1), reference="决定")
    )
    county.seat(busy, county.sitting(county.exam(opens_at=exam.opens_at)))
    county.sitting(exam)
    report = take((workman.username,), (barred.username,), (busy.username, "", 1))
    assert (report.created, report.parked) == (0, 3)
    assert [(one.row, one.message.split()[0]) for one in report.problems] == [
        (2, "Workmen,"), (3, "Barred"), (4, "Entered"),
    ]  # fmt: skip
    assert report.problems[2].values["title"] == "测试考试"
    assert report.problems[1].remedy and report.problems[0].remedy


def test_a_full_sitting_parks_who_comes_after_its_last_seat(county: County, exam: Exam, take: Take):
    county.sitting(exam, seats=2)
    report = take(*((one.username, "", 1) for one in officers(county, 3)))
    assert (report.created, report.parked) == (2, 1)
    assert told(report) == [(4, SITTING, "C")]


def test_after_the_last_day_a_unit_enters_nobody_by_file_either(county: County, take: Take):
    late = county.exam(opens_at=county.now + timedelta(days=1))
    (one,) = officers(county, 1)
    report = take((one.username,), of=late)
    assert (report.created, report.parked) == (0, 1)
    assert "could enter" in report.problems[0].message


def test_a_frozen_sitting_takes_nobody_by_file(county: County, take: Take):
    monthly = county.exam(ExamKind.MONTHLY, opens_at=county.now + timedelta(minutes=20))
    county.sitting(monthly)
    (one,) = officers(county, 1)
    report = take((one.username, "", 1), of=monthly)
    assert (report.created, told(report)) == (0, [(2, SITTING, "C")])


def test_whoever_does_not_enter_for_this_exam_or_these_people_enters_nobody(county: County, take: Take):
    (one,) = officers(county, 1)
    outsider = county.staff(Role.UNIT_ADMIN, county.other_bureau, born=date(1979, 1, 1))
    elsewhere = county.exam(opens_at=county.now + SOON)
    elsewhere.body_id = county.other_city.id
    county.session.flush()
    assert take((one.username,), of=elsewhere).parked == 1
    assert take((one.username,), by=outsider).parked == 1
    assert listed(county) == []


# ---------- taken back ----------
def back(county: County, report: Report) -> int:
    batch = county.session.get_one(ImportBatch, report.batch_id)
    return undo_now(county.session, kind_of, batch, now=county.now)


def test_taken_back_the_entries_stay_on_record_withdrawn_and_the_same_list_comes_in_again(
    county: County, take: Take
):
    one, two = officers(county, 2)
    report = take((one.username,), (two.username,))
    numbers = [entry.admission_number for entry in listed(county)]
    assert back(county, report) == 2
    assert listed(county) == []
    assert {entry.withdrawn_because for entry in county.session.scalars(select(Entry))} != {None}
    assert take((one.username,), (two.username,)).created == 2
    assert [entry.admission_number for entry in listed(county)] == numbers


def test_nothing_is_taken_back_once_somebody_has_checked_in(county: County, exam: Exam, take: Take):
    one, two = officers(county, 2)
    report = take((one.username,), (two.username,))
    entry = listed(county)[1]
    county.session.add(
        CheckIn(public_id="x" * 22, exam_id=exam.id, person_id=entry.person_id, entry_id=entry.id,
                form_id=exam.forms[0].id, number=1, seed=1, at=county.now)
    )  # fmt: skip
    county.session.flush()
    with pytest.raises(CannotTakeBack, match=entry.admission_number):
        back(county, report)
    assert len(listed(county)) == 2


def test_entering_many_by_file_takes_few_statements_a_row(county: County, take: Take, exam: Exam):
    county.sitting(exam, seats=200)
    report = take(*((one.username, "", 1) for one in officers(county, 60)))
    assert (report.created, report.parked) == (60, 0)
    assert county.session.scalars(select(Sitting)).one().id == listed(county)[0].sitting_id


# ---------- through the door ----------
class Desk:
    """A unit's administrator in a browser."""

    def __init__(self, app, account: Account, exam: Exam) -> None:
        self.base = f"/exams/manage/{exam.id}/enter/import/"
        self.client = app.test_client()
        self.client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
        self.client.set_cookie("mingfa_lang", "en")

    def send(self, content: bytes) -> str:
        answer = self.client.post(self.base, data={"file": (BytesIO(content), "名单.xlsx")})
        assert answer.status_code == 302, answer.text
        rounds.run_imports()
        return answer.headers["Location"]

    def press(self, door: str) -> int:
        status = self.client.post(door).status_code
        rounds.run_imports()
        return status

    def text(self, address: str = "") -> str:
        return self.client.get(address or self.base).text


def on_the_list(exam: Exam) -> int:
    with db.reading() as session:
        return len(session.scalars(select(Entry).where(Entry.exam_id == exam.id, Entry.withdrawn_at.is_(None))).all())


def test_a_list_goes_through_the_cockpit_from_the_template_to_its_undo(app, web_county: County):
    county = web_county
    exam = county.exam(subject=Subject.PROFESSIONAL, field="transport", opens_at=county.now + SOON)
    unit = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
    one, two = officers(county, 2)
    workman = county.officer("何工", born=date(1970, 1, 1), staffing_type="workman")
    county.session.commit()
    desk = Desk(app, unit, exam)
    assert f'href="{desk.base}"' in desk.text(f"/exams/manage/{exam.id}/enter")
    assert exam.title in desk.text()
    template = read_workbook(desk.client.get(desk.base + "template.xlsx").data)
    assert list(template[0].rows[0].cells)[:3] == HEAD
    page = desk.send(sheet((one.username, "人员0"), (two.username,), (workman.username,), ("没有此人",)))
    shown = desk.text(page)
    assert "Import the 2 rows without problems" in shown
    assert "dispatched" in shown and "roster" in shown  # the rule and the remedy, each beside its row
    assert on_the_list(exam) == 0
    parked = read_workbook(desk.client.get(f"{page}/parked.xlsx").data)[0]
    assert len(parked.rows) == 3
    assert desk.press(f"{page}/commit") == 302
    assert on_the_list(exam) == 2
    assert "人员0" in desk.text(f"/exams/manage/{exam.id}/entries")
    assert desk.press(f"{page}/undo") == 302
    assert (on_the_list(exam), "Taken back" in desk.text(page)) == (0, True)


def test_a_list_is_nobody_elses_to_look_at(app, web_county: County):
    county = web_county
    exam = county.exam(opens_at=county.now + SOON)
    unit = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
    other = county.staff(Role.EXAM_ADMIN, county.province, born=date(1979, 1, 1))
    (one,) = officers(county, 1)
    another = county.exam(opens_at=county.now + SOON)
    county.session.commit()
    page = Desk(app, unit, exam).send(sheet((one.username,)))
    stranger = Desk(app, other, exam)
    assert stranger.client.get(page).status_code == 404
    assert stranger.press(f"{page}/commit") == 404
    moved = page.replace(f"/{exam.id}/", f"/{another.id}/")
    assert Desk(app, unit, another).client.get(moved).status_code == 404  # a file of one exam is none of the next
    assert on_the_list(exam) == 0
