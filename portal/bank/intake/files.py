"""Which files of questions come in, looked at from outside before anything is unpacked."""

from __future__ import annotations

import zipfile
from typing import BinaryIO

from portal.ground import archives
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.sheets import (
    MANY_PARTS,
    ODD_PART,
    OLD_OR_LOCKED,
    SWOLLEN,
    TEXT_SAMPLE,
    UNPACKS,
    Intake,
    NotAWorkbook,
    UnreadableFile,
    check_kind,
    check_members,
    looks_like_text,
)
from question_bank.formats import reading
from question_bank.formats.found import Unreadable

OLE, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
OLD_SHEETS = (".xls", ".et")
NOTHING_OF_OURS = N_("This archive holds no questions: it is no .xlsx, .docx or QTI package.")
NO_FORM = N_("This is no form in which questions are read.")
USE_ONE = N_("Save it as .xlsx, .docx, text, GIFT, Aiken, Moodle XML or QTI and import that.")
OF_A_PACKAGE = {  # what is said of a workbook, for a document or a package
    ODD_PART: (
        N_("A part of the file points outside it, stands in it twice, is a link or is encrypted."),
        N_("Open it, save it again without a password and import that."),
    ),
    MANY_PARTS: (MANY_PARTS, N_("Split it into smaller files.")),
    SWOLLEN: (
        N_("A part of the file unpacks to more than 200 times its size."), N_("Open it, save it again and import that.")
    ),
    UNPACKS: (N_("The file unpacks to more than 200 MB."), N_("Split it into smaller files.")),
}  # fmt: skip
MOST_MEMBERS = 20_000  # a QTI package has a member for each question


def look(file: BinaryIO, name: str = "") -> None:
    """Refuse what holds no questions in a form we read. Raises NotAWorkbook, UnsafeWorkbook, UnreadableFile …"""
    file.seek(0)
    start = file.read(TEXT_SAMPLE)
    if start.startswith(OLE):
        if name.lower().endswith(OLD_SHEETS):
            raise NotAWorkbook(OLD_OR_LOCKED)
        _refuse_old_document(start, name)
    elif start.startswith(ZIP):
        _look_inside(file)
    elif not looks_like_text(start):
        raise UnreadableFile(NO_FORM, USE_ONE)
    file.seek(0)


def _refuse_old_document(start: bytes, name: str) -> None:
    """In the words of whoever reads documents: the first bytes are enough for it to refuse."""
    try:
        list(reading.read(start, name))
    except Unreadable as why:
        raise UnreadableFile(why.message, why.remedy, **why.values) from why
    raise UnreadableFile(NO_FORM, USE_ONE)


def _look_inside(file: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except archives.BROKEN as error:
        raise UnreadableFile(N_("The archive is damaged."), N_("Save the file again and retry.")) from error
    if "xl/workbook.xml" in names:
        check_kind(file)
    elif not any(name.lower().endswith(".xml") for name in names):
        raise UnreadableFile(NOTHING_OF_OURS, USE_ONE)
    try:
        check_members(file, MOST_MEMBERS)
    except Refused as why:
        if "xl/workbook.xml" in names:
            raise
        raise UnreadableFile(*OF_A_PACKAGE[why.message], **why.values) from why


INTAKE = Intake(
    "portal.bank.intake.reader",
    look,
    tuple((form.code, form.title) for form in reading.FORMATS.values()),
    (".xlsx", ".docx", ".csv", *dict.fromkeys(ending for form in reading.FORMATS.values() for ending in form.endings)),
)
