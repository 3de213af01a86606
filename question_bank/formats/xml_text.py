"""XML of questions: bytes of any usual encoding in, elements and bytes out."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from question_bank.formats.archives import parse_xml
from question_bank.formats.decoding import text_of
from question_bank.formats.found import Unreadable
from question_bank.questions import N_

DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
DECLARED = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,30})[\"']")
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no XML may hold these


def root_of(data: bytes) -> Element:
    """The root element; the encoding that was declared counts where the text is no UTF-8. Raises Unreadable."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = text_of(data)
    elif data[:2] == b"<\0" or data[:2] == b"\0<":
        text = text_of((b"\xff\xfe" if data[:1] == b"<" else b"\xfe\xff") + data)
    else:
        text = text_of(_as_declared(data.replace(b"\0", b"")))
    return parse_xml(UNFIT.sub("", DECLARATION.sub("", text)).encode("utf-8"))


def _as_declared(data: bytes) -> bytes:
    """As UTF-8, where another usual encoding is declared and the bytes are no UTF-8."""
    said = DECLARED.match(data)
    name = said[1].decode("ascii", "ignore").lower() if said else ""
    if not re.fullmatch(r"big5(-hkscs)?|iso-8859-\d{1,2}|windows-125\d|shift_jis|euc-kr", name):
        return data
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return data.decode(name).encode("utf-8")
        except (UnicodeDecodeError, LookupError) as error:
            raise Unreadable(
                N_("The file's letters are in no encoding we know."), N_("Save it as UTF-8 and try again.")
            ) from error
    return data


def name_of(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def clean(text: str) -> str:
    return UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    element = SubElement(parent, tag, {name: clean(value) for name, value in attributes.items()})
    element.text = clean(text) or None
    return element


def bytes_of(root: Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8") + b"\n"
