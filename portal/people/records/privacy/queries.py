"""Which notice is in force, and whether somebody has read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.people.records.privacy.models import PrivacyAcknowledgement, PrivacyNotice


def notice_on(session: Session, day: date) -> PrivacyNotice | None:
    """The version in force on a day."""
    return session.scalars(
        select(PrivacyNotice)
        .where(PrivacyNotice.effective_from <= day)
        .order_by(PrivacyNotice.effective_from.desc(), PrivacyNotice.number.desc())
        .limit(1)
    ).first()


def unread_notice(session: Session, account_id: int, day: date) -> PrivacyNotice | None:
    """The version in force, if this account has not acknowledged it."""
    newest = notice_on(session, day)
    if newest is None:
        return None
    read = select(PrivacyAcknowledgement.id).where(
        PrivacyAcknowledgement.account_id == account_id, PrivacyAcknowledgement.number == newest.number
    )
    return newest if session.scalar(read) is None else None


def versions(session: Session, day: date) -> Sequence[PrivacyNotice]:
    """Every version up to a day, newest first."""
    return session.scalars(
        select(PrivacyNotice).where(PrivacyNotice.effective_from <= day).order_by(PrivacyNotice.number.desc())
    ).all()
