"""Tables that belong to no room: audit, ledger, changed facts, jobs, imports."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Base


class AuditLine(Base):
    """One sensitive act: who, when, on what, from what to what, and why. Rows are added, never changed."""

    __tablename__ = "audit_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    act: Mapped[str] = mapped_column(String(60), index=True)
    object_kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(80), index=True)
    address: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(500))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)  # ids and codes, never names or ID numbers


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
    PREVIEW = "preview"
    COMMITTED = "committed"
    UNDONE = "undone"
    DISCARDED = "discarded"


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
    header: Mapped[list[str]] = mapped_column(JSON)
    report: Mapped[dict[str, Any]] = mapped_column(JSON)  # created, changed, unchanged, parked
    sealed_rows: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # rows and problems as read, encrypted JSON


class ImportedObject(Base):
    """What a batch created or changed, so that the batch can be taken back."""

    __tablename__ = "imported_object"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), index=True)
    act: Mapped[str] = mapped_column(String(10))  # created, changed
    object_kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[int]
