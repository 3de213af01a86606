"""What a roster's row is about to do: to a person, to the post on record, to a new one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from portal.ground.crypto import keys
from portal.people import roster_sheet as sheet
from portal.people.queries import PHONE_PURPOSE
from portal.people.roster_known import KnownBody, KnownPerson, KnownPost
from portal.people.roster_sheet import Officer

# what may be corrected in the post on record; another body or main field, or a later day, makes a new post
CORRECTABLE = {
    "staffing_type": sheet.STAFFING,
    "on_establishment": sheet.ON_ESTABLISHMENT,
    "in_post": sheet.IN_POST,
    "part_time": sheet.DUTY,
    "title": sheet.TITLE,
}


@dataclass
class Planned:
    """An officer ready to store: the person on record, if any, and what becomes of the post.

    `closes` is the post that ends the day before the new one begins, `corrects` the one whose facts change.
    `indexes` are those of the ID number, today's first. `ready` holds rows made, and values sealed, before the
    database is asked to write.
    """

    officer: Officer
    indexes: tuple[str, ...]
    body: KnownBody
    establishment: KnownBody
    person: KnownPerson | None = None
    closes: KnownPost | None = None
    corrects: KnownPost | None = None
    new_post: bool = False
    ready: dict[str, Any] = field(default_factory=dict)


def phone_of(person: KnownPerson, likely: str = "") -> str:
    """The phone number on record; opened only when its index does not say that it is the likely one."""
    if likely and person.phone_index in keys.blinds(likely, PHONE_PURPOSE):
        return likely
    return keys.unseal(person.phone_sealed, f"person|phone|{person.public_id}") if person.phone_sealed else ""
