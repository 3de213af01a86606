"""Two texts of one draft that were typed on two pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from question_bank.wording import Difference


@dataclass(frozen=True)
class Stale:
    """When the other text was saved, and the fields in which the two differ (old: saved, new: on this page)."""

    saved_time: str
    differences: Sequence[Difference]
