"""The command line: mingfa."""

from __future__ import annotations

import secrets
import signal
import sys
import threading

import click
from sqlalchemy import select

from portal import rounds, serving
from portal.commands import bodies as body_commands
from portal.commands import roles as role_commands
from portal.commands import ways_in
from portal.commands.audit import audit
from portal.commands.duplicates import duplicates
from portal.commands.exams import exams
from portal.commands.exports import export
from portal.commands.factors import drop_factors, say_factors
from portal.commands.imports import import_group
from portal.commands.index import bring_up, index
from portal.commands.keys import keys
from portal.commands.laws import law
from portal.commands.marks import marks
from portal.commands.person import person
from portal.commands.privacy import privacy
from portal.commands.receipts import receipts
from portal.commands.tls import encrypt, say_tls
from portal.commands.tls import tls as tls_group
from portal.commands.uses import uses
from portal.credentials.models import Application
from portal.credentials.queries import case_for
from portal.credentials.rules import RULES
from portal.demo.commands import demo
from portal.ground import clock, guards, i18n
from portal.ground.config import SETTINGS, read_settings
from portal.ground.db import db
from portal.ground.rules import judge
from portal.people import operations as people
from portal.people.models import Account
from portal.terminal import Sentence, opened


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
    click.echo(f'audit_key = "{secrets.token_hex(32)}"')


@main.command()
def init() -> None:
    """Create the tables, or bring them to today's shape."""
    with opened():
        bring_up()
    click.echo("The database is ready.")


@main.command("serve")
@click.option("--worker/--no-worker", default=True, help="Also run the worker beside the server.")
@click.option("--tls", is_flag=True, help="Serve https with a certificate of the site's own authority.")
@click.option("--host", "names", multiple=True, help="A name or address under which the hall reaches this site.")
@click.option("--port", type=int, default=8443, show_default=True, help="Of https.")
@click.option("--http-port", type=int, help="Also listen here and lead to https.")
@click.option("--new-ca", is_flag=True, help="A new authority, for other names; every computer installs it again.")
def serve_command(worker: bool, tls: bool, names: tuple[str, ...], port: int, http_port: int | None, new_ca: bool):
    """Answer requests until stopped."""
    if names and not tls:
        raise click.UsageError("--host names the certificate and goes with --tls.")
    encrypted = None
    with opened() as settings:
        bring_up()
        db.engine.dispose()
        if tls:
            settings, encrypted = encrypt(settings, names, port=port, http_port=http_port, new_ca=new_ca)
    sys.exit(serving.run(settings, worker=worker, encrypted=encrypted))


@main.command()
@click.option("--once", is_flag=True, help="One round, then stop.")
def worker(once: bool) -> None:
    """Close what is over, mark what is handed in, re-check what has changed."""
    with opened():
        if once:
            click.echo(f"{rounds.one_round(clock.now()) + rounds.count_one(clock.now())} things done.")
            return
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        rounds.work(stop)


@main.group()
def user() -> None:
    """Accounts, roles and tokens."""


def _account(session, username: str) -> Account:
    return session.scalars(select(Account).where(Account.username == username)).one()


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


@main.group(invoke_without_command=True)
@click.pass_context
def doctor(context: click.Context) -> None:
    """Whether the machine, the database and its guards are as they must be."""
    if context.invoked_subcommand is not None:
        return
    with opened() as settings:
        version = getattr(db.engine.dialect.dbapi, "sqlite_version", "psycopg")
        click.echo(f"database: {db.engine.dialect.name} ({version})")
        with db.engine.connect() as connection:
            faults = guards.faults(connection)
        if faults:
            raise click.ClickException(f"guards are missing or changed: {', '.join(sorted(faults))}; run mingfa init")
        click.echo("guards: all in place")
        say_factors(settings)
        say_tls(settings)


user.add_command(ways_in.add)
user.add_command(ways_in.code)
user.add_command(ways_in.slips)
user.add_command(drop_factors)
user.add_command(role_commands.grant)
user.add_command(role_commands.revoke)
doctor.add_command(role_commands.duties)
doctor.add_command(body_commands.bodies)
doctor.add_command(index)
doctor.add_command(uses)
doctor.add_command(receipts)
doctor.add_command(marks)
main.add_command(import_group)
main.add_command(export)
main.add_command(exams)
import_group.add_command(law)
main.add_command(demo)
main.add_command(privacy)
main.add_command(audit)
main.add_command(keys)
main.add_command(tls_group)
main.add_command(person)
person.add_command(duplicates)

if __name__ == "__main__":
    main()
