"""开通单: a person's one-time code on paper, one to a page or eight to a sheet with lines to cut along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO

from fontTools.ttLib import TTFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from portal.ground import i18n
from portal.ground.pdf_drawing import INK, LINE, MUTED, PLATFORM, SEAL, draw_head, draw_qr, wrapped
from portal.ground.pdf_fonts import FACES, register
from portal.people.access.models import OneTimeCode
from portal.people.models import Person

TITLES = {"activation": "账号开通单", "reset": "密码重置单"}
STEPS = (
    "用手机扫描二维码，或在电脑上打开下列网址。",
    "填写工号和一次性验证码。",
    "设置只有本人知道的密码，再用它登录。",
)
ONLY_HIM = ("验证码只能用一次，只限本人使用；设置好密码后请销毁本单。", "任何人（包括管理员）都无权索要您的密码。")
SHORT = ("扫码或打开网址，填工号和验证码，设置本人密码。", "验证码只能用一次，用后请销毁本单。")
CODE, UNTIL, NUMBER, UNIT = "一次性验证码", "有效期至", "工号", "单位"
NOT_PRINTABLE = "（生僻字，见工号）"
COLUMNS, ROWS = 2, 4
WHERE_TYPED = "/activate"


@dataclass(frozen=True)
class Slip:
    """What is printed; `link` leads to the page where the code is typed and never holds it."""

    kind: str
    name: str
    number: str
    unit: str
    code: str
    until: str
    link: str


def slip_of(person: Person, unit: str, code: str, row: OneTimeCode, base_url: str) -> Slip:
    return Slip(
        kind=row.kind, name=person.name, number=person.personnel_number, unit=unit, code=code,
        until=i18n.show_moment(row.expires_at), link=base_url.rstrip("/") + WHERE_TYPED,
    )  # fmt: skip


def draw_one(slip: Slip) -> bytes:
    """One A4 page for one person."""
    slip, out, page, serif, sans = _opened([slip])
    width, height = A4
    left, right = 25 * mm, width - 25 * mm
    draw_head(page, serif, sans, left, right, height)
    page.setFont(serif, 22)
    page.drawCentredString(width / 2, height - 56 * mm, TITLES[slip[0].kind])
    y = _facts(page, sans, slip[0], left, right, height - 70 * mm)
    y = _code_box(page, sans, slip[0], left, right, y - 12 * mm)
    _how(page, sans, slip[0], left, right, y - 14 * mm)
    page.showPage()
    page.save()
    return out.getvalue()


def draw_sheet(slips: Sequence[Slip]) -> bytes:
    """Eight to an A4 page, with dashed lines to cut along."""
    slips, out, page, serif, sans = _opened(slips)
    width, height = A4[0] / COLUMNS, A4[1] / ROWS
    for start in range(0, len(slips), COLUMNS * ROWS):
        _cut_lines(page)
        for place, slip in enumerate(slips[start : start + COLUMNS * ROWS]):
            x, y = place % COLUMNS * width, A4[1] - (place // COLUMNS + 1) * height
            _small(page, serif, sans, slip, x + 8 * mm, y + 7 * mm, width - 16 * mm, height - 14 * mm)
        page.showPage()
    page.save()
    return out.getvalue()


def _opened(slips: Sequence[Slip]) -> tuple[list[Slip], BytesIO, Canvas, str, str]:
    """The slips as they can be printed, the page, and the two faces with every character on it."""
    printable = [_with_printable_name(slip) for slip in slips]
    texts = [PLATFORM, *TITLES.values(), *STEPS, *ONLY_HIM, *SHORT, CODE, UNTIL, NUMBER, UNIT, "姓名明法、："]
    for slip in printable:
        texts += [slip.name, slip.number, slip.unit, slip.code, slip.until, slip.link]
    serif, sans = register("serif", [PLATFORM, "明法", *TITLES.values()]), register("sans", texts)
    out = BytesIO()
    page = Canvas(out, pagesize=A4, initialFontName=sans, invariant=1)
    page.setTitle(TITLES[printable[0].kind] if printable else TITLES["activation"])
    page.setAuthor("Mingfa 明法")
    return printable, out, page, serif, sans


@cache
def _characters() -> frozenset[int]:
    with TTFont(FACES["sans"], lazy=True) as font:
        return frozenset(font.getBestCmap())


def _with_printable_name(slip: Slip) -> Slip:
    """One rare character must not keep a whole unit from its slips."""
    return slip if {*map(ord, slip.name)} <= _characters() else replace(slip, name=NOT_PRINTABLE)


def _facts(page: Canvas, sans: str, slip: Slip, left: float, right: float, top: float) -> float:
    y = top
    page.setStrokeColor(LINE)
    page.setLineWidth(0.6)
    for label, value in (("姓名", slip.name), (UNIT, slip.unit), (NUMBER, slip.number), (UNTIL, slip.until)):
        page.line(left, y, right, y)
        page.setFillColor(MUTED)
        page.setFont(sans, 11)
        page.drawString(left + 2 * mm, y - 7 * mm, label)
        page.setFillColor(INK)
        page.setFont(sans, 12)
        lines = wrapped(value, sans, 12, right - left - 40 * mm)
        for number, line in enumerate(lines):
            page.drawString(left + 36 * mm, y - 7 * mm - number * 6 * mm, line)
        y -= (11 + 6 * (len(lines) - 1)) * mm
    page.line(left, y, right, y)
    return y


def _code_box(page: Canvas, sans: str, slip: Slip, left: float, right: float, top: float) -> float:
    bottom = top - 26 * mm
    page.setStrokeColor(INK)
    page.setLineWidth(1.2)
    page.rect(left, bottom, right - left, 26 * mm)
    page.setFillColor(MUTED)
    page.setFont(sans, 10)
    page.drawCentredString((left + right) / 2, top - 7 * mm, CODE)
    page.setFillColor(INK)
    page.setFont(sans, 26)
    page.drawCentredString((left + right) / 2, bottom + 6.5 * mm, slip.code)
    return bottom


def _how(page: Canvas, sans: str, slip: Slip, left: float, right: float, top: float) -> None:
    side = 38 * mm
    draw_qr(page, slip.link, left, top - side, side)
    text, y = left + side + 8 * mm, top - 4 * mm
    page.setFillColor(INK)
    page.setFont(sans, 11.5)
    for number, step in enumerate(STEPS, 1):
        page.drawString(text, y, f"{number}、{step}")
        y -= 8 * mm
        if number == 1:
            page.setFillColor(MUTED)
            page.setFont(sans, 10)
            for line in wrapped(slip.link, sans, 10, right - text - 7 * mm):
                page.drawString(text + 7 * mm, y + 1 * mm, line)
                y -= 6 * mm
            page.setFillColor(INK)
            page.setFont(sans, 11.5)
    page.setFont(sans, 10)
    page.setFillColor(SEAL)
    y = top - side - 14 * mm
    for line in ONLY_HIM:
        page.drawString(left, y, line)
        y -= 6 * mm


def _cut_lines(page: Canvas) -> None:
    width, height = A4
    page.saveState()
    page.setStrokeColor(LINE)
    page.setLineWidth(0.5)
    page.setDash(3, 3)
    for column in range(1, COLUMNS):
        page.line(column * width / COLUMNS, 0, column * width / COLUMNS, height)
    for row in range(1, ROWS):
        page.line(0, row * height / ROWS, width, row * height / ROWS)
    page.restoreState()


def _small(
    page: Canvas, serif: str, sans: str, slip: Slip, left: float, bottom: float, width: float, height: float
) -> None:
    top, right, side = bottom + height, left + width, 25 * mm
    page.setFillColor(INK)
    page.setFont(serif, 12.5)
    page.drawString(left, top - 4.5 * mm, f"明法 {TITLES[slip.kind]}")
    page.setStrokeColor(INK)
    page.setLineWidth(1.2)
    page.line(left, top - 7 * mm, right, top - 7 * mm)
    draw_qr(page, slip.link, right - side, top - 10 * mm - side, side)
    y, room = top - 13.5 * mm, width - side - 4 * mm
    page.setFont(sans, 13)
    page.drawString(left, y, wrapped(slip.name, sans, 13, room)[0])
    page.setFont(sans, 8.5)
    for line in wrapped(slip.unit, sans, 8.5, room)[:2]:
        y -= 4.6 * mm
        page.drawString(left, y, line)
    page.setFillColor(MUTED)
    page.drawString(left, y - 5.4 * mm, f"{NUMBER}：{slip.number}")
    page.drawString(left, y - 10.2 * mm, f"{UNTIL}：{slip.until}")
    page.setFillColor(INK)
    page.setFont(sans, 8.5)
    page.drawString(left, bottom + 19.6 * mm, CODE)
    page.setFont(sans, 17)
    page.drawString(left, bottom + 12.6 * mm, slip.code)
    page.setFillColor(MUTED)
    page.setFont(sans, 7.5)
    page.drawString(left, bottom + 7.8 * mm, wrapped(slip.link, sans, 7.5, width)[0])
    for number, line in enumerate(SHORT):
        page.drawString(left, bottom + 3.6 * mm - number * 3.6 * mm, line)
