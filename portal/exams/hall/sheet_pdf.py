"""The installation sheet of a hall, on one A4 page: address, fingerprint, QR, steps, how to check."""

from __future__ import annotations

from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from portal.exams.hall.steps import AFTER, CHECK, STEPS, Sheet, said
from portal.ground.clock import local
from portal.ground.i18n import gettext, show_date
from portal.ground.pdf_drawing import INK, LINE, MUTED, NAME, PLATFORM, draw_head, draw_qr, wrapped
from portal.ground.pdf_fonts import register
from portal.ground.rules import N_

WIDTH, HEIGHT = A4
LEFT, RIGHT = 22 * mm, WIDTH - 22 * mm
QR_SIDE, BODY, LEADING = 34 * mm, 9.5, 14.5
TITLE = N_("Installing the site's certificate in the hall")
FACTS = (N_("Address"), N_("Certificate from"), N_("Trusted for"), N_("Trusted until"))
FINGERPRINT = N_("Certificate fingerprint (SHA-256)")
CHECKING = N_("How to check")


def sheet_pdf(sheet: Sheet) -> bytes:
    """The page as a PDF document."""
    buffer = BytesIO()
    page = Canvas(buffer, pagesize=A4)
    page.setTitle(gettext(TITLE))
    _Page(page, sheet).draw()
    page.save()
    return buffer.getvalue()


class _Page:
    def __init__(self, page: Canvas, sheet: Sheet) -> None:
        self.page, self.sheet = page, sheet
        self.steps = [(gettext(title), said(lines)) for title, lines in STEPS]
        self.facts = dict(zip(map(gettext, FACTS), self._values(), strict=True))
        self.check, self.after = said(CHECK), gettext(AFTER)
        texts = [gettext(TITLE), gettext(FINGERPRINT), gettext(CHECKING), NAME, PLATFORM, self.after, "0123456789. ·"]
        texts += [*self.facts, *self.facts.values(), sheet.fingerprint, *self.check]
        texts += [text for title, lines in self.steps for text in (title, *lines)]
        self.serif, self.sans = register("serif", texts), register("sans", texts)
        self.y = HEIGHT - 46 * mm

    def _values(self) -> tuple[str, str, str, str]:
        return self.sheet.address, self.sheet.ca_address, self.sheet.names, show_date(local(self.sheet.until).date())

    def draw(self) -> None:
        draw_head(self.page, self.serif, self.sans, LEFT, RIGHT, HEIGHT)
        self._line(gettext(TITLE), self.serif, 17, 26)
        draw_qr(self.page, self.sheet.address, RIGHT - QR_SIDE, self.y - QR_SIDE + 6, QR_SIDE)
        for name, value in self.facts.items():
            self._fact(name, value)
        self.y -= 4
        self._fingerprint()
        for title, lines in self.steps:
            self._heading(title)
            self._list(lines)
        self._heading(gettext(CHECKING))
        self._list(self.check)
        self.y -= 4
        for line in wrapped(self.after, self.sans, BODY, RIGHT - LEFT):
            self._line(line, self.sans, BODY, LEADING, MUTED)

    def _fact(self, name: str, value: str) -> None:
        self.page.setFillColor(MUTED)
        self.page.setFont(self.sans, 9)
        self.page.drawString(LEFT, self.y, name)
        self.page.setFillColor(INK)
        self.page.setFont(self.sans, 11)
        for line in wrapped(value, self.sans, 11, RIGHT - LEFT - QR_SIDE - 34 * mm):
            self.page.drawString(LEFT + 30 * mm, self.y, line)
            self.y -= 18

    def _fingerprint(self) -> None:
        self._line(gettext(FINGERPRINT), self.sans, 9, 16, MUTED)
        groups = self.sheet.fingerprint.split(" ")
        for first in range(0, len(groups), 8):
            self._line("   ".join(groups[first : first + 8]), self.serif, 15, 22)
        self.y -= 2

    def _heading(self, text: str) -> None:
        self.y -= 11
        self.page.setStrokeColor(LINE)
        self.page.setLineWidth(0.6)
        self.page.line(LEFT, self.y + 14, RIGHT, self.y + 14)
        self._line(text, self.serif, 12, 18)

    def _list(self, lines: list[str]) -> None:
        for number, text in enumerate(lines, 1):
            self.page.setFillColor(INK)
            self.page.setFont(self.sans, BODY)
            self.page.drawString(LEFT, self.y, f"{number}.")
            for line in wrapped(text, self.sans, BODY, RIGHT - LEFT - 6 * mm):
                self.page.setFont(self.sans, BODY)
                self.page.drawString(LEFT + 6 * mm, self.y, line)
                self.y -= LEADING

    def _line(self, text: str, font: str, size: float, down: float, ink: object = INK) -> None:
        self.page.setFillColor(ink)
        self.page.setFont(font, size)
        self.page.drawString(LEFT, self.y, text)
        self.y -= down
