"""Which facts are edited, which of them decisions rest on, and what two people who edit at once did."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.people.models import Person, Post

REVEALS_A_DAY = 50
PERSON_FACTS = ("education", "phone")
POST_FACTS = ("title", "part_time", "staffing_type", "on_establishment", "in_post")
FACTS = (*PERSON_FACTS, *POST_FACTS)
STANDING_RESTS_ON = frozenset({"education", "staffing_type", "on_establishment", "in_post", "part_time"})
MOBILE = re.compile(r"1[3-9][0-9]{9}")


def current_facts(person: Person, post: Post | None) -> dict[str, Any]:
    """The facts that are edited, as they stand."""
    facts: dict[str, Any] = {"education": person.education, "phone": person.phone()}
    return facts | ({name: getattr(post, name) for name in POST_FACTS} if post else {})


def differences(stored: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Fact → (before, after), for the facts that somebody typed otherwise."""
    return {name: (stored[name], typed[name]) for name in FACTS if name in stored and stored[name] != typed[name]}


@dataclass(frozen=True)
class Edit:
    """An edit that was made while somebody else had the form open."""

    at: datetime
    by: str
    changed: Mapping[str, Sequence[Any]]  # fact → before, after


@dataclass(frozen=True)
class Clash:
    """One fact that somebody else changed: what he made of it, and what the second typed.

    `own` is whether the second typed something else than he was shown; if not, what is stored stays.
    """

    fact: str
    stored: Any
    typed: Any
    own: bool
    by: str  # empty: changed elsewhere, by an import or a transfer
    at: datetime | None


def clashes(stored: Mapping[str, Any], typed: Mapping[str, Any], edits: Sequence[Edit]) -> list[Clash]:
    """The facts in which what is stored differs from what was typed, oldest edit first in `edits`.

    A fact nobody is known to have edited was either typed anew by the second, or changed elsewhere.
    """
    found = []
    for fact, (now, mine) in differences(stored, typed).items():
        touching = [edit for edit in edits if fact in edit.changed]
        if touching:
            shown = touching[0].changed[fact][0]
            found.append(Clash(fact, now, mine, mine != shown, touching[-1].by, touching[-1].at))
        elif not edits:
            found.append(Clash(fact, now, mine, True, "", None))
    return found


def merged(typed: Mapping[str, Any], found: Sequence[Clash]) -> dict[str, Any]:
    """What the second is offered to save: his own typing, and where he typed nothing, what is stored now."""
    return {**typed, **{clash.fact: clash.stored for clash in found if not clash.own}}
