"""The doctor names what no operation would have left behind."""

from sqlalchemy import text

from portal.people.bodies import doctor
from tests.bodies.world import Bodies


def found(bodies: Bodies) -> set[tuple[str, int]]:
    bodies.session.expire_all()
    return {(fault.what, fault.id) for fault in doctor.findings(bodies.session, today=bodies.today)}


def test_a_sound_tree_has_no_faults(bodies: Bodies):
    bodies.county.officer()
    assert found(bodies) == set()


def test_paths_circles_and_dead_parents_are_named(bodies: Bodies):
    bodies.session.execute(text("UPDATE body SET path = '/9/9/' WHERE id = :id"), {"id": bodies.team.id})
    assert found(bodies) == {("path_differs", bodies.team.id)}
    bodies.session.execute(
        text("UPDATE body SET parent_id = :team WHERE id = :town"), {"team": bodies.team.id, "town": bodies.town.id}
    )
    assert {("circle", bodies.town.id), ("circle", bodies.team.id)} <= found(bodies)
    bodies.session.execute(
        text("UPDATE body SET abolished_on = :day WHERE id = :id"),
        {"day": bodies.today, "id": bodies.other_town.id},
    )
    bodies.session.execute(
        text("UPDATE body SET parent_id = :above WHERE id = :id"),
        {"above": bodies.other_town.id, "id": bodies.county.transport.id},
    )
    assert ("no_living_parent", bodies.county.transport.id) in found(bodies)


def test_a_day_between_two_posts_is_named_and_years_away_are_not(bodies: Bodies):
    person = bodies.county.person()
    first = bodies.county.post(person, bodies.team, ended_on=bodies.day(20))
    second = bodies.county.post(person, bodies.town, started_on=bodies.day(18), ended_on=bodies.day(10))
    bodies.county.post(person, bodies.team, started_on=bodies.day(9))
    assert found(bodies) == {("day_without_unit", first.id)}
    first.ended_on = bodies.day(2000)
    bodies.session.flush()
    assert found(bodies) == set() and second.ended_on is not None
