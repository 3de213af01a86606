"""QTI of three versions in, QTI 3.0 out."""

from __future__ import annotations

import hashlib
import zipfile
from io import BytesIO
from xml.etree.ElementTree import fromstring

import pytest

from question_bank.formats.found import Unreadable
from question_bank.formats.reading import read
from question_bank.formats.writing import write
from question_bank.questions import Kind
from tests.question_bank.formats import fair
from tests.question_bank.formats.fair import PNG, package

ASI = "{http://www.imsglobal.org/xsd/imsqtiasi_v3p0}"
OLD = (
    '<?xml version="1.0" encoding="UTF-8"?><assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" '
    'identifier="i1" title="t" adaptive="false" timeDependent="false">{}</assessmentItem>'
)
NEW = (
    '<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="i1" title="t" '
    'time-dependent="false">{}</qti-assessment-item>'
)


def declared(right, cardinality="single", base="identifier", mapping="") -> str:
    values = "".join(f"<value>{value}</value>" for value in right)
    correct = f"<correctResponse>{values}</correctResponse>" if right else ""
    return (
        f'<responseDeclaration identifier="RESPONSE" cardinality="{cardinality}" baseType="{base}">'
        f"{correct}{mapping}</responseDeclaration>"
    )


def choices(*texts: str) -> str:
    return "".join(f'<simpleChoice identifier="c{n}">{text}</simpleChoice>' for n, text in enumerate(texts))


def choice(right=("c1",), cardinality="single", stem="<p>谁<b>有权</b>？</p>", more="") -> str:
    prompt = "<prompt>选一项</prompt>" + choices("甲", "乙")
    body = f'<choiceInteraction responseIdentifier="RESPONSE" maxChoices="1">{prompt}'
    return declared(right, cardinality) + f"<itemBody>{stem}{body}</choiceInteraction></itemBody>{more}"


def one(inner: str, form: str = OLD):
    (only,) = read(form.format(inner).encode(), "i.xml")
    assert only.question, only.faults
    return only.question


def test_a_choice_of_21_with_feedback() -> None:
    feedback = '<modalFeedback outcomeIdentifier="F" showHide="show" identifier="a"><p>依职权。</p></modalFeedback>'
    value = one(choice(more=feedback))
    assert (value.kind, value.stem, value.options) == (Kind.SINGLE, "谁**有权**？\n\n选一项", ("甲", "乙"))
    assert (value.key, value.rationale, value.code) == ("B", "依职权。", "")


def test_several_right_options_by_key_or_by_mapping() -> None:
    assert one(choice(("c0", "c1"), "multiple")).kind is Kind.MULTIPLE
    assert one(choice(("c0",), "multiple")).kind is Kind.INDEFINITE
    mapping = '<mapping><mapEntry mapKey="c0" mappedValue="1"/><mapEntry mapKey="c1" mappedValue="-1"/></mapping>'
    inner = choice((), "multiple").replace("</responseDeclaration>", mapping + "</responseDeclaration>")
    assert one(inner).key == "A"


def test_a_choice_of_30_between_right_and_wrong() -> None:
    inner = (
        '<qti-response-declaration identifier="R" cardinality="single" base-type="identifier"><qti-correct-response>'
        "<qti-value>f</qti-value></qti-correct-response></qti-response-declaration><qti-item-body>"
        "<qti-choice-interaction "
        'response-identifier="R" max-choices="1"><qti-prompt>可以。</qti-prompt><qti-simple-choice identifier="t">True'
        '</qti-simple-choice><qti-simple-choice identifier="f">False</qti-simple-choice></qti-choice-interaction>'
        "</qti-item-body>"
    )
    value = one(inner, NEW)
    assert (value.kind, value.key, value.stem) == (Kind.TRUE_FALSE, "F", "可以。")


