"""A topic that the tree does not have: advised at every place that checks, never a stop."""

from __future__ import annotations

from portal.bank.models import QuestionStatus
from portal.bank.writing import operations
from portal.library.topics import operations as tree
from portal.library.topics.queries import nearest
from question_bank.questions import Kind
from tests.bank.conftest import Desk
from tests.bank.test_editor_doors import JSON, MULTIPLE, begin


def grown(desk: Desk) -> None:
    for title, field in (("听证程序", ""), ("简易程序", ""), ("超限运输", "transport"), ("占道经营", "urban")):
        tree.add_topic(desk.session, title, field, account=None, now=desk.now)


def test_the_nearest_topics_of_the_field_and_of_general_law_are_named(desk: Desk):
    assert nearest(desk.session, "听证", "") is None  # there is no tree yet
    grown(desk)
    assert nearest(desk.session, "听证", "transport") == ["听证程序"]
    assert nearest(desk.session, "超限运输车辆", "transport") == ["超限运输"]
    assert nearest(desk.session, "超限运输车辆", "urban") == []
    assert nearest(desk.session, "听证程序", "transport") is None


def test_an_earlier_title_is_in_the_tree_and_a_retired_one_is_not_offered(desk: Desk):
    grown(desk)
    row = tree.add_topic(desk.session, "听证会", "", account=None, now=desk.now)
    tree.change_topic(desk.session, row, title="听证的组织", parent=None, seen=row.version, account=None, now=desk.now)
    assert nearest(desk.session, "听证会", "") is None
    tree.retire_topic(desk.session, row, seen=row.version, account=None, now=desk.now)
    assert nearest(desk.session, "听证组织", "") == ["听证程序"]


def test_editor_and_check_door_suggest_and_the_reviewer_reads_it_too(web_desk: Desk, signed_in):
    grown(web_desk)
    web_desk.session.commit()
    client = signed_in(web_desk.writer)
    address = begin(client)
    told = client.post(address, data=MULTIPLE, headers=JSON).json
    assert "听证程序" in told["check"] and "topic" not in told["faults"]
    asked = client.post("/banks/B-1/check", json={"question": told["question"]}).json
    assert [one["rule"] for one in asked["lint"] if "听证程序" in one["message"]] == ["topic_not_in_tree"]
    assert "topic_not_in_tree" not in str(client.post(
        "/banks/B-1/check", json={"question": told["question"] | {"topic": "听证程序"}}
    ).json)  # fmt: skip

    session, by = web_desk.session, {"account": web_desk.writer, "now": web_desk.now}
    draft = operations.begin_new(session, web_desk.bank, Kind.SINGLE, **by)
    operations.save_draft(session, draft, told["question"] | {"code": ""}, number=1, now=web_desk.now)
    row = operations.submit(session, draft, **by)
    session.commit()
    assert row.status == QuestionStatus.REVIEW
    assert "听证程序" in signed_in(web_desk.reviewer).get(f"/banks/B-1/questions/{row.code}/review").text


def test_a_weight_of_nothing_is_said_at_its_row(web_desk: Desk, signed_in):
    client = signed_in(web_desk.writer)
    address = begin(client, "document_drafting")
    sent = MULTIPLE | {
        "was": "document_drafting", "kind": "document_drafting", "reference": "范文",
        "criterion": ["事实清楚", "依据正确"], "weight": ["3", "0"],
    }  # fmt: skip
    told = client.post(address, data=sent, headers=JSON).json
    assert list(told["faults"]) == ["criterion-2"]
    page = client.get(address).text
    shown = page.split('data-fault="criterion-2"')[1].split("</p>")[0]
    assert not shown.startswith(" hidden") and "2" in shown.split("<span>")[1]
    assert page.split('data-fault="criterion-1"')[1].startswith(" hidden")
