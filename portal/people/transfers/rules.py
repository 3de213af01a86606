"""What a transfer may move, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.people.models import Body, Post, StaffingType

EARLIEST, LATEST = timedelta(days=365), timedelta(days=180)  # how far the day may lie from today
STAYS_BEHIND = frozenset({StaffingType.SECONDED})  # 借调 and 挂职 leave the post where it is


class Handover(StrEnum):
    """What the sending unit closes before it releases somebody."""

    MATTERS = "matters"  # running exams, make-ups, reviews and applications are told to the receiver
    FILES = "files"  # personnel, training and case files
    EQUIPMENT = "equipment"  # uniform, devices, seals; the credential reported to the bureau


@dataclass(frozen=True)
class NewPost:
    """The post as the sender proposes it and the receiver confirms it."""

    field: str
    part_time: bool
    title: str
    establishment_body_id: int
    staffing_type: str
    on_establishment: bool


def abolished(body: Body, day: date) -> bool:
    return body.abolished_on is not None and body.abolished_on <= day


def establishment_choices(to_body: Body, old: Post) -> list[int]:
    """Ids of bodies that may hold the establishment: the new unit, who manages it, or as it was."""
    choices = [to_body.id, to_body.parent_id, old.establishment_body_id]
    return [body_id for body_id in dict.fromkeys(choices) if body_id is not None]


def day_possible(day: date, old: Post, today: date) -> bool:
    """The old post keeps at least one day, and the move is neither ancient nor far off."""
    return old.started_on < day and today - EARLIEST <= day <= today + LATEST
