"""mingfa doctor index: whether questions are found by what they say, and mending it."""

from __future__ import annotations

import click

from portal.bank.finding import proving
from portal.bank.finding.indexing import missing
from portal.ground import clock, migrate
from portal.ground.db import db
from portal.terminal import opened

SHOWN = 20


def bring_up() -> None:
    """The tables in today's shape, and every question of an earlier one found by what it says."""
    migrate.upgrade(db.engine)
    with db.writing() as session:
        for _done in proving.fill(session, missing(session)):
            session.commit()


@click.command("index")
@click.option("--repair", is_flag=True, help="Index anew whatever differs.")
def index(repair: bool) -> None:
    """Compare what questions are found by with what they say."""
    with opened(), db.reading() as session:
        proof = proving.prove(session)
    counts = proof.looked_at, len(proof.wrong), len(proof.strays)
    click.echo("{} questions looked at, {} differ, {} are found in vain.".format(*counts))
    for line in proof.rows_apart[:SHOWN]:
        click.echo(f"  version {line}: its articles or tags are not those of its text")
    if not proof.wrong and not proof.strays and not proof.rows_apart:
        return
    if repair:
        with opened(), db.writing() as session:
            for _done in proving.mend(session, proof):
                session.commit()
        click.echo(f"Indexed anew at {clock.now():%H:%M:%S}.")
    if not repair:
        raise click.ClickException("the index differs; run mingfa doctor index --repair")
    if proof.rows_apart:
        raise click.ClickException("versions are kept as they were written; restore them from a backup")
