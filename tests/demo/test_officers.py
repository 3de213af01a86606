"""The officers: nobody's ID numbers, names that are hard on programs, a roster the importer takes."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.demo import names, officers
from portal.ground.clock import today
from portal.ground.models import ImportBatch
from portal.people.imports import import_officers
from portal.people.models import Person, Post
from portal.people.rules import id_number_problem
from tests.conftest import NOON
from tests.demo.conftest import Demo


def test_every_id_number_checks_and_was_never_given_out(reading: Session):
    numbers = [person.id_number() for person in reading.scalars(select(Person))]
    assert {id_number_problem(number) for number in numbers} == {None}
    assert {number[14:17] for number in numbers} == {names.NEVER_GIVEN}


def test_no_two_people_share_a_date_of_birth(reading: Session):
    births = reading.scalars(select(Person.birth_date)).all()
    assert len(set(births)) == len(births)


def test_six_hundred_officers_came_through_the_importer_and_none_was_parked(reading: Session):
    batch = reading.scalars(select(ImportBatch).where(ImportBatch.kind == "officers")).one()
    assert batch.report == {"created": officers.HOW_MANY, "changed": 0, "unchanged": 0, "parked": 0}
    assert reading.scalar(select(func.count()).select_from(Post)) == officers.HOW_MANY


def test_rare_long_and_divided_names_arrive_whole(reading: Session):
    there = set(reading.scalars(select(Person.name)))
    assert set(names.UNUSUAL) <= there
    for rare in "䶮𠅤㛃":
        assert any(rare in name for name in there)


def test_the_same_day_gives_the_same_roster(reading: Session, demo: Demo):
    bodies = {body.code: body for body in reading.scalars(select(officers.Body))}
    assert officers.rows(bodies, today()) == officers.rows(bodies, today())


def test_the_practice_roster_has_good_rows_and_one_of_every_mistake(demo: Demo):
    with demo.db.writing() as session:
        report = import_officers(session, demo.folder / "roster_with_errors.xlsx", now=NOON)
        session.rollback()
    assert report.created == 6
    faulty = Counter(p.row for p in report.problems if not p.warning)
    assert report.parked == len(faulty) == 17
