"""Legal advisers from outside: one human being once, seen only by the units they serve."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound

from portal.people.models import BodyKind, Level, Person, Role
from portal.people.registers import operations, queries
from portal.people.registers.models import AdviserAssignment, LegalAdviser
from portal.people.registers.operations import Outsider
from portal.people.roster.queries import Filters, listed
from portal.people.rules import check_digit
from tests.factories import County

FIRST17 = "22010219780909321"
LAWYER = Outsider("韩立新", FIRST17 + check_digit(FIRST17), "master", "吉林明德律师事务所", "12201201510123456")


@pytest.fixture
def admin(county: County):
    return county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))


def assign(county: County, admin, who: Outsider = LAWYER, body=None) -> AdviserAssignment:
    return operations.assign_adviser(
        county.session, who, body or county.transport, document="聘任合同", started_on=county.today, account=admin,
        now=county.now,
    )  # fmt: skip


def test_an_adviser_is_an_external_person_without_a_post(county: County, admin) -> None:
    person = assign(county, admin).adviser.person
    assert (person.external, person.posts, person.sex, person.birth_date) == (True, [], "m", date(1978, 9, 9))
    assert person.id_number() == LAWYER.id_number and LAWYER.id_number not in str(person.__dict__)
    shown = listed(county.session, admin, Filters(), page=1, size=50).posts
    assert person.id not in {post.person_id for post in shown}


def test_a_second_unit_finds_the_same_person_and_brings_the_firm_up_to_date(county: County, admin) -> None:
    there = county.body("集安市大队", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, county.other_city, ["transport"])
    other = county.staff(Role.UNIT_ADMIN, there, born=date(1981, 1, 1))
    assign(county, admin)
    assign(county, other, Outsider(LAWYER.name, LAWYER.id_number, "master", "长春新所", LAWYER.licence_number), there)
    assert county.session.scalar(select(func.count()).where(Person.external.is_(True))) == 1
    assert county.session.scalars(select(LegalAdviser.employer)).one() == "长春新所"


def test_an_officers_id_number_or_another_name_is_refused(county: County, admin) -> None:
    officer = county.officer().person
    with pytest.raises(operations.NotEntered):
        assign(county, admin, Outsider(officer.name, officer.id_number(), "master", "所", "1"))
    assign(county, admin)
    with pytest.raises(operations.NotEntered):
        assign(county, admin, Outsider("别人", LAWYER.id_number, "master", "所", "1"))


def test_a_wrong_id_number_is_refused(county: County, admin) -> None:
    wrong = FIRST17 + ("0" if check_digit(FIRST17) != "0" else "1")
    with pytest.raises(operations.NotEntered):
        assign(county, admin, Outsider("韩立新", wrong, "master", "所", "1"))


def test_one_unit_has_an_adviser_once_at_a_time_and_history_stays(county: County, admin) -> None:
    row = assign(county, admin)
    with pytest.raises(operations.NotEntered):
        assign(county, admin)
    operations.end_assignment(county.session, row, ended_on=county.today, account=admin, now=county.now)
    assign(county, admin)
    assert queries.assignments(county.session, admin, True, page=1, size=9)[1] == 1
    assert queries.assignments(county.session, admin, False, page=1, size=9)[1] == 1


def test_an_adviser_is_seen_only_by_the_units_he_serves_and_those_above(county: County, admin) -> None:
    row = assign(county, admin)
    there = county.body("集安市大队", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, county.other_city, ["transport"])
    stranger = county.staff(Role.UNIT_ADMIN, there, born=date(1981, 1, 1))
    above = county.staff(Role.SUPERVISOR, county.city, born=date(1982, 1, 1))
    assert queries.assignments(county.session, stranger, False, page=1, size=9) == ([], 0)
    assert [a.id for a in queries.assignments(county.session, above, False, page=1, size=9)[0]] == [row.id]
    for account in (stranger, above):
        with pytest.raises(NoResultFound):
            queries.assignment_to_end(county.session, account, row.id)
    with pytest.raises(NoResultFound):
        queries.body_by_name(county.session, stranger, county.transport.name, county.today)
