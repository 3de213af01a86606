"""A new version of the notice, and somebody's word that he has read one."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.ground import audit
from portal.ground.clock import local
from portal.ground.crypto import digest
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.models import Account
from portal.people.records.privacy import queries
from portal.people.records.privacy.models import PrivacyAcknowledgement, PrivacyNotice

SHORTEST = 200  # characters: a notice that names purpose, basis, term and rights is longer


class NotANotice(Refused):
    """The text is no notice, or its day lies before that of the version before it."""

    status = 422
    code = "not_a_notice"


def publish_notice(session: Session, body: str, effective_from: date, *, now: datetime) -> PrivacyNotice:
    """Add the next version; everybody is shown it at the first sign-in from its day on."""
    if len(body.strip()) < SHORTEST:
        raise NotANotice(N_("The notice is too short to name purposes, basis, term and rights."))
    last = session.execute(select(func.max(PrivacyNotice.number), func.max(PrivacyNotice.effective_from))).one()
    if effective_from < max(local(now).date(), last[1] or date.min):
        raise NotANotice(N_("A version takes effect today at the earliest, and not before the version before it."))
    row = PrivacyNotice(
        number=(last[0] or 0) + 1, body=body.strip() + "\n", effective_from=effective_from, published_at=now
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, "privacy_published", "privacy_notice", row.number, now=now, effective_from=effective_from,
        sha256=digest(row.body),
    )  # fmt: skip
    return row


def acknowledge(session: Session, account: Account, *, number: int, now: datetime) -> None:
    """Note that the account's holder has had the version in force before him; twice is once."""
    unread = queries.unread_notice(session, account.id, local(now).date())
    if unread is None:
        return
    if unread.number != number:
        raise Refused(N_("A newer version of the notice is in force. Read that one."))
    session.add(PrivacyAcknowledgement(account_id=account.id, number=number, at=now))
    audit.record(
        session, "privacy_acknowledged", "privacy_notice", number, now=now, account_id=account.id,
    )  # fmt: skip
