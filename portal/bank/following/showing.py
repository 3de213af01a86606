"""Noting a view in a transaction of its own, before a page that only reads shows the question."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from portal.bank.following import operations
from portal.bank.following.models import ViewedBy
from portal.ground.db import db
from portal.people.models import Account


def before_showing(
    account: Account, version_ids: Collection[int], via: ViewedBy, now: datetime, *, reading: Session | None = None
) -> None:
    """Called by doors that only read: what is new is committed at once, whatever becomes of the page.

    `reading` is the session of a door that has one of its own.
    """
    if operations.unseen(reading or db.session, account, version_ids, via, now):
        with db.writing() as session:
            operations.note_views(session, account, version_ids, via, now)
            session.commit()
