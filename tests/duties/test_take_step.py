"""Two steps that exclude each other are taken by two people: the portal says so, and the database behind it."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal.people import operations as people
from portal.people.duplicates import operations as duplicates
from portal.people.duties.models import DutyConflict, DutyStep
from portal.people.duties.operations import SamePerson, take_step
from portal.people.models import Account, Grant, Role
from tests.factories import County

_born = count()


def staff(county: County, role: Role = Role.UNIT_ADMIN) -> Account:
    return county.staff(role, county.city, born=date(1970, 1, 1) + timedelta(days=next(_born)))


def step(county: County, word: str, account: Account, thing: object = 7, **more) -> DutyStep:
    kind = more.pop("kind", "correction")
    return take_step(county.session, word, kind, thing, account=account, now=county.now, **more)


def stands_in(county: County, deputy: Account, absent: Account, role: Role = Role.UNIT_ADMIN) -> Grant:
    """The deputy holds the absent one's role, and it is written down for whom."""
    row = Grant(
        account_id=deputy.id, role=role, body_id=county.city.id, granted_at=county.now, on_behalf_of_id=absent.id,
        starts_on=county.today, ends_on=county.today + timedelta(days=5),
    )  # fmt: skip
    county.session.add(row)
    county.session.flush()
    county.session.refresh(deputy, ["grants"])
    return row


def bare(county: County) -> Account:
    """Somebody who may do nothing yet."""
    account = staff(county, Role.LEADER)
    return account


def test_two_people_take_the_two_steps(county: County):
    step(county, "enter", staff(county))
    step(county, "approve", staff(county))
    assert [s.step for s in county.session.scalars(select(DutyStep).order_by(DutyStep.id))] == ["enter", "approve"]


CONFLICTS = [
    ("enter", "approve", "correction"), ("enter", "approve", "transfer"), ("propose", "confirm", "merge"),
    ("write", "review", "question_version"), ("mark", "decide_appeal", "attempt"),
    ("submit", "review", "application"), ("submit", "decide", "application"), ("review", "decide", "application"),
    ("review", "return", "application"), ("decide", "approve", "application"), ("review", "approve", "application"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "kind"), CONFLICTS, ids=lambda value: str(value))
def test_nobody_takes_both_in_either_order(county: County, first: str, second: str, kind: str):
    for number, (one, other) in enumerate(((first, second), (second, first))):
        account = staff(county)
        step(county, one, account, number, kind=kind)
        with pytest.raises(SamePerson):
            step(county, other, account, number, kind=kind)


def test_another_thing_or_the_same_step_again_is_no_conflict(county: County):
    account = staff(county)
    step(county, "enter", account)
    step(county, "enter", account)
    step(county, "approve", account, 8)


OWN = ("approve", "confirm", "decide", "return", "review", "mark", "decide_appeal", "grant")


@pytest.mark.parametrize("word", OWN)
def test_nobody_takes_the_step_about_his_own_thing(county: County, word: str):
    account = staff(county)
    with pytest.raises(SamePerson):
        step(county, word, account, kind="application", person_id=account.person_id)
    step(county, word, account, kind="application", person_id=county.person(born=date(1960, 1, 1)).id)


def test_whoever_submits_does_so_for_himself(county: County):
    account = staff(county)
    step(county, "submit", account, kind="application", person_id=account.person_id)




@pytest.mark.parametrize(("first", "second"), [("enter", "approve"), ("approve", "enter")])
class TestStandingIn:
    """授权代签 never lets one person, nor one for another, take two steps."""

    def test_the_deputy_of_whoever_took_the_first_step(self, county: County, first: str, second: str):
        absent, deputy = staff(county), bare(county)
        step(county, first, absent)
        stands_in(county, deputy, absent)
        with pytest.raises(SamePerson):
            step(county, second, deputy)

    def test_the_deputy_who_took_the_first_step_himself(self, county: County, first: str, second: str):
        absent, deputy = staff(county), staff(county)
        step(county, first, deputy)
        deputy.grants[0].revoked_at = county.now
        stands_in(county, deputy, absent)
        with pytest.raises(SamePerson):
            step(county, second, deputy)

    def test_whoever_came_back_after_his_deputy_took_the_first_step(self, county: County, first: str, second: str):
        absent, deputy = staff(county), bare(county)
        stands_in(county, deputy, absent)
        assert step(county, first, deputy).on_behalf_of_id == absent.person_id
        with pytest.raises(SamePerson):
            step(county, second, absent)

    def test_the_deputy_in_his_own_name_afterwards(self, county: County, first: str, second: str):
        absent, deputy = staff(county), bare(county)
        grant = stands_in(county, deputy, absent)
        step(county, first, deputy)
        grant.revoked_at = county.now
        people.grant(county.session, deputy, Role.UNIT_ADMIN, county.city, now=county.now)
        county.session.refresh(deputy, ["grants"])
        with pytest.raises(SamePerson):
            step(county, second, deputy)

    def test_two_deputies_of_one_person(self, county: County, first: str, second: str):
        absent, one, other = staff(county), bare(county), bare(county)
        stands_in(county, one, absent)
        stands_in(county, other, absent)
        step(county, first, one)
        with pytest.raises(SamePerson):
            step(county, second, other)

    def test_one_deputy_of_two_people(self, county: County, first: str, second: str):
        one, other, deputy = staff(county), staff(county), bare(county)
        grant = stands_in(county, deputy, one)
        step(county, first, deputy)
        grant.revoked_at = county.now
        stands_in(county, deputy, other)
        with pytest.raises(SamePerson):
            step(county, second, deputy)

    def test_a_deputy_about_the_thing_of_whom_he_stands_in_for(self, county: County, first: str, second: str):
        absent, deputy = staff(county), bare(county)
        stands_in(county, deputy, absent)
        with pytest.raises(SamePerson):
            step(county, "approve", deputy, person_id=absent.person_id)

    def test_somebody_else_s_deputy_may(self, county: County, first: str, second: str):
        absent, deputy = staff(county), bare(county)
        stands_in(county, deputy, absent)
        step(county, first, staff(county))
        assert step(county, second, deputy).on_behalf_of_id == absent.person_id