def test_order_match_associate_gaps_and_essay() -> None:
    order = '<itemBody><orderInteraction responseIdentifier="RESPONSE">{}</orderInteraction></itemBody>'
    value = one(declared(("c2", "c0", "c1"), "ordered") + order.format(choices("立案", "调查", "决定")))
    assert (value.options, value.key) == (("立案", "调查", "决定"), "CAB")
    side = "<simpleMatchSet>{}</simpleMatchSet>"
    entry = '<simpleAssociableChoice identifier="{0}" matchMax="1">{1}</simpleAssociableChoice>'
    match = '<itemBody><matchInteraction responseIdentifier="RESPONSE">{}</matchInteraction></itemBody>'
    left, right = (side.format("".join(entry.format(*p) for p in ps)) for ps in (
        (("a", "警告"), ("b", "罚款")), (("x", "财产"), ("y", "声誉"), ("z", "资格"))))  # fmt: skip
    value = one(declared(("a y", "b x"), "multiple", "directedPair") + match.format(left + right))
    assert (value.kind, value.key, value.matches) == (Kind.MATCHING, ("2", "1"), ("财产", "声誉", "资格"))
    associate = '<itemBody><associateInteraction responseIdentifier="RESPONSE">{}</associateInteraction></itemBody>'
    members = "".join(entry.format(*p) for p in (("a", "警告"), ("x", "财产"), ("b", "罚款"), ("y", "声誉")))
    value = one(declared(("a y", "x b"), "multiple", "pair") + associate.format(members))
    assert value.kind is Kind.MATCHING and len(value.options) == 2
    gap = '<itemBody><p>在<textEntryInteraction responseIdentifier="RESPONSE"/>日内。</p></itemBody>'
    mapping = '<mapping><mapEntry mapKey="五" mappedValue="1"/><mapEntry mapKey="七" mappedValue="0.5"/></mapping>'
    value = one(declared(("5",), "single", "string", mapping) + gap)
    assert (value.stem, value.key) == ("在____日内。", (("5", "五"),))
    essay = '<extendedTextInteraction responseIdentifier="RESPONSE"><prompt>简述</prompt></extendedTextInteraction>'
    essay = f"<itemBody>{essay}</itemBody>"
    assert one(declared(("先立案。再调查。",), "single", "string") + essay).key[0] == "先立案。再调查。"


@pytest.mark.parametrize(
    "inner",
    [
        "<itemBody><p>没有问题</p></itemBody>", "", "<templateDeclaration identifier='x'/>" + choice(),
        '<itemBody><hotspotInteraction responseIdentifier="RESPONSE"/></itemBody>', choice(()), choice(("c9",)),
    ],
)  # fmt: skip
def test_what_has_no_kind_or_no_key_waits(inner) -> None:
    (only,) = read(OLD.format(inner).encode(), "i.xml")
    assert only.parked and only.faults[0].message


def manifest(*items: str) -> str:
    resource = '<resource identifier="r{}" type="imsqti_item_xmlv2p2" href="{}"/>'
    resources = "".join(resource.format(n, href) for n, href in enumerate(items))
    return f'<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><resources>{resources}</resources></manifest>'


def test_a_package_with_pictures_a_broken_item_and_a_missing_one() -> None:
    shown = choice(stem='<p>看图<img src="../pics/a%20b.png" alt="路口"/></p>')
    data = package(
        imsmanifest_xml=manifest("items/a.xml", "items/bad.xml", "items/gone.xml", "items/evil.xml", "items/b.xml"),
        items__a_xml=OLD.format(shown), items__bad_xml="<assessmentItem>", items__b_xml=OLD.format(choice()),
        items__evil_xml="<!DOCTYPE a>" + OLD.format(choice()), **{"pics__a b_png": PNG},
    )  # fmt: skip
    results = list(read(data, "p.zip"))
    assert [only.parked for only in results] == [False, True, True, True, False]
    key = hashlib.sha256(PNG).hexdigest()
    assert results[0].pictures == {key: PNG} and f"![路口](picture:{key})" in results[0].question.stem
    assert results[1].place.part == "items/bad.xml" and results[1].place.number == 2


def test_a_test_in_the_package_stays_behind_and_is_named() -> None:
    test = '<assessmentTest xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="t"/>'
    item = OLD.format(choice())
    data = package(imsmanifest_xml=manifest("a.xml", "b.xml"), a_xml=item, b_xml=item, t_xml=test)
    first, second = read(data, "p.zip")
    assert "order" in first.faults[0].message and not first.parked
    assert not [fault for fault in second.faults if "order" in fault.message]


