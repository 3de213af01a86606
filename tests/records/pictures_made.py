"""Pictures for tests: a portrait, and what an attacker would send in its place."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO

from PIL import Image, ImageDraw


def portrait(width: int = 358, height: int = 441, *, kind: str = "JPEG", shade: int = 120, **saved: object) -> bytes:
    """A head and shoulders of sorts."""
    picture = Image.new("RGB", (width, height), (225, 235, 245))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((width * 0.3, height * 0.2, width * 0.7, height * 0.65), fill=(shade, 140, 120))
    draw.rectangle((width * 0.15, height * 0.7, width * 0.85, height), fill=(40, 60, shade))
    target = BytesIO()
    picture.save(target, kind, **saved)
    return target.getvalue()


def with_place() -> bytes:
    """A portrait whose EXIF says where and with which camera it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "SECRETCAMERA"
    exif.get_ifd(0x8825).update({1: "N", 2: (42.0, 32.0, 10.0), 3: "E", 4: (125.0, 41.0, 5.0)})
    return portrait(exif=exif, comment=b"SECRETCOMMENT")


def flood(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of a few kilobytes that claims 900 million points."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(width + 1) * 100, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def packed(files: Mapping[str, bytes]) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def packed_entry(entry: zipfile.ZipInfo, content: bytes) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(entry, content)
    return target.getvalue()
