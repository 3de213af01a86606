# ruff: noqa: E501  (lines of documents as they are set)
"""A fourth set, written last of all: everyday documents once more."""

from __future__ import annotations

from dataclasses import replace

from question_bank.questions import Citation, Kind, Question
from tests.question_bank.formats.docx_files import abstract, document, num, paragraph, run, table
from tests.question_bank.formats.habits import Made, options, wide
from tests.question_bank.formats.habits_unseen import plain, unseen
from tests.question_bank.formats.pool import (
    BLANKS,
    GAP,
    MULTIPLES,
    ORDERS,
    SHORTS,
    SINGLES,
    TRUTHS,
    blank,
    multiple,
    short,
    single,
)


@unseen
def a_monthly_test_with_all_kinds() -> Made:
    s, m, t, b, q = list(SINGLES[:3]), list(MULTIPLES[:2]), list(TRUTHS[:3]), list(BLANKS[:2]), list(SHORTS[:1])
    blocks = [
        paragraph("交通运输执法“一月一考”试卷（9月）", centred=True),
        "姓名          单位          得分",
        "一、单选题（每小题4分）",
    ]
    for n, x in enumerate(s, 1):
        blocks += [
            f"{n}、{wide(x)}",
            "A、" + x.options[0] + "\tB、" + x.options[1],
            "C、" + x.options[2] + "\tD、" + x.options[3],
        ]
    blocks.append("二、多选题（每小题5分）")
    for n, x in enumerate(m, 1):
        blocks += [f"{n}、{wide(x)}", *options(x, "、")]
    blocks += [
        "三、判断题（每小题2分）",
        *(f"{n}、{x.stem}（　　）" for n, x in enumerate(t, 1)),
        "四、填空题（每空2分）",
    ]
    blocks += [f"{n}、{x.stem}" for n, x in enumerate(b, 1)]
    blocks += [
        "五、简答题（10分）",
        *(f"{n}、{x.stem}" for n, x in enumerate(q, 1)),
        "<blank/>",
        "答案：",
        "一、单选题：1、B 2、B 3、B",
    ]
    blocks += [
        "二、多选题：1、ABD 2、ABCD",
        "三、判断题：1、√ 2、× 3、√",
        "四、填空题：",
        "1、十五/15",
        "2、公正；公开",
        "五、简答题：",
        f"1、{q[0].key[0]}",
    ]
    return document(*blocks), plain([*s, *m, *t, *b, *q])


@unseen
def a_bank_from_the_office_with_sources() -> Made:
    cited = (Citation("吉林省行政执法条例", "", "第十二条"),)
    a = replace(SINGLES[0], citations=cited, difficulty=2)
    b = replace(MULTIPLES[1], citations=cited, difficulty=4)
    c = replace(TRUTHS[1], citations=cited)
    blocks = []
    for n, (word, q) in enumerate((("单选题", a), ("多选题", b), ("判断题", c)), 1):
        key = {"T": "正确", "F": "错误"}.get(str(q.key), str(q.key))
        blocks += [
            f"{n}.【{word}】{q.stem}",
            *options(q),
            f"【正确答案】{key}",
            f"【答案解析】{q.rationale}",
            "【出处】《吉林省行政执法条例》第十二条",
        ]
        blocks += [f"【难度系数】{ {2: '0.7', 4: '0.3', 3: '0.5'}[q.difficulty] }"]
    return document(*blocks), [a, b, c]


@unseen
def stems_of_two_paragraphs() -> Made:
    a = single(
        "阅读下列材料：\n某公司未取得排污许可证排放污染物。\n对该行为应当由（　）处罚。",
        "生态环境主管部门|公安机关|水利部门|司法局",
        "A",
    )
    b = multiple(
        "执法人员在检查时发现：\n①台账缺失；②设备停用；③数据造假。\n应当立案的有（　）。", "①|②|③|都不立案", "ABC"
    )
    blocks = []
    for n, q in enumerate((a, b), 1):
        head, *rest = q.stem.split("\n")
        blocks += [f"{n}．{head}", *rest, *options(q, "．"), f"答案：{'、'.join(str(q.key))}"]
    return document(*blocks), [a, b]


