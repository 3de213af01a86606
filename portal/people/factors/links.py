"""Trips to the provider and back, and which of our accounts an account there opens."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.ground import audit
from portal.ground.crypto import keys
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.factors import queries
from portal.people.factors.models import OidcLink, OidcTrip
from portal.people.factors.oidc import Provider
from portal.people.factors.operations import Over
from portal.people.factors.queries import hashed
from portal.people.factors.rules import TRIP_LASTS

KEPT = timedelta(days=1)


class NoAccount(Refused):
    """The provider knows him, this site does not, or not any more."""

    status = 403
    code = "no_account"


@dataclass(frozen=True)
class Trip:
    """What must come back, and for whom: `account_id` links, None signs in."""

    state: str
    nonce: str
    verifier: str
    account_id: int | None


def _bound(state: str) -> str:
    return f"oidc_trip|sealed|{hashed(state)}"


def start_trip(session: Session, account_id: int | None, *, now: datetime) -> Trip:
    session.execute(delete(OidcTrip).where(OidcTrip.ends_at < now - KEPT))
    trip = Trip(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), account_id)
    session.add(
        OidcTrip(
            state_sha256=hashed(trip.state),
            sealed=keys.seal(json.dumps([trip.nonce, trip.verifier]), _bound(trip.state)),
            account_id=account_id,
            ends_at=now + TRIP_LASTS,
        )
    )
    return trip


def take_trip(session: Session, state: str, *, now: datetime) -> Trip:
    """The trip of this state, used up by asking for it. Raises Over."""
    taken = session.execute(
        update(OidcTrip)
        .where(OidcTrip.state_sha256 == hashed(state), OidcTrip.used_at.is_(None), OidcTrip.ends_at > now)
        .values(used_at=now)
    )
    if taken.rowcount != 1:
        raise Over(N_("This way back from the provider was used already or is too old. Start signing in again."))
    row = session.scalars(select(OidcTrip).where(OidcTrip.state_sha256 == hashed(state))).one()
    nonce, verifier = json.loads(keys.unseal(row.sealed, _bound(state)))
    return Trip(state, nonce, verifier, row.account_id)


def account_for(session: Session, provider: Provider, claims: dict[str, Any], *, address: str, now: datetime) -> int:
    """The account these claims open: linked before, or bound now by its personnel number. Raises NoAccount."""
    linked = queries.linked_account(session, provider.issuer, claims["sub"])
    if linked is not None:
        return linked
    number = claims.get(provider.claim) if provider.claim else None
    found = queries.account_by_number(session, number) if isinstance(number, str) and number else None
    if found is None or queries.link_of(session, found, provider.issuer) is not None:
        raise NoAccount(N_("The provider knows you, but no account here belongs to you. Sign in with your password."))
    link(session, found, provider, claims["sub"], address=address, now=now)
    return found


def link(
    session: Session, account_id: int, provider: Provider, subject: str, *, address: str, now: datetime
) -> OidcLink:
    """Bind an account there to one here. Raises NoAccount when either has another partner."""
    if queries.linked_account(session, provider.issuer, subject) not in (None, account_id):
        raise NoAccount(N_("This account of the provider already opens another account here."))
    if queries.link_of(session, account_id, provider.issuer) is not None:
        raise NoAccount(N_("Your account is already linked with the provider."))
    row = OidcLink(account_id=account_id, issuer=provider.issuer, subject=subject, linked_at=now)
    session.add(row)
    session.flush()
    audit.record(session, "provider_linked", "account", account_id, now=now, account_id=account_id, address=address)
    return row
