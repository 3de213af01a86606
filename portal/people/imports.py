"""The door through which rosters come in, on the web and for the command line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from flask import Blueprint
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.ground.cockpit import Cockpit, below
from portal.ground.import_now import import_file
from portal.ground.imports import Report
from portal.ground.models import ImportBatch
from portal.ground.rules import N_
from portal.people.models import Account, Grant
from portal.people.queries import account_names
from portal.people.roster_import import Officers
from portal.people.rules import Permission


def importer(session: Session, account_id: int | None) -> Account | None:
    """Who brought a batch, with his roles as they are now; None for the command line."""
    if account_id is None:
        return None
    found = select(Account).where(Account.id == account_id).execution_options(populate_existing=True)
    return session.scalars(found.options(selectinload(Account.grants).joinedload(Grant.body))).one()


def kind_of(session: Session, batch: ImportBatch) -> Officers:
    return Officers(importer(session, batch.account_id))


bp = Cockpit(
    title=N_("Import a roster"),
    permission=Permission.IMPORT_ROSTER,
    kind_for=lambda: Officers(current_user),
    places=below(N_("Roster"), "people.roster"),
    names=account_names,
    own_only=True,
).join(Blueprint("people_imports", __name__, url_prefix="/roster/import"))


def import_officers(
    session: Session, path: str | Path, account: Account | None = None, dry_run: bool = False, *, now: datetime
) -> Report:
    """Check a roster file and, unless it is a dry run, take in its good rows; the caller commits."""
    account_id = account.id if account else None
    return import_file(session, kind_of, Officers(account), Path(path), account_id=account_id, dry_run=dry_run, now=now)
