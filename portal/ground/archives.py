"""Archives from strangers, judged by their table of contents before a byte is unpacked."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Sequence
from zipfile import ZipInfo

BROKEN = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError)  # what a damaged one raises
ENCRYPTED = 0x1


def name_of(entry: ZipInfo) -> str:
    return entry.filename.replace("\\", "/")


def odd_part(entries: Sequence[ZipInfo]) -> ZipInfo | None:
    """The first part that points outside the archive, is a link or encrypted, or stands in it twice."""
    seen: set[str] = set()
    for entry in entries:
        name = name_of(entry)
        outside = name.startswith("/") or ":" in name or ".." in name.split("/") or "\0" in entry.orig_filename
        link = stat.S_ISLNK(entry.external_attr >> 16)
        if outside or link or entry.flag_bits & ENCRYPTED or name.lower() in seen:
            return entry
        seen.add(name.lower())
    return None


def swollen_part(entries: Sequence[ZipInfo], ratio: int, above: int) -> ZipInfo | None:
    """The first part of more than `above` bytes that unpacks to more than `ratio` times its packed size."""
    swollen = (e for e in entries if e.file_size > above and e.file_size > ratio * max(e.compress_size, 1))
    return next(swollen, None)


def unpacked_size(entries: Sequence[ZipInfo]) -> int:
    """Bytes, as the archive says; only a claim."""
    return sum(entry.file_size for entry in entries)
