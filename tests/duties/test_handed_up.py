"""上提办理: where nobody at the right level may take a step, it is the next level's turn, and says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import NoResultFound

from portal.credentials import desks, operations, queries
from portal.credentials.models import Application, Outcome
from portal.people.duties import gaps, grants
from portal.people.duties.operations import SamePerson
from portal.people.duties.queries import holder_of_step, steps_about
from portal.people.models import Account, Body, BodyKind, Field, Level, Role
from portal.people.rules import Permission
from tests.counting import counted
from tests.duties.conftest import staff
from tests.duties.crowd import crowd
from tests.factories import County

STEPS_A_ROW = 12  # calls for a waiting row: it is fetched and put to its like; finding its holder takes far more


@pytest.fixture
def department(county: County) -> Body:
    """The province's own justice department, above the county's bureau."""
    return county.body("吉林省司法厅", BodyKind.JUSTICE_BUREAU, Level.PROVINCE, county.province)


def waiting(county: County, unit: Account) -> Application:
    """An application that meets every rule, the unit's opinion given by `unit`."""
    officer = county.officer()
    county.certified(officer)
    county.hours(officer)
    county.passes(officer)
    return county.application(officer, unit=unit)


def decide(county: County, application: Application, account: Account):
    return operations.decide(
        county.session, desks.to_decide(county.session, account, application.id), outcome=Outcome.ELIGIBLE,
        opinion="同意", account_id=account.id, now=county.now,
    )  # fmt: skip


def test_the_county_decides_itself_while_it_can(county: County, department: Body):
    unit, checker = staff(county, Role.UNIT_ADMIN, county.transport), staff(county, Role.BUREAU_CHECKER)
    above = staff(county, Role.BUREAU_CHECKER, county.province)
    application = waiting(county, unit)
    turn = desks.turn(county.session, application)
    assert (turn.body_id, turn.raised, turn.persons) == (county.bureau.id, False, {checker.person_id})
    assert desks.raised_to(county.session, above) == []
    with pytest.raises(NoResultFound):
        desks.to_decide(county.session, above, application.id)
    decide(county, application, checker)


def test_the_only_checker_who_gave_the_opinion_sends_it_up(county: County, department: Body):
    checker, above = staff(county, Role.BUREAU_CHECKER), staff(county, Role.BUREAU_CHECKER, county.province)
    application = waiting(county, checker)
    turn = desks.turn(county.session, application)
    assert (turn.body_id, turn.raised, turn.persons) == (department.id, True, {above.person_id})
    assert desks.raised_to(county.session, above) == [application.id]
    assert desks.acts_on(above, application, turn)
    assert not desks.acts_on(checker, application, turn)
    with pytest.raises(SamePerson):
        decide(county, application, checker)
    decide(county, application, above)
    last = steps_about(county.session, "application", application.id)[-1]
    assert (last.step, last.raised, last.body_id) == ("decide", True, department.id)


def test_a_second_checker_keeps_it_in_the_county(county: County, department: Body):
    checker, second = staff(county, Role.BUREAU_CHECKER), staff(county, Role.BUREAU_CHECKER)
    staff(county, Role.BUREAU_CHECKER, county.province)
    turn = desks.turn(county.session, waiting(county, checker))
    assert (turn.raised, turn.persons) == (False, {second.person_id})


def test_no_checker_at_all_one_gone_or_one_of_another_field(county: County, department: Body):
    above = staff(county, Role.BUREAU_CHECKER, county.province)
    application = waiting(county, staff(county, Role.UNIT_ADMIN, county.transport))
    assert desks.turn(county.session, application).raised
    checker = staff(county, Role.BUREAU_CHECKER)
    assert not desks.turn(county.session, application).raised
    grants.revoke_role(county.session, checker.grants[0], reason="调离", by=None, now=county.now)
    assert desks.turn(county.session, application).raised
    disabled = staff(county, Role.BUREAU_CHECKER)
    disabled.disabled_at = county.now
    staff(county, Role.BUREAU_CHECKER, field=Field.MARKET)
    late = staff(county, Role.LEADER)
    grants.grant_role(
        county.session, late, Role.BUREAU_CHECKER, county.city, starts_on=county.today + timedelta(days=1),
        reason="任命", by=None, now=county.now,
    )  # fmt: skip
    turn = desks.turn(county.session, application)
    assert (turn.raised, turn.persons) == (True, {above.person_id})


def test_the_deputy_of_whoever_may_not_may_not_either(county: County, department: Body):
    checker, above = staff(county, Role.BUREAU_CHECKER), staff(county, Role.BUREAU_CHECKER, county.province)
    deputy = staff(county, Role.LEADER)
    day = timedelta(days=3)
    grants.stand_in(
        county.session, checker.grants[0], deputy, starts_on=county.today, ends_on=county.today + day,
        reason="休假", by=checker, now=county.now,
    )  # fmt: skip
    county.session.refresh(deputy, ["grants"])
    application = waiting(county, checker)
    assert desks.turn(county.session, application).persons == {above.person_id}
    with pytest.raises(SamePerson):
        decide(county, application, deputy)


def test_a_deputy_decides_and_it_shows(county: County):
    unit, checker = staff(county, Role.UNIT_ADMIN, county.transport), staff(county, Role.BUREAU_CHECKER)
    deputy = staff(county, Role.LEADER)
    grants.stand_in(
        county.session, checker.grants[0], deputy, starts_on=county.today, ends_on=county.today,
        reason="公差", by=checker, now=county.now,
    )  # fmt: skip
    county.session.refresh(deputy, ["grants"])
    application = waiting(county, unit)
    decide(county, application, deputy)
    taken = desks.taken_by(county.session, application)
    assert taken[deputy.id, county.now].on_behalf_of_id == checker.person_id


