"""One line per sensitive act, written in the act's own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.ground.crypto import digest
from portal.ground.models import AuditLine, FactChange, LedgerLeaf


def record(
    session: Session,
    act: str,
    object_kind: str,
    object_id: object,
    *,
    now: datetime,
    account_id: int | None = None,
    address: str | None = None,
    reason: str | None = None,
    **detail: Any,
) -> None:
    """Add an audit line; `detail` holds ids and codes, never names, ID numbers or free text of others."""
    session.add(
        AuditLine(
            at=now,
            account_id=account_id,
            act=act,
            object_kind=object_kind,
            object_id=str(object_id),
            address=address,
            reason=reason,
            detail=detail,
        )
    )


def to_ledger(session: Session, kind: str, object_id: object, content: Any, *, now: datetime) -> None:
    """Queue a fact for the ledger; `content` is hashed in its canonical form, not stored."""
    session.add(LedgerLeaf(at=now, kind=kind, object_id=str(object_id), content_sha256=digest(content)))


def fact_changed(session: Session, person_id: int, fact: str, object_id: object, *, now: datetime) -> None:
    """Say that something decisions rest on has changed: standing is under re-check from this moment."""
    session.add(FactChange(at=now, person_id=person_id, fact=fact, object_id=str(object_id)))
