"""The doors through which matters and towns' lists come in as files."""

from __future__ import annotations

from flask import Blueprint
from flask_login import current_user
from sqlalchemy.orm import Session

from portal.ground.cockpit import Cockpit, below
from portal.ground.models import ImportBatch
from portal.ground.rules import N_
from portal.library.matters.lists.list_import import TownLists
from portal.library.matters.matter_import import Matters
from portal.people.imports import account_names, importer
from portal.people.rules import Permission


def matters_of(session: Session, batch: ImportBatch) -> Matters:
    """The kind with the eyes of whoever brought the batch, as his roles are now."""
    return Matters(importer(session, batch.account_id))


def lists_of(session: Session, batch: ImportBatch) -> TownLists:
    return TownLists(importer(session, batch.account_id))


matters_bp = Cockpit(
    title=N_("Import matters"),
    permission=Permission.EDIT_MATTERS,
    kind_for=lambda: Matters(current_user),
    places=below(N_("Conferred matters"), "library_matters.catalogue"),
    names=account_names,
    own_only=True,
).join(Blueprint("matter_imports", __name__, url_prefix="/library/matters/import"))
lists_bp = Cockpit(
    title=N_("Import towns' lists"),
    permission=Permission.EDIT_MATTERS,
    kind_for=lambda: TownLists(current_user),
    places=below(N_("Towns' lists"), "library_lists.glance"),
    names=account_names,
    own_only=True,
).join(Blueprint("town_list_imports", __name__, url_prefix="/library/lists/import"))
