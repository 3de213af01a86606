"""Taking away who a person was: key, number, name and ways in go; what was done stays, about nobody."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, exists, select, text, update
from sqlalchemy.orm import Session

from portal.ground import audit, audit_personal
from portal.ground.clock import local
from portal.ground.crypto import keys
from portal.ground.errors import Refused
from portal.ground.models import ImportedObject
from portal.ground.rules import N_
from portal.people.access.models import OneTimeCode, PasswordChange
from portal.people.duties.grants import end_grants_lent_by
from portal.people.factors.models import OidcLink, Passkey, RecoveryCode, TotpFactor
from portal.people.identity import same_person_ids
from portal.people.models import Account, ApiToken, Grant, Person, Post, SignIn
from portal.people.queries import ID_PURPOSE, lock_person
from portal.people.registers.models import LegalAdviser, LegalReviewer

NOBODY = "—"
NO_PASSWORD = "erased"  # not a hash: no password fits it
GROUNDS = ("right", "retention")


class StillInPost(Refused):
    """The person has a current post."""

    code = "still_in_post"


class AlreadyErased(Refused):
    """Nothing is left to take away."""

    code = "already_erased"


def forget_person(
    session: Session, person: Person, *, ground: str, reason: str, account_id: int | None = None, now: datetime
) -> Sequence[int]:
    """Erase what the people rooms know of one human being, all records merged into his; returns their ids.

    The rooms above are asked by `reports.erasure`, which calls this. A row of his that an import parked, or its
    report names, goes with the batch's rows 180 days after the import: see `ground.import_jobs.tidy`.
    Raises StillInPost, AlreadyErased.
    """
    lock_person(session, person.id)
    session.refresh(person)
    if person.erased_at is not None:
        raise AlreadyErased(N_("This person is erased already."))
    records = sorted(same_person_ids(session, person.id))
    today = local(now).date()
    current = exists().where(
        Post.person_id.in_(records), (Post.ended_on.is_(None)) | (Post.ended_on >= today)
    )
    if session.scalar(select(current)):
        raise StillInPost(N_("This person has a current post. End it first."))
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA secure_delete=ON"))  # what is written over leaves no bytes behind
    for record in session.scalars(select(Person).where(Person.id.in_(records))):
        _empty(record, now)
    _close_doors(session, records, now)
    _registers(session, records)
    _imported(session, records)
    session.flush()
    parts = sum(audit_personal.destroy(session, record) for record in records)
    for record in records:
        audit.record(
            session, "person_erased", "person", record, now=now, account_id=account_id, reason=reason, ground=ground,
            records=records, parts=parts,
        )  # fmt: skip
    return records


def _empty(record: Person, now: datetime) -> None:
    """The columns cannot be NULL: a random marker stands where the number stood."""
    record.name, record.name_pinyin, record.name_initials = NOBODY, "", ""
    record.birth_date = record.birth_date.replace(month=1, day=1)
    record.id_number_sealed = keys.seal(secrets.token_hex(9), f"{ID_PURPOSE}|{record.public_id}")
    record.id_number_index = secrets.token_hex(32)
    record.phone_sealed, record.phone_index = None, None
    record.erased_at, record.version = now, record.version + 1


def _close_doors(session: Session, records: Sequence[int], now: datetime) -> None:
    """The account stays, because acts point at it; nothing opens it any more."""
    mine = select(Account.id).where(Account.person_id.in_(records))
    session.execute(
        update(Account)
        .where(Account.id.in_(mine))
        .values(disabled_at=now, password_hash=NO_PASSWORD)
        .execution_options(synchronize_session=False)
    )
    ended = update(SignIn).where(SignIn.account_id.in_(mine))
    session.execute(ended.where(SignIn.ended_at.is_(None)).values(ended_at=now))
    session.execute(ended.values(address="-", device="", device_sha256=""))
    for account_id in session.scalars(mine).all():
        end_grants_lent_by(session, account_id, by=None, now=now)
    session.execute(update(Grant).where(Grant.account_id.in_(mine), Grant.revoked_at.is_(None)).values(revoked_at=now))
    session.execute(
        update(ApiToken).where(ApiToken.account_id.in_(mine), ApiToken.revoked_at.is_(None)).values(revoked_at=now)
    )
    for table in (TotpFactor, Passkey, RecoveryCode, OidcLink, OneTimeCode, PasswordChange):
        session.execute(delete(table).where(table.account_id.in_(mine)))


def _imported(session: Session, records: Sequence[int]) -> None:
    """What imports changed about him (phone, education); without it they can no longer be taken back."""
    posts = select(Post.id).where(Post.person_id.in_(records))
    for kind, ids in (("person", records), ("post", posts)):
        session.execute(
            update(ImportedObject)
            .where(ImportedObject.object_kind == kind, ImportedObject.object_id.in_(ids))
            .values(sealed_values=None)
            .execution_options(synchronize_session=False)
        )


def _registers(session: Session, records: Sequence[int]) -> None:
    session.execute(
        update(LegalReviewer).where(LegalReviewer.person_id.in_(records)).values(qualification_number="")
    )
    session.execute(
        update(LegalAdviser).where(LegalAdviser.person_id.in_(records)).values(employer=NOBODY, licence_number="")
    )
