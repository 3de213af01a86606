# ruff: noqa: E501  (lines of documents as they are set)
"""More documents as trainers set them: cases, written answers, orders, pairs, and files of WPS."""

from __future__ import annotations

from dataclasses import replace

from question_bank.questions import LETTERS, Kind, Question
from tests.question_bank.formats.docx_files import R, document, package, paragraph, run, table
from tests.question_bank.formats.habits import Made, habit, keyed, options
from tests.question_bank.formats.pool import (
    CASES,
    DRAFTINGS,
    GAP,
    MATCHINGS,
    MULTIPLES,
    ORDERS,
    SHORTS,
    SINGLES,
    TRUTHS,
)  # fmt: skip

WORDS = {"T": "正确", "F": "错误"}


def answered(q: Question) -> list[str]:
    if q.kind is Kind.SHORT_ANSWER:
        return [f"答：{q.key[0]}"]
    return [*options(q), f"答案：{WORDS.get(str(q.key), q.key)}"]


@habit
def cases_with_headings() -> Made:
    blocks = ["四、案例分析题（共2题）"]
    for name, case in zip("一二", CASES, strict=True):
        blocks += (
            [f"案例{name}：{case.stem}", "请根据上述材料回答下列问题："] if name == "一" else [f"案例{name}", case.stem]
        )
        for number, item in enumerate(case.items, 1):
            blocks += [f"{number}. {item.stem}", *answered(item)]
    first = replace(CASES[0], stem=CASES[0].stem + "\n请根据上述材料回答下列问题：")
    return document(*blocks), [first, CASES[1]]


@habit
def cases_by_number() -> Made:
    """The case carries the number, its questions stand in brackets, and one answer serves them all."""
    blocks = ["五、案例题"]
    written = Question(
        "", Kind.CASE_SET, "某县交通运输局执法人员刘某一人上路检查，当场对司机钱某罚款2000元，未出具决定书。",
        items=(
            Question("", Kind.SHORT_ANSWER, "刘某的做法违反了哪些程序规定？", (), ("执法人员少于两人，且未出具决定书", "执法人员少于两人，且未出具决定书")),
            Question("", Kind.SHORT_ANSWER, "钱某可以怎样救济？", (), ("申请行政复议或者提起行政诉讼", "申请行政复议或者提起行政诉讼")),
        ),
    )  # fmt: skip
    blocks += [f"1. {CASES[0].stem}"]
    for number, item in enumerate(CASES[0].items, 1):
        blocks += [f"（{number}）{item.stem}", *options(item), f"答案：{item.key}"]
    blocks += [f"2. {written.stem}"]
    blocks += [f"（{number}）{item.stem}" for number, item in enumerate(written.items, 1)]
    blocks += ["答案：", *(f"（{n}）{item.key[0]}。" for n, item in enumerate(written.items, 1))]
    ends = tuple(replace(item, key=(item.key[0] + "。", item.key[1] + "。")) for item in written.items)
    return document(*blocks), [CASES[0], replace(written, items=ends)]


@habit
def written_answers() -> Made:
    draft = DRAFTINGS[0]
    blocks = ["三、简答题"]
    for number, q in enumerate(SHORTS, 1):
        blocks += [f"{number}. {q.stem}", f"参考答案：{q.key[0]}"]
    blocks += [
        "3. 简述执法全过程记录的方式。",
        "答：",
        "文字记录与音像记录相结合。",
        "得分点：",
        "1. 文字记录",
        "2. 音像记录",
    ]
    blocks += ["四、文书制作题", f"1. {draft.stem}", f"参考文书：{draft.key[0]}", "评分标准："]
    blocks += [f"（{n}）{what}（{points}分）" for n, (what, points) in enumerate(draft.key[1:], 1)]
    third = Question(
        "", Kind.SHORT_ANSWER, "简述执法全过程记录的方式。", (), ("文字记录与音像记录相结合。", "文字记录", "音像记录")
    )
    return document(*blocks), [*SHORTS, third, draft]


@habit
def orders_and_pairs() -> Made:
    a, b = ORDERS
    blocks = ["六、排序题", f"1. {a.stem}", *options(a), "答案：A→C→B→D", f"2. {b.stem}"]
    blocks += ["①" + b.options[0], "②" + b.options[1], "③" + b.options[2], "答案：②③①", "七、连线题"]
    one, two = MATCHINGS
    blocks.append(f"1. {one.stem}")
    blocks += [
        f"（{n}）{left}\t{LETTERS[n - 1]}. {right}"
        for n, (left, right) in enumerate(zip(one.options, one.matches, strict=True), 1)
    ]
    blocks += ["答案：1-B 2-A 3-C", f"2. {two.stem}"]
    blocks.append(
        table(
            [
                [f"{n}. {left}", f"{LETTERS[n - 1]}. {right}"]
                for n, (left, right) in enumerate(zip(two.options, two.matches, strict=True), 1)
            ]
        )
    )
    blocks += ["答案：1B，2A"]
    return document(*blocks), [a, b, one, two]


