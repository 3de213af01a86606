"""mingfa export: questions out to a file, what stays behind named."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import click
from sqlalchemy import select

from portal.bank.exchange import operations, queries
from portal.bank.exchange.booklet import Mark
from portal.bank.finding.queries import Filters
from portal.bank.models import QuestionBank, QuestionStatus
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.people.models import Account
from portal.terminal import opened

FORMS = ("xlsx", "docx", "gift", "moodle", "qti3", "pdf", "csv")


@click.group("export")
def export() -> None:
    """Write files of what is on record."""


@export.command("questions")
@click.option("--bank", "code", required=True, help="Code of the bank, e.g. JL-GENERAL.")
@click.option("--format", "word", type=click.Choice(FORMS), default="xlsx", show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Else named after the bank.")
@click.option("--status", type=click.Choice([str(s) for s in QuestionStatus]), help="Only these; else all but retired.")
@click.option("--topic", default="", help="Only this topic.")
@click.option("--json", "as_json", is_flag=True, help="What was written and what stays behind, as JSON.")
@click.option("--as", "username", metavar="ACCOUNT", help="In this account's name.")
def questions(
    code: str, word: str, out: Path | None, status: str | None, topic: str, as_json: bool, username: str | None
) -> None:
    """A bank's current questions in one of the forms the importer reads, or as a booklet."""
    with opened():
        form = operations.form_of(word)
        with db.writing() as session:
            bank = session.scalars(select(QuestionBank).where(QuestionBank.code == code)).one()
            account = session.scalars(select(Account).where(Account.username == username)).one() if username else None
            filters = Filters(status=status or "", topic=topic)
            versions = queries.chosen_versions(session, bank, filters)
            operations.check_amount(len(versions), form)
            by = account.person.personnel_number if account else "命令行"
            mark = Mark(by, i18n.show_moment(clock.now()), bank.sealed)
            operations.note_export(session, account, bank, versions, form, now=clock.now())
            session.commit()
        with db.reading() as session, operations.write_out(session, bank, versions, form, mark=mark) as written:
            path = out or Path(f"{code}.{written.ending}")
            with path.open("wb") as target:
                shutil.copyfileobj(written.file, target)
    _tell(path, written, as_json)


def _tell(path: Path, written: operations.Exported, as_json: bool) -> None:
    losses = [
        {"message": i18n.gettext(lost.message, **lost.values), "questions": lost.count, "examples": list(lost.codes)}
        for lost in operations.told(written.losses)
    ]
    if as_json:
        click.echo(json.dumps({"file": str(path), "questions": written.count, "losses": losses}, ensure_ascii=False))
        return
    for lost in losses:
        named = ", ".join(lost["examples"])
        click.echo(f"{lost['message']} ({lost['questions']}: {named})", err=True)
    click.echo(f"{written.count} questions written to {path}.")
    sys.stdout.flush()
