"""Exams from a terminal: the rules of entry."""

from __future__ import annotations

import json
from datetime import date
from typing import BinaryIO

import click

from portal.exams.sittings.operations import add_policy
from portal.exams.sittings.queries import policies
from portal.ground import clock
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.terminal import opened


@click.group()
def exams() -> None:
    """Exams: what entry goes by."""


@exams.command("policy")
@click.argument("file", type=click.File("rb"), required=False)
def policy(file: BinaryIO | None) -> None:
    """Add rules of entry from a JSON FILE with label, effective_from and body; without one, show those there are."""
    if file is None:
        with opened(), db.reading() as session:
            rows = [
                {"label": row.label, "effective_from": row.effective_from.isoformat(), "body": row.body}
                for row in policies(session)
            ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    try:
        told = json.load(file)
        label, day, body = told["label"], date.fromisoformat(told["effective_from"]), told["body"]
    except (ValueError, KeyError, TypeError) as wrong:
        raise click.ClickException("the file is JSON with label, effective_from (2027-01-01) and body") from wrong
    with opened(), db.writing() as session:
        try:
            row = add_policy(session, label=label, effective_from=day, body=body, account_id=None, now=clock.now())
        except Refused as refusal:
            raise click.ClickException(str(refusal)) from refusal
        session.commit()
        click.echo(f"{row.label} holds from {row.effective_from}")
