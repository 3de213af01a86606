"""The tree of bodies from a terminal: what is wrong with it."""

from __future__ import annotations

import click

from portal.ground import clock
from portal.ground.db import db
from portal.people.bodies.doctor import findings
from portal.terminal import opened


@click.command("bodies")
def bodies() -> None:
    """Paths and parents, circles, posts and roles at bodies that are no more, days without a unit."""
    with opened(), db.reading() as session:
        found = findings(session, today=clock.today())
    for fault in found:
        click.echo(f"{fault.what}: {fault.thing} {fault.id}" + (f" ({fault.other})" if fault.other else ""))
    if found:
        raise click.ClickException(f"{len(found)} faults in the tree of bodies")
    click.echo("The tree of bodies, its posts and its days fit together.")
