"""A role for one field: its officers in every county and nobody else; a bureau sees every body of its county."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import NoResultFound

from portal.bank.models import QuestionBank
from portal.bank.queries import bank_in_scope, banks_readable
from portal.credentials import queries as credentials
from portal.exams.models import Subject
from portal.exams.queries import exam_figures, exam_in_scope
from portal.people.models import Account, BodyKind, Field, Level, PostField, Role
from portal.people.queries import person_in_scope
from portal.people.roster.queries import Filters, for_export, listed
from portal.people.rules import Permission
from portal.reports import queries as reports
from tests.duties.conftest import staff
from tests.factories import County


@pytest.fixture
def officers(county: County) -> dict[str, Account]:
    """A transport and a market officer in each of two counties, and one with both fields."""
    made, born = {}, 1970
    for name, city in (("here", county.city), ("there", county.other_city)):
        for field in ("transport", "market"):
            body = county.body(f"{city.name}{field}大队", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, city, [field])
            person = county.person(f"{name}-{field}", born=county.today.replace(year=born))
            born += 1
            county.post(person, body, field=field)
            made[f"{name}-{field}"] = county.account(person, Role.OFFICER, body)
    return made


def seen(county: County, account: Account) -> set[str]:
    """Whom the list shows; the export holds the same people."""
    shown = {post.person.name for post in listed(county.session, account, Filters(), page=1, size=50).posts}
    assert shown == {row[1] for rows in for_export(county.session, account, Filters()) for row in rows}
    return shown


def test_the_province_s_transport_department_sees_transport_officers_everywhere_and_nobody_else(county, officers):
    department = staff(county, Role.SUPERVISOR, county.province, Field.TRANSPORT)
    assert seen(county, department) == {"here-transport", "there-transport"}
    person_in_scope(county.session, department, Permission.SEE_ROSTER, officers["there-transport"].person_id)
    with pytest.raises(NoResultFound):
        person_in_scope(county.session, department, Permission.SEE_ROSTER, officers["here-market"].person_id)


def test_a_county_bureau_sees_every_body_of_its_county_and_no_other(county, officers):
    assert seen(county, staff(county, Role.BUREAU_CHECKER)) == {"here-transport", "here-market"}


def test_its_figures_count_its_officers_only(county, officers):
    department = staff(county, Role.SUPERVISOR, county.province, Field.TRANSPORT)
    rows = reports.units_below(county.session, department, county.province, None)
    assert {row.body.name: row.officers for row in rows} == {county.city.name: 1, county.other_city.name: 1}
    for name in ("transport", "market"):
        body = officers[f"here-{name}"].person.posts[0].body
        people = {p.name for p, _, _ in reports.people_of(county.session, department, body, None)}
        assert people == ({"here-transport"} if name == "transport" else set())


def test_its_queue_holds_its_field_only(county, officers):
    applications = {}
    for name, account in officers.items():
        applications[name] = county.application(account)
    whole = staff(county, Role.SUPERVISOR, county.province)
    department = staff(county, Role.SUPERVISOR, county.province, Field.TRANSPORT)
    unit = staff(county, Role.UNIT_ADMIN, county.city, Field.MARKET)
    for account, names in (
        (whole, set(applications)), (department, {"here-transport", "there-transport"}), (unit, {"here-market"}),
    ):  # fmt: skip
        rows, total = credentials.queue(county.session, account, "unit_review", page=1, size=50)
        assert {row[0].id for row in rows} == {applications[name].id for name in names}
        assert total == len(names) == credentials.waiting_counts(county.session, account)["unit_review"]
    with pytest.raises(NoResultFound):
        credentials.application_in_scope(county.session, department, applications["here-market"].id)


def test_a_post_with_a_second_field_does_not_show_the_application_in_its_first(county, officers):
    market = officers["here-market"]
    county.session.add(PostField(post_id=market.person.posts[0].id, field="transport"))
    application = county.application(market)
    department = staff(county, Role.SUPERVISOR, county.province, Field.TRANSPORT)
    assert "here-market" in seen(county, department)
    with pytest.raises(NoResultFound):
        credentials.application_in_scope(county.session, department, application.id)


def test_banks_of_its_field_only_and_general_law_belongs_to_all_fields(county: County):
    for code, field in (("GENERAL", None), ("TRANSPORT", "transport"), ("MARKET", "market")):
        bank = QuestionBank(code=code, title=code, body_id=county.province.id, field=field, created_at=county.now)
        county.session.add(bank)
    county.session.flush()
    writer = staff(county, Role.TRAINER, county.province, Field.TRANSPORT)
    assert [o.bank.code for o in banks_readable(county.session, writer) if o.writable] == ["TRANSPORT"]
    for code in ("GENERAL", "MARKET"):
        with pytest.raises(NoResultFound):
            bank_in_scope(county.session, writer, code)
    whole = staff(county, Role.TRAINER, county.province)
    assert sum(o.writable for o in banks_readable(county.session, whole)) == 3


def test_exams_of_its_field_only_and_general_law_belongs_to_all_fields(county: County):
    general = county.exam()
    transport = county.exam(subject=Subject.PROFESSIONAL, field="transport")
    market = county.exam(subject=Subject.PROFESSIONAL, field="market")
    admin = staff(county, Role.EXAM_ADMIN, county.province, Field.TRANSPORT)
    assert [exam.id for exam, _ in exam_figures(county.session, admin)] == [transport.id]
    for exam in (general, market):
        with pytest.raises(NoResultFound):
            exam_in_scope(county.session, admin, exam.id)
    assert exam_in_scope(county.session, staff(county, Role.EXAM_ADMIN, county.province), general.id) == general
