"""Pictures inside files of questions: which bytes are one, and their usual names."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from question_bank.questions import PICTURE, Question

MOST = 10 * 1024**2  # bytes of one picture
SIGNS = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"), (b"GIF8", "gif"))
DATA_URL = re.compile(r"data:image/[a-z.+-]{1,20};base64,(.*)", re.S)


def ending_of(data: bytes) -> str:
    """png, jpg, gif or webp by the first bytes; "" for anything else, drawings with scripts in them too."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return next((ending for sign, ending in SIGNS if data.startswith(sign)), "")


def file_name(key: str, data: bytes) -> str:
    return f"{key[:16]}.{ending_of(data) or 'png'}"


def of_base64(text: str) -> bytes | None:
    """The picture's bytes, None when it is none or too large."""
    if len(text) > MOST * 3 // 2:
        return None
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (ValueError, binascii.Error):
        return None
    return data if len(data) <= MOST and ending_of(data) else None


def of_source(source: str, files: Mapping[str, bytes]) -> bytes | None:
    """What an address within a file means: a data URL, or a name in `files` with or without its folders."""
    if found := DATA_URL.fullmatch(source):
        return of_base64(found[1])
    name = unquote(source).removeprefix("@@PLUGINFILE@@").split("?")[0].lstrip("./")
    data = files.get(name)
    if data is None and "://" not in source:
        last = name.rsplit("/")[-1]
        data = next((one for known, one in files.items() if known.rsplit("/")[-1] == last), None)
    return data if data is not None and len(data) <= MOST and ending_of(data) else None


def by_key(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The pictures among the files by their SHA-256."""
    return {hashlib.sha256(data).hexdigest(): data for data in files.values() if ending_of(data)}


def named_in(question: Question, pictures: Mapping[str, bytes]) -> dict[str, bytes]:
    keys = {key for _alt, key in question.pictures()}
    return {key: data for key, data in pictures.items() if key in keys}


def missing_from(question: Question, pictures: Mapping[str, bytes]) -> Iterator[str]:
    """Descriptions of pictures the question shows and nobody gave."""
    yield from (alt or key[:8] for alt, key in question.pictures() if key not in pictures)


def pointed_at(text: str, pictures: Mapping[str, bytes], start: str) -> str:
    """Markdown whose known pictures are named by file, `start` before the name."""

    def named(found: re.Match[str]) -> str:
        data = pictures.get(found[2])
        return found[0] if data is None else f"![{found[1]}]({start}{file_name(found[2], data)})"

    return PICTURE.sub(named, text)
