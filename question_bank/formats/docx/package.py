"""A Word file opened: its body, styles, numbering, notes and pictures, by whichever program it was written."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from question_bank.formats.archives import open_archive, parse_xml
from question_bank.formats.found import Unreadable
from question_bank.questions import N_

OLE = b"\xd0\xcf\x11\xe0"
RTF = b"{\\rtf"
PARTS = ("styles", "numbering", "footnotes", "endnotes")


def name_of(element: Element) -> str:
    """The tag without its namespace: programs differ in those."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def value_of(element: Element, name: str) -> str | None:
    """An attribute by its bare name."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return value
    return None


def child(element: Element | None, *names: str) -> Element | None:
    """The first child of this name, then its child of the next name, and so on."""
    for name in names:
        element = next((c for c in element if name_of(c) == name), None) if element is not None else None
    return element


def children(element: Element | None, name: str) -> Iterator[Element]:
    return (c for c in element if name_of(c) == name) if element is not None else iter(())


@dataclass(frozen=True)
class Relation:
    target: str
    kind: str
    outside: bool


@dataclass(frozen=True)
class Package:
    """The parts that hold text; absent ones are None."""

    body: Element
    members: Mapping[str, bytes]
    relations: Mapping[str, Relation]
    parts: Mapping[str, Element] = field(default_factory=dict)


def open_document(data: bytes) -> Package:
    """The package of a .docx. Raises Unreadable, for .doc and .wps with what to save them as."""
    if data[:4] == OLE or data[:5] == RTF:
        raise Unreadable(
            N_("This is an old .doc or .wps document, or one with a password."),
            N_("Save it as .docx without a password and import that."),
        )
    if data[:2] != b"PK":
        raise Unreadable(N_("This is not a Word document."), N_("Save it as .docx and import that."))
    members = open_archive(data)
    main = _main_part(members)
    if main is None:
        raise Unreadable(N_("This archive is not a Word document."), N_("Save it as .docx and import that."))
    root = parse_xml(members[main])
    body = child(root, "body")
    if name_of(root) != "document" or body is None:
        raise Unreadable(N_("This archive is not a Word document."), N_("Save it as .docx and import that."))
    relations = _relations(members, main)
    parts = {}
    for relation in relations.values():
        kind = relation.kind.rpartition("/")[2]
        if kind in PARTS and relation.target in members and not relation.outside:
            parts[kind] = parse_xml(members[relation.target])
    folder = posixpath.dirname(main)
    for kind in PARTS:  # some programs forget to relate them
        if kind not in parts and f"{folder}/{kind}.xml" in members:
            parts[kind] = parse_xml(members[f"{folder}/{kind}.xml"])
    return Package(body, members, relations, parts)


def _main_part(members: Mapping[str, bytes]) -> str | None:
    for relation in _relations(members, "").values():
        if relation.kind.endswith("/officeDocument") and relation.target in members:
            return relation.target
    return "word/document.xml" if "word/document.xml" in members else None


def _relations(members: Mapping[str, bytes], part: str) -> dict[str, Relation]:
    folder, file = posixpath.split(part)
    data = members.get(posixpath.join(folder, "_rels", f"{file}.rels"))
    found: dict[str, Relation] = {}
    for element in parse_xml(data) if data else ():
        target, outside = value_of(element, "Target") or "", value_of(element, "TargetMode") == "External"
        if not outside:
            target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        found[value_of(element, "Id") or ""] = Relation(target, value_of(element, "Type") or "", outside)
    return found
