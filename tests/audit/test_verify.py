"""mingfa audit verify: whatever is touched afterwards is found, and where."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.ground import audit, audit_chain, audit_personal, audit_verify, guards
from portal.ground.db import db
from portal.ground.models import AuditSeal
from tests.conftest import NOON

KEY = Ed25519PrivateKey.from_private_bytes(b"3" * 32)
TRUSTED = [KEY.public_key()]
COUNT = 12


@pytest.fixture
def trail(session: Session) -> Session:
    """Twelve lines, half of them with a personal part; the guards are gone, as they would be for an intruder."""
    for number in range(COUNT):
        audit.record(
            session, "tried", "thing", number, now=NOON + timedelta(seconds=number), address="10.0.0.1",
            person_id=number if number % 2 else None, reason="why" if number % 3 else None,
            body_id=number + 1, code=number,
        )  # fmt: skip
        session.commit()
    guards.remove(session.connection())
    session.commit()
    return session


def outcome(noted: tuple[int, str] | None = None) -> audit_verify.Outcome:
    with db.reading() as fresh:
        return audit_verify.verify(fresh, TRUSTED, noted=noted)


def change(session: Session, statement: str) -> None:
    session.execute(text(statement))
    session.commit()
    session.expire_all()


def test_an_untouched_trail_is_whole(trail: Session):
    found = outcome()
    assert found.fault is None and (found.number, found.links) == (COUNT, COUNT)
    assert (found.number, found.hash) == audit_chain.head(trail)


LINE = {
    "id": "id + 1000", "at": "'2026-11-23 04:00:07.000001'", "account_id": "NULL", "act": "'other'",
    "object_kind": "'other'", "object_id": "'other'", "body_id": "body_id + 1", "address": "'10.0.0.2'",
    "person_id": "99", "codes": "'[]'", "commitment": "'00'",
}  # fmt: skip


@pytest.mark.parametrize("column", [c for c in LINE if c != "account_id"])
def test_a_changed_line_is_found(trail: Session, column: str):
    if column == "id" and trail.bind.dialect.name == "sqlite":
        trail.execute(text("PRAGMA defer_foreign_keys=ON"))
    change(trail, "DELETE FROM audit_personal WHERE line_id = (SELECT id FROM audit_line WHERE object_id = '6')")
    change(trail, f"UPDATE audit_line SET {column} = {LINE[column]} WHERE object_id = '6'")
    assert outcome().fault.number == 7


def test_the_account_of_a_line_is_bound_too(county):
    session, officer = county.session, county.officer()
    audit.record(session, "tried", "thing", 1, now=NOON)
    session.commit()
    guards.remove(session.connection())
    change(session, f"UPDATE audit_line SET account_id = {officer.id} WHERE object_id = '1' AND act = 'tried'")
    assert outcome().fault.number == outcome().number + 1


def test_every_column_of_a_line_is_tried(session: Session):
    assert set(LINE) == set(audit.AuditLine.__table__.columns.keys()) == set(audit_chain.FACTS)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_seal SET number = 100 WHERE number = 7", "UPDATE audit_seal SET line_id = 777 WHERE number = 7",
     "UPDATE audit_seal SET prev_hash = '00' WHERE number = 7", "UPDATE audit_seal SET hash = '00' WHERE number = 7",
     "DELETE FROM audit_seal WHERE number = 7",
     "UPDATE audit_personal SET sealed = NULL WHERE line_id = (SELECT line_id FROM audit_seal WHERE number = 8)",
     "UPDATE audit_personal SET person_id = 5 WHERE line_id = (SELECT line_id FROM audit_seal WHERE number = 8)",
     "DELETE FROM audit_personal WHERE line_id = (SELECT line_id FROM audit_seal WHERE number = 8)",
     ("UPDATE audit_personal SET sealed = (SELECT sealed FROM audit_personal WHERE person_id = 5)"
      " WHERE line_id = (SELECT line_id FROM audit_seal WHERE number = 8)")],
)  # fmt: skip
def test_a_changed_seal_or_personal_part_is_found(trail: Session, statement: str):
    change(trail, statement)
    assert outcome().fault.number in (7, 8)


def test_a_line_taken_out_of_the_middle_is_found(trail: Session):
    change(trail, "DELETE FROM audit_personal WHERE line_id = (SELECT line_id FROM audit_seal WHERE number = 6)")
    change(trail, "DELETE FROM audit_line WHERE id = (SELECT line_id FROM audit_seal WHERE number = 6)")
    assert outcome().fault.number == 6
    change(trail, "DELETE FROM audit_seal WHERE number = 6")
    assert outcome().fault.number == 6


def test_two_lines_that_changed_places_are_found(trail: Session):
    chosen = select(AuditSeal.line_id).where(AuditSeal.number.in_((5, 6))).order_by(AuditSeal.number)
    first, second = trail.scalars(chosen).all()
    change(trail, "UPDATE audit_seal SET line_id = -1 WHERE number = 5")
    change(trail, f"UPDATE audit_seal SET line_id = {first} WHERE number = 6")
    change(trail, f"UPDATE audit_seal SET line_id = {second} WHERE number = 5")
    assert outcome().fault.number == 5


def test_a_line_that_was_written_anew_with_its_own_seal_is_found_at_the_next(trail: Session):
    change(trail, "UPDATE audit_line SET address = '10.9.9.9' WHERE object_id = '4'")
    seal = trail.scalars(select(AuditSeal).where(AuditSeal.number == 5)).one()
    line = trail.get_one(audit.AuditLine, seal.line_id)
    made = audit_chain.link(5, seal.prev_hash, {name: getattr(line, name) for name in audit_chain.FACTS})
    change(trail, f"UPDATE audit_seal SET hash = '{made}' WHERE number = 5")
    assert outcome().fault.number == 6


def test_a_line_slipped_in_without_a_seal_is_found(trail: Session):
    change(
        trail,
        "INSERT INTO audit_line (id, at, act, object_kind, object_id, codes) "
        "VALUES (500, '2026-11-23 04:00:00', 'x', 'y', '1', '{}')",
    )
    assert "500" in outcome().fault.why


def test_an_end_cut_off_is_found_by_the_head_that_was_noted_outside(trail: Session):
    noted = audit_chain.head(trail)
    assert outcome(noted).fault is None
    for table, column in (("audit_personal", "line_id"), ("audit_line", "id")):
        change(trail, f"DELETE FROM {table} WHERE {column} IN (SELECT line_id FROM audit_seal WHERE number > 10)")
    change(trail, "DELETE FROM audit_seal WHERE number > 10")
    assert outcome().fault is None  # a shorter chain is a chain: only the head tells
    assert outcome(noted).fault.number == 11


def test_a_chain_written_anew_is_found_by_the_head_that_was_noted_outside(trail: Session):
    noted = audit_chain.head(trail)
    change(trail, "DELETE FROM audit_seal")
    change(trail, "UPDATE audit_line SET address = '10.9.9.9' WHERE object_id = '2'")
    lines = trail.scalars(select(audit.AuditLine).order_by(audit.AuditLine.id)).all()
    audit_chain.seal(trail, [{name: getattr(line, name) for name in audit_chain.FACTS} for line in lines])
    trail.commit()
    assert outcome().fault is None
    assert outcome(noted).fault.number == COUNT


def test_an_emptied_personal_part_is_whole_only_after_an_erasure_on_record(trail: Session):
    audit_personal.destroy(trail, 5)
    trail.commit()
    assert "erasure" in outcome().fault.why
    audit.record(trail, "person_erased", "person", 5, now=NOON)
    trail.commit()
    assert outcome().fault is None


def test_reading_is_in_pieces(trail: Session, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(audit_verify, "CHUNK", 5)
    assert outcome().links == COUNT
