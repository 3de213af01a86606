"""Second factors from a terminal: who of the staff has none, and the way out when nobody is left to help."""

from __future__ import annotations

import click
from sqlalchemy import select

from portal.ground import clock
from portal.ground.config import Config
from portal.ground.db import db
from portal.people.factors import operations, queries
from portal.people.models import Account
from portal.terminal import opened


def say_factors(config: Config) -> None:
    """One line for the doctor."""
    with db.reading() as session:
        without = queries.staff_without_factor(session, clock.today())
    if not without:
        click.echo(f"second factor: {config.second_factor}; every staff account has one")
        return
    click.echo(f"second factor: {config.second_factor}; {without} staff accounts have none")
    if config.password_profile == "djbh3" and config.second_factor != "required":
        click.echo("    MLPS level 3 asks for two factors: set MINGFA_SECOND_FACTOR=required")


@click.command("drop-factors")
@click.argument("username")
@click.option("--reason", required=True, help="Kept in the audit trail.")
def drop_factors(username: str, reason: str) -> None:
    """Lost by the only security administrator: void somebody's second factors; new ones come first."""
    with opened(), db.writing() as session:
        account = session.scalars(select(Account).where(Account.username == username)).one()
        operations.take_factors_away(session, account, by=None, reason=reason, address="terminal", now=clock.now())
        session.commit()
    click.echo("The factors are void and every device is signed out; the next sign-in sets up new ones.")
