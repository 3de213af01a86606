"""mingfa keys: what each key still seals, and everything under today's keys."""

from __future__ import annotations

import click

from portal.ground import audit, clock
from portal.ground.crypto import keys as ring
from portal.ground.db import db
from portal.ground.keys_rotation import Progress, SealedColumn, counts, rotate, sealed_columns
from portal.tables import metadata
from portal.terminal import opened


@click.group("keys", invoke_without_command=True)
@click.pass_context
def keys(context: click.Context) -> None:
    """How many values each key seals; `mingfa keys rotate` puts them all under today's."""
    if context.invoked_subcommand is None:
        with opened():
            _tell()


def _tell() -> None:
    known = ring.names()
    with db.reading() as session:
        for sealed in sealed_columns(metadata):
            click.echo(sealed.name)
            for mark, count in sorted(counts(session, sealed).items()):
                click.echo(f"  {count:8} {known.get(mark, f'unknown key {mark.hex()}')}")


@keys.command("rotate")
def rotate_command() -> None:
    """Re-seal every value and every blind index with today's keys; may be stopped and run again.

    First set the new keys, keep the old ones in data_keys_old and index_keys_old, and restart the server.
    """
    with opened():
        done = [_one(sealed) for sealed in sealed_columns(metadata)]
        with db.writing() as session:
            changed = {progress.name: progress.changed for progress in done if progress.changed}
            left = sum(progress.closed + progress.twins for progress in done)
            audit.record(
                session, "keys_rotated", "keys", ring.mark[2:].hex(), now=clock.now(), changed=changed, left=left
            )
            session.commit()
    if left:
        raise click.ClickException(f"{left} values could not be brought under today's keys; keep the old keys.")
    click.echo("Everything is under today's keys. When the backups are renewed too, the old keys may go.")


def _one(sealed: SealedColumn) -> Progress:
    progress = [Progress(sealed.name), *rotate(db, ring, sealed)][-1]
    click.echo(f"{progress.name}: {progress.changed} of {progress.seen} re-sealed")
    if progress.closed:
        click.echo(f"  {progress.closed} open with no key that is set", err=True)
    if progress.twins:
        click.echo(f"  {progress.twins} stand for somebody who is on record twice; merge them first", err=True)
    return progress
