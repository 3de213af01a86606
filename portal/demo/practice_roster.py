"""A roster to try the importer with: good rows, and one row for every kind of mistake."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from portal.demo.cast import COUNTY
from portal.demo.officers import spare_people, workbook
from portal.ground.sheets import Cell
from portal.people import roster_sheet as sheet
from portal.people.models import Body

Row = dict[str, Cell]
GOOD_ROWS = 6


def _wrong_last_character(row: Row) -> Row:
    number = str(row[sheet.ID_NUMBER])
    return {sheet.ID_NUMBER: number[:-1] + ("0" if number[-1] != "0" else "1")}


MISTAKES: tuple[Callable[[Row, date], Row], ...] = (
    lambda row, today: _wrong_last_character(row),
    lambda row, today: {sheet.ID_NUMBER: int(str(row[sheet.ID_NUMBER])[:17] + "0")},  # a number loses its last digits
    lambda row, today: {sheet.ID_NUMBER: str(row[sheet.ID_NUMBER])[:6] + "19900231" + "0000"},  # no such day
    lambda row, today: {sheet.ID_NUMBER: str(row[sheet.ID_NUMBER])[:6] + "900214000"},  # 15 digits
    lambda row, today: {sheet.BODY: str(row[sheet.BODY]).replace("镇人民政府", "镇政府")},  # not the registered name
    lambda row, today: {sheet.BODY: "示例市不存在的执法局"},
    lambda row, today: {sheet.FIELD: "交通运输"},  # towns do not enforce there
    lambda row, today: {sheet.FIELD: "税务"},
    lambda row, today: {sheet.STAFFING: "编外"},
    lambda row, today: {sheet.ON_ESTABLISHMENT: "待定"},
    lambda row, today: {sheet.NAME: ""},
    lambda row, today: {sheet.NAME: "王？明"},  # a rare character was lost on the way
    lambda row, today: {sheet.PHONE: "0435-422000"},
    lambda row, today: {sheet.STARTED: today + timedelta(days=40)},
    lambda row, today: {sheet.STARTED: "去年春天"},
)


def with_errors(bodies: dict[str, Body], today: date) -> bytes:
    """The workbook: good rows of new people, one of them twice, and every mistake once."""
    people = spare_people(today)
    town = bodies[f"TOWN-{COUNTY}-1"]

    def row() -> Row:
        name, number, birth = next(people)
        return {
            sheet.NAME: name,
            sheet.ID_NUMBER: number,
            sheet.EDUCATION: "本科",
            sheet.BODY: town.name,
            sheet.STAFFING: "事业编制",
            sheet.ON_ESTABLISHMENT: "是",
            sheet.IN_POST: "是",
            sheet.DUTY: "兼职",
            sheet.TITLE: "综合执法队员",
            sheet.FIELD: "城市管理",
            sheet.STARTED: today - timedelta(days=90),
        }

    rows = [row() for _ in range(GOOD_ROWS)]
    for mistake in MISTAKES:
        good = row()
        rows.append(good | mistake(good, today))
    twin = row()
    return workbook([*rows, twin, twin | {sheet.TITLE: "综合执法队队长"}])
