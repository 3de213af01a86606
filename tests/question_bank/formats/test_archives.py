"""Archives and XML from strangers are refused before they can do harm."""

from __future__ import annotations

import stat
import zipfile
from io import BytesIO

import pytest

from question_bank.formats.archives import open_archive, parse_xml
from question_bank.formats.found import Unreadable


def packed(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("word/link.xml")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def test_members_come_with_forward_slashes_and_without_folders():
    data = packed(("word/", b""), ("word\\document.xml", b"<a/>"), ("b.xml", b"<b/>"))
    assert open_archive(data) == {"word/document.xml": b"<a/>", "b.xml": b"<b/>"}


@pytest.mark.parametrize("name", ["/etc/passwd", "../out.xml", "a/../../b.xml", "..\\b.xml", "C:\\b.xml", "C:b.xml"])
def test_paths_that_lead_outside_are_refused(name: str):
    with pytest.raises(Unreadable, match="points outside"):
        open_archive(packed((name, b"x")))


def test_links_are_refused():
    with pytest.raises(Unreadable, match="points outside"):
        open_archive(packed((link(), b"/etc/passwd")))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_doubles_are_refused():
    with pytest.raises(Unreadable, match="twice"):
        open_archive(packed(("word/a.xml", b"1"), ("WORD/A.xml", b"2")))


def test_encrypted_members_are_refused():
    data = bytearray(packed(("a.xml", b"x")))
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(signature) + offset] |= 1
    with pytest.raises(Unreadable, match="encrypted"):
        open_archive(bytes(data))


def test_a_bomb_is_refused_by_its_ratio_before_it_is_unpacked():
    with pytest.raises(Unreadable, match="times its size"):
        open_archive(packed(("a.xml", b"\0" * 3_000_000)))


def test_too_many_and_too_large_members_are_refused():
    with pytest.raises(Unreadable, match="packed from"):
        open_archive(packed(*((f"{n}.xml", b"") for n in range(5))), most_files=4)
    with pytest.raises(Unreadable, match="unpacks to more"):
        open_archive(packed(("a.xml", b"x" * 900), ("b.xml", b"y" * 900)), most_bytes=1000)


def test_a_member_that_lies_about_its_size_is_refused():
    data = bytearray(packed(("a.xml", b"x" * 5000)))
    place = data.index(b"PK\x01\x02")
    data[place + 24 : place + 28] = (10).to_bytes(4, "little")
    with pytest.raises(Unreadable):
        open_archive(bytes(data))


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b"no archive", packed(("a.xml", b"x"))[:-30]], ids=["empty", "start", "none", "cut"]
)
def test_damaged_archives_are_refused(data: bytes):
    with pytest.raises(Unreadable, match="damaged"):
        open_archive(data)


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE a><a/>",
        '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>',
        '<?xml version="1.0"?>\n<!-- c --><!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]><a/>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_doctype_is_refused_in_any_encoding(text: str, encoding: str):
    with pytest.raises(Unreadable, match="declares"):
        parse_xml(text.encode(encoding))


def test_broken_and_endlessly_nested_xml_is_refused():
    with pytest.raises(Unreadable, match="damaged"):
        parse_xml(b"<a><b></a>")
    with pytest.raises(Unreadable, match="too deep"):
        parse_xml(b"<a>" * 300 + b"</a>" * 300)
    assert parse_xml(b"<a>" * 100 + b"</a>" * 100).tag == "a"
