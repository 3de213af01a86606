"""Questions as rows of a sheet, out and in again without loss."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from question_bank.checks import problems
from question_bank.questions import CHOICES, LETTERS, N_, Citation, Kind, Question

CODE, KIND, CASE, STEM, KEY, POINTS = "题号", "题型", "所属案例", "题干", "答案", "给分点"
RATIONALE, LAW, LABEL, ARTICLE, SUMMARY = "解析", "法律", "版本", "条", "条文要点"
TOPIC, DIFFICULTY, LEVEL = "知识点", "难度", "认知层次"
USUAL_OPTIONS = LETTERS[:6]
TITLES = (
    CODE, KIND, CASE, STEM, *USUAL_OPTIONS, KEY, POINTS, RATIONALE, LAW, LABEL, ARTICLE, SUMMARY, TOPIC,
    DIFFICULTY, LEVEL,
)  # fmt: skip
KINDS = {
    "单选": Kind.SINGLE, "多选": Kind.MULTIPLE, "判断": Kind.TRUE_FALSE, "填空": Kind.FILL_BLANK,
    "简答": Kind.SHORT_ANSWER, "案例": Kind.CASE_SET,
}  # fmt: skip
LEVELS = {"识记": "remember", "理解": "understand", "应用": "apply", "分析": "analyse"}
DIFFICULTIES = {"": 3, "易": 1, "较易": 2, "中": 3, "中等": 3, "较难": 4, "难": 5}
TRUE = {"对", "√", "✓", "✔", "正确", "t", "true", "是"}
FALSE = {"错", "×", "✗", "✘", "x", "错误", "f", "false", "否"}
COLUMN_OF = {
    "stem": STEM, "topic": TOPIC, "difficulty": DIFFICULTY, "cognitive_level": LEVEL, "case": CASE,
    "rationale": RATIONALE, "law": LAW, "key": KEY, "A": "A", "kind": KIND, "matches": KEY, "validity": CODE,
}  # fmt: skip
CODE_FORM = re.compile(r"[^\s/\\?#%]{1,40}")
KEY_FORM = re.compile(f"[{LETTERS}]+")
BETWEEN_BLANKS, BETWEEN_VARIANTS = ";；", "/／"


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell; `row` and `other` are places in the rows that were given."""

    row: int
    column: str
    message: str
    remedy: str
    values: Mapping[str, str] = field(default_factory=dict)
    other: int | None = None


@dataclass(frozen=True)
class Read:
    """One question and the rows it stands in; `question` is None when it cannot be made."""

    rows: tuple[int, ...]
    question: Question | None
    faults: tuple[Fault, ...]


def to_rows(question: Question, case: str = "") -> list[dict[str, str]]:
    """The question as one row, a case set as its own row followed by its items."""
    row = dict.fromkeys(TITLES, "")
    row.update(dict(zip(LETTERS, question.options, strict=False)))
    row |= {
        CODE: question.code,
        KIND: next(word for word, kind in KINDS.items() if kind is question.kind),
        CASE: case,
        STEM: question.stem,
        KEY: _key_cell(question),
        POINTS: "\n".join(question.key[1:]) if question.kind is Kind.SHORT_ANSWER else "",
        RATIONALE: question.rationale,
        LAW: "\n".join(c.law for c in question.citations),
        LABEL: "\n".join(c.label for c in question.citations),
        ARTICLE: "\n".join(c.article for c in question.citations),
        SUMMARY: "\n".join(c.summary for c in question.citations),
        TOPIC: question.topic,
        DIFFICULTY: str(question.difficulty),
        LEVEL: next((word for word, code in LEVELS.items() if code == question.cognitive_level), ""),
    }
    return [row, *(line for item in question.items for line in to_rows(item, question.code))]


