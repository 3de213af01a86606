"""Signing in and out, accounts, roles."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from portal.ground import audit
from portal.ground.crypto import keys
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.models import Account, ApiToken, Body, FailedSignIn, Grant, Person, Role, SignIn
from portal.people.queries import account_for_sign_in
from portal.people.rules import normal_id_number

SIGN_IN_LASTS = timedelta(hours=12)
GUESSES_ALLOWED = 8
GUESSES_FROM_ONE_PLACE = 100  # a county office may share one address
GUESS_WINDOW = timedelta(minutes=10)

hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
hash_pool = BoundedSemaphore(2)  # a rush of sign-ins must not starve saving
UNKNOWN = hasher.hash("nobody has this password")


class TooManyGuesses(Refused):
    """Guessing is slowed down; refused before hashing."""

    status = 429
    code = "too_many_guesses"


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def password_fits(stored: str, typed: str) -> bool:
    with hash_pool:
        try:
            return hasher.verify(stored, typed)
        except (VerifyMismatchError, InvalidHashError):
            return False


def _guessed(username: str) -> str:
    """What is kept of a name that did not open: it may be somebody's ID number."""
    return keys.blind(normal_id_number(username).upper(), "failed_sign_in|username")


def check_guesses(session: Session, username: str, address: str, *, now: datetime) -> None:
    """Raises TooManyGuesses; called before any hashing."""
    named = FailedSignIn.username == _guessed(username)
    here, for_name = session.execute(
        select(func.count(), func.sum(case((named, 1), else_=0))).where(
            FailedSignIn.at > now - GUESS_WINDOW, FailedSignIn.address == address
        )
    ).one()
    if (for_name or 0) >= GUESSES_ALLOWED or here >= GUESSES_FROM_ONE_PLACE:
        raise TooManyGuesses(N_("Too many wrong passwords from this place. Try again in 10 minutes."))


def find_account(session: Session, username: str, password: str, *, address: str, now: datetime) -> Account | None:
    """The account these two open; None when they open none. The same work is done for unknown names."""
    check_guesses(session, username, address, now=now)
    account = account_for_sign_in(session, username)
    fits = password_fits(account.password_hash if account else UNKNOWN, password)
    return account if account and fits and account.disabled_at is None else None


def note_wrong_password(session: Session, username: str, *, address: str, now: datetime) -> None:
    session.add(FailedSignIn(username=_guessed(username), address=address, at=now))


def sign_in(session: Session, account: Account, *, address: str, now: datetime) -> str:
    """Open a sign-in and return its token; only its digest is stored."""
    token = secrets.token_urlsafe(32)
    session.add(SignIn(token_sha256=token_digest(token), account_id=account.id, at=now, ends_at=now + SIGN_IN_LASTS))
    audit.record(session, "sign_in", "account", account.id, now=now, account_id=account.id, address=address)
    return token


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    session.execute(
        update(SignIn).where(SignIn.token_sha256 == token_digest(token), SignIn.ended_at.is_(None)).values(ended_at=now)
    )


def create_account(session: Session, person: Person, password: str, *, now: datetime) -> Account:
    """An account that signs in with the personnel number."""
    account = Account(
        person_id=person.id,
        username=person.personnel_number,
        password_hash=hasher.hash(password),
        created_at=now,
    )
    session.add(account)
    session.flush()
    audit.record(session, "account_created", "account", account.id, now=now)
    return account


def grant(
    session: Session, account: Account, role: Role, body: Body, *, field: str | None = None, now: datetime
) -> Grant:
    row = Grant(account_id=account.id, role=role, body_id=body.id, field=field, granted_at=now)
    session.add(row)
    session.flush()
    audit.record(session, "role_granted", "account", account.id, now=now, role=str(role), body=body.id, field=field)
    return row


def create_api_token(session: Session, account: Account, *, now: datetime) -> str:
    """A token for another program, shown once."""
    token = "mf_" + secrets.token_urlsafe(32)
    session.add(ApiToken(token_sha256=token_digest(token), account_id=account.id, created_at=now))
    audit.record(session, "api_token_created", "account", account.id, now=now)
    return token