@unseen
def counted_options_and_typed_questions_with_bold_heads() -> Made:
    questions = [*SINGLES[4:7], MULTIPLES[4]]
    lists = abstract(3, [("upperLetter", "%1、")]) + "".join(num(20 + n, 3, restart=True) for n in range(4))
    blocks = [paragraph(run("单项选择题", bold=True))]
    for n, q in enumerate(questions):
        if n == 3:
            blocks.append(paragraph(run("多项选择题", bold=True)))
        blocks.append(paragraph(run(f"{n + 1 if n < 3 else 1}、", bold=True), run(q.stem, bold=True)))
        blocks += [paragraph(text, num=(20 + n, 0)) for text in q.options]
        blocks.append(paragraph(run(f"参考答案：{q.key}", color="FF0000")))
    return document(*blocks, numbering=lists), plain(questions)


@unseen
def a_case_with_choices_and_keys_at_the_end() -> Made:
    items = (SINGLES[2], MULTIPLES[4], TRUTHS[6])
    case = Question(
        "",
        Kind.CASE_SET,
        "2025年4月，某县城管执法大队队员冯某独自到某烧烤店检查油烟净化设施，并当场制作笔录。",
        items=items,
    )
    blocks = ["案例分析题", "【案例】" + case.stem]
    for n, q in enumerate(items, 1):
        blocks += [f"{n}. {q.stem}", *options(q)]
    blocks += ["参考答案", "1. B", "2. ABD", "3. 错误"]
    return document(*blocks), [replace(case, items=tuple(plain(list(items))))]


@unseen
def rows_of_statements() -> Made:
    rows = [["序号", "题目", "答案", "解析"]]
    rows += [[str(n), q.stem, "√" if q.key == "T" else "×", q.rationale] for n, q in enumerate(TRUTHS[:6], 1)]
    return document(paragraph("判断题题库", centred=True), table(rows)), list(TRUTHS[:6])


@unseen
def orders_and_blanks_in_words() -> Made:
    a = replace(ORDERS[0], stem="请将下列环节按先后排序")
    b = blank("执法人员调查时不得少于____人，并应当主动出示____。", "两/2", "执法证件")
    c = short(
        "谈谈你对“过罚相当”的理解。",
        "处罚应当与违法行为的事实、性质、情节以及社会危害程度相当。",
        "处罚应当与违法行为的事实、性质、情节以及社会危害程度相当。",
    )
    blocks = [
        f"1.（排序题）{a.stem}：",
        *options(a, "、"),
        "正确答案：A-C-B-D",
        f"2.（填空题）{b.stem.replace('____', '（　　）')}",
        "正确答案：两/2；执法证件",
        f"3.（论述题）{c.stem}",
        f"参考答案：{c.key[0]}",
    ]
    return document(*blocks), [replace(a, stem=a.stem + "："), b, c]


@unseen
def a_second_style_of_exam_paper() -> Made:
    one, two = list(SINGLES[7:11]), list(TRUTHS[4:8])
    blocks = [
        paragraph("考试题（A卷）", centred=True),
        paragraph(run("一、单项选择题（下列各题只有一个选项正确）", bold=True)),
    ]
    for n, q in enumerate(one, 1):
        stem = q.stem.replace(GAP, f"（ {q.key} ）") if GAP in q.stem else f"{q.stem}（{q.key}）"
        blocks += [f"{n}.{stem}", "   ".join(f"({x}){t}" for x, t in zip("ABCD", q.options, strict=True))]
    blocks.append("二、判断题")
    blocks += [f"{n}.{q.stem}(  {'√' if q.key == 'T' else '×'}  )" for n, q in enumerate(two, 1)]
    expected = [q if GAP in q.stem else replace(q, stem=q.stem + GAP) for q in one]
    return document(*blocks), plain([*expected, *two])
