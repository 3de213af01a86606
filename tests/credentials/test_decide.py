"""Recording eligibility: twelve rules, every one of them able to stop it, and the database behind them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal.credentials import operations, queries
from portal.credentials.models import Decision, Eligibility, Notice, Outcome
from portal.credentials.rules import RULES
from portal.exams import operations as exams
from portal.exams.models import ExamKind, Result, ScoreReview, Subject
from portal.ground import audit
from portal.ground.rules import judge
from portal.people.duties.operations import take_step
from portal.people.models import (
    Appraisal,
    Ban,
    ConductStatement,
    EstablishmentCheck,
    Exemption,
    IdentityCheck,
    Role,
)
from portal.training import operations as training
from portal.training.models import HoursEntry
from tests.factories import County


def failing(county: County, application, checker) -> set[str]:
    """The rules that are not met, as the checker would see them."""
    case, _ = queries.case_for(county.session, application, checker_account=checker.id, now=county.now)
    return {f.rule for f in judge(case, RULES) if not f.met}


def decide(county: County, application, checker, outcome=Outcome.ELIGIBLE, opinion="同意"):
    return operations.decide(
        county.session, application, outcome=outcome, opinion=opinion, account_id=checker.id, now=county.now
    )


def test_whoever_meets_all_twelve_rules_is_recorded_with_a_notice(county: County):
    _, application, checker = county.ready()
    assert failing(county, application, checker) == set()
    decision = decide(county, application, checker)
    assert [f.state for f in decision.findings] == ["met"] * 12
    eligibility = county.session.scalars(select(Eligibility)).one()
    assert eligibility.decision_id == decision.id
    notice = county.session.scalars(select(Notice)).one()
    assert notice.printed["name"] == "周雅琴"


def test_the_first_day_and_the_last_day_make_whole_years():
    assert queries.years_later(date(2026, 9, 19), 5) == date(2031, 9, 18)
    assert queries.years_later(date(2024, 2, 29), 1) == date(2025, 2, 28)


def no_photo(c: County, officer, application) -> None:
    row = IdentityCheck(
        person_id=officer.person_id, checked_on=c.today, photo_meets_standard=False, reference="照片不合格"
    )
    c.session.add(row)


def unconfirmed_body(c: County, officer, application) -> None:
    c.transport.confirmed_on = None


def contract_staff(c: County, officer, application) -> None:
    officer.person.posts[-1].staffing_type = "contract"


def off_establishment(c: County, officer, application) -> None:
    officer.person.posts[-1].on_establishment = False


def establishment_disagrees(c: County, officer, application) -> None:
    post = officer.person.posts[-1]
    c.session.add(EstablishmentCheck(post_id=post.id, checked_on=c.today, agrees=False, reference="查无此人"))


def not_in_post(c: County, officer, application) -> None:
    officer.person.posts[-1].in_post = False


def too_old(c: County, officer, application) -> None:
    officer.person.birth_date = date(1960, 1, 1)


def incompetent(c: County, officer, application) -> None:
    row = Appraisal(person_id=officer.person_id, year=c.today.year - 1, grade="incompetent", reference="考核表")
    c.session.add(row)


def under_investigation(c: County, officer, application) -> None:
    row = ConductStatement(person_id=officer.person_id, stated_on=c.today, clean=False, reference="立案")
    c.session.add(row)


def hours_taken_back(c: County, officer, application) -> None:
    entry = c.session.scalars(select(HoursEntry).filter_by(kind="legal")).one()
    training.reverse_hours(c.session, entry, reason="重复登记", account_id=officer.id, now=c.now)


def general_voided(c: County, officer, application) -> None:
    result = c.session.scalars(select(Result).order_by(Result.id)).first()
    exams.void(c.session, result, reason="冒名", now=c.now, account_id=officer.id)


def claimed_exemption(c: County, officer, application) -> None:
    row = Exemption(person_id=officer.person_id, subject="general_law", kind="old_credential", reference="旧证")
    c.session.add(row)


def banned(c: County, officer, application) -> None:
    row = Ban(
        person_id=officer.person_id, act="cheating", since=c.today, until=c.today + timedelta(days=365),
        reference="禁考决定",
    )  # fmt: skip
    c.session.add(row)


def review_open(c: County, officer, application) -> None:
    result = c.session.scalars(select(Result).order_by(Result.id)).first()
    c.session.add(ScoreReview(result_id=result.id, opened_at=c.now, ground="第 3 题"))


def old_posts_check(c: County, officer, application) -> None:
    day = c.today - timedelta(days=366)
    post = officer.person.posts[-1]
    c.session.add(EstablishmentCheck(post_id=post.id, checked_on=day, agrees=True, reference="上年名单"))


def old_statement(c: County, officer, application) -> None:
    day = c.today - timedelta(days=366)
    c.session.add(ConductStatement(person_id=officer.person_id, stated_on=day, clean=True, reference="上年证明"))


def too_little_education(c: County, officer, application) -> None:
    officer.person.education = "secondary"


def fact_in_recheck(c: County, officer, application) -> None:
    audit.fact_changed(c.session, officer.person_id, "post", 1, now=c.now)


def unconfirmed_document(c: County, officer, application) -> None:
    row = Exemption(
        person_id=officer.person_id, subject="general_law", kind="old_credential", reference="旧证",
        approved_on=c.today,
    )  # fmt: skip
    c.session.add(row)


SPOILERS: list[tuple[Callable, str]] = [
    (no_photo, "identity"),
    (unconfirmed_body, "body"),
    (contract_staff, "establishment"),
    (off_establishment, "establishment"),
    (establishment_disagrees, "establishment"),
    (not_in_post, "in_post"),
    (too_old, "in_post"),
    (incompetent, "conduct"),
    (under_investigation, "conduct"),
    (hours_taken_back, "hours"),
    (general_voided, "general_pass"),
    (claimed_exemption, "exemption"),
    (banned, "no_bar"),
    (review_open, "final"),
    (old_posts_check, "establishment"),
    (old_statement, "conduct"),
    (too_little_education, "in_post"),
    (fact_in_recheck, "final"),
    (unconfirmed_document, "exemption"),
]


@pytest.mark.parametrize(("spoil", "rule"), SPOILERS, ids=[s.__name__ for s, _ in SPOILERS])
def test_one_spoiled_fact_stops_the_record(county: County, spoil, rule):
    officer, application, checker = county.ready()
    spoil(county, officer, application)
    county.session.flush()
    assert rule in failing(county, application, checker)
    with pytest.raises(operations.RulesNotMet):
        decide(county, application, checker)
    assert not county.session.scalars(select(Decision)).all()
    assert not county.session.scalars(select(Eligibility)).all()


def test_a_pass_whose_candidate_nobody_identified_waits(county: County):
    officer = county.officer()
    county.result(officer, county.exam(), identity=False)
    unit = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
    application = county.application(officer, unit=unit)
    case, _ = queries.case_for(county.session, application, checker_account=unit.id, now=county.now)
    assert {f.rule: f.state for f in judge(case, RULES)}["general_pass"] == "needs_evidence"


def test_an_exemption_of_another_field_neither_helps_nor_hinders(county: County):
    officer, application, checker = county.ready()
    row = Exemption(
        person_id=officer.person_id, subject="professional_law", field="market", kind="old_credential", reference="旧证"
    )
    county.session.add(row)
    county.session.flush()
    assert failing(county, application, checker) == set()


def test_a_new_title_on_the_same_post_changes_no_verdict(county: County):
    officer, application, checker = county.ready()
    old = officer.person.posts[-1]
    old.ended_on = county.today
    new = county.post(officer.person, title="中队长")
    county.session.add(
        EstablishmentCheck(post_id=new.id, checked_on=county.today, agrees=True, reference="核编名单")
    )
    county.session.flush()
    assert failing(county, application, checker) == set()


def test_a_pass_in_another_field_is_no_pass_here(county: County):
    officer = county.officer()
    county.result(officer, county.exam(subject=Subject.PROFESSIONAL, field="market"))
    unit = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
    checker = county.staff(Role.BUREAU_CHECKER, county.city, born=date(1981, 1, 1))
    case, _ = queries.case_for(
        county.session, county.application(officer, unit=unit), checker_account=checker.id, now=county.now
    )
    finding = {f.rule: f for f in judge(case, RULES)}["professional_pass"]
    assert "another field" in finding.because


def test_a_monthly_exam_never_counts_as_the_qualification_pass(county: County):
    officer = county.officer()
    county.result(officer, county.exam(ExamKind.MONTHLY, release_at_once=True))
    assert queries.passes_of(county.session, officer.person_id) == ()


def test_an_expired_pass_is_no_pass(county: County):
    officer = county.officer()
    county.certified(officer)
    county.hours(officer)
    county.passes(officer, months_ago=70)
    unit = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
    checker = county.staff(Role.BUREAU_CHECKER, county.city, born=date(1981, 1, 1))
    application = county.application(officer, unit=unit)
    assert failing(county, application, checker) == {"general_pass", "professional_pass"}


def test_nobody_decides_what_he_agreed_to_for_the_unit(county: County):
    officer = county.officer()
    county.certified(officer)
    county.hours(officer)
    county.passes(officer)
    both = county.staff(Role.BUREAU_CHECKER, county.city, born=date(1981, 1, 1))
    application = county.application(officer, unit=both)
    assert failing(county, application, both) == {"opinions"}
    with pytest.raises(operations.OwnCase):
        decide(county, application, both)


def test_nobody_decides_his_own_case(county: County):
    officer, application, _ = county.ready()
    with pytest.raises(operations.OwnCase):
        decide(county, application, officer)


def test_a_refusal_needs_its_reason_and_records_no_eligibility(county: County):
    _, application, checker = county.ready()
    with pytest.raises(operations.ReasonMissing):
        decide(county, application, checker, Outcome.NOT_ELIGIBLE, " ")
    decide(county, application, checker, Outcome.NOT_ELIGIBLE, "材料不实")
    assert not county.session.scalars(select(Eligibility)).all()


def insert_eligibility(county: County, decision_id: int, **changed: object) -> None:
    decision = county.session.get(Decision, decision_id)
    values = {
        "p": decision.person_id, "k": decision.kind, "f": decision.field, "b": "decision", "d": decision.id,
        "i": decision.valid_from.isoformat(), "u": decision.valid_until.isoformat(), **changed,
    }  # fmt: skip
    casts = ":i, :u" if county.session.bind.dialect.name == "sqlite" else "cast(:i as date), cast(:u as date)"
    sql = f"INSERT INTO eligibility (person_id, kind, field, basis, decision_id, issued_on, valid_until)\
 VALUES (:p, :k, :f, :b, :d, {casts})"
    with county.session.begin_nested():
        county.session.execute(text(sql), values)


def test_the_database_itself_refuses_eligibility_after_a_refusal(county: County):
    _, application, checker = county.ready()
    decision = decide(county, application, checker, Outcome.NOT_ELIGIBLE, "材料不实")
    with pytest.raises(DBAPIError, match="no positive decision"):
        insert_eligibility(county, decision.id)


def test_the_database_refuses_another_person_field_day_or_basis(county: County):
    officer, application, checker = county.ready()
    decision = decide(county, application, checker)
    other = county.person(born=date(1970, 7, 7))
    after = (decision.valid_until + timedelta(days=1)).isoformat()
    for changed in ({"p": other.id}, {"f": "market"}, {"i": after}, {"u": after}, {"b": "favour"}):
        with pytest.raises(DBAPIError, match="no positive decision"):
            insert_eligibility(county, decision.id, **changed)


def test_the_database_refuses_a_forged_positive_decision_without_twelve_findings(county: County):
    _, application, checker = county.ready()
    case, policy = queries.case_for(county.session, application, checker_account=checker.id, now=county.now)
    forged = Decision(
        application_id=application.id, person_id=application.person_id, kind="enforcement",
        field=application.field, outcome="eligible", opinion="", policy_id=policy.id, facts={}, facts_sha256="0" * 64,
        decided_at=county.now, account_id=checker.id, valid_from=county.today,
        valid_until=county.today + timedelta(days=10),
    )  # fmt: skip
    take_step(county.session, "decide", "application", application.id, account=checker, now=county.now)
    county.session.add(forged)
    application.state = "decided"
    county.session.flush()
    with pytest.raises(DBAPIError, match="twelve rules"):
        insert_eligibility(county, forged.id)


def test_the_database_refuses_a_decision_of_somebody_who_has_not_taken_that_duty(county: County):
    _, application, checker = county.ready()
    row = Decision(
        application_id=application.id, person_id=application.person_id, kind="enforcement",
        field=application.field, outcome="eligible", opinion="", policy_id=1, facts={}, facts_sha256="0" * 64,
        decided_at=county.now, account_id=checker.id, valid_from=county.today, valid_until=county.today,
    )  # fmt: skip
    county.session.add(row)
    with pytest.raises(DBAPIError, match="whoever decides"):
        county.session.flush()


def test_a_changed_fact_puts_the_record_under_recheck_at_once_and_suspends_it_after(county: County):
    officer, application, checker = county.ready()
    decide(county, application, checker)
    general_voided(county, officer, application)
    eligibility = county.session.scalars(select(Eligibility)).one()
    assert queries.in_recheck(county.session, officer.person_id) == 1
    assert operations.recheck(county.session, officer.person_id, now=county.now) == 1
    assert queries.standing_events(county.session, eligibility.id)[-1].kind == "suspended"
    assert operations.recheck(county.session, officer.person_id, now=county.now) == 0
