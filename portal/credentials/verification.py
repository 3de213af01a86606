"""What the public is told about one notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.credentials import queries
from portal.credentials.models import Eligibility, StandingEvent
from portal.ground import clock


@dataclass(frozen=True)
class Answer:
    """valid, recheck, suspended, withdrawn or expired, with exactly what is printed."""

    state: str
    since: date
    checked_at: datetime
    printed: dict[str, str]
    history: tuple[tuple[datetime, str], ...]

    @property
    def masked_name(self) -> str:
        """The name with its middle hidden; a two-character name keeps its first."""
        name = self.printed["name"]
        return name[0] + "＊" * max(1, len(name) - 2) + (name[-1] if len(name) > 2 else "")


def standing_of(
    session: Session, eligibility: Eligibility, events: Sequence[StandingEvent], now: datetime
) -> tuple[str, date]:
    """One word for a recorded eligibility at a moment, and since when; the same on every page."""
    today = clock.local(now).date()
    last = events[-1] if events else None
    if last is not None and last.kind in ("suspended", "withdrawn"):
        return last.kind, clock.local(last.at).date()
    if today > eligibility.valid_until:
        return "expired", eligibility.valid_until
    if queries.in_recheck(session, eligibility.person_id):
        return "recheck", today
    return "valid", eligibility.issued_on


def answer_for(session: Session, token: str, now: datetime) -> Answer | None:
    """The answer for a token from a QR code; None when there is no such notice."""
    found = queries.notice_by_token(session, token)
    if found is None:
        return None
    notice, eligibility, events = found
    state, since = standing_of(session, eligibility, events, now)
    history = ((notice.issued_at, "recorded"), *((e.at, e.kind) for e in events))
    return Answer(state, since, now, notice.printed, tuple(reversed(history)))
