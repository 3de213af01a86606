"""On the day: the roster of a room to be signed, the list at the door, the labels on the seats."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm

from portal.exams.sittings.printing.paper import (
    BOTTOM,
    LEFT,
    RIGHT,
    Paper,
    cell,
    head,
    open_paper,
    printable,
    rule,
    when,
)
from portal.exams.sittings.printing.queries import Seated
from portal.ground.pdf_drawing import INK, LINE, MUTED, wrapped

ROSTER, DOOR, LABELS = "考场签到表", "进门名册", "座位标签"
ROW = 21 * mm
# seat, photo, name, numbers, unit, signature: left edges
EDGES = (LEFT, LEFT + 13 * mm, LEFT + 32 * mm, LEFT + 60 * mm, LEFT + 103 * mm, LEFT + 148 * mm, RIGHT)
TITLES = ("座位", "照片", "姓名", "准考证号、身份证号", "单位", "签名")
FOOT = 16 * mm
SMALL_ROW = 6.4 * mm
ACROSS, DOWN = 3, 8


def _where(one: Seated) -> str:
    number = f"第 {one.sitting} 场　" if one.sitting else ""
    return f"{number}{when(one)}　{one.site}　{one.room}"


def _aside(number: int, pages: int, people: int) -> str:
    return f"共 {people} 人　第 {number}/{pages} 页"


def draw_roster(seated: Sequence[Seated]) -> bytes:
    """One room: a row for each seat with a place for the photo and for the signature."""
    people = printable(seated)
    paper = open_paper(ROSTER, people)
    each = 11
    portions = [people[start : start + each] for start in range(0, len(people), each)] or [[]]
    for number, portion in enumerate(portions, 1):
        lines = [people[0].exam, _where(people[0])] if people else []
        y = head(paper, ROSTER, lines, _aside(number, len(portions), len(people)))
        _titles(paper, y)
        y -= 7 * mm
        for one in portion:
            _roster_row(paper, one, y)
            y -= ROW
        if number == len(portions):
            paper.page.setFont(paper.sans, 10)
            paper.page.setFillColor(INK)
            paper.page.drawString(LEFT, BOTTOM + 1 * mm, "实到　　　　人　　缺考　　　　人　　　监考员签名")
            paper.page.line(LEFT + 92 * mm, BOTTOM, RIGHT, BOTTOM)
        paper.page.showPage()
    return paper.done()


def _titles(paper: Paper, y: float) -> None:
    paper.page.setFillColor(MUTED)
    paper.page.setFont(paper.sans, 9)
    for left, title in zip(EDGES, TITLES, strict=False):
        paper.page.drawString(left + 1.5 * mm, y - 4.5 * mm, title)
    rule(paper, y - 7 * mm)


def _roster_row(paper: Paper, one: Seated, top: float) -> None:
    page, middle = paper.page, top - ROW / 2
    page.setFillColor(INK)
    page.setFont(paper.sans, 15)
    page.drawString(EDGES[0] + 1.5 * mm, middle - 2 * mm, str(one.seat or ""))
    page.setStrokeColor(LINE)
    page.setLineWidth(0.5)
    page.rect(EDGES[1] + 1 * mm, top - ROW + 1.2 * mm, 14 * mm, ROW - 2.4 * mm)
    cell(paper, one.name, EDGES[2] + 1.5 * mm, middle - 1.6 * mm, EDGES[3] - EDGES[2] - 3 * mm, 12)
    cell(paper, one.number, EDGES[3] + 1.5 * mm, middle + 1.2 * mm, EDGES[4] - EDGES[3] - 3 * mm, 11)
    cell(paper, one.id_number, EDGES[3] + 1.5 * mm, middle - 4.4 * mm, EDGES[4] - EDGES[3] - 3 * mm, 9)
    lines = wrapped(one.unit, paper.sans, 8.5, EDGES[5] - EDGES[4] - 3 * mm)[:3]
    for place, line in enumerate(lines):
        cell(paper, line, EDGES[4] + 1.5 * mm, middle + (len(lines) / 2 - place - 0.75) * 4 * mm, 100 * mm, 8.5)
    if one.extra_minutes:
        cell(paper, f"另加 {one.extra_minutes} 分钟", EDGES[2] + 1.5 * mm, top - ROW + 2 * mm, 26 * mm, 8)
    page.setStrokeColor(LINE)
    page.rect(EDGES[5] + 1 * mm, top - ROW + 1.2 * mm, EDGES[6] - EDGES[5] - 1 * mm, ROW - 2.4 * mm)
    rule(paper, top - ROW)


def draw_door_list(seated: Sequence[Seated]) -> bytes:
    """A whole sitting by admission number, in two columns: where to go."""
    people = printable(seated)
    paper = open_paper(DOOR, people)
    each = 36
    pages = max(1, -(-len(people) // (2 * each)))
    for number in range(pages):
        portion = people[number * 2 * each : (number + 1) * 2 * each]
        lines = [people[0].exam, f"第 {people[0].sitting} 场　{when(people[0])}"] if people else []
        top = head(paper, DOOR, lines, _aside(number + 1, pages, len(people)))
        for place, one in enumerate(portion):
            left = LEFT + (place // each) * 92 * mm
            y = top - (place % each + 1) * SMALL_ROW
            cell(paper, one.number, left, y + 1.8 * mm, 32 * mm, 9.5)
            cell(paper, one.name, left + 34 * mm, y + 1.8 * mm, 20 * mm, 9.5)
            cell(paper, one.room, left + 55 * mm, y + 1.8 * mm, 22 * mm, 9)
            cell(paper, f"{one.seat} 号" if one.seat else "待定", left + 78 * mm, y + 1.8 * mm, 10 * mm, 9.5)
            rule(paper, y, left, left + 88 * mm)
        paper.page.showPage()
    return paper.done()


def draw_labels(seated: Sequence[Seated]) -> bytes:
    """Twenty-four to a sheet with lines to cut along."""
    people = printable(seated)
    paper = open_paper(LABELS, people)
    wide, high = A4[0] / ACROSS, A4[1] / DOWN
    for start in range(0, max(len(people), 1), ACROSS * DOWN):
        _cut_lines(paper)
        for place, one in enumerate(people[start : start + ACROSS * DOWN]):
            left, top = place % ACROSS * wide + 6 * mm, A4[1] - place // ACROSS * high - 6 * mm
            paper.page.setFillColor(INK)
            paper.page.setFont(paper.sans, 30)
            paper.page.drawString(left, top - 11 * mm, str(one.seat or ""))
            cell(paper, one.name, left + 22 * mm, top - 6 * mm, wide - 32 * mm, 13)
            cell(paper, one.number, left + 22 * mm, top - 12 * mm, wide - 32 * mm, 11)
            cell(paper, one.room, left, top - 19 * mm, wide - 12 * mm, 9)
            cell(paper, when(one), left, top - 24 * mm, wide - 12 * mm, 8)
        paper.page.showPage()
    return paper.done()


def _cut_lines(paper: Paper) -> None:
    page = paper.page
    page.saveState()
    page.setStrokeColor(LINE)
    page.setLineWidth(0.5)
    page.setDash(3, 3)
    for column in range(1, ACROSS):
        page.line(column * A4[0] / ACROSS, 0, column * A4[0] / ACROSS, A4[1])
    for row in range(1, DOWN):
        page.line(0, row * A4[1] / DOWN, A4[0], row * A4[1] / DOWN)
    page.restoreState()