@habit
def keys_after_each_part_with_rationales() -> Made:
    """No word for the kinds; numbers begin again; the answers stand behind each part."""
    parts = ([*SINGLES[:3]], [*SINGLES[5:8]])
    blocks = []
    for title, questions in zip(("第一章 总则", "第二章 程序"), parts, strict=True):
        blocks.append(title)
        for number, q in enumerate(questions, 1):
            blocks += [f"{number}. {q.stem}", *options(q)]
        blocks.append("参考答案及解析")
        for number, q in enumerate(questions, 1):
            blocks.append(f"{number}.【答案】{q.key}【解析】{q.rationale or '略。'}")
    return document(*blocks), [replace(q, rationale=q.rationale or "略。") for part in parts for q in part]


@habit
def answers_at_the_end_with_written_ones() -> Made:
    blocks = ["一、判断题"]
    blocks += [f"{n}. {q.stem}" for n, q in enumerate(TRUTHS[:3], 1)]
    blocks += ["二、简答题", *(f"{n}. {q.stem}" for n, q in enumerate(SHORTS, 1)), "附：参考答案", "一、判断题"]
    blocks += ["1. √", "2. ×  解析：除法定情形外，罚缴应当分离。", "3. √", "二、简答题"]
    for number, q in enumerate(SHORTS, 1):
        blocks += [f"{number}. {q.key[0]}"]
    return document(*blocks), [*TRUTHS[:3], *SHORTS]


@habit
def a_file_of_wps() -> Made:
    """Other prefixes, no styles, content controls, alternate content with a text box, odd relations."""
    questions = [*SINGLES[:4], MULTIPLES[0]]
    body = ""
    for number, q in enumerate(questions, 1):
        stem = f"{number}.{keyed(q)}"
        lines = [stem, *options(q, "．")] if number != 3 else [stem]
        for line in lines:
            body += f"<x:p><x:r><x:t>{line}</x:t></x:r></x:p>"
        if number == 3:
            inner = "".join(f"<x:p><x:r><x:t>{one}</x:t></x:r></x:p>" for one in options(q, "．"))
            box = f"<x:txbxContent>{inner}</x:txbxContent>"
            body += (
                "<x:p><x:r><mc:AlternateContent><mc:Choice Requires='wps'><x:drawing><wps:txbx>"
                f"{box}</wps:txbx></x:drawing></mc:Choice><mc:Fallback><x:pict><v:textbox>{box}</v:textbox></x:pict>"
                "</mc:Fallback></mc:AlternateContent></x:r></x:p>"
            )
        if number == 4:
            body = body.replace(f"<x:p><x:r><x:t>{stem}", f"<x:sdt><x:sdtPr/><x:sdtContent><x:p><x:r><x:t>{stem}", 1)
            body = body.replace(f"{stem}</x:t></x:r></x:p>", f"{stem}</x:t></x:r></x:p></x:sdtContent></x:sdt>", 1)
    spaces = (
        'xmlns:x="http://purl.oclc.org/ooxml/wordprocessingml/main" xmlns:v="urn:schemas-microsoft-com:vml" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" mc:Ignorable="w14 w15 wpsCustomData"'
    )
    text = f"<x:document {spaces.replace('mc:Ignorable', 'mc:Ignorable')}><x:body>{body}</x:body></x:document>"
    data = package({"word/document.xml": text}, [("rId5", f"{R}/theme", "theme/missing.xml")])
    return data, [replace(q, rationale="") for q in questions]


@habit
def chapters_and_mixed_signs() -> Made:
    """Numbers with different signs, brackets around letters, a wrapped stem, a page line."""
    a, b, c, d = SINGLES[0], SINGLES[3], SINGLES[10], MULTIPLES[3]
    blocks = [
        paragraph("第一章　行政处罚", style="2"), f"1. {a.stem}", "  ".join(f"({x}){t}" for x, t in zip("ABCD", a.options, strict=True)),
        "答案：（B）", f"2、{b.stem[:18]}", b.stem[18:], *options(b, " "), "答案 B", "- 3 -", "第二章　听证",
        f"3．{c.stem}", "A：" + c.options[0] + " B：" + c.options[1], "C：" + c.options[2] + " D：" + c.options[3], "正确答案是：B",
        f"4 {d.stem}", *options(d), "答案：A B D", f"解析：{d.rationale}",
    ]  # fmt: skip
    styles = '<w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 1"/></w:style>'
    expected = [a, replace(b, stem=b.stem[:18] + "\n" + b.stem[18:]), c, d]
    return document(*blocks, styles=styles), [*(replace(q, rationale="") for q in expected[:3]), d]


@habit
def key_in_red_inside_the_bracket() -> Made:
    questions = [*SINGLES[:3], *TRUTHS[:3]]
    blocks = []
    for number, q in enumerate(questions, 1):
        if q.options:
            before, after = q.stem.split(GAP)
            blocks.append(
                paragraph(run(f"{number}．{before}（"), run(f" {q.key} ", color="FF0000", bold=True), run("）" + after))
            )
            blocks += ["\t".join(options(q))]
        else:
            blocks.append(
                paragraph(run(f"{number}．{q.stem}（"), run("√" if q.key == "T" else "×", color="FF0000"), run("）"))
            )
    return document(*blocks), [replace(q, rationale="") for q in questions]
