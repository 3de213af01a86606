"""Workbooks as people send them, made in memory."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from portal.people import roster_sheet
from portal.people.rules import check_digit
from question_bank.sheet_format import TITLES

ROSTER = [column.title for column in roster_sheet.COLUMNS]
BODY = "梅河口市交通运输综合行政执法大队"


def id_number(serial: int = 1, born: str = "19900307") -> str:
    first17 = f"220581{born}{serial:03d}"
    return first17 + check_digit(first17)


def officer(**changed: Any) -> dict[str, Any]:
    """One roster row that has nothing wrong."""
    return {
        "工号": "", "姓名": "安丽华", "身份证号": id_number(), "学历": "本科", "手机号": "",
        "执法岗位所在单位": BODY, "编制所在单位": "", "编制类型": "行政编制", "是否在编": "是", "是否在岗": "是",
        "专职/兼职": "专职", "职务": "执法员", "执法领域": "交通运输", "任职日期": "2020-03-01", **changed,
    }  # fmt: skip


def question(**changed: Any) -> dict[str, Any]:
    """One question row that has nothing wrong."""
    row = dict.fromkeys(TITLES, "")
    return row | {
        "题号": "Q-1", "题型": "单选", "题干": "哪一项正确？", "A": "甲项", "B": "乙项", "C": "丙项", "答案": "B",
        "解析": "依据第一条。", "法律": "测试法", "版本": "2020", "条": "第一条", "知识点": "总则", "难度": "2",
        "认知层次": "识记", **changed,
    }  # fmt: skip


def workbook(
    rows: Sequence[dict[str, Any]], titles: Sequence[str] = (), *, name: str = "人员", above: Sequence[str] = (),
    merge: str = "",
) -> bytes:  # fmt: skip
    """An .xlsx with one sheet; `above` are lines over the header, `merge` a range to merge."""
    titles = list(titles) or list(rows[0])
    lines = [*([line] for line in above), titles, *([row.get(title) for title in titles] for row in rows)]
    return workbook_of({name: lines}, merge=merge)


def workbook_of(sheets: dict[str, Sequence[Sequence[Any]]], *, merge: str = "") -> bytes:
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"created": datetime(2026, 11, 1)})  # the same rows give the same file
    for name, lines in sheets.items():
        sheet = book.add_worksheet(name)
        if merge:
            sheet.merge_range(merge, "")
        for number, line in enumerate(lines):
            for column, cell in enumerate(line):
                if isinstance(cell, str) and cell:
                    sheet.write_string(number, column, cell)
                elif cell not in (None, ""):
                    sheet.write(number, column, cell)
    book.close()
    return target.getvalue()


def repacked(content: bytes, *, add: dict[str, bytes | None] | None = None, change=None) -> bytes:
    """The same archive with members added or one changed: `change` takes and gives (name, bytes)."""
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            name, data = entry.filename, old.read(entry)
            new.writestr(*(change(name, data) if change else (name, data)))
        for name, data in (add or {}).items():
            new.writestr(name, data)
    return target.getvalue()