def test_where_nobody_is_left_it_stays_and_nobody_may(county: County):
    checker = staff(county, Role.BUREAU_CHECKER)
    turn = desks.turn(county.session, waiting(county, checker))
    assert (turn.body_id, turn.raised, turn.persons) == (county.bureau.id, False, frozenset())


def test_the_unit_s_only_administrator_does_not_speak_for_himself(county: County):
    own = staff(county, Role.UNIT_ADMIN, county.transport)
    county.post(own.person)
    above = staff(county, Role.UNIT_ADMIN)
    application = operations.apply(county.session, own.person, account_id=own.id, now=county.now)
    turn = desks.turn(county.session, application)
    assert (turn.body_id, turn.raised, turn.persons) == (county.city.id, True, {above.person_id})
    assert desks.raised_to(county.session, above) == [application.id]
    with pytest.raises(SamePerson):
        operations.unit_agree(county.session, application, opinion="同意", account_id=own.id, now=county.now)
    operations.unit_agree(county.session, application, opinion="同意", account_id=above.id, now=county.now)
    assert steps_about(county.session, "application", application.id)[-1].raised


def test_a_step_asked_for_one_by_one(county: County, department: Body):
    only = staff(county, Role.UNIT_ADMIN, county.transport)
    staff(county, Role.UNIT_ADMIN)
    ask = (county.session, Permission.UNIT_REVIEW, county.transport, "transport")
    assert holder_of_step(*ask, []) == (county.transport, False)
    assert holder_of_step(*ask, [only.person_id]) == (county.city, True)


def test_a_hundred_cases_cost_no_more_statements_than_one(web_county: County, statements):
    unit = staff(web_county, Role.UNIT_ADMIN, web_county.transport)
    staff(web_county, Role.BUREAU_CHECKER)
    found = [web_county.application(web_county.officer(born=web_county.today.replace(year=1950 + n)), unit=unit)
             for n in range(12)]  # fmt: skip
    counts = []
    for number in (1, 12):
        statements.clear()
        desks.turns(web_county.session, found[:number])
        counts.append(len(statements))
    assert counts[1] <= counts[0] <= 6


class TestUnitsShortOfPeople:
    def found(self, county: County) -> dict[tuple[str, str], tuple[int, str | None]]:
        found = gaps.lacking(county.session, None)
        above = gaps.instead(county.session, found)
        return {(gap.body, gap.step): (gap.persons, above.get((gap.body_id, gap.step))) for gap in found}

    def test_one_or_nobody_is_short_and_it_is_said_who_takes_over(self, county: County, department: Body):
        staff(county, Role.BUREAU_CHECKER)
        staff(county, Role.BUREAU_CHECKER, county.province)
        staff(county, Role.UNIT_ADMIN)
        found = self.found(county)
        assert found[county.bureau.name, "bureau_decision"] == (1, department.name)
        assert found[department.name, "bureau_decision"] == (1, None)
        assert found[county.transport.name, "unit_opinion"] == (0, county.city.name)

    def test_two_are_enough(self, county: County):
        for _ in range(2):
            staff(county, Role.UNIT_ADMIN, county.transport)
            staff(county, Role.BUREAU_CHECKER)
        assert not {key for key in self.found(county) if key[0] in (county.transport.name, county.bureau.name)}

    def test_an_auditor_reads_of_his_own_bodies(self, county: County):
        auditor = staff(county, Role.AUDITOR)
        names = {gap.body for gap in gaps.lacking(county.session, auditor)}
        assert county.bureau.name in names
        assert county.other_bureau.name not in names


def test_the_queue_tab_shows_only_what_was_handed_up(county: County, department: Body):
    checker, above = staff(county, Role.BUREAU_CHECKER), staff(county, Role.BUREAU_CHECKER, county.province)
    unit = staff(county, Role.UNIT_ADMIN, county.transport)
    raised = county.application(county.officer(), unit=checker)
    other = county.application(county.officer(born=county.today.replace(year=1977)), unit=unit)
    among = desks.raised_to(county.session, above)
    rows, total = queries.queue(county.session, above, "raised", page=1, size=50, among=among)
    assert (total, [row[0].id for row in rows]) == (1, [raised.id])
    assert other.id not in among


def test_ten_times_as_many_waiting_applications_cost_no_more_questions(county: County, department: Body):
    """The queue of what was handed up: the same statements and parameters, no object, a few steps for each row."""
    checker, above = staff(county, Role.BUREAU_CHECKER), staff(county, Role.BUREAU_CHECKER, county.province)
    first = waiting(county, checker)

    def look() -> tuple[list[int], int]:
        among = desks.raised_to(county.session, above)
        return among, queries.queue(county.session, above, "raised", page=1, size=50, among=among)[1]

    crowd(county.session, first, range(80))
    look()  # what is kept from one look to the next is kept from here on
    with counted(county.session) as few:
        assert look() == ([first.id], 1)  # the others' opinion was given by nobody here
    crowd(county.session, first, range(80, 800))
    with counted(county.session) as many:
        assert look() == ([first.id], 1)
    assert many.statements == few.statements <= 10
    assert many.parameters == few.parameters <= 200
    assert many.objects == few.objects <= 10
    assert (many.calls - few.calls) / 720 <= STEPS_A_ROW
