"""Keys that could be read wrong: where two sources disagree or the numbering is doubtful, it waits or warns."""

from __future__ import annotations

import pytest

from question_bank.formats.reading import read
from question_bank.questions import Kind

OPTIONS = "A. 警告\nB. 罚款\nC. 没收\nD. 拘留\n"
ONE = f"1. 下列属于处罚的是（　）。\n{OPTIONS}"


def asked(*numbers: int) -> str:
    return "\n".join(f"{n}. 下列第{n}项属于处罚的是（　）。\n{OPTIONS}" for n in numbers)


def found(text: str):
    return list(read(text.encode(), "题.txt", "text"))


def warned(one) -> bool:
    return any(fault.warning and fault.column in ("key", "stem", "A", "B", "C") for fault in one.faults)


@pytest.mark.parametrize(
    "text",
    [
        f"1. 下列（B）属于处罚的种类。\n{OPTIONS}答案：A\n",
        f"{ONE}答案：A\n解析：依法，故选C。\n",
        f"{ONE}答案：A\n解析：本题选C。A项错误。\n",
        f"{ONE}答案：A\n解析：根据第九条，正确答案为B。\n",
        f"{ONE}答案：A\n更正：答案应为B\n",
        f"{ONE}答案：A\n解析：A项错误，B项正确。\n",
        f"{ONE}答案：A\n解析：B、C项均当选。\n",
        "一、判断题\n1. 甲可以（　）\n答案：√\n解析：不可以，本题说法错误。\n",
        "1. 下列属于处罚的是（　）。\nA. 警告 B. 罚款 E. 没收 F. 拘留\n答案：B\n",
        "一、填空题\n1. 应当在____日内告知____。\n答案：5、10 当事人\n",
        "一、填空题\n1. 应当在____日内告知____。（5；当事人）\n答案：7；当事人\n",
        "答案：A\n1. 谁管（　）\nA. 甲\nB. 乙\n答案：B\n2. 怎么管（　）\nA. 甲\nB. 乙\n",
    ],
)  # fmt: skip
def test_what_is_said_otherwise_elsewhere_is_told(text: str) -> None:
    questions = [one for one in found(text) if one.question]
    assert questions and (questions[0].parked or warned(questions[0]))


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE}答案：A\n解析：依据第九条，故选A。B、C、D项错误。\n",
        f"1. 下列不属于处罚的是（　）。\n{OPTIONS}答案：A\n解析：A项错误，不属于处罚；B、C、D项正确。\n",
        f"{ONE}答案：A\n解析：容易误选B，应注意区分；不能选C。\n",
        "一、判断题\n1. 甲可以（　）\n答案：√\n解析：不正确的做法是乙，故本题正确。\n",
        "一、填空题\n1. 处罚有____、____、____。\n答案：警告、通报批评，罚款，没收\n",
        f"{asked(1, 2, 3, 4, 5)}参考答案\n1-5 ABC DA\n",
    ],
)
def test_what_agrees_is_left_in_peace(text: str) -> None:
    for one in found(text):
        assert not one.parked and not warned(one), one.faults


@pytest.mark.parametrize(
    "key", ["A-C", "A→B", "A（应为B）", "ABCD，除B外", "A 罚款", "A（罚款）", "\u202eAB", "A，或B"]
)
def test_a_key_that_goes_on_waits(key: str) -> None:
    (one,) = found(f"{ONE}答案：{key}\n")
    assert one.parked


def test_uneven_groups_of_letters_wait() -> None:
    for keys in ("1-5 AB C D A", "AB C D A"):
        assert all(one.parked for one in found(f"{asked(1, 2, 3, 4, 5)}参考答案\n{keys}\n"))


def test_letters_below_the_last_of_several_questions_wait() -> None:
    for key in ("AB", "A B"):
        assert all(one.parked for one in found(f"{asked(1, 2)}答案：{key}\n"))
    assert all(one.parked for one in found(f"{asked(1, 2, 3)}答案：A B C D\n"))
    first, second = found(f"{asked(1)}答案：A\n{asked(2)}答案：AB\n")
    assert not second.parked and second.question.kind is Kind.MULTIPLE


