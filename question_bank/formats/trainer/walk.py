"""The walk through the lines: which of them begin a question, continue one, or stand between."""

from __future__ import annotations

import re
from collections.abc import Callable

from question_bank.formats.trainer.drafts import Draft, KeyBlock, Piece, Section, Walked
from question_bank.formats.trainer.gather import Gathering, complete, keyed
from question_bank.formats.trainer.keys import entries_of, unnumbered
from question_bank.formats.trainer.lines import Line
from question_bank.formats.trainer.sight import BRACKET, CN_HEAD, has_bracket, style_of
from question_bank.formats.trainer.signs import (
    ANSWERING,
    CASE,
    CN,
    PAGE,
    QUESTIONS,
    TITLE,
    Head,
    Said,
    heads_of,
    key_word,
    kind_said,
    labels_in,
)  # fmt: skip
from question_bank.laws.numbers import number_of
from question_bank.questions import Kind

TITLE_LENGTH = 60
NEAR = 5  # questions looked back at
SUBTITLE = re.compile(rf"\s*(?:[（(][{CN}]{{1,3}}[）)]|[{CN}]{{1,3}}[、.．])\s*[^。？?；;，,_（(]{{2,30}}$")
OF_SECTION = re.compile(
    rf"\s*(?:第\s*)?[（(]?\s*([{CN}]{{1,3}})\s*[)）]?\s*(?:大题|部分)?\s*[、.．:：]?\s*(?=$|[（(]?\d|[A-H√×对错])"
)
CASE_NUMBER = re.compile(r"[】\]]|(?:案例|材料|案情)\s*[一二三四五六七八九十\d]")
INSTRUCTION = re.compile(r"每小?题|下列各题|本大?题|共.{0,6}[道分题]|对的打|正确的(?:打|填|划|画)")


