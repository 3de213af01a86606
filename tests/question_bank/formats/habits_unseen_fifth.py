# ruff: noqa: E501  (lines of documents as they are set)
"""A fifth set: keys away from their questions, in the manners not yet met."""

from __future__ import annotations

from dataclasses import replace

from tests.question_bank.formats.docx_files import document, paragraph, run, table
from tests.question_bank.formats.habits import Made, options, wide
from tests.question_bank.formats.habits_unseen import plain, unseen
from tests.question_bank.formats.pool import MULTIPLES, SHORTS, SINGLES, TRUTHS

SIGN = {"T": "√", "F": "×"}


def set_out(questions: list, start: int = 1) -> list[str]:
    lines = []
    for n, q in enumerate(questions, start):
        lines += [f"{n}．{wide(q)}", *options(q, "．")]
    return lines


@unseen
def keys_with_spaces_and_groups_of_five() -> Made:
    questions = list(SINGLES[:12])
    keys = [str(q.key) for q in questions]
    blocks = [
        "单项选择题",
        *set_out(questions),
        "单项选择题答案：",
        f"1～5：{' '.join(keys[:5])}",
        f"6～10：{' '.join(keys[5:10])}",
        f"11～12：{' '.join(keys[10:])}",
    ]
    return document(*blocks), plain(questions)


@unseen
def keys_and_rationales_under_a_heading_each() -> Made:
    one = [replace(q, rationale=q.rationale or "见法条。") for q in SINGLES[:3]]
    two = [replace(q, rationale=q.rationale or "见法条。") for q in TRUTHS[:3]]
    blocks = [
        "一、单选题",
        *set_out(one),
        "二、判断题",
        *(f"{n}．{q.stem}" for n, q in enumerate(two, 1)),
        "答案与解析",
        "一、单选题",
    ]
    for n, q in enumerate(one, 1):
        blocks += [f"{n}．{q.key}", f"解析：{q.rationale}"]
    blocks.append("二、判断题")
    for n, q in enumerate(two, 1):
        blocks.append(f"{n}．{SIGN[str(q.key)]}。{q.rationale}")
    return document(*blocks), [*one, *two]


@unseen
def keys_behind_each_part_on_one_line() -> Made:
    one, two, three = list(SINGLES[:4]), list(MULTIPLES[:2]), list(TRUTHS[:3])
    blocks = ["一、单选题", *set_out(one), "答案：1-4 " + "".join(str(q.key) for q in one), "二、多选题", *set_out(two)]
    blocks += [
        "答案：1、" + str(two[0].key) + "；2、" + str(two[1].key),
        "三、判断题",
        *(f"{n}．{q.stem}（　）" for n, q in enumerate(three, 1)),
    ]
    blocks.append("答案：1.√  2.×  3.√")
    return document(*blocks), plain([*one, *two, *three])


@unseen
def a_column_of_keys() -> Made:
    questions = list(SINGLES[:4])
    rows = [
        ["题号", "答案", "题号", "答案"],
        ["1", str(questions[0].key), "3", str(questions[2].key)],
        ["2", str(questions[1].key), "4", str(questions[3].key)],
    ]
    return document(*set_out(questions), paragraph("标准答案", centred=True), table(rows)), plain(questions)


@unseen
def red_keys_at_the_end_with_written_answers() -> Made:
    one, two = list(MULTIPLES[:3]), list(SHORTS)
    blocks = ["（一）多项选择题", *set_out(one), "（二）简答题", *(f"{n}．{q.stem}" for n, q in enumerate(two, 4))]
    blocks += [
        paragraph(run("参考答案", color="FF0000", bold=True)),
        "（一）多项选择题",
        "1．ABD  2．ABCD  3．ABD",
        "（二）简答题",
    ]
    for n, q in enumerate(two, 4):
        blocks.append(f"{n}．答案要点：{q.key[0]}")
    return document(*blocks), plain([*one, *two])


@unseen
def keys_in_the_order_of_the_questions() -> Made:
    questions = list(SINGLES[:5])
    return document(*set_out(questions), "答案：" + "".join(str(q.key) for q in questions)), plain(questions)
