"""The same acts from a terminal: giving and ending roles, and the units short of people."""

from __future__ import annotations

from datetime import datetime

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.people.duties import gaps, grants
from portal.people.models import Account, Body, Field, Grant, Role
from portal.terminal import opened
from portal.words import WORDS

DAY = click.DateTime(["%Y-%m-%d"])
WHERE = (
    click.argument("username"),
    click.argument("role", type=click.Choice([str(r) for r in Role])),
    click.argument("body_name"),
    click.option("--field", type=click.Choice([str(f) for f in Field]), default=None),
    click.option("--reason", default="terminal", show_default=True, help="Kept in the audit trail."),
)


def _found(session: Session, username: str, body_name: str) -> tuple[Account, Body]:
    account = session.scalars(select(Account).where(Account.username == username)).one()
    body = session.scalars(select(Body).where(Body.name == body_name, Body.abolished_on.is_(None))).one()
    return account, body


def where(command):
    """The arguments that both commands share."""
    for decorate in reversed(WHERE):
        command = decorate(command)
    return command


@click.command("grant")
@where
@click.option("--from", "starts_on", type=DAY, default=None, help="First day; today when not given.")
@click.option("--until", "ends_on", type=DAY, default=None, help="Last day; no end when not given.")
def grant(
    username: str, role: str, body_name: str, field: str | None, reason: str,
    starts_on: datetime | None, ends_on: datetime | None,
) -> None:  # fmt: skip
    """A role in a body and everything below it."""
    with opened(), db.writing() as session:
        account, body = _found(session, username, body_name)
        grants.grant_role(
            session, account, role, body, field=field, starts_on=starts_on.date() if starts_on else None,
            ends_on=ends_on.date() if ends_on else None, reason=reason, by=None, now=clock.now(),
        )  # fmt: skip
        session.commit()
    click.echo("Granted.")


@click.command("revoke")
@where
def revoke(username: str, role: str, body_name: str, field: str | None, reason: str) -> None:
    """End a role at once, with every standing-in for it."""
    with opened(), db.writing() as session:
        account, body = _found(session, username, body_name)
        here = Grant.field == field if field else Grant.field.is_(None)
        row = session.scalars(
            select(Grant).where(
                Grant.account_id == account.id, Grant.role == role, Grant.body_id == body.id, here,
                Grant.revoked_at.is_(None),
            )
        ).one()  # fmt: skip
        count = grants.revoke_role(session, row, reason=reason, by=None, now=clock.now())
        session.commit()
    click.echo(f"Revoked: {count}.")


@click.command("duties")
def duties() -> None:
    """Units without a second qualified person for a step, and who takes it for them."""
    with opened(), db.reading() as session:
        found = gaps.lacking(session, None)
        above = gaps.instead(session, found)
    for gap in found:
        word = WORDS["gap"][gap.step]
        step, up = i18n.gettext(word), above.get((gap.body_id, gap.step), "-")
        click.echo(f"{gap.body}\t{step}\t{gap.persons}\t{up}")
    click.echo(f"{len(found)} units and steps without a second qualified person.")
