"""Each named case fails exactly the rule it is named for; one meets all twelve."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from portal.credentials.desks import raised_to, turn
from portal.credentials.models import Application, ApplicationState, Eligibility, Notice, Outcome
from portal.credentials.operations import RulesNotMet, decide
from portal.credentials.queries import queue
from portal.demo.accounts import accounts, by_username
from portal.demo.cast import CASES, STAFF
from portal.exams.models import Entry, Exam, ExamKind
from portal.exams.operations import start
from portal.exams.queries import entered_exams, results_of
from portal.people.models import Account, Grant, Person, Role
from tests.conftest import NOON
from tests.demo.conftest import Demo


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_a_case_fails_its_own_rule_and_no_other(unmet, case):
    also = ["general_pass"] if case.key == "provisional_result" else []  # a provisional mark is told to nobody
    assert unmet(case.key) == also + ([case.fails] if case.fails else [])


def test_every_one_of_the_twelve_rules_has_its_case(unmet):
    assert {case.fails for case in CASES} - {None} == {
        "identity", "body", "establishment", "in_post", "conduct", "hours", "general_pass", "professional_pass",
        "exemption", "no_bar", "final", "opinions",
    }


def test_all_applications_lie_on_one_desk(reading: Session):
    staff = by_username(reading)
    waiting = ApplicationState.BUREAU_REVIEW
    rows, total = queue(reading, staff["bureau"], waiting, page=1, size=50)
    assert total == len(rows) == len(CASES) - 1
    assert queue(reading, staff["bureau2"], waiting, page=1, size=50) == ([], 0)
    assert queue(reading, staff["bureau"], ApplicationState.UNIT_REVIEW, page=1, size=50)[1] == 1


def _application(session: Session, key: str) -> Application:
    number = next(case.number for case in CASES if case.key == key)
    found = select(Application).join(Person, Person.id == Application.person_id)
    return session.scalars(found.where(Person.personnel_number == number)).one()


def test_the_bureau_can_record_the_ready_one_and_only_him(demo: Demo):
    with demo.db.writing() as session:
        checker = by_username(session)["bureau"].id
        for case in CASES:
            application = _application(session, case.key)
            if case.fails is None:
                decide(session, application, outcome=Outcome.ELIGIBLE, opinion="", account_id=checker, now=NOON)
            elif application.state == ApplicationState.BUREAU_REVIEW and case.key != "own_case":
                with pytest.raises(RulesNotMet):
                    decide(session, application, outcome=Outcome.ELIGIBLE, opinion="", account_id=checker, now=NOON)
        assert session.scalar(select(func.count()).select_from(Eligibility)) == 1
        assert session.scalars(select(Notice)).one().printed["name"] == "韩松年"
        session.rollback()


def test_the_officer_of_the_tour_may_sit_the_open_exam_now(demo: Demo):
    with demo.db.writing() as session:
        person = session.scalars(select(Person).where(Person.personnel_number == "MHK001")).one()
        exam, entry = next(
            (e, n) for e, n in entered_exams(session, person.id)
            if e.kind == ExamKind.QUALIFICATION and e.opens_at <= NOON < e.closes_at
        )
        assert exam.subject == "general_law"
        assert start(session, exam, entry, now=NOON).deadline_at == NOON + timedelta(minutes=exam.minutes)
        session.rollback()


def test_the_monthly_champion_has_full_marks_and_no_pass(reading: Session):
    person = reading.scalars(select(Person).where(Person.personnel_number == "MHK017")).one()
    marks = [r.mark for exam, _, r in results_of(reading, person.id) if exam.kind == ExamKind.MONTHLY]
    assert marks == [10000] * 3


def test_every_listed_account_is_there_with_its_role(reading: Session):
    listed = accounts(reading)
    assert len(listed) == len(CASES) + len(STAFF)
    assert all(row["name"] and row["note"] and row["password"] for row in listed)
    found = {
        account.username: {grant.role for grant in account.grants}
        for account in reading.scalars(select(Account).options(selectinload(Account.grants).joinedload(Grant.body)))
    }
    assert all(found[row["username"]] == {row["role"]} for row in listed)
    assert {row["role"] for row in listed} == {str(role) for role in Role}


def test_the_one_checker_s_own_opinion_sends_the_case_one_level_up(reading: Session):
    staff = by_username(reading)
    application = _application(reading, "own_case")
    holder = turn(reading, application)
    assert holder.raised
    assert holder.persons == {staff["bureauup"].person_id}
    assert raised_to(reading, staff["bureauup"]) == [application.id]
    assert not turn(reading, _application(reading, "eligible_ready")).raised


def test_open_exams_have_candidates_who_have_not_sat_yet(reading: Session):
    running = reading.scalars(select(Exam).where(Exam.opens_at <= NOON, Exam.closes_at > NOON)).all()
    assert len(running) == 6
    for exam in running:
        assert reading.scalar(select(func.count()).select_from(Entry).where(Entry.exam_id == exam.id))
