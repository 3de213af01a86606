"""Persons created and edited by hand, numbers shown in full, identity checks written down."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.ground import audit
from portal.ground.clock import SHANGHAI, local
from portal.ground.crypto import keys
from portal.ground.errors import Refused
from portal.ground.limits import TooOften
from portal.ground.rules import N_
from portal.people.areas import known_area
from portal.people.identity import not_own
from portal.people.models import Account, Body, IdentityCheck, Person, Post
from portal.people.personnel_numbers import OFFICERS, free_numbers
from portal.people.queries import ID_PURPOSE, PHONE_PURPOSE, body_id_of, id_number_index, lock_person, reach
from portal.people.records import queries
from portal.people.records.models import PersonChange, PersonReveal, Purpose, RevealedFact
from portal.people.records.rules import (
    PERSON_FACTS,
    POST_FACTS,
    REVEALS_A_DAY,
    STANDING_RESTS_ON,
    current_facts,
    differences,
)
from portal.people.records.sealing import seal
from portal.people.rules import Permission, birth_date, id_number_problem, normal_id_number, normal_name, sex_of

NAME_FITS = 100
NO_SUCH_FIELD = N_("%(body)s does not enforce in this field.")
MEANWHILE = N_("Somebody else changed this person meanwhile. Nothing of yours is lost.")


class SomebodyElseEdited(Refused):
    """The person was changed since the form was loaded; nothing was stored."""

    code = "somebody_else_edited"


class BelongsToAnother(Refused):
    """The ID number is on record for another person, `person_id`."""

    code = "belongs_to_another"

    def __init__(self, person_id: int) -> None:
        super().__init__(
            N_(
                "This ID number is on record for another person. If both records are one person, propose to merge "
                "them; if not, compare the number with the ID card."
            )
        )
        self.person_id = person_id


class WrongFact(Refused):
    """Something typed cannot be right; `field` says where."""

    status = 422
    code = "wrong_fact"

    def __init__(self, field: str, message: str, **values: object) -> None:
        super().__init__(message, **values)
        self.field = field


class AreaUnknown(WrongFact):
    """The number's first six digits name no place known to us: it may be right all the same."""

    code = "area_unknown"


@dataclass(frozen=True)
class NewPerson:
    """What is typed about somebody new."""

    name: str
    id_number: str
    education: str
    phone: str
    area_compared: bool  # the number's unknown area was compared with the ID card


def checked_number(typed: str, *, area_compared: bool) -> str:
    """An ID number fit to store. Raises WrongFact, or AreaUnknown until somebody compared it."""
    number = normal_id_number(typed)
    if problem := id_number_problem(number):
        raise WrongFact("id_number", problem)
    if not area_compared and not known_area(number):
        raise AreaUnknown(
            "id_number",
            N_("The first six digits name no known place. Compare the number with the ID card and say that you did."),
        )
    return number


def checked_name(typed: str) -> str:
    name = normal_name(typed)
    if not name or len(name) > NAME_FITS or not all(c.isprintable() for c in name):
        raise WrongFact("name", N_("Enter the name as it stands on the ID card, at most 100 characters."))
    return name


def create_person(
    session: Session, new: NewPerson, body: Body, establishment: Body, post: Mapping[str, Any], *, account: Account,
    now: datetime,
) -> Person:  # fmt: skip
    """A person with a first post. Raises WrongFact, AreaUnknown or BelongsToAnother."""
    number = checked_number(new.id_number, area_compared=new.area_compared)
    name = checked_name(new.name)
    if other := queries.by_id_number(session, number):
        raise BelongsToAnother(other.id)
    if post["field"] not in {f.field for f in body.fields}:
        raise WrongFact("field", NO_SUCH_FIELD, body=body.name)
    cells = reach(account, Permission.EDIT_PERSON)
    if not any(body.path.startswith(top) and granted in (None, post["field"]) for top, granted in cells):
        raise WrongFact("field", N_("You do not answer for this field at this body."))
    if post["started_on"] > local(now).date():
        raise WrongFact("started_on", N_("A post begins today at the latest."))
    person = Person(
        public_id=secrets.token_urlsafe(16), personnel_number=next(free_numbers(session, OFFICERS)), name=name,
        sex="", birth_date=date.min, education=new.education, id_number_sealed=b"", id_number_index="", created_at=now,
    )  # fmt: skip
    set_id_number(person, number)
    set_phone(person, new.phone)
    session.add(person)
    session.flush()
    row = Post(
        person_id=person.id, body_id=body.id, establishment_body_id=establishment.id, ended_on=None, **post
    )  # fmt: skip
    session.add(row)
    session.flush()
    after = {"name": name, "id_number": number, "phone": new.phone, "education": new.education}
    audit.record(
        session, "person_created", "person", person.id, now=now, account_id=account.id, person_id=person.id,
        after=after | {n: str(v) for n, v in post.items()}, body_id=body.id, post=row.id,
    )  # fmt: skip
    audit.fact_changed(session, person.id, "person", person.id, now=now)
    return person


