"""What a reader of the audit trail may ask for, and what for he may look behind the seals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.ground.rules import N_

PURPOSES = {
    "inspection": N_("Inspection of records"),
    "complaint": N_("Complaint or report"),
    "inquiry": N_("Inquiry by an authority"),
    "own_request": N_("At the request of the person"),
}
FIELDS = ("act", "actor", "person", "kind", "id", "body", "since", "until")


@dataclass(frozen=True)
class Search:
    """The filters as typed; an empty one asks nothing. Persons are named by personnel number only."""

    act: str = ""
    actor: str = ""
    person: str = ""
    kind: str = ""
    id: str = ""
    body: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def from_typed(cls, typed: Mapping[str, str]) -> Search:
        words = {name: typed.get(name, "").strip()[:80] for name in FIELDS[:-2]}
        return cls(**words, since=_day(typed.get("since", "")), until=_day(typed.get("until", "")))

    def typed(self) -> dict[str, str]:
        """The filters that are set, as a form sends them."""
        found: dict[str, Any] = {name: getattr(self, name) for name in FIELDS}
        return {name: str(value) for name, value in found.items() if value}


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
