"""Retention: only a whole prefix goes, exported, behind a signed checkpoint, and the rest still verifies."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.ground import audit, audit_chain, audit_cut, audit_verify, guards
from portal.ground.db import db
from portal.ground.models import AuditCheckpoint, AuditLine, AuditPersonal, AuditSeal
from tests.conftest import NOON

KEY = Ed25519PrivateKey.from_private_bytes(b"3" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"4" * 32)
OLD, COUNT = 7, 10


@pytest.fixture
def trail(session: Session) -> Session:
    """Seven lines of four years ago and three of today."""
    for number in range(COUNT):
        at = NOON - timedelta(days=1461) if number < OLD else NOON
        audit.record(session, "tried", "thing", number, now=at, reason="why")
        session.commit()
    return session


def fault(trusted: list[Ed25519PrivateKey] | None = None, noted: tuple[int, str] | None = None):
    with db.reading() as fresh:
        return audit_verify.verify(fresh, [key.public_key() for key in trusted or [KEY]], noted=noted).fault


def checkpoint(session: Session, file: Path, key: Ed25519PrivateKey = KEY) -> AuditCheckpoint:
    before = audit_cut.oldest_kept(3, now=NOON)
    last = audit_cut.last_to_go(session, before)
    made = audit_cut.export(session, last.number, file)
    row = audit_cut.set_checkpoint(session, last, before=before, file_sha256=made, key=key, now=NOON)
    session.commit()
    return row


def cut(session: Session, file: Path, key: Ed25519PrivateKey = KEY) -> int:
    checkpoint(session, file, key)
    gone = audit_cut.remove_chunk(session)
    session.commit()
    return gone


def test_the_old_prefix_is_exported_and_goes_and_the_rest_is_whole(trail: Session, tmp_path: Path):
    first_hash = trail.scalar(select(AuditSeal.hash).where(AuditSeal.number == OLD))
    assert cut(trail, tmp_path / "cut.jsonl") == OLD
    assert trail.scalar(select(func.min(AuditSeal.number))) == OLD + 1
    assert trail.scalar(select(func.count()).select_from(AuditPersonal)) == COUNT - OLD
    exported = [json.loads(line) for line in (tmp_path / "cut.jsonl").read_text().splitlines()]
    assert [row["number"] for row in exported] == list(range(1, OLD + 1)) and exported[-1]["hash"] == first_hash
    assert "why" not in (tmp_path / "cut.jsonl").read_text()
    assert fault() is None and fault(noted=audit_chain.head(trail)) is None


def test_the_export_proves_itself(trail: Session, tmp_path: Path):
    row = checkpoint(trail, tmp_path / "cut.jsonl")
    assert hashlib.sha256((tmp_path / "cut.jsonl").read_bytes()).hexdigest() == row.file_sha256
    prev = audit_chain.GENESIS
    for line in (tmp_path / "cut.jsonl").read_text().splitlines():
        made = json.loads(line)
        facts = {**made["line"], "at": audit_cut.datetime.fromisoformat(made["line"]["at"])}
        assert made["hash"] == audit_chain.link(made["number"], prev, facts)
        prev = made["hash"]
    assert prev == row.last_hash


def test_a_cut_that_broke_off_half_way_is_whole_and_can_be_finished(trail: Session, tmp_path: Path):
    checkpoint(trail, tmp_path / "cut.jsonl")
    assert fault() is None
    assert audit_cut.remove_chunk(trail, limit=3) == 3
    trail.commit()
    assert fault() is None
    assert audit_cut.remove_chunk(trail) == OLD - 3
    trail.commit()
    assert fault() is None and audit_cut.remove_chunk(trail) == 0


def test_nothing_young_goes(trail: Session, tmp_path: Path):
    with pytest.raises(audit_cut.TooYoung):
        audit_cut.oldest_kept(0.4, now=NOON)
    cut(trail, tmp_path / "cut.jsonl")
    with pytest.raises(audit_cut.NothingToCut):
        checkpoint(trail, tmp_path / "again.jsonl")
    assert not (tmp_path / "again.jsonl").exists()


@pytest.mark.parametrize("table", ["audit_personal", "audit_line", "audit_seal"])
def test_the_database_lets_nothing_go_that_no_checkpoint_covers(trail: Session, tmp_path: Path, table: str):
    column = {"audit_seal": "line_id", "audit_line": "id", "audit_personal": "line_id"}[table]
    covered = trail.scalar(select(AuditSeal.line_id).where(AuditSeal.number == OLD))
    young = trail.scalar(select(AuditSeal.line_id).where(AuditSeal.number == OLD + 1))

    def tried(line: int, statement: str = f"DELETE FROM {table} WHERE {column} = {{}}") -> None:
        with pytest.raises(DBAPIError, match="guard"), trail.begin_nested():
            trail.execute(text(statement.format(line)))

    tried(covered)
    checkpoint(trail, tmp_path / "cut.jsonl")
    tried(young)
    for statement in (f"UPDATE {table} SET {column} = {column} + 5000 WHERE {column} = {{}}",):
        tried(covered, statement)
    if trail.bind.dialect.name == "postgresql":
        tried(covered, f"TRUNCATE {table} CASCADE")
    else:
        tried(covered, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE {column} = {{}}")


def test_a_personal_part_may_be_emptied_and_nothing_else(trail: Session):
    for wrong in ("sealed = 'x'", "person_id = 9", "sealed = NULL, person_id = 9", "line_id = 9999, sealed = NULL"):
        if trail.bind.dialect.name == "postgresql":
            wrong = wrong.replace("'x'", "'x'::bytea")
        with pytest.raises(DBAPIError, match="guard"), trail.begin_nested():
            trail.execute(text(f"UPDATE audit_personal SET {wrong}"))
    trail.execute(text("UPDATE audit_personal SET sealed = NULL"))


@pytest.mark.parametrize("wrong", ["last_number = 3", "last_hash = 'ff'", "before = '2030-01-01 00:00:00'"])
def test_a_checkpoint_names_a_real_seal_with_nothing_young_behind_it(trail: Session, wrong: str):
    seal = trail.scalars(select(AuditSeal).where(AuditSeal.number == OLD)).one()
    good = {"last_number": seal.number, "last_hash": f"'{seal.hash}'", "before": "'2024-01-01 00:00:00'"}
    made = {**good, wrong.partition(" = ")[0]: wrong.partition(" = ")[2]}
    if "before" in wrong:
        made.update(last_number=seal.number + 1)
        made["last_hash"] = f"'{trail.scalar(select(AuditSeal.hash).where(AuditSeal.number == OLD + 1))}'"
        made["before"] = "'2026-11-23 04:00:00'"
    with pytest.raises(DBAPIError, match="guard"), trail.begin_nested():
        trail.execute(
            text(
                "INSERT INTO audit_checkpoint (id, at, last_number, last_hash, before, file_sha256, signature) VALUES "
                f"(1, '2026-11-23', {made['last_number']}, {made['last_hash']}, {made['before']}, '', '')"
            )
        )


def test_a_forged_checkpoint_is_found(trail: Session, tmp_path: Path):
    cut(trail, tmp_path / "cut.jsonl", OTHER)
    assert "not signed" in fault().why
    assert fault([KEY, OTHER]) is None  # the key before the last one still counts where it is named


@pytest.mark.parametrize("column, value", [("before", "'2022-01-01 00:00:00'"), ("file_sha256", "'00'"),
                                           ("at", "'2022-01-01 00:00:00'"), ("last_hash", "'00'")])  # fmt: skip
def test_a_changed_checkpoint_is_found(trail: Session, tmp_path: Path, column: str, value: str):
    checkpoint(trail, tmp_path / "cut.jsonl")
    guards.remove(trail.connection())
    trail.execute(text(f"UPDATE audit_checkpoint SET {column} = {value}"))
    trail.commit()
    assert fault() is not None


def test_a_prefix_that_went_without_a_checkpoint_is_found(trail: Session):
    guards.remove(trail.connection())
    for table in (AuditPersonal, AuditLine, AuditSeal):
        trail.execute(text(f"DELETE FROM {table.__tablename__} WHERE {'number' if table is AuditSeal else 'id'} <= 4"))
    trail.commit()
    assert fault().number == 5
