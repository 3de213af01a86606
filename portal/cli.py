"""The command line: mingfa."""

from __future__ import annotations

import json
import secrets
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import click
from sqlalchemy import select

from portal import rounds, serving
from portal.bank.imports import import_questions, undo
from portal.bank.models import QuestionBank
from portal.bank.queries import current_questions
from portal.credentials.models import Application
from portal.credentials.queries import case_for
from portal.credentials.rules import RULES
from portal.demo.commands import demo
from portal.ground import clock, guards, i18n, migrate
from portal.ground.config import SETTINGS, read_settings
from portal.ground.db import db
from portal.ground.imports import Report, spoken
from portal.ground.rules import judge
from portal.ground.sheets import Page, write_workbook
from portal.people import operations as people
from portal.people.imports import import_officers
from portal.people.models import Account, Body, Person, Role
from portal.terminal import Sentence, opened
from question_bank.sheet_format import TITLES, to_rows


@click.group(cls=Sentence)
def main() -> None:
    """Mingfa 明法: training, exams and credential eligibility for enforcement officers."""


@main.group()
def config() -> None:
    """Settings and where they come from."""


@config.command("show")
def config_show() -> None:
    """Every setting: its variable, meaning, value (secrets hidden) and origin."""
    values = read_settings()
    for setting in SETTINGS:
        value, origin = values[setting.name]
        shown = "(not set)" if value is None else "(set, hidden)" if setting.secret else value
        click.echo(f"{setting.variable}\n    {setting.meaning}\n    {shown}  [{origin}]")


@config.command("new")
def config_new() -> None:
    """Print a settings file with fresh secrets, to be kept outside the database and its backups."""
    click.echo('database_url = "sqlite:////var/lib/mingfa/mingfa.db"')
    click.echo(f'secret_key = "{secrets.token_urlsafe(48)}"')
    click.echo(f'data_key = "{secrets.token_hex(32)}"')
    click.echo(f'index_key = "{secrets.token_hex(32)}"')


@main.command()
def init() -> None:
    """Create the tables, or bring them to today's shape."""
    with opened():
        migrate.upgrade(db.engine)
    click.echo("The database is ready.")


@main.command("serve")
@click.option("--worker/--no-worker", default=True, help="Also run the worker beside the server.")
def serve_command(worker: bool) -> None:
    """Answer requests until stopped."""
    with opened() as settings:
        migrate.upgrade(db.engine)
        db.engine.dispose()
    sys.exit(serving.run(settings, worker=worker))


@main.command()
@click.option("--once", is_flag=True, help="One round, then stop.")
def worker(once: bool) -> None:
    """Close what is over, mark what is handed in, re-check what has changed."""
    with opened():
        if once:
            click.echo(f"{rounds.one_round(clock.now())} things done.")
            return
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        rounds.work(stop)


@main.group("import")
def import_group() -> None:
    """Take a sheet in: good rows stored, bad rows named."""


def _tell(report: Report, path: Path, as_json: bool) -> None:
    """Print a report; exit 1 when something was parked."""
    if as_json:
        body = {**report.counts, "batch": report.batch_id, "problems": [_plain(p) for p in report.problems]}
        click.echo(json.dumps(body, ensure_ascii=False))
    else:
        for problem in report.problems:
            click.echo(f"{path}:{problem.row or ''}: {spoken(problem)}", err=True)
        counts = ", ".join(f"{count} {name}" for name, count in report.counts.items())
        click.echo(f"{counts}. " + (f"Batch {report.batch_id}." if report.batch_id else "Nothing was stored."))
    if report.parked:
        sys.exit(1)


def _plain(problem: object) -> dict[str, object]:
    row = asdict(problem)  # type: ignore[call-overload]
    for name in ("message", "remedy"):
        sentence = row[name]
        row[name] = i18n.gettext(sentence, **row["values"])
    return {k: v if isinstance(v, str | int | bool | None) else str(v) for k, v in row.items() if k != "values"}


SHEET = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
DRY = click.option("--dry-run", is_flag=True, help="Check only; store nothing.")
JSON = click.option("--json", "as_json", is_flag=True, help="The report as JSON.")


