"""Files attached to guides: known by their content, kept sealed in a folder of their own."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import secrets
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path

from portal.ground import archives
from portal.ground.crypto import keys, seal_with, unseal_with
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.sheets import check_members

FOLDER = "guides"
MOST_BYTES = 10 * 1024 * 1024
TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "png": "image/png",
}
PDF, PNG, ZIP = b"%PDF-", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04"
MAIN_PART = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}


class WrongFile(Refused):
    """The file is not one that a guide may carry."""

    status = 422
    code = "wrong_file"


@dataclass(frozen=True)
class Kept:
    """A file on disk: where, and the key that opens it, itself sealed."""

    place: str
    sealed_key: bytes
    sha256: str


def keep(files_dir: Path, content: bytes) -> Kept:
    """Seal a file with a key of its own and put it on the disk, whole or not at all."""
    place, key = secrets.token_hex(16), secrets.token_bytes(32)
    folder = files_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    closed = seal_with(key, base64.b64encode(content).decode("ascii"), _bound(place))
    part = folder / f"{place}.part"
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(closed)
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / place)
    return Kept(place, keys.seal(key.hex(), f"guide_file|sealed_key|{place}"), hashlib.sha256(content).hexdigest())


def forget(files_dir: Path, kept: Kept) -> None:
    """What was put there for a version that did not come about."""
    (files_dir / FOLDER / kept.place).unlink(missing_ok=True)


def read(files_dir: Path, place: str, sealed_key: bytes) -> bytes:
    """The file in the clear. Raises WillNotOpen when it is not what was kept."""
    key = bytes.fromhex(keys.unseal(sealed_key, f"guide_file|sealed_key|{place}"))
    closed = (files_dir / FOLDER / place).read_bytes()
    return base64.b64decode(unseal_with(key, closed, _bound(place)))


def _bound(place: str) -> str:
    return f"guide_file|content|{place}"


def type_of(content: bytes) -> str:
    """pdf, docx, xlsx or png, told by what is inside. Raises WrongFile."""
    if len(content) > MOST_BYTES:
        raise WrongFile(N_("A guide's file has at most 10 MB."))
    if content.startswith(PDF) and b"%%EOF" in content[-2048:]:
        return "pdf"
    if content.startswith(PNG) and content.rstrip(b"\x00").endswith(b"IEND\xaeB`\x82"):
        return "png"
    if content.startswith(ZIP):
        return _office(content)
    raise WrongFile(N_("Attach a PDF, a .docx, an .xlsx or a PNG picture; other files are not taken."))


def _office(content: bytes) -> str:
    try:
        check_members(io.BytesIO(content))
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = set(packed.namelist())
    except archives.BROKEN as damaged:
        raise WrongFile(N_("The file is damaged. Open it, save it again and attach that.")) from damaged
    if any("vbaproject" in name.lower() or "/activex" in name.lower() for name in names):
        raise WrongFile(N_("The file carries macros. Save it without macros and attach that."))
    for part, kind in MAIN_PART.items():
        if part in names and "[Content_Types].xml" in names:
            return kind
    raise WrongFile(N_("Attach a PDF, a .docx, an .xlsx or a PNG picture; other files are not taken."))


def shown_name(name: str, kind: str) -> str:
    """The file's name without a path, with the ending of what it is, in at most 120 characters."""
    last = re.split(r"[/\\]", name)[-1]
    stem = last.rsplit(".", 1)[0] if "." in last else last
    stem = "".join(c for c in stem if unicodedata.category(c)[0] != "C").strip(" .") or "guide"
    return f"{stem[:110]}.{kind}"
