"""Paragraphs, tables and pictures as the parts of a .docx."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr

from question_bank.formats.docx.layout import Block
from question_bank.questions import PICTURE

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
REL = "http://schemas.openxmlformats.org/package/2006/relationships"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
PIC = "http://schemas.openxmlformats.org/drawingml/2006/picture"
WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml."
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
NOT_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
EMU = 9525  # per pixel
WIDEST, TALLEST = 5_400_000, 6_000_000
LOOKS = {
    "title": "Title",
    "heading": "Heading1",
    "stem": "Stem",
    "option": "Option",
    "answer": "Answer",
    "note": "Note",
}
ENDINGS = ((b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"), (b"RIFF", "webp"), (b"BM", "bmp"))
STAMP = (2026, 1, 1, 0, 0, 0)  # the same questions give the same bytes


def clean(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return NOT_XML.sub("", text)


def package_of(blocks: Sequence[Block], pictures: Mapping[str, bytes]) -> bytes:
    """A .docx of these blocks with the pictures they name."""
    body = _Body(pictures)
    inner = "".join(body.block(block) for block in blocks)
    media = {f"word/media/{key[:32]}.{_ending(pictures[key])}": pictures[key] for key in body.used}
    kinds = {"png", *(name.rpartition(".")[2] for name in media)}
    relations = "".join(
        f'<Relationship Id="p{n}" Type="{R}/image" Target="{name.removeprefix("word/")}"/>'
        for n, name in enumerate(media)
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": _types(kinds),
        "_rels/.rels": f'<Relationships xmlns="{REL}"><Relationship Id="d" Type="{R}/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": _document(inner),
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{REL}"><Relationship Id="s" Type="{R}/styles" '
        f'Target="styles.xml"/><Relationship Id="f" Type="{R}/footer" Target="footer.xml"/>{relations}</Relationships>',
        "word/styles.xml": STYLES,
        "word/footer.xml": FOOTER,
    } | media
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(
                zipfile.ZipInfo(name, STAMP), data if isinstance(data, bytes) else HEAD + data, zipfile.ZIP_DEFLATED
            )
    return target.getvalue()


class _Body:
    """Blocks as XML; pictures are numbered as they are met."""

    def __init__(self, pictures: Mapping[str, bytes]) -> None:
        self.pictures = pictures
        self.used: dict[str, int] = {}
        self.count = 0

    def block(self, block: Block) -> str:
        if block.rows:
            return self._table(block)
        return self._paragraph(block.text, block.look)

    def _paragraph(self, text: str, look: str) -> str:
        return f'<w:p><w:pPr><w:pStyle w:val="{LOOKS[look]}"/></w:pPr>{self._runs(text)}</w:p>'

    def _runs(self, text: str) -> str:
        runs, place = [], 0
        for found in PICTURE.finditer(text):
            runs.append(_run(text[place : found.start()]))
            runs.append(self._picture(found[1], found[2]) if found[2] in self.pictures else _run(found[0]))
            place = found.end()
        return "".join((*runs, _run(text[place:])))

    def _table(self, block: Block) -> str:
        sides = "".join(
            f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="808080"/>'
            for side in ("top", "left", "bottom", "right", "insideH", "insideV")
        )
        rows = ""
        for row in block.rows:
            cells = "".join(
                '<w:tc><w:tcPr><w:tcW w:w="0" w:type="auto"/></w:tcPr>'
                + "".join(self._paragraph(line, "option") for line in cell.split("\n"))
                + "</w:tc>"
                for cell in row
            )
            rows += f"<w:tr>{cells}</w:tr>"
        grid = "<w:gridCol/>" * max(map(len, block.rows))
        borders = f'<w:tblPr><w:tblW w:w="0" w:type="auto"/><w:tblBorders>{sides}</w:tblBorders></w:tblPr>'
        return f"<w:tbl>{borders}<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"

    def _picture(self, alt: str, key: str) -> str:
        number = self.used.setdefault(key, len(self.used))
        self.count += 1
        wide, high = _size(self.pictures[key])
        said = f'id="{self.count}" name="图片 {self.count}" descr={quoteattr(clean(alt))}'
        return (
            f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{wide}" cy="{high}"/>'
            f'<wp:docPr {said}/><a:graphic><a:graphicData uri="{PIC}"><pic:pic><pic:nvPicPr><pic:cNvPr {said}/>'
            f'<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="p{number}"/>'
            "<a:stretch><a:fillRect/></a:stretch></pic:blipFill>"
            f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>'
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
            "</wp:inline></w:drawing></w:r>"
        )


def _run(text: str) -> str:
    parts = [f'<w:t xml:space="preserve">{escape(clean(part))}</w:t>' if part else "" for part in text.split("\t")]
    return f"<w:r>{'<w:tab/>'.join(parts)}</w:r>" if text else ""


def _ending(data: bytes) -> str:
    return next((ending for start, ending in ENDINGS if data.startswith(start)), "bin")


def _size(data: bytes) -> tuple[int, int]:
    """Width and height in EMU, fitted to the page; 12 cm square where the form does not say."""
    wide, high = struct.unpack(">II", data[16:24]) if data[:4] == b"\x89PNG" and len(data) > 24 else (450, 450)
    share = min(1.0, WIDEST / (max(wide, 1) * EMU), TALLEST / (max(high, 1) * EMU))
    return int(max(wide, 1) * EMU * share), int(max(high, 1) * EMU * share)


def _types(kinds: set[str]) -> str:
    pictures = "".join(f'<Default Extension="{kind}" ContentType="image/{kind}"/>' for kind in sorted(kinds))
    parts = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{TYPE}{kind}+xml"/>'
        for name, kind in (("document", "document.main"), ("styles", "styles"), ("footer", "footer"))
    )
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{pictures}{parts}</Types>'
    )


def _document(inner: str) -> str:
    spaces = f'xmlns:w="{W}" xmlns:r="{R}" xmlns:a="{A}" xmlns:pic="{PIC}" xmlns:wp="{WP}"'
    section = (
        '<w:sectPr><w:footerReference w:type="default" r:id="f"/><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1440" w:right="1474" w:bottom="1440" w:left="1474" w:header="851" w:footer="851" '
        'w:gutter="0"/></w:sectPr>'
    )
    return f"<w:document {spaces}><w:body>{inner}{section}</w:body></w:document>"


def _style(key: str, name: str, paragraph: str = "", run: str = "") -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/><w:basedOn w:val="Normal"/>'
        f"<w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


BLACK_FACE = '<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:eastAsia="黑体"/>'
STYLES = (
    f'<w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" '
    'w:hAnsi="Times New Roman" w:eastAsia="宋体"/><w:sz w:val="24"/><w:lang w:val="zh-CN" w:eastAsia="zh-CN"/></w:rPr>'
    '</w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:line="360" w:lineRule="auto"/></w:pPr></w:pPrDefault>'
    "</w:docDefaults>"
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    + _style("Title", "Title", '<w:spacing w:after="240"/><w:jc w:val="center"/>', BLACK_FACE + '<w:sz w:val="36"/>')
    + _style(
        "Heading1", "heading 1", '<w:keepNext/><w:spacing w:before="240" w:after="120"/><w:outlineLvl w:val="0"/>',
        BLACK_FACE + '<w:sz w:val="28"/>',
    )
    + _style("Stem", "题干", '<w:keepNext/><w:spacing w:before="120"/>')
    + _style("Option", "选项", '<w:ind w:left="420"/>')
    + _style("Answer", "答案", '<w:ind w:left="420"/>')
    + _style(
        "Note", "题目信息", '<w:spacing w:line="300" w:lineRule="auto"/><w:ind w:left="420"/>',
        '<w:color w:val="595959"/><w:sz w:val="18"/>',
    )
    + "</w:styles>"
)  # fmt: skip
FOOTER = (
    f'<w:ftr xmlns:w="{W}"><w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:rPr><w:sz w:val="18"/></w:rPr>'
    "<w:t>第 </w:t></w:r>"
    '<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple><w:r><w:rPr><w:sz w:val="18"/></w:rPr>'
    "<w:t> 页</w:t></w:r></w:p></w:ftr>"
)
