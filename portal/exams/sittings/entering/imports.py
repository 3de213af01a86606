"""The door through which lists of people to be entered for an exam come in."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portal.exams.models import Exam
from portal.exams.sittings.entering import queries
from portal.exams.sittings.entering.list_import import EntryList
from portal.ground import i18n
from portal.ground.cockpit import Cockpit
from portal.ground.db import db
from portal.ground.imports import Kind
from portal.ground.models import ImportBatch
from portal.ground.rules import N_
from portal.people.imports import account_names, importer
from portal.people.rules import Permission


def kind_for(exam_id: str) -> EntryList:
    """The list of an exam for which the current user enters people; otherwise NoResultFound, a 404."""
    return EntryList(queries.exam_for_entry(db.session, current_user, int(exam_id)), current_user)


def kind_of(session: Session, batch: ImportBatch) -> EntryList:
    """The kind with the eyes of whoever brought the batch, as his roles are now."""
    account = importer(session, batch.account_id)
    assert account is not None, "a list is brought by somebody"
    return EntryList(session.get_one(Exam, int(batch.target or 0)), account)


def places(kind: Kind) -> Sequence[tuple[str, str]]:
    assert isinstance(kind, EntryList)
    return [
        (i18n.gettext(N_("Exam entry")), url_for("exam_entries.exams")),
        (kind.exam.title, url_for("exam_entries.choose", exam_id=kind.exam.id)),
    ]


bp = Cockpit(
    title=N_("Import a list of entries"),
    permission=Permission.ENTER_EXAM,
    kind_for=kind_for,
    places=places,
    names=account_names,
    own_only=True,
).join(Blueprint("entry_imports", __name__, url_prefix="/exams/manage/<int:exam_id>/enter/import"))
