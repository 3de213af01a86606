"""A roster as big as a province, written row by row: the same seed gives the same officers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

import xlsxwriter

from portal.people import roster_sheet as sheet
from portal.people.models import Field
from portal.people.rules import check_digit

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国志文海龙春雷晓东雪松玲辉鹏飞宇轩梓涵"
RARE = ("𠅤", "龴", "㛃", "𬀩")
STAFFING = ("行政编制", "行政编制", "事业编制", "事业编制", "事业编制", "参公管理")
TITLES = [column.title for column in sheet.COLUMNS]


def rows(bodies: Sequence[str], how_many: int, *, bad_every: int = 300) -> Iterator[list[str | None]]:
    """Officers in the importer's own columns; one in `bad_every` has something wrong."""
    chance, words = Random(20261123), list(sheet.FIELDS)
    for number in range(how_many):
        born = date(1968, 1, 1) + timedelta(days=chance.randrange(12_000))
        first17 = f"2201{chance.choice(('02', '03', '04', '05', '06', '12', '22'))}{born:%Y%m%d}{number % 1000:03d}"
        name = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))
        row = {
            sheet.NAME: name + (chance.choice(RARE) if number % 500 == 0 else ""),
            sheet.ID_NUMBER: first17 + check_digit(first17),
            sheet.EDUCATION: chance.choice(("大专", "本科", "本科", "硕士")),
            sheet.PHONE: f"13{chance.randrange(10**9):09d}",
            sheet.BODY: bodies[number % len(bodies)],
            sheet.STAFFING: "临时工" if number % bad_every == 7 else chance.choice(STAFFING),
            sheet.ON_ESTABLISHMENT: "是",
            sheet.IN_POST: "是",
            sheet.DUTY: chance.choice(("专职", "兼职")),
            sheet.TITLE: chance.choice(("执法队员", "综合执法队员", "一级行政执法员", "执法中队长")),
            sheet.FIELD: words[number % len(bodies) % len(words)],
            sheet.STARTED: (date(2012, 1, 1) + timedelta(days=chance.randrange(4000))).isoformat(),
        }
        yield [row.get(title) for title in TITLES]


def write(path: Path, lines: Iterator[list[str | None]], *, edit: int = 0) -> None:
    """An .xlsx of these rows; every `edit`-th row gets another title and degree."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": False})
    page = book.add_worksheet("全省人员")
    page.write_row(0, 0, TITLES)
    for number, line in enumerate(lines, 1):
        if edit and number % edit == 0:
            line = list(line)
            line[TITLES.index(sheet.TITLE)], line[TITLES.index(sheet.EDUCATION)] = "执法大队长", "博士"
        for column, cell in enumerate(line):
            if cell is not None:
                page.write_string(number, column, cell)
    book.close()


def field_of(index: int) -> Field:
    """The field in which the body of this index enforces, as `rows` uses it."""
    return list(sheet.FIELDS.values())[index % len(sheet.FIELDS)]
