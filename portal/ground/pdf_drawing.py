"""What our printed pages share: inks, the head with the platform's name, lines of Chinese text, QR codes."""

from __future__ import annotations

import re
from functools import lru_cache

import segno
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

INK, SEAL, LINE, MUTED = HexColor("#1b2430"), HexColor("#ad2a20"), HexColor("#b9c3ce"), HexColor("#5a6674")
NAME, PLATFORM = "明法", "吉林省行政执法人员培训考试平台"
STRESS, PLAIN = "\ue000", "\ue001"  # from here on what stands between them is underlined
NOT_FIRST = frozenset(PLAIN + "，。、；：？！）》】〉」』”’…—～·％%,.;:?!)]}›»〕々ー")  # of a line
NOT_LAST = frozenset(STRESS + "（《【〈「『“‘([{‹«〔￥$")
SIGNS = re.compile(f"(?=[{STRESS}{PLAIN}])")
WORD = re.compile(r"[A-Za-z0-9_@#&+*/\\<>=^~|'\"-]")


def wrapped(text: str, font: str, size: float, width: float) -> list[str]:
    """The text in lines of at most `width` points; at least one.

    No line begins with a closing or ends with an opening sign, words and numbers stay whole where they fit.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for atom in _atoms(paragraph):
            wide = _width(atom, font, size)
            if line and used + wide > width:
                lines.append(line.rstrip())
                line, used, atom = "", 0.0, atom.lstrip()
                wide = _width(atom, font, size)
            while wide > width and len(atom) > 1:  # no place to break in it
                fits = _fitting(atom, font, size, width)
                lines.append(atom[:fits])
                atom = atom[fits:]
                wide = _width(atom, font, size)
            line, used = line + atom, used + wide
        lines.append(line.rstrip())
    return lines


def _atoms(text: str) -> list[str]:
    """The pieces between which a line may end."""
    atoms: list[str] = []
    for sign in text:
        last = atoms[-1][-1] if atoms else ""
        word = bool(last) and bool(WORD.match(last)) and bool(WORD.match(sign))
        if atoms and (sign in NOT_FIRST or last in NOT_LAST or word or sign == " "):
            atoms[-1] += sign
        else:
            atoms.append(sign)
    return atoms


def _fitting(atom: str, font: str, size: float, width: float) -> int:
    used = 0.0
    for place, sign in enumerate(atom):
        used += _width(sign, font, size)
        if used > width:
            return max(1, place)
    return len(atom)


@lru_cache(maxsize=20_000)
def _width(text: str, font: str, size: float) -> float:
    return stringWidth(text.replace(STRESS, "").replace(PLAIN, ""), font, size)


def draw_line(page: Canvas, at: tuple[float, float], line: str, font: tuple[str, float], stressed: bool) -> bool:
    """One line from a point on, what is stressed underlined; says whether stress goes on in the next line."""
    x, y = at
    page.setFont(*font)
    for place, piece in enumerate(SIGNS.split(line)):
        if place:
            stressed = piece.startswith(STRESS)
        piece = piece.lstrip(STRESS + PLAIN)
        wide = _width(piece, *font)
        page.drawString(x, y, piece)
        if stressed and piece:
            page.setStrokeColor(INK)
            page.setLineWidth(0.7)
            page.line(x, y - 0.22 * font[1], x + wide, y - 0.22 * font[1])
        x += wide
    return stressed


def draw_head(page: Canvas, serif: str, sans: str, left: float, right: float, height: float) -> None:
    """Our name and the platform's over a double line, at the top of an A4 page."""
    page.setFillColor(INK)
    page.setFont(serif, 20)
    page.drawString(left, height - 27 * mm, NAME)
    page.setFillColor(MUTED)
    page.setFont(sans, 9)
    page.drawRightString(right, height - 26 * mm, PLATFORM)
    page.setStrokeColor(INK)
    page.setLineWidth(2.2)
    page.line(left, height - 31 * mm, right, height - 31 * mm)
    page.setStrokeColor(SEAL)
    page.setLineWidth(0.7)
    page.line(left, height - 32.4 * mm, right, height - 32.4 * mm)
    page.setFillColor(INK)


def draw_qr(page: Canvas, link: str, left: float, bottom: float, side: float) -> None:
    modules = list(segno.make(link, error="m").matrix)
    step = side / len(modules)
    page.setFillColor(INK)
    for row, line in enumerate(modules):
        for column, dark in enumerate(line):
            if dark:
                page.rect(left + column * step, bottom + side - (row + 1) * step, step, step, stroke=0, fill=1)
