"""Nobody changes what is on record about himself, and an edit lands on the post it is meant for."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.ground.db import db
from portal.ground.pictures import Photo
from portal.people.duplicates import operations as duplicates
from portal.people.identity import OwnCase
from portal.people.models import Account, BodyField, Person, Post, Role
from portal.people.queries import current_post, hold_for
from portal.people.records import operations
from portal.people.records.corrections import operations as corrections
from portal.people.records.models import CorrectedFact
from portal.people.records.photos import operations as photos
from portal.people.records.photos.models import PersonPhoto
from portal.people.records.rules import current_facts
from tests.conftest import NOON
from tests.records.conftest import Office, stored
from tests.records.pictures_made import packed, portrait
from tests.records.test_create_person import sheet
from tests.records.test_edit_person import form_of


@pytest.fixture
def at_home(web_office: Office) -> Office:
    """The keeper has a post where he keeps the roster."""
    web_office.county.post(web_office.keeper.person)
    web_office.county.session.commit()
    return web_office


def test_whoever_keeps_the_roster_does_not_edit_himself(at_home: Office, enter):
    client, own = enter(at_home.keeper), at_home.keeper.person_id
    sent = form_of(client, at_home.person.id) | {"education": "master"}
    with db.reading() as session:
        sent["post"] = str(current_post(session, own).id)
    assert client.get(f"/people/{own}/edit").status_code == 403
    assert client.post(f"/people/{own}/edit", data=sent).status_code == 403
    assert stored(own).education == "bachelor"
    assert enter(at_home.second).get(f"/people/{own}/edit").status_code == 200


def test_a_record_that_was_merged_is_oneself_too(office: Office):
    session, twin = office.county.session, office.county.person(born=date(1999, 9, 9))
    top = [office.county.staff(Role.UNIT_ADMIN, office.county.province, born=date(1970, 1, n)) for n in (1, 2)]
    office.county.post(twin)
    _merged(session, twin.id, office.keeper.person_id, *top)
    with pytest.raises(OwnCase):
        operations.edit_person(session, twin, None, {}, version=twin.version, account=office.keeper, now=NOON)


def test_the_one_who_edits_himself_is_refused_below_the_door(office: Office):
    session, own = office.county.session, office.keeper.person
    post = office.county.post(own)
    typed = current_facts(own, post) | {"phone": "13844500009"}
    with pytest.raises(OwnCase):
        operations.edit_person(session, own, post, typed, version=own.version, account=office.keeper, now=NOON)
    with pytest.raises(OwnCase):
        operations.record_identity_check(
            session, own, checked_on=NOON.date(), photo_meets_standard=True, reference="核验", account=office.keeper,
            now=NOON,
        )  # fmt: skip


def test_a_photo_of_oneself_comes_from_somebody_else(at_home: Office, enter):
    client, own = enter(at_home.keeper), at_home.keeper.person
    address, number = f"/people/{own.id}/photos/new", own.personnel_number
    assert client.get(address).status_code == 403
    assert client.post(address, data={"file": (BytesIO(portrait()), "a.jpg")}).status_code == 403
    files = {f"{number}.jpg": portrait(), f"{at_home.person.personnel_number}.jpg": portrait(shade=60)}
    client.post("/people/photos", data={"file": (BytesIO(packed(files)), "照片.zip")})
    with db.reading() as session:
        assert set(session.scalars(select(PersonPhoto.person_id))) == {at_home.person.id}


def test_nobody_refuses_a_correction_about_himself(office: Office):
    session, own = office.county.session, office.keeper.person
    office.county.post(own)
    row = corrections.propose_correction(
        session, own, CorrectedFact.NAME, "管理乙", document="身份证", area_compared=True, account=office.second,
        now=NOON,
    )  # fmt: skip
    with pytest.raises(OwnCase):
        corrections.refuse_correction(session, row, reason="不同意", account=office.keeper, now=NOON)
    corrections.refuse_correction(session, row, reason="撤回", account=office.second, now=NOON)


def test_an_edit_lands_on_the_post_one_answers_for(web_office: Office, enter):
    county, person = web_office.county, web_office.person
    other = county.post(person, county.bureau, title="借调员", started_on=date(2024, 1, 1))
    county.session.commit()
    client = enter(web_office.keeper)
    sent = form_of(client, person.id) | {"title": "中队长"}
    assert client.post(f"/people/{person.id}/edit", data=sent).status_code == 303
    with db.reading() as session:
        titles = dict(session.execute(select(Post.body_id, Post.title).where(Post.person_id == person.id)).all())
        assert titles == {county.transport.id: "中队长", county.bureau.id: "借调员"}
        assert session.get_one(Post, other.id).title == "借调员"


def test_a_post_that_has_ended_meanwhile_takes_no_edit(office: Office):
    session, person = office.county.session, office.person
    post = current_post(session, person.id)
    typed = current_facts(person, post) | {"title": "中队长"}
    ended = update(Post).where(Post.id == post.id).values(ended_on=NOON.date())
    session.execute(ended, execution_options={"synchronize_session": False})
    assert post.ended_on is None  # what this session loaded before it held the person
    with pytest.raises(operations.SomebodyElseEdited):
        operations.edit_person(session, person, post, typed, version=1, account=office.keeper, now=NOON)


def test_a_keeper_of_one_field_puts_nobody_into_another(web_office: Office, enter):
    county = web_office.county
    county.session.add(BodyField(body_id=county.transport.id, field="culture"))
    limited = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1984, 4, 4), field="transport")
    county.session.commit()
    client = enter(limited)
    answer = client.post("/people/new", data=sheet(web_office, field="culture"))
    assert answer.status_code == 422
    with db.reading() as session:
        assert session.scalar(select(Person.id).where(Person.name == "解晓东")) is None
    assert client.post("/people/new", data=sheet(web_office)).status_code == 303


def test_the_photo_of_a_merged_record_opens_in_the_file_of_the_one_that_stands(web_office: Office, enter, files):
    county = web_office.county
    twin = county.person(born=date(1999, 9, 9))
    county.session.commit()
    client = enter(web_office.keeper)
    with db.writing() as session:
        keeper = session.get_one(Account, web_office.keeper.id)
        photos.add_photo(session, twin.id, Photo(portrait(), 358, 441), files_dir=files, account=keeper, now=NOON)
        photo_id = session.scalar(select(PersonPhoto.id))
        _merged(session, twin.id, web_office.person.id, keeper, session.get_one(Account, web_office.second.id))
        session.commit()
    assert f"/photos/{photo_id}" in client.get(f"/people/{web_office.person.id}").text
    assert client.get(f"/people/{web_office.person.id}/photos/{photo_id}").status_code == 200


def _merged(session: Session, merged_id: int, stands_id: int, one: Account, another: Account) -> None:
    pair = duplicates.pair_by_hand(
        session, session.get_one(Person, merged_id), session.get_one(Person, stands_id), now=NOON
    )
    duplicates.propose(session, pair, stands_id, reason="同一人", account=one, now=NOON)
    duplicates.confirm(session, pair, account=another, now=NOON)


def test_whose_case_it_is_and_who_acts_are_held_in_one_order(web_office: Office, statements):
    session = web_office.county.session
    statements.clear()
    hold_for(session, web_office.keeper, web_office.person.id, web_office.second.person_id)
    (held,) = [sent for sent in statements if "FROM person" in sent]
    assert "ORDER BY person.id" in held
    assert session.get_bind().dialect.name == "sqlite" or held.rstrip().endswith("FOR UPDATE")
    statements.clear()
    corrections.propose_correction(
        session, web_office.person, CorrectedFact.NAME, "周雅勤", document="身份证", area_compared=True,
        account=web_office.keeper, now=NOON,
    )  # fmt: skip
    first = next(sent for sent in statements if sent.startswith("SELECT person.id"))
    assert "ORDER BY person.id" in first  # both at once, before any single one
