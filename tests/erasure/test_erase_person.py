"""Erasing a person: refused while somebody needs him, and then no byte of him is left while the trail stays whole."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import DBAPIError

from portal import cli
from portal.commands.person import _remove_files
from portal.credentials.models import Notice
from portal.ground import audit, audit_personal, audit_verify
from portal.ground.crypto import keys
from portal.ground.db import db, open_engine
from portal.ground.imports import seal_values
from portal.ground.models import AuditLine, AuditPersonal, ImportBatch, ImportedObject, PersonKey
from portal.people import operations as people
from portal.people import roster_undo
from portal.people.erasure.operations import NO_PASSWORD, AlreadyErased, StillInPost
from portal.people.models import Account, Grant, Person, Role, SignIn
from portal.people.records.photos.models import PersonPhoto
from portal.people.records.photos.queries import place_of
from portal.reports.erasure.operations import ExamRunning, StillEligible, erase_person
from tests.audit.test_verify import TRUSTED
from tests.conftest import AUDIT_KEY, DATA_KEY, INDEX_KEY, NOON
from tests.factories import County

NAME, PHONE = "欧阳㛃翾", "13844500001"


def leaver(county: County) -> Account:
    """An officer with a name to look for, phone, sign-in and audit lines, whose post ended yesterday."""
    account = county.account(county.person(NAME), Role.OFFICER, county.transport)
    person = account.person
    post = county.post(person)
    person.phone_sealed = keys.seal(PHONE, f"person|phone|{person.public_id}")
    person.phone_index = keys.blind(PHONE, "person|phone")
    post.ended_on = county.today - timedelta(days=1)
    county.session.add(
        SignIn(token_sha256="ab" * 32, account_id=account.id, at=NOON, ends_at=NOON + timedelta(hours=9),
               address="10.7.7.7", device="Chrome")
    )  # fmt: skip
    audit.record(
        county.session, "person_edited", "person", person.id, now=NOON, person_id=person.id,
        before={"name": NAME, "phone": PHONE}, reason=f"{NAME}本人申请",
    )  # fmt: skip
    audit.record(county.session, "tried", "thing", 1, now=NOON, person_id=person.id + 1, reason="another's")
    county.session.commit()
    return account


def erase(county: County, person: Person):
    erased = erase_person(county.session, person, ground="right", reason="申请书 3 号", now=NOON)
    county.session.commit()
    return erased


def test_nothing_of_the_person_is_left_and_the_trail_is_whole(county: County):
    account = leaver(county)
    person, number = account.person, account.person.id_number()
    erase(county, person)
    session = county.session
    session.expire_all()
    assert person.name == "—" and person.name_pinyin == "" and person.phone_sealed is None and person.erased_at
    assert person.id_number() != number and len(person.id_number_index) == 64
    assert session.get(PersonKey, person.id) is None and session.get(PersonKey, person.id + 1)
    lines = session.scalars(select(AuditLine).where(AuditLine.person_id == person.id)).all()
    assert lines and [audit_personal.read(session, line) for line in lines] == [None] * len(lines)
    assert session.scalar(select(func.count()).select_from(AuditPersonal).where(AuditPersonal.sealed.is_(None))) == 1
    line = session.scalars(select(AuditLine).where(AuditLine.act == "person_erased")).one()
    assert line.codes["ground"] == "right" and audit_personal.read(session, line) == {"reason": "申请书 3 号"}
    session.rollback()
    with db.reading() as fresh:
        assert audit_verify.verify(fresh, TRUSTED).fault is None


def test_no_way_in_stays_open(county: County):
    account = leaver(county)
    erase(county, account.person)
    county.session.expire_all()
    assert account.disabled_at and account.password_hash == NO_PASSWORD
    assert county.session.scalars(select(SignIn).where(SignIn.account_id == account.id)).one().ended_at
    grants = county.session.scalars(select(Grant).where(Grant.account_id == account.id)).all()
    assert grants and all(grant.revoked_at for grant in grants)


def test_who_is_in_post_stays(county: County):
    officer = county.officer()
    with pytest.raises(StillInPost):
        erase(county, officer.person)


def test_who_sits_an_exam_stays(county: County):
    account = leaver(county)
    county.attempt(account, county.exam())
    with pytest.raises(ExamRunning):
        erase(county, account.person)


def test_who_is_eligible_or_has_applied_stays(county: County):
    officer, application, checker = county.ready()
    officer.person.posts[-1].ended_on = county.today - timedelta(days=1)
    with pytest.raises(StillEligible):
        erase(county, officer.person)
    county.session.rollback()


def test_nobody_is_erased_twice(county: County):
    person = leaver(county).person
    erase(county, person)
    with pytest.raises(AlreadyErased):
        erase(county, person)


def test_an_expired_notice_names_nobody_any_more_and_no_other_notice_can_be_changed(county: County):
    officer, application, checker = county.ready()
    county.decided(application, checker)
    county.session.commit()
    with pytest.raises(DBAPIError, match="guard"), county.session.begin_nested():
        county.session.execute(text("UPDATE notice SET printed = '{}'"))
    officer.person.posts[-1].ended_on = county.today
    county.session.commit()
    late = NOON + timedelta(days=366 * 9)
    erase_person(county.session, officer.person, ground="retention", reason="期满", now=late)
    county.session.commit()
    county.session.expire_all()
    notice = county.session.scalars(select(Notice)).one()
    assert (notice.printed["name"], notice.printed["id_tail"]) == ("—", "—") and notice.printed["number"]
    with pytest.raises(DBAPIError, match="guard"), county.session.begin_nested():
        county.session.execute(text("UPDATE notice SET token = 'x'"))


def test_the_command_leaves_no_byte_of_the_person_in_the_file(sqlite_url: str, tmp_path: Path):
    db.open(sqlite_url)
    with db.writing() as session:
        account = leaver(County(session, NOON))
        personnel_number, number = account.person.personnel_number, account.person.id_number()
        index, sealed = account.person.id_number_index, bytes(account.person.id_number_sealed)
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    traces = {"name": NAME.encode(), "number": number.encode(), "phone": PHONE.encode(), "index": index.encode(),
              "sealed": sealed, "address": b"10.7.7.7"}  # fmt: skip
    assert NAME.encode() in all_bytes(file) and sealed in all_bytes(file)
    env = {
        "MINGFA_DATABASE_URL": sqlite_url, "MINGFA_SECRET_KEY": "s" * 48, "MINGFA_DATA_KEY": DATA_KEY,
        "MINGFA_INDEX_KEY": INDEX_KEY, "MINGFA_AUDIT_KEY": AUDIT_KEY, "MINGFA_FILES_DIR": str(tmp_path / "f"),
        "MINGFA_CONFIG": "",
    }  # fmt: skip
    server = open_engine(sqlite_url)
    with server.connect() as running:  # while the server has the file open, closing does not empty the log
        running.execute(text("SELECT 1"))
        running.rollback()
        answer = CliRunner().invoke(cli.main, ["person", "erase", personnel_number, "--reason", "x", "--yes"], env=env)
        assert answer.exit_code == 0, answer.output
        content = all_bytes(file)
    server.dispose()
    assert [name for name, trace in traces.items() if trace in content] == []
    assert CliRunner().invoke(cli.main, ["audit", "verify"], env=env).exit_code == 0


def all_bytes(file: Path) -> bytes:
    return b"".join(part.read_bytes() for part in sorted(file.parent.glob(file.name + "*")))


def test_what_imports_kept_of_him_his_photos_and_the_roles_he_lent_go_too(county: County, tmp_path: Path):
    account, session = leaver(county), county.session
    post = account.person.posts[-1]
    batch = ImportBatch(
        kind="officers", file_name="a.xlsx", file_sha256="0" * 64, created_at=NOON, header=[], report={},
        sealed_rows=b"x",
    )  # fmt: skip
    session.add(batch)
    session.flush()
    for kind, thing in (("person", account.person_id), ("post", post.id), ("person", account.person_id + 1)):
        session.add(
            ImportedObject(
                batch_id=batch.id, act="changed", object_kind=kind, object_id=thing,
                sealed_values=seal_values(kind, thing, {"education": "bachelor"}, {"education": "master"}),
            )
        )  # fmt: skip
    deputy = county.staff(Role.AUDITOR, county.transport, born=date(1977, 7, 7))
    people.grant(session, account, Role.UNIT_ADMIN, county.transport, now=NOON)
    lent = Grant(
        account_id=deputy.id, role=Role.UNIT_ADMIN, body_id=county.transport.id, granted_at=NOON,
        on_behalf_of_id=account.id, starts_on=county.today, ends_on=county.today + timedelta(days=9),
    )  # fmt: skip
    photo = PersonPhoto(
        public_id="p" * 22, person_id=account.person_id, sha256="0" * 64, width=1, height=1, added_at=NOON,
        account_id=deputy.id,
    )  # fmt: skip
    session.add_all([lent, photo])
    session.commit()
    erased = erase(county, account.person)
    objects = select(ImportedObject.object_id, ImportedObject.sealed_values.is_(None)).order_by(ImportedObject.id)
    kept = session.execute(objects).all()
    assert [(thing, bool(gone)) for thing, gone in kept] == [
        (account.person_id, True), (post.id, True), (account.person_id + 1, False)
    ]  # fmt: skip
    session.refresh(lent)
    assert lent.revoked_at
    session.execute(delete(ImportedObject).where(ImportedObject.sealed_values.is_not(None)))
    assert list(roster_undo._changed_since(session, batch)) == [account.person_id] * 2
    file = place_of(tmp_path, photo)
    file.parent.mkdir(parents=True)
    file.write_bytes(b"sealed")
    _remove_files("https://example.cn", erased, tmp_path)
    assert not file.exists()
