"""mingfa audit: is the trail whole, where does it end, and what is old enough to go."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from portal.ground import audit_chain, audit_cut, clock
from portal.ground.audit_verify import signing_key, trusted_keys
from portal.ground.audit_verify import verify as verified
from portal.ground.config import Config
from portal.ground.db import db
from portal.ground.errors import Malformed
from portal.ground.rules import N_
from portal.terminal import opened


@click.group("audit")
def audit() -> None:
    """The audit trail."""


def _noted(typed: str | None) -> tuple[int, str] | None:
    if typed is None:
        return None
    number, _, made = typed.strip().partition(":")
    if not number.isascii() or not number.isdigit() or len(made) != 64:
        raise Malformed(N_("A head is written NUMBER:HASH, as mingfa audit head prints it."))
    return int(number), made.lower()


def _whole(config: Config, noted: tuple[int, str] | None = None) -> None:
    """Say how the trail stands; exit 1 at the first fault."""
    with db.reading() as session:
        outcome = verified(session, trusted_keys(config), noted=noted)
    if outcome.fault:
        click.echo(f"BROKEN at {outcome.fault.number}: {outcome.fault.why}.", err=True)
        sys.exit(1)
    click.echo(f"whole: {outcome.links} lines, head {outcome.number}:{outcome.hash}")


@audit.command("verify")
@click.option("--head", "head_", metavar="NUMBER:HASH", help="A head that was noted outside this machine.")
def verify_command(head_: str | None) -> None:
    """Read the whole trail; say the first number that is wrong, and why."""
    with opened() as config:
        _whole(config, _noted(head_))


@audit.command("head")
def head_command() -> None:
    """The last number and its hash, to be noted outside this machine."""
    with opened(), db.reading() as session:
        number, made = audit_chain.head(session)
    click.echo(f"{number}:{made}")


@audit.command("key")
def key_command() -> None:
    """The public half of the audit key, for those who check checkpoints, and for audit_keys_old later."""
    with opened() as config:
        click.echo(signing_key(config).public_key().public_bytes_raw().hex())


@audit.command("cut")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def cut_command(file: Path) -> None:
    """Export what is older than the setting audit_years to FILE, sign a checkpoint, remove it.

    A cut that broke off is finished first; then FILE is not written.
    """
    with opened() as config:
        _whole(config)
        if _remove():
            click.echo("An earlier cut was finished. Run the command again for a new one.")
            return
        now = clock.now()
        before = audit_cut.oldest_kept(config.audit_years, now=now)
        with db.reading() as session:
            last = audit_cut.last_to_go(session, before)
            made = audit_cut.export(session, last.number, file)
        with db.writing() as session:
            audit_cut.set_checkpoint(
                session, last, before=before, file_sha256=made, key=signing_key(config), now=now
            )
            session.commit()
        count = _remove()
    click.echo(f"{count} lines up to number {last.number} are in {file} (SHA-256 {made}) and no longer here.")


def _remove() -> int:
    """Remove chunk by chunk, each in a short transaction of its own."""
    count = 0
    while True:
        with db.writing() as session:
            gone = audit_cut.remove_chunk(session)
            session.commit()
        count += gone
        if not gone:
            return count
