"""A merge closes an account and ends posts: only where whoever merges answers for all of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from portal.ground.models import AuditLine
from portal.people import operations as people
from portal.people.access import operations as access
from portal.people.access.models import OneTimeCode
from portal.people.duplicates import operations, queries
from portal.people.models import Account, BodyKind, Level, Role
from tests.duplicates.test_merge import Twins, twins  # noqa: F401


def lines_about(twins: Twins, account: Account) -> list[str]:  # noqa: F811
    found = select(AuditLine.act).where(AuditLine.object_kind == "account", AuditLine.object_id == str(account.id))
    return list(twins.session.scalars(found.order_by(AuditLine.id)))


@pytest.mark.parametrize("role", [Role.SECADMIN, Role.UNIT_ADMIN, Role.MARKER])
def test_the_record_of_somebody_who_stands_above_is_not_merged(twins: Twins, role: Role) -> None:  # noqa: F811
    people.grant(twins.session, twins.other, role, twins.county.city, now=twins.now)
    with pytest.raises(operations.NotMergeable):
        twins.propose()
    with pytest.raises(operations.NotMergeable):
        twins.propose(twins.second)
    assert twins.other.disabled_at is None


def test_a_role_given_after_the_proposal_stops_the_merge_and_its_undoing(twins: Twins) -> None:  # noqa: F811
    twins.propose()
    given = people.grant(twins.session, twins.other, Role.SECADMIN, twins.county.city, now=twins.now)
    twins.session.expire(twins.other)
    with pytest.raises(operations.NotMergeable):
        operations.confirm(twins.session, twins.pair, account=twins.colleague, now=twins.now)
    given.revoked_at = twins.now
    twins.session.flush()
    operations.confirm(twins.session, twins.pair, account=twins.colleague, now=twins.now)
    given = people.grant(twins.session, twins.other, Role.SECADMIN, twins.county.city, now=twins.now)
    twins.session.expire(twins.other)
    operations.propose_undo(twins.session, twins.pair, reason="确为两人", account=twins.admin, now=twins.now)
    with pytest.raises(operations.NotMergeable):
        operations.undo(twins.session, twins.pair, account=twins.colleague, now=twins.now)


def test_the_account_is_closed_and_opened_like_any_other(twins: Twins) -> None:  # noqa: F811
    device = twins.county.sign_in(twins.other)
    access.issue_code(twins.session, twins.other, made_by=twins.admin, now=twins.now)
    versions = twins.first.version, twins.second.version
    twins.merged()
    assert device.ended_at == twins.now and twins.other.disabled_at == twins.now
    assert twins.session.scalar(select(OneTimeCode.voided_at)) == twins.now
    assert {"account_disabled", "sign_in_ended"} <= set(lines_about(twins, twins.other))
    assert (twins.first.version, twins.second.version) == (versions[0] + 1, versions[1] + 1)
    twins.undone()
    assert lines_about(twins, twins.other)[-1] == "account_enabled"


def test_a_pair_with_a_post_elsewhere_is_nobodys_below_both(twins: Twins) -> None:  # noqa: F811
    there = twins.county.body(
        "集安市大队", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, twins.county.other_city, ["transport"]
    )
    twins.county.post(twins.second, there)
    top = twins.county.staff(Role.UNIT_ADMIN, twins.county.province, born=date(1984, 1, 1))
    for asked in (queries.pair_in_scope, queries.pair_to_change):
        with pytest.raises(NoResultFound):
            asked(twins.session, twins.colleague, twins.pair.id)
        assert asked(twins.session, top, twins.pair.id).id == twins.pair.id
    with pytest.raises(NoResultFound):
        queries.person_by_number(twins.session, twins.colleague, twins.second.personnel_number)


def test_a_post_at_a_unit_that_is_no_more_is_not_opened_again(twins: Twins) -> None:  # noqa: F811
    city = twins.county.city
    there = twins.county.body("梅河口市二大队", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, city, ["transport"])
    twins.second.posts[0].ended_on = date(2021, 1, 1)
    post = twins.county.post(twins.second, there, started_on=date(2021, 1, 2))
    twins.merged()
    there.abolished_on = twins.county.today
    with pytest.raises(operations.NotMergeable, match="is no more"):
        twins.undone()
    assert post.ended_on == twins.county.today - timedelta(days=1)
    assert twins.second.merged_into_id == twins.first.id


def test_a_post_one_does_not_answer_for_is_not_opened_again(twins: Twins) -> None:  # noqa: F811
    twins.merged()
    operations.propose_undo(twins.session, twins.pair, reason="确为两人", account=twins.admin, now=twins.now)
    stranger = twins.county.staff(Role.UNIT_ADMIN, twins.county.other_city, born=date(1985, 1, 1))
    with pytest.raises(operations.NotMergeable):
        operations.undo(twins.session, twins.pair, account=stranger, now=twins.now)
    assert twins.second.posts[0].ended_on is not None
