"""Bytes as text: UTF-8, UTF-16 with its mark, else GB18030, as Chinese offices write them."""

from __future__ import annotations

from question_bank.formats.found import Unreadable
from question_bank.questions import N_

MOST = 64 * 1024**2  # bytes of a text file; Moodle holds its pictures in one


def text_of(data: bytes) -> str:
    """The text with line feeds and without a byte order mark. Raises Unreadable."""
    if len(data) > MOST:
        raise Unreadable(N_("The file is too large."), N_("Split it into smaller files."))
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n")
    raise Unreadable(N_("The file's letters are in no encoding we know."), N_("Save it as UTF-8 and try again."))
