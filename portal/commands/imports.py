"""mingfa import: sheets in from the terminal, through the same cockpit as on the web."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from sqlalchemy import select

from portal import rounds
from portal.bank.intake.questions import Questions
from portal.bank.models import QuestionBank
from portal.ground import i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.import_now import Terminal
from portal.ground.import_rows import PLACES, Problem
from portal.ground.imports import Kind, Report, refused, spoken, told
from portal.ground.models import ImportBatch
from portal.people.imports import importer
from portal.people.models import Account
from portal.people.roster_import import Officers
from portal.terminal import opened
from question_bank.formats import reading

UNREADABLE = 2


@click.group("import")
def import_group() -> None:
    """Take a sheet in: good rows stored, bad rows named. Exit 1 when rows were parked, 2 when nothing could be read."""


SHEET = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
DRY = click.option("--dry-run", is_flag=True, help="Check only; store nothing.")
JSON = click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
AS = click.option("--as", "username", metavar="ACCOUNT", help="With this account's reach, and in its name.")


@import_group.command("officers")
@SHEET
@DRY
@JSON
@AS
def officers(file: Path, dry_run: bool, as_json: bool, username: str | None) -> None:
    """Officers and their posts from an .xlsx or .csv sheet."""
    with opened():
        account_id = _account_id(username)
        with db.reading() as session:
            kind = Officers(importer(session, account_id))
        _take_in(kind, file, account_id, dry_run=dry_run, as_json=as_json)


@import_group.command("questions")
@SHEET
@click.option("--bank", required=True, help="Code of the bank, e.g. JL-GENERAL.")
@click.option(
    "--format", "form", default="auto", show_default=True, help="What the file is, where it cannot be told by itself.",
    type=click.Choice(["auto", "xlsx", *reading.FORMATS]),
)  # fmt: skip
@DRY
@JSON
@AS
def questions(file: Path, bank: str, form: str, dry_run: bool, as_json: bool, username: str | None) -> None:
    """Questions as drafts: .xlsx, .csv, .docx, text, GIFT, Aiken, Moodle XML, QTI."""
    with opened():
        account_id = _account_id(username)
        with db.reading() as session:
            kind = Questions(session.scalars(select(QuestionBank).where(QuestionBank.code == bank)).one(), account_id)
        _take_in(kind, file, account_id, dry_run=dry_run, as_json=as_json, form=form)


@import_group.command("undo")
@click.argument("batch", type=int)
def undo(batch: int) -> None:
    """Take a batch back, while nothing of it is in use or changed since."""
    with opened():
        try:
            count = Terminal(rounds.kind_of, _moving()).take_back(batch)
        except Refused as refusal:
            with db.reading() as session:
                row = session.get_one(ImportBatch, batch)
                plain = {"message": refusal.message, "values": refusal.values}
                sentence = told(session, rounds.kind_of(session, row), plain)
            raise click.ClickException(sentence) from refusal
    click.echo(f"{count} rows taken back.")


def _account_id(username: str | None) -> int | None:
    if username is None:
        return None
    with db.reading() as session:
        return session.scalars(select(Account.id).where(Account.username == username)).one()


def _take_in(
    kind: Kind, file: Path, account_id: int | None, *, dry_run: bool, as_json: bool, form: str = "auto"
) -> None:
    try:
        desk = Terminal(rounds.kind_of, _moving())
        report = desk.take_in(kind, file, account_id=account_id, dry_run=dry_run, form=form)
    except Refused as refusal:
        click.echo(f"{file}: {refused(refusal)}", err=True)
        sys.exit(UNREADABLE)
    _tell(report, file, as_json)


def _moving():
    """A line on the terminal that says how far it is; nothing where nobody watches."""
    if not sys.stderr.isatty():
        return None

    def say(batch: ImportBatch) -> None:
        of = f" / {batch.rows_total:,}" if batch.rows_total else ""
        click.echo(f"\r{batch.state}: {batch.rows_done:,}{of}\033[K", nl=False, err=True)

    return say


def _tell(report: Report, path: Path, as_json: bool) -> None:
    """Print a report; exit 1 when something was parked."""
    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)
    if as_json:
        body = {**report.counts, "batch": report.batch_id, "problems": [_plain(p) for p in report.problems]}
        click.echo(json.dumps(body, ensure_ascii=False))
    else:
        for problem in report.problems:
            click.echo(f"{path}:{_place(problem)}: {spoken(problem)}", err=True)
        counts = ", ".join(f"{count} {name}" for name, count in report.counts.items())
        click.echo(f"{counts}. " + (f"Batch {report.batch_id}." if report.batch_id else "Nothing was stored."))
    if report.parked:
        sys.exit(1)


def _place(problem: Problem) -> str:
    if problem.unit in PLACES:
        return i18n.gettext(PLACES[problem.unit], n=problem.line)
    return str(problem.line or problem.row or "")


def _plain(problem: Problem) -> dict[str, object]:
    """The problem with its sentences; a place that is no row of a sheet stands under the name of what it counts."""
    row = problem.plain()
    values, unit = row.pop("values"), row.pop("unit")
    if unit in PLACES:
        row |= {"row": None, "line": None, unit: problem.line}
    for name in ("message", "remedy"):
        row[name] = i18n.gettext(row[name], **values)
    return row
