"""Questions as rows of a sheet, out and in again without loss."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from question_bank.checks import problems, stops_draft
from question_bank.formats import sheet_cells as cells
from question_bank.formats.sheet_cells import KINDS, LEVELS
from question_bank.questions import LETTERS, N_, WITH_OPTIONS, Citation, Kind, Question

CODE, KIND, CASE, STEM, KEY, POINTS = "题号", "题型", "所属案例", "题干", "答案", "给分点"
PAIRS = "配对项"
RATIONALE, LAW, LABEL, ARTICLE, SUMMARY = "解析", "法律", "版本", "条", "条文要点"
TOPIC, DIFFICULTY, LEVEL = "知识点", "难度", "认知层次"
TAGS, SOURCE, FIELD, FROM, UNTIL = "标签", "来源", "执法领域", "有效期起", "有效期止"
USUAL_OPTIONS = LETTERS[:6]
TITLES = (
    CODE, KIND, CASE, STEM, *USUAL_OPTIONS, PAIRS, KEY, POINTS, RATIONALE, LAW, LABEL, ARTICLE, SUMMARY, TOPIC,
    DIFFICULTY, LEVEL, TAGS, SOURCE, FIELD, FROM, UNTIL,
)  # fmt: skip
COLUMN_OF = {
    "code": CODE, "kind": KIND, "case": CASE, "stem": STEM, "A": "A", "matches": PAIRS, "key": KEY,
    "rationale": RATIONALE, "law": LAW, "topic": TOPIC, "difficulty": DIFFICULTY, "cognitive_level": LEVEL,
    "field": FIELD, "validity": FROM,
}  # fmt: skip
DAYS = (FROM, UNTIL)
NO_NUMBER = "※"  # begins the number of a question that has none yet
CODE_FORM = re.compile(r"[^\s/\\?#%]{1,40}")


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell; `row` and `other` are places in the rows that were given.

    A warning leaves the question fit for a draft.
    """

    row: int
    column: str
    message: str
    remedy: str
    values: Mapping[str, str] = field(default_factory=dict)
    other: int | None = None
    warning: bool = False


@dataclass(frozen=True)
class Read:
    """One question and the rows it stands in; `question` is None when it cannot be made."""

    rows: tuple[int, ...]
    question: Question | None
    faults: tuple[Fault, ...]

    @property
    def parked(self) -> bool:
        return self.question is None or any(not fault.warning for fault in self.faults)


def to_rows(question: Question, case: str = "") -> list[dict[str, str]]:
    """The question as one row, a case set as its own row followed by its items.

    Letters beyond USUAL_OPTIONS are columns of their own where a question has so many options.
    """
    row = dict.fromkeys(TITLES, "")
    row.update(dict(zip(LETTERS, question.options, strict=False)))
    row |= {
        CODE: question.code,
        KIND: cells.word_of(question.kind),
        CASE: case,
        STEM: question.stem,
        PAIRS: "\n".join(cells.on_one_line(match) for match in question.matches),
        KEY: cells.key_cell(question),
        POINTS: cells.points_cell(question),
        RATIONALE: question.rationale,
        LAW: "\n".join(c.law for c in question.citations),
        LABEL: "\n".join(c.label for c in question.citations),
        ARTICLE: "\n".join(c.article for c in question.citations),
        SUMMARY: "\n".join(cells.on_one_line(c.summary) for c in question.citations),
        TOPIC: question.topic,
        DIFFICULTY: str(question.difficulty),
        LEVEL: next((word for word, code in LEVELS.items() if code == question.cognitive_level), ""),
        TAGS: cells.tags_cell(question.tags),
        SOURCE: question.source,
        FIELD: cells.field_cell(question.field),
        FROM: question.valid_from,
        UNTIL: question.valid_until,
    }
    return [row, *(line for item in question.items for line in to_rows(item, question.code))]


def read_rows(rows: Sequence[Mapping[str, Any]], *, drafts: bool = False) -> list[Read]:
    """Every question in the rows, good or faulty, in the order of the file; case items join their case.

    Cells may be text, numbers, truth values, dates or None, as a spreadsheet gives them. With `drafts`,
    what only stops approval (rationale, citation, topic) is a warning.
    """
    lines = [_Line(place, row) for place, row in enumerate(rows)]
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
    return [_join(line, items.get(line.place, []), drafts) for line in lines if line.place not in inside]


