"""Archives and XML from strangers: looked over before anything is unpacked or expanded."""

from __future__ import annotations

import re
import stat
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError
from zipfile import BadZipFile, ZipFile, ZipInfo

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from question_bank.formats.found import Unreadable
from question_bank.questions import N_

MOST_FILES = 4_000
MOST_BYTES = 200 * 1024**2
MOST_RATIO = 200  # documents pack 5 to 30 times
RATIO_FROM = 1024**2  # small members may pack any way they like
DEEPEST = 200  # levels of XML elements inside each other
ENCRYPTED = 0x1
DECLARATION = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\?>")


def open_archive(
    data: bytes, *, most_files: int = MOST_FILES, most_bytes: int = MOST_BYTES, most_ratio: int = MOST_RATIO
) -> Mapping[str, bytes]:
    """The members by name with forward slashes, folders left out. Raises Unreadable for what no program packs."""
    with _opened(data) as archive:
        entries = archive.infolist()
        _look_over(entries, most_files, most_bytes, most_ratio)
        return {_name(entry): _unpack(archive, entry) for entry in entries if not entry.is_dir()}


def member_names(data: bytes) -> list[str]:
    """What the archive holds by its table of contents, before anything is looked over. Raises Unreadable."""
    with _opened(data) as archive:
        return archive.namelist()


@contextmanager
def _opened(data: bytes) -> Iterator[ZipFile]:
    try:
        with ZipFile(BytesIO(data)) as archive:
            yield archive
    except (BadZipFile, NotImplementedError, ValueError, EOFError, OSError, RuntimeError, zlib.error) as error:
        raise Unreadable(N_("The archive is damaged."), N_("Save the file again and retry.")) from error


def _look_over(entries: list[ZipInfo], most_files: int, most_bytes: int, most_ratio: int) -> None:
    if len(entries) > most_files:
        raise Unreadable(
            N_("The file is packed from %(n)s parts; %(most)s is the limit."), N_("Split it into smaller files."),
            n=str(len(entries)), most=str(most_files),
        )  # fmt: skip
    names: set[str] = set()
    for entry in entries:
        name = _name(entry)
        outside = name.startswith("/") or ":" in name or ".." in name.split("/") or "\0" in entry.orig_filename
        link = stat.S_ISLNK(entry.external_attr >> 16)
        if outside or link or name.lower() in names or entry.flag_bits & ENCRYPTED:
            raise Unreadable(
                N_("A part of the file points outside it, stands in it twice or is encrypted: %(name)s."),
                N_("Open it, save it again without a password and import that."), name=name[:80],
            )  # fmt: skip
        names.add(name.lower())
        if entry.file_size > RATIO_FROM and entry.file_size > most_ratio * max(entry.compress_size, 1):
            raise Unreadable(
                N_("A part of the file unpacks to more than %(most)s times its size: %(name)s."),
                N_("Open it, save it again and import that."), most=str(most_ratio), name=name[:80],
            )  # fmt: skip
    if sum(entry.file_size for entry in entries) > most_bytes:
        raise Unreadable(
            N_("The file unpacks to more than %(n)s MB."), N_("Split it into smaller files."),
            n=str(most_bytes // 1024**2),
        )  # fmt: skip


def _name(entry: ZipInfo) -> str:
    return entry.filename.replace("\\", "/")


def _unpack(archive: ZipFile, entry: ZipInfo) -> bytes:
    with archive.open(entry) as member:
        data = member.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise BadZipFile("a member is not as long as it says")
    return data


def _undeclared(data: bytes) -> bytes:
    """UTF-8 without its declaration, which may name another encoding; anything else as it is."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return data
    return DECLARATION.sub(b"", data, count=1) if b"\0" not in data[:8] else data


def parse_xml(data: bytes) -> Element:
    """The root element. Raises Unreadable for a DOCTYPE, an entity, or XML that is broken or nested too deep."""
    try:
        root = fromstring(_undeclared(data), forbid_dtd=True)
    except DefusedXmlException as error:
        raise Unreadable(
            N_("The file declares document types or entities, which no question needs."),
            N_("Remove the declaration, or save the file again from the program it comes from."),
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise Unreadable(N_("The XML of the file is damaged."), N_("Save the file again and retry.")) from error
    level = [root]
    for _ in range(DEEPEST):
        level = [child for element in level for child in element]
        if not level:
            return root
    raise Unreadable(N_("The XML of the file is nested too deep."), N_("Save the file again and retry."))
