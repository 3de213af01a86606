"""Matters as rows of a workbook, out and in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from portal.ground.import_rows import Column, SheetRow
from portal.ground.rules import N_
from portal.ground.sheets import Cell
from portal.library.matters.models import MatterKind, MatterVersion
from portal.library.matters.rules import Basis, MatterFacts
from portal.people.roster_sheet import FIELDS

CODE, TITLE, FIELD, KIND = "事项编码", "事项名称", "执法领域", "事项类型"
LAW, LABEL, ARTICLE = "法律依据", "法律版本", "条款"
DOCUMENT, DOCUMENT_NUMBER, DOCUMENT_ON = "赋权文件", "文号", "发文日期"
FROM, UNTIL = "生效日期", "失效日期"
KINDS = {"行政处罚": MatterKind.PENALTY, "行政强制": MatterKind.COMPULSION, "行政检查": MatterKind.INSPECTION}
KIND_WORDS = KINDS | {"处罚": MatterKind.PENALTY, "强制": MatterKind.COMPULSION, "检查": MatterKind.INSPECTION}
FIELD_WORDS = FIELDS | {"农业农村": FIELDS["农业"], "交通": FIELDS["交通运输"], "城管": FIELDS["城市管理"]}
COLUMNS = (
    Column(CODE, N_("Unique; a number that is there already makes a new version."), ("FQ-001", "FQ-002"),
           also=("编码", "事项编号", "编号")),
    Column(TITLE, N_("As the conferring document names it."),
           ("对擅自占用城市道路的处罚（示例）", "对未按规定分类投放生活垃圾的处罚（示例）"),
           also=("事项", "名称", "职权名称")),
    Column(FIELD, N_("交通运输, 生态环境, 文化市场, 农业, 市场监管, 城市管理 or 应急管理."), ("城市管理", "城市管理"),
           also=("领域", "所属领域")),
    Column(KIND, N_("行政处罚, 行政强制 or 行政检查."), ("行政处罚", "行政处罚"),
           also=("职权类型", "类型", "权力类型")),
    Column(LAW, N_("The law's short title; several, one a line."), ("城市道路管理条例", "固体废物污染环境防治法"),
           also=("依据", "法律")),
    Column(LABEL, N_("The version as the library names it, one a line; may stay empty."), ("", "2020 修订"),
           required=False, also=("版本",)),
    Column(ARTICLE, N_("Such as 第五十一条, one a line, beside its law."), ("第四十二条", "第一百一十一条"),
           also=("条", "依据条款")),
    Column(DOCUMENT, N_("The decision that confers it on towns."), ("关于向乡镇赋权的决定（示例）",) * 2,
           also=("下放文件", "赋权决定")),
    Column(DOCUMENT_NUMBER, N_("May stay empty."), ("", ""), required=False, also=("文件号",)),
    Column(DOCUMENT_ON, N_("Like 2024-03-01; may stay empty."), ("", ""), required=False),
    Column(FROM, N_("The first day, like 2024-03-01."), ("2024-03-01", "2024-03-01"), also=("起始日期", "开始日期")),
    Column(UNTIL, N_("The last day; empty while it goes on."), ("", ""), required=False, also=("终止日期", "结束日期")),
)  # fmt: skip
WIDTHS = [12, 44, 12, 12, 26, 14, 18, 36, 20, 12, 12, 12]
OF_FACT = {
    "code": CODE, "title": TITLE, "field": FIELD, "kind": KIND, "document": DOCUMENT,
    "document_number": DOCUMENT_NUMBER, "document_on": DOCUMENT_ON, "in_force_from": FROM, "in_force_until": UNTIL,
    "bases": ARTICLE,
}  # fmt: skip


def rows(versions: Iterable[MatterVersion]) -> list[list[Cell]]:
    """The header and one row per matter, as the import reads them."""
    field_word = {code: word for word, code in reversed(FIELDS.items())}
    kind_word = {code: word for word, code in KINDS.items()}
    made: list[list[Cell]] = [[column.title for column in COLUMNS]]
    for v in versions:
        parts = [(b.law, b.label, b.article) for b in v.bases]
        laws, labels, articles = ("\n".join(column) for column in zip(*parts, strict=True))
        made.append(
            [
                v.matter.code, v.title, field_word[v.field], kind_word[v.kind], laws, labels.strip("\n"), articles,
                v.document, v.document_number, v.document_on, v.in_force_from, v.in_force_until,
            ]
        )  # fmt: skip
    return made


def facts(row: SheetRow) -> MatterFacts:
    """What a row says; days that cannot be read are None."""
    laws, articles = row.text(LAW).splitlines(), row.text(ARTICLE).splitlines()
    labels = row.text(LABEL).splitlines()
    labels += [""] * (len(laws) - len(labels))
    if len(laws) == 1 and len(articles) > 1:  # several articles of one law
        laws, labels = laws * len(articles), labels[:1] * len(articles)
    bases = tuple(
        Basis(law.strip(" 《》"), label.strip(), article.strip())
        for law, label, article in zip(laws, labels, articles, strict=False)
        if law.strip() or article.strip()
    )
    return MatterFacts(
        row.text(CODE), " ".join(row.text(TITLE).split()), FIELD_WORDS.get(row.text(FIELD), ""),
        KIND_WORDS.get(row.text(KIND), ""), row.text(DOCUMENT), row.text(DOCUMENT_NUMBER), day(row, DOCUMENT_ON),
        day(row, FROM), day(row, UNTIL), bases,
    )  # fmt: skip


def day(row: SheetRow, title: str) -> date | None:
    """A cell as a day: a date cell, or a text like 2024-03-01, 2024/3/1, 2024.3.1, 2024年3月1日."""
    cell = row.cells.get(title)
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    parts = row.text(title).translate(str.maketrans("年月/.", "----", "日 ")).split("-")
    try:
        return date(*(int(part) for part in parts)) if len(parts) == 3 else None
    except ValueError:
        return None
