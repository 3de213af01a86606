"""Which questions exams used, from a terminal: what was not written down."""

from __future__ import annotations

import click

from portal.exams.uses import note_again, unnoted
from portal.ground import clock
from portal.ground.db import db
from portal.terminal import opened


@click.command("uses")
@click.option("--repair", is_flag=True, help="Write them down and queue the count of their answers.")
def uses(repair: bool) -> None:
    """Published exams whose questions are not known as used."""
    with opened(), db.writing() if repair else db.reading() as session:
        found = unnoted(session)
        for exam in found:
            line = f"{exam.code} {exam.title}"
            if repair:
                added, unknown = note_again(session, exam, now=clock.now())
                line += f": {added} questions written down" + (f", {unknown} not in the bank" if unknown else "")
            click.echo(line)
        if repair:
            session.commit()
    if found and not repair:
        raise click.ClickException(f"{len(found)} exams; run mingfa doctor uses --repair")
    click.echo("Every published exam's questions are known as used.")
