"""Looking ahead: whether a numbered line begins a question, and whether letters begin options."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from question_bank.formats.trainer.keys import Entry, entries_of, table_entries
from question_bank.formats.trainer.lines import Line
from question_bank.formats.trainer.options import Marker, markers, opens
from question_bank.formats.trainer.signs import (
    ANSWERS,
    ASKING,
    CASE,
    CN,
    SECTION,
    TITLE,
    Head,
    Said,
    heads_of,
    key_word,
    kind_said,
    labels_in,
    section_of,
)  # fmt: skip
from question_bank.laws.numbers import number_of

FAR = 60  # lines looked at
BRACKET = re.compile(r"[（(【\[]\s*([^（()）【】\[\]]{0,14}?)\s*[)）】\]]")
CN_HEAD = re.compile(rf"\s*([{CN}]{{1,3}})\s*[、.．]\s*")
BLANK = re.compile(r"_{2,}")
HEAD_OF_ANSWERS = re.compile(
    r"^(?:附[件录]?\s*\d*|.*(?:题|题库|卷|部分|练习|测试|测验|考试|[章节]|作业|训练).*|\d{4}年.*|[一二三四五六七八九十]+[、.．]?)?$"
)


def style_of(head: Head) -> str:
    return "plain" if head.style == "spaced" else head.style


def has_bracket(text: str) -> bool:
    """An empty bracket, or one that holds nothing but a key."""
    return any(not found[1] or key_word(found[1]) for found in BRACKET.finditer(text)) or bool(BLANK.search(text))


class Sight:
    """The lines of one document, looked at from any place."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.head = lru_cache(None)(self._head)  # type: ignore[method-assign]
        self.section = lru_cache(None)(self._section)  # type: ignore[method-assign]
        self.keys = lru_cache(None)(self._keys)  # type: ignore[method-assign]
        self.answering = lru_cache(None)(self._answering)  # type: ignore[method-assign]

    def _head(self, place: int) -> Head | None:
        line = self.lines[place]
        if line.rows:
            return None
        if head := heads_of(line.text):
            return head
        counted = CN_HEAD.match(line.text)
        return Head("cn", number_of(counted[1]) or 0, counted.end()) if counted and not self.section(place) else None

    def _section(self, place: int) -> tuple[Said, str] | None:
        line = self.lines[place]
        if line.rows or (CASE.match(line.text) and "题" not in line.text):
            return None
        if any(not line.text[:at].strip() for _label, at, _end in labels_in(line.text)):
            return None
        return section_of(line.text.strip()) or self._section_of_keys(line)

    @staticmethod
    def _section_of_keys(line: Line) -> tuple[Said, str] | None:
        """The name of a kind with keys right behind it, as 一、单选题 1.B 2.C"""
        found = SECTION.match(line.text.strip())
        rest = found["rest"].lstrip(":： \u3000") if found else ""
        if rest and entries_of(rest, line):
            return kind_said(line.text), rest
        return None

    def _keys(self, place: int) -> list[Entry] | None:
        """The keys a line or table consists of."""
        if place >= len(self.lines):
            return None
        line = self.lines[place]
        return table_entries(line.rows, line) if line.rows else entries_of(line.text, line)

    def _answering(self, place: int) -> bool:
        """Whether the line begins an answer, or its label follows the number at once."""
        line, head = self.lines[place], self.head(place)
        start = head.end if head else 0
        if re.match(r"\s*答\s*[:：]", line.text[start:]):
            return True
        return any(
            label == "key" and not line.text[start:at].strip() for label, at, _end in labels_in(line.text, start)
        )

    def answers_heading(self, place: int) -> str | None:
        """What the answers are of, when the line is a heading over answers; "" when it does not say."""
        line = self.lines[place]
        found = None if line.rows else ANSWERS.match(line.text)
        if not found:
            return None
        of = re.sub(r"[【\[（(\s]", "", found["of"])
        if re.search(r"下列|以下|请|选择?正?确?$|写出", of) and "选择题" not in of:
            return None
        return of if HEAD_OF_ANSWERS.match(of) else None

    def strong(self, place: int) -> bool:
        """Whether options, an answer, a bracket or a blank follow before the next number of the same style."""
        head = self.head(place)
        if not head:
            return False
        line = self.lines[place]
        if has_bracket(line.text[head.end :]) or head.lead is not None:
            return True
        for other in range(place, min(place + FAR, len(self.lines))):
            line = self.lines[other]
            if line.rows:
                continue
            if other > place:
                next_head = self.head(other)
                same = next_head and (style_of(next_head) == style_of(head) or head.style == "cn")
                if same and not self.answering(other):
                    return False
                if (
                    self.section(other)
                    or self.answers_heading(other) == ""
                    or TITLE.match(line.text)
                    or CASE.match(line.text)
                ):
                    return bool(self.answers_heading(other) == "")
            if self.options_open(other, head.end if other == place else 0):
                return True
            if any(label == "key" for label, _at, _end in labels_in(line.text)):
                return True
        return False

    def asks(self, place: int) -> bool:
        head = self.head(place)
        return bool(head and ASKING.search(self.lines[place].text[head.end :]))

    def options_open(self, place: int, start: int = 0) -> Marker | None:
        """The letter A at which options begin, here alone or confirmed by B on the next line."""
        text = self.lines[place].text
        if "A" not in text and "Ａ" not in text and "a" not in text:
            return None
        first = opens(text, start)
        if first and any(m.letter == "B" and m.start >= first.end for m in markers(text, first.end)):
            return first
        at_start = [m for m in markers(text, start) if m.letter == "A" and not text[start : m.start].strip()]
        return at_start[0] if at_start and self._continues(place + 1, at_start[0]) else None

    def _continues(self, place: int, first: Marker) -> bool:
        for other in range(place, min(place + 4, len(self.lines))):
            line = self.lines[other]
            if line.rows:
                continue
            marks = [m for m in markers(line.text) if not line.text[: m.start].strip()]
            if marks and marks[0].letter == "B":
                return first.strong or not marks[0].strong
            if marks and marks[0].letter == "A":
                return False
            if self.head(other):
                return False
        return False
