"""Decode pictures in a process of its own, under limits, and write each again without anything but its points.

Run as `python -m portal.ground.picture_reader`. Each line of input is {"source", "target", "limits"}; each line of
output says what became of it: {"width", "height", "media_type"} or {"refused": code, "width", "height"}.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

CPU_SECONDS = 8  # for one picture
MEMORY_BYTES = 768 * 1024**2
FILE_BYTES = 8 * 1024**2
QUALITY = 88
WHITE = (255, 255, 255)
KINDS = ("JPEG", "PNG")
DRAWN_KINDS = (*KINDS, "WEBP")
PNG_BYTES = 1024**2  # what is larger as PNG is a photograph, and JPEG is its form


def limit() -> None:
    """From here on the kernel ends this process when it takes too much."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def allow_one_more() -> None:
    """A fresh allowance of processor time, counted from what is used already."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def upright(picture: Image.Image) -> Image.Image:
    """The picture as people see it: turned as the camera says, on white, in plain RGB."""
    turned = ImageOps.exif_transpose(picture)
    if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info:
        flat = Image.new("RGB", turned.size, WHITE)
        flat.paste(turned.convert("RGBA"), mask=turned.convert("RGBA").getchannel("A"))
        return flat
    return turned.convert("RGB")


def read(source: str, target: str, limits: dict[str, int]) -> dict[str, Any]:
    """One picture, judged before and after decoding; `limits` are pixels, and ratios in thousandths.

    With `drawn` among the limits it is a question's picture, which stays PNG where it is one.
    """
    drawn = "drawn" in limits
    with Image.open(source, formats=DRAWN_KINDS if drawn else KINDS) as picture:
        width, height, came_as = *picture.size, picture.format
        if width * height > limits["pixels"]:
            return {"refused": "flood", "width": width, "height": height}
        picture.load()
        plain = upright(picture)
    width, height = plain.size
    size = {"width": width, "height": height}
    if width < limits["min_width"] or height < limits["min_height"]:
        return {"refused": "small", **size}
    if not limits["min_ratio"] <= 1000 * width / height <= limits["max_ratio"]:
        return {"refused": "shape", **size}
    plain.thumbnail((limits["max_width"], limits["max_height"]), Image.Resampling.LANCZOS)
    bare = Image.new("RGB", plain.size)  # a new picture carries nothing of the old one but its points
    bare.paste(plain)
    return {"width": bare.width, "height": bare.height, "media_type": save(bare, target, drawn and came_as != "JPEG")}


def save(bare: Image.Image, target: str, as_png: bool) -> str:
    """Write it and return its media type."""
    if as_png:
        bare.save(target, "PNG", optimize=True)
        if os.path.getsize(target) <= PNG_BYTES:
            return "image/png"
    bare.save(target, "JPEG", quality=QUALITY, optimize=True)
    return "image/jpeg"


def main() -> int:
    Image.preinit()
    Image.MAX_IMAGE_PIXELS = None  # our own limit is asked before anything is decoded
    limit()
    for line in sys.stdin:
        allow_one_more()
        try:
            answer = read(**json.loads(line))
        except MemoryError:
            answer = {"refused": "too_much"}
        except UnidentifiedImageError:
            answer = {"refused": "kind"}
        except Exception:  # whatever the decoder trips over, the file is what cannot be read
            answer = {"refused": "damaged"}
        print(json.dumps(answer), flush=True)  # noqa: T201 — the answer to the process that asked
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