class Walk(Gathering):
    """One pass over the lines; `run` gives what was gathered."""

    block: KeyBlock | None = None

    def run(self) -> Walked:
        for place, line in enumerate(self.lines):
            if line.rows:
                self._table(place, line)
            elif PAGE.match(line.text):
                self.out.passed.append(line)
            elif not (self.block and self._in_block(place, line)):
                self._line(place, line)
        self._drop_waiting(end=True)
        self.close()
        return self.out

    @property
    def _steps(self) -> tuple[Callable[[int, Line], bool], ...]:
        return (self._case, self._heading, self._answers, self._title, self._questions, self._number)

    def _line(self, place: int, line: Line) -> None:
        if not any(act(place, line) for act in self._steps):
            self.body(place, line, 0)

    def _table(self, place: int, line: Line) -> None:
        """A table of keys joins the keys; any other is part of the text."""
        if self.sight.keys(place):
            if not self.block:
                self._open_block(None)
            self.block.lines.append((line, 0))
        elif self.draft is None or self.block:
            self.out.loose.append(line)
        else:
            self.target.append(Piece(line))
            self._belongs(line)

    # headings --------------------------------------------------------------------------------------------------

    def _heading(self, place: int, line: Line) -> bool:
        said = self.sight.section(place)
        if not said:
            return self._instruction(place, line)
        kind, rest = said
        head = self.sight.head(place)
        if head and self.draft and head.number == self.numbers.last + 1 and rest and self.sight.strong(place):
            return False
        if self._keys_follow(place, rest):
            self._open_block(kind).lines.append((line, self._rest_at(line, rest)))
            return True
        self.close()
        counted = CN_HEAD.match(line.text)
        self.out.sections.append(Section(kind, ordinal=number_of(counted[1]) or 0 if counted else 0))
        self.numbers.restart()
        self.out.passed.append(line)
        return True

    def _instruction(self, place: int, line: Line) -> bool:
        """A line between the heading of a kind and its first question that tells how to answer."""
        fresh = len(self.out.sections) > 1 and not self.section.drafts and not self.waiting
        if not fresh or self.sight.head(place) or self.section.kind is Kind.CASE_SET:
            return False
        if not INSTRUCTION.search(line.text) or self.sight.options_open(place):
            return False
        self.out.passed.append(line)
        return True

    def _title(self, place: int, line: Line) -> bool:
        if self._subtitle(place, line):
            self.close()
            self.out.passed.append(line)
            return True
        chapter = TITLE.match(line.text) and len(line.text) <= TITLE_LENGTH and not has_bracket(line.text)
        if not chapter and (not line.heading or self.sight.head(place)):
            return False
        if next(labels_in(line.text), None) or has_bracket(line.text):
            return False
        self.close()
        self._part()
        self.out.passed.append(line)
        return True

    def _subtitle(self, place: int, line: Line) -> bool:
        """（二）《行政强制法》 between finished questions: a heading below which numbers go on."""
        if not SUBTITLE.match(line.text) or place + 1 >= len(self.lines) or not self.sight.head(place + 1):
            return False
        choice = self.draft is not None and (len(self.draft.options) > 1 or self.section.kind is Kind.TRUE_FALSE)
        return self.draft is None or (choice and complete(self.draft))

    def _part(self) -> None:
        """Numbers begin again under the same kind."""
        self.numbers.restart()
        if self.section.drafts:
            self.out.sections.append(Section(self.section.kind))

    # keys away from their questions ----------------------------------------------------------------------------

    def _answers(self, place: int, line: Line) -> bool:
        of = self.sight.answers_heading(place)
        if of is None:
            return self._keys_at_once(place, line)
        if self._own_answer(place, of):
            self._start_note("key")
            self._belongs(line)
            return True
        if not self.drafted and not self.waiting:
            self.out.passed.append(line)
            return True
        self._open_block(kind_said(of) if of else None)
        self.out.passed.append(line)
        return True

    def _own_answer(self, place: int, of: str) -> bool:
        """Whether a bare 答案： belongs to the question being read, whose answer then stands on the next lines."""
        draft = self.draft
        if of or not draft or draft.has("key") or place + 1 >= len(self.lines) or self.sight.section(place + 1):
            return False
        in_case = bool(self.case and self.case.items)
        if self.sight.keys(place + 1) and not in_case:
            return False
        tops = [top for section in self.out.sections[-3:] for top in section.drafts[-NEAR:]]
        waiting = [leaf for top in tops[-NEAR:] for leaf in top.leaves() if not keyed(leaf)]
        written = not draft.options and not self.lines[place + 1].rows and not self.sight.head(place + 1)
        return in_case or len(waiting) <= 1 or written

    def _keys_at_once(self, place: int, line: Line) -> bool:
        """答案：1-5 ABCDA, or the same without a word before it."""
        labels = [end for label, at, end in labels_in(line.text) if label == "key" and not line.text[:at].strip()]
        if labels and self._keys_in_order(line.text[labels[0] :]):
            self._open_block(None).lines.append((line, labels[0]))
            return True
        entries = entries_of(line.text[labels[0] if labels else 0 :], line)
        if not entries or len(entries) < 2:
            return False
        if self.draft and self.draft.kind in (Kind.MATCHING, Kind.ORDERING) and labels:
            return False
        if self.case and len(self.case.items) == len(entries) and not any(map(keyed, self.case.items)):
            return False
        self._open_block(None).lines.append((line, labels[0] if labels else 0))
        return True

    def _keys_in_order(self, text: str) -> bool:
        """答案：BBDAC below the last of five questions: a letter for each, some of them twice."""
        keys = unnumbered(text) or []
        if len(keys) < 3 or len(set(keys)) == len(keys) or any(len(key) != 1 for key in keys):
            return False
        waiting = [leaf for top in self.section.drafts[-len(keys) - 1 :] for leaf in top.leaves() if not keyed(leaf)]
        return len(waiting) == len(keys)

    def _open_block(self, kind: Said) -> KeyBlock:
        self.close()
        self.block = KeyBlock(len(self.out.sections), kind)
        self.out.blocks.append(self.block)
        return self.block

    def _keys_follow(self, place: int, rest: str) -> bool:
        """Keys stand behind the heading of a kind instead of questions."""
        if entries_of(_bare(rest), self.lines[place]) or (re.match(r"\s*[【（(]?(?:参考|标准|正确)?答案", rest)):
            return True
        if not self.drafted or place + 1 >= len(self.lines):
            return False
        follower = self.lines[place + 1]
        return bool(self.sight.keys(place + 1)) or (not follower.rows and bool(unnumbered(follower.text)))

    def _in_block(self, place: int, line: Line) -> bool:
        """Whether a line goes on with keys; the block is closed where questions begin again."""
        said, of = self.sight.section(place), self.sight.answers_heading(place)
        if not said and (start := self._of_section(line)):
            self.block.lines.append((line, start))
            return True
        if said and not self._keys_follow(place, said[1]) and self._questions_follow(place + 1):
            self.block = None
        elif said or of:
            kind = said[0] if said else kind_said(of or "")
            self._open_block(kind).lines.append((line, self._rest_at(line, said[1] if said else "")))
        elif self._question_here(place) or self._ends_block(place, line):
            self.block = None
            self._part()
        elif of is None:
            self.block.lines.append((line, 0))
        else:
            self.out.passed.append(line)
        return self.block is not None

    def _of_section(self, line: Line) -> int:
        """Where the keys begin behind 二、 that stands for a section; 0 for any other line, else a block is opened."""
        found = None if line.rows else OF_SECTION.match(line.text)
        rest = line.text[found.end() :].strip() if found else ""
        if not found or (rest and not entries_of(rest, line) and not unnumbered(rest)):
            return 0
        self._open_block(None).ordinal = number_of(found[1]) or 0
        return found.end()

    def _ends_block(self, place: int, line: Line) -> bool:
        if next(labels_in(line.text), None):
            return False
        return bool(
            TITLE.match(line.text) or line.heading or (CASE.match(line.text) and self._questions_follow(place + 1))
        )

    @staticmethod
    def _rest_at(line: Line, rest: str) -> int:
        bare = _bare(rest)
        return line.text.rfind(bare) if bare else len(line.text)

    def _question_here(self, place: int) -> bool:
        """Options, or a bracket that awaits a key, near a numbered line: it is a question and no answer."""
        head = self.sight.head(place)
        if not head or self.sight.keys(place) or self.sight.answering(place):
            return False
        text = self.lines[place].text[head.end :]
        if key_word(text) or re.match(r"[A-H√×]+(?:[\s。；;，,（(【]|$)", text):
            return False
        for other in range(place, min(place + 8, len(self.lines))):
            if self.lines[other].rows or (other > place and self.sight.head(other)):
                break
            if self.sight.options_open(other, head.end if other == place else 0):
                return True
        return any(not found[1] for found in BRACKET.finditer(text))

    def _questions_follow(self, place: int) -> bool:
        for other in range(place, min(place + 6, len(self.lines))):
            if not self.lines[other].rows and self.sight.head(other):
                return self._question_here(other) or (self.sight.strong(other) and not self.sight.answering(other))
        return False

    # questions and cases ---------------------------------------------------------------------------------------

    def _case(self, place: int, line: Line) -> bool:
        marker = CASE.match(line.text)
        if not marker and not (ANSWERING.match(line.text) and not self.sight.options_open(place)):
            return False
        sure = marker and CASE_NUMBER.search(marker[0])
        if marker and not sure and self.where in ("key", "points", "rationale") and not self._item_follows(place):
            return False
        head = self.sight.head(place)
        draft = self.draft
        if not marker and head and not self._item_follows(place):
            return False
        if draft and draft.stem and not complete(draft) and self.where == "stem" and not draft.items:
            self._becomes_case(draft)
            self.body(place, line, marker.end() if marker and self.case is not draft else 0)
            return True
        self.close()
        case = self.open(line, head if head and not marker else None, case=True)
        start = marker.end() if marker else head.end if head else 0
        if head and not marker:
            self.numbers.take(head)
        if line.text[start:].strip():
            self.body(place, line, start)
        return case is not None

    def _becomes_case(self, draft: Draft) -> None:
        if self.case is not draft and self.case is None:
            draft.kind, draft.case, self.case = Kind.CASE_SET, True, draft

    def _questions(self, place: int, line: Line) -> bool:
        """问题： within a case announces its questions, or is one itself."""
        said = QUESTIONS.match(line.text)
        if said and not self.case and "问" in said[0] and (self.draft is None or keyed(self.draft)):
            self._drop_waiting()
            self.open(line)
            self.body(place, line, said.end())
            return True
        if not said or not self.case or self.where in ("key", "points"):
            return False
        self.case.asked = True
        rest = line.text[said.end() :]
        if not rest.strip():
            self._belongs(line)
            return True
        head = heads_of(rest)
        number, start = (head.number, head.end) if head else (len(self.case.items) + 1, 0)
        self._item(place, line, Head(head.style if head else "ask", number, said.end() + start))
        return True

    def _item(self, place: int, line: Line, head: Head) -> None:
        self._drop_waiting()
        self.numbers.items_style, self.numbers.items_last = style_of(head), head.number
        self.open(line, head, item=True)
        self._belongs(line)
        end = self._next_inline(line, head)
        if end:
            self.text(place, line, head.end, end.start())
            self._item(place, line, Head(head.style, head.number + 1, end.end()))
        else:
            self.body(place, line, head.end)

    @staticmethod
    def _next_inline(line: Line, head: Head) -> re.Match[str] | None:
        """The next question of a case on the same line, as in 1.甲？2.乙？"""
        number = head.number + 1
        form = rf"(?<=[？?。；;])\s*(?:[（(]\s*{number}\s*[)）]|{number}\s*[.．、](?!\d))\s*"
        return re.compile(form).search(line.text, head.end)

    def _number(self, place: int, line: Line) -> bool:
        head = self.sight.head(place)
        if not head:
            return False
        whole = complete(self.draft)
        if self.case:
            answering = self.where in ("key", "points", "rationale")
            item = self.numbers.begins_item(place, head, self.case, complete=whole, answering=answering)
            if item:
                self._item(place, line, head)
                return True
            if item is False:
                return False
        if not self.numbers.begins(place, head, self.draft, whole):
            return False
        self._drop_waiting()
        if head.number == 1 and self.numbers.last:
            self._part()
        self.numbers.take(head)
        self.open(line, head)
        self.body(place, line, head.end)
        return True


def _bare(rest: str) -> str:
    """What stands behind the word 答案 in a heading."""
    return re.sub(r"^[^A-H√×]{0,12}?答案\s*[】\]）)]?\s*[:：]?|^[:：]", "", rest).strip()
