"""What the public is told about one notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.credentials import queries
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


def answer_for(session: Session, token: str, now: datetime) -> Answer | None:
    """The answer for a token from a QR code; None when there is no such notice."""
    found = queries.notice_by_token(session, token)
    if found is None:
        return None
    notice, eligibility, events = found
    today = clock.local(now).date()
    last = events[-1] if events else None
    if last is not None and last.kind in ("suspended", "withdrawn"):
        state, since = last.kind, clock.local(last.at).date()
    elif today > eligibility.valid_until:
        state, since = "expired", eligibility.valid_until
    elif queries.in_recheck(session, eligibility.person_id):
        state, since = "recheck", today
    else:
        state, since = "valid", eligibility.issued_on
    history = ((notice.issued_at, "recorded"), *((e.at, e.kind) for e in events))
    return Answer(state, since, now, notice.printed, tuple(reversed(history)))
