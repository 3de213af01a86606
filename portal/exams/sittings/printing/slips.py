"""准考证: one to a page, or three to a sheet with lines to cut along."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm

from portal.exams.sittings.printing.paper import Paper, cell, open_paper, printable, when
from portal.exams.sittings.printing.queries import Seated
from portal.ground.pdf_drawing import INK, LINE, MUTED, SEAL, wrapped

TITLE = "准考证"
NOTES = (
    "一、凭本证与本人有效身份证件入场，按指定座位就座。",
    "二、请提前到达并核对信息；手机等通信设备不得带入座位。",
    "三、考试时间由系统按服务器时间计算，断网补时以监考员记录为准。",
)
ON_A_SHEET = 3


def draw_slips(seated: Sequence[Seated], *, each_on_a_page: bool = False) -> bytes:
    people = printable(seated)
    paper = open_paper(TITLE, people, NOTES)
    on_page = 1 if each_on_a_page else ON_A_SHEET
    high = A4[1] / ON_A_SHEET
    for start in range(0, max(len(people), 1), on_page):
        for place, one in enumerate(people[start : start + on_page]):
            top = A4[1] - place * high
            _slip(paper, one, 20 * mm, top - 9 * mm, A4[0] - 40 * mm)
            if place:
                _cut(paper, top)
        paper.page.showPage()
    return paper.done()


def _cut(paper: Paper, y: float) -> None:
    paper.page.saveState()
    paper.page.setStrokeColor(LINE)
    paper.page.setDash(3, 3)
    paper.page.line(0, y, A4[0], y)
    paper.page.restoreState()


def _slip(paper: Paper, one: Seated, left: float, top: float, width: float) -> None:
    page, right = paper.page, left + width
    page.setFillColor(INK)
    page.setFont(paper.serif, 16)
    page.drawString(left, top - 5 * mm, f"{TITLE}")
    line = wrapped(one.exam, paper.sans, 10.5, width - 28 * mm)[:2]
    for place, text in enumerate(line):
        cell(paper, text, left + 26 * mm, top - 4.4 * mm - place * 4.6 * mm, width, 10.5)
    page.setStrokeColor(INK)
    page.setLineWidth(1.4)
    page.line(left, top - 11 * mm, right, top - 11 * mm)
    page.setStrokeColor(SEAL)
    page.setLineWidth(0.6)
    page.line(left, top - 12 * mm, right, top - 12 * mm)
    _photo_place(paper, right - 26 * mm, top - 51 * mm)
    y = top - 18.5 * mm
    for label, value in _facts(one):
        page.setFillColor(MUTED)
        page.setFont(paper.sans, 9)
        page.drawString(left, y, label)
        for place, text in enumerate(wrapped(value, paper.sans, 10.5, width - 52 * mm)[:2]):
            cell(paper, text, left + 22 * mm, y - place * 4.6 * mm, width - 52 * mm, 10.5)
            y -= 4.6 * mm if place else 0
        y -= 6.1 * mm
    page.setFillColor(MUTED)
    page.setFont(paper.sans, 8)
    for place, note in enumerate(NOTES):
        page.drawString(left, y + 0.5 * mm - place * 4 * mm, note)


def _facts(one: Seated) -> list[tuple[str, str]]:
    number = f"第 {one.sitting} 场　" if one.sitting else ""
    extra = f"，另加 {one.extra_minutes} 分钟" if one.extra_minutes else ""
    seat = f"{one.room}　{one.seat} 号座位" if one.seat else "待定"
    return [
        ("准考证号", one.number),
        ("姓名", f"{one.name}　　{one.id_number}"),
        ("单位", one.unit or "—"),
        ("时间", f"{number}{when(one)}（{one.minutes} 分钟{extra}；开考前 {one.check_in_minutes} 分钟起可签到）"),
        ("考点", f"{one.site}　{one.address}" if one.site else "待定"),
        ("考场座位", seat),
    ]


def _photo_place(paper: Paper, left: float, bottom: float) -> None:
    page = paper.page
    page.setStrokeColor(LINE)
    page.setLineWidth(0.6)
    page.rect(left, bottom, 26 * mm, 36 * mm)
    page.setFillColor(MUTED)
    page.setFont(paper.sans, 9)
    page.drawCentredString(left + 13 * mm, bottom + 17 * mm, "照片")
