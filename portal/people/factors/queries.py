"""What an account can show, and who among the staff can show nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.people.duties import holdings
from portal.people.factors.models import OidcLink, Passkey, PendingSignIn, RecoveryCode, TotpFactor
from portal.people.factors.rules import Factors
from portal.people.models import Account, Grant, Person, Role
from portal.people.rules import Permission


def hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def factors_of(session: Session, account_id: int) -> Factors:
    """In one statement, whatever there is."""
    totp, passkeys, recovery = session.execute(
        select(
            exists().where(TotpFactor.account_id == account_id, TotpFactor.confirmed_at.is_not(None)),
            select(func.count()).where(Passkey.account_id == account_id).scalar_subquery(),
            select(func.count())
            .where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
            .scalar_subquery(),
        )
    ).one()
    return Factors(bool(totp), passkeys, recovery)


def confirmed_totp(session: Session, account_id: int) -> TotpFactor | None:
    return session.scalar(
        select(TotpFactor).where(TotpFactor.account_id == account_id, TotpFactor.confirmed_at.is_not(None))
    )


def unconfirmed_totp(session: Session, account_id: int) -> TotpFactor | None:
    return session.scalar(
        select(TotpFactor)
        .where(TotpFactor.account_id == account_id, TotpFactor.confirmed_at.is_(None))
        .order_by(TotpFactor.id.desc())
        .limit(1)
    )


def passkeys_of(session: Session, account_id: int) -> Sequence[Passkey]:
    return session.scalars(select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)).all()


def passkey(session: Session, credential_id: bytes) -> Passkey | None:
    return session.scalar(select(Passkey).where(Passkey.credential_sha256 == sha256(credential_id).hexdigest()))


def open_account(session: Session, account_id: int, password_hash: str | None = None) -> Account | None:
    """The account with its grants and person, unless it is disabled or, where asked, has another password."""
    same = (Account.password_hash == password_hash,) if password_hash is not None else ()
    return session.scalar(
        select(Account)
        .where(Account.id == account_id, Account.disabled_at.is_(None), *same)
        .options(joinedload(Account.person), selectinload(Account.grants).joinedload(Grant.body))
    )


def pending(session: Session, token: str, now: datetime) -> PendingSignIn | None:
    """The sign-in that waits for its second factor, while it may."""
    return session.scalar(
        select(PendingSignIn).where(
            PendingSignIn.token_sha256 == hashed(token), PendingSignIn.used_at.is_(None), PendingSignIn.ends_at > now
        )
    )


def link_of(session: Session, account_id: int, issuer: str) -> OidcLink | None:
    return session.scalar(select(OidcLink).where(OidcLink.account_id == account_id, OidcLink.issuer == issuer))


def linked_account(session: Session, issuer: str, subject: str) -> int | None:
    return session.scalar(select(OidcLink.account_id).where(OidcLink.issuer == issuer, OidcLink.subject == subject))


def account_by_number(session: Session, personnel_number: str) -> int | None:
    return session.scalar(
        select(Account.id)
        .join(Person, Person.id == Account.person_id)
        .where(Person.personnel_number == personnel_number)
    )


def account_in_scope(session: Session, asker: Account, person_id: int) -> Account:
    """The account of a person whose roles the asker grants; otherwise NoResultFound, a 404."""
    account_id = session.scalars(select(Account.id).where(Account.person_id == person_id)).one()
    return holdings.account_in_scope(session, asker, Permission.GRANT_ROLE, account_id)


def staff_without_factor(session: Session, today: date) -> int:
    """How many open staff accounts have neither an authenticator app nor a passkey."""
    staff = exists().where(
        Grant.account_id == Account.id,
        Grant.role != Role.OFFICER,
        Grant.revoked_at.is_(None),
        or_(Grant.starts_on.is_(None), Grant.starts_on <= today),
        or_(Grant.ends_on.is_(None), Grant.ends_on >= today),
    )
    totp = exists().where(TotpFactor.account_id == Account.id, TotpFactor.confirmed_at.is_not(None))
    key = exists().where(Passkey.account_id == Account.id)
    found = session.scalar(
        select(func.count()).select_from(Account).where(Account.disabled_at.is_(None), staff, ~totp, ~key)
    )
    return found or 0
