"""What programs of strangers have no place for, as tags such as 难度:3, which they keep and show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from question_bank.formats import sheet_cells as cells
from question_bank.questions import Kind, Question
from question_bank.sheet_format import (
    CASE,
    CODE,
    CODE_FORM,
    DIFFICULTY,
    FIELD,
    FROM,
    KIND,
    LEVEL,
    SOURCE,
    TOPIC,
    UNTIL,
)  # fmt: skip

NAMES = (CODE, KIND, CASE, TOPIC, DIFFICULTY, LEVEL, SOURCE, FIELD, FROM, UNTIL)


@dataclass
class Told:
    """The tags that carry a word of ours, by title, and the others."""

    words: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind | None:
        return cells.kind_of(self.words.get(KIND, ""))

    @property
    def case(self) -> str:
        return self.words.get(CASE, "")

    def fields(self) -> dict[str, object]:
        """Fields of a Question; a word that is none of ours counts as missing."""
        words = self.words
        code = words.get(CODE, "")
        return {
            "code": code if CODE_FORM.fullmatch(code) else "",
            "difficulty": cells.read_difficulty(words.get(DIFFICULTY, "")) or 3,
            "cognitive_level": cells.LEVELS.get(words.get(LEVEL, ""), "understand"),
            "tags": self.tags,
            "source": words.get(SOURCE, ""),
            "field": cells.read_field(words.get(FIELD, "")) or "",
            "valid_from": cells.read_day(words.get(FROM, "")),
            "valid_until": cells.read_day(words.get(UNTIL, "")),
        }


def tags_of(question: Question, case: str = "") -> list[str]:
    level = next((word for word, code in cells.LEVELS.items() if code == question.cognitive_level), "")
    words = {
        CODE: question.code, KIND: cells.word_of(question.kind), CASE: case, TOPIC: question.topic,
        DIFFICULTY: str(question.difficulty), LEVEL: level, SOURCE: question.source,
        FIELD: cells.field_cell(question.field), FROM: question.valid_from, UNTIL: question.valid_until,
    }  # fmt: skip
    return [*(f"{name}:{word}" for name, word in words.items() if word), *question.tags]


def told(tags: Iterable[str]) -> Told:
    result, others = Told(), []
    for tag in tags:
        name, sign, word = tag.replace("：", ":", 1).partition(":")
        if sign and name.strip() in NAMES:
            result.words[name.strip()] = word.strip()
        elif tag.strip():
            others.append(" ".join(tag.split()))
    result.tags = tuple(dict.fromkeys(others))
    return result
