"""For whom somebody acts is said by the role that covers the thing, not by one he holds elsewhere."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.people import operations as people
from portal.people.access.operations import disable
from portal.people.duplicates import operations as duplicates
from portal.people.duties import grants
from portal.people.duties.models import DutyStep
from portal.people.duties.operations import SamePerson, take_step
from portal.people.models import Account, Role
from portal.people.records.corrections import operations as corrections
from portal.people.records.models import CorrectedFact
from tests.duties.conftest import staff
from tests.duties.test_stand_in import DAY, lend
from tests.factories import County


def two_roles(county: County) -> tuple[Account, Account]:
    """A unit's administrator, and who stands in for him there while administrator of another city himself."""
    absent, deputy = staff(county, Role.UNIT_ADMIN, county.transport), staff(county, Role.UNIT_ADMIN, county.other_city)
    lend(county, absent, deputy)
    return absent, deputy


def test_a_correction_is_not_confirmed_by_the_proposer_s_own_role(county: County):
    absent, deputy = two_roles(county)
    officer = county.officer()
    row = corrections.propose_correction(
        county.session, officer.person, CorrectedFact.NAME, "解雅琴", document="身份证", area_compared=False,
        account=absent, now=county.now,
    )  # fmt: skip
    with pytest.raises(SamePerson):
        corrections.confirm_correction(county.session, row, value="", account=deputy, now=county.now)


def test_nor_a_merge_of_which_his_own_role_reaches_one_record(county: County):
    absent, deputy = two_roles(county)
    one, other = county.person(), county.person(born=date(1990, 5, 7))
    county.post(one, county.other_city)
    county.post(other, county.transport)
    pair = duplicates.pair_by_hand(county.session, one, other, now=county.now)
    with pytest.raises(SamePerson):
        take_step(
            county.session, "propose", "merge", 7, account=absent, at=county.transport, now=county.now
        )
        take_step(
            county.session, "confirm", "merge", 7, account=deputy, persons=(pair.first_id, pair.second_id),
            now=county.now,
        )  # fmt: skip


def test_it_is_written_down_for_whom_and_his_own_place_stays_his_own(county: County):
    absent, deputy = two_roles(county)
    for number, place in enumerate((county.transport, county.other_city)):
        take_step(county.session, "enter", "correction", number, account=deputy, at=place, now=county.now)
    said = county.session.scalars(select(DutyStep.on_behalf_of_id).order_by(DutyStep.id)).all()
    assert said == [absent.person_id, None]


def test_a_role_of_his_own_in_another_field_does_not_cover_it(county: County):
    absent, deputy = staff(county, Role.UNIT_ADMIN), staff(county, Role.UNIT_ADMIN, field="market")
    lend(county, absent, deputy)
    step = take_step(
        county.session, "enter", "correction", 7, account=deputy, at=county.transport, field="transport",
        now=county.now,
    )  # fmt: skip
    assert step.on_behalf_of_id == absent.person_id


def test_of_two_whom_he_stands_in_for_neither_may_have_taken_the_other_step(county: County):
    first, second = staff(county, Role.UNIT_ADMIN), staff(county, Role.UNIT_ADMIN)
    deputy = staff(county, Role.LEADER)
    lend(county, first, deputy)
    lend(county, second, deputy, body=county.transport)
    take_step(county.session, "enter", "correction", 7, account=second, at=county.transport, now=county.now)
    with pytest.raises(SamePerson):
        take_step(county.session, "approve", "correction", 7, account=deputy, at=county.transport, now=county.now)


def test_nobody_stands_in_before_the_role_begins(county: County):
    absent, deputy = staff(county, Role.LEADER), staff(county, Role.LEADER)
    later = grants.grant_role(
        county.session, absent, Role.UNIT_ADMIN, county.city, starts_on=county.today + 5 * DAY, reason="任命", by=None,
        now=county.now,
    )  # fmt: skip
    with pytest.raises(grants.WrongDays):
        lend(county, absent, deputy, row=later, starts_on=county.today + 4 * DAY, ends_on=county.today + 9 * DAY)
    lend(county, absent, deputy, row=later, starts_on=county.today + 5 * DAY, ends_on=county.today + 9 * DAY)


def test_nobody_signs_for_a_closed_account(county: County):
    absent, deputy = staff(county, Role.UNIT_ADMIN), staff(county, Role.LEADER)
    row = lend(county, absent, deputy)
    county.post(absent.person, county.city)
    disable(county.session, absent, by=staff(county, Role.SYSADMIN), reason="调离", now=county.now)
    county.session.refresh(row)
    assert row.revoked_at is not None
    with pytest.raises(grants.NotInForce):
        lend(county, absent, staff(county, Role.LEADER), by=staff(county, Role.SECADMIN))


def test_a_wider_role_carries_on_what_a_narrower_one_lent(county: County):
    absent, deputy = staff(county, Role.UNIT_ADMIN), staff(county, Role.LEADER)
    narrow = people.grant(county.session, absent, Role.UNIT_ADMIN, county.transport, now=county.now)
    lent = lend(county, absent, deputy, row=narrow, ends_on=county.today + timedelta(days=3))
    grants.revoke_role(county.session, narrow, reason="免职", by=None, now=county.now)
    assert lent.revoked_at is None
    grants.revoke_role(county.session, absent.grants[0], reason="免职", by=None, now=county.now)
    assert lent.revoked_at is not None