def _key_cell(question: Question) -> str:
    match question.kind:
        case Kind.TRUE_FALSE:
            return {"T": "对", "F": "错"}.get(str(question.key), "")
        case Kind.FILL_BLANK:
            return "；".join("/".join(_escape(v) for v in variants) for variants in question.key)
        case Kind.SHORT_ANSWER:
            return question.key[0] if question.key else ""
    return str(question.key) if question.key else ""


def _escape(text: str) -> str:
    return re.sub(r"([\\;；/／])", r"\\\1", text)


def read_rows(rows: Sequence[Mapping[str, Any]]) -> list[Read]:
    """Every question in the rows, good or faulty, in the order of the file; case items join their case.

    Cells may be text, numbers, truth values, dates or None, as a spreadsheet gives them.
    """
    lines = [_Line(place, cells) for place, cells in enumerate(rows)]
    for line in lines:
        line.read()
    _name_twins(lines)
    cases = {line.code: line for line in lines if line.kind is Kind.CASE_SET}
    items: dict[int, list[_Line]] = {}
    for line in lines:
        if not line.case:
            continue
        if line.kind is Kind.CASE_SET or line.case not in cases:
            line.wrong(
                CASE, N_("No row of kind 案例 has this number."), N_("Write the 题号 of the case, or empty the cell.")
            )
        else:
            items.setdefault(cases[line.case].place, []).append(line)
    inside = {item.place for group in items.values() for item in group}
    return [_join(line, items.get(line.place, [])) for line in lines if line.place not in inside]


def _join(line: _Line, items: Sequence[_Line]) -> Read:
    question = line.question
    if question and items:
        made = tuple(item.question for item in items if item.question)
        question = replace(question, items=made) if len(made) == len(items) else None
    places = {line.code: line.place} | {item.code: item.place for item in items}
    faults = [fault for part in (line, *items) for fault in part.faults]
    named = {(fault.row, fault.column) for fault in faults}
    for problem in problems(question) if question else ():
        values = dict(problem.values)
        place = places.get(values.pop("item", line.code), line.place)
        column = COLUMN_OF[problem.column]
        if (place, column) not in named:
            faults.append(Fault(place, column, problem.message, problem.remedy, values))
    return Read((line.place, *(item.place for item in items)), question, tuple(faults))


def _name_twins(lines: Sequence[_Line]) -> None:
    first: dict[str, _Line] = {}
    for line in lines:
        other = first.setdefault(line.code, line)
        if line.code and other is not line:
            for one, two in ((line, other), (other, line)):
                one.wrong(
                    CODE, N_("Row %(row)s of sheet %(sheet)s has the same number."),
                    N_("Keep one of the rows and remove or correct the other."), other=two.place,
                )  # fmt: skip


