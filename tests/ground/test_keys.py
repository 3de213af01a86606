"""Keys: values say which key made them, old keys open and find, rotation reaches every value and may be stopped."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text, update

from portal import cli
from portal.ground import audit, audit_personal, keys_rotation
from portal.ground.crypto import FIRST, Keys, WillNotOpen, keys
from portal.ground.db import db
from portal.ground.keys_rotation import counts, rotate, sealed_columns, undeclared
from portal.ground.models import AuditLine
from portal.people.access.queries import account_for_sign_in
from portal.people.models import Account, Person
from portal.people.queries import id_number_index, id_number_indexes
from portal.tables import metadata
from tests.conftest import AUDIT_KEY, DATA_KEY, INDEX_KEY, NOON
from tests.factories import County

NEW_DATA, NEW_INDEX = "77" * 32, "88" * 32


def new_keys() -> None:
    keys.open(NEW_DATA, NEW_INDEX, old_data=[DATA_KEY], old_index=[INDEX_KEY])


def columns() -> dict[str, keys_rotation.SealedColumn]:
    return {sealed.name: sealed for sealed in sealed_columns(metadata)}


def roll(name: str) -> keys_rotation.Progress:
    return [keys_rotation.Progress(name), *rotate(db, keys, columns()[name])][-1]


def people(county: County, count: int) -> dict[int, str]:
    """Person id → ID number."""
    made = [county.person("张三", born=date(1980, 1, 1) + timedelta(days=n)) for n in range(count)]
    county.session.flush()
    found = {person.id: person.id_number() for person in made}
    county.session.commit()
    return found


def test_every_column_that_is_named_as_sealed_says_what_binds_it():
    assert undeclared(metadata) == []


def test_every_declaration_names_columns_that_exist():
    for sealed in sealed_columns(metadata):
        assert sealed.binds and sealed.key and (sealed.index is None or sealed.purpose)


@pytest.mark.parametrize("suite", ["aes", "sm4"])
def test_a_value_opens_only_where_it_was_sealed(suite: str):
    ring = Keys()
    ring.open(DATA_KEY, INDEX_KEY, suite=suite)
    sealed = ring.seal("220581199005060000", "person|id_number|a")
    assert ring.unseal(sealed, "person|id_number|a") == "220581199005060000" and sealed.startswith(ring.mark)
    for wrong, place in ((sealed, "person|id_number|b"), (sealed[:-1] + b"\x00", "person|id_number|a"),
                         (b"zz" + sealed[2:], "person|id_number|a"), (b"", "person|id_number|a")):  # fmt: skip
        with pytest.raises(WillNotOpen):
            ring.unseal(wrong, place)


def test_a_new_suite_and_a_new_key_still_open_what_older_ones_made():
    first, later = Keys(), Keys()
    first.open(DATA_KEY, INDEX_KEY)
    later.open(NEW_DATA, NEW_INDEX, old_data=[DATA_KEY], suite="sm4")
    assert later.unseal(first.seal("x", "here"), "here") == "x"
    with pytest.raises(WillNotOpen):
        first.unseal(later.seal("x", "here"), "here")


def test_what_the_first_suite_made_still_opens():
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    old = FIRST + b"n" * 12 + AESGCM(bytes.fromhex(DATA_KEY)).encrypt(b"n" * 12, b"x", b"here")
    assert keys.unseal(old, "here") == "x"
    new_keys()
    assert keys.unseal(old, "here") == "x"


def test_swapped_numbers_do_not_open(county: County):
    first, second = people(county, 2)
    session = county.session
    session.connection().execute(
        update(Person.__table__).where(Person.id == first).values(
            id_number_sealed=select(Person.__table__.c.id_number_sealed).where(Person.id == second).scalar_subquery()
        )
    )  # fmt: skip
    session.expire_all()
    with pytest.raises(WillNotOpen):
        session.get_one(Person, first).id_number()


def test_rotation_brings_every_number_and_index_under_the_new_keys(county: County):
    numbers = people(county, 25)
    new_keys()
    progress = roll("person.id_number_sealed")
    assert (progress.seen, progress.changed, progress.closed) == (progress.seen, progress.seen, 0)
    keys.open(NEW_DATA, NEW_INDEX)  # the old keys are gone
    county.session.rollback()
    county.session.expire_all()
    for person_id, number in numbers.items():
        person = county.session.get_one(Person, person_id)
        assert person.id_number() == number and person.id_number_index == id_number_index(number)
    assert roll("person.id_number_sealed").changed == 0


def test_no_look_up_fails_while_keys_change(county: County, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keys_rotation, "ROWS", 5)
    numbers = people(county, 40)
    new_keys()
    missed = []
    for _ in rotate(db, keys, columns()["person.id_number_sealed"]):
        with db.reading() as session:
            for person_id, number in numbers.items():
                found = session.scalar(select(Person.id).where(Person.id_number_index.in_(id_number_indexes(number))))
                missed += [number] if found != person_id else []
    assert not missed


def test_signing_in_with_the_id_number_works_before_and_after(county: County):
    officer = county.officer()
    number = officer.person.id_number()
    county.session.commit()
    new_keys()
    for _ in range(2):
        with db.reading() as session:
            assert account_for_sign_in(session, number).id == session.get_one(Account, officer.id).id
        roll("person.id_number_sealed")


def test_a_rotation_that_was_killed_goes_on_where_it_stopped(county: County, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keys_rotation, "ROWS", 5)
    numbers = people(county, 20)
    new_keys()
    next(rotate(db, keys, columns()["person.id_number_sealed"]))  # one step, then nothing more
    with db.reading() as session:
        found = counts(session, columns()["person.id_number_sealed"])
        assert found[keys.mark] == 5 and sum(found.values()) >= 20
    assert roll("person.id_number_sealed").changed == sum(found.values()) - 5
    county.session.rollback()
    county.session.expire_all()
    assert all(county.session.get_one(Person, n).id_number() == number for n, number in numbers.items())


def test_a_value_that_changed_meanwhile_is_left_alone(county: County, monkeypatch: pytest.MonkeyPatch):
    (person_id,) = people(county, 1)
    new_keys()
    read = keys_rotation._read

    def slow(session, sealed, after, rows):
        found = read(session, sealed, after, rows)
        with db.writing() as other:
            person = other.get_one(Person, person_id)
            person.phone_sealed = keys.seal("13900000002", f"person|phone|{person.public_id}")
            other.commit()
        return found

    session = county.session
    person = session.get_one(Person, person_id)
    old = Keys()
    old.open(DATA_KEY, INDEX_KEY)
    person.phone_sealed = old.seal("13900000001", f"person|phone|{person.public_id}")
    session.commit()
    monkeypatch.setattr(keys_rotation, "_read", slow)
    next(rotate(db, keys, columns()["person.phone_sealed"]), None)
    session.rollback()
    session.expire_all()
    person = session.get_one(Person, person_id)
    assert keys.unseal(person.phone_sealed, f"person|phone|{person.public_id}") == "13900000002"


def test_somebody_who_stands_twice_stops_nobody_else(county: County):
    numbers = people(county, 3)
    first, *_ = numbers
    new_keys()
    with db.writing() as session:  # entered again by a look-up that knew only the new index key
        same = id_number_index(session.get_one(Person, first).id_number())
        session.connection().execute(
            update(Person.__table__).where(Person.id == first + 1).values(id_number_index=same)
        )
        session.commit()
    progress = roll("person.id_number_sealed")
    assert progress.twins >= 1 and progress.changed == progress.seen - progress.twins


def test_the_audit_trails_person_keys_are_changed_and_its_parts_still_open(county: County):
    audit.record(county.session, "tried", "thing", 1, now=NOON, person_id=4, reason="why")
    county.session.commit()
    new_keys()
    assert roll("person_key.key_sealed").changed >= 1
    keys.open(NEW_DATA, NEW_INDEX)
    with db.reading() as session:
        assert audit_personal.read(session, session.scalars(select(AuditLine).where(AuditLine.act == "tried")).one())


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "MINGFA_DATABASE_URL": sqlite_url, "MINGFA_SECRET_KEY": "s" * 48, "MINGFA_DATA_KEY": NEW_DATA,
        "MINGFA_INDEX_KEY": NEW_INDEX, "MINGFA_AUDIT_KEY": AUDIT_KEY, "MINGFA_DATA_KEYS_OLD": DATA_KEY,
        "MINGFA_INDEX_KEYS_OLD": INDEX_KEY, "MINGFA_FILES_DIR": str(tmp_path), "MINGFA_CONFIG": "",
    }  # fmt: skip


def test_the_command_counts_changes_and_says_so_in_the_trail(settings: dict[str, str]):
    db.open(settings["MINGFA_DATABASE_URL"])
    with db.writing() as session:
        people(County(session, NOON), 7)
    before = CliRunner().invoke(cli.main, ["keys"], env=settings)
    assert "person.id_number_sealed" in before.output and "old 1 data key" in before.output
    answer = CliRunner().invoke(cli.main, ["keys", "rotate"], env=settings)
    assert answer.exit_code == 0, answer.output
    after = CliRunner().invoke(cli.main, ["keys"], env=settings).output
    assert "old 1" not in after and "current data key" in after
    with db.reading() as session:
        line = session.scalars(select(AuditLine).where(AuditLine.act == "keys_rotated")).one()
    assert line.codes["changed"]["person.id_number_sealed"] == 7 and line.codes["left"] == 0
    assert CliRunner().invoke(cli.main, ["audit", "verify"], env=settings).exit_code == 0


def test_a_key_that_is_missing_is_told(settings: dict[str, str]):
    db.open(settings["MINGFA_DATABASE_URL"])
    with db.writing() as session:
        people(County(session, NOON), 2)
    settings["MINGFA_DATA_KEYS_OLD"] = ""
    answer = CliRunner().invoke(cli.main, ["keys", "rotate"], env=settings)
    assert answer.exit_code == 1 and "keep the old keys" in answer.output
    assert "unknown key" in CliRunner().invoke(cli.main, ["keys"], env=settings).output


def test_saving_goes_on_while_keys_change(county: County, monkeypatch: pytest.MonkeyPatch):
    """Each step is its own short transaction: another writer gets in between."""
    monkeypatch.setattr(keys_rotation, "ROWS", 5)
    people(county, 30)
    new_keys()
    done = threading.Event()
    written = 0

    def turn() -> None:
        for _ in rotate(db, keys, columns()["person.id_number_sealed"]):
            pass
        done.set()

    thread = threading.Thread(target=turn)
    thread.start()
    while not done.is_set():
        with db.writing() as session:
            session.execute(text("UPDATE person SET version = version + 1 WHERE id = 1"))
            session.commit()
        written += 1
    thread.join()
    assert written > 1
    keys.open(NEW_DATA, NEW_INDEX)
    with db.reading() as session:
        assert set(counts(session, columns()["person.id_number_sealed"])) == {keys.mark}
