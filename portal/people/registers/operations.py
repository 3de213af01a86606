"""Entering, proving and ending reviewers; entering advisers and whom they serve."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.ground import audit, clock
from portal.ground.crypto import keys
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.identity import not_own
from portal.people.models import Account, Body, Person
from portal.people.personnel_numbers import OUTSIDERS, free_numbers
from portal.people.queries import id_number_index, lock_person
from portal.people.registers import queries
from portal.people.registers.models import AdviserAssignment, LegalAdviser, LegalReviewer
from portal.people.rules import birth_date, id_number_problem, normal_id_number, normal_name, sex_of


class NotEntered(Refused):
    """The register cannot take this; the sentence says what is wrong."""

    status = 422
    code = "not_entered"


class ChangedMeanwhile(Refused):
    """Somebody else changed the entry after the page was loaded."""

    code = "changed_meanwhile"


@dataclass(frozen=True)
class Qualification:
    """What the register keeps of a reviewer's standing."""

    first_on: date
    first_document: str
    penalties: bool
    qualification_number: str
    qualification_on: date | None
    qualification_document: str

    def problem(self, today: date) -> str | None:
        """A gettext id that says what cannot be, or None."""
        if self.first_on > today:
            return N_("The review cannot have been taken up in the future.")
        if self.qualification_on is not None and self.qualification_on > today:
            return N_("The certificate cannot be of a day in the future.")
        if not self.qualification_number and (self.qualification_on or self.qualification_document):
            return N_("Enter the number of the certificate too.")
        return None

    def plain(self) -> dict[str, object]:
        return {name: str(value) for name, value in asdict(self).items()}


def enter_reviewer(
    session: Session, person: Person, body: Body, facts: Qualification, *, account: Account, now: datetime
) -> LegalReviewer:
    """Put a person on the register of a body. Raises NotEntered, OwnCase."""
    not_own(session, account, person.id)
    today = clock.local(now).date()
    lock_person(session, person.id)
    if (problem := facts.problem(today)) is not None:
        raise NotEntered(problem)
    running = select(LegalReviewer.id).where(
        LegalReviewer.person_id == person.id, LegalReviewer.body_id == body.id, LegalReviewer.ended_on.is_(None)
    )
    if session.scalar(running) is not None:
        raise NotEntered(N_("This person is on the register of this unit already."))
    row = LegalReviewer(person_id=person.id, body_id=body.id, started_on=today, entered_at=now, **asdict(facts))
    session.add(row)
    session.flush()
    _reviewer_line(session, "reviewer_entered", row, account, now, after=facts.plain())
    return row


def change_reviewer(
    session: Session, row: LegalReviewer, facts: Qualification, *, version: int, account: Account, now: datetime
) -> None:
    """Correct or prove an entry; the old values stay in the trail. Raises NotEntered, ChangedMeanwhile, OwnCase."""
    not_own(session, account, row.person_id)
    if row.ended_on is not None:
        raise NotEntered(N_("This entry has ended; enter the person anew."))
    if row.version != version:
        raise ChangedMeanwhile(N_("Somebody changed this entry meanwhile. Look at it as it is now, then change it."))
    if (problem := facts.problem(clock.local(now).date())) is not None:
        raise NotEntered(problem)
    before = {name: str(getattr(row, name)) for name in asdict(facts)}
    for name, value in asdict(facts).items():
        setattr(row, name, value)
    row.version += 1
    session.flush()
    _reviewer_line(session, "reviewer_changed", row, account, now, before=before, after=facts.plain())


def end_reviewer(session: Session, row: LegalReviewer, *, ended_on: date, account: Account, now: datetime) -> None:
    """The person reviews here no longer; the entry stays as history. Raises NotEntered, OwnCase."""
    not_own(session, account, row.person_id)
    if row.ended_on is not None or not row.started_on <= ended_on <= clock.local(now).date():
        raise NotEntered(N_("The last day lies between the day of the entry and today, and an entry ends once."))
    row.ended_on, row.version = ended_on, row.version + 1
    session.flush()
    _reviewer_line(session, "reviewer_ended", row, account, now)


def note_export(session: Session, rows: int, *, account: Account, now: datetime) -> None:
    audit.record(session, "reviewers_exported", "register", "reviewers", now=now, account_id=account.id, rows=rows)


