"""Every form in which questions come in, and which of them a file is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

from question_bank.formats.archives import member_names
from question_bank.formats.found import Found, Unreadable
from question_bank.questions import N_
from question_bank.sheet_format import KIND, STEM

START = 65_536  # bytes looked at to tell texts apart


@dataclass(frozen=True)
class Format:
    """One form: its word on screen, the endings it usually has, and the module whose `read(data, name)` reads it."""

    code: str
    title: str
    endings: tuple[str, ...]
    module: str


FORMATS: dict[str, Format] = {
    form.code: form
    for form in (
        Format("docx", N_("Word document"), (".docx",), "question_bank.formats.docx.reading"),
        Format("text", N_("Plain text"), (".txt", ".md"), "question_bank.formats.trainer.text"),
        Format("csv", N_("Question sheet as CSV"), (".csv",), "question_bank.formats.sheet_csv"),
        Format("gift", N_("GIFT (Moodle text)"), (".gift", ".txt"), "question_bank.formats.gift.reading"),
        Format("aiken", N_("Aiken text"), (".aiken", ".txt"), "question_bank.formats.aiken"),
        Format("moodle", N_("Moodle XML"), (".xml",), "question_bank.formats.moodle.reading"),
        Format("qti", N_("QTI 2.1, 2.2 or 3.0"), (".zip", ".xml"), "question_bank.formats.qti.reading"),
    )
}
XLSX = "xlsx"  # detected here, read by the portal's own limited sheet reader
OLE = b"\xd0\xcf\x11\xe0"  # .doc, .wps and .xls of old
ROOTS = (
    (re.compile(rb"<(?:\w+:)?quiz[\s>]"), "moodle"),
    (re.compile(rb"imsqti|qti-assessment|assessmentItem|assessmentTest|qti-manifest"), "qti"),
)
TEXTS = (
    (re.compile(r"^[ \t]*A ?[.)].*\n+[ \t]*B ?[.)](?:.*\n){1,30}?[ \t]*ANSWER ?[:：]", re.M | re.I), "aiken"),
    (re.compile(r"(?<!\\)\{\s*(?:=|~|#|(?:T|F|TRUE|FALSE)\s*[#}])|^\$CATEGORY:|^[ \t]*::[^:\n]+::", re.M), "gift"),
)


def read(data: bytes, name: str, form: str = "auto") -> Iterator[Found]:
    """Everything the file holds, good or parked, in its order. Raises Unreadable, before or at the first item."""
    code = detect(data, name) if form == "auto" else form
    if code not in FORMATS:
        raise Unreadable(N_("This is not a form in which questions are read."), N_("Choose one of the list."))
    yield from import_module(FORMATS[code].module).read(data, name)


def detect(data: bytes, name: str) -> str:
    """The form a file has, by what it holds; its name decides only between texts that hold nothing typical."""
    if data[:2] == b"PK":
        return _archive_form(data, name)
    if data[:4] == OLE:
        return "docx"  # its reader says what to save it as
    start = data[:START]
    plain = start.decode("utf-16", "ignore").encode() if start[:2] in (b"\xff\xfe", b"\xfe\xff") else start
    bare = plain.removeprefix(b"\xef\xbb\xbf").lstrip()
    if bare[:1] == b"<":
        return next((form for sign, form in ROOTS if sign.search(bare)), "qti" if bare[:5] == b"<?xml" else "text")
    return _text_form(bare, name)


def _archive_form(data: bytes, name: str) -> str:
    members = member_names(data)
    for start, form in (("word/", "docx"), ("xl/", XLSX)):
        if any(member.startswith(start) for member in members):
            return form
    if any(member.rsplit("/")[-1].lower() == "imsmanifest.xml" for member in members):
        return "qti"
    return "docx" if name.lower().endswith(".docx") else "qti"


def _text_form(start: bytes, name: str) -> str:
    try:
        text = start.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = error.start >= len(start) - 4  # the piece ends inside a letter
        text = start.decode("utf-8" if cut else "gb18030", "ignore")
    first = text.split("\n", 1)[0]
    if STEM in first and KIND in first and ("," in first or "\t" in first or ";" in first):
        return "csv"
    for sign, form in TEXTS:
        if sign.search(text):
            return form
    ending = name.lower()
    return next((f for f in ("csv", "gift", "aiken") if ending.endswith(f".{f}")), "text")