@import_group.command("officers")
@SHEET
@DRY
@JSON
def import_officers_command(file: Path, dry_run: bool, as_json: bool) -> None:
    """Officers and their posts from an .xlsx sheet."""
    with opened(), db.writing() as session:
        report = import_officers(session, file, dry_run=dry_run, now=clock.now())
        session.commit()
    _tell(report, file, as_json)


@import_group.command("questions")
@SHEET
@click.option("--bank", required=True, help="Code of the bank, e.g. JL-GENERAL.")
@DRY
@JSON
def import_questions_command(file: Path, bank: str, dry_run: bool, as_json: bool) -> None:
    """Questions from an .xlsx sheet, as drafts."""
    with opened(), db.writing() as session:
        report = import_questions(session, file, bank, dry_run=dry_run, now=clock.now())
        session.commit()
    _tell(report, file, as_json)


@import_group.command("undo")
@click.argument("batch", type=int)
def import_undo(batch: int) -> None:
    """Take a batch back, while nothing of it is in use."""
    with opened(), db.writing() as session:
        count = undo(session, batch, now=clock.now())
        session.commit()
    click.echo(f"{count} things taken back.")


@main.group()
def export() -> None:
    """Write sheets."""


@export.command("questions")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--bank", required=True)
def export_questions(file: Path, bank: str) -> None:
    """A bank's current questions as an .xlsx sheet the importer reads again."""
    with opened(), db.reading() as session:
        row = session.scalars(select(QuestionBank).where(QuestionBank.code == bank)).one()
        questions = current_questions(session, row)
    rows = [[line.get(title, "") for title in TITLES] for q in questions for line in to_rows(q)]
    file.write_bytes(write_workbook([Page("试题", [list(TITLES), *rows])]))
    click.echo(f"{len(questions)} questions written to {file}.")


@main.group()
def user() -> None:
    """Accounts, roles and tokens."""


def _account(session, username: str) -> Account:
    return session.scalars(select(Account).where(Account.username == username)).one()


@user.command("add")
@click.argument("personnel_number")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def user_add(personnel_number: str, password: str) -> None:
    """An account for somebody on the roster."""
    with opened(), db.writing() as session:
        person = session.scalars(select(Person).where(Person.personnel_number == personnel_number)).one()
        people.create_account(session, person, password, now=clock.now())
        session.commit()
    click.echo("The account is open.")


@user.command("grant")
@click.argument("username")
@click.argument("role", type=click.Choice([str(r) for r in Role]))
@click.argument("body_name")
@click.option("--field", default=None)
def user_grant(username: str, role: str, body_name: str, field: str | None) -> None:
    """A role in a body and everything below it."""
    with opened(), db.writing() as session:
        body = session.scalars(select(Body).where(Body.name == body_name)).one()
        people.grant(session, _account(session, username), Role(role), body, field=field, now=clock.now())
        session.commit()
    click.echo("Granted.")


@user.command("token")
@click.argument("username")
def user_token(username: str) -> None:
    """A token for another program, shown once."""
    with opened(), db.writing() as session:
        token = people.create_api_token(session, _account(session, username), now=clock.now())
        session.commit()
    click.echo(token)


@main.command()
@click.argument("application", type=int)
def check(application: int) -> None:
    """The twelve rules for one application, as the bureau would see them."""
    with opened(), db.reading() as session:
        row = session.get_one(Application, application)
        case, policy = case_for(session, row, checker_account=None, now=clock.now())
    click.echo(policy.label)
    for number, finding in enumerate(judge(case, RULES), 1):
        click.echo(f"{number:2} {finding.state:15} {i18n.gettext(finding.because, **finding.values)}")


@main.command()
def doctor() -> None:
    """Whether the machine, the database and its guards are as they must be."""
    with opened():
        version = getattr(db.engine.dialect.dbapi, "sqlite_version", "psycopg")
        click.echo(f"database: {db.engine.dialect.name} ({version})")
        with db.engine.connect() as connection:
            faults = guards.faults(connection)
        if faults:
            raise click.ClickException(f"guards are missing or changed: {', '.join(sorted(faults))}; run mingfa init")
    click.echo("guards: all in place")


main.add_command(demo)

if __name__ == "__main__":
    main()
