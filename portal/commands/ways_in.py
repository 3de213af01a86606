"""The same ways in from a terminal: opening accounts, one-time codes and a unit's slips. No command sets a password."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.people.access import operations, queries
from portal.people.access.slip_pdf import draw_sheet, slip_of
from portal.people.models import Body, Person
from portal.terminal import opened

MOST_SLIPS = 2000


def _person(session: Session, personnel_number: str) -> Person:
    return session.scalars(select(Person).where(Person.personnel_number == personnel_number)).one()


def _code(session: Session, person: Person, reason: str) -> None:
    account = queries.account_of(session, person.id) or operations.open_account(session, person, now=clock.now())
    code, row = operations.issue_code(session, account, made_by=None, reason=reason, now=clock.now())
    session.commit()
    click.echo(f"{code}  good until {i18n.show_moment(row.expires_at)}, once; typed at /activate")


@click.command("add")
@click.argument("personnel_number")
def add(personnel_number: str) -> None:
    """An account for somebody on the roster, and the one-time code that lets him set his password."""
    with opened(), db.writing() as session:
        person = _person(session, personnel_number)
        if queries.account_of(session, person.id) is not None:
            raise click.ClickException("There is an account already; mingfa user code issues a one-time code.")
        _code(session, person, "terminal")
    click.echo("The account is open.")


@click.command("code")
@click.argument("personnel_number")
@click.option("--reason", default="terminal", show_default=True, help="Kept in the audit trail.")
def code(personnel_number: str, reason: str) -> None:
    """A new one-time code; older ones are void."""
    with opened(), db.writing() as session:
        _code(session, _person(session, personnel_number), reason)


@click.command("slips")
@click.argument("body_name")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def slips(body_name: str, file: Path) -> None:
    """Activation slips as PDF for everybody of a unit without a password, eight to a sheet."""
    with opened() as config, db.writing() as session:
        body = session.scalars(select(Body).where(Body.name == body_name)).one()
        made = []
        for person in queries.without_password(session, None, body, MOST_SLIPS):
            account = queries.account_of(session, person.id) or operations.open_account(
                session, person, now=clock.now()
            )
            issued, row = operations.issue_code(session, account, made_by=None, reason="terminal", now=clock.now())
            made.append(slip_of(person, body.name, issued, row, config.base_url))
        if not made:
            raise click.ClickException("Everybody of this unit has a password.")
        file.touch(mode=0o600)
        file.write_bytes(draw_sheet(made))
        session.commit()
    click.echo(f"{len(made)} slips written to {file}.")
