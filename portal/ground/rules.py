"""Findings: what a rule answers, yes as well as no."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


def N_(message: str) -> str:
    """Mark a message for translation where it is written; it is translated where it is shown."""
    return message


class State(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    NEEDS_EVIDENCE = "needs_evidence"


@dataclass(frozen=True)
class Finding:
    """One rule's answer about one case.

    `because` and `remedy` are gettext ids filled by `values`; `evidence` is a tuple of
    (label, reference) pairs; `source` names the paragraph of law or policy.
    """

    rule: str
    state: State
    because: str
    values: Mapping[str, Any] = field(default_factory=dict)
    remedy: str = ""
    source: str = ""
    evidence: tuple[tuple[str, str], ...] = ()

    @property
    def met(self) -> bool:
        return self.state is State.MET

    def plain(self) -> dict[str, Any]:
        """The finding as JSON-ready values."""
        row = asdict(self)
        row["state"] = self.state.value
        row["values"] = {k: v if isinstance(v, int | float | str) else str(v) for k, v in self.values.items()}
        row["evidence"] = [list(pair) for pair in self.evidence]
        return row


def judge(case: Any, rules: Iterable[Callable[[Any], Finding]]) -> list[Finding]:
    """Ask every rule; none is skipped because another failed."""
    return [rule(case) for rule in rules]
