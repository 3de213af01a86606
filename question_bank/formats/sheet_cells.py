"""The words in single cells of a question sheet: keys, points, pairs, tags, fields and days, out and in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any

from question_bank.questions import LETTERS, Kind, Question

KINDS = {
    "单选": Kind.SINGLE, "多选": Kind.MULTIPLE, "不定项": Kind.INDEFINITE, "判断": Kind.TRUE_FALSE,
    "填空": Kind.FILL_BLANK, "排序": Kind.ORDERING, "连线": Kind.MATCHING, "简答": Kind.SHORT_ANSWER,
    "文书": Kind.DRAFTING, "案例": Kind.CASE_SET,
}  # fmt: skip
OTHER_WORDS = {
    "不定选": "不定项", "不定项选": "不定项", "不定项选择": "不定项", "单项": "单选", "多项": "多选",
    "判断正误": "判断", "是非": "判断", "匹配": "连线", "配对": "连线", "问答": "简答", "简述": "简答",
    "文书写作": "文书", "文书制作": "文书", "案例分析": "案例",
}  # fmt: skip
LEVELS = {"识记": "remember", "理解": "understand", "应用": "apply", "分析": "analyse"}
DIFFICULTIES = {"": 3, "易": 1, "较易": 2, "中": 3, "中等": 3, "较难": 4, "难": 5}
FIELDS = {
    "交通运输": "transport", "生态环境": "ecology", "文化市场": "culture", "农业农村": "agriculture",
    "市场监管": "market", "城市管理": "urban", "应急管理": "emergency",
}  # fmt: skip
OTHER_FIELDS = {
    "交通": "transport", "文旅": "culture", "文化": "culture", "文化旅游": "culture", "农业": "agriculture",
    "城管": "urban", "应急": "emergency", "环保": "ecology",
}  # fmt: skip
TRUE = {"对", "√", "✓", "✔", "正确", "t", "true", "是"}
FALSE = {"错", "×", "✗", "✘", "x", "错误", "f", "false", "否"}
BETWEEN_BLANKS, BETWEEN_VARIANTS, BETWEEN_TAGS = ";；", "/／", ";；,，、\n"
LETTERS_FORM = re.compile(f"[{LETTERS}]+")
PAIR = re.compile(rf"([{LETTERS}])[-—–:：=→.]*([0-9]{{1,2}})")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


def kind_of(word: str) -> Kind | None:
    """The kind a word names in any usual writing, None for an unknown one."""
    word = folded(word).removesuffix("题").replace("项选择", "选")
    return KINDS.get(OTHER_WORDS.get(word, word))


def word_of(kind: Kind) -> str:
    return next(word for word, known in KINDS.items() if known is kind)


def key_cell(question: Question) -> str:
    """The key as one cell; marking points and rubric stand in a cell of their own."""
    key = question.key
    match question.kind:
        case Kind.TRUE_FALSE:
            return {"T": "对", "F": "错"}.get(str(key), "")
        case Kind.FILL_BLANK:
            return "；".join("/".join(escaped(v, ";；/／") for v in variants) for variants in key)
        case Kind.SHORT_ANSWER | Kind.DRAFTING:
            return key[0] if key else ""
        case Kind.MATCHING:
            return " ".join(f"{letter}{number}" for letter, number in zip(LETTERS, key, strict=False) if number)
    return str(key) if key else ""


def points_cell(question: Question) -> str:
    """Marking points, or criteria with their points, one a line."""
    match question.kind:
        case Kind.SHORT_ANSWER:
            return "\n".join(on_one_line(point) for point in question.key[1:])
        case Kind.DRAFTING:
            return "\n".join(f"{on_one_line(criterion)}|{points}" for criterion, points in question.key[1:])
    return ""


def read_blanks(text: str) -> tuple[tuple[str, ...], ...]:
    blanks = [split(blank, BETWEEN_VARIANTS) for blank in split(text, BETWEEN_BLANKS)] if text else []
    return tuple(tuple(filter(None, (unescaped(v, ";；/／").strip() for v in blank))) for blank in blanks)


def read_truth(text: str) -> str:
    word = folded(text).lower()
    return "T" if word in TRUE else "F" if word in FALSE else ""


def read_letters(text: str, arrows: str = "") -> str | None:
    """Letters as typed with commas, blanks or `arrows` between them; None when something else stands there."""
    letters = re.sub(rf"[\s,、.;。|/{arrows}]", "", unicodedata.normalize("NFKC", text).upper())
    return letters if not letters or LETTERS_FORM.fullmatch(letters) else None


def read_pairs(text: str, options: Sequence[str]) -> tuple[str, ...] | None:
    """The number beside each option's letter, "" where there is none; None when it is no list of pairs."""
    plain = re.sub(r"[\s,、;]", "", unicodedata.normalize("NFKC", text).upper())
    pairs = PAIR.findall(plain)
    if PAIR.sub("", plain) or len({letter for letter, _number in pairs}) < len(pairs):
        return None
    numbers = {letter: str(int(number)) for letter, number in pairs}
    if any(letter not in LETTERS[: len(options)] for letter in numbers):
        return None
    return tuple(numbers.get(letter, "") for letter in LETTERS[: len(options)]) if numbers else ()


