"""mingfa doctor receipts: does every receipt of an exam still follow from the stored answers."""

from __future__ import annotations

import click
from sqlalchemy import select

from portal.exams.delivery.receipts import recompute
from portal.exams.models import Exam
from portal.ground.db import db
from portal.terminal import opened


@click.command("receipts")
@click.argument("code")
def receipts(code: str) -> None:
    """Recompute every receipt of the exam CODE and name each that differs; exit 1 if one does."""
    count, differing = 0, 0
    with opened(), db.reading() as session:
        exam_id = session.scalars(select(Exam.id).where(Exam.code == code)).one()
        for portion, found in recompute(session, exam_id):
            count += portion
            for one in found:
                differing += 1
                click.echo(f"attempt {one.attempt_id} ({one.public_id}): {one.given} given, {one.computed} computed")
    if differing:
        raise click.ClickException(f"{differing} of {count} receipts do not follow from the stored answers")
    click.echo(f"All {count} receipts follow from the stored answers.")
