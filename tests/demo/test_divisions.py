"""The table of divisions and the tree of bodies built from it."""

from __future__ import annotations

import csv
import os
from collections import Counter

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.demo.divisions import COUNTIES, DIVISIONS, PREFECTURES
from portal.people.models import Body, BodyKind, Field
from portal.people.queries import same_level_bureau


def test_the_table_says_what_the_published_one_says():
    path = os.environ.get("MINGFA_DIVISIONS")
    if not path:
        pytest.skip("MINGFA_DIVISIONS names no table to compare with")
    with open(path, encoding="utf-8-sig", newline="") as file:
        published = dict(row for row in csv.reader(file) if row[0].isdigit())
    assert {d.code: d.name for d in DIVISIONS.values()} == published


def test_it_has_one_province_nine_prefectures_and_sixty_counties_under_them():
    assert Counter(d.level for d in DIVISIONS.values()) == {"province": 1, "prefecture": 9, "county": 60}
    assert {d.prefecture for d in COUNTIES} == {d.code for d in PREFECTURES}
    assert len({d.full_name for d in DIVISIONS.values()}) == 70


def test_meihekou_is_managed_by_the_province_and_keeps_its_code():
    assert DIVISIONS["220581"].managed_by == "220000"
    assert DIVISIONS["220582"].managed_by == "220500"


def test_every_division_has_a_government_and_a_justice_bureau(reading: Session):
    names = set(reading.scalars(select(Body.name).where(Body.kind == BodyKind.JUSTICE_BUREAU)))
    assert len(names) == 71  # and one of a development zone without a code
    assert {"吉林省司法厅", "长春市司法局", "梅河口市司法局", "延边朝鲜族自治州司法局", "长春市朝阳区司法局"} <= names


def test_paths_follow_the_management(reading: Session):
    bodies = {body.id: body for body in reading.scalars(select(Body))}
    for body in bodies.values():
        above = bodies[body.parent_id].path if body.parent_id else "/"
        assert body.path == f"{above}{body.id}/"


def test_all_seven_fields_are_enforced_in_every_prefecture(reading: Session):
    offices = reading.scalars(
        select(Body).where(Body.kind == BodyKind.ENFORCEMENT_BODY, Body.level == "prefecture")
        .options(selectinload(Body.fields))
    ).all()
    assert {(b.division_code, f.field) for b in offices for f in b.fields} == {
        (d.code, str(field)) for d in PREFECTURES for field in Field
    }


def test_every_town_answers_to_its_own_county(reading: Session):
    towns = reading.scalars(select(Body).where(Body.kind == BodyKind.TOWN)).all()
    assert len(towns) >= 30
    for town in towns:
        bureau = same_level_bureau(reading, town)
        assert town.name.startswith(bureau.name.removesuffix("司法局"))
        assert town.division_code is None or town.division_code.startswith(bureau.division_code)


def test_all_but_two_of_the_bodies_that_enforce_are_confirmed(reading: Session):
    enforce = Body.kind.in_((BodyKind.ENFORCEMENT_BODY, BodyKind.TOWN))
    without = reading.scalars(select(Body).where(Body.confirmed_on.is_(None), enforce)).all()
    assert len(without) == 2
    assert any("梅河口" in body.name for body in without)


def test_every_kind_of_body_is_there_and_some_judicial_offices_have_a_station(reading: Session):
    kinds = set(reading.scalars(select(Body.kind).distinct()))
    assert set(BodyKind) - kinds == {BodyKind.ENTRUSTED_ORG, BodyKind.OTHER}
    stations = set(
        reading.scalars(select(Body.has_supervision_station).where(Body.kind == BodyKind.JUDICIAL_OFFICE))
    )
    assert stations == {True, False}
    zone = reading.scalars(select(Body).where(Body.code == "GOV-CBS")).one()
    assert zone.division_code is None and zone.level == "prefecture"