def _reviewer_line(
    session: Session, act: str, row: LegalReviewer, account: Account, now: datetime, **values: object
) -> None:
    audit.record(
        session, act, "legal_reviewer", row.id, now=now, account_id=account.id, person_id=row.person_id,
        body_id=row.body_id, **values,
    )  # fmt: skip


@dataclass(frozen=True)
class Outsider:
    """A legal adviser as he is entered."""

    name: str
    id_number: str
    education: str
    employer: str
    licence_number: str


def assign_adviser(
    session: Session, who: Outsider, body: Body, *, document: str, started_on: date, account: Account, now: datetime
) -> AdviserAssignment:
    """An adviser from outside serves a body; one known already is not entered twice. Raises NotEntered."""
    adviser = _adviser(session, who, account, now)
    lock_person(session, adviser.person_id)
    running = select(AdviserAssignment.id).where(
        AdviserAssignment.adviser_id == adviser.id,
        AdviserAssignment.body_id == body.id,
        AdviserAssignment.ended_on.is_(None),
    )
    if session.scalar(running) is not None:
        raise NotEntered(N_("This adviser serves this unit already."))
    row = AdviserAssignment(adviser_id=adviser.id, body_id=body.id, document=document, started_on=started_on)
    session.add(row)
    session.flush()
    audit.record(
        session, "adviser_assigned", "adviser_assignment", row.id, now=now, account_id=account.id,
        person_id=adviser.person_id, body_id=body.id, since=started_on.isoformat(),
    )  # fmt: skip
    return row


def _adviser(session: Session, who: Outsider, account: Account, now: datetime) -> LegalAdviser:
    number, name = normal_id_number(who.id_number), normal_name(who.name)
    if (problem := id_number_problem(number)) is not None:
        raise NotEntered(problem)
    person = queries.person_with_id_number(session, number)
    if person is not None and (not person.external or person.name != name or person.erased_at is not None):
        raise NotEntered(N_("Name and ID number do not belong together, or the person is an officer. See the card."))
    if person is None:
        person = _new_person(session, name, number, who.education, now)
    adviser = queries.adviser_of(session, person.id)
    if adviser is not None:
        _keep_up_to_date(session, adviser, who, account, now)
        return adviser
    adviser = LegalAdviser(
        person_id=person.id, employer=who.employer, licence_number=who.licence_number, entered_at=now
    )
    session.add(adviser)
    session.flush()
    audit.record(
        session, "adviser_entered", "legal_adviser", adviser.id, now=now, account_id=account.id, person_id=person.id,
        after={"name": name, "employer": who.employer, "licence_number": who.licence_number},
    )  # fmt: skip
    return adviser


def _keep_up_to_date(
    session: Session, adviser: LegalAdviser, who: Outsider, account: Account, now: datetime
) -> None:
    """The firm or licence may have changed since another unit entered him."""
    facts = {"employer": who.employer, "licence_number": who.licence_number}
    before = {name: getattr(adviser, name) for name in facts}
    if before == facts:
        return
    adviser.employer, adviser.licence_number = who.employer, who.licence_number
    audit.record(
        session, "adviser_changed", "legal_adviser", adviser.id, now=now, account_id=account.id,
        person_id=adviser.person_id, before=before, after=facts,
    )  # fmt: skip


def _new_person(session: Session, name: str, number: str, education: str, now: datetime) -> Person:
    born, public_id = birth_date(number), secrets.token_urlsafe(16)
    person = Person(
        public_id=public_id, personnel_number=next(free_numbers(session, OUTSIDERS)), name=name,
        sex=sex_of(number), birth_date=born, education=education,
        id_number_sealed=keys.seal(number, f"person|id_number|{public_id}"),
        id_number_index=id_number_index(number), external=True, created_at=now,
    )  # fmt: skip
    session.add(person)
    session.flush()
    return person


def end_assignment(
    session: Session, row: AdviserAssignment, *, ended_on: date, account: Account, now: datetime
) -> None:
    if row.ended_on is not None or not row.started_on <= ended_on <= clock.local(now).date():
        raise NotEntered(N_("The last day lies between the first day and today, and an assignment ends once."))
    row.ended_on = ended_on
    session.flush()
    adviser = session.get_one(LegalAdviser, row.adviser_id)
    audit.record(
        session, "adviser_ended", "adviser_assignment", row.id, now=now, account_id=account.id,
        person_id=adviser.person_id, body_id=row.body_id, until=ended_on.isoformat(),
    )  # fmt: skip
