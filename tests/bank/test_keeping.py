"""Opening a bank and its settings: where, under which code, and why it opens or closes."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.bank.models import QuestionBank
from portal.bank.writing import operations
from portal.ground.db import db
from portal.ground.models import AuditLine
from portal.people.models import Field, Role
from tests.bank.conftest import Desk, staff


def test_who_may_see_a_bank_changes_only_with_a_reason(desk: Desk):
    settings = {"title": "测试题库", "shared": False, "sealed": False}
    with pytest.raises(operations.ReasonMissing):
        operations.change_bank(desk.session, desk.bank, **settings, reason=" ", now=desk.now)
    operations.change_bank(desk.session, desk.bank, **settings, reason="公开供学习", now=desk.now)
    assert not desk.bank.sealed
    line = desk.session.scalars(select(AuditLine).where(AuditLine.act == "bank_changed")).one()
    assert (line.body_id, line.codes) == (desk.county.city.id, {"shared": False, "sealed": False})


def test_a_title_changes_without_one_and_nothing_leaves_no_line(desk: Desk):
    same = {"shared": False, "sealed": True, "reason": ""}
    operations.change_bank(desk.session, desk.bank, title="新名称", **same, now=desk.now)
    operations.change_bank(desk.session, desk.bank, title="新名称", **same, now=desk.now)
    lines = desk.session.scalars(select(AuditLine).where(AuditLine.act == "bank_changed")).all()
    assert desk.bank.title == "新名称" and len(lines) == 1


def test_a_bank_is_opened_at_a_body_within_reach(web_desk: Desk, signed_in):
    county, client = web_desk.county, signed_in(web_desk.writer)
    sent = {"code": "mhk-new", "title": "新题库", "field": "", "body": county.bureau.id}
    assert client.get("/banks/new").status_code == 200
    assert client.post("/banks/new", data=sent | {"body": county.other_city.id}).status_code == 404
    assert client.post("/banks/new", data=sent).status_code == 303
    with db.reading() as session:
        bank = session.scalars(select(QuestionBank).where(QuestionBank.code == "MHK-NEW")).one()
        assert (bank.sealed, bank.shared, bank.field) == (True, False, None)


@pytest.mark.parametrize(
    "wrong", [{"code": "a/b"}, {"code": "X"}, {"title": " "}, {"field": "poetry"}, {"code": "B-1"}]
)
def test_code_title_and_field_are_checked_and_what_was_typed_is_kept(web_desk: Desk, signed_in, wrong: dict):
    sent = {"code": "NEW-1", "title": "新题库", "field": "", "body": web_desk.county.city.id}
    answer = signed_in(web_desk.writer).post("/banks/new", data=sent | wrong)
    assert answer.status_code in (409, 422) and 'class="mf-errsum"' in answer.text


def test_a_role_for_one_field_opens_no_bank_of_another(web_desk: Desk, signed_in):
    writer = staff(web_desk.county, Role.TRAINER, web_desk.county.transport, field=Field.TRANSPORT)
    web_desk.session.commit()
    client, body = signed_in(writer), web_desk.county.transport.id
    for field, status in (("ecology", 404), ("", 404), ("transport", 303)):
        sent = {"code": f"T-{field or 'general'}", "title": "题库", "field": field, "body": body}
        assert client.post("/banks/new", data=sent).status_code == status, field


def test_settings_are_changed_through_the_page(web_desk: Desk, signed_in):
    client = signed_in(web_desk.writer)
    assert 'name="sealed"' in client.get("/banks/B-1/settings").text
    opened = {"title": "测试题库", "shared": "on", "sealed": "study", "reason": ""}
    answer = client.post("/banks/B-1/settings", data=opened)
    assert answer.status_code == 422 and '<a href="#reason">' in answer.text
    assert '<a href="#title">' in client.post("/banks/B-1/settings", data=opened | {"title": " "}).text
    assert client.post("/banks/B-1/settings", data=opened | {"reason": "下级共用"}).status_code == 303
    with db.reading() as session:
        bank = session.scalars(select(QuestionBank).where(QuestionBank.code == "B-1")).one()
        assert (bank.shared, bank.sealed) == (True, False)
