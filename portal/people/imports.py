"""The door through which rosters come in, on the web and for the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from flask import Blueprint, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.ground import i18n, imports
from portal.ground.cockpit import Cockpit
from portal.ground.imports import Kind, Report
from portal.ground.rules import N_
from portal.people.models import Account, Person
from portal.people.roster_import import Officers
from portal.people.rules import Permission


def account_names(session: Session, ids: set[int]) -> Mapping[int, str]:
    """Account id → the person's name, for reports that say who did it."""
    found = select(Account.id, Person.name).join(Person, Person.id == Account.person_id)
    return dict(session.execute(found.where(Account.id.in_(ids))).all())


def places(_kind: Kind) -> Sequence[tuple[str, str]]:
    return [(i18n.gettext(N_("Roster")), url_for("people.roster"))]


bp = Cockpit(
    title=N_("Import a roster"),
    permission=Permission.IMPORT_ROSTER,
    kind_for=lambda: Officers(current_user),
    places=places,
    names=account_names,
    own_only=True,
).join(Blueprint("people_imports", __name__, url_prefix="/roster/import"))


def import_officers(
    session: Session, path: str | Path, account: Account | None = None, dry_run: bool = False, *, now: datetime
) -> Report:
    """Check a roster file and, unless it is a dry run, take in its good rows; the caller commits."""
    kind, path = Officers(account), Path(path)
    if dry_run:
        return imports.check(session, kind, path.read_bytes(), now=now).report()
    account_id = account.id if account else None
    batch = imports.preview(session, kind, path.name, path.read_bytes(), account_id=account_id, now=now)
    return imports.commit(session, batch, kind, now=now)
