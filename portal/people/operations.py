"""Accounts, roles and tokens."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.ground import audit
from portal.people.access.hashing import hasher
from portal.people.models import Account, ApiToken, Body, Grant, Person, Role
from portal.people.queries import body_id_of

__all__ = ["create_account", "create_api_token", "grant", "hasher", "revoke_api_tokens", "token_digest"]


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def create_account(session: Session, person: Person, *, now: datetime) -> Account:
    """An account that signs in with the personnel number, once its owner has set a password."""
    account = Account(person_id=person.id, username=person.personnel_number, password_hash="", created_at=now)
    session.add(account)
    session.flush()
    audit.record(
        session, "account_created", "account", account.id, now=now, person_id=person.id,
        body_id=body_id_of(session, person.id),
    )  # fmt: skip
    return account


def grant(
    session: Session, account: Account, role: Role, body: Body, *, field: str | None = None,
    ends_on: date | None = None, now: datetime,
) -> Grant:  # fmt: skip
    row = Grant(account_id=account.id, role=role, body_id=body.id, field=field, ends_on=ends_on, granted_at=now)
    session.add(row)
    session.flush()
    audit.record(
        session, "role_granted", "account", account.id, now=now, person_id=account.person_id, body_id=body.id,
        role=str(role), field=field, **({"ends_on": ends_on.isoformat()} if ends_on else {}),
    )  # fmt: skip
    return row


def create_api_token(session: Session, account: Account, *, now: datetime) -> str:
    """A token for another program, shown once."""
    token = "mf_" + secrets.token_urlsafe(32)
    session.add(ApiToken(token_sha256=token_digest(token), account_id=account.id, created_at=now))
    audit.record(session, "api_token_created", "account", account.id, now=now, person_id=account.person_id)
    return token


def revoke_api_tokens(session: Session, account: Account, *, why: str, now: datetime) -> int:
    """End the account's tokens for other programs; returns how many.

    A new password leaves them: it is the person who changes it. Closing the account and taking its factors away end
    them, since then somebody else may hold what was his.
    """
    live = (ApiToken.account_id == account.id, ApiToken.revoked_at.is_(None))
    count = session.execute(update(ApiToken).where(*live).values(revoked_at=now)).rowcount
    if count:
        audit.record(
            session, "api_tokens_revoked", "account", account.id, now=now, person_id=account.person_id, count=count,
            why=why,
        )  # fmt: skip
    return count
