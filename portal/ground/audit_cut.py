"""Retention: the oldest part of the trail is exported, a signed checkpoint set behind it, then it may go."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.ground import audit
from portal.ground.audit_chain import FACTS
from portal.ground.audit_verify import signed_content
from portal.ground.config import SHORTEST_AUDIT_YEARS
from portal.ground.errors import Refused
from portal.ground.models import AuditCheckpoint, AuditLine, AuditPersonal, AuditSeal
from portal.ground.rules import N_

CHUNK = 200
DAYS_A_YEAR = 365.25


class TooYoung(Refused):
    """The law has the trail kept longer than that."""

    code = "too_young"


class NothingToCut(Refused):
    """No line is old enough, or there is a cut to finish first."""

    code = "nothing_to_cut"


def oldest_kept(years: float, *, now: datetime) -> datetime:
    """Lines before this moment may go. Raises TooYoung under six months."""
    if years < SHORTEST_AUDIT_YEARS:
        raise TooYoung(N_("The audit trail is kept for six months at least."))
    return now - timedelta(days=years * DAYS_A_YEAR)


def last_to_go(session: Session, before: datetime) -> AuditSeal:
    """The last seal of the longest prefix in which every line is older. Raises NothingToCut."""
    first_kept = session.scalar(
        select(func.min(AuditSeal.number))
        .join(AuditLine, AuditLine.id == AuditSeal.line_id)
        .where(AuditLine.at >= before)
    )
    older = select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)
    if first_kept is not None:
        older = older.where(AuditSeal.number < first_kept)
    found = session.scalar(older)
    done = session.scalar(select(func.max(AuditCheckpoint.last_number))) or 0
    if found is None or found.number <= done:
        raise NothingToCut(N_("No line of the audit trail is old enough to go."))
    return found


def export(session: Session, last: int, file: Path) -> str:
    """Write the prefix, one JSON line a link, and return the file's SHA-256; personal parts are not exported."""
    made = hashlib.sha256()
    with file.open("xb") as target:
        for row in _prefix(session, last):
            line = (json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n").encode()
            made.update(line)
            target.write(line)
        target.flush()
        os.fsync(target.fileno())
    return made.hexdigest()


def set_checkpoint(
    session: Session, last: AuditSeal, *, before: datetime, file_sha256: str, key: Ed25519PrivateKey, now: datetime
) -> AuditCheckpoint:
    """Sign the end of an exported prefix and say so in the trail itself."""
    checkpoint = AuditCheckpoint(
        at=now.astimezone(UTC), last_number=last.number, last_hash=last.hash, before=before.astimezone(UTC),
        file_sha256=file_sha256,
    )  # fmt: skip
    checkpoint.signature = key.sign(signed_content(checkpoint)).hex()
    session.add(checkpoint)
    session.flush()
    audit.record(
        session, "audit_cut", "audit_checkpoint", checkpoint.id, now=now, last=last.number, file_sha256=file_sha256
    )
    return checkpoint


def remove_chunk(session: Session, limit: int = CHUNK) -> int:
    """Remove the oldest lines behind the last checkpoint; returns how many went, 0 when none is left."""
    last = session.scalar(select(func.max(AuditCheckpoint.last_number))) or 0
    oldest = select(AuditSeal.number, AuditSeal.line_id).where(AuditSeal.number <= last)
    rows: Sequence[Any] = session.execute(oldest.order_by(AuditSeal.number).limit(limit)).all()
    lines = [row.line_id for row in rows]
    if rows:  # in this order: the guards of the first two ask the seals
        session.execute(delete(AuditPersonal).where(AuditPersonal.line_id.in_(lines)))
        session.execute(delete(AuditLine).where(AuditLine.id.in_(lines)))
        session.execute(delete(AuditSeal).where(AuditSeal.number.in_([row.number for row in rows])))
    return len(rows)


def _prefix(session: Session, last: int) -> Iterator[dict[str, Any]]:
    number = -1
    while True:
        rows = session.execute(
            select(AuditSeal.number, AuditSeal.prev_hash, AuditSeal.hash, *(getattr(AuditLine, f) for f in FACTS))
            .join(AuditLine, AuditLine.id == AuditSeal.line_id)
            .where(AuditSeal.number > number, AuditSeal.number <= last)
            .order_by(AuditSeal.number)
            .limit(1000)
        ).all()
        for row in rows:
            facts = dict(zip(FACTS, row[3:], strict=True))
            facts["at"] = facts["at"].isoformat(timespec="microseconds")
            yield {"number": row.number, "prev_hash": row.prev_hash, "hash": row.hash, "line": facts}
        if not rows:
            return
        number = rows[-1].number
