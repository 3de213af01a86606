"""A merged body's people, bodies, roles and open things are the successor's from the day, without a gap."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from portal.bank.models import QuestionBank
from portal.credentials import queries as credentials
from portal.credentials.models import Application
from portal.ground.db import Base
from portal.ground.models import FactChange
from portal.people.bodies import doctor, queries
from portal.people.bodies.operations import NotThere, OutOfReach, StillInUse, abolish, merge, rename, reopen
from portal.people.bodies.rules import BODY_COLUMNS
from portal.people.duties.grants import stand_in
from portal.people.models import Body, BodyKind, EstablishmentCheck, Grant, Level, Post, PostField, Role
from portal.people.queries import grants_for
from portal.people.rules import Permission
from tests.bodies.world import Bodies


@pytest.fixture
def merging(bodies: Bodies) -> tuple[Bodies, Body, Body]:
    """The transport body goes up in an urban one."""
    county = bodies.county
    into = county.body("梅河口市综合执法局", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, county.city, ["transport"])
    return bodies, county.transport, into


def test_no_day_is_without_a_unit_that_answers(merging):
    bodies, old, new = merging
    officer = bodies.county.person("解晓东")
    post = bodies.county.post(officer, old)
    bodies.session.add(PostField(post_id=post.id, field="urban"))
    bodies.session.add(EstablishmentCheck(post_id=post.id, checked_on=bodies.today, agrees=True, reference="核编"))
    merge(bodies.session, old, new, order=bodies.order(5))
    posts = bodies.session.scalars(select(Post).where(Post.person_id == officer.id).order_by(Post.id)).all()
    day = bodies.day(5)
    assert [(p.body_id, p.establishment_body_id, p.started_on, p.ended_on) for p in posts] == [
        (old.id, old.id, date(2020, 1, 1), day - timedelta(days=1)),
        (new.id, new.id, day, None),
    ]
    assert [f.field for f in posts[1].further_fields] == ["urban"]
    check = select(EstablishmentCheck).where(EstablishmentCheck.post_id == posts[1].id)
    assert bodies.session.scalars(check).one().checked_on == bodies.today
    assert doctor.findings(bodies.session, today=bodies.today) == []
    changed = bodies.session.scalars(select(FactChange).where(FactChange.person_id == officer.id)).all()
    assert [c.fact for c in changed] == ["post"]


def test_a_post_begun_after_the_day_lies_at_the_successor_and_one_ended_before_stays(merging):
    bodies, old, new = merging
    early, late = bodies.county.person("甲"), bodies.county.person("乙", born=date(1991, 1, 1))
    gone = bodies.county.post(early, old, ended_on=bodies.day(30))
    begun = bodies.county.post(late, old, started_on=bodies.day(2))
    merge(bodies.session, old, new, order=bodies.order(5))
    bodies.session.expire_all()
    assert gone.body_id == old.id and gone.ended_on == bodies.day(30)
    assert begun.body_id == new.id and begun.started_on == bodies.day(2)


def test_an_establishment_elsewhere_follows(merging):
    bodies, old, new = merging
    officer = bodies.county.person("甲")
    bodies.county.post(officer, bodies.team, establishment_body_id=old.id)
    merge(bodies.session, old, new, order=bodies.order())
    post = bodies.session.scalars(select(Post).where(Post.person_id == officer.id, Post.ended_on.is_(None))).one()
    assert (post.body_id, post.establishment_body_id) == (bodies.team.id, new.id)


def test_bodies_grants_and_open_things_go_over(merging):
    bodies, old, new = merging
    county = bodies.county
    child = county.body("交通中队", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, old)
    member = county.account(county.person("队员", born=date(1980, 1, 1)), Role.OFFICER, old)
    bank = QuestionBank(code="b", title="题库", body_id=old.id, created_at=county.now)
    bodies.session.add(bank)
    officer = county.officer()
    application = county.application(officer)
    carried = merge(bodies.session, old, new, order=bodies.order())
    bodies.session.expire_all()
    assert child.parent_id == new.id and child.path == f"{new.path}{child.id}/"
    held = select(Grant).where(Grant.account_id == member.id).order_by(Grant.id)
    grants = bodies.session.scalars(held).all()
    assert [(g.body_id, g.revoked_at is None) for g in grants] == [(old.id, False), (new.id, True)]
    assert bank.body_id == new.id and application.unit_id == new.id
    assert bodies.session.get_one(Post, application.post_id).body_id == new.id
    assert carried.posts == 1 and carried.grants >= 2


def test_a_merged_body_stays_in_history_and_its_name_is_free_again(merging):
    bodies, old, new = merging
    name = old.name
    merge(bodies.session, old, new, order=bodies.order(5))
    assert queries.body_on(bodies.session, old.id, bodies.day(6)).name == name
    assert queries.body_on(bodies.session, old.id, bodies.day(5)) is None
    assert [c.act for c in queries.history(bodies.session, new.id)] == ["took_over"]
    rename(bodies.session, new, name, order=bodies.order())
    assert bodies.again(new).name == name == bodies.again(old).name


def test_two_living_bodies_never_share_a_name(bodies: Bodies):
    with pytest.raises(DBAPIError), bodies.session.begin_nested():
        bodies.county.body(bodies.town.name, BodyKind.TOWN, Level.TOWN, bodies.county.other_city)


def test_a_body_with_people_or_bodies_is_not_abolished(bodies: Bodies):
    with pytest.raises(StillInUse):
        abolish(bodies.session, bodies.town, order=bodies.order())
    bodies.county.post(bodies.county.person(), bodies.team)
    with pytest.raises(StillInUse):
        abolish(bodies.session, bodies.team, order=bodies.order())
    with pytest.raises(DBAPIError, match="guard"), bodies.session.begin_nested():  # nor by another way
        bodies.team.abolished_on = bodies.today
        bodies.session.flush()


def test_nobody_gets_a_post_at_a_body_that_is_no_more(bodies: Bodies):
    abolish(bodies.session, bodies.team, order=bodies.order())
    with pytest.raises(DBAPIError, match="guard"), bodies.session.begin_nested():
        bodies.county.post(bodies.county.person(), bodies.team)


def test_grants_end_with_an_abolished_body(bodies: Bodies):
    unit = bodies.county.staff(Role.UNIT_ADMIN, bodies.team, born=date(1980, 1, 1))
    abolish(bodies.session, bodies.team, order=bodies.order())
    assert bodies.session.scalars(select(Grant).where(Grant.account_id == unit.id)).one().revoked_at is not None


def test_an_abolished_body_lives_again_and_the_time_between_stays_empty(bodies: Bodies):
    abolish(bodies.session, bodies.team, order=bodies.order(20))
    reopen(bodies.session, bodies.team, bodies.county.city, order=bodies.order(10))
    stood = [queries.body_on(bodies.session, bodies.team.id, bodies.day(n)) for n in (21, 20, 11, 10)]
    assert [body and body.parent_id for body in stood] == [bodies.town.id, None, None, bodies.county.city.id]
    assert bodies.again(bodies.team).path == f"{bodies.county.city.path}{bodies.team.id}/"


def test_a_body_does_not_go_up_in_one_of_its_own_or_outside_the_mover_s_reach(bodies: Bodies):
    with pytest.raises(NotThere):
        merge(bodies.session, bodies.town, bodies.team, order=bodies.order())
    here = bodies.county.staff(Role.SYSADMIN, bodies.county.city, born=date(1970, 1, 1))
    with pytest.raises(OutOfReach):
        merge(bodies.session, bodies.town, bodies.other_town, order=bodies.order(by=here))


def test_staff_roles_end_with_the_body_and_do_not_reach_the_successor_s_people(merging):
    bodies, old, new = merging
    chief = bodies.county.staff(Role.UNIT_ADMIN, old, born=date(1980, 1, 1))
    officer = bodies.county.account(bodies.county.person("队员", born=date(1981, 1, 1)), Role.OFFICER, old)
    merge(bodies.session, old, new, order=bodies.order())
    bodies.session.expire_all()
    assert grants_for(chief, Permission.UNIT_REVIEW) == []
    assert [g.body_id for g in grants_for(officer, Permission.SIT_EXAM)] == [new.id]


def test_every_column_that_names_a_body_has_its_fate():
    named = {
        (table.name, key.parent.name)
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "body"
    }
    assert named - set(BODY_COLUMNS) == set()


def test_a_decided_application_stays_with_the_post_it_rests_on_and_its_holder_is_not_suspended(merging):
    bodies, old, new = merging
    county = bodies.county
    officer = county.officer()
    application = county.application(officer)
    before = application.post_id
    bodies.session.execute(update(Application).where(Application.id == application.id).values(state="decided"))
    bodies.session.expire_all()
    merge(bodies.session, old, new, order=bodies.order())
    bodies.session.expire_all()
    assert application.post_id == before and bodies.session.get_one(Post, before).body_id == old.id
    case, _ = credentials.case_for(bodies.session, application, checker_account=None, now=county.now)
    assert case.has_post and case.body == new.name


def test_who_stood_in_below_a_merged_body_does_so_no_longer(merging):
    bodies, old, new = merging
    county = bodies.county
    child = county.body("交通中队", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, old)
    absent = county.staff(Role.UNIT_ADMIN, old, born=date(1970, 1, 1))
    deputy = county.staff(Role.LEADER, county.city, born=date(1971, 1, 1))
    bodies.session.refresh(absent, ["grants"])
    lent = stand_in(
        bodies.session, absent.grants[0], deputy, starts_on=bodies.today, ends_on=bodies.today + timedelta(days=5),
        reason="休假", body=child, by=absent, now=county.now,
    )  # fmt: skip
    merge(bodies.session, old, new, order=bodies.order())
    bodies.session.refresh(lent)
    assert lent.revoked_at is not None
