"""Lines put together as drafts: stems, options, labels, and what goes on from the line before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from question_bank.formats.found import Fault
from question_bank.formats.trainer.drafts import Draft, Piece, Section, Walked, text_of
from question_bank.formats.trainer.lines import Line
from question_bank.formats.trainer.numbering import Numbering
from question_bank.formats.trainer.options import markers, run_of
from question_bank.formats.trainer.sight import BRACKET, Sight
from question_bank.formats.trainer.signs import KIND_MARK, QUESTIONS, Head, key_word, kind_said, labels_in, truth_word
from question_bank.questions import LETTERS, N_, Kind

TITLE_LINES = 8  # lines above the first question that may be its title
MOST_PIECES = 30  # lines of a stem looked at for a key
MATERIAL_LENGTH = 40  # characters from which a line without number may be the story of a case
SHORT = ("topic", "difficulty", "score", "kind", "level", "code", "tags", "field", "validity", "source", "origin")
LEADING = ("kind", "code", "topic", "difficulty", "score", "level")
WITHIN_ANSWER = re.compile(r"\s*(?:分析|理由|说明|解|依据)\s*[:：]")


def keyed(draft: Draft) -> bool:
    """Whether something in the draft gives a key: a label, a block of keys, or a bracket of the stem."""
    if draft.given or draft.has("key") or draft.lead:
        return True
    pieces = draft.stem if len(draft.stem) <= MOST_PIECES else [*draft.stem[:MOST_PIECES], draft.stem[-1]]
    return any(found[1] and key_word(found[1]) for found in BRACKET.finditer(text_of(pieces)))


def complete(draft: Draft | None) -> bool:
    return draft is not None and (keyed(draft) or len(draft.options) > 1)


class Gathering:
    """The question being read and where the next text goes."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines, self.sight = lines, Sight(lines)
        self.out = Walked([Section(None)])
        self.numbers = Numbering(self.sight)
        self.draft: Draft | None = None  # the question being read; a case until its first question
        self.case: Draft | None = None
        self.where = ""  # "stem", "option", or the label whose text goes on
        self.target: list[Piece] = []
        self.soft = False  # the note being read has no label of its own
        self.pending: list[tuple[str, list[Piece]]] = []  # labels that stand before their question
        self.drafted = False  # a question has begun somewhere
        self.waiting: list[Line] = []  # lines that may be the stem of a question without a number

    @property
    def section(self) -> Section:
        return self.out.sections[-1]

    def open(self, line: Line, head: Head | None = None, *, case: bool = False, item: bool = False) -> Draft:
        """A new question begins on this line, within the case or beside it."""
        self.drafted = True
        if not item:
            self.case = None
        kind = Kind.CASE_SET if case else None if item else self.section.kind
        draft = Draft(line, kind, head.number if head else None, head.lead if head else None, case=case)
        if head and head.kind:
            draft.kind = head.kind
        draft.notes, self.pending = self.pending, []
        draft.lines.extend(dict.fromkeys(piece.line for _label, pieces in draft.notes for piece in pieces))
        if item and self.case:
            self.case.items.append(draft)
        else:
            self.section.drafts.append(draft)
        if case or (kind is Kind.CASE_SET and not item):
            self.case = draft
        self.draft, self.target, self.where = draft, draft.stem, "stem"
        if line not in draft.lines:
            draft.lines.append(line)
        draft.faults.extend(line.faults)
        return draft

    def close(self) -> None:
        """Nothing goes on from here: a heading follows, or the end."""
        self._drop_waiting()
        self.out.loose.extend(dict.fromkeys(piece.line for _label, pieces in self.pending for piece in pieces))
        self.pending = []
        self.draft = self.case = None
        self.where, self.target = "", []

    def _drop_waiting(self, *, end: bool = False) -> None:
        """Lines that waited in vain: the title when they stand above everything, else loose."""
        first = not self.drafted and not self.out.loose
        title = first and not end and len(self.waiting) <= TITLE_LINES
        for line in self.waiting:
            keys = any(label == "key" for label, _at, _end in labels_in(line.text))
            (self.out.passed if title and len(line.text) <= 60 and not keys else self.out.loose).append(line)
        self.waiting = []

    def body(self, place: int, line: Line, start: int) -> None:
        """The rest of a line: text first, then what its labels say."""
        labels = self._labels(line, start)
        first = labels[0][1] if labels else len(line.text)
        self.text(place, line, start, first)
        for number, (label, _at, begin) in enumerate(labels):
            end = labels[number + 1][1] if number + 1 < len(labels) else len(line.text)
            self.label(place, line, label, begin, end)

    def _labels(self, line: Line, start: int) -> list[tuple[str, int, int]]:
        written = self.draft is not None and not self.draft.options and self.where in ("key", "points")
        found = []
        for label, at, begin in labels_in(line.text, start):
            if written and WITHIN_ANSWER.match(line.text[at:]):
                continue
            boxed = line.text[at] in "【[〖［"
            if label == "stem" and not boxed and (line.text[:at].strip() or self._stem_goes_on(line.text[at:begin])):
                continue
            found.append((label, at, begin))
        return found

    def _stem_goes_on(self, word: str) -> bool:
        return "干" not in word and self.draft is not None and not complete(self.draft)

    def _answered(self) -> bool:
        """The key of a choice or a statement has been read: nothing can go on from it after a blank line."""
        return self.where == "key" and bool(self.draft and key_word(text_of(self.target)))

    # text without a label ---------------------------------------------------------------------------------------

    def text(self, place: int, line: Line, start: int, end: int) -> None:
        if not line.text[start:end].strip():
            return
        if self._options(place, line, start, end):
            return
        if self.draft is None:
            self._unowned(line)
            return
        if self.where == "stem" and not self.draft.stem and (mark := KIND_MARK.match(line.text[start:end])):
            self.draft.kind, start = kind_said(mark["kind"]), start + mark.end()
        self._go_on(place, line, start, end)

    def _go_on(self, place: int, line: Line, start: int, end: int) -> None:
        """Text goes on where the line before ended, unless that was finished."""
        draft, piece = self.draft, Piece(line, start, end)
        fresh = bool(self.target) and self.target[-1].line is not line
        if fresh and self._new_material(place, line, start):
            self.open(line, case=True).stem.append(piece)
            return
        if fresh and self._new_by_truth(line):
            self.open(line).stem.append(piece)
            return
        if fresh and (self.where in SHORT or (line.gap and self._answered())):
            self._unowned(line)
            return
        if fresh and self.where == "key" and draft.options and key_word(text_of(self.target)):
            self._start_note("rationale")
            self.soft = True
            self._warn(line, "rationale", N_("The line below the answer was taken as the rationale."))
        elif fresh and self.where == "option":
            if line.gap and keyed(draft):
                self._unowned(line)
                return
            above = text_of(draft.options[-1])
            if above and (line.gap or len(above) < 25):
                self._warn(line, "A", N_("This line was taken as part of the option above it."))
        self.target.append(piece)
        self._belongs(line)

    def _belongs(self, line: Line) -> None:
        """The line is part of the draft; lines that waited for a question are loose now."""
        self._drop_waiting()
        for draft in filter(None, (self.draft, self.case)):
            if not draft.lines or draft.lines[-1] is not line:
                draft.lines.append(line)
                if draft is self.draft:
                    draft.faults.extend(line.faults)

    def _unowned(self, line: Line) -> None:
        """A line outside any question: it may turn out to be the stem of one, else it is reported."""
        truth = [found[1] for found in BRACKET.finditer(line.text) if truth_word(found[1])]
        if self.section.kind is Kind.TRUE_FALSE and truth:
            self.open(line).stem.append(Piece(line, 0, len(line.text)))
        elif self.section.kind is Kind.CASE_SET and self.draft is None:
            self.open(line, case=True).stem.append(Piece(line, 0, len(line.text)))
        elif not self.waiting or self.waiting[-1] is not line:
            self.waiting.append(line)

    def _new_material(self, place: int, line: Line, start: int) -> bool:
        """The story of the next case, in a section of cases that are told apart by nothing else."""
        if self.section.kind is not Kind.CASE_SET or not self.case or not self.case.items or start:
            return False
        long = len(line.text) >= MATERIAL_LENGTH
        return long and line.gap and complete(self.draft) and self.case.number is None and self._item_follows(place)

    def _item_follows(self, place: int) -> bool:
        for other in range(place + 1, min(place + 8, len(self.lines))):
            if self.lines[other].rows:
                continue
            if self.sight.head(other):
                return self.sight.strong(other) or self.sight.asks(other)
            if QUESTIONS.match(self.lines[other].text):
                return True
        return False

    def _new_by_truth(self, line: Line) -> bool:
        """In a list of statements without numbers each line carries its own bracket."""
        if self.section.kind is not Kind.TRUE_FALSE or self.numbers.last:
            return False
        return any(truth_word(found[1]) for found in BRACKET.finditer(line.text)) and self.where in (
            "stem",
            "rationale",
        )

    # options ---------------------------------------------------------------------------------------------------

    def _options(self, place: int, line: Line, start: int, end: int) -> bool:
        """Options on this line; text before the first of them goes where text goes."""
        draft = self.draft
        letters = len(draft.options) if draft else 0
        if self._again(place, line, start):
            draft, letters = self._unnumbered(place, line), 0
        if (
            draft is None
            or self.where not in ("stem", "option", "options", "kind", "score", "key")
            or (self.where == "key" and letters)
        ):
            return False
        if letters:
            chain = run_of(markers(line.text, start, end), LETTERS[letters]) if letters < len(LETTERS) else []
            chain = chain if chain and not line.text[start : chain[0].start].strip() else []
        else:
            first = self.sight.options_open(place, start)
            chain = run_of([m for m in markers(line.text, start, end) if first and m.start >= first.start], "A")
        if not chain or (letters and not chain[0].strong and not self._weak(draft)):
            return False
        if line.text[start : chain[0].start].strip():
            self._go_on(place, line, start, chain[0].start)
        self._belongs(line)
        for number, mark in enumerate(chain):
            stop = chain[number + 1].start if number + 1 < len(chain) else end
            self.target = [Piece(line, mark.end, stop)]
            draft.options.append(self.target)
        self.where = "option"
        return True

    @staticmethod
    def _weak(draft: Draft) -> bool:
        """The options before this one had no sign behind their letter either."""
        piece = draft.options[-1][0]
        return piece.start > 0 and not re.search(r"[.．、:：,，)）。\]】]\s*$", piece.line.text[: piece.start])

    def _again(self, place: int, line: Line, start: int) -> bool:
        """A second A in a document without numbers: a question has begun above it."""
        if self.numbers.last or not self.sight.options_open(place, start) or self.where == "stem":
            return False
        if self.draft is None:
            return bool(self.waiting)
        return bool(self.draft.options) and bool(self.waiting or self._tail())

    def _tail(self) -> list[Piece]:
        """The lines since the last gap that went on in the text of the question before."""
        tail: list[Piece] = []
        for piece in reversed(self.target if self.soft else self.target[1:]):
            tail.insert(0, piece)
            if piece.line.gap:
                break
        else:
            tail = tail[-1:]
        return tail if self.where in ("key", "rationale", "option", "law") else []

    def _unnumbered(self, place: int, line: Line) -> Draft:
        """A question whose stem are the lines just above, taken back from where they had been put."""
        if self.waiting:
            cut = max((n for n, w in enumerate(self.waiting) if w.gap), default=0) if self.draft is None else 0
            stem = [Piece(w, 0, len(w.text)) for w in self.waiting[cut:]]
            self.waiting = self.waiting[:cut]
        else:
            stem = self._tail()
            del self.target[len(self.target) - len(stem) :]
            taken = {piece.line.number for piece in stem}
            self.draft.lines = [one for one in self.draft.lines if one.number not in taken]
            self.draft.faults = [f for f in self.draft.faults if f.text not in {piece.line.raw for piece in stem}]
        self._drop_waiting()
        draft = self.open(stem[0].line)
        draft.lines = list(dict.fromkeys(piece.line for piece in stem))
        if mark := KIND_MARK.match(stem[0].text):
            draft.kind = kind_said(mark["kind"])
            stem[0] = Piece(stem[0].line, stem[0].line.text.find(mark[0]) + len(mark[0]), stem[0].end)
        draft.stem.extend(stem)
        return draft

    # labels ----------------------------------------------------------------------------------------------------

    def label(self, place: int, line: Line, label: str, begin: int, end: int) -> None:
        draft = self.draft
        if label == "key" and not self.numbers.last and self.waiting and (draft is None or draft.has("key")):
            draft = self._unnumbered(place, line)
        if label == "stem":
            self._drop_waiting()
            self.open(line)
            self.text(place, line, begin, end)
            return
        if draft is None or (draft.has(label) and label in LEADING):
            self._before(line, label, begin, end)
            return
        if label == "options":
            self.where = "options"
            self._belongs(line)
            self.text(place, line, begin, end)
            return
        self._start_note(label)
        self._belongs(line)
        if line.text[begin:end].strip():
            self.target.append(Piece(line, begin, end))

    def _before(self, line: Line, label: str, begin: int, end: int) -> None:
        """A label that waits for its question, or that stands alone."""
        if label in LEADING and line.text[begin:end].strip():
            self.pending.append((label, [Piece(line, begin, end)]))
        elif not self.pending or self.pending[-1][1][0].line is not line:
            self._unowned(line)

    def _start_note(self, label: str) -> None:
        self.target, self.soft = [], False
        self.draft.notes.append((label, self.target))
        self.where = label

    def _warn(self, line: Line, column: str, message: str) -> None:
        self.draft.faults.append(
            Fault(column, message, N_("Look at the question and correct it."), {}, line.raw[:200], warning=True)
        )
