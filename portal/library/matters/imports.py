"""The doors through which matters and towns' lists come in as files."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portal.ground import i18n
from portal.ground.cockpit import Cockpit
from portal.ground.imports import Kind
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


def _catalogue(_kind: Kind) -> Sequence[tuple[str, str]]:
    return [(i18n.gettext(N_("Conferred matters")), url_for("library_matters.catalogue"))]


def _lists(_kind: Kind) -> Sequence[tuple[str, str]]:
    return [(i18n.gettext(N_("Towns' lists")), url_for("library_lists.glance"))]


matters_bp = Cockpit(
    title=N_("Import matters"),
    permission=Permission.EDIT_MATTERS,
    kind_for=lambda: Matters(current_user),
    places=_catalogue,
    names=account_names,
    own_only=True,
).join(Blueprint("matter_imports", __name__, url_prefix="/library/matters/import"))
lists_bp = Cockpit(
    title=N_("Import towns' lists"),
    permission=Permission.EDIT_MATTERS,
    kind_for=lambda: TownLists(current_user),
    places=_lists,
    names=account_names,
    own_only=True,
).join(Blueprint("town_list_imports", __name__, url_prefix="/library/lists/import"))
