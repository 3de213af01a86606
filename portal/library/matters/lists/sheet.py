"""Towns' lists as rows of a workbook, out and in."""

from __future__ import annotations

from collections.abc import Iterable

from portal.ground.import_rows import Column
from portal.ground.rules import N_
from portal.ground.sheets import Cell
from portal.library.matters import sheet as matters
from portal.library.matters.lists.models import TownList
from portal.library.matters.models import MatterVersion
from portal.people.models import Body

TOWN, MATTER, TITLE, FROM, DOCUMENT = "乡镇", matters.CODE, matters.TITLE, "生效日期", "文件"
COLUMNS = (
    Column(TOWN, N_("The full name, the code of the body, or the division code with 9 digits."),
           ("青沟镇人民政府", "青沟镇人民政府"), also=("乡镇名称", "乡镇代码", "单位", "乡镇（街道）", "镇街")),
    Column(MATTER, N_("The number of the matter in the catalogue; one row for each."), ("FQ-001", "FQ-002"),
           also=("编码", "事项编号", "编号")),
    Column(TITLE, N_("May stay empty; compared with the catalogue."), ("", ""), required=False, also=("事项",)),
    Column(FROM, N_("The first day of the list, the same in every row of a town."), ("2026-01-01", "2026-01-01"),
           also=("起始日期", "开始日期")),
    Column(DOCUMENT, N_("By which the list is laid down, the same in every row of a town."),
           ("赋权事项清单公告（示例）", "赋权事项清单公告（示例）"), also=("公布文件", "依据文件")),
)  # fmt: skip
WIDTHS = [36, 12, 44, 12, 36]


def rows(body: Body, row: TownList, versions: Iterable[MatterVersion]) -> list[list[Cell]]:
    """The header and one row per matter, as the import reads them."""
    made: list[list[Cell]] = [[column.title for column in COLUMNS]]
    made += [[body.name, v.matter.code, v.title, row.in_force_from, row.document] for v in versions]
    return made
