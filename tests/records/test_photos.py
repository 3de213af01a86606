"""Photos on record: whose they are, how they lie on the disk, and who may see them."""

from __future__ import annotations

import os
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal.ground.db import db
from portal.ground.models import FactChange, PersonKey
from portal.people.records.photos import operations, queries
from portal.people.records.photos.models import PersonPhoto, PhotoBatch
from tests.records.conftest import Office
from tests.records.pictures_made import flood, packed, portrait, with_place


def upload(client, person_id: int, content: bytes, name: str = "photo.jpg"):
    return client.post(f"/people/{person_id}/photos/new", data={"file": (BytesIO(content), name)})


def bring(client, files: dict[str, bytes] | bytes, name: str = "照片.zip"):
    content = files if isinstance(files, bytes) else packed(files)
    return client.post("/people/photos", data={"file": (BytesIO(content), name)})


def photos(person_id: int) -> list[PersonPhoto]:
    with db.reading() as session:
        found = select(PersonPhoto).where(PersonPhoto.person_id == person_id).order_by(PersonPhoto.id)
        return list(session.scalars(found))


def test_a_photo_is_kept_sealed_and_shown_to_whoever_keeps_the_roster(web_office: Office, enter, files: Path):
    client, person_id = enter(web_office.keeper), web_office.person.id
    assert upload(client, person_id, with_place()).status_code == 303
    (photo,) = photos(person_id)
    on_disk = queries.place_of(files, photo).read_bytes()
    assert b"\xff\xd8\xff" not in on_disk[:200] and b"JFIF" not in on_disk
    answer = client.get(f"/people/{person_id}/photos/{photo.id}")
    assert answer.mimetype == "image/jpeg" and answer.data.startswith(b"\xff\xd8\xff") and b"SECRET" not in answer.data
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert f"/photos/{photo.id}" in client.get(f"/people/{person_id}").text


def test_the_officer_sees_his_own_and_nobody_elses(web_office: Office, enter):
    keeper, person_id = enter(web_office.keeper), web_office.person.id
    upload(keeper, person_id, portrait())
    upload(enter(web_office.second), web_office.person.id, portrait(shade=60))
    first, second = photos(person_id)
    officer = enter(web_office.officer)
    assert f"/me/photos/{second.id}" in officer.get("/me/file").text
    assert officer.get(f"/me/photos/{second.id}").status_code == 200
    assert keeper.get(f"/me/photos/{second.id}").status_code == 404
    assert officer.get(f"/people/{person_id}/photos/{second.id}").status_code == 403
    assert enter(web_office.stranger).get(f"/people/{person_id}/photos/{second.id}").status_code == 404
    assert keeper.get(f"/people/{web_office.keeper.person_id}/photos/{second.id}").status_code == 404


def test_a_new_photo_follows_the_old_and_the_standing_is_judged_anew(web_office: Office, enter):
    client, person_id = enter(web_office.keeper), web_office.person.id
    for shade in (120, 120, 60):
        upload(client, person_id, portrait(shade=shade))
    assert len(photos(person_id)) == 2, "the same photo once more is no new one"
    with db.reading() as session:
        assert "photo" in set(session.scalars(select(FactChange.fact).where(FactChange.person_id == person_id)))
    for statement in ("UPDATE person_photo SET sha256 = 'x'", "DELETE FROM person_photo"):
        with pytest.raises(DBAPIError, match="guard"), db.writing() as session:
            session.execute(text(statement))


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (flood(), 413), (portrait(100, 123), 422), (b"<svg onload='alert(1)'/>", 422), (portrait() + bytes(2**21), 413),
        (b"", 422),
    ],
)  # fmt: skip
def test_what_is_no_photo_is_refused_with_a_sentence(web_office: Office, enter, content: bytes, status: int):
    answer = upload(enter(web_office.keeper), web_office.person.id, content)
    assert answer.status_code == status and "mf-err" in answer.text
    assert photos(web_office.person.id) == []


def test_who_destroys_the_key_destroys_the_photo(web_office: Office, enter, files: Path):
    client, person_id = enter(web_office.keeper), web_office.person.id
    upload(client, person_id, portrait())
    (photo,) = photos(person_id)
    with db.writing() as session:
        session.delete(session.get_one(PersonKey, person_id))
        session.commit()
    assert client.get(f"/people/{person_id}/photos/{photo.id}").status_code == 404


def test_a_sealed_photo_moved_to_another_name_does_not_open(web_office: Office, enter, files: Path):
    client, person_id = enter(web_office.keeper), web_office.person.id
    for shade in (120, 60):
        upload(client, person_id, portrait(shade=shade))
    one, two = (queries.place_of(files, photo) for photo in photos(person_id))
    two.write_bytes(one.read_bytes())
    assert client.get(f"/people/{person_id}/photos/{photos(person_id)[1].id}").status_code != 200


