"""The privacy notice's next version, from a terminal."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from portal.ground import clock
from portal.ground.db import db
from portal.people.records.privacy import operations
from portal.terminal import opened


@click.group()
def privacy() -> None:
    """The privacy notice everybody is shown."""


@privacy.command("publish")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--from", "day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day it is in force.")
def publish(file: Path, day: datetime) -> None:
    """Add FILE (Markdown, Chinese) as the next version; everybody reads it at the first sign-in from that day on."""
    with opened(), db.writing() as session:
        row = operations.publish_notice(session, file.read_text(encoding="utf-8"), day.date(), now=clock.now())
        session.commit()
    click.echo(f"Version {row.number}, in force from {row.effective_from}.")
