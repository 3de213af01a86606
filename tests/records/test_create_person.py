"""A person put on record by hand."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from portal.ground.db import db
from portal.people.models import Person, Post
from portal.people.rules import check_digit
from tests.records.conftest import Office


def number(first17: str = "22058119880812003") -> str:
    return first17 + check_digit(first17)


def sheet(office: Office, **changed: str) -> dict[str, str]:
    return {
        "name": "解晓东", "id_number": number(), "education": "bachelor", "phone": "138 4450 0001",
        "body": office.county.transport.name, "establishment": "", "field": "transport", "title": "执法员",
        "staffing_type": "civil", "on_establishment": "yes", "in_post": "yes", "duty": "part",
        "started_on": "2025-03-01", **changed,
    }  # fmt: skip


def people() -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Person))


def test_a_new_person_has_a_number_a_post_and_a_spelling(web_office: Office, enter):
    answer = enter(web_office.keeper).post("/people/new", data=sheet(web_office))
    assert answer.status_code == 303
    with db.reading() as session:
        person = session.scalars(select(Person).where(Person.name == "解晓东")).one()
        post = session.scalars(select(Post).where(Post.person_id == person.id)).one()
    assert answer.location.endswith(f"/people/{person.id}")
    assert (person.personnel_number, person.sex, person.birth_date) == ("JL00000001", "m", date(1988, 8, 12))
    assert (person.id_number(), person.phone()) == (number(), "13844500001")
    assert "xiexiaodong" in person.name_pinyin
    assert (post.part_time, post.establishment_body_id, post.ended_on) == (True, post.body_id, None)


def test_the_mask_shows_six_and_four(web_office: Office, enter):
    client = enter(web_office.keeper)
    page = client.post("/people/new", data=sheet(web_office), follow_redirects=True).text
    assert f"220581********{number()[-4:]}" in page
    assert number() not in page and "13844500001" not in page and "138****0001" in page


@pytest.mark.parametrize(
    "changed",
    [
        {"id_number": number()[:17] + ("1" if number()[17] != "1" else "2")},
        {"id_number": number("22058119880230003")},
        {"id_number": "220581880812003"},
        {"name": "  "},
        {"body": "没有这个单位"},
        {"establishment": "没有这个单位"},
        {"field": "culture"},
        {"started_on": "2099-01-01"},
        {"phone": "1"},
    ],
)
def test_what_cannot_be_right_is_named_and_nothing_is_stored(web_office: Office, enter, changed: dict[str, str]):
    before = people()
    answer = enter(web_office.keeper).post("/people/new", data=sheet(web_office, **changed))
    assert answer.status_code == 422 and "mf-errsum" in answer.text
    assert people() == before


def test_an_unknown_area_is_a_question_not_a_wall(web_office: Office, enter):
    client, odd = enter(web_office.keeper), number("99999919880812003")
    asked = client.post("/people/new", data=sheet(web_office, id_number=odd))
    assert asked.status_code == 422 and 'name="area_compared"' in asked.text
    assert client.post("/people/new", data=sheet(web_office, id_number=odd, area_compared="y")).status_code == 303


def test_somebody_on_record_already_is_not_put_there_twice(web_office: Office, enter):
    before = people()
    taken = web_office.person.id_number()
    answer = enter(web_office.keeper).post("/people/new", data=sheet(web_office, id_number=taken))
    assert answer.status_code == 409 and people() == before


def test_nobody_is_put_into_a_body_one_does_not_keep(web_office: Office, enter):
    before = people()
    assert enter(web_office.stranger).post("/people/new", data=sheet(web_office)).status_code == 422
    assert people() == before
