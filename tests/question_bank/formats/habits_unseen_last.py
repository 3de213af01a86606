# ruff: noqa: E501  (lines of documents as they are set)
"""A third set, nearer to everyday documents, written after the second had been learnt from."""

from __future__ import annotations

from dataclasses import replace

from question_bank.questions import Citation, Kind, Question
from tests.question_bank.formats.docx_files import abstract, document, num, paragraph, run, table
from tests.question_bank.formats.habits import Made, options, wide
from tests.question_bank.formats.habits_unseen import plain, unseen
from tests.question_bank.formats.pool import BLANKS, GAP, MULTIPLES, SINGLES, TRUTHS, multiple, short, single, truth

SPACE = "\u3000"


@unseen
def counted_questions_with_keys_in_half_brackets() -> Made:
    one, two = list(SINGLES[:4]), [*MULTIPLES[:2], MULTIPLES[3]]
    lists = abstract(0, [("decimal", "%1.")]) + num(1, 0) + num(2, 0, restart=True)
    blocks = [paragraph("市场监管执法题库", centred=True), "一、单选题(每题1分,共4分)"]
    for key, questions in ((1, one), (2, two)):
        if key == 2:
            blocks.append("二、多选题(每题2分,共6分)")
        for q in questions:
            blocks.append(paragraph(q.stem.replace(GAP, f"( {q.key} )"), num=(key, 0)))
            blocks += [f"{SPACE}{SPACE}{o}" for o in options(q, ".")]
    return document(*blocks, numbering=lists), plain([*one, *two])


@unseen
def labels_with_half_width_colons() -> Made:
    questions = [
        replace(SINGLES[0], topic="处罚种类", difficulty=3),
        replace(SINGLES[7], topic="证据规则", difficulty=1),
    ]
    blocks = []
    for n, q in enumerate(questions, 1):
        blocks += [f"{n}、{q.stem}", *(f"{letter}:{text}" for letter, text in zip("ABCD", q.options, strict=True))]
        blocks += [f"答案:{q.key}", f"难易程度:{'中' if q.difficulty == 3 else '易'}", f"知识点:{q.topic}"]
    return document(*blocks), plain(questions)


@unseen
def options_parted_by_semicolons() -> Made:
    questions = [SINGLES[3], MULTIPLES[3], SINGLES[8]]
    blocks = []
    for n, q in enumerate(questions, 1):
        row = "；".join(f"{letter}．{text}" for letter, text in zip("ABCD", q.options, strict=True)) + "。"
        blocks += [f"{n}．{q.stem}", row, f"【参考答案】{q.key}"]
    expected = [
        replace(q, options=(*(f"{o}；" for o in q.options[:-1]), f"{q.options[-1]}。"), rationale="") for q in questions
    ]
    return document(*blocks), expected


@unseen
def statements_and_blanks_in_everyday_manner() -> Made:
    a, b, c = TRUTHS[:3]
    blocks = [
        "一、判断题（共3题）", f"1、{a.stem}（对）", f"2、{b.stem}（错）", f"3、{c.stem}(T)", "二、填空题（共3题）",
        f"1、{BLANKS[0].stem.replace('____', '________')}", "答：十五", f"2、{BLANKS[1].stem.replace('____', '（      ）')}",
        "答：公正、公开", f"3、{BLANKS[3].stem}（非本案调查）".replace("（非本案调查）", ""), "答：非本案调查",
    ]  # fmt: skip
    blanks = [replace(BLANKS[0], key=(("十五",),)), BLANKS[1], BLANKS[3]]
    return document(*blocks), plain([a, b, c, *blanks])


@unseen
def chinese_numerals_before_the_questions() -> Made:
    questions = list(SINGLES[:3])
    blocks = []
    for name, q in zip("一二三", questions, strict=True):
        blocks += [f"{name}、{q.stem}", *options(q), f"答案：{q.key}"]
    return document(*blocks), plain(questions)


@unseen
def options_together_in_a_cell() -> Made:
    questions = [replace(q, citations=(Citation("行政处罚法", "", "第九条"),)) for q in (*SINGLES[:3], MULTIPLES[1])]
    rows = [["题号", "题目", "选项", "答案", "法律依据"]]
    rows += [
        [str(n), q.stem, "\n".join(options(q)), str(q.key), "《行政处罚法》第九条"] for n, q in enumerate(questions, 1)
    ]
    return document(paragraph("附件1", centred=False), table(rows)), plain(questions)


