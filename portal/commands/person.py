"""mingfa person: what is done about one human being from the terminal."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select

from portal.credentials import notice_pdf
from portal.ground import clock
from portal.ground.db import db
from portal.people.erasure.operations import GROUNDS
from portal.people.models import Person
from portal.reports.erasure.operations import Erased
from portal.reports.erasure.operations import erase_person as erase
from portal.terminal import opened


@click.group("person")
def person() -> None:
    """One person."""


@person.command("erase")
@click.argument("personnel_number")
@click.option("--reason", required=True, help="Why, e.g. the number of the request; kept sealed in the audit trail.")
@click.option("--ground", type=click.Choice(GROUNDS), default="right", show_default=True)
@click.option("--yes", is_flag=True, help="Do not ask again.")
def erase_command(personnel_number: str, reason: str, ground: str, yes: bool) -> None:
    """Erase a person: name, ID number, phone and keys go for ever; what was done stays, about nobody."""
    if not yes:
        click.confirm(f"Erase {personnel_number}? This cannot be taken back.", abort=True)
    with opened() as config:
        with db.writing() as session:
            row = session.scalars(select(Person).where(Person.personnel_number == personnel_number)).one()
            erased = erase(session, row, ground=ground, reason=reason, now=clock.now())
            session.commit()
        _remove_files(config.base_url, erased, config.files_dir)
        _sweep()
    click.echo(f"Erased: {len(erased.records)} records. Backups hold the person until they are renewed.")


def _remove_files(base_url: str, erased: Erased, files_dir: Path) -> None:
    for token, printed in erased.notices:
        notice_pdf.forget(printed, f"{base_url.rstrip('/')}/verify/{token}", files_dir)
    for photo in erased.photos:
        (files_dir / photo).unlink(missing_ok=True)


def _sweep() -> None:
    """Pages that hold what was written over go too: the log on SQLite, dead rows on PostgreSQL."""
    raw = db.engine.raw_connection()
    try:
        if db.engine.dialect.name == "sqlite":
            raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            raw.driver_connection.autocommit = True
            for table in ("person", "person_key", "audit_personal", "notice", "sign_in", "imported_object"):
                raw.driver_connection.execute(f"VACUUM {table}")
    finally:
        raw.close()
