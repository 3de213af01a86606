"""Every act of the program has its word, the acts the law asks for leave a line, and saving an answer leaves none."""

from __future__ import annotations

import ast
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import func, select

from portal.bank.operations import add_version, approve, create_bank, send_to_review
from portal.exams import operations as exams
from portal.exams.models import ExamKind
from portal.ground.db import db
from portal.ground.models import AuditLine, AuditSeal
from portal.people.models import Role
from portal.words import WORDS
from tests.audit.test_pages import client_of
from tests.conftest import NOON
from tests.factories import County, questions

ROOT = Path(__file__).resolve().parents[2] / "portal"


def recorded() -> list[tuple[str, ast.expr, ast.expr]]:
    """Every audit.record in the tree: where, act, kind of thing."""
    found = []
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr == "record" and ast.unparse(called.value) == "audit":
                found.append((f"{path.relative_to(ROOT)}:{node.lineno}", node.args[1], node.args[2]))
    return found


def test_every_act_and_every_kind_of_thing_has_its_word():
    calls = recorded()
    assert len(calls) > 30
    for where, act, kind in calls:
        for table, expression in (("act", act), ("audit_object", kind)):
            either = isinstance(expression, ast.IfExp)
            for constant in (expression.body, expression.orelse) if either else (expression,):
                if isinstance(constant, ast.Constant):
                    assert constant.value in WORDS[table], where


def test_signing_in_and_out_leaves_lines(app, web_county: County):
    officer = web_county.officer()
    web_county.session.commit()
    client = client_of(app, officer)
    client.post("/sign-out")
    web_county.session.rollback()
    lines = web_county.session.scalars(select(AuditLine).where(AuditLine.act.in_(("sign_in", "sign_in_ended")))).all()
    assert [(line.act, line.account_id, bool(line.address)) for line in lines] == [
        ("sign_in", officer.id, True), ("sign_in_ended", officer.id, True)
    ]  # fmt: skip


def acts_of(county: County) -> list[str]:
    county.session.flush()
    return list(county.session.scalars(select(AuditLine.act).order_by(AuditLine.id)))


def test_a_decision_and_a_role_leave_lines_in_their_bodies(county: County):
    _, application, checker = county.ready()
    county.decided(application, checker)
    county.session.commit()
    line = county.session.scalars(select(AuditLine).where(AuditLine.act == "eligibility_decided")).one()
    assert (line.account_id, line.body_id) == (checker.id, application.bureau_id) and line.person_id
    granted = county.session.scalars(select(AuditLine).where(AuditLine.act == "role_granted")).all()
    assert granted and all(line.body_id and line.person_id for line in granted)


def test_releasing_and_voiding_results_leaves_lines_with_the_reason_sealed(county: County):
    officer = county.officer()
    exam = county.exam(ExamKind.MONTHLY, opens_at=NOON - timedelta(days=9))
    result = county.result(officer, exam, release=False)
    exams.release_exam(county.session, exam, early=False, reason="", account=officer, now=NOON)
    exams.void(county.session, result, reason="成绩有误", now=NOON, account_id=officer.id)
    assert {"results_released", "result_voided"} <= set(acts_of(county))
    line = county.session.scalars(select(AuditLine).where(AuditLine.act == "result_voided")).one()
    assert line.commitment and "成绩" not in str(line.codes) and line.person_id == officer.person_id


def test_approving_a_question_leaves_a_line(county: County):
    author = county.staff(Role.TRAINER, county.province, born=date(1970, 1, 1))
    reviewer = county.staff(Role.REVIEWER, county.province, born=date(1971, 1, 1))
    bank = create_bank(county.session, "T", "测试题库", county.province, now=NOON)
    row = add_version(county.session, bank, questions()[0], account_id=author.id, now=NOON).question
    send_to_review(county.session, row, account_id=author.id, now=NOON)
    approve(county.session, row, account_id=reviewer.id, now=NOON)
    line = county.session.scalars(select(AuditLine).where(AuditLine.act == "question_approved")).one()
    assert (line.account_id, line.body_id) == (reviewer.id, county.province.id)


def test_saving_an_answer_writes_no_audit_line(app, web_county: County):
    officer, exam = web_county.officer(), web_county.exam()
    attempt = web_county.attempt(officer, exam)
    web_county.session.commit()
    client = client_of(app, officer)
    opened = client.post(f"/exams/attempts/{attempt.public_id}/open").get_json()
    before = lines_and_seals()
    answer = client.post(
        f"/exams/attempts/{attempt.id}/answers", json={"changes": [[1, 1, "A"]]},
        headers={"X-Attempt-Token": opened["token"]},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert lines_and_seals() == before


def lines_and_seals() -> list[int | None]:
    with db.reading() as session:
        return [session.scalar(select(func.count()).select_from(table)) for table in (AuditLine, AuditSeal)]
