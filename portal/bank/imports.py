"""The door through which question sheets come in and go out, on the web and for the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path

from flask import Blueprint, Response, request, send_file, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.bank.intake import examples
from portal.bank.intake.questions import Questions
from portal.bank.models import QuestionBank
from portal.bank.queries import bank_in_scope
from portal.ground import i18n
from portal.ground.cockpit import Cockpit
from portal.ground.db import db
from portal.ground.import_now import import_file, undo_now
from portal.ground.imports import Kind, Report
from portal.ground.models import ImportBatch
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.imports import account_names, importer
from portal.people.imports import kind_of as officers_of
from portal.people.rules import Permission


def kind_for(code: str) -> Questions:
    """Questions of a bank in the current user's scope, else NoResultFound."""
    return Questions(bank_in_scope(db.session, current_user, code), current_user.id)


def kind_of(session: Session, batch: ImportBatch) -> Questions:
    """Questions of a batch's bank; open to its importer no longer when the bank has left his scope."""
    bank = session.scalars(select(QuestionBank).where(QuestionBank.code == batch.target)).one()
    return Questions(bank, batch.account_id, still_open=_in_reach(session, batch), batch_id=batch.id)


def _in_reach(session: Session, batch: ImportBatch) -> bool:
    account = importer(session, batch.account_id)
    if account is None:
        return True
    try:
        bank_in_scope(session, account, batch.target or "")
    except NoResultFound:
        return False
    return account.disabled_at is None


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


@bp.get("/example")
@needs(Permission.MANAGE_BANK)
def example(code: str) -> Response:
    """A small file of one form, to look at or to fill in."""
    kind_for(code)
    title = i18n.gettext(examples.TITLE)
    content, ending, media_type = examples.example(request.args.get("form", ""), title)
    return send_file(BytesIO(content), mimetype=media_type, as_attachment=True, download_name=f"{title}.{ending}")


def import_questions(
    session: Session, path: str | Path, bank_code: str, dry_run: bool = False, *, now: datetime, form: str = "auto"
) -> Report:
    """Check a question file and, unless it is a dry run, take in its good rows; the caller commits.

    Raises NoResultFound when there is no such bank.
    """
    bank = session.scalars(select(QuestionBank).where(QuestionBank.code == bank_code)).one()
    kind = Questions(bank)
    return import_file(session, kind_of, kind, Path(path), account_id=None, dry_run=dry_run, now=now, form=form)


def undo(session: Session, batch_id: int, *, now: datetime) -> int:
    """Take back an import of either kind and return how many rows that were; the caller commits.

    Raises NoResultFound for an unknown batch, CannotTakeBack and BatchClosed as the cockpit does.
    """
    batch = session.scalars(select(ImportBatch).where(ImportBatch.id == batch_id)).one()
    return undo_now(session, officers_of if batch.kind == "officers" else kind_of, batch, now=now)
