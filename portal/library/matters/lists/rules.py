"""What one version of a list has beside another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.library.matters.models import MatterVersion


@dataclass(frozen=True)
class Difference:
    """Matters that came, that went, and that stand there in another version: (before, after)."""

    gained: tuple[MatterVersion, ...] = ()
    lost: tuple[MatterVersion, ...] = ()
    changed: tuple[tuple[MatterVersion, MatterVersion], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.gained or self.lost or self.changed)


def difference(before: Mapping[int, MatterVersion], after: Mapping[int, MatterVersion]) -> Difference:
    """Between two lists given as matter id → version; each part by the matter's number."""

    def by_code(rows: list[MatterVersion]) -> tuple[MatterVersion, ...]:
        return tuple(sorted(rows, key=lambda v: v.matter.code))

    changed = [(before[m], after[m]) for m in before.keys() & after.keys() if before[m].id != after[m].id]
    return Difference(
        by_code([after[m] for m in after.keys() - before.keys()]),
        by_code([before[m] for m in before.keys() - after.keys()]),
        tuple(sorted(changed, key=lambda pair: pair[1].matter.code)),
    )
