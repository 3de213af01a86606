"""A subtree moves with everything under it; scopes follow; no circle, no foreign end."""

from datetime import date

import pytest
from sqlalchemy import select

from portal.people import queries as people
from portal.people.bodies import queries
from portal.people.bodies.models import BodyChange
from portal.people.bodies.operations import ChangedMeanwhile, NotInOrder, NotThere, OutOfReach, abolish, move, rename
from portal.people.models import Body, BodyField, BodyKind, Level, Role
from portal.people.rules import Permission
from tests.bodies.world import Bodies


def test_everything_under_a_moved_body_moves_with_it(bodies: Bodies):
    move(bodies.session, bodies.town, bodies.county.other_city, order=bodies.order())
    town, team = bodies.again(bodies.town), bodies.again(bodies.team)
    assert town.path == f"{bodies.county.other_city.path}{town.id}/"
    assert team.path == f"{town.path}{team.id}/" and team.parent_id == town.id


def test_scopes_follow_at_once(bodies: Bodies):
    officer = bodies.county.person("曾敏")
    bodies.county.post(officer, bodies.team)
    old = bodies.county.staff(Role.SUPERVISOR, bodies.county.city, born=date(1970, 1, 1))
    new = bodies.county.staff(Role.SUPERVISOR, bodies.county.other_city, born=date(1971, 1, 1))

    def sees(account) -> bool:
        scope = people.bodies_in_scope(account, Permission.SEE_BODY)
        return bodies.session.scalar(select(Body.id).where(Body.id == bodies.team.id, scope)) is not None

    assert sees(old) and not sees(new)
    move(bodies.session, bodies.town, bodies.county.other_city, order=bodies.order())
    assert sees(new) and not sees(old)


def test_the_day_says_who_was_under_whom(bodies: Bodies):
    officer = bodies.county.person("曾敏")
    bodies.county.post(officer, bodies.team)
    move(bodies.session, bodies.town, bodies.county.other_city, order=bodies.order(10))

    def chain(days_ago: int) -> list[int]:
        return [b.id for b in queries.ancestors_on(bodies.session, bodies.team.id, bodies.day(days_ago))]

    county = bodies.county
    assert chain(11) == [county.province.id, county.city.id, bodies.town.id, bodies.team.id]
    assert chain(10) == [county.province.id, county.other_city.id, bodies.town.id, bodies.team.id]
    under = {
        (place, days_ago): [p.name for p, _ in queries.people_under(bodies.session, body, bodies.day(days_ago))]
        for place, body in (("old", county.city), ("new", county.other_city))
        for days_ago in (11, 10, 0)
    }
    assert under == {
        ("old", 11): ["曾敏"], ("old", 10): [], ("old", 0): [],
        ("new", 11): [], ("new", 10): ["曾敏"], ("new", 0): ["曾敏"],
    }  # fmt: skip


def test_a_body_never_goes_under_itself_or_one_of_its_own(bodies: Bodies):
    for parent in (bodies.county.city, bodies.town, bodies.team):
        with pytest.raises(NotThere):
            move(bodies.session, bodies.county.city, parent, order=bodies.order())


def test_both_ends_lie_within_what_the_mover_answers_for(bodies: Bodies):
    county = bodies.county
    here = county.staff(Role.SYSADMIN, county.city, born=date(1970, 1, 1))
    for body, parent in (
        (bodies.town, county.other_city),  # out of his own
        (bodies.other_town, county.city),  # into his own
        (county.city, county.other_city),  # his own top, whose place is not his
    ):
        with pytest.raises(OutOfReach):
            move(bodies.session, body, parent, order=bodies.order(by=here))
    move(bodies.session, bodies.team, county.transport, order=bodies.order(by=here))


def test_whoever_answers_for_one_field_moves_nothing_of_another(bodies: Bodies):
    county = bodies.county
    partly = county.staff(Role.SYSADMIN, county.province, born=date(1970, 1, 1), field="market")
    for body in (bodies.town, county.city, county.other_city):
        bodies.session.add(BodyField(body_id=body.id, field="market"))
    county.body("山城镇交通队", BodyKind.TOWN_TEAM, Level.TOWN, bodies.town, ["transport"])
    with pytest.raises(OutOfReach, match="Something under"):
        move(bodies.session, bodies.town, county.other_city, order=bodies.order(by=partly))


def test_the_second_of_two_editors_is_told(bodies: Bodies):
    seen = bodies.town.version
    rename(bodies.session, bodies.town, "山城街道办事处", order=bodies.order(seen=seen))
    with pytest.raises(ChangedMeanwhile):
        move(bodies.session, bodies.town, bodies.county.other_city, order=bodies.order(seen=seen))


def test_a_day_to_come_and_a_day_before_the_last_change_are_refused(bodies: Bodies):
    move(bodies.session, bodies.town, bodies.county.other_city, order=bodies.order(10))
    with pytest.raises(NotInOrder):
        move(bodies.session, bodies.town, bodies.county.city, order=bodies.order(-1))
    with pytest.raises(NotInOrder):
        move(bodies.session, bodies.town, bodies.county.city, order=bodies.order(11))
    move(bodies.session, bodies.town, bodies.county.city, order=bodies.order(10))  # the first never counted
    assert queries.body_on(bodies.session, bodies.town.id, bodies.day(10)).parent_id == bodies.county.city.id


def test_the_top_and_abolished_parents_are_no_places_to_go(bodies: Bodies):
    with pytest.raises(NotThere):
        move(bodies.session, bodies.county.province, bodies.county.city, order=bodies.order())
    abolish(bodies.session, bodies.other_town, order=bodies.order())
    with pytest.raises(NotThere):
        move(bodies.session, bodies.team, bodies.other_town, order=bodies.order())


def test_open_applications_lie_before_the_new_bureau(bodies: Bodies):
    officer = bodies.county.officer()
    application = bodies.county.application(officer)
    move(bodies.session, bodies.county.transport, bodies.county.other_city, order=bodies.order())
    bodies.session.refresh(application)
    assert application.bureau_id == bodies.county.other_bureau.id


def test_every_change_is_kept_with_its_document(bodies: Bodies):
    move(bodies.session, bodies.town, bodies.county.other_city, order=bodies.order(3))
    change = bodies.session.scalars(select(BodyChange).where(BodyChange.body_id == bodies.town.id)).one()
    assert (change.act, change.effective_on, change.reference) == ("moved", bodies.day(3), "机构编制文件1号")
    assert change.before["name"] == "梅河口市人民政府" and change.after["name"] == "集安市人民政府"
    assert change.account_id == bodies.admin.id and change.version == bodies.again(bodies.town).version
