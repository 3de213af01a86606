"""A roster moves nobody past a running step, nobody's role is left behind, and only who answers takes it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.bank.imports import undo
from portal.ground.imports import CannotTakeBack
from portal.ground.models import AuditLine
from portal.people import operations as people
from portal.people.imports import import_officers
from portal.people.models import BodyKind, Grant, Level, Person, Post, Role
from portal.people.transfers.models import Transfer
from tests.imports.workbooks import BODY, id_number, officer, workbook

NEXT = "梅河口市城管执法大队"


@pytest.fixture
def take_in(county, tmp_path):
    county.body(NEXT, BodyKind.ENFORCEMENT_BODY, Level.COUNTY, county.city, ["transport"])

    def run(*rows, account=None):
        path = tmp_path / "a.xlsx"
        path.write_bytes(workbook(rows))
        return import_officers(county.session, path, account=account, now=county.now)

    return run


def who(county) -> Person:
    return county.session.scalars(select(Person).where(Person.name == "安丽华")).one()


def unit_admin(county, body):
    account = county.staff(Role.UNIT_ADMIN, body, born=county.today - timedelta(days=15000))
    county.session.refresh(account, ["grants"])
    return account


def officer_at(county) -> list[int]:
    county.session.expire_all()
    held = select(Grant.body_id).where(Grant.role == Role.OFFICER, Grant.revoked_at.is_(None))
    return list(county.session.scalars(held))


def test_the_officer_s_role_goes_along_and_comes_back(county, take_in) -> None:
    take_in(officer())
    people.grant(
        county.session, people.create_account(county.session, who(county), now=county.now), Role.OFFICER,
        county.transport, now=county.now,
    )  # fmt: skip
    batch = take_in(officer(执法岗位所在单位=NEXT, 任职日期="2024-05-01")).batch_id
    (there,) = officer_at(county)
    assert there == county.session.scalars(select(Post.body_id).where(Post.ended_on.is_(None))).one()
    assert there != county.transport.id
    assert county.session.scalars(select(AuditLine).where(AuditLine.act == "role_moved")).one().body_id == there
    undo(county.session, batch, now=county.now)
    assert officer_at(county) == [county.transport.id]


def moving(county) -> None:
    post = who(county).posts[0]
    county.session.add(
        Transfer(
            person_id=post.person_id, post_id=post.id, from_body_id=post.body_id, to_body_id=county.city.id,
            field="transport", part_time=False, title="执法员", establishment_body_id=county.city.id,
            staffing_type="civil", on_establishment=True, last_day_on=county.today,
            effective_on=county.today + timedelta(days=1), document="调令", state="open", opened_at=county.now,
        )
    )  # fmt: skip
    county.session.flush()


def applying(county) -> None:
    account = people.create_account(county.session, who(county), now=county.now)
    people.grant(county.session, account, Role.OFFICER, county.transport, now=county.now)
    county.application(account)


@pytest.mark.parametrize("step", [moving, applying])
def test_a_row_that_moves_somebody_with_a_step_under_way_waits(county, take_in, step) -> None:
    take_in(officer())
    step(county)
    county.session.expire_all()
    report = take_in(officer(执法岗位所在单位=NEXT, 任职日期="2024-05-01"))
    assert (report.changed, report.parked) == (0, 1)
    assert take_in(officer(学历="硕士")).changed == 1


def test_an_establishment_lies_at_the_unit_above_it_or_in_reach(county, take_in) -> None:
    admin = unit_admin(county, county.transport)
    foreign, above = county.other_city.name, county.city.name
    report = take_in(
        officer(编制所在单位=foreign), officer(姓名="吕明", 身份证号=id_number(2), 编制所在单位=above),
        officer(姓名="吕亮", 身份证号=id_number(3), 编制所在单位=BODY), account=admin,
    )  # fmt: skip
    assert (report.created, report.parked) == (2, 1)
    assert take_in(officer(编制所在单位=foreign), account=None).created == 1
    assert take_in(officer(编制所在单位=foreign, 学历="硕士"), account=admin).changed == 1


@pytest.mark.parametrize("row", [{}, {"学历": "硕士"}])
def test_who_lost_his_reach_does_not_take_it_back(county, take_in, row) -> None:
    admin = unit_admin(county, county.transport)
    if row:
        take_in(officer())
    batch = take_in(officer(**row), account=admin).batch_id
    county.session.expire_all()
    admin.grants[0].revoked_at = county.now
    people.grant(county.session, admin, Role.UNIT_ADMIN, county.other_city, now=county.now)
    with pytest.raises(CannotTakeBack, match="no longer answer"):
        undo(county.session, batch, now=county.now)
    people.grant(county.session, admin, Role.UNIT_ADMIN, county.transport, now=county.now)
    undo(county.session, batch, now=county.now)
