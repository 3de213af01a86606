# ruff: noqa: E501  (lines of documents as they are set)
"""A second set of harder documents, again written before the reader had met their like."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from question_bank.questions import Citation, Kind, Question
from tests.question_bank.formats.docx_files import abstract, document, num, paragraph, picture, png, run, table
from tests.question_bank.formats.habits import Made, options, wide
from tests.question_bank.formats.habits_unseen import plain, unseen
from tests.question_bank.formats.pool import GAP, MULTIPLES, SHORTS, SINGLES, TRUTHS, multiple, single, truth


@unseen
def a_contest_with_everything_in_one_paragraph() -> Made:
    a = single("《行政处罚法》规定，罚款应当自收到决定书之日起（　）日内缴纳。", "七|十|十五", "C")
    b = single("赋权事项由乡镇人民政府以（　）名义行使。", "自己的|县政府的|委托机关的", "A")
    c = multiple("执法全过程记录的方式有（　）。", "文字|录音|录像|口头转述", "ABC")
    blocks = ["法律知识竞赛题库"]
    for n, q in enumerate((a, b, c), 1):
        blocks.append(
            f"{n}、{q.stem.replace(GAP, f'（{q.key}）')}{'、'.join('')}" + "".join(f" {o}" for o in options(q, "、"))
        )
    return document(*blocks), [a, b, c]


@unseen
def the_kind_in_front_of_the_number() -> Made:
    a, b, t = SINGLES[0], MULTIPLES[0], TRUTHS[3]
    blocks = [
        f"【单选题】1. {a.stem}", *options(a), "正确答案：B", f"[多选题]2. {b.stem}", *options(b), "正确答案：A;B;D",
        f"【判断题】3. {t.stem}", "正确答案：错误",
    ]  # fmt: skip
    return document(*blocks), plain([a, b, t])


@unseen
def long_rationales_with_lists_and_articles() -> Made:
    a = replace(
        SINGLES[0], topic="处罚的种类",
        rationale="本题考查处罚种类。\n（1）通报批评属于声誉罚；\n（2）责令改正不是处罚。\n综上，选择B项。",
        citations=(Citation("行政处罚法", "", "第九条"), Citation("行政处罚法", "", "第二十八条")),
    )  # fmt: skip
    b = replace(
        MULTIPLES[3],
        rationale="A、B、D三项为法定情形。\nC项警告不在其列。",
        citations=(Citation("行政处罚法", "", "第六十三条"),),
    )
    blocks = []
    for n, q in enumerate((a, b), 1):
        first, *more = q.rationale.split("\n")
        law = "、".join(c.article for c in q.citations)
        blocks += [
            f"{n}．{q.stem}",
            *options(q, "．"),
            f"【答案】{q.key}",
            *([f"【考点】{q.topic}"] if q.topic else []),
        ]
        blocks += [f"【法律依据】《中华人民共和国行政处罚法》{law}", f"【解析】{first}", *more]
    return document(*blocks), [a, b]


@unseen
def statements_with_the_sign_first_and_a_correction() -> Made:
    a, b, c = TRUTHS[0], TRUTHS[1], TRUTHS[6]
    blocks = [
        "二、判断题（判断下列说法是否正确，正确的打“√”，错误的打“×”并改正）", f"1.（ √ ）{a.stem}", f"2.( × ){b.stem}",
        "改正：除法定情形外，罚缴分离。", f"3.（×）{c.stem}",
    ]  # fmt: skip
    return document(*blocks), [a, replace(b, stem=b.stem, rationale="除法定情形外，罚缴分离。"), c]


@unseen
def the_answer_in_brackets_behind_the_stem() -> Made:
    questions = list(SINGLES[:4])
    blocks = []
    for n, q in enumerate(questions, 1):
        said = (f"（答案：{q.key}）", f"[答案：{q.key}]", f"【答案：{q.key}】", f"（{q.key}）")[n - 1]
        blocks += [f"{n}. {q.stem.replace(GAP, '______')}{said}", *options(q)]
    expected = [replace(q, stem=q.stem.replace(GAP, "____"), rationale="") for q in questions]
    expected[3] = replace(expected[3], stem=expected[3].stem + GAP)
    return document(*blocks), expected


@unseen
def options_with_circled_numbers() -> Made:
    a, b = SINGLES[0], SINGLES[5]
    blocks = ["一、单项选择题"]
    for n, q in enumerate((a, b), 1):
        row = [f"{'①②③④'[k]}{text}" for k, text in enumerate(q.options)]
        blocks += [
            f"{n}. {q.stem}",
            "  ".join(row) if n == 1 else "\t".join(row),
            "答案：" + "①②③④"["ABCD".index(q.key)],
        ]
    return document(*blocks), plain([a, b])


@unseen
def parts_laws_and_numbers_that_go_on() -> Made:
    one, two = list(SINGLES[:3]), list(SINGLES[3:5])
    blocks = [
        paragraph("乡镇综合行政执法应知应会手册", centred=True), "目　录", "第一部分　公共法律知识…………1", "第一部分　公共法律知识",
        "一、单选题（共5题）", "（一）《行政处罚法》",
    ]  # fmt: skip
    for n, q in enumerate(one, 1):
        blocks += [f"{n}.{wide(q)}", *options(q), f"答案：{q.key}"]
    blocks.append("（二）《行政强制法》")
    for n, q in enumerate(two, 4):
        blocks += [f"{n}.{wide(q)}", *options(q), f"答案：{q.key}"]
    return document(*blocks), plain([*one, *two])


@unseen
def a_case_with_two_materials_and_numbers_that_go_on() -> Made:
    items = (SINGLES[2], replace(MULTIPLES[4], stem="本案现场笔录应当载明（　）。"), SINGLES[11])
    story = (
        "根据以下材料，回答36—38题。\n材料一：7月3日，甲县农业农村局接到举报，称某农资店销售假种子。\n"
        "材料二：执法人员张某、刘某到店检查，当场制作笔录。"
    )
    case = Question("", Kind.CASE_SET, story, items=items)
    blocks = ["四、综合分析题", *story.split("\n")]
    for n, q in enumerate(items, 36):
        blocks += [f"{n}. {q.stem}", *options(q), f"答案：{q.key}"]
    return document(*blocks), [replace(case, items=tuple(plain(list(items))))]


@unseen
def a_picture_a_formula_and_automatic_letters_in_cells() -> Made:
    digest = hashlib.sha256(png()).hexdigest()
    lists = abstract(0, [("upperLetter", "%1．")]) + num(5, 0, restart=True) + num(6, 0, restart=True)
    a, b = SINGLES[0], SINGLES[3]

    def cells(q: Question, key: int) -> str:
        row = [paragraph(text, num=(key, 0)) for text in q.options]
        return table([row[:2], row[2:]], borders=False)

    blocks = [
        paragraph(run("1．如图所示，"), picture("rId3", "违建现场"), run("该行为属于（　）。")), cells(a, 5), "答案：B",
        f"2．{b.stem}", cells(b, 6), "答案：B",
    ]  # fmt: skip
    stem = f"如图所示，![违建现场](picture:{digest})该行为属于（　）。"
    return document(*blocks, numbering=lists, media={"rId3": png()}), plain([replace(a, stem=stem), b])


@unseen
def wrapped_lines_out_of_a_pdf() -> Made:
    stem = "某县市场监督管理局在检查中发现某超市销售超过保质期的食品，执法人员当场制作了现场检查笔录，并由超市负责人签字确认。该笔录属于（　）。"
    a = single(stem, "书证|现场笔录|证人证言|鉴定意见，由具有资质的机构出具并由鉴定人签名或者盖章的书面意见", "B")
    blocks = [
        "1. " + stem[:30], stem[30:60], stem[60:], "A. 书证", "B. 现场笔录", "C. 证人证言", "D. " + a.options[3][:26], a.options[3][26:],
        "答案：B", "第 2 页 共 9 页", "2. " + SINGLES[5].stem, *options(SINGLES[5]), "答案：B",
    ]  # fmt: skip
    wrapped = replace(
        a, stem=stem,
        options=a.options,
    )  # fmt: skip
    return document(*blocks), plain([wrapped, SINGLES[5]])


@unseen
def half_brackets_and_short_labels() -> Made:
    a, b, s = SINGLES[4], SINGLES[9], SHORTS[0]
    blocks = []
    for n, q in enumerate((a, b), 1):
        blocks += [f"{n}) {q.stem}", *options(q, ")"), f"答:{q.key}"]
    blocks += [f"3) {s.stem}", f"答:{s.key[0]}"]
    return document(*blocks), [*plain([a, b]), s]


@unseen
def one_line_of_keys_for_all_kinds() -> Made:
    questions = [*SINGLES[:3], MULTIPLES[0], TRUTHS[0], truth("行政处罚决定一经作出即不得复议。", "F")]
    blocks = []
    for n, q in enumerate(questions, 1):
        blocks += [f"{n}. {q.stem}", *options(q)]
    blocks.append("答案：1.B；2.B；3.B；4.ABD；5.√；6.×")
    return document(*blocks), plain(questions)
