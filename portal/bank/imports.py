"""The door through which question sheets come in and go out, on the web and for the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from flask import Blueprint, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bank.models import QuestionBank
from portal.bank.queries import bank_in_scope
from portal.bank.question_import import Questions
from portal.ground import i18n, imports
from portal.ground.cockpit import Cockpit
from portal.ground.db import db
from portal.ground.imports import Kind, Report
from portal.ground.models import ImportBatch
from portal.ground.rules import N_
from portal.people.imports import account_names
from portal.people.roster_import import Officers
from portal.people.rules import Permission


def kind_for(code: str) -> Questions:
    """Questions of a bank in the current user's scope, else NoResultFound."""
    return Questions(bank_in_scope(db.session, current_user, code), current_user.id)


def places(kind: Kind) -> Sequence[tuple[str, str]]:
    return [
        (i18n.gettext(N_("Question bank")), url_for("bank.banks")),
        (kind.bank.title, url_for("bank.one", code=kind.bank.code)),
    ]


bp = Cockpit(
    title=N_("Import questions"),
    permission=Permission.MANAGE_BANK,
    kind_for=kind_for,
    places=places,
    names=account_names,
    own_only=False,
).join(Blueprint("bank_imports", __name__, url_prefix="/banks/<code>/import"))


def import_questions(
    session: Session, path: str | Path, bank_code: str, dry_run: bool = False, *, now: datetime
) -> Report:
    """Check a question file and, unless it is a dry run, take in its good rows; the caller commits.

    Raises NoResultFound when there is no such bank.
    """
    bank = session.scalars(select(QuestionBank).where(QuestionBank.code == bank_code)).one()
    kind, path = Questions(bank), Path(path)
    if dry_run:
        return imports.check(session, kind, path.read_bytes(), now=now).report()
    batch = imports.preview(session, kind, path.name, path.read_bytes(), account_id=None, now=now)
    return imports.commit(session, batch, kind, now=now)


def undo(session: Session, batch_id: int, *, now: datetime) -> int:
    """Take back an import of either kind and return how many things that were; the caller commits.

    Raises NoResultFound for an unknown batch, CannotTakeBack and BatchClosed as the cockpit does.
    """
    batch = session.scalars(select(ImportBatch).where(ImportBatch.id == batch_id)).one()
    if batch.kind == Officers.code:
        return imports.undo(session, batch, Officers(), now=now)
    bank = session.scalars(select(QuestionBank).where(QuestionBank.code == batch.target)).one()
    return imports.undo(session, batch, Questions(bank), now=now)
