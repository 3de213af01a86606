"""Each rule of entry where it counts: somebody is, or is not, put on the list, and the finding says why."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from portal.exams.models import Exam, Subject
from portal.exams.sittings import operations as planned
from portal.exams.sittings.entering import operations, queries
from portal.exams.sittings.entering.operations import Desk
from portal.people.models import Account, Ban, Role
from tests.exams.test_enter import STRICT
from tests.factories import RIGHT, County

SOON = timedelta(days=20)
MILD = STRICT | {
    "allowed_staffing": ["civil", "civil_equivalent", "institution"], "needs_establishment_check": False,
    "order": "none", "min_minutes": {},
}  # fmt: skip
WRONG = dict.fromkeys(RIGHT, "")


@pytest.fixture
def unit(county: County) -> Account:
    return county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))


def rules(county: County, **changed: Any) -> None:
    """From today on."""
    body = MILD | changed
    planned.add_policy(
        county.session, label="规则", effective_from=county.today, body=body, account_id=None, now=county.now
    )


def general(county: County, ago: int | None = None) -> Exam:
    return county.exam(opens_at=county.now + SOON if ago is None else county.now - timedelta(days=ago))


def professional(county: County, ago: int | None = None) -> Exam:
    opens = county.now + SOON if ago is None else county.now - timedelta(days=ago)
    return county.exam(subject=Subject.PROFESSIONAL, field="transport", opens_at=opens)


def missed(county: County, unit: Account, exam: Exam, officer: Account) -> list[tuple[str, str]]:
    """Rule and state of what keeps him off the list; nothing: he is entered."""
    post = queries.posts_of(county.session, unit, [officer.person_id])[officer.person_id]
    entered, others = operations.enter_people(
        county.session, exam, {officer.person_id: post.body_id}, sitting=None, desk=Desk(unit, False), now=county.now
    )
    found = [(f.rule, str(f.state)) for one in others for f in one.findings if not f.met]
    assert bool(entered) is not bool(found)
    assert all(f.because and f.source for one in others for f in one.findings)
    return found


# ---------- the order of subjects ----------
def test_general_law_first_where_the_rules_say_so(county: County, unit: Account):
    rules(county, order="general_first")
    officer = county.officer()
    assert missed(county, unit, professional(county), officer) == [("prior_subject", "not_met")]
    county.result(officer, general(county, 100))
    assert missed(county, unit, professional(county), officer) == []


def test_professional_law_first_where_the_rules_say_so(county: County, unit: Account):
    rules(county, order="professional_first")
    officer = county.officer()
    assert missed(county, unit, general(county), officer) == [("prior_subject", "not_met")]
    county.result(officer, professional(county, 100))
    assert missed(county, unit, general(county), officer) == []


def test_the_first_subject_failed_is_not_passed_and_one_not_published_is_waited_for(county: County, unit: Account):
    rules(county, order="general_first")
    failed, waits = county.officer(), county.officer("二", born=date(1991, 1, 1))
    county.result(failed, general(county, 100), WRONG)
    county.result(waits, general(county, 90), release=False)
    assert missed(county, unit, professional(county), failed) == [("prior_subject", "not_met")]
    assert missed(county, unit, professional(county), waits) == [("prior_subject", "needs_evidence")]


def test_without_an_order_either_comes_first(county: County, unit: Account):
    rules(county)
    officer = county.officer()
    assert missed(county, unit, general(county), officer) == []
    assert missed(county, unit, professional(county), officer) == []


# ---------- again ----------
def test_whoever_failed_is_entered_for_the_resit_and_whoever_passed_is_not(county: County, unit: Account):
    rules(county)
    failed, passed = county.officer(), county.officer("二", born=date(1991, 1, 1))
    first = general(county, 60)
    county.result(failed, first, WRONG)
    county.result(passed, first)
    resit = county.exam(opens_at=county.now + SOON, before={"resit_of_id": first.id})
    assert missed(county, unit, resit, failed) == []
    assert missed(county, unit, resit, passed) == [("not_passed", "not_met")]


def test_whose_result_is_not_published_waits_for_it(county: County, unit: Account):
    rules(county)
    officer = county.officer()
    county.result(officer, general(county, 60), release=False)
    assert missed(county, unit, general(county), officer) == [("not_passed", "needs_evidence")]


# ---------- bars ----------
@pytest.mark.parametrize(
    ("until", "lifted", "kept"),
    [(30, None, True), (SOON.days, None, True), (SOON.days - 1, None, False), (None, None, True), (None, 0, False)],
)
def test_a_bar_counts_on_the_day_of_the_exam(
    county: County, unit: Account, until: int | None, lifted: int | None, kept: bool
):
    rules(county)
    officer = county.officer()
    county.session.add(
        Ban(
            person_id=officer.person_id, act="cheating", since=county.today, reference="决定",
            until=None if until is None else county.today + timedelta(days=until),
            lifted_on=None if lifted is None else county.today,
        )
    )  # fmt: skip
    county.session.flush()
    assert missed(county, unit, general(county), officer) == ([("bar", "not_met")] if kept else [])


# ---------- hours ----------
@pytest.mark.parametrize(
    ("legal", "professional_minutes", "kept"), [(1200, 960, False), (1199, 960, True), (1200, 959, True)]
)
def test_the_hours_before_an_exam_are_those_of_the_rules(
    county: County, unit: Account, legal: int, professional_minutes: int, kept: bool
):
    rules(county, min_minutes={"legal": 1200, "professional": 960})
    officer = county.officer()
    county.hours(officer, legal=legal, professional=professional_minutes)
    assert missed(county, unit, general(county), officer) == ([("hours", "not_met")] if kept else [])


# ---------- staffing ----------
@pytest.mark.parametrize(
    ("post", "found"),
    [
        ({"staffing_type": "civil"}, []),
        ({"staffing_type": "institution"}, []),
        ({"staffing_type": "workman"}, [("staffing", "not_met")]),
        ({"staffing_type": "contract"}, [("staffing", "not_met")]),
        ({"staffing_type": "temporary"}, [("staffing", "not_met")]),
        ({"staffing_type": "dispatch"}, [("staffing", "not_met")]),
        ({"staffing_type": "seconded"}, [("staffing", "not_met")]),
        ({"on_establishment": False}, [("staffing", "not_met")]),
        ({"in_post": False}, [("in_post", "not_met")]),
    ],
)
def test_only_those_of_an_allowed_staffing_type_who_are_in_post_are_entered(
    county: County, unit: Account, post: dict[str, object], found: list[tuple[str, str]]
):
    rules(county)
    assert missed(county, unit, general(county), county.officer(**post)) == found


def test_a_post_that_was_not_compared_needs_evidence_where_the_rules_ask_for_it(county: County, unit: Account):
    rules(county, needs_establishment_check=True)
    officer = county.officer()
    assert missed(county, unit, general(county), officer) == [("staffing", "needs_evidence")]
    county.certified(officer)
    assert missed(county, unit, general(county), officer) == []
