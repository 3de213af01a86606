"""Questions as a QTI 3.0 package: items, stimuli of case sets, pictures, a manifest, our own words beside them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from xml.etree.ElementTree import Element, SubElement

from question_bank.formats import companion, picture_bytes, tag_words
from question_bank.formats.found import Loss, Written
from question_bank.formats.moodle.writing import PICTURE_GONE
from question_bank.formats.qti.item_writing import SCHEMA, item_of, stimulus_of
from question_bank.formats.qti.reading import MANIFEST, OWN
from question_bank.formats.xml_text import add, bytes_of
from question_bank.questions import Kind, Question

CP = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
CP_SCHEMA = "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqtiv3p0_imscpv1p2_v1p0.xsd"
LOM = "http://ltsc.ieee.org/xsd/LOM"


def write(questions: Sequence[Question], pictures: Mapping[str, bytes], title: str) -> Written:
    """A zip whose bytes are the same for the same questions."""
    package = _Package(pictures, title)
    for question in questions:
        package.add(question)
    losses = tuple(loss for question in questions for loss in _losses(question, pictures))
    return Written(package.packed(), "zip", "application/zip", losses)


def _losses(question: Question, pictures: Mapping[str, bytes]) -> Iterator[Loss]:
    for name in picture_bytes.missing_from(question, pictures):
        yield Loss(question.code, "pictures", PICTURE_GONE, {"name": name})


class _Package:
    def __init__(self, pictures: Mapping[str, bytes], title: str) -> None:
        self.pictures = pictures
        self.members: dict[str, bytes] = {}
        self.own: dict[str, str] = {}
        self.images: dict[str, str] = {}  # member -> resource
        self.manifest = Element(
            "manifest",
            {
                "xmlns": CP, "xmlns:xsi": SCHEMA["xmlns:xsi"], "identifier": "mingfa-questions",
                "xsi:schemaLocation": f"{CP} {CP_SCHEMA}",
            },
        )  # fmt: skip
        metadata = SubElement(self.manifest, "metadata")
        add(metadata, "schema", "QTI Package")
        add(metadata, "schemaversion", "3.0.1")
        if title:
            self._lom(metadata, title, ())
        SubElement(self.manifest, "organizations")
        self.resources = SubElement(self.manifest, "resources")

    def add(self, question: Question) -> None:
        if question.kind is not Kind.CASE_SET:
            self._item(question)
            return
        name = f"stimulus-{len(self.members) + 1:05}"
        path = f"stimuli/{name}.xml"
        self._member(path, bytes_of(stimulus_of(question, name, self.pictures)), question, "")
        self._resource(name, "imsqti_stimulus_xmlv3p0", path, question, question.stem)
        for item in question.items:
            self._item(item, case=question.code, stimulus=name)

    def _item(self, question: Question, case: str = "", stimulus: str = "") -> None:
        name = f"item-{len(self.members) + 1:05}"
        path = f"items/{name}.xml"
        self._member(path, bytes_of(item_of(question, name, self.pictures, stimulus)), question, case)
        resource = self._resource(name, "imsqti_item_xmlv3p0", path, question, *question.texts())
        if stimulus:
            SubElement(resource, "dependency", identifierref=stimulus)

    def _member(self, path: str, data: bytes, question: Question, case: str) -> None:
        self.members[path] = data
        self.own[path] = companion.written(question, data.decode("utf-8"), case)

    def _resource(self, name: str, kind: str, path: str, question: Question, *texts: str) -> Element:
        resource = SubElement(self.resources, "resource", identifier=name, type=kind, href=path)
        self._lom(SubElement(resource, "metadata"), question.code, tag_words.tags_of(question))
        SubElement(resource, "file", href=path)
        shown = dict.fromkeys(key for text in texts for _alt, key in Question("", Kind.SINGLE, text).pictures())
        for key in shown:
            if data := self.pictures.get(key):
                SubElement(resource, "dependency", identifierref=self._image(key, data))
        return resource

    def _lom(self, metadata: Element, title: str, keywords: Sequence[str]) -> None:
        general = SubElement(SubElement(metadata, "lom", xmlns=LOM), "general")
        add(SubElement(general, "title"), "string", title, language="zh-CN")
        for keyword in keywords:
            add(SubElement(general, "keyword"), "string", keyword, language="zh-CN")

    def _image(self, key: str, data: bytes) -> str:
        path = f"images/{picture_bytes.file_name(key, data)}"
        self.members[path] = data
        return self.images.setdefault(path, f"image-{key[:16]}")

    def packed(self) -> bytes:
        for path, name in (*self.images.items(), (OWN, companion.MARK)):
            resource = SubElement(self.resources, "resource", identifier=name, type="webcontent", href=path)
            SubElement(resource, "file", href=path)
        own = json.dumps(self.own, ensure_ascii=False, indent=0).encode("utf-8", "replace")
        target = BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, data in {MANIFEST: bytes_of(self.manifest), **self.members, OWN: own}.items():
                archive.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
        return target.getvalue()
