"""Looking through what the living questions cite, and holding those whose law has changed."""

from __future__ import annotations

from datetime import datetime

from portal.bank.following.holding import cited_articles, missing_holds, put_holds
from portal.ground.clock import local
from portal.ground.db import db
from portal.library.fates import fates

PORTION = 200  # holds in one transaction


def hold_changed(now: datetime) -> int:
    """Hold what no longer rests on the law of today, in short transactions; returns how many questions are new."""
    with db.reading() as session:
        found = fates(session, cited_articles(session), local(now).date())
        missing = missing_holds(session, found)
    held = 0
    for first in range(0, len(missing), PORTION):
        with db.writing() as session:
            held += put_holds(session, missing[first : first + PORTION], found, now)
            session.commit()
    return held
