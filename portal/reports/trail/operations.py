"""Looking behind the seals and taking the trail away: both are acts of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.ground import audit, audit_personal
from portal.ground.errors import Refused
from portal.ground.models import AuditLine
from portal.ground.rules import N_
from portal.people.records.operations import hold_reveals


class NothingSealed(Refused):
    """The line has no personal part, or it was erased with its person."""

    code = "nothing_sealed"


def reveal(
    session: Session, line: AuditLine, *, purpose: str, note: str, account_id: int, now: datetime
) -> dict[str, Any]:
    """Before, after and reason of a line; who looked and why is on record. Raises NothingSealed, TooOften."""
    hold_reveals(session, account_id, now=now)
    found = audit_personal.read(session, line)
    if found is None:
        raise NothingSealed(N_("There is nothing sealed here, or it was erased with its person."))
    audit.record(
        session, "audit_revealed", "audit_line", line.id, now=now, account_id=account_id, person_id=line.person_id,
        body_id=line.body_id, reason=note, purpose=purpose,
    )  # fmt: skip
    return found


def note_export(
    session: Session, count: int, *, kind: str, filters: list[str], body_id: int, account_id: int, now: datetime
) -> None:
    """Say that lines were taken away, how many, and by which filters they were chosen."""
    audit.record(
        session, "audit_exported", "audit_line", "-", now=now, account_id=account_id, body_id=body_id,
        count=count, format=kind, filters=filters,
    )  # fmt: skip
