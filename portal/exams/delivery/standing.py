"""Since when a paused attempt's clock stands, and why: asked only while it does."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.exams.models import Attempt
from portal.exams.running.models import Incident, IncidentKind


def why_paused(session: Session, attempt_id: int) -> dict[str, object]:
    """{"paused_at": seconds, "because": the newest open pause's cause or None}; empty when it goes on meanwhile."""
    holds = (
        (Incident.exam_id == Attempt.exam_id)
        & or_(Incident.attempt_id.is_(None), Incident.attempt_id == Attempt.id)
        & or_(Incident.room_id.is_(None), Incident.room_id == Attempt.room_id)
        & or_(Incident.sitting_id.is_(None), Incident.sitting_id == Attempt.sitting_id)
        & (Incident.kind == IncidentKind.PAUSE)
        & Incident.restored_at.is_(None)
    )
    found = session.execute(
        select(Attempt.paused_at, Incident.cause)
        .outerjoin(Incident, holds)
        .where(Attempt.id == attempt_id, Attempt.paused_at.is_not(None))
        .order_by(Incident.reported_at.desc())
        .limit(1)
    ).first()
    return {} if found is None else {"paused_at": found.paused_at.timestamp(), "because": found.cause}
