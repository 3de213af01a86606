"""Writing and reviewing a question version are two people's work, whoever stands in for whom."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.bank import operations
from portal.bank.models import QuestionStatus
from portal.people.duties import grants
from portal.people.duties.operations import SamePerson
from portal.people.models import Account, Role
from tests.duties.conftest import staff
from tests.factories import County, questions


def written(county: County, author: Account):
    bank = operations.create_bank(county.session, "B", "测试题库", county.city, now=county.now)
    version = operations.add_version(
        county.session, bank, questions()[0], status=QuestionStatus.REVIEW, account_id=author.id, now=county.now
    )
    return version.question


def test_another_person_approves(county: County):
    row = written(county, staff(county, Role.TRAINER))
    operations.approve(county.session, row, account_id=staff(county, Role.REVIEWER).id, now=county.now)
    assert row.status == QuestionStatus.APPROVED


def test_the_author_does_not(county: County):
    author = staff(county, Role.TRAINER)
    with pytest.raises(operations.OwnQuestion):
        operations.approve(county.session, written(county, author), account_id=author.id, now=county.now)


@pytest.mark.parametrize("writes", ["absent", "deputy"])
def test_neither_the_reviewer_s_deputy_who_wrote_it_nor_the_writer_s_reviewer_by_deputy(county: County, writes: str):
    absent, deputy = staff(county, Role.REVIEWER), staff(county, Role.LEADER)
    row = written(county, absent if writes == "absent" else deputy)
    grants.stand_in(
        county.session, absent.grants[0], deputy, starts_on=county.today, ends_on=county.today + timedelta(days=1),
        reason="休假", by=absent, now=county.now,
    )  # fmt: skip
    county.session.refresh(deputy, ["grants"])
    with pytest.raises(SamePerson):
        operations.approve(county.session, row, account_id=deputy.id, now=county.now)
