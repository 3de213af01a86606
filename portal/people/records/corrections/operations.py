"""A wrong name or ID number put right by two people; a person's own request, and the answer to it."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from portal.ground import audit
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.duties.operations import check_step, take_step
from portal.people.duties.rules import DutyWord
from portal.people.identity import not_own
from portal.people.models import Account, Person
from portal.people.queries import body_id_of, hold_for, lock_person
from portal.people.records import queries as records
from portal.people.records.corrections import queries
from portal.people.records.models import (
    AnswerOutcome,
    CorrectedFact,
    CorrectionAnswer,
    CorrectionEnd,
    CorrectionOutcome,
    CorrectionRequest,
    PersonCorrection,
    RequestedFact,
)
from portal.people.records.operations import (
    BelongsToAnother,
    WrongFact,
    checked_name,
    checked_number,
    set_id_number,
)
from portal.people.records.sealing import seal
from portal.people.rules import normal_id_number

OPEN_AT_ONCE = 10
TEXT_FITS = 500
CORRECTION, REQUEST = "correction", "correction_request"


class AlreadyProposed(Refused):
    """A correction of this fact waits for its second person already."""

    code = "already_proposed"


class Settled(Refused):
    """The correction was confirmed or refused, or the request answered, before."""

    code = "settled"


class Outdated(Refused):
    """What the correction was to put right is no longer what is on record."""

    code = "outdated"


class TooManyOpen(Refused):
    """Too many requests of one person wait for an answer."""

    status = 429
    code = "too_many_open"


def _stored(person: Person, fact: str) -> str:
    return person.name if fact == CorrectedFact.NAME else person.id_number()


def _required(text: str, field: str, message: str) -> str:
    if len(text.strip()) < 2:
        raise WrongFact(field, message)
    return text.strip()[:TEXT_FITS]


def _free(session: Session, person: Person, number: str) -> None:
    other = records.by_id_number(session, number)
    if other is not None and other.id != person.id:
        raise BelongsToAnother(other.id)


def propose_correction(
    session: Session, person: Person, fact: CorrectedFact, value: str, *, document: str, area_compared: bool,
    account: Account, now: datetime,
) -> PersonCorrection:  # fmt: skip
    """Say what is wrong and what is right, by which document; somebody else confirms it.

    Raises WrongFact, AreaUnknown, BelongsToAnother or AlreadyProposed.
    """
    hold_for(session, account, person.id)
    number = fact == CorrectedFact.ID_NUMBER
    right = checked_number(value, area_compared=area_compared) if number else checked_name(value)
    wrong = _stored(person, fact)
    if right == wrong:
        raise WrongFact(fact, N_("This is what stands on record already."))
    document = _required(document, "document", N_("Name the document that proves it, with its date or number."))
    if queries.open_correction(session, person.id, fact):
        raise AlreadyProposed(N_("A correction of this waits already; have it confirmed or refused first."))
    if number:
        _free(session, person, right)
    row = PersonCorrection(
        public_id=secrets.token_urlsafe(16), person_id=person.id, fact=fact, proposed_at=now,
        proposed_by_id=account.id,
    )  # fmt: skip
    row.sealed = seal(session, person.id, {"old": wrong, "new": right, "document": document}, row.bound_to)
    session.add(row)
    session.flush()
    take_step(
        session, DutyWord.PROPOSE, CORRECTION, row.id, account=account, person_id=person.id, persons=(person.id,),
        now=now,
    )  # fmt: skip
    audit.record(
        session, "correction_proposed", CORRECTION, row.id, now=now, account_id=account.id, person_id=person.id,
        before=wrong, after=right, reason=document, body_id=body_id_of(session, person.id), fact=str(fact),
    )  # fmt: skip
    return row


def confirm_correction(
    session: Session, correction: PersonCorrection, *, value: str, account: Account, now: datetime
) -> PersonCorrection:
    """The second person agrees: the record says what is right, the old value stays sealed in the correction.

    An ID number he types himself from the document, as `value`: nobody shows it to him, so he has to look.
    Raises Settled, Outdated, WrongFact, BelongsToAnother, and SamePerson for whoever proposed it.
    """
    hold_for(session, account, correction.person_id)
    said = _open(session, correction)
    person = session.get_one(Person, correction.person_id, populate_existing=True)
    step = {"account": account, "person_id": person.id, "persons": (person.id,)}
    check_step(session, DutyWord.CONFIRM, CORRECTION, correction.id, **step)
    number = correction.fact == CorrectedFact.ID_NUMBER
    if number and normal_id_number(value) != said["new"]:
        raise WrongFact("value", N_("This is not the number that was proposed; compare both with the document."))
    take_step(session, DutyWord.CONFIRM, CORRECTION, correction.id, **step, now=now)
    if _stored(person, correction.fact) != said["old"]:
        raise Outdated(N_("The record has changed since this was proposed. Refuse it and propose it anew."))
    superseded = None
    if number:
        _free(session, person, said["new"])
        set_id_number(person, said["new"])
        superseded = queries.last_identity_check(session, person.id)
    else:
        person.name = said["new"]
    person.version += 1
    _end(session, correction, CorrectionOutcome.CONFIRMED, superseded, account=account, now=now)
    audit.record(
        session, "correction_confirmed", CORRECTION, correction.id, now=now, account_id=account.id,
        person_id=person.id, before=said["old"], after=said["new"], body_id=body_id_of(session, person.id),
        fact=str(correction.fact),
    )  # fmt: skip
    audit.fact_changed(session, person.id, "identity", correction.id, now=now)
    return correction


def refuse_correction(
    session: Session, correction: PersonCorrection, *, reason: str, account: Account, now: datetime
) -> None:
    """Take the proposal off the list; the record stays as it is. Who proposed it may do so too.

    Raises Settled, WrongFact, and OwnCase for whom it is about.
    """
    not_own(session, account, correction.person_id)
    lock_person(session, correction.person_id)
    _open(session, correction)
    reason = _required(reason, "reason", N_("Give the reason."))
    _end(session, correction, CorrectionOutcome.REFUSED, None, account=account, now=now)
    audit.record(
        session, "correction_refused", CORRECTION, correction.id, now=now, account_id=account.id,
        person_id=correction.person_id, reason=reason, body_id=body_id_of(session, correction.person_id),
        fact=str(correction.fact),
    )  # fmt: skip


def _open(session: Session, correction: PersonCorrection) -> dict[str, str]:
    session.refresh(correction, ["end"])
    if correction.end is not None:
        raise Settled(N_("This correction was confirmed or refused before."))
    return queries.said(session, correction)


def _end(
    session: Session, correction: PersonCorrection, outcome: CorrectionOutcome, superseded: int | None, *,
    account: Account, now: datetime,
) -> None:  # fmt: skip
    session.add(
        CorrectionEnd(
            correction_id=correction.id, outcome=outcome, at=now, account_id=account.id,
            superseded_check_id=superseded,
        )
    )  # fmt: skip
    session.flush()


def ask_correction(
    session: Session, account: Account, fact: RequestedFact, *, wrong: str, right: str, document: str, now: datetime
) -> CorrectionRequest:
    """The person says what is wrong in his own file. Raises WrongFact or TooManyOpen."""
    person_id = account.person_id
    lock_person(session, person_id)
    if queries.open_requests(session, person_id) >= OPEN_AT_ONCE:
        raise TooManyOpen(N_("%(n)s of your requests wait for an answer; wait for those first."), n=OPEN_AT_ONCE)
    said = {
        "wrong": _required(wrong, "wrong", N_("Say what is wrong.")),
        "right": _required(right, "right", N_("Say what is right.")),
        "document": _required(document, "document", N_("Name the document that proves it.")),
    }
    row = CorrectionRequest(public_id=secrets.token_urlsafe(16), person_id=person_id, fact=fact, asked_at=now)
    row.sealed = seal(session, person_id, said, row.bound_to)
    session.add(row)
    session.flush()
    take_step(session, DutyWord.SUBMIT, REQUEST, row.id, account=account, person_id=person_id, now=now)
    audit.record(
        session, "correction_asked", REQUEST, row.id, now=now, account_id=account.id, person_id=person_id,
        after=said, body_id=body_id_of(session, person_id), fact=str(fact),
    )  # fmt: skip
    return row


def answer_request(
    session: Session, request: CorrectionRequest, *, outcome: AnswerOutcome, reason: str, account: Account,
    now: datetime,
) -> CorrectionAnswer:  # fmt: skip
    """Tell the person what was done about it, and why. Raises Settled, and SamePerson for one's own request."""
    hold_for(session, account, request.person_id)
    session.refresh(request, ["answer"])
    if request.answer is not None:
        raise Settled(N_("This request was answered before."))
    reason = _required(reason, "reason", N_("Give the reason."))
    take_step(
        session, DutyWord.DECIDE, REQUEST, request.id, account=account, person_id=request.person_id,
        persons=(request.person_id,), now=now,
    )  # fmt: skip
    row = CorrectionAnswer(request_id=request.id, outcome=outcome, at=now, account_id=account.id)
    row.sealed = seal(session, request.person_id, reason, row.bound_to)
    session.add(row)
    session.flush()
    audit.record(
        session, "correction_answered", REQUEST, request.id, now=now, account_id=account.id,
        person_id=request.person_id, reason=reason, body_id=body_id_of(session, request.person_id),
        outcome=str(outcome),
    )  # fmt: skip
    return row
