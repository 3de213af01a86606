"""The chain of audit lines: sealed in the last moment before the commit that makes them true."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any

from sqlalchemy import event, insert, inspect, select, text
from sqlalchemy.orm import Session, SessionTransaction

from portal.ground import audit_personal
from portal.ground.crypto import canonical
from portal.ground.models import AuditLine, AuditSeal

GENESIS = "0" * 64
ONE_AT_A_TIME = 0x4D696E676661  # PostgreSQL: whoever extends the chain holds this lock until his commit
FACTS = (
    "id", "at", "account_id", "act", "object_kind", "object_id", "body_id", "address", "person_id", "codes",
    "commitment",
)  # fmt: skip
_WAITING = "audit_lines"
_LAST = select(AuditSeal.number, AuditSeal.hash).order_by(AuditSeal.number.desc()).limit(1)
_SEALS = insert(AuditSeal.__table__)  # type: ignore[arg-type]


def will_seal(session: Session, line: AuditLine) -> None:
    """Remember a line of this transaction; it enters the chain when the session commits."""
    session.info.setdefault(_WAITING, []).append(line)


def link(number: int, prev_hash: str, facts: Mapping[str, Any]) -> str:
    """The hash of a line in its place; `facts` holds the columns FACTS."""
    plain = {name: facts[name] for name in FACTS}
    plain["at"] = plain["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(canonical([number, prev_hash, plain])).hexdigest()


def head(session: Session) -> tuple[int, str]:
    """The last number of the chain and its hash; (0, GENESIS) before the first line."""
    row = session.execute(_LAST).first()
    return (row.number, row.hash) if row else (0, GENESIS)


def seal(session: Session, lines: Iterable[Mapping[str, Any]]) -> None:
    """Put lines at the end of the chain, in the order given; nobody else extends it before the commit."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:chain)"), {"chain": ONE_AT_A_TIME})
    number, prev_hash = head(session)
    seals = []
    for facts in lines:
        number += 1
        made = link(number, prev_hash, facts)
        seals.append({"number": number, "line_id": facts["id"], "prev_hash": prev_hash, "hash": made})
        prev_hash = made
    session.connection().execute(_SEALS, seals)


@event.listens_for(Session, "before_commit")
def _seal_what_is_true(session: Session) -> None:
    """Seal the lines this transaction added; those a savepoint took back are not among them."""
    if session.in_nested_transaction() or not session.info.get(_WAITING):
        return
    session.flush()
    lines = [line for line in session.info.pop(_WAITING) if inspect(line).persistent]
    if lines:
        seal(session, [{name: getattr(line, name) for name in FACTS} for line in sorted(lines, key=lambda one: one.id)])


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_WAITING, None)
        audit_personal.forget(session)


@event.listens_for(Session, "after_soft_rollback")
def _unlearn(session: Session, _previous: SessionTransaction) -> None:
    audit_personal.forget(session)
