"""The search for people entered twice, from a terminal."""

from __future__ import annotations

from itertools import islice

import click

from portal.ground import clock
from portal.ground.db import db
from portal.people.duplicates import operations, queries
from portal.people.duplicates.rules import pairs_of
from portal.terminal import opened

CHUNK = 200  # pairs in one short transaction


@click.command("duplicates")
def duplicates() -> None:
    """Look through everybody for records of one human being; pairs already judged stay as they are."""
    with opened():
        with db.reading() as session:
            records, known = queries.records(session), queries.known_pairs(session)
        found, fresh = pairs_of(records), 0
        rest = iter(sorted(found.items()))
        while chunk := dict(islice(rest, CHUNK)):
            with db.writing() as session:
                fresh += operations.store_pairs(session, chunk, known, now=clock.now())
                session.commit()
        with db.writing() as session:
            operations.note_search(session, people=len(records), found=len(found), now=clock.now())
            session.commit()
    click.echo(f"{len(records)} people, {len(found)} pairs, {fresh} of them new.")
