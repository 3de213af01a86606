# ruff: noqa: E501  (lines of documents as they are set)
"""Word documents made from scratch, with the oddities of Word and WPS that a library would smooth away."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
REL = "http://schemas.openxmlformats.org/package/2006/relationships"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
V = "urn:schemas-microsoft-com:vml"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
LEVEL = (
    '<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
)


def run(text: str, **marks: str | bool) -> str:
    """One run; marks: bold, u, color="FF0000", highlight="yellow", style="…", raised."""
    said = ""
    if style := marks.get("style"):
        said += f'<w:rStyle w:val="{style}"/>'
    said += '<w:rFonts w:hint="eastAsia"/>'
    if marks.get("bold"):
        said += "<w:b/>"
    if color := marks.get("color"):
        said += f'<w:color w:val="{color}"/>'
    if marks.get("u"):
        said += '<w:u w:val="single"/>'
    if highlight := marks.get("highlight"):
        said += f'<w:highlight w:val="{highlight}"/>'
    if marks.get("raised"):
        said += '<w:vertAlign w:val="superscript"/>'
    parts = []
    for number, piece in enumerate(text.split("\t")):
        if number:
            parts.append("<w:tab/>")
        for place, line in enumerate(piece.split("\n")):
            if place:
                parts.append("<w:br/>")
            if line:
                parts.append(f'<w:t xml:space="preserve">{escape(line)}</w:t>')
    return f"<w:r><w:rPr>{said}</w:rPr>{''.join(parts)}</w:r>"


def paragraph(*runs: str, num: tuple[int, int] | None = None, style: str = "", centred: bool = False) -> str:
    """Runs are XML made by `run`, or plain text."""
    said = f'<w:pStyle w:val="{style}"/>' if style else ""
    if num:
        said += f'<w:numPr><w:ilvl w:val="{num[1]}"/><w:numId w:val="{num[0]}"/></w:numPr>'
    if centred:
        said += '<w:jc w:val="center"/>'
    inner = "".join(one if one.startswith("<") else run(one) for one in runs)
    return f"<w:p><w:pPr>{said}</w:pPr>{inner}</w:p>"


def table(rows: list[list[str]], *, borders: bool = True) -> str:
    """Cells are plain text (a line a paragraph) or paragraphs."""
    style = '<w:tblBorders><w:top w:val="single" w:sz="4"/></w:tblBorders>' if borders else ""
    body = ""
    for row in rows:
        cells = ""
        for cell in row:
            inner = cell if cell.startswith("<w:p>") else "".join(paragraph(line) for line in cell.split("\n"))
            cells += f'<w:tc><w:tcPr><w:tcW w:w="2000" w:type="dxa"/></w:tcPr>{inner}</w:tc>'
        body += f"<w:tr>{cells}</w:tr>"
    return f"<w:tbl><w:tblPr>{style}</w:tblPr>{body}</w:tbl>"


def picture(relation: str, alt: str = "") -> str:
    said = f" descr={quoteattr(alt)}" if alt else ""
    return (
        f'<w:r><w:drawing><wp:inline><wp:docPr id="1" name="图片 1"{said}/>'
        f'<a:graphic><a:graphicData><a:blip r:embed="{relation}"/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
    )


def png(colour: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(colour) * 4 for _ in range(4))
    head = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def abstract(key: int, levels: list[tuple[str, str]], start: int = 1) -> str:
    """One abstract list; levels are (format, text)."""
    inner = "".join(
        LEVEL.format(depth=depth, start=start, form=form, text=text) for depth, (form, text) in enumerate(levels)
    )
    return f'<w:abstractNum w:abstractNumId="{key}">{inner}</w:abstractNum>'


def num(key: int, of: int, *, restart: bool = False) -> str:
    over = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>' if restart else ""
    return f'<w:num w:numId="{key}"><w:abstractNumId w:val="{of}"/>{over}</w:num>'


def document(
    *blocks: str, numbering: str = "", styles: str = "", media: dict[str, bytes] | None = None, footnotes: str = ""
) -> bytes:
    """A .docx of these blocks; a block that is plain text becomes a paragraph."""
    body = "".join(block if block.startswith("<") or not block else paragraph(block) for block in blocks if block != "")
    body = body.replace("<blank/>", "<w:p/>")
    space = f'xmlns:w="{W}" xmlns:r="{R}" xmlns:a="{A}" xmlns:wp="{WP}" xmlns:mc="{MC}" xmlns:v="{V}"'
    files = {"word/document.xml": f"<w:document {space}><w:body>{body}<w:sectPr/></w:body></w:document>"}
    relations = []
    for name, inner, tag in (
        ("numbering", numbering, "numbering"),
        ("styles", styles, "styles"),
        ("footnotes", footnotes, "footnotes"),
    ):
        if inner:
            files[f"word/{name}.xml"] = f'<w:{tag} xmlns:w="{W}">{inner}</w:{tag}>'
            relations.append((f"rId{name}", f"{R}/{name}", f"{name}.xml"))
    for key, data in (media or {}).items():
        files[f"word/media/{key}.png"] = data  # type: ignore[assignment]
        relations.append((key, f"{R}/image", f"media/{key}.png"))
    return package(files, relations)


def package(files: dict[str, str | bytes], relations: list[tuple[str, str, str]]) -> bytes:
    listed = "".join(f'<Relationship Id="{i}" Type="{t}" Target="{x}"/>' for i, t, x in relations)
    files = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": f'<Relationships xmlns="{REL}"><Relationship Id="rId1" Type="{R}/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{REL}">{listed}</Relationships>',
    } | files
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            archive.writestr(name, data if isinstance(data, bytes) else head + data)
    return target.getvalue()
