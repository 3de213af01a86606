"""QTI 2.1, 2.2 and 3.0: single items and packages, shared stimuli as case sets, images as pictures."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from question_bank.formats import companion, picture_bytes, tag_words
from question_bank.formats.archives import open_archive
from question_bank.formats.found import Fault, Found, Place, Unreadable
from question_bank.formats.gathering import Part, gather, unread
from question_bank.formats.gift.answers import Unfit
from question_bank.formats.html_text import Texts
from question_bank.formats.qti.item import question_of
from question_bank.formats.qti.tree import said, tree_of
from question_bank.questions import N_, Kind, Question
from question_bank.sheet_format import TOPIC

MANIFEST, OWN = "imsmanifest.xml", f"{companion.MARK}.json"
MOST_FILES = 60_000  # an item is a file of its own
SHORT = 300  # characters of an item file shown beside what waits
START = 1_000  # bytes of a member in which its root element stands
TEST = re.compile(rb"<(?:\w+:)?(?:qti-assessment-test|assessmentTest)[\s>]")
TEST_LEFT = N_("The package also holds a test; its order, texts and rules stay behind, only its questions are read.")
NO_ITEMS = N_("There are no items of QTI 2.1, 2.2 or 3.0 in the file.")
AS_PACKAGE = N_("Export it as a QTI package and import that.")


@dataclass
class Package:
    """The members of a package, our own words about them, and the tags its manifest gives each item."""

    files: Mapping[str, bytes]
    own: dict[str, companion.Companion] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)
    folders: dict[str, dict[str, bytes]] = field(default_factory=dict)

    @cached_property
    def pictures(self) -> dict[str, bytes]:
        return {name: data for name, data in self.files.items() if picture_bytes.ending_of(data)}

    @cached_property
    def by_key(self) -> dict[str, bytes]:
        return picture_bytes.by_key(self.pictures)

    def beside(self, path: str) -> dict[str, bytes]:
        """Pictures by the names a member may give them: from its own folder, or from the package's root."""
        folder = posixpath.dirname(path)
        if folder not in self.folders:
            near = {posixpath.relpath(name, folder or ".").lstrip("./"): data for name, data in self.pictures.items()}
            self.folders[folder] = self.pictures | near
        return self.folders[folder]


@dataclass(frozen=True)
class Entry:
    """One item file as it was read; `stimulus` is the member it shares with others, "" for none."""

    path: str
    part: Part
    stimulus: str = ""


def read(data: bytes, name: str) -> Iterator[Found]:
    """Every item of the package, or the one item. Raises Unreadable."""
    if data[:2] != b"PK":
        root = tree_of(data)
        if root.tag != "assessment-item":
            raise Unreadable(NO_ITEMS, AS_PACKAGE)
        yield from gather([_entry(Package({"item.xml": data}), "item.xml", 1, alone=True).part])
        return
    package = Package(open_archive(data, most_files=MOST_FILES))
    paths = _items(package)
    if not paths:
        raise Unreadable(NO_ITEMS, AS_PACKAGE)
    package.own = _own(package.files)
    entries = [_entry(package, path, number) for number, path in enumerate(paths, start=1)]
    yield from gather(_told_of_test(package, _grouped(package, entries)))


def _told_of_test(package: Package, parts: Iterable[Part]) -> Iterator[Part]:
    """The first part says that a test's order and rules stay behind, when the package holds one."""
    waiting = any(TEST.search(data[:START]) for data in package.files.values())
    for part in parts:
        yield replace(part, faults=(*part.faults, Fault("code", TEST_LEFT, "", warning=True))) if waiting else part
        waiting = False


def _own(files: Mapping[str, bytes]) -> dict[str, companion.Companion]:
    try:
        lines = json.loads(files.get(OWN, b"{}"))
        found = {path: companion.read(line) for path, line in lines.items() if isinstance(line, str)}
    except (ValueError, AttributeError, RecursionError):
        return {}
    return {path: one for path, one in found.items() if one}


def _items(package: Package) -> list[str]:
    """The item files in the order of the manifest, or of their names when it is missing or damaged."""
    manifest = min((path for path in package.files if posixpath.basename(path) == MANIFEST), key=len, default="")
    try:
        root = tree_of(package.files[manifest]) if manifest else None
    except Unreadable:
        root = None
    if root is None:
        return sorted(path for path, data in package.files.items() if path.endswith(".xml") and b"ssessment" in data)
    paths = []
    for resource in root.iter("resource"):
        if (resource.get("type") or "").lower().startswith("imsqti_item"):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(manifest), unquote(resource.get("href") or "")))
            paths.append(path)
            words = ("".join(keyword.itertext()).strip() for keyword in resource.iter("keyword"))
            package.tags[path] = [word for word in words if word]
    return list(dict.fromkeys(paths))


