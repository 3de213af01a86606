"""A picture made anew, to be called inside a limited process only: nothing of the old file but its points remains."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

KINDS = ("JPEG", "PNG", "GIF", "BMP")
MAX_SIDE = 1600  # pixels
MAX_PIXELS = 25_000_000
QUALITY = 88
WHITE = (255, 255, 255)


class NoPicture(Exception):
    """The bytes are no picture of a kind we keep, are damaged, or unpack to too much."""


@dataclass(frozen=True)
class Cleaned:
    """A PNG or JPEG without metadata, at most 1,600 pixels wide and high."""

    content: bytes
    media_type: str
    width: int
    height: int


def clean(content: bytes) -> Cleaned:
    """A JPEG stays one, everything else becomes a PNG; what is transparent becomes white. Raises NoPicture."""
    Image.MAX_IMAGE_PIXELS = None  # our own limit is asked before anything is decoded
    try:
        with Image.open(BytesIO(content), formats=KINDS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise NoPicture
            photo = picture.format == "JPEG"
            plain = _upright(picture)
        plain.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        bare = Image.new("RGB", plain.size)
        bare.paste(plain)
        target = BytesIO()
        if photo:
            bare.save(target, "JPEG", quality=QUALITY, optimize=True)
        else:
            bare.save(target, "PNG", optimize=True)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise NoPicture from error
    return Cleaned(target.getvalue(), "image/jpeg" if photo else "image/png", *bare.size)


def _upright(picture: Image.Image) -> Image.Image:
    turned = ImageOps.exif_transpose(picture)
    if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info:
        flat = Image.new("RGB", turned.size, WHITE)
        clear = turned.convert("RGBA")
        flat.paste(clear, mask=clear.getchannel("A"))
        return flat
    return turned.convert("RGB")