def _join(line: _Line, items: Sequence[_Line], drafts: bool) -> Read:
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
            warning = not stops_draft(problem)
            faults.append(Fault(place, column, problem.message, problem.remedy, values, warning=warning))
    if not drafts:
        faults = [replace(fault, warning=False) for fault in faults]
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

    def __init__(self, place: int, row: Mapping[str, Any]) -> None:
        self.place, self.row = place, row
        self.faults: list[Fault] = []
        self.question: Question | None = None
        self.code, self.case = self.text(CODE), self.text(CASE)
        self.kind = cells.kind_of(self.text(KIND))

    def wrong(
        self, column: str, message: str, remedy: str, *, other: int | None = None, warning: bool = False, **values: str
    ) -> None:
        self.faults.append(Fault(self.place, column, message, remedy, values, other, warning))

    def text(self, title: str) -> str:
        return self.raw(title).strip()

    def raw(self, title: str) -> str:
        """The cell as text with line feeds; outer blanks kept, because empty lines may count."""
        cell = self.row.get(title)
        if cell is None:
            return ""
        return "TRUE" if cell is True else "FALSE" if cell is False else str(cell).replace("\r\n", "\n")

    def read(self) -> None:
        if not CODE_FORM.fullmatch(self.code):
            self.wrong(
                CODE, N_("A question's number has 1 to 40 characters, without spaces or / ? #."), N_("Correct it.")
            )
        for title in TITLES:
            if isinstance(self.row.get(title), date) and title not in DAYS:
                self.wrong(
                    title,
                    N_("The spreadsheet has turned this text into a date."),
                    N_("Format the column as text and type it again."),
                )
        if self.kind is None:
            self._unknown_word(KIND, KINDS)
            return
        options = self._options()
        self.question = Question(
            code=self.code,
            kind=self.kind,
            stem=self.text(STEM),
            options=options,
            key=self._key(options),
            rationale=self.text(RATIONALE),
            citations=self._citations(),
            topic=self.text(TOPIC),
            difficulty=cells.read_difficulty(self.text(DIFFICULTY)),
            cognitive_level=LEVELS.get(self.text(LEVEL) or "理解", ""),
            matches=self._matches(),
            tags=cells.read_tags(self.raw(TAGS)),
            source=self.text(SOURCE),
            field=self._field(),
            valid_from=cells.read_day(self.row.get(FROM)),
            valid_until=cells.read_day(self.row.get(UNTIL)),
        )

    def _unknown_word(self, column: str, words: Mapping[str, Any]) -> None:
        self.wrong(
            column, N_("This word is not one of the column's words."), N_("Write one of: %(words)s."),
            words="、".join(words),
        )  # fmt: skip

    def _options(self) -> tuple[str, ...]:
        options = [self.text(letter) for letter in LETTERS]
        while options and not options[-1]:
            options.pop()
        if self.kind in WITH_OPTIONS:
            return tuple(options)
        if options and self.kind is not Kind.TRUE_FALSE:  # many sheets spell out 对 and 错
            self.wrong("A", N_("Only choice questions have options."), N_("Empty the options, or change the kind."))
        return ()

    def _matches(self) -> tuple[str, ...]:
        matches = tuple(cells.off_one_line(line).strip() for line in _lines(self.raw(PAIRS)))
        if self.kind is Kind.MATCHING or not matches:
            return matches
        self.wrong(PAIRS, N_("Only 连线 has a right side."), N_("Empty the cell, or change the kind."))
        return ()

    def _field(self) -> str:
        code = cells.read_field(self.text(FIELD))
        if code is None:
            self._unknown_word(FIELD, cells.FIELDS)
        return code or ""

    def _key(self, options: Sequence[str]) -> str | tuple[Any, ...]:
        text = self.text(KEY)
        match self.kind:
            case Kind.SINGLE | Kind.MULTIPLE | Kind.INDEFINITE:
                return "".join(sorted(set(self._letters(text))))
            case Kind.ORDERING:
                return self._letters(text, arrows=">→-")
            case Kind.MATCHING:
                return self._pairs(text, options)
            case Kind.TRUE_FALSE:
                return cells.read_truth(text)
            case Kind.FILL_BLANK:
                return cells.read_blanks(text)
            case Kind.SHORT_ANSWER:
                return (text, *cells.read_points(self.raw(POINTS))) if text else ()
            case Kind.DRAFTING:
                return self._rubric(text)
        return ""

    def _letters(self, text: str, arrows: str = "") -> str:
        letters = cells.read_letters(text, arrows)
        if letters is None:
            self.wrong(KEY, N_("The key of a choice question is read as letters."), N_("Write letters, as B or ACD."))
        return letters or ""

    def _pairs(self, text: str, options: Sequence[str]) -> tuple[str, ...]:
        pairs = cells.read_pairs(text, options)
        if pairs is None:
            self.wrong(
                KEY, N_("The key of a matching is read as pairs of a letter and a number."),
                N_("Write the pairs as A2 B1 C3."),
            )  # fmt: skip
        return pairs or ()

    def _rubric(self, text: str) -> tuple[Any, ...]:
        rubric = cells.read_rubric(self.raw(POINTS))
        if rubric is None:
            self.wrong(
                POINTS, N_("A line of the rubric is not a criterion with its points."),
                N_("Write each line as criterion|points, with whole points."),
            )  # fmt: skip
        return (text, *(rubric or ())) if text else ()

    def _citations(self) -> tuple[Citation, ...]:
        """One citation a line; one law and one version may stand for several articles."""
        laws = _lines(self.raw(LAW))
        labels, articles = (_column(self.raw(title), len(laws)) for title in (LABEL, ARTICLE))
        count = max(len(laws), len(labels), len(articles))
        if not count:
            return ()
        laws, labels = (one * count if len(one) == 1 else one for one in (laws, labels or [""]))
        articles = articles or [""] * count
        together = len(laws) == len(labels) == len(articles) and all(laws)
        if not together or not all((*labels, *articles)):
            self.wrong(
                LAW,
                N_("Law, version and article do not go together line by line."),
                N_("Name law, version and article of each citation, one a line."),
                warning=together,
            )
        if not together:
            return ()
        summaries = [cells.off_one_line(line).strip() for line in self.raw(SUMMARY).split("\n")]
        summaries += [""] * (count - len(summaries))
        return tuple(map(Citation, laws, labels, articles, summaries))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().split("\n")] if text.strip() else []


def _column(text: str, count: int) -> list[str]:
    """The lines of a cell beside another of `count` lines; empty ones at the end beyond those do not count."""
    lines = [line.strip() for line in text.split("\n")] if text.strip() else []
    while len(lines) > count and not lines[-1]:
        lines.pop()
    return lines
