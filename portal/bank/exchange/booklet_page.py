"""Pages that fill up one after the other, and the blocks that are put on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Protocol

from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from portal.ground.pdf_drawing import INK, LINE, MUTED, draw_line, wrapped

WIDTH, HEIGHT = A4
LEFT, RIGHT, TOP, BOTTOM = 20 * mm, WIDTH - 20 * mm, HEIGHT - 18 * mm, 20 * mm
SIZE, LEADING = 10.5, 1.6
TOGETHER = 0.6  # of a page: what is no longer than that is not divided
MARKED = Color(0.1, 0.14, 0.19, alpha=0.07)
PICTURE_WIDTH, PICTURE_HEIGHT = 110 * mm, 80 * mm
POINT = 25.4 / 130 * mm  # a picture's point on paper


class Block(Protocol):
    def height(self, flow: Flow) -> float: ...

    def draw(self, flow: Flow) -> None: ...


class Flow:
    """A document in the making; `y` is where the next block begins."""

    def __init__(self, target: BytesIO, faces: tuple[str, str], title: str, mark: str = "") -> None:
        self.serif, self.sans = faces
        self.page = Canvas(target, pagesize=A4, initialFontName=self.sans, invariant=1)
        self.page.setTitle(title)
        self.page.setAuthor("Mingfa 明法")
        self.foot, self.mark, self.number, self.y = title, mark, 0, TOP
        self._begin()

    def _begin(self) -> None:
        self.number += 1
        self.y = TOP
        if not self.mark:
            return
        self.page.saveState()
        self.page.setFillColor(MARKED)
        self.page.setFont(self.sans, 15)
        self.page.translate(WIDTH / 2, HEIGHT / 2)
        self.page.rotate(32)
        for row in range(-5, 6):
            for column in range(-2, 3):
                self.page.drawCentredString(column * 90 * mm + row % 2 * 40 * mm, row * 34 * mm, self.mark)
        self.page.restoreState()

    def end_page(self) -> None:
        self.page.setStrokeColor(LINE)
        self.page.setLineWidth(0.5)
        self.page.line(LEFT, BOTTOM - 5 * mm, RIGHT, BOTTOM - 5 * mm)
        self.page.setFillColor(MUTED)
        self.page.setFont(self.sans, 8.5)
        self.page.drawString(LEFT, BOTTOM - 9.5 * mm, wrapped(self.foot, self.sans, 8.5, 130 * mm)[0])
        self.page.drawRightString(RIGHT, BOTTOM - 9.5 * mm, f"第 {self.number} 页")
        self.page.showPage()

    def new_page(self) -> None:
        self.end_page()
        self._begin()

    def save(self) -> None:
        self.end_page()
        self.page.save()

    def room(self, height: float) -> None:
        """Go to the next page unless so much fits on this one."""
        if self.y - height < BOTTOM and self.y < TOP:
            self.new_page()

    def put(self, blocks: Sequence[Block]) -> None:
        """Blocks that belong together: on one page where they are not too long."""
        height = sum(block.height(self) for block in blocks)
        if height <= TOGETHER * (TOP - BOTTOM):
            self.room(height)
        for block in blocks:
            block.draw(self)


@dataclass(frozen=True)
class Lines:
    """A paragraph; `lead` stands before its first line, the others begin below its text."""

    text: str
    lead: str = ""
    indent: float = 0.0
    size: float = SIZE
    quiet: bool = False

    def _lines(self, flow: Flow) -> list[str]:
        return wrapped(self.text, flow.sans, self.size, RIGHT - LEFT - self.indent)

    def height(self, flow: Flow) -> float:
        return len(self._lines(flow)) * self.size * LEADING

    def draw(self, flow: Flow) -> None:
        stressed = False
        for number, line in enumerate(self._lines(flow)):
            flow.room(self.size * LEADING)
            flow.y -= self.size * LEADING
            flow.page.setFillColor(MUTED if self.quiet else INK)
            if number == 0 and self.lead:
                flow.page.setFont(flow.sans, self.size)
                flow.page.drawRightString(LEFT + self.indent - 1.2 * mm, flow.y, self.lead)
            font = flow.sans, self.size
            stressed = draw_line(flow.page, (LEFT + self.indent, flow.y), line, font, stressed)


@dataclass(frozen=True)
class Gap:
    space: float

    def height(self, flow: Flow) -> float:
        return self.space

    def draw(self, flow: Flow) -> None:
        flow.y -= self.space


@dataclass(frozen=True)
class Heading:
    """A part's or a section's title; never the last thing on a page."""

    text: str
    size: float = 14

    def height(self, flow: Flow) -> float:
        return self.size * 2.8

    def draw(self, flow: Flow) -> None:
        flow.room(self.height(flow) + 30 * mm)
        flow.y -= self.size * (2.1 if flow.y < TOP else 1.5)
        flow.page.setFillColor(INK)
        flow.page.setFont(flow.serif, self.size)
        flow.page.drawString(LEFT, flow.y, self.text)
        flow.y -= self.size * 0.7


@dataclass(frozen=True)
class Grid:
    """Short texts side by side in as few rows as they fit in: four, two or one in a row."""

    texts: tuple[str, ...]
    indent: float

    def _rows(self, flow: Flow) -> tuple[int, list[list[list[str]]]]:
        """(columns, rows of cells of lines)."""
        whole = RIGHT - LEFT - self.indent
        for columns in (4, 2, 1):
            cells = [wrapped(text, flow.sans, SIZE, whole / columns - 3 * mm) for text in self.texts]
            if columns == 1 or (all(len(cell) == 1 for cell in cells) and len(cells) >= columns):
                break
        return columns, [cells[at : at + columns] for at in range(0, len(cells), columns)]

    def height(self, flow: Flow) -> float:
        return sum(max(map(len, row)) for row in self._rows(flow)[1]) * SIZE * LEADING

    def draw(self, flow: Flow) -> None:
        columns, rows = self._rows(flow)
        step = (RIGHT - LEFT - self.indent) / columns
        for row in rows:
            for number in range(max(map(len, row))):
                flow.room(SIZE * LEADING)
                flow.y -= SIZE * LEADING
                flow.page.setFillColor(INK)
                for column, cell in enumerate(row):
                    if number < len(cell):
                        at = LEFT + self.indent + column * step, flow.y
                        draw_line(flow.page, at, cell[number], (flow.sans, SIZE), False)


@dataclass(frozen=True)
class Cells:
    """A table with lines around its cells; its columns share the width by what stands in them."""

    rows: tuple[tuple[str, ...], ...]
    indent: float
    size: float = 9.5

    def _widths(self) -> list[float]:
        columns = max((len(row) for row in self.rows), default=0)
        longest = [max((min(len(row[c]), 30) for row in self.rows if c < len(row)), default=1) + 3
                   for c in range(columns)]  # fmt: skip
        whole = RIGHT - LEFT - self.indent
        return [whole * part / sum(longest) for part in longest]

    def _row(self, flow: Flow, row: tuple[str, ...], widths: list[float]) -> tuple[list[list[str]], float]:
        cells = [wrapped(text, flow.sans, self.size, wide - 3 * mm) for text, wide in zip(row, widths, strict=False)]
        return cells, max((len(cell) for cell in cells), default=1) * self.size * 1.5 + 2 * mm

    def height(self, flow: Flow) -> float:
        widths = self._widths()
        return sum(self._row(flow, row, widths)[1] for row in self.rows) + 3 * mm

    def draw(self, flow: Flow) -> None:
        widths = self._widths()
        for row in self.rows:
            cells, deep = self._row(flow, row, widths)
            flow.room(deep)
            x = LEFT + self.indent
            flow.page.setStrokeColor(LINE)
            flow.page.setLineWidth(0.6)
            flow.page.setFillColor(INK)
            for cell, wide in zip(cells, widths, strict=False):
                flow.page.rect(x, flow.y - deep, wide, deep)
                for number, line in enumerate(cell):
                    at = x + 1.5 * mm, flow.y - (number + 1) * self.size * 1.5
                    draw_line(flow.page, at, line, (flow.sans, self.size), False)
                x += wide
            flow.y -= deep
        flow.y -= 3 * mm


class Image:
    """A picture, never larger than it is on a screen."""

    def __init__(self, content: bytes, indent: float) -> None:
        self._reader, self._indent = ImageReader(BytesIO(content)), indent
        wide, high = self._reader.getSize()
        share = min(1.0, PICTURE_WIDTH / (wide * POINT), PICTURE_HEIGHT / (high * POINT))
        self._size = wide * POINT * share, high * POINT * share

    def height(self, flow: Flow) -> float:
        return self._size[1] + 3 * mm

    def draw(self, flow: Flow) -> None:
        flow.room(self._size[1] + 3 * mm)
        flow.y -= self._size[1] + 1.5 * mm
        flow.page.drawImage(self._reader, LEFT + self._indent, flow.y, *self._size)
        flow.y -= 1.5 * mm
