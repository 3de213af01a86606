"""What hangs on each of two records, counted from the rooms below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from portal.credentials.models import Application, Eligibility
from portal.exams.models import Attempt, Entry
from portal.people.models import Account, Ban, Exemption, Grant, Post
from portal.training.models import HoursEntry, LessonDone

# The tables that name a person, in the order of the page; their words stand in portal.words.
HANGING: tuple[tuple[str, Any], ...] = (
    ("posts", Post),
    ("entries", Entry),
    ("attempts", Attempt),
    ("hours", HoursEntry),
    ("lessons", LessonDone),
    ("bans", Ban),
    ("exemptions", Exemption),
    ("applications", Application),
    ("eligibilities", Eligibility),
)


@dataclass(frozen=True)
class WayIn:
    """Whether a record has a way in, and how many roles end with it."""

    open: bool
    roles: int


def hanging(session: Session, person_ids: tuple[int, int]) -> list[tuple[str, int, int]]:
    """(kind of record, how many on the first, how many on the second), in one statement."""
    parts = [
        select(literal(kind).label("kind"), table.person_id.label("person_id"), func.count().label("n"))
        .where(table.person_id.in_(person_ids))
        .group_by(table.person_id)
        for kind, table in HANGING
    ]
    found = {(kind, person_id): n for kind, person_id, n in session.execute(union_all(*parts))}
    first, second = person_ids
    return [(kind, found.get((kind, first), 0), found.get((kind, second), 0)) for kind, _ in HANGING]


def accounts(session: Session, person_ids: tuple[int, int]) -> dict[int, WayIn]:
    """Person id -> the account, for those who have one."""
    rows = session.execute(
        select(Account.person_id, Account.disabled_at.is_(None), func.count(Grant.id))
        .outerjoin(Grant, (Grant.account_id == Account.id) & Grant.revoked_at.is_(None))
        .where(Account.person_id.in_(person_ids))
        .group_by(Account.person_id, Account.disabled_at)
    )
    return {person_id: WayIn(bool(open_), roles) for person_id, open_, roles in rows}
