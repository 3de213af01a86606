"""答题卡: boxes to fill for every question of a booklet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportlab.lib.units import mm

from portal.bank.exchange.booklet_page import LEFT, RIGHT, Block, Flow, Gap, Heading
from portal.ground.pdf_drawing import INK, LINE, MUTED
from question_bank.questions import CHOICES, LETTERS, Kind, Question

TITLE = "答题卡"
FIELDS = ("姓名", "工号", "单位", "得分")
BOX, HIGH = 5.2 * mm, 4 * mm
ROW = 7.2 * mm
NUMBER = 13 * mm  # room for a question's number
RULED = 8.5 * mm  # between lines to write on
LINES = {Kind.SHORT_ANSWER: 6, Kind.DRAFTING: 20}


def draw_answer_sheet(flow: Flow, title: str, sections: Sequence[tuple[str, list[tuple[str, Question]]]]) -> None:
    """On a page of its own."""
    flow.new_page()
    flow.put([Heading(f"{title} {TITLE}", 18), _Person(), Gap(2 * mm)])
    for heading, section in sections:
        flow.put([Heading(heading, 11.5)])
        leaves = list(_leaves(section))
        boxed = [leaf for leaf in leaves if leaf[1].kind in CHOICES or leaf[1].kind is Kind.TRUE_FALSE]
        flow.put([])
        for row in _boxes(boxed):
            flow.put([row])
        for number, leaf in leaves:
            if leaf.kind not in CHOICES and leaf.kind is not Kind.TRUE_FALSE:
                flow.put([_written(number, leaf)])


def _leaves(section: Sequence[tuple[str, Question]]) -> Iterator[tuple[str, Question]]:
    for number, question in section:
        if question.kind is Kind.CASE_SET:
            yield from ((f"{number}({place})", item) for place, item in enumerate(question.items, 1))
        else:
            yield number, question


def _signs(question: Question) -> Sequence[str]:
    return ("√", "×") if question.kind is Kind.TRUE_FALSE else LETTERS[: len(question.options)]


def _boxes(leaves: Sequence[tuple[str, Question]]) -> Iterator[Block]:
    """As many side by side as the widest of them leaves room for."""
    if not leaves:
        return
    wide = NUMBER + max(len(_signs(leaf)) for _number, leaf in leaves) * (BOX + 1.4 * mm) + 4 * mm
    columns = max(1, int((RIGHT - LEFT) // wide))
    for at in range(0, len(leaves), columns):
        yield _BoxRow(tuple(leaves[at : at + columns]), (RIGHT - LEFT) / columns)


def _written(number: str, leaf: Question) -> Block:
    match leaf.kind:
        case Kind.FILL_BLANK:
            return _Blanks(number, len(leaf.key))
        case Kind.ORDERING:
            return _Squares(number, tuple("→" * (len(leaf.options) - 1)))
        case Kind.MATCHING:
            return _Squares(number, tuple(LETTERS[: len(leaf.options)]), named=True)
    return _Ruled(number, LINES.get(leaf.kind, 6))


class _Person:
    """Who answers."""

    def height(self, flow: Flow) -> float:
        return 12 * mm

    def draw(self, flow: Flow) -> None:
        flow.y -= 9 * mm
        step = (RIGHT - LEFT) / len(FIELDS)
        flow.page.setFont(flow.sans, 10.5)
        flow.page.setFillColor(INK)
        flow.page.setStrokeColor(INK)
        flow.page.setLineWidth(0.6)
        for place, field in enumerate(FIELDS):
            x = LEFT + place * step
            flow.page.drawString(x, flow.y, field)
            flow.page.line(x + 10 * mm, flow.y - 1 * mm, x + step - 4 * mm, flow.y - 1 * mm)
        flow.y -= 3 * mm


def _number(flow: Flow, number: str, x: float) -> None:
    flow.page.setFont(flow.sans, 9.5)
    flow.page.setFillColor(INK)
    flow.page.drawRightString(x + NUMBER - 2.5 * mm, flow.y, f"{number}.")


@dataclass(frozen=True)
class _BoxRow:
    leaves: tuple[tuple[str, Question], ...]
    step: float

    def height(self, flow: Flow) -> float:
        return ROW

    def draw(self, flow: Flow) -> None:
        flow.room(ROW)
        flow.y -= ROW
        for place, (number, leaf) in enumerate(self.leaves):
            x = LEFT + place * self.step
            _number(flow, number, x)
            for at, sign in enumerate(_signs(leaf)):
                left = x + NUMBER + at * (BOX + 1.4 * mm)
                flow.page.setStrokeColor(MUTED)
                flow.page.setLineWidth(0.6)
                flow.page.rect(left, flow.y - 1 * mm, BOX, HIGH)
                flow.page.setFillColor(MUTED)
                flow.page.setFont(flow.sans, 8)
                flow.page.drawCentredString(left + BOX / 2, flow.y + 0.1 * mm, sign)


@dataclass(frozen=True)
class _Blanks:
    number: str
    count: int

    def height(self, flow: Flow) -> float:
        return -(-self.count // 3) * RULED

    def draw(self, flow: Flow) -> None:
        step = (RIGHT - LEFT - NUMBER) / 3
        for at in range(self.count):
            if at % 3 == 0:
                flow.room(RULED)
                flow.y -= RULED
                if at == 0:
                    _number(flow, self.number, LEFT)
            left = LEFT + NUMBER + at % 3 * step
            flow.page.setStrokeColor(MUTED)
            flow.page.setLineWidth(0.6)
            flow.page.line(left, flow.y - 1 * mm, left + step - 5 * mm, flow.y - 1 * mm)


@dataclass(frozen=True)
class _Squares:
    """Squares to write a letter or number into; between them `signs`, or before each where they are `named`."""

    number: str
    signs: tuple[str, ...]
    named: bool = False

    def height(self, flow: Flow) -> float:
        return RULED

    def draw(self, flow: Flow) -> None:
        flow.room(RULED)
        flow.y -= RULED
        _number(flow, self.number, LEFT)
        flow.page.setStrokeColor(MUTED)
        flow.page.setLineWidth(0.6)
        count = len(self.signs) if self.named else len(self.signs) + 1
        for at in range(count):
            left = LEFT + NUMBER + at * 17 * mm
            sign = self.signs[at] if self.named else self.signs[at - 1] if at else ""
            flow.page.setFillColor(MUTED)
            flow.page.setFont(flow.sans, 9)
            flow.page.drawString(left, flow.y, f"{sign} —" if self.named else sign)
            flow.page.rect(left + 8 * mm, flow.y - 1.4 * mm, 6 * mm, 5.4 * mm)


@dataclass(frozen=True)
class _Ruled:
    number: str
    count: int

    def height(self, flow: Flow) -> float:
        return (self.count + 0.5) * RULED

    def draw(self, flow: Flow) -> None:
        flow.y -= 0.5 * RULED
        for at in range(self.count):
            flow.room(RULED)
            flow.y -= RULED
            if at == 0:
                _number(flow, self.number, LEFT)
            flow.page.setStrokeColor(LINE)
            flow.page.setLineWidth(0.6)
            flow.page.line(LEFT + NUMBER, flow.y - 1 * mm, RIGHT, flow.y - 1 * mm)
