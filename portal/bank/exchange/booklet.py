"""试题册: questions by kind, a sheet to answer on, and the key with its reasons as a part of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO

from fontTools.ttLib import TTFont
from reportlab.lib.units import mm

from portal.bank.exchange.booklet_answers import draw_answer_sheet
from portal.bank.exchange.booklet_page import HEIGHT, LEFT, RIGHT, Block, Cells, Flow, Gap, Grid, Heading, Image, Lines
from portal.bank.exchange.booklet_text import Picture, Table, Words, pieces, plain
from portal.ground.pdf_drawing import INK, NAME, PLAIN, PLATFORM, SEAL, STRESS, draw_head
from portal.ground.pdf_fonts import FACES, register
from portal.ground.rules import N_
from question_bank.formats.found import Loss
from question_bank.questions import BLANK, LETTERS, WITH_OPTIONS, Kind, Question

HEADINGS = {
    Kind.SINGLE: "单项选择题", Kind.MULTIPLE: "多项选择题", Kind.INDEFINITE: "不定项选择题", Kind.TRUE_FALSE: "判断题",
    Kind.FILL_BLANK: "填空题", Kind.ORDERING: "排序题", Kind.MATCHING: "连线题", Kind.SHORT_ANSWER: "简答题",
    Kind.DRAFTING: "文书制作题", Kind.CASE_SET: "案例分析题",
}  # fmt: skip
ORDINALS = "一二三四五六七八九十"
TITLE, KEY_TITLE, NOT_SHOWN = "试题册", "参考答案与解析", "〓"  # the last: the printers' sign for a missing character
SEALED_LINE = "未公开题库，仅限本人工作使用，不得复制、传播。"
RATIONALE, CITED, ANSWER, POINTS = "解析", "依据", "答案", "给分点"
INDENT = 9 * mm
MISSING = N_("Characters that cannot be printed were replaced by 〓: %(characters)s.")
PICTURE_GONE = N_("A picture is not in the bank; its description is printed.")


@dataclass(frozen=True)
class Mark:
    """Who takes the booklet out, and when; `sealed` prints it across every page."""

    by: str = ""
    at: str = ""
    sealed: bool = False

    @property
    def text(self) -> str:
        return f"{self.by}　{self.at}".strip() if self.sealed else ""


Numbered = tuple[str, Question]


def draw_booklet(
    questions: Sequence[Question], pictures: Mapping[str, bytes], title: str, mark: Mark
) -> tuple[bytes, tuple[Loss, ...]]:
    """The booklet as PDF, and what could not be printed."""
    losses = tuple(_losses(questions, pictures))
    title = _printable(title)
    sections = _sections([_printable_question(question) for question in questions])
    faces = _faces(sections, title, mark)
    target = BytesIO()
    flow = Flow(target, faces, f"{title} {TITLE}", mark.text)
    _head(flow, title, sections, mark)
    for heading, section in sections:
        above: list[Block] = [Heading(heading)]
        for number, question in section:
            flow.put([*above, *_question(number, question, pictures), Gap(2.5 * mm)])
            above = []
    draw_answer_sheet(flow, title, sections)
    flow.new_page()
    flow.put([Heading(KEY_TITLE, 18)])
    for heading, section in sections:
        flow.put([Heading(heading, 12)])
        for number, question in section:
            flow.put([*_key(number, question), Gap(2 * mm)])
    flow.save()
    return target.getvalue(), losses


def _sections(questions: Sequence[Question]) -> list[tuple[str, list[Numbered]]]:
    """Questions by kind under one numbering."""
    made: list[tuple[str, list[Numbered]]] = []
    number = 0
    for kind, words in HEADINGS.items():
        mine = [question for question in questions if question.kind is kind]
        if mine:
            heading = f"{ORDINALS[len(made)]}、{words}（共 {len(mine)} 题）"
            made.append((heading, [(str(number + place), q) for place, q in enumerate(mine, 1)]))
            number += len(mine)
    return made


def _head(flow: Flow, title: str, sections: Sequence[tuple[str, list[Numbered]]], mark: Mark) -> None:
    draw_head(flow.page, flow.serif, flow.sans, LEFT, RIGHT, HEIGHT)
    flow.page.setFont(flow.serif, 22)
    flow.page.drawString(LEFT, HEIGHT - 46 * mm, f"{title} {TITLE}")
    flow.y = HEIGHT - 50 * mm
    count = sum(len(section) for _heading, section in sections)
    taken = f"共 {count} 题　·　导出人 {mark.by or '—'}　·　导出时间 {mark.at or '—'}"
    flow.put([Lines(taken, size=9.5, quiet=True), Gap(1 * mm)])
    if mark.sealed:
        flow.page.setFillColor(SEAL)
        flow.page.setFont(flow.sans, 10)
        flow.y -= 5 * mm
        flow.page.drawString(LEFT, flow.y, SEALED_LINE)
        flow.page.setFillColor(INK)
    flow.y -= 4 * mm


def _text(text: str, pictures: Mapping[str, bytes], indent: float, lead: str = "") -> Iterator[Block]:
    for piece in pieces(text):
        match piece:
            case Words(words):
                yield Lines(words, lead, indent)
            case Table(rows):
                yield Gap(1.5 * mm)
                yield Cells(rows, indent)
            case Picture(alt, key) if key in pictures:
                yield Lines("", lead, indent) if lead else Gap(0)
                yield Image(pictures[key], indent)
            case Picture(alt, _key):
                yield Lines(f"[{alt}]", lead, indent)
        lead = ""


def _question(number: str, question: Question, pictures: Mapping[str, bytes], indent: float = INDENT) -> list[Block]:
    stem = question.stem
    if question.kind is Kind.TRUE_FALSE and "（" not in stem[-6:]:
        stem += "（　　）"
    blocks = list(_text(stem, pictures, indent, _lead(number)))
    if question.kind is Kind.MATCHING:
        blocks += [Gap(1.5 * mm), Cells(_sides(question), indent)]
    elif question.kind in WITH_OPTIONS:
        shown = tuple(f"{letter}. {plain(option)}" for letter, option in zip(LETTERS, question.options, strict=False))
        if any("picture:" in option for option in question.options):
            for letter, option in zip(LETTERS, question.options, strict=False):
                blocks += _text(option, pictures, indent + 6 * mm, f"{letter}.")
        else:
            blocks.append(Grid(shown, indent))
    for place, item in enumerate(question.items, 1):
        blocks += [Gap(1 * mm), *_question(f"({place})", item, pictures, indent + 8 * mm)]
    return blocks


def _lead(number: str) -> str:
    return number if number.startswith("(") else f"{number}."


def _sides(question: Question) -> tuple[tuple[str, ...], ...]:
    left = [f"{letter}. {plain(text)}" for letter, text in zip(LETTERS, question.options, strict=False)]
    right = [f"{number}. {plain(text)}" for number, text in enumerate(question.matches, 1)]
    rows = max(len(left), len(right))
    left, right = (side + [""] * (rows - len(side)) for side in (left, right))
    return tuple(zip(left, right, strict=True))


def _key(number: str, question: Question, indent: float = INDENT) -> list[Block]:
    if question.kind is Kind.CASE_SET:
        blocks: list[Block] = [Lines("", _lead(number), indent)]
        for place, item in enumerate(question.items, 1):
            blocks += _key(f"({place})", item, indent + 8 * mm)
        return blocks
    answer, points = key_words(question)
    blocks = [Lines(f"{ANSWER}：{answer}" + (f"　{question.code}" if question.code else ""), _lead(number), indent)]
    blocks += [Lines(f"{POINTS} {place}：{point}", "", indent, 9.5) for place, point in enumerate(points, 1)]
    if question.rationale:
        blocks.append(Lines(f"{RATIONALE}：{plain(question.rationale)}", "", indent, 9.5))
    if question.citations:
        cited = "；".join(f"《{c.law}》（{c.label}）{c.article}" for c in question.citations)
        blocks.append(Lines(f"{CITED}：{cited}", "", indent, 9.5, quiet=True))
    return blocks


def key_words(question: Question) -> tuple[str, list[str]]:
    """The key as it is printed, and the points that marks are given for."""
    key = question.key
    match question.kind:
        case Kind.TRUE_FALSE:
            return {"T": "正确", "F": "错误"}.get(str(key), "—"), []
        case Kind.FILL_BLANK:
            return "；".join(" / ".join(variants) for variants in key), []
        case Kind.MATCHING:
            return "　".join(f"{letter}—{number}" for letter, number in zip(LETTERS, key, strict=False)), []
        case Kind.SHORT_ANSWER:
            return (plain(key[0]), [plain(str(point)) for point in key[1:]]) if key else ("—", [])
        case Kind.DRAFTING:
            return (plain(key[0]), [f"{plain(c)}（{n} 分）" for c, n in key[1:]]) if key else ("—", [])
    return str(key) or "—", []


@cache
def _characters() -> frozenset[int]:
    with TTFont(FACES["sans"], lazy=True) as sans, TTFont(FACES["serif"], lazy=True) as serif:
        return frozenset(sans.getBestCmap()) & frozenset(serif.getBestCmap()) | {10}


def _printable(text: str) -> str:
    """Characters without a glyph as the printers' sign for it, other white space as a space."""
    known = _characters()
    return "".join(c if ord(c) in known else " " if c.isspace() else NOT_SHOWN for c in text.replace("\r\n", "\n"))


