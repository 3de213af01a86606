"""Chinese faces for PDF: the few glyphs a document needs, as TrueType outlines, embedded.

ReportLab refuses CFF outlines, so each document's subset is converted to quadratic curves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import pylopdf_fonts_zh_cn as faces
from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from reportlab.pdfbase import pdfmetrics, ttfonts

from portal.ground.errors import Refused
from portal.ground.rules import N_

FACES = {"sans": faces.sans_path(), "serif": faces.serif_path()}
MAX_ERROR = 1.0  # font units a converted curve may lie beside the original
LATIN = "".join(map(chr, range(0x20, 0x7F)))


class NoGlyph(Refused):
    """A character cannot be printed; better no document than one with an empty box."""

    status = 422
    code = "no_glyph"


def register(face: str, texts: Iterable[str]) -> str:
    """Make a subset of a face for these texts and return the name to draw with.

    Raises NoGlyph when the face lacks a character.
    """
    wanted = "".join(sorted(set(LATIN).union(*map(set, texts)) - {"\n"}))
    name = f"mf-{face}-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    if name not in pdfmetrics.getRegisteredFontNames():
        font = ttfonts.TTFont(name, BytesIO(_converted(FACES[face], wanted)))
        # two subsets of one name would be taken for the same, and miss each other's glyphs
        font.face.name = name.encode()
        pdfmetrics.registerFont(font)
    return name


def _converted(path: Path, wanted: str) -> bytes:
    font = TTFont(path, lazy=True)
    missing = [c for c in wanted if ord(c) not in font.getBestCmap()]
    if missing:
        raise NoGlyph(
            N_("The character %(char)s (U+%(code)s) cannot be printed with the fonts at hand."),
            char=missing[0],
            code=f"{ord(missing[0]):04X}",
        )
    options = subset.Options(layout_features=[], name_IDs=["*"], notdef_outline=True, hinting=False)
    cutter = subset.Subsetter(options)
    cutter.populate(text=wanted)
    cutter.subset(font)
    _to_quadratic(font)
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def _to_quadratic(font: TTFont) -> None:
    order, glyphs = font.getGlyphOrder(), font.getGlyphSet()
    drawn = {}
    for glyph_name in order:
        pen = TTGlyphPen(glyphs)
        glyphs[glyph_name].draw(Cu2QuPen(pen, MAX_ERROR, reverse_direction=True))
        drawn[glyph_name] = pen.glyph()
    table = font["glyf"] = newTable("glyf")
    table.glyphOrder, table.glyphs = order, drawn
    font["loca"] = newTable("loca")
    for gone in ("CFF ", "VORG", "GSUB", "GPOS"):
        if gone in font:
            del font[gone]
    head = font["maxp"]
    head.tableVersion = 0x00010000
    for field in (
        "maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs",
        "maxStackElements", "maxSizeOfInstructions", "maxComponentElements", "maxPoints", "maxContours",
        "maxCompositePoints", "maxCompositeContours", "maxComponentDepth",
    ):  # fmt: skip
        setattr(head, field, 1 if field == "maxZones" else 0)
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"


def _utf16_cmap(fontname: str, codes: list[int]) -> str:
    """A ToUnicode map whose characters beyond U+FFFF are surrogate pairs, so that copied text is right.

    ReportLab writes those as five hex digits, which readers take for other characters.
    """
    lines = [
        "/CIDInit /ProcSet findresource begin", "12 dict begin", "begincmap", "/CIDSystemInfo",
        f"<< /Registry ({fontname})", f"/Ordering ({fontname})", "/Supplement 0", ">> def",
        f"/CMapName /{fontname} def", "/CMapType 2 def", "1 begincodespacerange",
        f"<00> <{len(codes) - 1:02X}>", "endcodespacerange",
    ]  # fmt: skip
    for start in range(0, len(codes), 100):
        block = codes[start : start + 100]
        lines.append(f"{len(block)} beginbfchar")
        lines += [
            f"<{start + i:02X}> <{chr(code).encode('utf-16-be').hex().upper()}>" for i, code in enumerate(block)
        ]
        lines.append("endbfchar")
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines)


ttfonts.makeToUnicodeCMap = _utf16_cmap
