"""mingfa doctor marks: does every mark of an exam still follow from the stored answers and the newest key."""

from __future__ import annotations

import click
from sqlalchemy import select

from portal.exams.marking.recomputing import recompute
from portal.exams.models import Exam
from portal.ground.db import db
from portal.terminal import opened

WHY = {
    "unmarked": "not marked yet",
    "old_key": "marked by an older key",
    "mark": "the stored mark does not follow from the answers",
}


@click.command("marks")
@click.argument("code")
def marks(code: str) -> None:
    """Recompute every mark of the exam CODE and name each that differs; exit 1 if one does."""
    count, differing = 0, 0
    with opened(), db.reading() as session:
        exam_id = session.scalars(select(Exam.id).where(Exam.code == code)).one_or_none()
        if exam_id is None:
            raise click.ClickException(f"there is no exam {code}")
        for portion, found in recompute(session, exam_id):
            count += portion
            for one in found:
                differing += 1
                stored = "nothing" if one.stored is None else f"{one.stored / 100:.2f}"
                told = f"{stored} stored, {one.computed / 100:.2f} computed"
                click.echo(f"attempt {one.attempt_id} ({one.public_id}): {WHY[one.why]}; {told}")
    if differing:
        raise click.ClickException(f"{differing} of {count} marks differ")
    click.echo(f"All {count} marks follow from the stored answers.")
