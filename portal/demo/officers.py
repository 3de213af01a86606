"""Six hundred invented officers, written as the workbook that a unit would send, and taken in like one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy.orm import Session

from portal.demo import names
from portal.demo.cast import CASES, COUNTY, Case
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.sheets import Cell, Page, write_workbook
from portal.people import roster_sheet as sheet
from portal.people.imports import import_officers
from portal.people.models import Account, Body, BodyKind, Field, Level

SEED = 20260919
HOW_MANY = 600
STAFFING = (("行政编制", 28), ("参公管理", 20), ("事业编制", 45), ("合同", 3), ("劳务派遣", 2), ("借调", 2))
OFF_ESTABLISHMENT = {"合同", "劳务派遣", "临时", "公益性岗位", "工勤", "借调"}
EDUCATIONS = (("大专", 30), ("本科", 60), ("硕士", 9), ("博士", 1))
FIELD_WORDS = {code: word for word, code in sheet.FIELDS.items()}
MAIN_FIELDS = (Field.MARKET, Field.ECOLOGY, Field.TRANSPORT)
TITLES = [column.title for column in sheet.COLUMNS]
SHEET_NAME, WIDTHS = "人员名册", [12, 20, 22, 8, 14, 40, 40, 12, 8, 8, 8, 14, 10, 12]
PHONE = "120{number:08d}"  # no operator has this prefix


class RosterParked(Refused):
    """The importer parked rows of the demo roster, so the roster and the importer do not agree."""

    code = "roster_parked"


def load(session: Session, bodies: dict[str, Body], folder: Path, account: Account, *, now: datetime,
         today: date) -> int:
    """Write officers.xlsx and import it with the users' importer; returns how many officers there are."""
    path = folder / "officers.xlsx"
    path.write_bytes(workbook(rows(bodies, today)))
    report = import_officers(session, path, account, now=now)
    if report.parked or report.created != HOW_MANY:
        first = next((p for p in report.problems if not p.warning), None)
        raise RosterParked(
            N_("%(parked)s rows of the demo roster were parked; the first: row %(row)s, %(column)s: %(message)s"),
            parked=report.parked, row=first.row if first else 0, column=first.column if first else "",
            message=first.message if first else "",
        )  # fmt: skip
    return report.created


def workbook(rows: list[dict[str, Cell]]) -> bytes:
    """The rows under the importer's own columns."""
    return write_workbook([Page(SHEET_NAME, [TITLES, *([row.get(t) for t in TITLES] for row in rows)], WIDTHS)])


def rows(bodies: dict[str, Body], today: date) -> list[dict[str, Cell]]:
    """Every officer as a row of the roster: the named cases first; the same day gives the same people."""
    chance = Random(SEED)
    invented, numbers = names.names(chance), names.id_numbers(chance, today)
    made = [_of_case(case, chance, bodies, next(numbers), today) for case in CASES]
    places = _places(bodies)
    weights = [weight for _, _, weight in places]
    while len(made) < HOW_MANY:
        body, field, _ = chance.choices(places, weights)[0]
        made.append(_row(chance, next(invented), next(numbers), body, field, today))
    return made


def _places(bodies: dict[str, Body]) -> list[tuple[Body, Field, float]]:
    """(body, field, weight): more people in the main fields, in towns, and in Meihekou."""
    places = []
    for body in bodies.values():
        if body.kind not in (BodyKind.ENFORCEMENT_BODY, BodyKind.TOWN):
            continue
        here = 2.0 if f"-{COUNTY}" in body.code else 1.0
        for each in body.fields:
            main = 2.0 if each.field in MAIN_FIELDS else 1.0
            size = 2.0 if body.level == Level.PREFECTURE else 0.8
            places.append((body, Field(each.field), here * main * size))
    return places


def _row(chance: Random, name: str, number: tuple[str, date], body: Body, field: Field, today: date) -> dict[str, Cell]:
    staffing = _pick(chance, STAFFING)
    town = body.kind == BodyKind.TOWN
    return {
        sheet.NAME: name,
        sheet.ID_NUMBER: number[0],
        sheet.EDUCATION: _pick(chance, EDUCATIONS),
        sheet.BODY: body.name,
        sheet.STAFFING: staffing,
        sheet.ON_ESTABLISHMENT: "否" if staffing in OFF_ESTABLISHMENT else "是",
        sheet.IN_POST: "否" if chance.random() < 0.02 else "是",
        sheet.DUTY: "兼职" if town and chance.random() < 0.8 else "专职",
        sheet.TITLE: chance.choice(("综合执法队员", "综合执法队员", "综合执法队队长") if town else
                                   ("执法队员", "执法队员", "一级行政执法员", "执法中队长")),
        sheet.FIELD: FIELD_WORDS[field],
        sheet.STARTED: _started(chance, number[1], today),
    }


def _of_case(case: Case, chance: Random, bodies: dict[str, Body], number: tuple[str, date],
             today: date) -> dict[str, Cell]:
    row = _row(chance, case.name, number, bodies[case.body], Field(case.field), today)
    outside = {"contract": "合同", "dispatch": "劳务派遣"}.get(case.key)
    return row | {
        sheet.NUMBER: case.number,
        sheet.EDUCATION: "本科",
        sheet.PHONE: PHONE.format(number=int(case.number[-3:])),
        sheet.STAFFING: outside or chance.choice(("行政编制", "事业编制")),
        sheet.ON_ESTABLISHMENT: "否" if outside else "是",
        sheet.IN_POST: "否" if case.key == "not_in_post" else "是",
        sheet.DUTY: "兼职",
        sheet.TITLE: "综合执法队员",
    }


def _started(chance: Random, birth: date, today: date) -> date:
    """A day between the 22nd birthday, or fifteen years ago, and two months ago."""
    newest = today - timedelta(days=60)
    oldest = max(birth + timedelta(days=22 * 366), today - timedelta(days=15 * 365))
    return oldest + timedelta(days=chance.randrange(max((newest - oldest).days, 1)))


def _pick(chance: Random, weighted: tuple[tuple[str, int], ...]) -> str:
    return chance.choices([word for word, _ in weighted], [weight for _, weight in weighted])[0]


def spare_people(today: date) -> Iterator[tuple[str, str, date]]:
    """Names, ID numbers and dates of birth of people who are in no roster yet."""
    chance = Random(SEED)
    numbers, invented = names.id_numbers(chance, today), names.names(Random(SEED + 1))
    for _ in range(HOW_MANY + 100):
        next(numbers)
    for number, birth in numbers:
        yield next(invented), number, birth
