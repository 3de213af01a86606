# ruff: noqa: E501  (lines of documents as they are set)
"""Documents as Chinese trainers set them, each with the questions that must come out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from question_bank.questions import LETTERS, Citation, Kind, Question
from tests.question_bank.formats import pool
from tests.question_bank.formats.docx_files import (
    abstract,
    document,
    num,
    paragraph,
    picture,
    png,
    run,
    table,
)  # fmt: skip
from tests.question_bank.formats.pool import BLANKS, GAP, MULTIPLES, SINGLES, TRUTHS

Made = tuple[bytes, list[Question]]
HABITS: dict[str, Callable[[], Made]] = {}
SPACE = "\u3000"


def habit(make: Callable[[], Made]) -> Callable[[], Made]:
    HABITS[make.__name__] = make
    return make


def options(question: Question, sign: str = ".") -> list[str]:
    return [f"{letter}{sign}{text}" for letter, text in zip(LETTERS, question.options, strict=False)]


def keyed(question: Question, key: str | None = None) -> str:
    """The stem with the key in its bracket."""
    return question.stem.replace(GAP, f"（ {key or question.key} ）")


def wide(question: Question) -> str:
    return question.stem.replace(GAP, f"（{SPACE}{SPACE}）")


@habit
def one_paragraph_an_option() -> Made:
    questions = [*SINGLES[:6]]
    blocks = [paragraph("执法知识练习题", centred=True)]
    for number, q in enumerate(questions, 1):
        blocks += [f"{number}.{wide(q)}", *options(q), f"答案：{q.key}"]
        blocks += [f"解析：{q.rationale}"] if q.rationale else []
    return document(*blocks), questions


@habit
def key_in_the_bracket_options_on_one_line() -> Made:
    questions = [*SINGLES[4:8], *MULTIPLES[:3]]
    blocks = ["一、单项选择题（每题2分）"]
    for number, q in enumerate(questions, 1):
        if number == 5:
            blocks.append("二、多项选择题（每题3分，多选少选均不得分）")
        at = number if number < 5 else number - 4
        stem = keyed(q) if GAP in q.stem else f"{q.stem}（{SPACE}{q.key}{SPACE}）"
        blocks += [f"{at}、{stem}", "  ".join(options(q, "、"))]
    expected = [q if GAP in q.stem else replace(q, stem=q.stem + GAP) for q in questions]
    return document(*blocks), [replace(q, rationale="") for q in expected]


@habit
def automatic_numbers_and_letters() -> Made:
    """Neither numbers nor letters stand in the text; each question has a list of letters of its own."""
    questions = [*SINGLES[:5], *MULTIPLES[:2]]
    lists = abstract(0, [("decimal", "%1.")]) + abstract(1, [("upperLetter", "%1.")])
    lists += num(1, 0) + "".join(num(10 + n, 1, restart=True) for n in range(len(questions)))
    blocks = []
    for number, q in enumerate(questions):
        blocks.append(paragraph(q.stem, num=(1, 0)))
        blocks += [paragraph(text, num=(10 + number, 0)) for text in q.options]
        blocks.append(f"【答案】{q.key}")
        blocks += [f"【解析】{q.rationale}"] if q.rationale else []
    return document(*blocks, numbering=lists), questions


@habit
def one_list_of_two_levels() -> Made:
    questions = [*SINGLES[5:10]]
    lists = abstract(7, [("decimal", "%1、"), ("upperLetter", "%2．")]) + num(3, 7)
    blocks = ["一、单选题"]
    for q in questions:
        blocks.append(paragraph(keyed(q) if GAP in q.stem else q.stem + f"（{q.key}）", num=(3, 0)))
        blocks += [paragraph(text, num=(3, 1)) for text in q.options]
    expected = [replace(q, rationale="", stem=q.stem if GAP in q.stem else q.stem + GAP) for q in questions]
    return document(*blocks, numbering=lists), expected


@habit
def letters_that_nobody_restarted() -> Made:
    """The list of letters goes on E, F, G, H … in the second question."""
    questions = [*SINGLES[:2]]
    lists = abstract(0, [("decimal", "%1.")]) + abstract(1, [("upperLetter", "%1.")]) + num(1, 0) + num(2, 1)
    blocks = []
    for q in questions:
        blocks += [
            paragraph(q.stem, num=(1, 0)),
            *(paragraph(text, num=(2, 0)) for text in q.options),
            f"答案：{q.key}",
        ]
    return document(*blocks, numbering=lists), [replace(q, rationale="") for q in questions]


@habit
def options_by_tabs_with_boxed_labels() -> Made:
    questions = [
        replace(SINGLES[0], topic="处罚种类", difficulty=2, citations=(Citation("行政处罚法", "", "第九条"),)),
        replace(
            SINGLES[4], topic="罚款执行", difficulty=4, citations=(Citation("行政处罚法", "", "第七十二条第一款"),)
        ),
        replace(MULTIPLES[1], topic="基本原则", difficulty=3, citations=()),
        replace(MULTIPLES[3], topic="听证", difficulty=5, citations=(Citation("行政处罚法", "", "第63条"),)),
    ]
    words = {2: "较易", 4: "较难", 3: "中等", 5: "难"}
    blocks = []
    for number, q in enumerate(questions, 1):
        blocks += [
            f"{number}．{wide(q)}",
            "\t".join(options(q, "．")),
            f"【答案】{'、'.join(q.key)}【难度】{words[q.difficulty]}",
        ]
        blocks += [f"【解析】{q.rationale}", f"【知识点】{q.topic}"]
        blocks += [f"【法条】《中华人民共和国{c.law}》{c.article}" for c in q.citations]
    return document(*blocks), questions


@habit
def options_in_a_borderless_table() -> Made:
    questions = [*SINGLES[:4]]
    blocks = []
    for number, q in enumerate(questions, 1):
        two = options(q, ". ")
        blocks += [
            f"{number}. {q.stem}",
            table([two[:2], two[2:]] if number % 2 else [two], borders=False),
            f"正确答案：{q.key}",
        ]
    return document(*blocks), [replace(q, rationale="") for q in questions]


@habit
def keys_at_the_end() -> Made:
    groups = {
        "一、单项选择题": SINGLES[:5],
        "二、多项选择题": MULTIPLES[:4],
        "三、判断题（对的打√，错的打×）": TRUTHS[:5],
    }
    blocks = ["第一季度考试试卷", "姓名：________  单位：________  得分：________"]
    for head, questions in groups.items():
        blocks.append(head)
        for number, q in enumerate(questions, 1):
            blocks += [f"{number}、{wide(q)}" + ("（  ）" if q.kind is Kind.TRUE_FALSE else ""), *options(q, "、")]
    sign = {"T": "√", "F": "×"}
    blocks += ["<blank/>", "参考答案", "一、单项选择题", "1-5 " + "".join(q.key for q in SINGLES[:5]), "二、多项选择题"]
    blocks += ["  ".join(f"{n}.{q.key}" for n, q in enumerate(MULTIPLES[:4], 1)), "三、判断题"]
    blocks += ["1—5：" + "".join(sign[q.key] for q in TRUTHS[:5])]
    return document(*blocks), [replace(q, rationale="") for qs in groups.values() for q in qs]


@habit
def a_table_of_keys_at_the_end() -> Made:
    questions = [*SINGLES[:8], *MULTIPLES[:2]]
    blocks = []
    for number, q in enumerate(questions, 1):
        blocks += [f"{number}.{q.stem}", *options(q)]
    head = ["题号", *(str(n) for n in range(1, 6))], ["答案", *(q.key for q in questions[:5])]
    rest = ["题号", *(str(n) for n in range(6, 11))], ["答案", *(q.key for q in questions[5:])]
    blocks += [paragraph("答案", centred=True), table([*head, *rest])]
    return document(*blocks), [replace(q, rationale="") for q in questions]


def _marked(questions: list[Question], **marks: str | bool) -> Made:
    blocks = []
    for number, q in enumerate(questions, 1):
        blocks.append(f"{number}. {q.stem}")
        for letter, text in zip(LETTERS, q.options, strict=False):
            blocks.append(paragraph(run(f"{letter}. {text}", **(marks if letter in q.key else {}))))
    return document(*blocks), [replace(q, rationale="") for q in questions]


@habit
def keys_in_red() -> Made:
    return _marked([*SINGLES[:5], *MULTIPLES[:2]], color="FF0000")


@habit
def keys_in_bold() -> Made:
    return _marked([*SINGLES[5:9], MULTIPLES[3]], bold=True)


@habit
def keys_underlined() -> Made:
    return _marked([*SINGLES[2:6]], u=True)


@habit
def keys_in_red_on_one_line() -> Made:
    questions = [*SINGLES[:3], MULTIPLES[0]]
    blocks = []
    for number, q in enumerate(questions, 1):
        blocks.append(f"{number}、{q.stem}")
        parts = []
        for letter, text in zip(LETTERS, q.options, strict=False):
            parts += [run(f"{letter}.{text}", color="C00000" if letter in q.key else ""), run("    ")]
        blocks.append(paragraph(*parts))
    return document(*blocks), [replace(q, rationale="") for q in questions]


@habit
def tracked_changes() -> Made:
    questions = [*SINGLES[:4]]
    blocks = []
    for number, q in enumerate(questions, 1):
        gone = '<w:del w:id="1" w:author="x"><w:r><w:delText>旧的题干已作废</w:delText></w:r></w:del>'
        new = f'<w:ins w:id="2" w:author="x">{run(q.stem)}</w:ins>'
        blocks.append(paragraph(run(f"{number}. "), gone, new))
        blocks += options(q)
        blocks.append(
            paragraph(
                run("答案："),
                '<w:del w:id="3"><w:r><w:delText>D</w:delText></w:r></w:del>',
                f'<w:ins w:id="4">{run(str(q.key))}</w:ins>',
            )
        )
    return document(*blocks), [replace(q, rationale="") for q in questions]


@habit
def statements_with_signs() -> Made:
    """Behind the statement, before its number, as a Wingdings sign, as a word."""
    check = '<w:r><w:sym w:font="Wingdings 2" w:char="F050"/></w:r>'
    cross = '<w:r><w:sym w:font="Wingdings" w:char="F0FB"/></w:r>'
    q = TRUTHS
    blocks = [
        "判断题", f"1. {q[0].stem}（√）", f"2. {q[1].stem}（ × ）", f"解析：{q[1].rationale}", f"（ 对 ）3. {q[2].stem}",
        f"（错）4、{q[3].stem}", paragraph(run(f"5. {q[4].stem}（"), check, run("）")),
        paragraph(run(f"6. {q[6].stem}（ "), cross, run(" ）")), f"7. {q[5].stem}", "答案：正确", f"8. {q[7].stem}（   ）",
        f"答案：错误。{q[7].rationale}",
    ]  # fmt: skip
    expected = [q[0], q[1], q[2], replace(q[3], rationale=""), q[4], q[6], q[5], q[7]]
    return document(*blocks), expected


@habit
def blanks_of_all_sorts() -> Made:
    a, b, c, d = BLANKS
    before, after = c.stem.split("____")
    blocks = [
        "二、填空题（每空1分）", f"1. {a.stem}", "答案：十五/15", f"2. {b.stem.replace('____', '（    ）')}", "答案：公正；公开",
        paragraph(run("3. " + before), run("        ", u=True), run(after)), "【答案】七／7",
        f"4. {d.stem.replace('____', '_________')}", "参考答案：非本案调查",
        paragraph(run("5. 行政处罚决定书应当在宣告后"), run("当场", u=True), run("交付当事人。")),
    ]  # fmt: skip
    last = pool.blank("行政处罚决定书应当在宣告后____交付当事人。", "当场")
    return document(*blocks), [a, b, c, d, last]


@habit
def pictures_and_tables() -> Made:
    first, second = SINGLES[0], SINGLES[8]
    digest = __import__("hashlib").sha256(png()).hexdigest()
    shown = f"![现场照片]({'picture:' + digest})"
    rows = [["违法所得", "罚款倍数"], ["一万元以下", "1倍"], ["一万元以上", "2|3倍"]]
    blocks = [
        paragraph(run(f"1. {first.stem}"), picture("rId9", "现场照片")), *options(first), f"答案：{first.key}",
        "2. 根据下表，违法所得8000元的罚款倍数是（　）。", table(rows), "A. 1倍", "B. 2倍", "C. 3倍", "D. 不罚", "答案：A",
        paragraph(run(f"3. {second.stem}")), paragraph(picture("rId9")), *options(second), f"答案：{second.key}",
    ]  # fmt: skip
    markdown = "| 违法所得 | 罚款倍数 |\n| --- | --- |\n| 一万元以下 | 1倍 |\n| 一万元以上 | 2\\|3倍 |"
    expected = [
        replace(first, stem=first.stem + shown, rationale=""),
        pool.single(f"根据下表，违法所得8000元的罚款倍数是（　）。\n\n{markdown}", "1倍|2倍|3倍|不罚", "A"),
        replace(second, stem=f"{second.stem}\n![图2](picture:{digest})"),
    ]
    return document(*blocks, media={"rId9": png()}), expected


@habit
def a_question_a_row() -> Made:
    questions = [*SINGLES[:3], *MULTIPLES[:1], TRUTHS[0]]
    words = {Kind.SINGLE: "单选题", Kind.MULTIPLE: "多选题", Kind.TRUE_FALSE: "判断题"}
    rows = [["序号", "题型", "题干", "选项A", "选项B", "选项C", "选项D", "答案", "解析"]]
    for number, q in enumerate(questions, 1):
        key = "对" if q.key == "T" else str(q.key)
        rows.append([str(number), words[q.kind], q.stem, *(*q.options, "", "", "", "")[:4], key, q.rationale])
    return document("题库", table(rows)), questions


@habit
def soft_line_breaks_and_full_width_signs() -> Made:
    """A whole question in one paragraph, lines parted by shift-enter."""
    questions = [*SINGLES[:4], MULTIPLES[2]]
    blocks = []
    for number, q in enumerate(questions, 1):
        letters = "ＡＢＣＤ"
        lines = [f"第{number}题：{q.stem}", *(f"{letters[n]}．{text}" for n, text in enumerate(q.options))]
        blocks.append(paragraph("\n".join([*lines, f"参考答案：{''.join(letters['ABCD'.index(k)] for k in q.key)}"])))
    return document(*blocks), [replace(q, rationale="") for q in questions]


@habit
def questions_without_numbers() -> Made:
    questions = [*SINGLES[:3], *MULTIPLES[:2]]
    blocks = []
    for q in questions:
        blocks += [q.stem, *options(q), f"答案：{q.key}"]
        blocks += [f"解析：{q.rationale}"] if q.rationale else []
        blocks.append("<blank/>")
    return document(*blocks), questions


@habit
def the_kind_before_each_stem() -> Made:
    q, m, t = SINGLES[3], MULTIPLES[0], TRUTHS[1]
    blocks = [
        f"1.（单选题）{q.stem}", " ".join(options(q)), "答案：B. 必须充分听取",
        f"2.【多选题】{m.stem}（3分）", *options(m, "、"), "答案：A,B,D", f"3.（判断题，2分）{t.stem}（　　）",
        f"答案：错。{t.rationale}", "出处：《行政处罚法》第六十七条",
    ]  # fmt: skip
    return document(*blocks), [q, m, replace(t, citations=(Citation("行政处罚法", "", "第六十七条"),))]
