"""Tables that belong to no room: audit, ledger, changed facts, jobs, imports."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.crypto import sealed, sealed_elsewhere
from portal.ground.db import Base


class AuditLine(Base):
    """One sensitive act: who, when, from where, on what. Ids, codes and a commitment; never names or free text.

    Numbers of persons and bodies point at rows that may be erased or taken back; the line stays.
    """

    __tablename__ = "audit_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    act: Mapped[str] = mapped_column(String(60), index=True)
    object_kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(80), index=True)
    body_id: Mapped[int | None] = mapped_column(index=True)  # in whose scope the act lies
    address: Mapped[str | None] = mapped_column(String(64))
    person_id: Mapped[int | None] = mapped_column(index=True)  # whose data the personal part holds
    codes: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")
    commitment: Mapped[str | None] = mapped_column(String(64))  # salted digest of the personal part


class AuditSeal(Base):
    """A line's place in the chain: each hash covers the line and the hash before it.

    No foreign key to the line: when a prefix is cut, the line goes first and its guard asks the seal.
    """

    __tablename__ = "audit_seal"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 ... without a gap
    line_id: Mapped[int] = mapped_column(unique=True)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditPersonal(Base):
    """A line's before, after and reason, outside the chain, under the key of the person they are about.

    The salt of the commitment is sealed with them: in the open it would let anybody try out ID numbers.
    """

    __tablename__ = "audit_personal"

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("audit_line.id"), unique=True)
    person_id: Mapped[int] = mapped_column(index=True)  # 0: nobody's, under the site's own key
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=sealed_elsewhere("person_key"))  # None: erased

    line: Mapped[AuditLine] = relationship()


class AuditCheckpoint(Base):
    """What stood at the end of a prefix that was exported and may go, signed."""

    __tablename__ = "audit_checkpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    last_number: Mapped[int] = mapped_column(unique=True)
    last_hash: Mapped[str] = mapped_column(String(64))
    before: Mapped[datetime]  # every line behind this checkpoint is older
    file_sha256: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(128))  # Ed25519, hexadecimal


class PersonKey(Base):
    """The key of one person's parts of the audit trail; destroyed when the person is erased."""

    __tablename__ = "person_key"

    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0: the site
    key_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=sealed("person_key|key|{person_id}"))


class LedgerLeaf(Base):
    """One fact that outsiders must be able to prove later, in the order it was queued."""

    __tablename__ = "ledger_leaf"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(80))
    content_sha256: Mapped[str] = mapped_column(String(64))


class FactChange(Base):
    """A fact that decisions rest on has changed; standing is under re-check until it is drained."""

    __tablename__ = "fact_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    fact: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(80))
    drained_at: Mapped[datetime | None]


class Job(Base):
    """Work for the worker; `subject` makes a job unique while it waits."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_waiting", "done_at", "run_after"), UniqueConstraint("kind", "subject"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    run_after: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(500))
    done_at: Mapped[datetime | None]


class BatchState(StrEnum):
    READING = "reading"
    MAPPING = "mapping"  # a person must say which column is which
    CHECKING = "checking"
    PREVIEW = "preview"
    COMMITTING = "committing"
    COMMITTED = "committed"
    UNDOING = "undoing"
    UNDONE = "undone"
    DISCARDED = "discarded"
    REFUSED = "refused"  # could not be read


class ImportBatch(Base):
    """One file through the cockpit: what it held, what was taken, what was parked."""

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # officers, questions
    target: Mapped[str | None] = mapped_column(String(60))  # e.g. the bank's code
    file_name: Mapped[str] = mapped_column(String(255))
    file_sha256: Mapped[str] = mapped_column(String(64), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12), default=BatchState.PREVIEW)
    committed_at: Mapped[datetime | None]
    header: Mapped[list[str]] = mapped_column(JSON)  # the known columns that were found
    report: Mapped[dict[str, Any]] = mapped_column(JSON)  # created, changed, unchanged, parked
    sealed_rows: Mapped[bytes] = mapped_column(  # what speaks of the whole file
        LargeBinary, deferred=True, info=sealed("import_batch|sealed_rows|{id}")
    )
    file_key: Mapped[str | None] = mapped_column(String(40))  # the stored file's random name, while it is there
    form: Mapped[str] = mapped_column(String(10), default="auto", server_default="auto")  # docx, gift …, once known
    columns: Mapped[dict[str, str] | None] = mapped_column(JSON)  # our column → the file's title, where chosen
    rows_total: Mapped[int] = mapped_column(default=0, server_default="0")
    rows_done: Mapped[int] = mapped_column(default=0, server_default="0")  # of the running step
    step_at: Mapped[datetime | None]  # when the state last changed
    refusal: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # why the last step did not end well


class ImportedObject(Base):
    """What a batch created or changed, so that the batch can be taken back."""

    __tablename__ = "imported_object"
    __table_args__ = (Index("ix_imported_object_thing", "object_kind", "object_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), index=True)
    act: Mapped[str] = mapped_column(String(10))  # created, changed
    object_kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[int]
    sealed_values: Mapped[bytes | None] = mapped_column(  # of a changed row: before and after
        LargeBinary, info=sealed("imported_object|{object_kind}|{object_id}")
    )
    undone_at: Mapped[datetime | None]
