"""Erasing a person: every floor is asked whether he may go, then every floor forgets him."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.credentials.models import Application, ApplicationState
from portal.credentials.queries import eligibilities_of
from portal.exams.models import Attempt, AttemptState
from portal.ground.clock import local
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.erasure.operations import NOBODY, forget_person
from portal.people.identity import same_person_ids
from portal.people.models import Person
from portal.people.records.photos.models import PersonPhoto
from portal.people.records.photos.queries import place_of


class StillEligible(Refused):
    """An eligibility of the person is in force, or an application for one is open."""

    code = "still_eligible"


class ExamRunning(Refused):
    """The person is sitting an exam."""

    code = "exam_running"


@dataclass
class Erased:
    """Which records became nobody, what the notices said whose printed files may still lie about, and his photos."""

    records: Sequence[int]
    notices: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)  # (token, what was printed)
    photos: list[Path] = field(default_factory=list)  # below the folder of files


def erase_person(
    session: Session, person: Person, *, ground: str, reason: str, account_id: int | None = None, now: datetime
) -> Erased:
    """Make a person nobody, by right or by retention.

    Raises StillInPost, StillEligible, ExamRunning, AlreadyErased.
    """
    records = same_person_ids(session, person.id)
    sitting = exists().where(Attempt.person_id.in_(records), Attempt.state == AttemptState.IN_PROGRESS)
    if session.scalar(select(sitting)):
        raise ExamRunning(N_("This person is sitting an exam."))
    undecided = exists().where(Application.person_id.in_(records), Application.state != ApplicationState.DECIDED)
    held = eligibilities_of(session, person.id)
    today = local(now).date()
    if session.scalar(select(undecided)) or any(eligibility.valid_until >= today for eligibility, _ in held):
        raise StillEligible(N_("An eligibility of this person is in force, or an application is open."))
    erased = Erased(forget_person(session, person, ground=ground, reason=reason, account_id=account_id, now=now))
    for _, notice in held:
        if notice is not None:
            erased.notices.append((notice.token, dict(notice.printed)))
            notice.printed = {**notice.printed, "name": NOBODY, "id_tail": NOBODY}
    pictures = select(PersonPhoto).where(PersonPhoto.person_id.in_(records))
    erased.photos += [place_of(Path(), photo) for photo in session.scalars(pictures)]
    session.flush()
    return erased