@unseen
def a_table_of_keys_for_each_kind() -> Made:
    one, two, three = list(SINGLES[:5]), list(MULTIPLES[:3]), list(TRUTHS[:4])
    blocks = []
    for head, questions in (("一、单项选择题", one), ("二、多项选择题", two), ("三、判断题", three)):
        blocks.append(head)
        for n, q in enumerate(questions, 1):
            blocks += [f"{n}. {wide(q)}", *options(q)]
    blocks.append("参考答案")
    sign = {"T": "√", "F": "×"}
    for head, questions in (("一、单项选择题", one), ("二、多项选择题", two), ("三、判断题", three)):
        row = [sign.get(str(q.key), str(q.key)) for q in questions]
        blocks += [head, table([["题号", *map(str, range(1, len(row) + 1))], ["答案", *row]])]
    return document(*blocks), plain([*one, *two, *three])


@unseen
def a_case_with_its_questions_on_one_line() -> Made:
    items = (
        short("该局的做法是否合法？", "不合法。", "不合法。"),
        short("理由是什么？", "未告知当事人权利。", "未告知当事人权利。"),
    )
    case = Question(
        "", Kind.CASE_SET, "某县农业农村局对养殖户吴某作出罚款3000元的决定，作出前未告知其有权陈述申辩。", items=items
    )
    blocks = [
        "案例分析",
        f"案情：{case.stem}",
        "问题：1.该局的做法是否合法？2.理由是什么？",
        "答案：1.不合法。2.未告知当事人权利。",
    ]
    return document(*blocks), [case]


@unseen
def full_width_numbers_and_letters() -> Made:
    questions = [SINGLES[2], SINGLES[6], MULTIPLES[5]]
    blocks = []
    for n, q in zip("１２３", questions, strict=True):
        letters = dict(zip("ABCD", "ＡＢＣＤ", strict=True))
        blocks += [f"{n}．{q.stem}", SPACE.join(f"{letters[x]}．{t}" for x, t in zip("ABCD", q.options, strict=True))]
        blocks.append("答案：" + "".join(letters[x] for x in str(q.key)))
    return document(*blocks), plain(questions)


@unseen
def questions_and_answers_without_numbers() -> Made:
    a = short(
        "什么是行政处罚？", "行政机关依法对违法行为人予以惩戒的行为。", "行政机关依法对违法行为人予以惩戒的行为。"
    )
    b = short("听证由谁主持？", "非本案调查人员。", "非本案调查人员。")
    blocks = ["问答题", f"问：{a.stem}", f"答：{a.key[0]}", f"问：{b.stem}", f"答：{b.key[0]}"]
    return document(*blocks), [a, b]


@unseen
def blue_answers_and_a_note_of_the_source() -> Made:
    questions = list(SINGLES[:3])
    blocks = [paragraph("来源：2025年全省轮训试题", centred=True)]
    for n, q in enumerate(questions, 1):
        blocks.append(f"{n}. {q.stem}")
        for letter, text in zip("ABCD", q.options, strict=True):
            blocks.append(paragraph(run(f"{letter}. {text}", color="0070C0" if letter == q.key else "")))
    return document(*blocks), plain(questions)


@unseen
def everyday_choices_with_long_rationales() -> Made:
    a = single(
        "关于行政处罚的追诉时效，下列说法正确的是：", "一律为二年|涉及公民生命健康安全且有危害后果的为五年|一律为五年|没有时效", "B",
        "违法行为在二年内未被发现的，不再给予行政处罚；涉及公民生命健康安全、金融安全且有危害后果的，上述期限延长至五年。",
    )  # fmt: skip
    b = multiple(
        "下列说法中，错误的有：", "限制人身自由的处罚只能由法律设定|地方性法规可以设定吊销营业执照|规章可以设定行政拘留|规范性文件可以设定警告",
        "BCD", "A项正确。B项，地方性法规不得设定限制人身自由、吊销营业执照。C项、D项均越权。",
    )  # fmt: skip
    c = truth("当事人对处罚决定不服申请行政复议的，处罚一律停止执行。", "F", "复议期间不停止执行，法律另有规定的除外。")
    blocks = [
        "【单选题】",
        f"1. {a.stem}",
        *options(a),
        "【答案】B",
        f"【解析】{a.rationale}",
        "【多选题】",
        f"1. {b.stem}",
    ]
    blocks += [
        *options(b),
        "【答案】BCD",
        f"【解析】{b.rationale}",
        "【判断题】",
        f"1. {c.stem}",
        "【答案】×",
        f"【解析】{c.rationale}",
    ]
    return document(*blocks), [a, b, c]
