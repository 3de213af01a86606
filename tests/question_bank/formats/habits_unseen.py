# ruff: noqa: E501  (lines of documents as they are set)
"""Harder documents, written after the reader was finished: what it made of them at first sight is its true measure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from question_bank.questions import Kind, Question
from tests.question_bank.formats.docx_files import abstract, document, num, paragraph, run, table
from tests.question_bank.formats.habits import Made, options, wide
from tests.question_bank.formats.pool import (
    BLANKS,
    MULTIPLES,
    SHORTS,
    SINGLES,
    TRUTHS,
    blank,
    multiple,
    short,
    single,
    truth,
)  # fmt: skip

UNSEEN: dict[str, Callable[[], Made]] = {}


def unseen(make: Callable[[], Made]) -> Callable[[], Made]:
    UNSEEN[make.__name__] = make
    return make


def plain(questions: list[Question]) -> list[Question]:
    return [replace(q, rationale="") for q in questions]


@unseen
def an_exam_paper_with_one_line_of_keys_a_part() -> Made:
    one, two, three = list(SINGLES[:3]), list(MULTIPLES[:2]), list(TRUTHS[:4])
    blocks = [
        paragraph("2026年度全县行政执法人员资格考试", centred=True), paragraph("（满分100分，时间90分钟）", centred=True),
        "单位：____________    姓名：__________    成绩：______", "一、单项选择题（本大题共3小题，每小题2分，共6分）",
        "在每小题列出的四个备选项中只有一个是符合题目要求的。",
    ]  # fmt: skip
    for n, q in enumerate(one, 1):
        blocks += [f"{n}.{wide(q)}", "    ".join(options(q)[:2]), "    ".join(options(q)[2:])]
    blocks.append("二、多项选择题（本大题共2小题，每小题3分，共6分）")
    for n, q in enumerate(two, 4):
        blocks += [f"{n}.{wide(q)}", *options(q)]
    blocks.append("三、判断题（正确的在括号内打“√”，错误的打“×”）")
    blocks += [f"（    ）{n}.{q.stem}" for n, q in enumerate(three, 6)]
    blocks += [
        "2026年度全县行政执法人员资格考试参考答案",
        "一、单项选择题  1.B  2.B  3.B",
        "二、多项选择题  4.ABD  5.ABCD",
    ]
    blocks += ["三、判断题  6.√  7.×  8.√  9.×"]
    return document(*blocks), plain([*one, *two, *three])


@unseen
def lists_inside_stems_and_rationales() -> Made:
    a = single(
        "下列关于听证的说法：\n1. 当事人应当在五日内提出；\n2. 听证一律公开；\n3. 当事人不承担费用。\n其中正确的是（　）。",
        "1和2|1和3|2和3|全部", "B", "A项错误，涉密的不公开。\nB项正确。\nC. 错误，理由同上。\nD. 错误。",
    )  # fmt: skip
    b = multiple(
        "①警告 ②罚款 ③约谈 ④吊销许可证，以上属于处罚的有（　）。", "①②|②③|①②④|②④", "CD",
        "理由如下：\n1. 约谈不是处罚。\n2. 其余都是处罚。",
    )  # fmt: skip
    c = single("关于期限，说法正确的是（　）。", "（1）五日|（2）七日|（3）十日|（4）十五日", "B")
    blocks = ["一、选择题"]
    for n, q in enumerate((a, b, c), 1):
        head, *rest = q.stem.split("\n")
        blocks += [f"{n}. {head}", *rest, *options(q, ". "), f"答案：{q.key}"]
        if q.rationale:
            first, *more = q.rationale.split("\n")
            blocks += [f"解析：{first}", *more]
    return document(*blocks), [a, b, c]


@unseen
def gaps_and_doubles_in_the_numbers() -> Made:
    questions = list(SINGLES[:6])
    numbers, labels = [1, 2, 2, 5, 6, 10], ["[答案]", "【正确答案】 ", "［答案］", "答案:", "答案 ", "正 确答案："]
    labels[5] = "标准答案："
    blocks = []
    for n, label, q in zip(numbers, labels, questions, strict=True):
        blocks += [f"{n}{'.、．'[n % 3]}{q.stem}", *options(q, "、．."[n % 3]), f"{label}{q.key}"]
    return document(*blocks), plain(questions)


@unseen
def keys_and_rationales_in_a_table() -> Made:
    questions = [replace(q, rationale=q.rationale or "依据法条。") for q in SINGLES[:4]]
    lists = abstract(4, [("decimal", "%1、")]) + num(9, 4)
    blocks = []
    for q in questions:
        blocks.append(paragraph(run(q.stem + "\n" + "\n".join(options(q))), num=(9, 0)))
    rows = [["题号", "答案", "解析"], *([str(n), str(q.key), q.rationale] for n, q in enumerate(questions, 1))]
    return document(*blocks, "参考答案及解析", table(rows), numbering=lists), questions


@unseen
def a_case_whose_questions_are_spelt_out() -> Made:
    two = (
        short("执法人员的做法是否合法？为什么？", "不合法，执法人员少于两人。", "不合法，执法人员少于两人。"),
        short("当事人可以通过哪些途径救济？", "行政复议或者行政诉讼。", "行政复议或者行政诉讼。"),
    )
    case = Question("", Kind.CASE_SET, "某日，城管队员孙某独自一人将摊贩周某的三轮车拉走，未出具任何文书。", items=two)
    alone = short(
        "某酒店未按规定公示卫生许可证，监督员当场罚款200元并自行收缴。\n请分析监督员收缴罚款是否合法。",
        "不合法。超过当场收缴限额。", "不合法。超过当场收缴限额。",
    )  # fmt: skip
    blocks = [
        "案例分析题（每题20分）", "【案例一】", case.stem, f"问题一：{two[0].stem}", f"问题二：{two[1].stem}", "【参考答案】",
        f"问题一：{two[0].key[0]}", f"问题二：{two[1].key[0]}", "【案例二】", alone.stem.split("\n")[0], "问题：" + alone.stem.split("\n")[1],
        f"参考答案：{alone.key[0]}",
    ]  # fmt: skip
    return document(*blocks), [case, alone]


@unseen
def answers_written_into_the_blanks() -> Made:
    expected = [
        blank("先行登记保存的证据，应当在____日内作出处理决定。", "七"),
        blank("行政处罚遵循____、____的原则。", "公正", "公开"),
        blank("对公民处____元以下罚款可以当场作出决定。", "二百"),
    ]
    blocks = [
        "填空题", "1、先行登记保存的证据，应当在（ 七 ）日内作出处理决定。", "2、行政处罚遵循（公正）、（公开）的原则。",
        paragraph(run("3、对公民处"), run("  二百  ", u=True), run("元以下罚款可以当场作出决定。")),
    ]  # fmt: skip
    return document(*blocks), expected


@unseen
def statements_as_two_options() -> Made:
    a, b = TRUTHS[:2]
    c = multiple("下列属于执法证件记载事项的有（　）。", "姓名|单位|编号|照片|有效期", "ABCDE")
    d = single("现场检查笔录由谁签名？（　）", "当事人|见证人|执法人员|以上都要", "D")
    blocks = [
        "1. " + a.stem, "A. 对", "B. 错", "答案：A", "2. " + b.stem, "A.正确  B.错误", "答案：B", f"解析：{b.rationale}",
        "3. " + c.stem, *options(c), "答案：ABCDE（全选）", "4. " + d.stem, "a. 当事人", "b. 见证人", "c. 执法人员", "d. 以上都要", "答案：d",
    ]  # fmt: skip
    return document(*blocks), [a, b, c, d]


@unseen
def every_question_in_a_box() -> Made:
    questions = list(SINGLES[:3])
    blocks = []
    for n, q in enumerate(questions, 1):
        left = "\n".join([f"{n}. {q.stem}", *options(q)])
        blocks += [table([[left, f"答案：{q.key}"]]), "<blank/>"]
    return document(*blocks), plain(questions)


@unseen
def lists_that_come_from_styles_keys_highlighted() -> Made:
    one, two = list(SINGLES[:3]), list(MULTIPLES[:2])
    lists = (
        abstract(1, [("chineseCounting", "%1、"), ("decimal", "%2."), ("upperLetter", "%3.")]) + num(1, 1)
    )  # fmt: skip
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="s{depth}"><w:name w:val="题{depth}"/><w:pPr><w:numPr>'
        f'<w:ilvl w:val="{depth}"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        for depth in range(3)
    )
    blocks = []
    for head, questions in (("单项选择题", one), ("多项选择题", two)):
        blocks.append(paragraph(head, style="s0"))
        for q in questions:
            blocks.append(paragraph(q.stem, style="s1"))
            for letter, text in zip("ABCDEFGH", q.options, strict=False):
                mark = {"highlight": "yellow"} if letter in q.key else {}
                blocks.append(paragraph(run(text, **mark), style="s2"))
    return document(*blocks, numbering=lists, styles=styles), plain([*one, *two])


@unseen
def labelled_blocks_between_dashes() -> Made:
    questions = [SINGLES[0], MULTIPLES[1], TRUTHS[1]]
    words = {Kind.SINGLE: "单选题", Kind.MULTIPLE: "多选题", Kind.TRUE_FALSE: "判断题"}
    blocks = []
    for n, q in enumerate(questions, 1):
        blocks += [f"题号：{n}", f"题型：{words[q.kind]}", f"题干：{q.stem}"]
        blocks += ["选项：", *options(q)] if q.options else []
        blocks += [
            f"答案：{ {'T': '对', 'F': '错'}.get(str(q.key), q.key) }",
            f"解析：{q.rationale}",
            "--------------------",
        ]
    return document(*blocks), questions


@unseen
def key_before_the_options() -> Made:
    questions = list(SINGLES[:3])
    blocks = []
    for n, q in enumerate(questions, 1):
        blocks += [f"{n}、{q.stem}  答案：{q.key}", *options(q, "、")]
    return document(*blocks), plain(questions)


@unseen
def keys_in_the_rationale_only() -> Made:
    questions = [
        replace(SINGLES[0], rationale="通报批评是处罚，责令改正不是。故选B。"),
        replace(SINGLES[7], rationale="非法手段取得的证据应当排除，因此本题答案为B。"),
        replace(MULTIPLES[0], rationale="C项不是回避事由。故本题选ABD。"),
    ]
    blocks = []
    for n, q in enumerate(questions, 1):
        blocks += [f"【{n}】{q.stem}", *options(q), f"【解析】{q.rationale}"]
    return document(*blocks), questions


@unseen
def short_and_blank_answers_at_the_end() -> Made:
    blocks = ["一、填空题（每空1分）", *(f"{n}.{q.stem}" for n, q in enumerate(BLANKS[:3], 1)), "二、简答题"]
    blocks += [f"{n}.{q.stem}" for n, q in enumerate(SHORTS, 1)]
    blocks += ["答案", "一、填空题", "1.十五/15", "2.公正；公开", "3.七/7", "二、简答题"]
    for n, q in enumerate(SHORTS, 1):
        first, *more = q.key[0].split("；")
        blocks += [f"{n}.答：{first}；", *(f"{m}{'；' if m is not more[-1] else ''}" for m in more)]
    expected = [replace(q, key=(q.key[0].replace("；", "；\n"), *q.key[1:])) for q in SHORTS]
    return document(*blocks), [*BLANKS[:3], *expected]


@unseen
def a_note_between_two_questions() -> Made:
    a, b, t = SINGLES[1], SINGLES[5], truth("行政机关可以委托个人实施行政处罚。", "F")
    blocks = [
        "1. " + a.stem, *options(a), "答案：B", "<blank/>", "以上内容摘自2024年培训讲义，仅供内部学习使用。", "<blank/>",
        "2. " + b.stem, *options(b), "答案：B", "3. " + t.stem, "答案：F",
    ]  # fmt: skip
    return document(*blocks), plain([a, b, t])