def test_whoever_holds_the_role_himself_acts_for_himself(county: County):
    absent, deputy = staff(county), staff(county)
    stands_in(county, deputy, absent)
    assert step(county, "approve", deputy).on_behalf_of_id is None


def test_two_records_of_one_person_are_one_person(county: County):
    one, other = county.officer("甲", born=date(1961, 1, 2)), county.officer("乙", born=date(1961, 1, 3))
    step(county, "enter", one)
    pair = duplicates.pair_by_hand(county.session, one.person, other.person, now=county.now)
    first, second = staff(county), staff(county)
    duplicates.propose(county.session, pair, other.person_id, reason="同一人", account=first, now=county.now)
    duplicates.confirm(county.session, pair, account=second, now=county.now)
    with pytest.raises(SamePerson):
        step(county, "approve", other)


def insert(county: County, **values: object) -> None:
    """As somebody with a way into the database would do it."""
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    with county.session.begin_nested():
        county.session.execute(
            text(f"INSERT INTO duty_step ({names}, raised, at) SELECT {marks}, raised, at FROM duty_step LIMIT 1"),
            values,
        )


class TestTheDatabase:
    """Past the portal there is still the guard, on both engines."""

    def row(self, county: County, account: Account, **changed: object) -> dict[str, object]:
        row = {
            "step": "approve", "object_kind": "correction", "object_id": "7", "account_id": account.id,
            "person_id": account.person_id,
        }  # fmt: skip
        return {**row, **changed}

    def test_refuses_the_second_step(self, county: County):
        account = staff(county)
        step(county, "enter", account)
        with pytest.raises(DBAPIError, match="guard: the same person"):
            insert(county, **self.row(county, account))
        insert(county, **self.row(county, staff(county)))

    def test_refuses_it_for_another_too(self, county: County):
        absent, deputy = staff(county), bare(county)
        step(county, "enter", absent)
        stands_in(county, deputy, absent)
        with pytest.raises(DBAPIError, match="guard: the same person"):
            insert(county, **self.row(county, deputy, on_behalf_of_id=absent.person_id))

    def test_refuses_a_step_about_his_own_thing(self, county: County):
        account = staff(county)
        step(county, "enter", staff(county))
        with pytest.raises(DBAPIError, match="guard: nobody"):
            insert(county, **self.row(county, account, subject_id=account.person_id))

    def test_refuses_a_step_in_another_s_name(self, county: County):
        account, other = staff(county), staff(county)
        step(county, "enter", account)
        with pytest.raises(DBAPIError, match="guard: a step is taken"):
            insert(county, **self.row(county, account, person_id=other.person_id))
        with pytest.raises(DBAPIError, match="guard: a step is taken"):
            insert(county, **self.row(county, other, on_behalf_of_id=account.person_id, object_id="9"))

    def test_keeps_steps_and_conflicts(self, county: County):
        step(county, "enter", staff(county))
        for statement in (
            "DELETE FROM duty_step", "UPDATE duty_step SET person_id = 1",
            "DELETE FROM duty_conflict", "UPDATE duty_conflict SET step_a = 'x'", "DELETE FROM role_conflict",
        ):  # fmt: skip
            with pytest.raises(DBAPIError, match="guard"), county.session.begin_nested():
                county.session.execute(text(statement))


def test_the_table_says_what_excludes_what(county: County):
    rows = {(c.step_a, c.step_b, c.object_kind) for c in county.session.scalars(select(DutyConflict))}
    assert {("write", "review", "*"), ("review", "decide", "application"), ("grant", "self", "*")} <= rows