def set_id_number(person: Person, number: str) -> None:
    """The number and what follows from it."""
    person.id_number_sealed = keys.seal(number, f"{ID_PURPOSE}|{person.public_id}")
    person.id_number_index = id_number_index(number)
    person.sex, person.birth_date = sex_of(number), birth_date(number) or person.birth_date


def set_phone(person: Person, phone: str) -> None:
    person.phone_sealed = keys.seal(phone, f"{PHONE_PURPOSE}|{person.public_id}") if phone else None
    person.phone_index = keys.blind(phone, PHONE_PURPOSE) if phone else None


def edit_person(
    session: Session, person: Person, post: Post | None, typed: Mapping[str, Any], *, version: int, account: Account,
    now: datetime,
) -> list[str]:  # fmt: skip
    """Store what was typed and return the facts that changed; nothing typed otherwise stores nothing.

    Raises OwnCase, and SomebodyElseEdited when person or post are no longer what was shown.
    """
    not_own(session, account, person.id)
    lock_person(session, person.id)
    session.refresh(person)
    if post is not None:
        session.refresh(post)
    if person.version != version or (post is not None and post.ended_on is not None):
        raise SomebodyElseEdited(MEANWHILE)
    changed = differences(current_facts(person, post), typed)
    if not changed:
        return []
    for fact, (_, after) in changed.items():
        if fact == "phone":
            set_phone(person, after)
        elif fact in PERSON_FACTS:
            setattr(person, fact, after)
        else:
            setattr(post, fact, after)
    person.version += 1
    edit = PersonChange(
        person_id=person.id, version=person.version, post_id=post.id if post else None, at=now, account_id=account.id,
        facts=sorted(changed),
    )  # fmt: skip
    edit.sealed = seal(session, person.id, changed, edit.bound_to)
    session.add(edit)
    session.flush()
    audit.record(
        session, "person_edited", "person", person.id, now=now, account_id=account.id, person_id=person.id,
        before={f: b for f, (b, _) in changed.items()}, after={f: a for f, (_, a) in changed.items()},
        body_id=post.body_id if post else None, facts=sorted(changed), version=person.version,
    )  # fmt: skip
    for fact in sorted(STANDING_RESTS_ON & changed.keys()):
        on_post = post is not None and fact in POST_FACTS
        audit.fact_changed(session, person.id, fact, post.id if on_post else person.id, now=now)
    return sorted(changed)


def hold_reveals(session: Session, account_id: int, *, now: datetime) -> None:
    """Keep the account from looking twice at once. Raises TooOften when it has looked REVEALS_A_DAY times today."""
    session.scalars(select(Account.id).where(Account.id == account_id).with_for_update()).one()
    midnight = datetime.combine(local(now).date(), time(), SHANGHAI)
    if queries.revealed_since(session, account_id, midnight) >= REVEALS_A_DAY:
        raise TooOften(
            N_("You have looked at %(n)s numbers in full today, which is the limit. Go on tomorrow."), n=REVEALS_A_DAY
        )


def reveal(
    session: Session, person: Person, fact: RevealedFact, *, purpose: Purpose, why: str, account: Account, now: datetime
) -> str:
    """The number in full, once, for a stated purpose. Raises TooOften beyond REVEALS_A_DAY."""
    if len(why.strip()) < 2:
        raise WrongFact("why", N_("Say in a few words what the number is needed for."))
    hold_reveals(session, account.id, now=now)
    session.add(
        PersonReveal(person_id=person.id, account_id=account.id, fact=fact, purpose=purpose, at=now)
    )  # fmt: skip
    audit.record(
        session, "person_revealed", "person", person.id, now=now, account_id=account.id, person_id=person.id,
        body_id=body_id_of(session, person.id), reason=why.strip()[:200], fact=str(fact), purpose=str(purpose),
    )  # fmt: skip
    return person.id_number() if fact == RevealedFact.ID_NUMBER else person.phone()


def record_identity_check(
    session: Session, person: Person, *, checked_on: date, photo_meets_standard: bool, reference: str,
    account: Account, now: datetime,
) -> IdentityCheck:  # fmt: skip
    """Somebody compared the person, the ID card and the photo; nobody does so for himself."""
    not_own(session, account, person.id)
    today = local(now).date()
    if not today - timedelta(days=366) <= checked_on <= today:
        raise WrongFact("checked_on", N_("Enter the day of the check, within the last year."))
    if not reference.strip():
        raise WrongFact("reference", N_("Name the record of the check."))
    row = IdentityCheck(
        person_id=person.id, checked_on=checked_on, photo_meets_standard=photo_meets_standard,
        reference=reference.strip()[:120], account_id=account.id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, "identity_checked", "person", person.id, now=now, account_id=account.id, person_id=person.id,
        body_id=body_id_of(session, person.id), check=row.id, photo=photo_meets_standard,
    )  # fmt: skip
    audit.fact_changed(session, person.id, "identity", row.id, now=now)
    return row
