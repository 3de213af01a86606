"""What is kept of somebody's looking: an ID number searched for, a list taken away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.ground import audit
from portal.people.roster.queries import Filters


def note_search(session: Session, person_id: int | None, *, now: datetime) -> None:
    """Somebody looked a person up by ID number; the number itself is not kept."""
    audit.record(session, "id_number_searched", "person", person_id or 0, now=now, person_id=person_id)


def note_export(session: Session, filters: Filters, *, now: datetime) -> None:
    """Somebody took the list away; words typed may be a name, so that only their presence is kept."""
    audit.record(
        session, "roster_exported", "roster", filters.under or 0, now=now, body_id=filters.under,
        staffing=filters.staffing, field=filters.field, in_post=filters.in_post, unchecked=filters.unchecked,
        words=bool(filters.words), sort=filters.sort,
    )  # fmt: skip