def _entry(package: Package, path: str, number: int, *, alone: bool = False) -> Entry:
    place, data = Place("" if alone else path, "item", number), package.files.get(path)
    if data is None:
        return Entry(path, unread(place, path, N_("The package names this item and does not hold it.")))
    raw = data.decode("utf-8", "replace")
    try:
        root = tree_of(data)
    except Unreadable as refused:
        return Entry(path, unread(place, raw[:SHORT], refused.message, refused.remedy, **refused.values))
    shown = "\n".join(filter(None, (" ".join(text.split()) for text in root.itertext())))
    files = package.beside(path)
    texts = Texts(lambda source: picture_bytes.of_source(source, files))
    told = tag_words.told(package.tags.get(path, ()))
    question, waiting = None, None
    try:
        question = _filled(question_of(root, texts), told)
    except Unfit as unfit:
        waiting = unread(place, shown, unfit.message, **unfit.values)
    faults, own = tuple(texts.faults), package.own.get(path)
    if own:
        question, more = own.settle(question, raw)
        faults = (*faults, *more) if more else ()
    case = own.case if own else ""
    if question is None:
        return Entry(path, replace(waiting or unread(place, shown), case=case), _stimulus(root, path))
    pictures = texts.pictures | picture_bytes.named_in(question, package.by_key if own else {})
    return Entry(path, Part(place, question, faults, shown, pictures, case), _stimulus(root, path))


def _filled(question: Question, told: tag_words.Told) -> Question:
    several = (Kind.MULTIPLE, Kind.INDEFINITE)
    kind = told.kind if told.kind in several and question.kind in several else question.kind
    return replace(question, kind=kind, topic=told.words.get(TOPIC, ""), **told.fields())


def _stimulus(root: Element, path: str) -> str:
    reference = root.find("assessment-stimulus-ref")
    href = "" if reference is None else unquote(reference.get("href") or "")
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), href)) if href else ""


def _grouped(package: Package, entries: list[Entry]) -> Iterator[Part]:
    """The items in order, those of one stimulus together behind it."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.stimulus or f"\0{entry.path}", []).append(entry)
    for stimulus, group in groups.items():
        own = package.own.get(stimulus)
        if stimulus.startswith("\0"):
            yield group[0].part
        elif len(group) == 1 and own is None:
            yield _with_stem(group[0].part, *_passage(package, stimulus))
        else:
            yield from _case(package, stimulus, group)


def _passage(package: Package, path: str) -> tuple[str, Texts]:
    files = package.beside(path)
    texts = Texts(lambda source: picture_bytes.of_source(source, files))
    if path not in package.files:
        texts.warn("stem", N_("The shared text %(name)s is not in the package."), N_("Add it by hand."), path[-80:])
        return "", texts
    try:
        root = tree_of(package.files[path])
    except Unreadable as refused:
        texts.warn("stem", refused.message, refused.remedy)
        return "", texts
    return said(root.find("stimulus-body") if root.tag == "assessment-stimulus" else root, texts), texts


def _with_stem(part: Part, stem: str, texts: Texts) -> Part:
    if part.question is None:
        return part
    question = replace(part.question, stem="\n\n".join(filter(None, (stem, part.question.stem))))
    pictures = part.pictures | texts.pictures
    return replace(part, question=question, faults=(*part.faults, *texts.faults), pictures=pictures)


def _case(package: Package, stimulus: str, group: list[Entry]) -> Iterator[Part]:
    stem, texts = _passage(package, stimulus)
    place = replace(group[0].part.place, part=stimulus)
    topics = [e.part.question.topic for e in group if e.part.question and e.part.question.topic]
    question, faults = Question("", Kind.CASE_SET, stem, topic=topics[0] if topics else ""), tuple(texts.faults)
    if own := package.own.get(stimulus):
        raw = package.files.get(stimulus, b"").decode("utf-8", "replace")
        settled, more = own.settle(question, raw)
        question, faults = settled or question, (*faults, *more) if more else ()
    pictures = texts.pictures | picture_bytes.named_in(question, package.by_key if own else {})
    yield Part(place, question, faults, stem, pictures, opens=stimulus)
    for entry in group:
        yield replace(entry.part, case=stimulus)