def test_an_archive_takes_the_good_in_and_names_the_bad(web_office: Office, enter):
    county = web_office.county
    others = [county.person(name, born=date(1991, 1, n)) for n, name in enumerate(("安丽华", "毕春生", "蔡文杰"), 1)]
    for person in others:
        county.post(person)
    county.post(web_office.stranger.person, county.other_bureau)  # on record, but on another's roster
    county.session.commit()
    keeper, number = enter(web_office.keeper), web_office.person.id_number()
    county.session.commit()
    answer = bring(
        keeper,
        {
            f"照片/{number}.jpg": portrait(),
            f"{others[0].personnel_number}.PNG": portrait(kind="PNG"),
            f"{others[1].personnel_number}.jpg": portrait(50, 60),
            f"{others[2].personnel_number}.jpg": portrait(),
            f"twin/{others[2].personnel_number}.jpg": portrait(shade=9),
            "张三.jpg": portrait(),
            f"{web_office.stranger.person.personnel_number}.jpg": portrait(),
        },
    )
    page = keeper.get(answer.location).text
    assert [len(photos(p.id)) for p in (web_office.person, *others)] == [1, 1, 0, 0]
    assert photos(web_office.stranger.person_id) == []
    assert number not in page and f"{number[:6]}********{number[-4:]}" in page
    assert page.count("安丽华") == 1 and "50 × 60" in page and "张三.jpg" in page
    with db.reading() as session:
        batch = session.scalars(select(PhotoBatch)).one()
        raw = session.execute(text("SELECT sealed FROM photo_batch")).scalar_one()
    assert batch.counts == {"added": 2, "unchanged": 0, "parked": 5}
    assert number.encode() not in bytes(raw)


def test_the_same_archive_once_more_changes_nothing(web_office: Office, enter):
    keeper, files = enter(web_office.keeper), {f"{web_office.person.personnel_number}.jpg": portrait()}
    bring(keeper, files)
    bring(keeper, files)
    with db.reading() as session:
        counts = [b.counts for b in session.scalars(select(PhotoBatch).order_by(PhotoBatch.id))]
    assert [c["added"] for c in counts] == [1, 0] and counts[1]["unchanged"] == 1
    assert len(photos(web_office.person.id)) == 1


def test_a_report_is_its_own_bringers(web_office: Office, enter):
    answer = bring(enter(web_office.keeper), {"x.jpg": portrait()})
    assert enter(web_office.second).get(answer.location).status_code == 404


@pytest.mark.parametrize("content", [b"no archive", packed({"../../x.jpg": b"a"}), packed({"a.jpg": bytes(9 * 2**20)})])
def test_a_tricky_archive_is_refused_whole(web_office: Office, enter, content: bytes):
    assert bring(enter(web_office.keeper), content).status_code in (413, 422)
    with db.reading() as session:
        assert session.scalar(select(PhotoBatch.id)) is None


def test_a_photo_that_never_arrived_is_said_to_be_missing(web_office: Office, enter, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(operations, "portions", lambda _lines: [])  # stopped right after the report was kept
    keeper = enter(web_office.keeper)
    answer = bring(keeper, {f"{web_office.person.personnel_number}.jpg": portrait()})
    assert 'class="mf-badge mf-badge--due"' in keeper.get(answer.location).text
    assert photos(web_office.person.id) == []


def test_an_archive_larger_than_other_uploads_passes_this_door(web_office: Office, enter):
    heavy = packed({f"x{n}.jpg": portrait() + _noise(1_500_000) for n in range(8)})
    assert len(heavy) > 10 * 1024 * 1024
    keeper = enter(web_office.keeper)
    assert bring(keeper, heavy).status_code == 303
    assert keeper.post(
        f"/people/{web_office.person.id}/photos/new", data={"file": (BytesIO(heavy), "x.jpg")}
    ).status_code == 413  # fmt: skip


def _noise(count: int) -> bytes:
    return os.urandom(count)


def test_what_is_shown_is_a_whole_picture(web_office: Office, enter):
    client, person_id = enter(web_office.keeper), web_office.person.id
    upload(client, person_id, portrait(1040, 1280))
    with Image.open(BytesIO(client.get(f"/people/{person_id}/photos/{photos(person_id)[0].id}").data)) as picture:
        picture.load()
        assert picture.width <= 716


def test_the_archive_page_takes_few_statements(web_office: Office, enter, statements):
    keeper = enter(web_office.keeper)
    for n in range(3):
        bring(keeper, {f"x{n}.jpg": portrait()})
    statements.clear()
    assert keeper.get("/people/photos").status_code == 200
    assert len(statements) <= 10
