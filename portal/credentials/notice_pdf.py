"""行政执法资格审核合格通知单: one page, drawn from the printed fields and nothing else."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from portal.ground import i18n
from portal.ground.crypto import digest
from portal.ground.pdf_drawing import INK, LINE, MUTED, NAME, PLATFORM, SEAL, draw_head, draw_qr, wrapped
from portal.ground.pdf_fonts import register
from portal.words import WORDS

TITLE = "行政执法资格审核合格通知单"
IS_NOT = "本通知单不是行政执法证件，不得用于执法。"
LABELS = (
    ("name", "姓名"),
    ("id_tail", "身份证号后四位"),
    ("unit", "执法岗位所在单位"),
    ("field", "执法领域"),
    ("bureau", "审核机关"),
    ("decided_on", "审核合格日期"),
    ("valid_until", "本结论有效期至"),
    ("number", "通知单编号"),
)
BODY = (
    "经审核，上列人员符合行政执法证件申领条件，审核结论为“合格”。",
    "行政执法证件由省级制证机关另行制作核发，取得证件前不得从事行政执法活动。",
)
CHECK = "扫描二维码或打开下列网址，核对本单所列各项。有一项不同，即不是本平台出具。"
MADE = "本单由明法平台依据审核结论生成，结论及其依据已存证。"


def _place(printed: Mapping[str, str], link: str, files_dir: Path) -> Path:
    return files_dir / "notices" / f"{digest([dict(printed), link])}.pdf"


def forget(printed: Mapping[str, str], link: str, files_dir: Path) -> None:
    """Remove the file that was drawn of a notice whose person is erased."""
    _place(printed, link, files_dir).unlink(missing_ok=True)


def draw(printed: Mapping[str, str], link: str, files_dir: Path) -> BytesIO:
    """The notice as PDF; drawn once and kept under the digest of what it says. Raises NoGlyph."""
    kept = _place(printed, link, files_dir)
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as file:
            file.write(_draw(printed, link))
        os.replace(file.name, kept)
    return BytesIO(kept.read_bytes())


def _draw(printed: Mapping[str, str], link: str) -> bytes:
    field = WORDS["field"][printed["field"]]
    values = {**printed, "field": i18n.catalogue(i18n.DEFAULT).gettext(field)}
    texts = [TITLE, IS_NOT, *BODY, CHECK, MADE, link, f"{NAME}存证{PLATFORM}", *values.values()]
    texts += [label for _, label in LABELS]
    serif, sans = register("serif", texts), register("sans", texts)
    out = BytesIO()
    page = Canvas(out, pagesize=A4, initialFontName=sans, invariant=1)
    page.setTitle(TITLE)
    page.setAuthor("Mingfa 明法")
    width, height = A4
    left, right = 25 * mm, width - 25 * mm
    draw_head(page, serif, sans, left, right, height)
    page.setFont(serif, 22)
    page.drawCentredString((left + right) / 2, height - 56 * mm, TITLE)
    y = _table(page, values, sans, left, right, height - 78 * mm)
    page.setFillColor(INK)
    page.setFont(sans, 11.5)
    for sentence in BODY:
        y -= 9 * mm
        page.drawString(left, y, sentence)
    _is_not(page, sans, left, right, y - 22 * mm)
    _proof(page, serif, sans, left, right, link)
    page.showPage()
    page.save()
    return out.getvalue()


def _table(page: Canvas, values: Mapping[str, str], sans: str, left: float, right: float, top: float) -> float:
    y, row, label_width = top, 11 * mm, 46 * mm
    page.setStrokeColor(LINE)
    page.setLineWidth(0.6)
    for key, label in LABELS:
        lines = wrapped(values[key], sans, 12, right - left - label_width - 4 * mm)
        deep = row + (len(lines) - 1) * 6 * mm
        page.line(left, y, right, y)
        page.setFillColor(MUTED)
        page.setFont(sans, 11)
        page.drawString(left + 2 * mm, y - 7 * mm, label)
        page.setFillColor(INK)
        page.setFont(sans, 12)
        for number, line in enumerate(lines):
            page.drawString(left + label_width, y - 7 * mm - number * 6 * mm, line)
        y -= deep
    page.line(left, y, right, y)
    return y


def _is_not(page: Canvas, sans: str, left: float, right: float, y: float) -> None:
    page.setStrokeColor(SEAL)
    page.setLineWidth(1.2)
    page.rect(left, y, right - left, 13 * mm)
    page.setFillColor(SEAL)
    page.setFont(sans, 14)
    page.drawCentredString((left + right) / 2, y + 4.6 * mm, IS_NOT)


def _proof(page: Canvas, serif: str, sans: str, left: float, right: float, link: str) -> None:
    side, bottom = 34 * mm, 30 * mm
    draw_qr(page, link, left, bottom, side)
    text = left + side + 8 * mm
    page.setFont(sans, 10)
    for number, line in enumerate(wrapped(CHECK, sans, 10, right - text - 30 * mm)):
        page.drawString(text, bottom + side - 4 * mm - number * 6 * mm, line)
    page.setFillColor(MUTED)
    page.setFont(sans, 8.5)
    for number, line in enumerate(wrapped(link, sans, 8.5, right - text - 30 * mm)):
        page.drawString(text, bottom + 12 * mm - number * 4.4 * mm, line)
    page.drawString(left, bottom - 9 * mm, MADE)
    _seal(page, serif, right - 22 * mm, bottom + 6 * mm)


def _seal(page: Canvas, serif: str, x: float, y: float) -> None:
    """The platform's own mark, 明法存证; never the likeness of an official seal."""
    page.setStrokeColor(SEAL)
    page.setFillColor(SEAL)
    page.setLineWidth(1.6)
    page.roundRect(x, y, 22 * mm, 22 * mm, 1.2 * mm)
    page.setFont(serif, 21)
    for char, dx, dy in (("明", 12, 12.5), ("法", 12, 3.2), ("存", 2.6, 12.5), ("证", 2.6, 3.2)):
        page.drawString(x + dx * mm, y + dy * mm, char)