class _Line:
    """One row being read: its question without case items, and its faults."""

    def __init__(self, place: int, cells: Mapping[str, Any]) -> None:
        self.place, self.cells = place, cells
        self.faults: list[Fault] = []
        self.question: Question | None = None
        self.code, self.case = self.text(CODE), self.text(CASE)
        word = _folded(self.text(KIND)).removesuffix("题")
        self.kind = KINDS.get(word.replace("项选择", "选").replace("案例分析", "案例"))

    def wrong(self, column: str, message: str, remedy: str, *, other: int | None = None, **values: str) -> None:
        self.faults.append(Fault(self.place, column, message, remedy, values, other))

    def text(self, title: str) -> str:
        return self.raw(title).strip()

    def raw(self, title: str) -> str:
        """The cell as text with line feeds; outer blanks kept, because empty lines may count."""
        cell = self.cells.get(title)
        if cell is None:
            return ""
        return "TRUE" if cell is True else "FALSE" if cell is False else str(cell).replace("\r\n", "\n")

    def read(self) -> None:
        if not CODE_FORM.fullmatch(self.code):
            self.wrong(
                CODE, N_("A question's number has 1 to 40 characters, without spaces or / ? #."), N_("Correct it.")
            )
        for title in TITLES:
            if isinstance(self.cells.get(title), date):
                self.wrong(
                    title,
                    N_("The spreadsheet has turned this text into a date."),
                    N_("Format the column as text and type it again."),
                )
        if self.kind is None:
            self.wrong(
                KIND,
                N_("This word is not one of the column's words."),
                N_("Write one of: %(words)s."),
                words="、".join(KINDS),
            )
            return
        self.question = Question(
            code=self.code,
            kind=self.kind,
            stem=self.text(STEM),
            options=self._options(),
            key=self._key(),
            rationale=self.text(RATIONALE),
            citations=self._citations(),
            topic=self.text(TOPIC),
            difficulty=self._difficulty(),
            cognitive_level=LEVELS.get(self.text(LEVEL) or "理解", ""),
        )

    def _options(self) -> tuple[str, ...]:
        options = [self.text(letter) for letter in LETTERS]
        while options and not options[-1]:
            options.pop()
        if self.kind in CHOICES:
            return tuple(options)
        if options and self.kind is not Kind.TRUE_FALSE:  # many sheets spell out 对 and 错
            self.wrong("A", N_("Only choice questions have options."), N_("Empty the options, or change the kind."))
        return ()

    def _difficulty(self) -> int:
        text = unicodedata.normalize("NFKC", self.text(DIFFICULTY))
        if text in DIFFICULTIES:
            return DIFFICULTIES[text]
        return int(text) if re.fullmatch("[0-9]", text) else 0

    def _key(self) -> str | tuple[Any, ...]:
        text = self.text(KEY)
        match self.kind:
            case Kind.SINGLE | Kind.MULTIPLE:
                return self._letters(text)
            case Kind.TRUE_FALSE:
                word = _folded(text).lower()
                return "T" if word in TRUE else "F" if word in FALSE else ""
            case Kind.FILL_BLANK:
                blanks = [_split(blank, BETWEEN_VARIANTS) for blank in _split(text, BETWEEN_BLANKS)] if text else []
                return tuple(tuple(filter(None, (_unescape(v).strip() for v in b))) for b in blanks)
            case Kind.SHORT_ANSWER:
                points = [point.strip() for point in self.raw(POINTS).split("\n")]
                return (text, *filter(None, points)) if text else ()
        return ""

    def _letters(self, text: str) -> str:
        letters = re.sub(r"[\s,、.;。|/]", "", unicodedata.normalize("NFKC", text).upper())
        if letters and not KEY_FORM.fullmatch(letters):
            self.wrong(KEY, N_("The key of a choice question is read as letters."), N_("Write letters, as B or ACD."))
            return ""
        return "".join(sorted(set(letters)))

    def _citations(self) -> tuple[Citation, ...]:
        """One citation a line; one law and one version may stand for several articles."""
        laws, labels, articles = (_lines(self.raw(title)) for title in (LAW, LABEL, ARTICLE))
        count = max(len(laws), len(labels), len(articles))
        if not count:
            return ()
        laws, labels = (one * count if len(one) == 1 else one for one in (laws, labels))
        if not len(laws) == len(labels) == len(articles) or not all((*laws, *labels, *articles)):
            self.wrong(
                LAW,
                N_("Law, version and article do not go together line by line."),
                N_("Name law, version and article of each citation, one a line."),
            )
            return ()
        summaries = [line.strip() for line in self.raw(SUMMARY).split("\n")]
        summaries += [""] * (count - len(summaries))
        return tuple(map(Citation, laws, labels, articles, summaries))


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().split("\n")] if text.strip() else []


def _split(text: str, signs: str) -> list[str]:
    """The parts between signs that no backslash precedes; backslashes stay."""
    parts, escaped = [""], False
    for sign in text:
        if sign in signs and not escaped:
            parts.append("")
        else:
            parts[-1] += sign
        escaped = sign == "\\" and not escaped
    return parts


def _unescape(text: str) -> str:
    return re.sub(r"\\([\\;；/／])", r"\1", text)