def test_a_tick_behind_another_option_than_the_key_is_told() -> None:
    (one,) = found("1. 谁管（　）\nA. 甲 √\nB. 乙\nC. 丙\n答案：B\n")
    assert warned(one)


def test_as_many_answers_as_questions_with_other_numbers_are_told() -> None:
    for numbers, keys in (((1, 2), "0.A 1.B"), ((1, 2, 4), "1-3 ABC")):
        questions = [one for one in found(f"{asked(*numbers)}参考答案\n{keys}\n") if one.question]
        assert all(one.parked or warned(one) for one in questions)


def test_keys_that_fit_two_sections_wait() -> None:
    text = f"一、单选题\n{asked(1, 2)}二、单选题\n{asked(1, 2)}参考答案\n1.B 2.C\n"
    assert all(one.parked for one in found(text))


@pytest.mark.parametrize(
    "keys", ["二、1.A\n一、1.B\n", "二\n1.A\n一\n1.B\n", "（一）1.B\n（二）1.A\n", "第二部分：\n1.A\n第一部分：\n1.B\n"]
)
def test_keys_under_the_number_of_a_section_go_to_that_section(keys: str) -> None:
    text = f"一、单选题\n{asked(1)}二、单选题\n{asked(1)}参考答案\n{keys}"
    assert [one.question.key for one in found(text) if one.question and not one.parked] in (["B", "A"], [])
    assert not any(one.question and one.question.key not in ("", k) for one, k in zip(found(text), "BA", strict=False))


@pytest.mark.parametrize(
    ("options", "key", "letters"),
    [
        ("A. 甲\nB. 乙\nС. 丙\nD. 丁", "B", "B"),  # a Cyrillic С
        ("А. 甲 B. 乙 C. 丙 D. 丁", "АB", "AB"),  # a Cyrillic А, twice
        ("A. 甲\nB. 乙\nC. 丙\nD. 丁", "ΒС", "BC"),  # Greek and Cyrillic
    ],
)
def test_letters_of_other_alphabets_are_read_as_they_look_and_told(options: str, key: str, letters: str) -> None:
    (one,) = found(f"1. 谁管（　）\n{options}\n答案：{key}\n")
    assert (one.question.options, one.question.key) == (("甲", "乙", "丙", "丁"), letters)
    assert any(fault.warning and "another alphabet" in fault.message for fault in one.faults)


def test_signs_nobody_sees_change_no_key() -> None:
    (one,) = found(f"{ONE}答案：B\u200c\u2066D\u00ad\n")
    assert one.question.key == "BD" and not one.parked


def test_text_shown_backwards_waits() -> None:
    (one,) = found(f"1. 下列\u202e属于处罚的是（　）。\n{OPTIONS}答案：B\n")
    assert one.parked
    keys = found(f"{asked(1, 2, 3)}参考答案\n1-3 \u202eABC\n")
    assert all(one.parked for one in keys)


def test_other_words_of_the_same_letters_stay() -> None:
    (one,) = found("1. 维生素А和β射线属于（　）。\nA. 甲\nB. 乙\n答案：B\n")
    assert one.question.stem.startswith("维生素А和β射线")


def test_a_mark_on_another_option_than_the_key_is_told() -> None:
    from question_bank.formats.docx.reading import read as read_docx
    from tests.question_bank.formats.docx_files import document, paragraph, run

    data = document("1. 谁管（　）", "A. 甲", paragraph(run("B. 乙", color="FF0000")), "C. 丙", "答案：A")
    (one,) = read_docx(data, "x.docx")
    assert one.question.key == "A" and warned(one)


def test_an_answer_line_of_aiken_that_says_more_waits() -> None:
    for said in ("A (not B)", "AС", "A or B", "not A"):
        (one,) = read(f"谁？\nA. 甲\nB. 乙\nC. 丙\nANSWER: {said}\n".encode(), "x", "aiken")
        assert one.parked, said
