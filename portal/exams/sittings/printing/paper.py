"""What all prints of a sitting share: faces with every character, the head of a page, cells of a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO

from fontTools.ttLib import TTFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from portal.exams.sittings.printing.queries import Seated
from portal.ground import i18n
from portal.ground.pdf_drawing import INK, LINE, MUTED, PLATFORM, SEAL, wrapped
from portal.ground.pdf_fonts import FACES, register

NOT_PRINTABLE = "（生僻字，见准考证号）"
LEFT, RIGHT, TOP, BOTTOM = 15 * mm, A4[0] - 15 * mm, A4[1] - 14 * mm, 14 * mm
WORDS = (
    "准考证考场签到表进门名册座位标签考试场次时间考点考场座位号姓名身份证准考证号单位照片签名共人第页实到缺考监考员"
    "一寸照片分钟起可签到起至另加地址待定考生须知、。；，：（）开考后迟到携带本人有效身份证件按指定座位就座"
    "请提前到达并核对信息凭本证与身份证入场手机等通信设备不得带入座位考试时长由系统按服务器时间计算补时"
    "打印日期以考点公告为准不再单独通知生僻字见\u3000*"
)


@dataclass
class Paper:
    """A document being drawn, and the two faces that hold every character of it."""

    page: Canvas
    serif: str
    sans: str
    out: BytesIO

    def done(self) -> bytes:
        self.page.save()
        return self.out.getvalue()


def open_paper(title: str, people: Sequence[Seated], further: Iterable[str] = ()) -> Paper:
    texts = [WORDS, title, PLATFORM, "明法", "0123456789-—:：/ ", *further]
    for one in people:
        texts += [one.exam, one.name, one.id_number, one.number, one.unit, one.site, one.address, one.room]
    sans = register("sans", texts)
    serif = register("serif", [WORDS, title, PLATFORM, "明法", *(one.exam for one in people[:1]), *further])
    out = BytesIO()
    page = Canvas(out, pagesize=A4, initialFontName=sans, invariant=1)
    page.setTitle(title)
    page.setAuthor("Mingfa 明法")
    return Paper(page, serif, sans, out)


@cache
def _characters() -> frozenset[int]:
    with TTFont(FACES["sans"], lazy=True) as font:
        return frozenset(font.getBestCmap())


def printable(people: Iterable[Seated]) -> list[Seated]:
    """One rare character must not keep a whole room from its list."""
    known = _characters()

    def kept(text: str) -> str:
        return "".join(sign if ord(sign) in known else "*" for sign in text)

    return [
        replace(
            one, name=one.name if {*map(ord, one.name)} <= known else NOT_PRINTABLE, unit=kept(one.unit),
            exam=kept(one.exam), site=kept(one.site), address=kept(one.address), room=kept(one.room),
        )
        for one in people
    ]  # fmt: skip


def when(one: Seated) -> str:
    """2026-12-08 09:00—11:00, or both days where they differ."""
    opens, closes = i18n.show_moment(one.opens_at), i18n.show_moment(one.closes_at)
    return f"{opens}—{closes[11:] if opens[:10] == closes[:10] else closes}"


def head(paper: Paper, title: str, lines: Sequence[str], aside: str) -> float:
    """Title, what and where below it, a double line; returns where the page goes on."""
    page = paper.page
    page.setFillColor(INK)
    page.setFont(paper.serif, 16)
    page.drawString(LEFT, TOP - 5 * mm, title)
    page.setFillColor(MUTED)
    page.setFont(paper.sans, 9)
    page.drawRightString(RIGHT, TOP - 4 * mm, aside)
    y = TOP - 11.5 * mm
    page.setFillColor(INK)
    page.setFont(paper.sans, 10)
    for text in lines:
        for line in wrapped(text, paper.sans, 10, RIGHT - LEFT):
            page.drawString(LEFT, y, line)
            y -= 5 * mm
    y += 1.5 * mm
    page.setStrokeColor(INK)
    page.setLineWidth(1.6)
    page.line(LEFT, y, RIGHT, y)
    page.setStrokeColor(SEAL)
    page.setLineWidth(0.6)
    page.line(LEFT, y - 1.1 * mm, RIGHT, y - 1.1 * mm)
    return y - 3.5 * mm


def fitted(paper: Paper, text: str, size: float, width: float) -> tuple[str, float]:
    """The text on one line and the size at which it fits; cut where it never does."""
    while size > 6 and len(wrapped(text, paper.sans, size, width)) > 1:
        size -= 0.5
    return wrapped(text, paper.sans, size, width)[0], size


def cell(paper: Paper, text: str, left: float, baseline: float, width: float, size: float = 10) -> None:
    line, fits = fitted(paper, text, size, width)
    paper.page.setFillColor(INK)
    paper.page.setFont(paper.sans, fits)
    paper.page.drawString(left, baseline, line)


def rule(paper: Paper, y: float, left: float = LEFT, right: float = RIGHT) -> None:
    paper.page.setStrokeColor(LINE)
    paper.page.setLineWidth(0.5)
    paper.page.line(left, y, right, y)
