"""The columns of a question sheet, each with what to write in it and two examples."""

from __future__ import annotations

from portal.ground.import_rows import Column
from portal.ground.rules import N_
from question_bank import sheet_format as sheet
from question_bank.questions import LETTERS

RATIONALE_EXAMPLES = ("由具有行政处罚权的行政机关在法定职权范围内实施。", "限制人身自由的行政处罚只能由法律设定。")
LEGENDS = {
    sheet.CODE: (
        N_("Unique; the same number again makes a new version. Left empty, the question gets the bank's next number."),
        "JL-示例-001", "JL-示例-002",
    ),
    sheet.KIND: (
        N_("单选, 多选, 不定项, 判断, 填空, 排序, 连线, 简答, 文书 or 案例."), "单选", "判断",
    ),
    sheet.CASE: (N_("For a question of a case: the 题号 of the case's own row."), "", ""),
    sheet.STEM: (
        N_("Mark each blank with four underscores."),
        "行政处罚由哪个机关实施？", "限制人身自由的行政处罚只能由法律设定。",
    ),
    sheet.PAIRS: (N_("Only for 连线: the right side, one entry a line."), "", ""),
    sheet.KEY: (
        N_(
            "B, ACD, 对 or 错; blanks separated by ； and variants by /; BDAC for 排序, A2 B1 C3 for 连线; "
            "for 简答 and 文书 the reference answer."
        ),
        "B", "对",
    ),
    sheet.POINTS: (N_("For 简答 one marking point a line; for 文书 one criterion|points a line."), "", ""),
    sheet.RATIONALE: (N_("A sentence that says why the key is right."), *RATIONALE_EXAMPLES),
    sheet.LAW: (N_("The law's short title, one citation a line."), "行政处罚法", "行政处罚法"),
    sheet.LABEL: (N_("The version as the library names it."), "2021 修订", "2021 修订"),
    sheet.ARTICLE: (N_("Such as 第五十一条."), "第十七条", "第十条"),
    sheet.SUMMARY: (N_("May stay empty: what the article says, in one sentence of yours."), "", ""),
    sheet.TOPIC: (N_("One topic; papers are drawn by topic."), "行政处罚", "行政处罚"),
    sheet.DIFFICULTY: (N_("1 (easy) to 5 (hard); empty is 3."), "2", "3"),
    sheet.LEVEL: (N_("识记, 理解, 应用 or 分析; empty is 理解."), "识记", "理解"),
    sheet.TAGS: (N_("Words of your own, separated by ；."), "", ""),
    sheet.SOURCE: (N_("Where the question comes from."), "", ""),
    sheet.FIELD: (N_("Only where it differs from the bank's field."), "", ""),
    sheet.FROM: (N_("The first day on which it may be used, as 2026-11-23."), "", ""),
    sheet.UNTIL: (N_("The last day on which it may be used, as 2026-11-23."), "", ""),
}  # fmt: skip
OPTION_EXAMPLES = ("县级以上各级机关", "具有行政处罚权的行政机关", "任何社会组织")
REQUIRED = (sheet.KIND, sheet.STEM, "A", "B", sheet.KEY)


def question_columns() -> tuple[Column, ...]:
    rare = LETTERS[len(sheet.USUAL_OPTIONS) :]
    columns = []
    for title in (*sheet.TITLES, *rare):
        option = OPTION_EXAMPLES[LETTERS.index(title)] if title in ("A", "B", "C") else ""
        legend, *examples = LEGENDS.get(title, (N_("An option; leave no gaps."), option, ""))
        pair = (examples[0], examples[1])
        columns.append(Column(title, legend, pair, title in REQUIRED, in_template=title not in rare))
    return tuple(columns)
