"""The applications on the desk of Meihekou's bureau, each brought as far as its case says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.credentials import operations
from portal.credentials.operations import recheck
from portal.demo.cast import CASES, Case
from portal.exams.models import ExamKind, Result, ScoreReview, Subject
from portal.exams.operations import void
from portal.exams.queries import results_of
from portal.people.models import Account, Person

GROUND = "认为第12题参考答案与所引条文不一致，申请复核。"
CAUSE = "监控回放显示携带资料入场，成绩作废。"
OPINION = "经初审，情况属实，同意申报。"


def unsettle(session: Session, *, account_id: int, now: datetime) -> None:
    """Open the score review of one case, void the result of another, and re-check what rested on it."""
    reviewed = _general_result(session, "open_review")
    session.add(ScoreReview(result_id=reviewed.id, opened_at=now - timedelta(days=4), ground=GROUND))
    voided = _general_result(session, "voided_result")
    voided_at = now - timedelta(days=30)
    void(session, voided, reason=CAUSE, now=voided_at, account_id=account_id)
    session.flush()
    recheck(session, _person(session, "voided_result").id, now=voided_at + timedelta(minutes=1))


def _case(key: str) -> Case:
    return next(case for case in CASES if case.key == key)


def _person(session: Session, key: str) -> Person:
    return session.scalars(select(Person).where(Person.personnel_number == _case(key).number)).one()


def _general_result(session: Session, key: str) -> Result:
    person = _person(session, key)
    return next(
        result
        for exam, _, result in results_of(session, person.id)
        if exam.kind == ExamKind.QUALIFICATION and exam.subject == Subject.GENERAL
    )


def load(session: Session, staff: Mapping[str, Account], *, now: datetime) -> int:
    """Every named case applies; the unit agrees, except where the case says otherwise."""
    accounts = {
        account.username: account
        for account in session.scalars(select(Account).where(Account.username.in_([c.number for c in CASES])))
    }
    for number, case in enumerate(CASES):
        person = _person(session, case.key)
        applied_at = now - timedelta(days=12, hours=number)
        application = operations.apply(session, person, account_id=accounts[case.number].id, now=applied_at)
        if case.key == "no_unit_opinion":
            continue
        reviewer = staff["bureau" if case.key == "own_case" else "unitadmin"]
        operations.unit_agree(
            session, application, opinion=OPINION, account_id=reviewer.id, now=applied_at + timedelta(days=3)
        )
    return len(CASES)
