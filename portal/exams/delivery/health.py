"""/health: for whoever watches the site, whether answers can be stored."""

from __future__ import annotations

from flask import Blueprint, current_app
from sqlalchemy import select

from portal.exams.delivery.journal import journal_among
from portal.ground import clock
from portal.ground.db import db
from portal.ground.web import PUBLIC, needs

bp = Blueprint("health", __name__)


@bp.get("/health")
@needs(PUBLIC)
def health():
    """200 while the database answers, the last write reached the disk and nobody has set the clock; otherwise 503."""
    journal = journal_among(current_app.extensions, db.engine)
    with journal.reading() as session:
        session.execute(select(1))
    state = "journal" if not journal.healthy else "clock" if clock.steady_now.jump else "ok"
    return {"state": state}, 200 if state == "ok" else 503