def _printable_question(question: Question) -> Question:
    def mended(value: object) -> object:
        if isinstance(value, str):
            return _printable(value)
        if isinstance(value, dict):
            return {name: mended(part) for name, part in value.items()}
        return [mended(part) for part in value] if isinstance(value, list) else value

    return Question.from_plain(mended(question.plain()))  # type: ignore[arg-type]


def _losses(questions: Sequence[Question], pictures: Mapping[str, bytes]) -> Iterator[Loss]:
    known = _characters()
    for question in questions:
        odd = {c for text in (question.code, *question.texts()) for c in text if ord(c) not in known and c.strip()}
        if odd:
            yield Loss(question.code, "characters", MISSING, {"characters": " ".join(sorted(odd))})
        if any(key not in pictures for _alt, key in question.pictures()):
            yield Loss(question.code, "pictures", PICTURE_GONE)


def _faces(sections: Sequence[tuple[str, list[Numbered]]], title: str, mark: Mark) -> tuple[str, str]:
    headings = [title, TITLE, KEY_TITLE, NAME, PLATFORM, *(heading for heading, _section in sections), "答题卡"]
    used: set[str] = set("共题导出人时间第页—：；《》（）/·　、姓名工号单位得分〓[]√×正确错误分.→" + BLANK)
    used.update(SEALED_LINE, mark.text, mark.by, mark.at, RATIONALE, CITED, ANSWER, POINTS, *headings)
    for _heading, section in sections:
        for _number, question in section:
            used.update(json.dumps(question.plain(), ensure_ascii=False))
    used -= {STRESS, PLAIN}
    return register("serif", headings), register("sans", ["".join(used)])
