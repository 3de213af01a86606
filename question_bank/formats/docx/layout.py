"""A question as the lines of a Chinese question paper, so that the Word reader makes the same question of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from question_bank.formats.sheet_cells import LEVELS, field_cell, key_cell, on_one_line, tags_cell
from question_bank.formats.trainer.lines import GUARD, Rows
from question_bank.formats.trainer.notes import citations_in
from question_bank.questions import LETTERS, Citation, Kind, Question

HEADINGS = {
    Kind.SINGLE: "单项选择题", Kind.MULTIPLE: "多项选择题", Kind.INDEFINITE: "不定项选择题", Kind.TRUE_FALSE: "判断题",
    Kind.FILL_BLANK: "填空题", Kind.ORDERING: "排序题", Kind.MATCHING: "连线题", Kind.SHORT_ANSWER: "简答题",
    Kind.DRAFTING: "文书制作题", Kind.CASE_SET: "案例分析题",
}  # fmt: skip
MATCH_LETTERS = "ABCDEFGHIJKL"
SPECIAL = re.compile(r"(?<=[【\[〖［（(])|(?=[:：.．、)）】\]，,。；;])|(?<=_)(?=_)")
PLAIN = re.compile(r"(!\[[^\]]*\]\(picture:[0-9a-f]+\)|(?<!_)____(?!_))")  # pictures and blanks
TABLE_LINE = re.compile(r"\s*\|.*\|\s*")
TABLE_RULE = re.compile(r"\|(?: --- \|)+")


@dataclass(frozen=True)
class Block:
    """One paragraph, or a table when it has rows; `look` is title, heading, stem, option, answer or note."""

    text: str
    look: str = "stem"
    rows: Rows = ()


def blocks_of(question: Question, number: int, *, guarded: bool = False) -> Iterator[Block]:
    """The question under its number; `guarded` keeps every sign of its texts from being read as a sign of ours."""
    yield from _Layout(guarded).question(question, f"{number}. ", inside=False)


class _Layout:
    def __init__(self, guarded: bool) -> None:
        self.guarded = guarded

    def question(self, question: Question, number: str, *, inside: bool) -> Iterator[Block]:
        mark = f"（{HEADINGS[question.kind]}）" if inside else ""
        yield from self._text(question.stem, number + mark, "stem", tables=True)
        if question.kind is Kind.MATCHING:
            yield Block("", "option", self._sides(question))
        else:
            for letter, option in zip(LETTERS, question.options, strict=False):
                yield from self._text(option, f"{letter}. ", "option")
        if question.kind is not Kind.CASE_SET:
            yield from self._key(question)
        yield from self._text(question.rationale, "解析：", "answer", tables=True) if question.rationale else ()
        yield from self._notes(question, inside)
        for place, item in enumerate(question.items, 1):
            yield from self.question(item, f"（{place}）", inside=True)

    def _text(self, text: str, before: str, look: str, *, tables: bool = False) -> Iterator[Block]:
        lines: list[str] = []
        for line in text.split("\n"):
            if tables and not self.guarded and TABLE_LINE.fullmatch(line):
                lines.append(line)
                continue
            if lines:
                yield from _table(lines, look)
                lines = []
            yield Block(before + self._guard(line, first=bool(before)), look)
            before = ""
        if lines:
            yield from _table(lines, look)

    def _guard(self, line: str, *, first: bool) -> str:
        if not self.guarded:
            return line if line.strip() or first else GUARD
        kept = []
        for place, part in enumerate(PLAIN.split(line)):
            kept.append(part if place % 2 else SPECIAL.sub(GUARD, part))
        return GUARD + "".join(kept) + GUARD

    def _key(self, question: Question) -> Iterator[Block]:
        key = question.key
        if question.kind is Kind.MATCHING:
            pairs = (f"{n}-{MATCH_LETTERS[int(one) - 1]}" for n, one in enumerate(key, 1) if str(one).isdecimal())
            yield Block("答案：" + " ".join(pairs), "answer")
        elif question.kind in (Kind.SHORT_ANSWER, Kind.DRAFTING):
            yield from self._text(str(key[0]) if key else "", "答案：", "answer")
            if len(key) > 1:
                yield Block("得分点：" if question.kind is Kind.SHORT_ANSWER else "评分标准：", "answer")
            for place, point in enumerate(key[1:], 1):
                said = point if isinstance(point, str) else f"{point[0]}（{point[1]}分）"
                yield Block(f"（{place}）{self._guard(on_one_line(said), first=True)}", "answer")
        else:
            yield Block("答案：" + key_cell(question).replace("\n", " "), "answer")

    def _sides(self, question: Question) -> Rows:
        left = [f"{place}. {text}" for place, text in enumerate(question.options, 1)]
        right = [f"{letter}. {text}" for letter, text in zip(MATCH_LETTERS, question.matches, strict=False)]
        height = max(len(left), len(right))
        return tuple(zip([*left, *[""] * height][:height], [*right, *[""] * height][:height], strict=True))

    def _notes(self, question: Question, inside: bool) -> Iterator[Block]:
        for citation in question.citations:
            yield Block("【法条】" + law_line(citation).replace("\n", " "), "note")
        if not question.citations and citations_in(question.rationale)[0]:
            yield Block("【法条】无", "note")
        level = next((word for word, code in LEVELS.items() if code == question.cognitive_level), "")
        notes = {
            "题号": question.code, "知识点": question.topic, "难度": str(question.difficulty), "认知层次": level,
            "领域": field_cell(question.field), "标签": tags_cell(question.tags),
            "有效期": "至".join((question.valid_from, question.valid_until)) if _dated(question) else "",
        }  # fmt: skip
        if inside and question.difficulty == 3 and question.cognitive_level == "understand":
            notes |= {"难度": "", "认知层次": ""}
        if said := "".join(f"【{label}】{self._short(text)}" for label, text in notes.items() if text):
            yield Block(said.replace("\n", " "), "note")
        if question.source:
            yield Block("【来源】" + self._short(on_one_line(question.source)), "note")

    def _short(self, text: str) -> str:
        return self._guard(text, first=True) if self.guarded else text


def _dated(question: Question) -> bool:
    return bool(question.valid_from or question.valid_until)


def law_line(citation: Citation) -> str:
    """《law》（label）article：summary, or its parts between bars where that could not be read back."""
    label = f"（{citation.label}）" if citation.label else ""
    summary = f"：{citation.summary}" if citation.summary else ""
    neat = f"《{citation.law}》{label}{citation.article}{summary}"
    if citations_in(neat) == ((citation,), ""):
        return neat
    return "｜".join((citation.law, citation.label, citation.article, citation.summary))


def _table(lines: list[str], look: str) -> Iterator[Block]:
    """A Markdown table as a table, other lines with bars as they stand."""
    if len(lines) < 2 or not TABLE_RULE.fullmatch(lines[1]):
        yield from (Block(line, look) for line in lines)
        return
    cells = [re.split(r"(?<!\\)\|", line.strip()[1:-1]) for line in (lines[0], *lines[2:])]
    yield Block("", look, tuple(tuple(cell.strip().replace("\\|", "|") for cell in row) for row in cells))