def test_items_that_share_a_stimulus_are_a_case_set() -> None:
    body = "<qti-stimulus-body><p>某镇巡查。</p></qti-stimulus-body>"
    stimulus = f'<qti-assessment-stimulus identifier="s" title="t">{body}</qti-assessment-stimulus>'
    item = OLD.format('<assessmentStimulusRef identifier="s" href="../s/one.xml"/>' + choice())
    data = package(
        imsmanifest_xml=manifest("i/a.xml", "i/b.xml", "i/c.xml"), s__one_xml=stimulus, i__a_xml=item, i__b_xml=item,
        i__c_xml=OLD.format(choice()),
    )  # fmt: skip
    case, single = read(data, "p.zip")
    assert (case.question.kind, case.question.stem, len(case.question.items)) == (Kind.CASE_SET, "某镇巡查。", 2)
    assert single.question.kind is Kind.SINGLE and not case.parked


def test_an_item_with_several_questions_is_a_case_set() -> None:
    two = '<itemBody><p>某镇巡查。</p>' + "".join(
        f'<choiceInteraction responseIdentifier="R{n}" maxChoices="1"><prompt>第{n}问</prompt>'
        f"{choices('甲', '乙')}</choiceInteraction>"
        for n in (1, 2)
    )  # fmt: skip
    inner = "".join(declared(("c1",)).replace("RESPONSE", f"R{n}") for n in (1, 2)) + two + "</itemBody>"
    value = one(inner)
    assert value.kind is Kind.CASE_SET and [(i.stem, i.key) for i in value.items] == [("第1问", "B"), ("第2问", "B")]


@pytest.mark.parametrize(
    "data",
    [
        package(imsmanifest_xml=manifest()), package(readme="x"), b"PK\x03\x04broken", b"<assessmentTest/>",
        package(**{"..__x_xml": OLD.format(choice())}), package(big_xml=b"\0" * 30_000_000),
    ],
)  # fmt: skip
def test_packages_without_items_and_hostile_ones_are_refused_whole(data) -> None:
    with pytest.raises(Unreadable):
        list(read(data, "p.zip", "qti"))


def test_the_package_has_the_structure_of_qti_30() -> None:
    key = hashlib.sha256(PNG).hexdigest()
    questions = [*fair.ALL, fair.with_picture(fair.TRUTH, key).__class__.from_plain(
        fair.with_picture(fair.TRUTH, key).plain() | {"code": "K-11"})]  # fmt: skip
    with zipfile.ZipFile(BytesIO(write(questions, "qti", pictures={key: PNG}, title="题库").data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    cp = "{http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1}"
    root = fromstring(members["imsmanifest.xml"])
    assert [child.tag.removeprefix(cp) for child in root] == ["metadata", "organizations", "resources"]
    listed = {file.get("href") for file in root.iter(f"{cp}file")}
    assert listed | {"imsmanifest.xml"} == set(members)
    names = [resource.get("identifier") for resource in root.iter(f"{cp}resource")]
    assert len(set(names)) == len(names)
    assert {d.get("identifierref") for d in root.iter(f"{cp}dependency")} <= set(names)
    for path in (path for path in members if path.startswith("items/")):
        _check_item(fromstring(members[path]), members)


ORDER = (
    "response-declaration", "outcome-declaration", "assessment-stimulus-ref", "item-body", "response-processing",
    "modal-feedback",
)  # fmt: skip


def _check_item(item, members) -> None:
    assert item.tag == f"{ASI}qti-assessment-item"
    assert {"identifier", "title", "time-dependent"} <= set(item.attrib)
    places = [ORDER.index(child.tag.removeprefix(f"{ASI}qti-")) for child in item]
    assert places == sorted(places) and ORDER.index("item-body") in places
    declared_names = {d.get("identifier") for d in item.iter(f"{ASI}qti-response-declaration")}
    asked = [e for e in item.iter() if e.tag.endswith("-interaction")]
    assert asked and {e.get("response-identifier") for e in asked} == declared_names
    identifiers = {e.get("identifier") for e in item.iter() if e.tag.endswith("-choice")}
    for value in item.iter(f"{ASI}qti-value"):
        if identifiers and value.text != "RATIONALE":
            assert set(value.text.split()) <= identifiers
    for image in item.iter(f"{ASI}img"):
        assert image.get("src").removeprefix("../") in members and image.get("alt")
