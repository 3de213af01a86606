"""Reviewers of decisions: who may review penalty decisions, and who sees the register."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, NoResultFound

from portal.ground.models import AuditLine
from portal.people.identity import OwnCase
from portal.people.models import BodyKind, Level, Role
from portal.people.registers import operations, queries
from portal.people.registers.models import LegalReviewer
from portal.people.registers.operations import Qualification
from portal.people.registers.rules import SOURCE, ReviewerCase, legal_qualification
from portal.people.rules import Permission
from tests.factories import County

LATE, EARLY = date(2023, 3, 1), date(2016, 5, 1)


def case(**changed: object) -> ReviewerCase:
    values = {
        "penalties": True, "first_on": LATE, "first_document": "", "number": "A20202205810001",
        "qualified_on": date(2020, 10, 1), "document": "证书复印件", **changed,
    }  # fmt: skip
    return ReviewerCase(**values)  # type: ignore[arg-type]


def facts(**changed: object) -> Qualification:
    values = {
        "first_on": LATE, "first_document": "", "penalties": True, "qualification_number": "",
        "qualification_on": None, "qualification_document": "", **changed,
    }  # fmt: skip
    return Qualification(**values)  # type: ignore[arg-type]


def test_a_proven_certificate_is_met_with_its_source_and_evidence() -> None:
    finding = legal_qualification(case())
    assert (finding.state, finding.source) == ("met", SOURCE)
    assert finding.evidence == (("Certificate", "A20202205810001 证书复印件"),)


def test_whoever_took_it_up_since_2018_without_a_certificate_does_not_meet_it() -> None:
    finding = legal_qualification(case(number="", qualified_on=None, document=""))
    assert finding.state == "not_met" and finding.remedy
    assert legal_qualification(case(first_on=date(2018, 1, 1), number="")).state == "not_met"


@pytest.mark.parametrize("missing", [{"qualified_on": None}, {"document": ""}])
def test_a_number_without_day_or_document_needs_evidence(missing: dict[str, object]) -> None:
    assert legal_qualification(case(**missing)).state == "needs_evidence"


def test_whoever_reviewed_before_2018_is_not_asked_but_shows_since_when() -> None:
    assert legal_qualification(case(first_on=date(2017, 12, 31), first_document="任命文件", number="")).state == "met"
    assert legal_qualification(case(first_on=EARLY, number="")).state == "needs_evidence"


def test_reviewers_of_other_decisions_are_not_asked() -> None:
    assert legal_qualification(case(penalties=False, number="")).state == "met"


def test_a_later_certificate_says_that_earlier_reviews_were_without_it() -> None:
    assert "without it" in legal_qualification(case(qualified_on=date(2024, 1, 1))).because


def test_the_list_of_those_who_lack_it_agrees_with_the_rule_in_every_case(county: County) -> None:
    rows = []
    days = (LATE, EARLY, date(2018, 1, 1))
    choices = product((True, False), days, ("", "任命"), ("", "A1"), (None, LATE), ("", "复印"))
    person = county.person()
    for penalties, first_on, first_document, number, on, document in choices:
        row = LegalReviewer(
            person_id=person.id, body_id=county.transport.id, first_on=first_on, first_document=first_document,
            penalties=penalties, qualification_number=number, qualification_on=on, qualification_document=document,
            started_on=LATE, ended_on=LATE, entered_at=county.now,
        )  # fmt: skip
        rows.append(row)
    county.session.add_all(rows)
    county.session.flush()
    lacking = set(county.session.scalars(select(LegalReviewer.id).where(queries.lacking())))
    assert lacking == {r.id for r in rows if not legal_qualification(queries.case_of(r)).met}
    assert 0 < len(lacking) < len(rows)


def test_nobody_enters_or_proves_his_own_qualification(county: County) -> None:
    admin = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
    second = county.staff(Role.UNIT_ADMIN, county.city, born=date(1981, 1, 1))
    step = {"account": admin, "now": county.now}
    with pytest.raises(OwnCase):
        operations.enter_reviewer(county.session, admin.person, county.transport, facts(), **step)
    row = operations.enter_reviewer(
        county.session, admin.person, county.transport, facts(), account=second, now=county.now
    )
    with pytest.raises(OwnCase):
        operations.change_reviewer(county.session, row, facts(qualification_number="A1"), version=1, **step)
    with pytest.raises(OwnCase):
        operations.end_reviewer(county.session, row, ended_on=county.today, **step)


def test_an_entry_is_made_once_per_unit_and_ends_once(county: County) -> None:
    officer = county.officer().person
    admin = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
    row = operations.enter_reviewer(
        county.session, officer, county.transport, facts(), account=admin, now=county.now
    )
    with pytest.raises(operations.NotEntered):
        operations.enter_reviewer(county.session, officer, county.transport, facts(), account=admin, now=county.now)
    operations.end_reviewer(county.session, row, ended_on=county.today, account=admin, now=county.now)
    with pytest.raises(operations.NotEntered):
        operations.end_reviewer(county.session, row, ended_on=county.today, account=admin, now=county.now)
    again = operations.enter_reviewer(
        county.session, officer, county.transport, facts(), account=admin, now=county.now
    )
    assert again.id != row.id and row.ended_on == county.today


def test_a_day_in_the_future_is_refused(county: County) -> None:
    officer = county.officer().person
    admin = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
    for wrong in (facts(first_on=date(2027, 1, 1)), facts(qualification_document="复印件")):
        with pytest.raises(operations.NotEntered):
            operations.enter_reviewer(county.session, officer, county.transport, wrong, account=admin, now=county.now)


def test_the_second_of_two_who_change_an_entry_is_told(county: County) -> None:
    officer = county.officer().person
    admin = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
    row = operations.enter_reviewer(county.session, officer, county.transport, facts(), account=admin, now=county.now)
    proven = facts(qualification_number="A1", qualification_on=LATE, qualification_document="复印件")
    operations.change_reviewer(county.session, row, proven, version=1, account=admin, now=county.now)
    with pytest.raises(operations.ChangedMeanwhile):
        operations.change_reviewer(county.session, row, facts(), version=1, account=admin, now=county.now)
    assert row.qualification_number == "A1"
    acts = county.session.scalars(select(AuditLine.act).where(AuditLine.object_kind == "legal_reviewer")).all()
    assert acts == ["reviewer_entered", "reviewer_changed"]


def test_an_entry_is_never_removed(county: County) -> None:
    admin = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
    operations.enter_reviewer(
        county.session, county.officer().person, county.transport, facts(), account=admin, now=county.now
    )
    with pytest.raises(DatabaseError, match="keeps its rows"):
        county.session.execute(text("DELETE FROM legal_reviewer"))


def test_the_register_is_seen_only_in_the_scope_of_its_unit(county: County) -> None:
    admin = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
    row = operations.enter_reviewer(
        county.session, county.officer().person, county.transport, facts(), account=admin, now=county.now
    )
    there = county.body("集安市大队", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, county.other_city, ["transport"])
    stranger = county.staff(Role.UNIT_ADMIN, there, born=date(1981, 1, 1))
    reader = county.staff(Role.SUPERVISOR, county.city, born=date(1982, 1, 1))
    for permission in (Permission.SEE_ROSTER, Permission.EDIT_PERSON):
        with pytest.raises(NoResultFound):
            queries.reviewer_in_scope(county.session, stranger, row.id, permission)
    with pytest.raises(NoResultFound):
        queries.reviewer_in_scope(county.session, reader, row.id, Permission.EDIT_PERSON, hold=True)
    assert queries.reviewers(county.session, reader, "lacking", page=1, size=9)[1] == 1
    assert queries.reviewers(county.session, stranger, "running", page=1, size=9) == ([], 0)
    with pytest.raises(NoResultFound):
        queries.officer_by_number(county.session, stranger, row.person.personnel_number)
