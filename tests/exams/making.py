"""A bank with approved questions, exam administrators, and drafts, for the tests of the exam desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.bank import operations as banks
from portal.bank.models import QuestionBank, QuestionStatus
from portal.exams.making import operations, queries
from portal.exams.making.tasks import publish_some
from portal.exams.models import Exam, ExamKind
from portal.people.models import Account, Body, Role
from question_bank.questions import Kind, Question
from tests.conftest import NOON
from tests.factories import CITED, PASSWORD, County

SINGLE = Question(
    "S", Kind.SINGLE, "哪一项正确？", ("甲项", "乙项", "丙项", "丁项"), "B", rationale="依据第一条。", topic="总则",
    citations=CITED,
)
ROW = {"topic": "总则", "kind": "single_choice", "count": 3, "points": 200}


def bank_of(county: County, count: int, *, code: str = "DESK", topic: str = "总则") -> QuestionBank:
    """A bank of general law at the province with so many approved single choices."""
    bank = QuestionBank(code=code, title="测试题库", body_id=county.province.id, shared=True, created_at=NOON)
    county.session.add(bank)
    county.session.flush()
    for number in range(count):
        question = replace(SINGLE, code=f"{code}-{number:03d}", topic=topic, stem=f"第 {number} 题，哪一项正确？")
        banks.add_version(county.session, bank, question, status=QuestionStatus.APPROVED, now=NOON)
    county.session.flush()
    return bank


def admin(
    county: County, name: str = "郑海波", *, body: Body | None = None, field: str | None = None, day: int = 1
) -> Account:
    """An exam administrator, of the province unless a body is named."""
    person = county.person(name, born=date(1975, 1, day))
    return county.account(person, Role.EXAM_ADMIN, body or county.province, field)


def complete(session: Session, exam: Exam, maker: Account, **changed: object) -> Exam:
    """The draft with everything it needs."""
    values = {
        "notice": "请独立作答。", "bank_codes": ["DESK"], "blueprint": [ROW], "forms_wanted": 4,
        "opens_at": NOON + timedelta(days=3), "closes_at": NOON + timedelta(days=3, hours=3), **changed,
    }  # fmt: skip
    seen = queries.making_of(session, exam.id).version
    operations.change_draft(session, exam, values, seen=seen, account=maker, now=NOON)
    return exam


def draft(county: County, maker: Account, kind: ExamKind = ExamKind.QUALIFICATION, **changed: object) -> Exam:
    """A complete draft at the province."""
    exam = operations.make_draft(
        county.session, kind, county.province, field=None, title="2026 年 11 月考试", theme="综合法律知识",
        day=date(2026, 11, 26), account=maker, now=NOON,
    )  # fmt: skip
    return complete(county.session, exam, maker, **changed)


def worked_off() -> int:
    """Every publication that waits, to its end; how many portions that took."""
    portions = 0
    while publish_some(NOON):
        portions += 1
    return portions


def signed_in(app: Flask, account: Account) -> FlaskClient:
    client = app.test_client()
    client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
    return client