def read_points(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (off_one_line(line).strip() for line in text.split("\n"))))


def read_rubric(text: str) -> tuple[tuple[str, int], ...] | None:
    """Criteria with their points; None when a line is not `criterion|points`."""
    rubric = []
    for line in filter(None, (line.strip() for line in text.split("\n"))):
        criterion, sign, points = line.replace("｜", "|").rpartition("|")
        number = unicodedata.normalize("NFKC", points).strip().removesuffix("分").strip()
        if not sign or not re.fullmatch("[0-9]{1,3}", number, re.ASCII):
            return None
        rubric.append((off_one_line(line[: len(criterion)]).strip(), int(number)))
    return tuple(rubric)


def tags_cell(tags: Sequence[str]) -> str:
    return "；".join(escaped(tag, BETWEEN_TAGS.strip()) for tag in tags)


def read_tags(text: str) -> tuple[str, ...]:
    parts = (unescaped(part, BETWEEN_TAGS.strip()).strip() for part in split(text, BETWEEN_TAGS))
    return tuple(dict.fromkeys(filter(None, parts)))


def field_cell(code: str) -> str:
    return next((word for word, known in FIELDS.items() if known == code), code)


def read_field(text: str) -> str | None:
    """The field's code; None for a word that names none."""
    word = folded(text).removesuffix("领域").removesuffix("执法")
    if not word or word in FIELDS.values():
        return word
    return FIELDS.get(word) or OTHER_FIELDS.get(word)


def read_day(cell: Any) -> str:
    """A day as 2026-11-23 from any usual writing; what is no day stays as typed."""
    if isinstance(cell, date):
        return cell.isoformat()[:10]
    text = unicodedata.normalize("NFKC", str(cell or "").strip())
    if found := DAY.fullmatch(text):
        return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    return text


def read_difficulty(text: str) -> int:
    """1 to 5, 3 for an empty cell, 0 for what is neither."""
    text = unicodedata.normalize("NFKC", text)
    if text in DIFFICULTIES:
        return DIFFICULTIES[text]
    return int(text) if re.fullmatch("[0-9]", text, re.ASCII) else 0


def folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def escaped(text: str, signs: str) -> str:
    return re.sub(rf"([\\{re.escape(signs)}])", r"\\\1", text)


def unescaped(text: str, signs: str) -> str:
    return re.sub(rf"\\([\\{re.escape(signs)}])", r"\1", text)


def on_one_line(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def off_one_line(text: str) -> str:
    return re.sub(r"\\(n|\\)", lambda found: "\n" if found[1] == "n" else "\\", text)


def split(text: str, signs: str) -> list[str]:
    """The parts between signs that no backslash precedes; backslashes stay."""
    parts, behind = [""], False
    for sign in text:
        if sign in signs and not behind:
            parts.append("")
        else:
            parts[-1] += sign
        behind = sign == "\\" and not behind
    return parts
